#include "cli/cli_settings.h"
#include "cli/commands.h"

static bool example;

static const struct cli_option options[] = {
    { .name = "example",
      .help = "print a commented file to begin with",
      .value = &example },
    { .name = NULL },
};

static bool config(struct cli *cli, struct error *err)
{
    struct strbuf out;
    bool ok;

    strbuf_init(&out, 4 * MIB);
    /* The example is for those whose settings don't read yet. */
    ok = example || vitae_load(cli, cli->call, err);
    if (ok && example)
        vitae_example(&out);
    else if (ok)
        settings_print(cli->settings, cli->json, &out);
    if (ok && !strbuf_ok(&out))
        ok = error_memory(err);
    if (ok)
        fputs(out.data, stdout);
    strbuf_release(&out);
    return ok;
}

const struct cli_command cli_config = {
    .name = "config",
    .group = "Setting up",
    .arguments = "",
    .summary = "print every setting and where it came from",
    .text = "Secrets are shown as (set). With --example nothing is read: a "
            "settings file with every setting and its default is printed.",
    .example = "vitae config\nvitae config --example > vitae.conf",
    .options = options,
    .run = config,
};
