#include "cli/cli_settings.h"

#include <errno.h>
#include <unistd.h>

#include "base/file.h"

#define SYSTEM_FILE VITAE_SYSCONFDIR "/vitae/vitae.conf"
#define SECRET_CEILING (64 * KIB)

/* The names people already have, by the provider that answers to them. */
static const struct {
    const char *provider;
    const char *keys[2];
    const char *base_url; /* NULL = none */
} known[] = {
    { "openai", { "OPENAI_API_KEY", NULL }, "OPENAI_BASE_URL" },
    { "azure", { "AZURE_OPENAI_API_KEY", NULL }, NULL },
    { "gemini", { "GEMINI_API_KEY", "GOOGLE_API_KEY" }, NULL },
    { "anthropic", { "ANTHROPIC_API_KEY", NULL }, NULL },
    { "responses", { "OPENAI_API_KEY", NULL }, "OPENAI_BASE_URL" },
    { "groq", { "GROQ_API_KEY", NULL }, NULL },
    { "mistral", { "MISTRAL_API_KEY", NULL }, NULL },
    { "together", { "TOGETHER_API_KEY", NULL }, NULL },
};

static const char *variable(const char *name)
{
    const char *value = name ? getenv(name) : NULL;

    return value && *value ? value : NULL;
}

/* ----------------------------------------------------------- the file */

static bool read_file(struct cli *cli, const struct cli_call *call,
                      struct error *err)
{
    const char *path = call->config;

    if (!path)
        path = variable("VITAE_CONFIG");
    if (!path && file_exists("vitae.conf"))
        path = "vitae.conf";
    if (!path && file_exists(SYSTEM_FILE))
        path = SYSTEM_FILE;
    return !path || settings_read_file(cli->settings, path, err);
}

/* -------------------------------------------------------- credentials */

/* A secret out of a file: without the line's end that editors leave. */
static bool put_secret(struct settings *s, const char *section,
                       const char *name, const char *path,
                       enum setting_source source, struct error *err)
{
    struct strbuf text;
    bool ok = false;

    strbuf_init(&text, SECRET_CEILING);
    if (!file_read(path, &text, err))
        goto out;
    while (text.len > 0 && strchr("\r\n", text.data[text.len - 1]))
        strbuf_cut(&text, text.len - 1);
    if (text.len == 0 || memchr(text.data, '\0', text.len) ||
        strpbrk(text.data, "\r\n")) {
        error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                   "%.300s does not hold one line with a secret", path);
        goto out;
    }
    ok = settings_put(s, section, name, text.data, source, path, err);
out:
    /* Not left in freed memory; a memset() would be optimised away. */
    if (text.size)
        explicit_bzero(text.data, text.len);
    strbuf_release(&text);
    return ok;
}

/* systemd puts LoadCredential=provider.api_key:... there. */
static bool read_credentials(struct settings *s, struct error *err)
{
    const char *folder = variable("CREDENTIALS_DIRECTORY");
    char path[4096];
    size_t i;

    for (i = 0; folder && i < vitae_schema.count; i++) {
        const struct setting_row *row = &vitae_schema.rows[i];

        if (row->type != SETTING_SECRET && row->type != SETTING_CONNECTION)
            continue;
        snprintf(path, sizeof(path), "%s/%s.%s", folder, row->section,
                 row->name);
        if (file_exists(path) && !put_secret(s, row->section, row->name, path,
                                             SETTING_ENVIRONMENT, err))
            return false;
    }
    return true;
}

/* -------------------------------------------------------- command line */

static bool apply_set(struct settings *s, const struct cli_set *set,
                      struct error *err)
{
    const char *dot;
    char section[64];
    char place[80];

    if (!set->setting)
        return settings_set(s, set->value, err);
    dot = strchr(set->setting, '.');
    snprintf(section, sizeof(section), "%.*s", (int)(dot - set->setting),
             set->setting);
    snprintf(place, sizeof(place), "--%s", set->option);
    if (settings_put(s, section, dot + 1, set->value, SETTING_COMMAND_LINE,
                     place, err))
        return true;
    err->exit = EXIT_USAGE;
    return false;
}

/* ---------------------------------------------------------- providers */

void vitae_section(const char *name, char *out)
{
    snprintf(out, VITAE_SECTION, "provider%s%s", *name ? ":" : "", name);
}

/* One of the variables, unless VITAE_PROVIDER_... or --set, which are more
 * exact, spoke already. */
static bool put_variable(struct settings *s, const char *section,
                         const char *name, const char *from, struct error *err)
{
    const char *value = variable(from);

    if (!value || settings_source(s, section, name, NULL) > SETTING_FILE)
        return true;
    return settings_put(s, section, name, value, SETTING_ENVIRONMENT, from,
                        err);
}

