#include "cli/commands.h"
#include "cli/remote.h"
#include "io/output.h"

#include <string.h>

static char *out;
static bool preview, force;

static const struct cli_option options[] = {
    REMOTE_SERVER_OPTION,
    { .name = "out",
      .argument = "FILE",
      .help = "where to put them; - = standard output (default: NAME.json)",
      .type = SETTING_PATH,
      .value = &out },
    { .name = "show-preview",
      .help = "show the first three",
      .value = &preview },
    { .name = "force",
      .help = "replace the file that is there",
      .value = &force },
    { .name = NULL },
};

static bool results(struct cli *cli, struct error *err)
{
    char path[256];
    const char *to = out ? out : path;

    snprintf(path, sizeof(path), "%.200s.json", cli->arguments[1]);
    if (strcmp(to, "-") && !output_is_free(to, force, err))
        return false;
    return remote_results(cli, cli->arguments[0], cli->arguments[1], to,
                          preview, err);
}

const struct cli_command cli_results = {
    .name = "results",
    .group = "Jobs at a server",
    .arguments = "JOB NAME",
    .least = 2,
    .most = 2,
    .summary = "fetch the results of a job at a vitae serve",
    .text = "JOB is what vitae submit printed, NAME the batch's. While the "
            "job runs there are none (exit code 5, and the server says so).",
    .example = "vitae results jobs/01a2... morning --show-preview",
    .options = options,
    .run = results,
};
