#include "base/jsonw.h"
#include "batch/plan.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "cli/work.h"

static int64_t items, input_tokens, output_tokens;
static double local_rate, per_minute, per_day;

static const struct cli_option options[] = {
    { .name = "items",
      .argument = "N",
      .help = "plan for N records instead of those that wait",
      .type = SETTING_INTEGER,
      .value = &items,
      .min = 1,
      .max = 1e12 },
    { .name = "input-tokens",
      .argument = "N",
      .help = "with --items: tokens of one request",
      .type = SETTING_INTEGER,
      .value = &input_tokens,
      .min = 1,
      .max = 1e9 },
    { .name = "output-tokens",
      .argument = "N",
      .help = "tokens of one answer",
      .type = SETTING_INTEGER,
      .value = &output_tokens,
      .min = 1,
      .max = 1e9 },
    { .name = "rpm",
      .argument = "N",
      .help = "realtime requests a minute (default: "
              "provider.requests_per_minute, else 500)",
      .type = SETTING_REAL,
      .value = &per_minute,
      .min = 0.001,
      .max = 1e9 },
    { .name = "per-day",
      .argument = "N",
      .help = "realtime requests a day (default: provider.requests_per_day)",
      .type = SETTING_REAL,
      .value = &per_day,
      .min = 0.001,
      .max = 1e9 },
    { .name = "local-rate",
      .argument = "N",
      .help = "records a second at a model of your own",
      .type = SETTING_REAL,
      .value = &local_rate,
      .min = 0.0001,
      .max = 1e9 },
    { .name = NULL },
};

static void override(const struct cli *cli, struct plan_input *in)
{
    const struct provider_settings *p = cli->provider;

    if (output_tokens) {
        in->output_low = in->output_expected = in->output_high =
            (double)output_tokens;
    }
    in->per_minute = per_minute > 0 ? per_minute
                     : p->requests_per_minute > 0
                         ? (double)p->requests_per_minute
                         : 500;
    in->per_day = per_day > 0 ? per_day : (double)p->requests_per_day;
    in->local_rate = local_rate;
    in->enqueued_limit = p->max_enqueued_tokens;
    in->enqueued_share = cli->values->batch.enqueued_share;
    in->batch_size = cli->values->batch.batch_size;
}

static void print_time(double low, double high)
{
    char a[CLOCK_TEXT], b[CLOCK_TEXT];

    clock_duration(low, a);
    clock_duration(high, b);
    if (low == high)
        printf("%s\n", a);
    else
        printf("%s to %s\n", a, b);
}

static void print_text(const struct plan_input *in, const struct plan *plan,
                       const char *model, const struct prices *prices)
{
    size_t i;

    printf("records         %lld\n", (long long)in->records);
    printf("input tokens    %.0f (%.0f + %.0f a request%s)\n",
           plan->input_tokens, in->shared_tokens, in->text_tokens,
           in->sampled ? ", estimated from a sample" : "");
    printf("output tokens   %.0f expected (%.0f to %.0f an answer, %s)\n",
           plan->output_tokens, in->output_low, in->output_high,
           in->answers_known >= 20 ? "from answers so far" : "assumed");
    printf("model           %s, prices of %s\n", model, prices_date(prices));
    printf("batches         %lld of at most %lld records\n",
           (long long)plan->batches, (long long)in->batch_size);
    if (plan->waves)
        printf("waves           %lld of at most %lld records, under "
               "max_enqueued_tokens, 30 to 60 minutes each\n",
               (long long)plan->waves, (long long)plan->wave_records);
    printf("\n%-12s %10s %10s %10s  %s\n", "", "low", "expected", "high",
           "time");
    for (i = 0; i < PLAN_WAYS; i++) {
        const struct plan_row *row = &plan->rows[i];
        int digits = row->high < 1 ? 4 : 2; /* a few records cost cents */

        if (!row->possible)
            continue;
        if (row->priced)
            printf("%-12s %10.*f %10.*f %10.*f  ", plan_way_names[i], digits,
                   row->low, digits, row->expected, digits, row->high);
        else
            printf("%-12s %10s %10s %10s  ", plan_way_names[i], "no", "price",
                   "known");
        print_time(row->seconds_low, row->seconds_high);
    }
    printf("\nCosts in %s. Batch times are what providers mostly need; they "
           "promise 24 h.\n",
           prices_currency(prices));
}