/* The variables for keys and endpoints that others read as well. */
static bool put_known(struct settings *s, struct provider_settings *p,
                      const char *name, struct error *err)
{
    char section[VITAE_SECTION];
    size_t i;

    /* A named section with an endpoint or a key of its own is left alone. */
    if (!p->name || (*name && (p->base_url || p->api_key)))
        return true;
    vitae_section(name, section);
    for (i = 0; i < ARRAY_LEN(known); i++) {
        if (strcmp(p->name, known[i].provider) != 0)
            continue;
        p->key_variable = known[i].keys[0];
        if (!put_variable(s, section, "api_key", known[i].keys[0], err) ||
            !put_variable(s, section, "api_key", known[i].keys[1], err))
            return false;
        if (!*name &&
            !put_variable(s, section, "base_url", known[i].base_url, err))
            return false;
    }
    return true;
}

/* api_key_file counts as what named it does. */
static bool read_key_file(struct settings *s, const struct provider_settings *p,
                          const char *name, struct error *err)
{
    enum setting_source source;
    char section[VITAE_SECTION];

    if (!p->api_key_file)
        return true;
    vitae_section(name, section);
    source = settings_source(s, section, "api_key_file", NULL);
    if (put_secret(s, section, "api_key", p->api_key_file, source, err))
        return true;
    return error_context(err, "%s.api_key_file", section);
}

/* Rate limits and the like that the section leaves to [runner], [batch]. */
static void inherit(struct provider_settings *p,
                    const struct vitae_settings *values)
{
    const struct runner_defaults *r = &values->runner;

    if (!p->concurrency)
        p->concurrency = r->concurrency;
    if (!p->requests_per_minute)
        p->requests_per_minute = r->requests_per_minute;
    if (!p->tokens_per_minute)
        p->tokens_per_minute = r->tokens_per_minute;
    if (!p->requests_per_day)
        p->requests_per_day = r->requests_per_day;
    if (p->timeout == 0)
        p->timeout = r->timeout;
    if (!p->max_enqueued_tokens)
        p->max_enqueued_tokens = values->batch.max_enqueued_tokens;
    p->spool = values->batch.spool;
}

static bool complete(struct settings *s, struct vitae_settings *values,
                     struct provider_settings *p, const char *name,
                     struct error *err)
{
    if (!read_key_file(s, p, name, err) || !put_known(s, p, name, err))
        return false;
    inherit(p, values);
    return true;
}

static bool complete_all(struct cli *cli, struct error *err)
{
    const char *name;
    size_t i;

    if (!complete(cli->settings, cli->values, &cli->values->provider, "", err))
        return false;
    for (i = 0; (name = settings_name_at(cli->settings, i)); i++)
        if (!complete(cli->settings, cli->values,
                      settings_named(cli->settings, name), name, err))
            return false;
    return true;
}

static bool is_provider(const char *name)
{
    const struct provider_ops *ops;
    size_t i;

    for (i = 0; (ops = provider_ops_at(i)); i++)
        if (strcmp(ops->name, name) == 0)
            return true;
    return false;
}

struct provider_settings *vitae_provider(struct settings *settings,
                                         struct vitae_settings *values,
                                         const char *name, struct error *err)
{
    struct provider_settings *p;
    char section[VITAE_SECTION];

    if (!name || !*name)
        return &values->provider;
    p = settings_named(settings, name);
    if (p)
        return p;
    if (!is_provider(name)) {
        error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                   "no section [provider %.80s] in the settings, and no "
                   "provider of that name",
                   name);
        return NULL;
    }
    vitae_section(name, section);
    if (!settings_put(settings, section, "name", name, SETTING_COMMAND_LINE,
                      "--provider", err))
        return NULL;
    p = settings_named(settings, name);
    return complete(settings, values, p, name, err) ? p : NULL;
}

const struct provider_settings *cli_section(void *context, const char *section)
{
    struct cli *cli = context;
    struct error err;

    return vitae_provider(cli->settings, cli->values, section, &err);
}

/* ---------------------------------------------------------------- all */

static bool load(struct cli *cli, const struct cli_call *call,
                 struct error *err)
{
    size_t i;

    if (!settings_init(&cli->settings, &vitae_schema, cli->values, err) ||
        !read_file(cli, call, err) || !read_credentials(cli->settings, err) ||
        !settings_environment(cli->settings, err))
        return false;
    for (i = 0; i < call->set_count; i++)
        if (!apply_set(cli->settings, &call->sets[i], err))
            return false;
    if (!complete_all(cli, err))
        return false;
    cli->provider_name = call->provider ? call->provider : "";
    cli->provider =
        vitae_provider(cli->settings, cli->values, cli->provider_name, err);
    return cli->provider != NULL;
}

bool vitae_load(struct cli *cli, const struct cli_call *call, struct error *err)
{
    cli->values = calloc(1, sizeof(*cli->values));
    if (!cli->values)
        return error_memory(err);
    return load(cli, call, err);
}

void vitae_unload(struct cli *cli)
{
    settings_release(cli->settings);
    free(cli->values);
    cli->settings = NULL;
    cli->values = NULL;
    cli->provider = NULL;
}

void vitae_example(struct strbuf *out)
{
    strbuf_adds(out,
                "# Settings of vitae.  Lines that begin with # are comments: "
                "what is\n"
                "# commented out here is the default.  The environment "
                "(VITAE_SECTION_KEY)\n"
                "# and --set section.key=value come after this file.\n");
    settings_example(&vitae_schema, out);
}
