#include "batch/plan.h"

#include <math.h>

#include "batch/budget.h"
#include "batch/record_prompt.h"

#define SAMPLE 2000
#define MANY 100000000 /* "count them all" */
/* Without any answer so far: 70 short values. */
#define OUTPUT_LOW 350
#define OUTPUT_EXPECTED 700
#define OUTPUT_HIGH 1500
/* Providers promise 24 hours and mostly take a few. */
#define BATCH_LOW (2 * 3600.0)
#define BATCH_HIGH (24 * 3600.0)
/* Of batches small enough that several are in flight under a limit of
 * enqueued tokens: 12,000 articles went in four rounds, in 2 to 4 hours. */
#define ROUND_LOW 1800.0
#define ROUND_HIGH 3600.0

const char *const plan_way_names[PLAN_WAYS] = {
    [PLAN_BATCH] = "batch",
    [PLAN_REALTIME] = "realtime",
    [PLAN_DAILY] = "daily limit",
    [PLAN_LOCAL] = "local",
};

static void set_cost(const struct plan_input *in, const struct price *price,
                     struct plan_row *row)
{
    double input = (double)in->records * (in->shared_tokens + in->text_tokens);

    row->priced = price->found;
    row->low = input * price->input +
               (double)in->records * in->output_low * price->output;
    row->expected = input * price->input +
                    (double)in->records * in->output_expected * price->output;
    row->high = input * price->input +
                (double)in->records * in->output_high * price->output;
}

static void set_time(struct plan_row *row, double low, double high)
{
    row->possible = true;
    row->seconds_low = low;
    row->seconds_high = high;
}

static int64_t batches_of(int64_t records, int64_t most)
{
    return most > 0 ? (records + most - 1) / most : records > 0;
}

/* As many rounds as the share of the limit asks for, each split into batches;
 * without a limit that is known all records are one round, not told. */
static void plan_waves(const struct plan_input *in, struct plan *out)
{
    double share = in->enqueued_share > 0 ? in->enqueued_share : 0.9;
    double each = fmax(1, in->shared_tokens + in->text_tokens);
    double room = (double)in->enqueued_limit * share;
    int64_t full;

    if (in->enqueued_limit <= 0) {
        out->batches = batches_of(in->records, in->batch_size);
        return;
    }
    out->wave_records = (int64_t)fmax(1, room / each);
    full = in->records / out->wave_records;
    out->waves = batches_of(in->records, out->wave_records);
    out->batches = full * batches_of(out->wave_records, in->batch_size) +
                   batches_of(in->records % out->wave_records, in->batch_size);
}

void plan_make(const struct plan_input *in, const struct prices *prices,
               const char *model, struct plan *out)
{
    struct price batch = price_of(prices, model, PRICE_BATCH);
    struct price realtime = price_of(prices, model, PRICE_REALTIME);
    struct price local = price_of(prices, model, PRICE_LOCAL);
    double n = (double)in->records;

    memset(out, 0, sizeof(*out));
    out->input_tokens = n * (in->shared_tokens + in->text_tokens);
    out->output_tokens = n * in->output_expected;
    plan_waves(in, out);
    set_cost(in, &batch, &out->rows[PLAN_BATCH]);
    set_cost(in, &realtime, &out->rows[PLAN_REALTIME]);
    set_cost(in, &realtime, &out->rows[PLAN_DAILY]);
    set_cost(in, &local, &out->rows[PLAN_LOCAL]);
    if (out->waves)
        set_time(&out->rows[PLAN_BATCH], ROUND_LOW * (double)out->waves,
                 ROUND_HIGH * (double)out->waves);
    else
        set_time(&out->rows[PLAN_BATCH], BATCH_LOW, BATCH_HIGH);
    if (in->per_minute > 0)
        set_time(&out->rows[PLAN_REALTIME], n / in->per_minute * 60,
                 n / in->per_minute * 60);
    if (in->per_day > 0)
        set_time(&out->rows[PLAN_DAILY], n / in->per_day * 86400,
                 n / in->per_day * 86400);
    if (in->local_rate > 0)
        set_time(&out->rows[PLAN_LOCAL], n / in->local_rate,
                 n / in->local_rate);
}

struct look {
    struct worker *w;
    struct plan_input *in;
    struct strbuf prompt;
    double tokens;
};

static bool count_text(void *context, const struct db_rows *row,
                       struct error *err)
{
    struct look *look = context;
    struct record_prompt_result r;
    size_t len = 0;
    const char *text = db_rows_text(row, 0, &len);

    strbuf_clear(&look->prompt);
    if (!record_prompt(look->w, text, len, &look->prompt, &r, err))
        return false;
    if (!r.usable)
        return true;
    look->tokens +=
        (double)budget_tokens(look->w, look->prompt.data, look->prompt.len);
    look->in->sampled++;
    return true;
}

static bool read_count(void *context, const struct db_rows *row,
                       struct error *err)
{
    struct plan_input *in = context;

    (void)err;
    in->records = db_rows_integer(row, 0);
    return true;
}

static bool read_history(void *context, const struct db_rows *row,
                         struct error *err)
{
    struct plan_input *in = context;

    (void)err;
    in->answers_known = db_rows_integer(row, 0);
    if (in->answers_known < 20)
        return true;
    in->output_expected = db_rows_real(row, 1);
    in->output_low = in->output_expected * 0.8;
    in->output_high = db_rows_real(row, 2);
    return true;
}

static bool look_back(struct worker *w, const struct provider *p,
                      struct plan_input *in, struct error *err)
{
    const struct db_value values[] = {
        db_text("model", p->settings->model),
        db_text("profile_hash", w->profile->hash),
    };

    in->output_low = OUTPUT_LOW;
    in->output_expected = OUTPUT_EXPECTED;
    in->output_high = OUTPUT_HIGH;
    return db_each(w->db, "plan_history", values, ARRAY_LEN(values),
                   read_history, in, NULL, err);
}

bool plan_look_at(struct worker *w, const char *count_statement,
                  const char *sample_statement, struct plan_input *in,
                  struct error *err)
{
    struct look look = { .w = w, .in = in };
    const struct db_value all[] = {
        db_integer("count", MANY),
        db_text("profile_hash", w->profile->hash),
    };
    const struct db_value some[] = {
        db_integer("count", SAMPLE),
        db_text("profile_hash", w->profile->hash),
    };
    struct provider *p;
    bool ok;

    if (!worker_provider(w, w->settings.section, &p, err) ||
        !worker_count_for(w, p->settings->model ? p->settings->model : "", err))
        return false;
    strbuf_init(&look.prompt, 64 * MIB);
    ok = db_each(w->db, count_statement, all, ARRAY_LEN(all), read_count, in,
                 NULL, err) &&
         db_each(w->db, sample_statement, some, ARRAY_LEN(some), count_text,
                 &look, NULL, err) &&
         look_back(w, p, in, err);
    if (in->sampled)
        in->text_tokens = look.tokens / (double)in->sampled;
    in->shared_tokens = (double)budget_shared_tokens(w);
    strbuf_release(&look.prompt);
    return ok;
}

bool plan_look(struct worker *w, struct plan_input *in, struct error *err)
{
    return plan_look_at(w, "claim_waiting", "plan_sample", in, err);
}
