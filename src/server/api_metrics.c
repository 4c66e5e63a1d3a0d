/*
 * api_metrics.c -- Prometheus' text form.
 */
#include <stddef.h>
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

/* What is counted up has "_total" behind its name there, as Prometheus wants
 * it. */
static const struct {
    const char *name, *type, *help;
    size_t at; /* in struct sums */
} numbers[] = {
    { "batches_running", "gauge", "being asked now",
      offsetof(struct sums, running) },
    { "batches_paused", "gauge", "paused by somebody",
      offsetof(struct sums, paused) },
    { "batches_waiting", "gauge", "held up by an upstream or the disk",
      offsetof(struct sums, waiting) },
    { "requests_done", "counter", "answered with 200",
      offsetof(struct sums, done) },
    { "requests_failed", "counter", "in error files",
      offsetof(struct sums, failed) },
    { "requests_left", "gauge", "of batches that have not ended",
      offsetof(struct sums, left) },
    { "input_tokens", "counter", "as the upstream counts",
      offsetof(struct sums, input) },
    { "cached_tokens", "counter", "of the input tokens",
      offsetof(struct sums, cached) },
    { "output_tokens", "counter", "as the upstream counts",
      offsetof(struct sums, output) },
    { "files", "gauge", "files kept", offsetof(struct sums, files) },
    { "files_bytes", "gauge", "their size", offsetof(struct sums, bytes) },
};

static int64_t number_at(const struct sums *s, size_t i)
{
    int64_t value;

    memcpy(&value, (const char *)s + numbers[i].at, sizeof(value));
    return value;
}

static void write_text(const struct sums *s, struct strbuf *out)
{
    char name[64];
    size_t i;

    write_head(out, "batches", "gauge", "batches by status");
    for (i = 0; i < SERVED_STATUSES; i++)
        strbuf_addf(out, "vitae_serve_batches{status=\"%s\"} %lld\n",
                    served_status_names[i], (long long)s->batches[i]);
    for (i = 0; i < ARRAY_LEN(numbers); i++) {
        snprintf(name, sizeof(name), "%s%s", numbers[i].name,
                 strcmp(numbers[i].type, "counter") ? "" : "_total");
        write_head(out, name, numbers[i].type, numbers[i].help);
        strbuf_addf(out, "vitae_serve_%s %lld\n", name,
                    (long long)number_at(s, i));
    }
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
    for (i = 0; i < ARRAY_LEN(numbers); i++)
        jsonw_integer(&w, numbers[i].name, number_at(s, i));
    jsonw_integer(&w, "computed_tokens", s->input - s->cached);
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
    write_text(&sums, &out);
    upstreams_write_metrics(api_of(x)->upstreams, &out);
    exchange_reply(x, 200, "text/plain; version=0.0.4; charset=utf-8", &out);
    strbuf_release(&out);
}
