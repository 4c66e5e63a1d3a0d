#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/jsonr.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "cli/cli_settings.h"
#include "cli/run.h"

#define SERVE_URL "http://localhost:4080/v1"

const char *const run_option_names[RUN_OPTIONS] = {
    [RUN_PROVIDER] = "provider",
    [RUN_MODEL] = "model",
    [RUN_BASE_URL] = "base-url",
    [RUN_PROFILE] = "profile",
    [RUN_JOBS] = "jobs",
    [RUN_RPM] = "rpm",
    [RUN_DELAY] = "delay",
    [RUN_ON_ERROR] = "on-error",
    [RUN_CHECK_INTERVAL] = "check-interval",
    [RUN_BATCH_SIZE] = "batch-size",
    [RUN_MAX_ATTEMPTS] = "max-attempts",
    [RUN_MAX_COST] = "max-cost",
    [RUN_FORMAT] = "format",
    [RUN_ID] = "id",
    [RUN_TEXT] = "text",
    [RUN_ORDERED] = "ordered",
    [RUN_OUT] = "out",
};

/* Where an option goes; a section of NULL: run's own. */
static const struct {
    enum run_option option;
    const char *section; /* "" = the provider's */
    const char *key;
} targets[] = {
    { RUN_MODEL, "", "model" },
    { RUN_PROFILE, "extract", "profile" },
    { RUN_JOBS, "", "concurrency" },
    { RUN_RPM, "", "requests_per_minute" },
    { RUN_DELAY, "", "delay" },
    { RUN_CHECK_INTERVAL, "batch", "check_interval" },
    { RUN_BATCH_SIZE, "", "max_requests" },
    { RUN_MAX_ATTEMPTS, "batch", "max_attempts" },
    { RUN_MAX_COST, "batch", "max_cost" },
};

const char *run_option(const struct run_options *o, enum run_option which)
{
    return o->given[which] ? o->given[which] : o->saved[which];
}

void run_options_release(struct run_options *o)
{
    size_t i;

    for (i = 0; i < RUN_OPTIONS; i++) {
        free(o->saved[i]);
        o->saved[i] = NULL;
    }
}

void run_options_write(const struct run_options *o, struct strbuf *out)
{
    struct jsonw w;
    size_t i;

    jsonw_init(&w, out);
    jsonw_object(&w, NULL);
    for (i = 0; i < RUN_OPTIONS; i++)
        if (run_option(o, (enum run_option)i))
            jsonw_text(&w, run_option_names[i],
                       run_option(o, (enum run_option)i));
    jsonw_end_object(&w);
}

static bool take_member(struct run_options *o, const struct json_node *value,
                        const char *name, struct error *err)
{
    struct strbuf text;
    size_t i;
    bool ok;

    for (i = 0; i < RUN_OPTIONS; i++)
        if (json_equals(json_name(value), run_option_names[i]))
            break;
    if (i == RUN_OPTIONS)
        return error_exit(err, ERROR_REJECT, EXIT_SETTINGS,
                          "%.200s holds an option that vitae run hasn't", name);
    strbuf_init(&text, 8192);
    ok = json_string(value, &text) && strlen(text.data) == text.len;
    free(o->saved[i]);
    o->saved[i] = ok ? strbuf_take(&text) : NULL;
    strbuf_release(&text);
    return o->saved[i] ? true
                       : error_exit(err, ERROR_REJECT, EXIT_SETTINGS,
                                    "%.200s: %s must be a text", name,
                                    run_option_names[i]);
}

bool run_options_read(struct run_options *o, const char *text, size_t len,
                      const char *name, struct error *err)
{
    struct json_doc *doc = json_doc_new();
    const struct json_node *root, *value;
    bool ok;

    if (!doc)
        return error_memory(err);
    root = json_read(doc, text, len, NULL, err);
    ok = root && (json_is(root, JSON_OBJECT) ||
                  error_set(err, ERROR_REJECT, "it is no JSON object"));
    if (!ok)
        error_context(err, "%.200s", name);
    for (value = ok ? json_first(root) : NULL; ok && value;
         value = json_next(value))
        ok = take_member(o, value, name, err);
    json_doc_free(doc);
    return ok;
}

/* -- templates -- */

static bool templates_folder(char *out, size_t size, struct error *err)
{
    const char *own = getenv("VITAE_TEMPLATES");
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");

    if (own && *own)
        snprintf(out, size, "%s", own);
    else if (config && *config)
        snprintf(out, size, "%s/vitae/templates", config);
    else if (home && *home)
        snprintf(out, size, "%s/.config/vitae/templates", home);
    else
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "there is no place for templates: set "
                          "VITAE_TEMPLATES to a folder");
    return true;
}

