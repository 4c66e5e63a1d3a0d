#include "base/jsonw.h"
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

/* What it may cost; < 0 = no price is known. */
struct bill {
    double input_tokens, output_tokens;
    double expected, most;
};

static void make_bill(const struct work *work, const struct plan_input *in,
                      struct bill *bill)
{
    const struct worker *w = &work->worker;
    const char *model = work->cli->provider->model;
    struct price price = budget_price(w, w->provider, model);
    struct plan plan;

    plan_make(in, w->prices, model, &plan);
    *bill = (struct bill){ plan.input_tokens, plan.output_tokens, -1, -1 };
    if (!price.found)
        return;
    bill->expected =
        plan.input_tokens * price.input + plan.output_tokens * price.output;
    bill->most = plan.input_tokens * price.input +
                 (double)in->records * in->output_high * price.output;
}

static void print_json(int64_t records, const struct bill *bill,
                       const char *currency)
{
    struct strbuf out;
    struct jsonw w;

    strbuf_init(&out, 64 * KIB);
    jsonw_init(&w, &out);
    jsonw_object(&w, NULL);
    jsonw_integer(&w, "records", records);
    jsonw_real(&w, "input_tokens", bill->input_tokens);
    jsonw_real(&w, "output_tokens", bill->output_tokens);
    if (bill->most >= 0) {
        jsonw_real(&w, "cost_at_most", bill->most);
        jsonw_real(&w, "cost_expected", bill->expected);
        jsonw_text(&w, "currency", currency);
    }
    jsonw_end_object(&w);
    puts(out.data);
    strbuf_release(&out);
}

static void print(int64_t records, const struct bill *bill,
                  const char *currency)
{
    printf("%lld records, about %.0f tokens in and %.0f out: ",
           (long long)records, bill->input_tokens, bill->output_tokens);
    if (bill->most >= 0)
        printf("at most %.4f %s, %.4f expected", bill->most, currency,
               bill->expected);
    else
        printf("no price known");
    puts("; texts that this profile and model have answered already are not "
         "paid again");
}

static bool show(struct work *work, struct plan_input *in, struct error *err)
{
    const char *currency = prices_currency(work->worker.prices);
    struct bill bill;

    if (!requeue_look(&work->worker, in, err))
        return false;
    make_bill(work, in, &bill);
    if (work->cli->json)
        print_json(in->records, &bill, currency);
    else
        print(in->records, &bill, currency);
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
