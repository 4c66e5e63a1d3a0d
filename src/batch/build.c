#include "batch/build.h"

#include "base/digest.h"
#include "base/file.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "batch/budget.h"
#include "batch/custom_id.h"
#include "batch/items.h"
#include "batch/room.h"
#include "batch/spool.h"
#include "batch/store.h"
#include "extract/prompt.h"

#define CHUNK 1000            /* rows a query */
#define CHUNK_BYTES (8 * MIB) /* texts held at once, roughly */
#define LINE_MAX_BYTES (64 * MIB)

void build_flag_words(unsigned flags, struct strbuf *out)
{
    size_t i;

    for (i = 0; i < PROMPT_FLAGS; i++)
        if (flags & 1u << i)
            strbuf_addf(out, "%s%s", out->len ? " " : "", prompt_flag_names[i]);
}

bool build_prompt(struct worker *w, const char *text, size_t len,
                  struct strbuf *out, struct prompt_result *result,
                  struct error *err)
{
    struct prompt_limits limits = {
        .max_tokens = w->settings.extract->max_input_tokens,
        .counter = w->counter,
        .teller = w->teller.count ? &w->teller : NULL,
        .plain = w->profile->plain,
        .redact = worker_redacts(w),
    };
    enum prompt_verdict verdict;
    char hex[DIGEST_HEX];

    result->flags = 0;
    if (w->settings.source->requests) {
        strbuf_add(out, text ? text : "", text ? len : 0);
        verdict = len ? PROMPT_READY : PROMPT_EMPTY;
    } else if (!prompt_build(text ? text : "", len, &limits, out, &verdict,
                             &result->flags, err)) {
        return false;
    }
    result->usable = verdict == PROMPT_READY;
    digest_of(text ? text : "", len, hex);
    snprintf(result->hash, sizeof(result->hash), "%.32s", hex);
    return true;
}

struct build {
    struct worker *w;
    struct batch *b;
    struct provider *provider;
    struct request_template template;
    struct file_writer file;
    struct digest *digest; /* of the file, running */
    struct strbuf line;    /* one request */
    struct strbuf prompt;  /* one user message */
    struct strbuf rows;    /* what the build found out: JSON, a chunk */
    struct jsonw json;     /* over rows */
    char *last;            /* owned: key of the row added last */
    int64_t requests, skipped, chunk_rows;
    int64_t tokens, shared_tokens; /* of all requests; of what they share */
    uint64_t bytes, max_bytes;
    int64_t max_requests;
    int64_t max_tokens;    /* that may ever be enqueued, 0 = no limit */
    struct items answered; /* texts that were answered before */
    bool full; /* a limit is reached: the rest goes to another batch */
    bool finished;
};

static int64_t limit_of(int64_t setting, int64_t own)
{
    return setting > 0 && (own <= 0 || setting < own) ? setting : own;
}

bool build_template(struct worker *w, struct provider *p, const char *model,
                    struct request_template *t, struct error *err)
{
    return provider_form(p, w->profile, model, t, err);
}

static bool build_begin(struct build *m, struct error *err)
{
    const struct provider_settings *s;
    char path[SPOOL_PATH];

    if (!worker_provider(m->w, m->b->section, &m->provider, err))
        return false;
    s = m->provider->settings;
    m->max_requests =
        limit_of(s->max_requests, m->provider->ops->limits.requests);
    m->max_bytes =
        (uint64_t)limit_of(s->max_bytes, m->provider->ops->limits.bytes);
    m->digest = digest_new();
    if (!m->digest)
        return error_memory(err);
    if (!worker_count_for(m->w, m->b->model, err) ||
        !items_load_answered(&m->answered, m->w->db, m->b, err))
        return false;
    m->shared_tokens = budget_shared_tokens(m->w);
    if (!room_of_batch(m->w, m->provider, m->b->model, &m->max_tokens, err))
        return false;
    return build_template(m->w, m->provider, m->b->model, &m->template, err) &&
           spool_path(m->w->spool, m->b->key, SPOOL_REQUESTS, path, err) &&
           file_create(&m->file, path, err);
}

static void note(struct build *m, const char *key, const char *custom_id,
                 const struct prompt_result *r, const char *code,
                 const char *message)
{
    char flags[96];
    struct strbuf words;

    strbuf_init(&words, sizeof(flags) - 1);
    build_flag_words(r->flags, &words);
    jsonw_object(&m->json, NULL);
    jsonw_text(&m->json, "u", key);
    jsonw_text(&m->json, "s", code ? "skipped" : "submitted");
    jsonw_text(&m->json, "c", custom_id);
    jsonw_text(&m->json, "h", r->hash);
    jsonw_text(&m->json, "f", words.data);
    jsonw_text(&m->json, "e", code);
    jsonw_text(&m->json, "m", message);
    if (!code)
        jsonw_integer(&m->json, "l", m->requests);
    jsonw_end_object(&m->json);
    strbuf_release(&words);
}