static bool template_path(const char *name, char *out, size_t size,
                          struct error *err)
{
    char folder[JOB_PATH - 200];

    if (!name[0] || strlen(name) > 100 || name[0] == '.' ||
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                     "0123456789._-") != strlen(name))
        return cli_usage(err, "a template's name is made of letters, digits, "
                              "dots, dashes and underscores");
    if (!templates_folder(folder, sizeof(folder), err))
        return false;
    snprintf(out, size, "%s/%s.json", folder, name);
    return true;
}

bool template_save(const struct run_options *o, const char *name,
                   struct error *err)
{
    char path[JOB_PATH], folder[JOB_PATH];
    struct run_options kept = *o;
    struct strbuf text;
    bool ok;

    if (!template_path(name, path, sizeof(path), err) ||
        !templates_folder(folder, sizeof(folder), err) ||
        !file_make_folder(folder, err))
        return false;
    strbuf_init(&text, 64 * KIB);
    kept.saved[RUN_OUT] = NULL;
    run_options_write(&kept, &text);
    strbuf_addc(&text, '\n');
    ok = strbuf_ok(&text) ? file_write(path, text.data, text.len, err)
                          : error_memory(err);
    strbuf_release(&text);
    return ok;
}

bool template_load(struct run_options *o, const char *name, struct error *err)
{
    char path[JOB_PATH];
    struct strbuf text;
    bool ok;

    if (!template_path(name, path, sizeof(path), err))
        return false;
    if (!file_exists(path))
        return cli_usage(err,
                         "there is no template %s; vitae jobs --templates "
                         "lists them",
                         name);
    strbuf_init(&text, 64 * KIB);
    ok = file_read(path, &text, err) &&
         run_options_read(o, text.data, text.len, path, err);
    strbuf_release(&text);
    return ok;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Their names, sorted; a folder that isn't there has none. */
static size_t read_names(const char *folder, char **names, size_t most)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    size_t n = 0;

    while (dir && n < most && (entry = readdir(dir))) {
        size_t len = strlen(entry->d_name);

        if (entry->d_name[0] == '.' || len < 6 ||
            strcmp(entry->d_name + len - 5, ".json") != 0)
            continue;
        names[n] = strndup(entry->d_name, len - 5);
        if (!names[n])
            break;
        n++;
    }
    if (dir)
        closedir(dir);
    qsort(names, n, sizeof(*names), by_name);
    return n;
}

static void print_template(const char *name, bool json, bool first)
{
    struct run_options o = { 0 };
    struct strbuf text;
    struct error err;
    size_t i;

    strbuf_init(&text, 64 * KIB);
    if (!template_load(&o, name, &err)) {
        fprintf(stderr, "vitae: skipped: %s\n", err.message);
    } else if (json) {
        run_options_write(&o, &text);
        printf("%s{\"name\":\"%s\",\"options\":%s}", first ? "" : ",", name,
               text.data);
    } else {
        printf("%s", name);
        for (i = 0; i < RUN_OPTIONS; i++)
            if (o.saved[i])
                printf(" --%s%s%s", run_option_names[i],
                       i == RUN_ORDERED ? "" : " ",
                       i == RUN_ORDERED ? "" : o.saved[i]);
        printf("\n");
    }
    strbuf_release(&text);
    run_options_release(&o);
}

bool template_list(bool json, struct error *err)
{
    char folder[JOB_PATH];
    char *names[1000];
    size_t i, n;

    if (!templates_folder(folder, sizeof(folder), err))
        return false;
    n = read_names(folder, names, ARRAY_LEN(names));
    if (json)
        printf("{\"templates\":[");
    for (i = 0; i < n; i++) {
        print_template(names[i], json, i == 0);
        free(names[i]);
    }
    if (json)
        printf("]}\n");
    else if (!n)
        printf("no templates in %s\n", folder);
    return true;
}

/* -- into the settings -- */

static bool put(struct cli *cli, const char *section, const char *key,
                const char *value, const char *option, struct error *err)
{
    char place[80];

    snprintf(place, sizeof(place), "--%s", option);
    if (settings_put(cli->settings, section, key, value, SETTING_COMMAND_LINE,
                     place, err))
        return true;
    err->exit = EXIT_USAGE;
    return false;
}

/* A job or template of another provider than the settings' own. */
static bool choose_provider(struct cli *cli, const struct run_options *o,
                            struct error *err)
{
    const char *name = run_option(o, RUN_PROVIDER);

