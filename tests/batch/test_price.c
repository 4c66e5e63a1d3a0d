#include "batch/price.h"

#include <math.h>

#include "base/file.h"
#include "tests/tap.h"

static bool close_to(double a, double b)
{
    return fabs(a - b) < 1e-12;
}

static void the_shipped_list_reads(struct prices *p)
{
    static const struct {
        const char *why, *model;
        enum price_mode mode;
        bool found;
        double input, output; /* per million */
    } cases[] = {
        { "standard", "gpt-4o-mini", PRICE_REALTIME, true, 0.15, 0.60 },
        { "batch", "gpt-4o-mini", PRICE_BATCH, true, 0.075, 0.30 },
        { "a dated snapshot is its base", "gpt-4o-mini-2024-07-18", PRICE_BATCH,
          true, 0.075, 0.30 },
        { "half where no batch price is listed", "gpt-5.4-mini", PRICE_BATCH,
          true, 0.375, 2.25 },
        { "Anthropic's date", "claude-haiku-4-5-20251001", PRICE_BATCH, true,
          0.5, 2.5 },
        { "local costs nothing", "anything", PRICE_LOCAL, true, 0, 0 },
        { "unknown is not guessed", "gpt-9", PRICE_BATCH, false, 0, 0 },
        { "nor by its beginning", "gpt-4o-mini-search", PRICE_BATCH, false, 0,
          0 },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        struct price price = price_of(p, cases[i].model, cases[i].mode);

        ok(price.found == cases[i].found, "%s: found or not", cases[i].why);
        ok(close_to(price.input * 1e6, cases[i].input) &&
               close_to(price.output * 1e6, cases[i].output),
           "%s: its price", cases[i].why);
    }
}

static void cached_tokens_are_part_of_the_input(struct prices *p)
{
    struct price price = price_of(p, "gpt-5", PRICE_BATCH);

    ok(close_to(price_cost(&price, 1000000, 0, 1000000), 5.625),
       "without a cache");
    ok(close_to(price_cost(&price, 1000000, 1000000, 0), 0.0625),
       "all from the cache");
    ok(close_to(price_cost(&price, 100, 1000, 0),
                price_cost(&price, 100, 100, 0)),
       "no more than the input");
    ok(close_to(price_cost(&price, -1, -1, -1), 0), "not told is nothing");
}

static void a_broken_list_is_refused(void)
{
    static const struct {
        const char *why, *text;
    } cases[] = {
        { "no JSON", "{" },
        { "no list", "{}" },
        { "no model", "{\"models\":[{\"input\":1,\"output\":1}]}" },
        { "no price", "{\"models\":[{\"model\":\"m\",\"input\":1}]}" },
        { "negative", "{\"models\":[{\"model\":\"m\",\"input\":-1,"
                      "\"output\":1}]}" },
    };
    struct prices *p = NULL;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        ok(file_write("prices.tmp", cases[i].text, strlen(cases[i].text), &err),
           "written");
        ok(!prices_open(&p, "prices.tmp", &err), "%s", cases[i].why);
        is_int(err.exit, EXIT_SETTINGS, "an error of the settings");
    }
    remove("prices.tmp");
}

int main(void)
{
    struct prices *p = NULL;
    struct error err;

    if (!ok(prices_open(&p, NULL, &err), "the shipped list opens"))
        return tap_done();
    is_str(prices_currency(p), "USD", "in dollars");
    the_shipped_list_reads(p);
    cached_tokens_are_part_of_the_input(p);
    prices_close(p);
    a_broken_list_is_refused();
    return tap_done();
}
