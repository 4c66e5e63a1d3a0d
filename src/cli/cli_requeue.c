#include "batch/budget.h"
#include "batch/requeue.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "cli/work.h"

static char *where;
static bool profile_changed, text_changed, yes;

static const struct cli_option options[] = {
    { .name = "where",
      .argument = "SQL",
      .help = "records for which this holds, in the database's own SQL",
      .type = SETTING_TEXT,
      .value = &where },
    { .name = "profile-changed",
      .help = "records that another version of the profile answered",
      .value = &profile_changed },
    { .name = "text-changed",
      .help = "records whose source.changed_column changed since",
      .value = &text_changed },
    { .name = "yes",
      .help = "send them; without it the cost is shown and nothing is done",
      .value = &yes },
    { .name = NULL },
};

static bool show(struct work *work, struct plan_input *in, struct error *err)
{
    const struct worker *w = &work->worker;
    struct price price;
    struct plan plan;

    if (!requeue_look(&work->worker, in, err))
        return false;
    plan_make(in, w->prices, work->cli->provider->model, &plan);
    price = budget_price(w, w->provider, work->cli->provider->model);
    printf("%lld records, about %.0f tokens in and %.0f out: ",
           (long long)in->records, plan.input_tokens, plan.output_tokens);
    if (price.found)
        printf("at most %.4f %s, %.4f expected",
               plan.input_tokens * price.input +
                   (double)in->records * in->output_high * price.output,
               prices_currency(w->prices),
               plan.input_tokens * price.input +
                   plan.output_tokens * price.output);
    else
        printf("no price known");
    puts("; texts that this profile and model have answered already are not "
         "paid again");
    fflush(stdout);
    return true;
}

static bool requeue_all(struct work *work, struct error *err)
{
    enum requeue_why why = where             ? REQUEUE_WHERE
                           : profile_changed ? REQUEUE_PROFILE
                                             : REQUEUE_TEXT;
    struct plan_input in = { 0 };
    int64_t batches = 0;

    if (!requeue_choose(&work->worker, why, where, err) ||
        !show(work, &in, err))
        return false;
    if (!yes) {
        cli_say(work->cli, "nothing was sent; say --yes to send them");
        return true;
    }
    if (!requeue_run(&work->worker, &batches, err))
        return false;
    cli_say(work->cli,
            "%lld batches submitted; vitae --check-batch all "
            "brings them back",
            (long long)batches);
    return true;
}

static bool requeue(struct cli *cli, struct error *err)
{
    struct work work;
    bool ok;

    if ((where != NULL) + profile_changed + text_changed != 1)
        return cli_usage(err, "say which records: one of --where, "
                              "--profile-changed, --text-changed");
    ok = work_open(&work, cli, err) && requeue_all(&work, err);
    work_close(&work);
    return ok;
}

const struct cli_command cli_requeue = {
    .name = "requeue",
    .group = "Correcting",
    .arguments = "",
    .summary = "send processed records again, after showing the cost",
    .text = "Old values and LastProcessed stay until they are replaced. A "
            "text that the same profile and model have answered already is "
            "not paid again: vitae replay applies new rules to stored "
            "answers for nothing.",
    .example = "vitae requeue --profile-changed\nvitae requeue --where "
               "\"c.State = 'TX'\" --yes",
    .options = options,
    .needs = CLI_SETTINGS | CLI_LOG,
    .run = requeue,
};
