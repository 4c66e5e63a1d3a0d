#include <string.h>

#include "server/api.h"
#include "server/progress.h"

static void write_time(struct jsonw *w, const char *name, double t)
{
    if (t > 0)
        jsonw_integer(w, name, (int64_t)t);
    else
        jsonw_null(w, name);
}

static void write_times(const struct served_batch *b, struct jsonw *w)
{
    static const struct {
        const char *name;
        enum served_status status;
    } times[] = {
        { "in_progress_at", SERVED_IN_PROGRESS },
        { "finalizing_at", SERVED_FINALIZING },
        { "completed_at", SERVED_COMPLETED },
        { "failed_at", SERVED_FAILED },
        { "expired_at", SERVED_EXPIRED },
        { "cancelling_at", SERVED_CANCELLING },
        { "cancelled_at", SERVED_CANCELLED },
    };
    size_t i;

    write_time(w, "created_at", b->at[SERVED_VALIDATING]);
    write_time(w, "expires_at", b->expires_at);
    for (i = 0; i < ARRAY_LEN(times); i++)
        write_time(w, times[i].name, b->at[times[i].status]);
}

static void write_counts(const struct served_batch *b, struct jsonw *w)
{
    jsonw_object(w, "request_counts");
    jsonw_integer(w, "total", b->total);
    jsonw_integer(w, "completed", b->completed);
    jsonw_integer(w, "failed", b->failed);
    jsonw_end_object(w);
}

static void write_usage(const struct served_batch *b, struct jsonw *w)
{
    jsonw_object(w, "usage");
    jsonw_integer(w, "input_tokens", b->input_tokens);
    jsonw_object(w, "input_tokens_details");
    jsonw_integer(w, "cached_tokens", b->cached_tokens);
    jsonw_end_object(w);
    jsonw_integer(w, "output_tokens", b->output_tokens);
    jsonw_object(w, "output_tokens_details");
    jsonw_integer(w, "reasoning_tokens", 0);
    jsonw_end_object(w);
    jsonw_integer(w, "total_tokens", b->input_tokens + b->output_tokens);
    jsonw_end_object(w);
}

static void add_number(struct strbuf *out, const char *name, double value,
                       int digits)
{
    strbuf_addf(out, ",\"%s\":\"%.*f\"", name, digits, value);
}

/* The client's own pairs, then ours; values are strings, as in all
 * metadata. */
static void write_metadata(const struct served_batch *b, double now,
                           struct jsonw *w)
{
    struct served_progress p = progress_of(b, now);
    struct strbuf out;

    strbuf_init(&out, 64 * KIB);
    strbuf_addc(&out, '{');
    if (b->metadata && strlen(b->metadata) > 2) {
        strbuf_add(&out, b->metadata + 1, strlen(b->metadata) - 2);
        strbuf_addc(&out, ',');
    }
    strbuf_addf(&out, "\"completion_pct\":\"%.2f\"", p.percent);
    if (p.eta >= 0)
        add_number(&out, "eta_seconds", p.eta, 0);
    else
        strbuf_adds(&out, ",\"eta_seconds\":\"\"");
    add_number(&out, "throughput_req_per_sec", p.rate, 2);
    add_number(&out, "token_savings_pct", p.saved, 2);
    if (b->groups > 0)
        add_number(&out, "prompt_groups", (double)b->groups, 0);
    if (b->paused)
        strbuf_adds(&out, ",\"paused\":\"true\"");
    if (*b->waiting) {
        strbuf_adds(&out, ",\"waiting_for\":");
        jsonw_quote(&out, b->waiting, strlen(b->waiting));
    }
    strbuf_addc(&out, '}');
    jsonw_raw(w, "metadata", out.data, out.len);
    strbuf_release(&out);
}

static void write_faults(const struct served_batch *b, struct jsonw *w)
{
    if (!b->faults) {
        jsonw_null(w, "errors");
        return;
    }
    jsonw_object(w, "errors");
    jsonw_text(w, "object", "list");
    jsonw_raw(w, "data", b->faults, strlen(b->faults));
    jsonw_end_object(w);
}

void batch_write(const struct served_batch *b, double now, struct jsonw *w)
{
    jsonw_object(w, NULL);
    jsonw_text(w, "id", b->id);
    jsonw_text(w, "object", "batch");
    jsonw_text(w, "endpoint", b->endpoint);
    write_faults(b, w);
    jsonw_text(w, "input_file_id", b->input);
    jsonw_text(w, "completion_window", b->window);
    jsonw_text(w, "status", served_status_names[b->status]);
    jsonw_text(w, "output_file_id", b->has_output ? b->output : NULL);
    jsonw_text(w, "error_file_id", b->has_errors ? b->errors : NULL);
    write_times(b, w);
    write_counts(b, w);
    write_usage(b, w);
    write_metadata(b, now, w);
    jsonw_end_object(w);
}