    if (!name || strcmp(name, cli->provider_name) == 0)
        return true;
    cli->provider = vitae_provider(cli->settings, cli->values, name, err);
    cli->provider_name = name;
    return cli->provider != NULL;
}

static bool is_unset(struct cli *cli, const char *section, const char *key)
{
    return settings_source(cli->settings, section, key, NULL) ==
           SETTING_DEFAULT;
}

/* Nobody has said where to go: then it is vitae serve, which has no use for
 * a key that is there for OpenAI. */
static bool go_to_serve(struct cli *cli, const char *section, struct error *err)
{
    const char *place = NULL;

    if (settings_source(cli->settings, "provider", "api_key", &place) ==
            SETTING_ENVIRONMENT &&
        place && strcmp(place, "OPENAI_API_KEY") == 0)
        cli->provider->api_key = NULL;
    return put(cli, section, "base_url", SERVE_URL, "base-url", err);
}

/* On this machine: a model of one's own, which no list has a price for. */
static bool is_here(const char *url)
{
    static const char *const hosts[] = { "://localhost", "://127.",
                                         "://[::1]" };
    const char *at = url ? strstr(url, "://") : NULL;
    size_t i;

    for (i = 0; at && i < ARRAY_LEN(hosts); i++)
        if (strncmp(at, hosts[i], strlen(hosts[i])) == 0)
            return true;
    return false;
}

static bool put_defaults(struct cli *cli, const struct run_options *o,
                         const char *section, struct error *err)
{
    if (!cli->provider_name[0] && !run_option(o, RUN_BASE_URL) &&
        is_unset(cli, "provider", "name") &&
        is_unset(cli, "provider", "base_url") &&
        !go_to_serve(cli, section, err))
        return false;
    if (is_here(cli->provider->base_url))
        cli->values->batch.allow_unpriced = true;
    if (!run_option(o, RUN_CHECK_INTERVAL) &&
        is_unset(cli, "batch", "check_interval") &&
        !put(cli, "batch", "check_interval",
             cli->provider->base_url ? "1s" : "20s", "check-interval", err))
        return false;
    return true;
}

/* http://localhost:4080 means its API. */
static bool put_base_url(struct cli *cli, const char *section, const char *url,
                         struct error *err)
{
    const char *host = strstr(url, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;
    const char *name = cli->provider->name ? cli->provider->name : "";
    char whole[2048];

    if (!host || (path && path[1]) || strlen(url) > sizeof(whole) - 8 ||
        (strcmp(name, "openai") != 0 && strcmp(name, "local") != 0))
        return put(cli, section, "base_url", url, "base-url", err);
    snprintf(whole, sizeof(whole), "%s%sv1", url, path ? "" : "/");
    return put(cli, section, "base_url", whole, "base-url", err);
}

bool run_apply(struct cli *cli, const struct run_options *o, struct error *err)
{
    char section[VITAE_SECTION];
    size_t i;

    if (!choose_provider(cli, o, err))
        return false;
    vitae_section(cli->provider_name, section);
    for (i = 0; i < ARRAY_LEN(targets); i++) {
        const char *value = run_option(o, targets[i].option);
        const char *where =
            targets[i].section[0] ? targets[i].section : section;

        if (value && !put(cli, where, targets[i].key, value,
                          run_option_names[targets[i].option], err))
            return false;
    }
    if (run_option(o, RUN_BASE_URL) &&
        !put_base_url(cli, section, run_option(o, RUN_BASE_URL), err))
        return false;
    /* Between two requests, so one at a time. */
    if (run_option(o, RUN_DELAY) && !run_option(o, RUN_JOBS) &&
        !put(cli, section, "concurrency", "1", "delay", err))
        return false;
    return put_defaults(cli, o, section, err);
}

bool run_strategy(const char *text, struct run_strategy *s, struct error *err)
{
    char *end;
    long long n;

    s->most = 0;
    if (!text || strcmp(text, "continue") == 0)
        return true;
    if (strcmp(text, "stop") == 0) {
        s->most = 1;
        return true;
    }
    if (strncmp(text, "threshold:", 10) == 0) {
        errno = 0;
        n = strtoll(text + 10, &end, 10);
        if (n > 0 && !*end && !errno && end != text + 10) {
            s->most = n;
            return true;
        }
    }
    return cli_usage(err,
                     "--on-error is continue, stop or threshold:N (N failures "
                     "from 1 on), not \"%.80s\"",
                     text);
}
