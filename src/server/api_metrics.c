/*
 * api_metrics.c -- Prometheus' text form.
 */
#include <string.h>

#include "server/api.h"

struct sums {
    int64_t batches[SERVED_STATUSES];
    int64_t paused, waiting, running;
    int64_t done, failed, left;
    int64_t input, cached, output;
    int64_t files, bytes;
};

static void add_batch(struct sums *s, const struct served_batch *b)
{
    s->batches[b->status]++;
    s->paused += b->paused && !served_is_final(b->status);
    s->waiting += *b->waiting != '\0';
    s->running += b->running_since > 0;
    s->done += b->completed;
    s->failed += b->failed;
    if (!served_is_final(b->status))
        s->left += b->total - b->completed - b->failed;
    s->input += b->input_tokens;
    s->cached += b->cached_tokens;
    s->output += b->output_tokens;
}

static void add_up(struct state *st, struct sums *s)
{
    size_t i;

    state_lock(st);
    for (i = 0; i < state_batch_count(st); i++)
        add_batch(s, state_batch_at(st, i));
    s->files = (int64_t)state_file_count(st);
    for (i = 0; i < state_file_count(st); i++)
        s->bytes += state_file_at(st, i)->bytes;
    state_unlock(st);
}

static void write_head(struct strbuf *out, const char *name, const char *type,
                       const char *help)
{
    strbuf_addf(out, "# HELP vitae_serve_%s %s\n# TYPE vitae_serve_%s %s\n",
                name, help, name, type);
}

static void write_one(struct strbuf *out, const char *name, const char *type,
                      const char *help, int64_t value)
{
    write_head(out, name, type, help);
    strbuf_addf(out, "vitae_serve_%s %lld\n", name, (long long)value);
}

static void write_all(const struct sums *s, struct strbuf *out)
{
    size_t i;

    write_head(out, "batches", "gauge", "batches by status");
    for (i = 0; i < SERVED_STATUSES; i++)
        strbuf_addf(out, "vitae_serve_batches{status=\"%s\"} %lld\n",
                    served_status_names[i], (long long)s->batches[i]);
    write_one(out, "batches_running", "gauge", "being asked now", s->running);
    write_one(out, "batches_paused", "gauge", "paused by somebody", s->paused);
    write_one(out, "batches_waiting", "gauge",
              "held up by an upstream or the disk", s->waiting);
    write_one(out, "requests_done_total", "counter", "answered with 200",
              s->done);
    write_one(out, "requests_failed_total", "counter", "in error files",
              s->failed);
    write_one(out, "requests_left", "gauge", "of batches that have not ended",
              s->left);
    write_one(out, "input_tokens_total", "counter", "as the upstream counts",
              s->input);
    write_one(out, "cached_tokens_total", "counter", "of the input tokens",
              s->cached);
    write_one(out, "output_tokens_total", "counter", "as the upstream counts",
              s->output);
    write_one(out, "files", "gauge", "files kept", s->files);
    write_one(out, "files_bytes", "gauge", "their size", s->bytes);
}

/* The same as one JSON object. */
static void write_json(const struct sums *s, struct strbuf *out)
{
    struct jsonw w;
    size_t i;

    jsonw_init(&w, out);
    jsonw_object(&w, NULL);
    jsonw_object(&w, "batches");
    for (i = 0; i < SERVED_STATUSES; i++)
        jsonw_integer(&w, served_status_names[i], s->batches[i]);
    jsonw_end_object(&w);
    jsonw_integer(&w, "batches_running", s->running);
    jsonw_integer(&w, "batches_paused", s->paused);
    jsonw_integer(&w, "batches_waiting", s->waiting);
    jsonw_integer(&w, "requests_done", s->done);
    jsonw_integer(&w, "requests_failed", s->failed);
    jsonw_integer(&w, "requests_left", s->left);
    jsonw_integer(&w, "input_tokens", s->input);
    jsonw_integer(&w, "cached_tokens", s->cached);
    jsonw_integer(&w, "computed_tokens", s->input - s->cached);
    jsonw_integer(&w, "output_tokens", s->output);
    jsonw_integer(&w, "files", s->files);
    jsonw_integer(&w, "files_bytes", s->bytes);
    jsonw_end_object(&w);
}

void api_metrics(struct exchange *x)
{
    const char *format = exchange_query(x, "format");
    struct sums sums = { 0 };
    struct strbuf out;

    add_up(api_of(x)->st, &sums);
    if (format && !strcmp(format, "json")) {
        strbuf_init(&out, 64 * KIB);
        write_json(&sums, &out);
        api_reply(x, &out);
        return;
    }
    strbuf_init(&out, 64 * KIB);
    write_all(&sums, &out);
    upstreams_write_metrics(api_of(x)->upstreams, &out);
    exchange_reply(x, 200, "text/plain; version=0.0.4; charset=utf-8", &out);
    strbuf_release(&out);
}
