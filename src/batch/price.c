#include "batch/price.h"

#include <ctype.h>
#include <math.h>

#include "base/json.h"

#define CEILING (4 * MIB)
#define MILLION 1e6

struct prices {
    struct json_object *document; /* owned */
    struct json_object *models;   /* borrowed from it */
};

static bool check_row(const char *path, size_t i, struct json_object *row,
                      struct error *err)
{
    static const char *const numbers[] = { "input", "output" };
    size_t n;

    if (!json_get_text(row, "model"))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "%s: models[%zu] has no \"model\"", path, i);
    for (n = 0; n < ARRAY_LEN(numbers); n++) {
        double value = json_get_real(row, numbers[n], -1);

        if (!(value >= 0) || !isfinite(value))
            return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                              "%s: %s has no usable \"%s\"", path,
                              json_get_text(row, "model"), numbers[n]);
    }
    return true;
}

static bool check(struct prices *p, const char *path, struct error *err)
{
    size_t i, count;

    p->models = json_get(p->document, "models");
    if (!json_object_is_type(p->models, json_type_array))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "%s has no list \"models\"", path);
    count = json_object_array_length(p->models);
    for (i = 0; i < count; i++)
        if (!check_row(path, i, json_object_array_get_idx(p->models, i), err))
            return false;
    return true;
}

bool prices_open(struct prices **out, const char *path, struct error *err)
{
    struct prices *p = calloc(1, sizeof(*p));
    char own[4096];

    *out = p;
    if (!p)
        return error_memory(err);
    if (!path || !path[0]) {
        const char *data = getenv("VITAE_DATADIR");

        snprintf(own, sizeof(own), "%s/prices.json",
                 data ? data : VITAE_DATADIR);
        path = own;
    }
    p->document = json_parse_file(path, CEILING, err);
    if (p->document && check(p, path, err))
        return true;
    if (!p->document) {
        err->exit = EXIT_SETTINGS;
        error_context(err, "the price list");
    }
    prices_close(p);
    *out = NULL;
    return false;
}

void prices_close(struct prices *p)
{
    if (!p)
        return;
    json_free(p->document);
    free(p);
}

const char *prices_currency(const struct prices *p)
{
    const char *currency = json_get_text(p->document, "currency");

    return currency ? currency : "USD";
}

const char *prices_date(const struct prices *p)
{
    const char *date = json_get_text(p->document, "as_of");

    return date ? date : "unknown date";
}

/* The length of the name without "-2024-07-18" or "-20240718" at its end. */
static size_t base_length(const char *model)
{
    static const char *const shapes[] = { "-dddd-dd-dd", "-dddddddd" };
    size_t len = strlen(model), n, i, k;

    for (i = 0; i < ARRAY_LEN(shapes); i++) {
        n = strlen(shapes[i]);
        if (len <= n)
            continue;
        for (k = 0; k < n; k++) {
            char c = model[len - n + k];

            if (shapes[i][k] == 'd' ? !isdigit((unsigned char)c)
                                    : c != shapes[i][k])
                break;
        }
        if (k == n)
            return len - n;
    }
    return len;
}

static struct json_object *find(const struct prices *p, const char *model,
                                size_t len)
{
    size_t i, count = json_object_array_length(p->models);

    for (i = 0; i < count; i++) {
        struct json_object *row = json_object_array_get_idx(p->models, i);
        const char *name = json_get_text(row, "model");

        if (strlen(name) == len && strncmp(name, model, len) == 0)
            return row;
    }
    return NULL;
}

struct price price_of(const struct prices *p, const char *model,
                      enum price_mode mode)
{
    struct price price = { .found = mode == PRICE_LOCAL };
    struct json_object *row;
    double half = mode == PRICE_BATCH ? 0.5 : 1;

    if (mode == PRICE_LOCAL)
        return price;
    row = find(p, model, strlen(model));
    if (!row)
        row = find(p, model, base_length(model));
    if (!row)
        return price;
    price.found = true;
    price.input = json_get_real(row, "input", 0) * half;
    price.output = json_get_real(row, "output", 0) * half;
    if (mode == PRICE_BATCH) {
        price.input = json_get_real(row, "batch_input", price.input);
        price.output = json_get_real(row, "batch_output", price.output);
        /* Without a price of its own assume no discount in batches. */
        price.cached = json_get_real(row, "batch_cached", price.input);
    } else {
        price.cached = json_get_real(row, "cached", price.input);
    }
    price.input /= MILLION;
    price.cached /= MILLION;
    price.output /= MILLION;
    return price;
}

double price_cost(const struct price *price, int64_t input, int64_t cached,
                  int64_t output)
{
    if (input < 0)
        input = 0;
    if (output < 0)
        output = 0;
    if (cached < 0)
        cached = 0;
    if (cached > input)
        cached = input;
    return (double)(input - cached) * price->input +
           (double)cached * price->cached + (double)output * price->output;
}