static bool remember(char **slot, const char *key, struct error *err)
{
    char *copy = strdup(key);

    if (!copy)
        return error_memory(err);
    free(*slot);
    *slot = copy;
    return true;
}

static void make_line(struct build *m, const char *custom_id)
{
    strbuf_clear(&m->line);
    if (m->w->settings.source->requests) {
        strbuf_add(&m->line, m->prompt.data, m->prompt.len);
        strbuf_addc(&m->line, '\n');
    } else {
        request_line(&m->template, custom_id, m->prompt.data, m->prompt.len,
                     &m->line);
    }
}

/* One that is larger than all that may be enqueued goes alone. */
static bool would_pass(const struct build *m, int64_t tokens)
{
    return (m->max_requests && m->requests >= m->max_requests) ||
           (m->max_bytes && m->bytes + m->line.len > m->max_bytes) ||
           (m->max_tokens && m->requests && m->tokens + tokens > m->max_tokens);
}

/* Adds the request, or finds that it would pass a limit. */
static bool add_request(struct build *m, const char *key, const char *name,
                        const struct prompt_result *r, struct error *err)
{
    char custom_id[CUSTOM_ID_GIVEN];
    int64_t tokens;
    uint64_t line_max = (uint64_t)m->provider->ops->limits.line_bytes;

    if (name)
        snprintf(custom_id, sizeof(custom_id), "%s", name);
    else
        custom_id_make(m->w->profile->custom_id_prefix, key, custom_id);
    make_line(m, custom_id);
    if (!strbuf_ok(&m->line) || (line_max && m->line.len > line_max) ||
        (m->max_bytes && m->line.len > m->max_bytes)) {
        note(m, key, custom_id, r, "too_large",
             "the request is larger than the provider takes");
        m->skipped++;
        return true;
    }
    tokens =
        m->shared_tokens + budget_tokens(m->w, m->prompt.data, m->prompt.len);
    if (would_pass(m, tokens)) {
        m->full = true;
        return true;
    }
    if (!file_add(&m->file, m->line.data, m->line.len, err))
        return false;
    digest_add(m->digest, m->line.data, m->line.len);
    m->bytes += m->line.len;
    m->requests++;
    m->tokens += tokens;
    note(m, key, custom_id, r, NULL, NULL);
    return true;
}

static bool is_answered(const struct build *m, const char *key,
                        const struct prompt_result *r)
{
    const struct item *item = items_by_key(&m->answered, key);

    return item && strcmp(item->hash, r->hash) == 0;
}

static bool add_row(struct build *m, const struct db_rows *row,
                    struct error *err)
{
    const struct prompt_result none = { .usable = false };
    const char *key = db_rows_text(row, 0, NULL);
    struct prompt_result r;
    size_t len = 0;
    const char *text = db_rows_text(row, 1, &len);

    if (!key)
        return error_exit(err, ERROR_REJECT, EXIT_DATABASE,
                          "a record has no key");
    if (db_rows_is_cut(row, 1)) {
        note(m, key, NULL, &none, "too_large",
             "the record's text is larger than any resume");
        m->skipped++;
        return remember(&m->last, key, err);
    }
    strbuf_clear(&m->prompt);
    if (!build_prompt(m->w, text, len, &m->prompt, &r, err))
        return false;
    if (is_answered(m, key, &r)) {
        note(m, key, NULL, &r, "answered",
             "this text was answered before under the same profile and model");
        m->skipped++;
    } else if (!text || !r.usable) {
        note(m, key, NULL, &r, text ? "empty" : "gone",
             text ? "the record has no usable text"
                  : "the record or its text is gone");
        m->skipped++;
    } else if (!add_request(m, key, db_rows_text(row, 3, NULL), &r, err)) {
        return false;
    }
    return m->full || remember(&m->last, key, err);
}

static bool read_chunk(struct build *m, struct error *err)
{
    const struct db_value values[] = {
        db_text("batch", m->b->key),
        db_text("after", m->last),
        db_integer("count", CHUNK),
    };
    struct db_rows *rows = NULL;
    size_t bytes = 0, len;
    bool more = false;
    bool ok = false;

    m->chunk_rows = 0;
    db_set_text_cut(m->w->db, true);
    if (!db_query(m->w->db, m->last ? "build_next" : "build_first", values,
                  ARRAY_LEN(values), &rows, err))
        goto out;
    for (;;) {
        if (!db_rows_next(rows, &more, err))
            goto out;
        if (!more || m->full || bytes >= CHUNK_BYTES)
            break;
        m->chunk_rows++;
        len = 0;
        (void)db_rows_text(rows, 1, &len);
        bytes += len;
        if (!add_row(m, rows, err))
            goto out;
    }
    /* A chunk that was not filled was the last one. */
    m->finished = m->full || (!more && m->chunk_rows < CHUNK);
    ok = true;
out:
    db_rows_close(rows);
    db_set_text_cut(m->w->db, false);
    return ok;
}

static bool save_rows(struct build *m, struct error *err)
{
    const struct db_value values[] = {
        db_text_len("rows", m->rows.data, m->rows.len),
        db_text("batch", m->b->key),
    };

    return db_run(m->w->db, "item_built", values, ARRAY_LEN(values), NULL, err);
}

