#include "batch/compose.h"

#include <assert.h>

#include "batch/budget.h"
#include "batch/custom_id.h"
#include "batch/record_prompt.h"
#include "batch/room.h"
#include "batch/spool.h"
#include "provider/keyed_id.h"

#define DATA_CEILING (256 * MIB)

bool compose_chunk_init(struct compose_chunk *c, struct error *err)
{
    memset(c, 0, sizeof(*c));
    strbuf_init(&c->data, DATA_CEILING);
    strbuf_init(&c->rows, 16 * MIB);
    c->list = calloc(COMPOSE_RECORDS, sizeof(*c->list));
    return c->list || error_memory(err);
}

void compose_chunk_clear(struct compose_chunk *c)
{
    c->count = 0;
    strbuf_clear(&c->data);
    strbuf_clear(&c->rows);
}

void compose_chunk_release(struct compose_chunk *c)
{
    strbuf_release(&c->data);
    strbuf_release(&c->rows);
    free(c->list);
    c->list = NULL;
}

static size_t keep(struct strbuf *data, const char *s, size_t len)
{
    size_t at = data->len;

    strbuf_add(data, s, len);
    strbuf_addc(data, '\0');
    return at;
}

bool compose_add(struct compose_chunk *c, const struct db_rows *row)
{
    struct compose_record *r = &c->list[c->count];
    const char *key = db_rows_text(row, 0, NULL);
    const char *text = db_rows_text(row, 1, &r->len);
    const char *name = db_rows_text(row, 3, NULL);

    assert(c->count < COMPOSE_RECORDS);
    r->key = keep(&c->data, key, strlen(key));
    r->name = name ? keep(&c->data, name, strlen(name)) : 0;
    r->is_cut = db_rows_is_cut(row, 1);
    r->has_text = text && !r->is_cut;
    if (!r->has_text)
        r->len = 0;
    r->text = keep(&c->data, r->has_text ? text : "", r->len);
    c->count++;
    return strbuf_ok(&c->data);
}

static int64_t limit_of(int64_t setting, int64_t own)
{
    return setting > 0 && (own <= 0 || setting < own) ? setting : own;
}

void compose_init(struct compose *c)
{
    memset(c, 0, sizeof(*c));
    request_file_init(&c->file);
    request_template_init(&c->template);
    strbuf_init(&c->line, REQUEST_FILE_LINE);
    strbuf_init(&c->prompt, REQUEST_FILE_LINE);
    strbuf_init(&c->last, MIB);
}

bool compose_open(struct compose *c, struct worker *w, const struct batch *b,
                  struct provider *provider, struct error *err)
{
    const struct provider_settings *s = provider->settings;
    char path[SPOOL_PATH];

    c->w = w;
    c->provider = provider;
    c->key = b->key;
    c->max_requests = limit_of(s->max_requests, provider->ops->limits.requests);
    c->max_bytes =
        (uint64_t)limit_of(s->max_bytes, provider->ops->limits.bytes);
    c->shared_tokens = budget_shared_tokens(w);
    return items_load_answered(&c->answered, w->db, b, err) &&
           room_of_batch(w, provider, b->model, &c->max_tokens, err) &&
           record_template(w, provider, b->model, &c->template, err) &&
           spool_path(w->spool, b->key, SPOOL_REQUESTS, path, err) &&
           request_file_create(&c->file, path, err);
}

static void note(struct compose *c, const char *key, const char *custom_id,
                 const struct record_prompt_result *r, const char *code,
                 const char *message)
{
    char flags[96];
    struct strbuf words;

    strbuf_init(&words, sizeof(flags) - 1);
    record_flag_words(r->flags, &words);
    jsonw_object(&c->json, NULL);
    jsonw_text(&c->json, "u", key);
    jsonw_text(&c->json, "s", code ? "skipped" : "submitted");
    jsonw_text(&c->json, "c", custom_id);
    jsonw_text(&c->json, "h", r->hash);
    jsonw_text(&c->json, "f", words.data);
    jsonw_text(&c->json, "e", code);
    jsonw_text(&c->json, "m", message);
    if (!code)
        jsonw_integer(&c->json, "l", c->requests);
    jsonw_end_object(&c->json);
    strbuf_release(&words);
}

static void skip(struct compose *c, const char *key, const char *custom_id,
                 const struct record_prompt_result *r, const char *code,
                 const char *message)
{
    note(c, key, custom_id, r, code, message);
    c->skipped++;
}

static void make_line(struct compose *c, const char *custom_id)
{
    strbuf_clear(&c->line);
    if (c->w->settings.source->requests) {
        strbuf_add(&c->line, c->prompt.data, c->prompt.len);
        strbuf_addc(&c->line, '\n');
    } else {
        request_line(&c->template, custom_id, c->prompt.data, c->prompt.len,
                     &c->line);
    }
}