static void print_json(const struct plan_input *in, const struct plan *plan,
                       const struct prices *prices)
{
    struct strbuf out;
    struct jsonw w;
    size_t i;

    strbuf_init(&out, 64 * KIB);
    jsonw_init(&w, &out);
    jsonw_object(&w, NULL);
    jsonw_integer(&w, "records", in->records);
    jsonw_real(&w, "input_tokens", plan->input_tokens);
    jsonw_real(&w, "output_tokens", plan->output_tokens);
    jsonw_integer(&w, "batches", plan->batches);
    jsonw_integer(&w, "waves", plan->waves);
    jsonw_integer(&w, "wave_records", plan->wave_records);
    jsonw_text(&w, "currency", prices_currency(prices));
    jsonw_text(&w, "prices_as_of", prices_date(prices));
    jsonw_object(&w, "ways");
    for (i = 0; i < PLAN_WAYS; i++) {
        const struct plan_row *row = &plan->rows[i];

        if (!row->possible)
            continue;
        jsonw_object(&w, plan_way_names[i]);
        jsonw_bool(&w, "priced", row->priced);
        jsonw_real(&w, "low", row->low);
        jsonw_real(&w, "expected", row->expected);
        jsonw_real(&w, "high", row->high);
        jsonw_real(&w, "seconds_low", row->seconds_low);
        jsonw_real(&w, "seconds_high", row->seconds_high);
        jsonw_end_object(&w);
    }
    jsonw_end_object(&w);
    jsonw_end_object(&w);
    puts(out.data);
    strbuf_release(&out);
}

static bool look(struct cli *cli, struct plan_input *in, struct error *err)
{
    struct work work;
    bool ok = work_open(&work, cli, err) && plan_look(&work.worker, in, err);

    work_close(&work);
    return ok;
}

static bool plan(struct cli *cli, struct error *err)
{
    const char *model = cli->provider->model ? cli->provider->model : "";
    struct plan_input in = { 0 };
    struct prices *prices = NULL;
    struct plan made;

    if (items) {
        in.records = items;
        in.text_tokens = input_tokens ? (double)input_tokens : 2500;
        in.output_low = in.output_expected = in.output_high = 700;
    } else if (!look(cli, &in, err)) {
        return false;
    }
    override(cli, &in);
    if (!prices_open(&prices, cli->values->batch.prices, err))
        return false;
    plan_make(&in, prices, model, &made);
    if (cli->json)
        print_json(&in, &made, prices);
    else
        print_text(&in, &made, model, prices);
    prices_close(prices);
    return true;
}

const struct cli_command cli_plan = {
    .name = "plan",
    .group = "Looking",
    .arguments = "",
    .summary = "tokens, cost and time of what waits, by each way",
    .text = "Counts the tokens of a sample of the records that wait and "
            "compares the batch API, realtime requests, a daily limit and a "
            "model of your own. Nothing is claimed, sent or spent. With "
            "--items no database is needed. Batches under a limit of enqueued "
            "tokens (provider.max_enqueued_tokens) go in waves, which the "
            "time allows for.",
    .example = "vitae plan\nvitae plan --items 12000 --input-tokens 2800 "
               "--output-tokens 150 --rpm 2000 --per-day 400 --set "
               "provider.max_enqueued_tokens=10M --set "
               "batch.batch_size=1000",
    .options = options,
    .needs = CLI_SETTINGS,
    .run = plan,
};
