/*
 * run_model.c -- which model, and is anybody there: before a record is read.
 */
#include "cli/cli_settings.h"
#include "cli/run.h"
#include "provider/models.h"

/* What the settings say by themselves is no choice of anybody's. */
static bool is_chosen(struct run *run)
{
    char section[VITAE_SECTION];

    vitae_section(run->cli->provider_name, section);
    return run_option(run->options, RUN_MODEL) ||
           settings_source(run->cli->settings, section, "model", NULL) !=
               SETTING_DEFAULT;
}

bool run_put_model(struct run *run, const char *model, struct error *err)
{
    char section[VITAE_SECTION];

    vitae_section(run->cli->provider_name, section);
    return settings_put(run->cli->settings, section, "model", model,
                        SETTING_COMMAND_LINE, "--model", err);
}

static bool refuse(const struct run *run, const struct model_list *list,
                   bool unknown, struct error *err)
{
    struct strbuf names;
    size_t i;

    strbuf_init(&names, 4096);
    for (i = 0; i < list->count && names.len < 300; i++)
        strbuf_addf(&names, "%s%.60s", i ? ", " : "", list->names[i]);
    if (i < list->count)
        strbuf_addf(&names, " and %zu more", list->count - i);
    if (unknown)
        error_exit(err, ERROR_SETUP, EXIT_PROVIDER,
                   "the endpoint has no model %.80s; it has: %s",
                   run->cli->provider->model, names.data);
    else
        error_exit(err, ERROR_SETUP, EXIT_PROVIDER,
                   "the endpoint has %zu models: say which with --model: %s",
                   list->count, names.data);
    error_code(err, "model");
    strbuf_release(&names);
    return false;
}

static bool settle(struct run *run, const struct model_list *list, bool ask,
                   struct error *err)
{
    const char *model = run->cli->provider->model;
    bool chosen = is_chosen(run);

    /* Request lines name their models themselves. */
    if (!list->count || run->source.requests ||
        (model && models_hold(list, model)))
        return true;
    if (chosen && run_option(run->options, RUN_MODEL))
        return refuse(run, list, true, err);
    if (list->count == 1)
        return run_put_model(run, list->names[0], err);
    if (ask)
        model = ask_model(list->names, list->count);
    else
        return refuse(run, list, chosen, err);
    return model ? run_put_model(run, model, err)
                 : cli_usage(err, "no model was chosen");
}

/* One line: the cause, and what to do about it.  Always false. */
static bool explain(const struct provider *p, struct error *err)
{
    if (strcmp(p->host, "localhost") != 0 && strncmp(p->host, "127.", 4) != 0)
        return false;
    if (err->kind != ERROR_RETRY)
        return false;
    error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
               "no server answers at %.200s (connection refused); start it: "
               "vitae serve --upstream http://127.0.0.1:11434/v1, or name "
               "another with --base-url or --provider",
               p->base_url);
    error_code(err, "refused");
    return false;
}

/* What the endpoint has; the caller releases the list. */
static bool list_models(struct run *run, struct model_list *list,
                        struct error *err)
{
    struct provider *p = NULL;
    bool ok;

    if (!provider_open(&p, run->cli->provider, run->cli->clock, err))
        return false;
    ok = models_list(p, list, err) || explain(p, err);
    provider_close(p);
    return ok;
}

bool run_reach(struct run *run, struct error *err)
{
    struct model_list list = { 0 };
    bool ok = list_models(run, &list, err);

    models_release(&list);
    return ok;
}

bool run_model(struct run *run, bool ask, struct error *err)
{
    struct model_list list = { 0 };
    bool ok = list_models(run, &list, err) && settle(run, &list, ask, err);

    models_release(&list);
    return ok;
}