/* No line, or one that the provider refuses whatever else is in the file. */
static bool line_is_too_large(const struct compose *c)
{
    uint64_t most = (uint64_t)c->provider->ops->limits.line_bytes;

    return !strbuf_ok(&c->line) || (most && c->line.len > most) ||
           (c->max_bytes && c->line.len > c->max_bytes);
}

/* One that is larger than all that may be enqueued goes alone. */
static bool would_pass(const struct compose *c, int64_t tokens)
{
    return (c->max_requests && c->requests >= c->max_requests) ||
           (c->max_bytes && c->bytes + c->line.len > c->max_bytes) ||
           (c->max_tokens && c->requests && c->tokens + tokens > c->max_tokens);
}

/* Adds the request, or finds that it would pass a limit. */
static bool add_request(struct compose *c, const char *key, const char *name,
                        const struct record_prompt_result *r, struct error *err)
{
    char custom_id[CUSTOM_ID_GIVEN];
    int64_t tokens;

    if (name)
        snprintf(custom_id, sizeof(custom_id), "%s", name);
    else if (c->provider->ops->caps & PROVIDER_KEYED_IDS)
        keyed_id_make(c->key, r->hash, key, custom_id);
    else
        custom_id_make(c->w->profile->custom_id_prefix, key, custom_id);
    make_line(c, custom_id);
    if (line_is_too_large(c)) {
        skip(c, key, custom_id, r, "too_large",
             "the request is larger than the provider takes");
        return true;
    }
    tokens =
        c->shared_tokens + budget_tokens(c->w, c->prompt.data, c->prompt.len);
    c->full = would_pass(c, tokens);
    if (c->full)
        return true;
    if (!request_file_add(&c->file, c->line.data, c->line.len, err))
        return false;
    c->bytes += c->line.len;
    c->requests++;
    c->tokens += tokens;
    note(c, key, custom_id, r, NULL, NULL);
    return true;
}

static bool is_answered(const struct compose *c, const char *key,
                        const struct record_prompt_result *r)
{
    const struct item *item = items_by_key(&c->answered, key);

    return item && strcmp(item->hash, r->hash) == 0;
}

static bool add_record(struct compose *c, const struct compose_chunk *chunk,
                       const struct compose_record *record, struct error *err)
{
    const struct record_prompt_result none = { .usable = false };
    const char *data = chunk->data.data, *key = data + record->key;
    const char *text = record->has_text ? data + record->text : NULL;
    struct record_prompt_result r;

    if (record->is_cut) {
        skip(c, key, NULL, &none, "too_large",
             "the record's text is larger than any resume");
        return true;
    }
    strbuf_clear(&c->prompt);
    if (!record_prompt(c->w, text, record->len, &c->prompt, &r, err))
        return false;
    if (is_answered(c, key, &r))
        skip(c, key, NULL, &r, "answered",
             "this text was answered before under the same profile and model");
    else if (!text || !r.usable)
        skip(c, key, NULL, &r, text ? "empty" : "gone",
             text ? "the record has no usable text"
                  : "the record or its text is gone");
    else
        return add_request(c, key, record->name ? data + record->name : NULL,
                           &r, err);
    return true;
}

/* As many as fit into the file. */
static bool add_records(struct compose *c, const struct compose_chunk *chunk,
                        struct error *err)
{
    size_t i;

    for (i = 0; i < chunk->count; i++) {
        if (!add_record(c, chunk, &chunk->list[i], err))
            return false;
        if (c->full)
            return true;
        strbuf_clear(&c->last);
        strbuf_adds(&c->last, chunk->data.data + chunk->list[i].key);
    }
    return strbuf_ok(&c->last) || error_memory(err);
}

void compose_run(void *compose, void *job)
{
    struct compose *c = compose;
    struct compose_chunk *chunk = job;

    jsonw_init(&c->json, &chunk->rows);
    jsonw_array(&c->json, NULL);
    chunk->ok = add_records(c, chunk, &chunk->err);
    jsonw_end_array(&c->json);
    if (chunk->ok && !strbuf_ok(&chunk->rows))
        chunk->ok = error_memory(&chunk->err);
    chunk->requests = c->requests;
    chunk->skipped = c->skipped;
    chunk->full = c->full;
}

bool compose_commit(struct compose *c, char *hex, struct error *err)
{
    return !c->requests || request_file_commit(&c->file, hex, err);
}

void compose_release(struct compose *c)
{
    request_file_release(&c->file);
    request_template_release(&c->template);
    strbuf_release(&c->line);
    strbuf_release(&c->prompt);
    strbuf_release(&c->last);
    items_release(&c->answered);
}
