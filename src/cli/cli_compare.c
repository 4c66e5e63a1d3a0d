#include <string.h>

#include "base/jsonw.h"
#include "batch/compare.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"

static struct compare_job job = { 170000, 800, 150, 0 };
static struct compare_machine machine = { 2, 350, 0.30, 1500, 3, 0.25 };
static char *models;
#define USUAL "gpt-4o-mini,gpt-5-mini,gemini-2.5-flash,claude-haiku-4-5"

#define NUMBER(name_, help_, at_, min_, max_)                                  \
    {                                                                          \
        .name = name_, .argument = "N", .help = help_, .type = SETTING_REAL,   \
        .value = &(at_), .min = min_, .max = max_                              \
    }

static const struct cli_option options[] = {
    NUMBER("requests", "requests of the job (default: 170000)", job.requests, 1,
           1e12),
    NUMBER("input", "tokens of a request (default: 800)", job.input, 0, 1e7),
    NUMBER("output", "tokens of an answer (default: 150)", job.output, 0, 1e7),
    NUMBER("cached", "share of the input that is cached, 0 to 1 (default: 0)",
           job.cached, 0, 1),
    NUMBER("rate", "answers a second of the machine (default: 2; vitae probe)",
           machine.rate, 1e-6, 1e6),
    NUMBER("watts", "what it draws at work (default: 350)", machine.watts, 0,
           1e6),
    NUMBER("kwh", "price of a kilowatt hour (default: 0.30)", machine.kwh, 0,
           1e3),
    NUMBER("hardware", "price of the machine (default: 1500)", machine.hardware,
           0, 1e9),
    NUMBER("years", "how long it is used (default: 3)", machine.years, 0.01,
           100),
    NUMBER("use", "share of that time it works, 0 to 1 (default: 0.25)",
           machine.use, 0.0001, 1),
    { .name = "models",
      .argument = "NAMES",
      .help = "which to compare with, by commas (default: " USUAL ")",
      .type = SETTING_TEXT,
      .value = &models },
    { .name = NULL },
};

struct table {
    const struct cli *cli;
    const struct prices *prices;
    struct compare_local local;
    struct strbuf out;
    struct jsonw w;
};

static void add_row(struct table *t, const char *model)
{
    struct price price = price_of(t->prices, model, PRICE_BATCH);
    double cost = price.found ? compare_cloud(&job, &price) : -1;
    double jobs = cost < 0 ? -1 : compare_payback(&t->local, &machine, cost);
    char paid[48];

    if (t->cli->json) {
        jsonw_object(&t->w, NULL);
        jsonw_text(&t->w, "model", model);
        if (cost >= 0)
            jsonw_real(&t->w, "cost", cost);
        else
            jsonw_null(&t->w, "cost");
        if (jobs >= 0)
            jsonw_integer(&t->w, "jobs_to_pay_back", (int64_t)jobs);
        else
            jsonw_null(&t->w, "jobs_to_pay_back");
        jsonw_end_object(&t->w);
        return;
    }
    if (cost < 0) {
        strbuf_addf(&t->out, "%-28s no price is known\n", model);
        return;
    }
    snprintf(paid, sizeof(paid), "after %.0f jobs", jobs);
    strbuf_addf(&t->out, "%-28s %12.2f   %s\n", model, cost,
                jobs < 0 ? "never: cheaper than the power" : paid);
}

static void add_rows(struct table *t)
{
    const char *list = models ? models : USUAL;
    char name[129];
    size_t len;

    for (; *list; list += len) {
        list += strspn(list, ", ");
        len = strcspn(list, ", ");
        snprintf(name, sizeof(name), "%.*s", len < 128 ? (int)len : 128, list);
        if (*name)
            add_row(t, name);
    }
}

static void write_text(struct table *t)
{
    const char *currency = prices_currency(t->prices);

    strbuf_addf(&t->out,
                "Assumed: %.0f requests of %.0f tokens (%.0f %% cached) with "
                "answers of %.0f;\n"
                "a machine that answers %g a second, draws %g W at %g %s a "
                "kWh, costs %g %s\n"
                "and is used for %g years, %.0f %% of the time at work;\n"
                "batch prices of %s (prices.json).  Work and room not "
                "counted.\n\n",
                job.requests, job.input, job.cached * 100, job.output,
                machine.rate, machine.watts, machine.kwh, currency,
                machine.hardware, currency, machine.years, machine.use * 100,
                prices_date(t->prices));
    strbuf_addf(&t->out, "%-28s %8s %s   %s\n", "", "cost in", currency,
                "the machine has paid for itself");
    strbuf_addf(&t->out,
                "%-28s %12.2f   %.1f hours, %.1f kWh; with wear %.2f\n",
                "your machine: power", t->local.power, t->local.hours,
                t->local.energy, t->local.power + t->local.wear);
    add_rows(t);
}

static void write_json(struct table *t)
{
    struct jsonw *w = &t->w;

    jsonw_init(w, &t->out);
    jsonw_object(w, NULL);
    jsonw_text(w, "currency", prices_currency(t->prices));
    jsonw_text(w, "prices_as_of", prices_date(t->prices));
    jsonw_object(w, "assumed");
    jsonw_real(w, "requests", job.requests);
    jsonw_real(w, "input", job.input);
    jsonw_real(w, "cached", job.cached);
    jsonw_real(w, "output", job.output);
    jsonw_real(w, "rate", machine.rate);
    jsonw_real(w, "watts", machine.watts);
    jsonw_real(w, "kwh", machine.kwh);
    jsonw_real(w, "hardware", machine.hardware);
    jsonw_real(w, "years", machine.years);
    jsonw_real(w, "use", machine.use);
    jsonw_end_object(w);
    jsonw_object(w, "machine");
    jsonw_real(w, "hours", t->local.hours);
    jsonw_real(w, "kwh", t->local.energy);
    jsonw_real(w, "power", t->local.power);
    jsonw_real(w, "wear", t->local.wear);
    jsonw_end_object(w);
    jsonw_array(w, "models");
    add_rows(t);
    jsonw_end_array(w);
    jsonw_end_object(w);
    strbuf_addc(&t->out, '\n');
}

static bool compare(struct cli *cli, struct error *err)
{
    struct prices *prices;
    struct table t = { .cli = cli };

    if (!prices_open(&prices, cli->values->batch.prices, err))
        return false;
    t.prices = prices;
    t.local = compare_local(&job, &machine);
    strbuf_init(&t.out, MIB);
    if (cli->json)
        write_json(&t);
    else
        write_text(&t);
    fputs(t.out.data, stdout);
    strbuf_release(&t.out);
    prices_close(prices);
    return true;
}

const struct cli_command cli_compare = {
    .name = "compare",
    .group = "Looking",
    .arguments = "",
    .summary = "what a job costs on your machine and at providers",
    .text = "Computes the power and the wear of a machine of your own for a "
            "job, the same job at batch prices, and after how many such jobs "
            "the machine has paid for itself. Every assumption is printed "
            "and can be set; vitae probe measures the rate. Nobody is asked.",
    .example = "vitae compare --requests 170000 --rate 2.5 --watts 320 "
               "--hardware 1200",
    .options = options,
    .needs = CLI_SETTINGS,
    .run = compare,
};