static bool save_chunk(struct build *m, struct error *err)
{
    jsonw_end_array(&m->json);
    if (!strbuf_ok(&m->rows))
        return error_memory(err);
    return m->chunk_rows == 0 || save_rows(m, err);
}

static bool build_rows(struct build *m, struct error *err)
{
    while (!m->finished) {
        strbuf_clear(&m->rows);
        jsonw_init(&m->json, &m->rows);
        jsonw_array(&m->json, NULL);
        if (!read_chunk(m, err) || !save_chunk(m, err) ||
            !worker_beat(m->w, err))
            return false;
        if (m->w->watch)
            m->w->watch->step(m->w->watch->context, m->b, "building",
                              m->requests, m->skipped, 0);
        if (worker_should_stop(m->w)) {
            error_set(err, ERROR_RETRY, "stopped");
            error_code(err, "stopped");
            return false;
        }
    }
    return true;
}

struct split {
    struct worker *w;
    struct batch *from;
    struct batch *to;
    const char *after;
};

/* The rest of the rows: a batch of its own, claimed, held by nobody. */
static bool split_body(struct db *db, void *context, struct error *err)
{
    struct split *s = context;
    const struct db_value values[] = {
        db_text("key", s->to->key),
        db_text("section", s->from->section),
        db_text("provider", s->from->provider),
        db_text("host", s->from->host),
        db_text("account", s->from->account),
        db_text("model", s->from->model),
        db_text("profile", s->from->profile),
        db_text("profile_hash", s->from->profile_hash),
        db_text("spool", s->w->spool),
        db_null("worker"),
        db_real("lease", 0),
        db_text("from", s->from->key),
        db_text("to", s->to->key),
        db_text("after", s->after),
    };
    const struct db_value guard[] = {
        db_text("key", s->from->key),
        db_integer("fence", s->from->fence),
    };
    const struct db_value event[] = {
        db_text("key", s->to->key),
        db_null("from"),
        db_text("to", batch_status_name(BATCH_CLAIMED)),
        db_text("worker", s->w->name),
        db_text("detail", "the rest of a batch that was full"),
    };
    int64_t held = 0;

    if (!db_run(db, "lease_guard", guard, ARRAY_LEN(guard), &held, err))
        return false;
    if (held != 1)
        return error_set(err, ERROR_RETRY, "the lease was lost");
    return db_run(db, "batch_insert", values, ARRAY_LEN(values), NULL, err) &&
           db_run(db, "batch_event", event, ARRAY_LEN(event), NULL, err) &&
           db_run(db, "item_move", values, ARRAY_LEN(values), NULL, err) &&
           db_run(db, "claim_move", values, ARRAY_LEN(values), NULL, err);
}

static bool split_rest(struct build *m, struct error *err)
{
    struct batch rest = { .key = "" };
    struct split s = { m->w, m->b, &rest, m->last };

    if (!m->full)
        return true;
    if (!uuid_make(m->w->clock->now(m->w->clock), rest.key, err) ||
        !db_transaction(m->w->db, "split", split_body, &s, NULL, err))
        return error_context(err, "splitting batch %s", m->b->key);
    log_info("batch_split", "batch=%s rest=%s requests=%lld bytes=%llu",
             m->b->key, rest.key, (long long)m->requests,
             (unsigned long long)m->bytes);
    return true;
}

static bool build_end(struct build *m, struct error *err)
{
    m->b->request_count = m->requests;
    m->b->skipped_count = m->skipped;
    m->b->request_tokens = m->tokens;
    budget_estimate(m->w, m->provider, m->b, m->tokens);
    digest_end(m->digest, m->b->request_hash);
    m->digest = NULL;
    if (m->requests) {
        if (!file_commit(&m->file, err))
            return false;
    } else {
        file_abandon(&m->file);
    }
    return split_rest(m, err);
}

static void build_release(struct build *m)
{
    char hex[DIGEST_HEX];

    if (m->digest)
        digest_end(m->digest, hex);
    file_abandon(&m->file);
    request_template_release(&m->template);
    strbuf_release(&m->line);
    strbuf_release(&m->prompt);
    strbuf_release(&m->rows);
    items_release(&m->answered);
    free(m->last);
}

bool build_step(struct worker *w, struct batch *b, struct error *err)
{
    struct build m = { .w = w, .b = b, .file = FILE_WRITER_CLOSED };
    bool ok;

    request_template_init(&m.template);
    strbuf_init(&m.line, LINE_MAX_BYTES);
    strbuf_init(&m.prompt, LINE_MAX_BYTES);
    strbuf_init(&m.rows, 16 * MIB);
    ok = build_begin(&m, err) && build_rows(&m, err) && build_end(&m, err) &&
         (m.requests ? store_move(w->db, b, BATCH_BUILT, w->name, NULL, err)
                     : store_close(w->db, b, w->name, err));
    build_release(&m);
    return ok ? ok : error_context(err, "building batch %s", b->key);
}
