#include "batch/build.h"

#include "base/log.h"
#include "base/task.h"
#include "batch/budget.h"
#include "batch/compose.h"
#include "batch/site.h"
#include "batch/store.h"

#define CHUNK_BYTES (8 * MIB) /* texts read at once, roughly */

/* Two chunks: one is read, or saved, while the other is composed. */
struct build {
    struct worker *w;
    struct batch *b;
    struct provider *provider;
    struct compose compose;
    struct compose_chunk chunks[2];
    struct task *composer; /* owned */
    struct strbuf after;   /* key of the row read last */
    bool begun;            /* there is one */
    bool more;             /* there are rows to read */
};

static bool build_begin(struct build *m, struct error *err)
{
    return worker_provider(m->w, m->b->section, &m->provider, err) &&
           worker_count_for(m->w, m->b->model, err) &&
           compose_open(&m->compose, m->w, m->b, m->provider, err) &&
           compose_chunk_init(&m->chunks[0], err) &&
           compose_chunk_init(&m->chunks[1], err) &&
           task_new(&m->composer, compose_run, &m->compose, err);
}

static bool take_row(struct build *m, struct compose_chunk *chunk,
                     const struct db_rows *row, struct error *err)
{
    const char *key = db_rows_text(row, 0, NULL);

    if (!key)
        return error_exit(err, ERROR_REJECT, EXIT_DATABASE,
                          "a record has no key");
    strbuf_clear(&m->after);
    strbuf_adds(&m->after, key);
    m->begun = true;
    return (compose_add(chunk, row) && strbuf_ok(&m->after)) ||
           error_memory(err);
}

static bool read_chunk(struct build *m, struct compose_chunk *chunk,
                       struct error *err)
{
    const struct db_value values[] = {
        db_text("batch", m->b->key),
        db_text("after", m->after.data),
        db_integer("count", COMPOSE_RECORDS),
    };
    struct db_rows *rows = NULL;
    bool more = false;
    bool ok = false;

    db_set_text_cut(m->w->db, true);
    if (!db_query(m->w->db, m->begun ? "build_next" : "build_first", values,
                  ARRAY_LEN(values), &rows, err))
        goto out;
    for (;;) {
        if (!db_rows_next(rows, &more, err))
            goto out;
        if (!more || chunk->data.len >= CHUNK_BYTES)
            break;
        if (!take_row(m, chunk, rows, err))
            goto out;
    }
    /* A chunk that was not filled was the last one. */
    m->more = more || chunk->count == COMPOSE_RECORDS;
    ok = true;
out:
    db_rows_close(rows);
    db_set_text_cut(m->w->db, false);
    return ok;
}

/* A composed chunk: what was found out goes to the items. */
static bool save_chunk(struct build *m, struct compose_chunk *chunk,
                       struct error *err)
{
    const struct db_value values[] = {
        db_text_len("rows", chunk->rows.data, chunk->rows.len),
        db_text("batch", m->b->key),
    };

    if (!db_run(m->w->db, "item_built", values, ARRAY_LEN(values), NULL, err) ||
        !worker_beat(m->w, err))
        return false;
    if (m->w->watch)
        m->w->watch->step(m->w->watch->context, m->b, "building",
                          chunk->requests, chunk->skipped, 0);
    compose_chunk_clear(chunk);
    if (!worker_should_stop(m->w))
        return true;
    error_set(err, ERROR_RETRY, "stopped");
    error_code(err, "stopped");
    return false;
}

static bool build_rows(struct build *m, struct error *err)
{
    struct compose_chunk *reading = &m->chunks[0], *done;
    bool busy = false, full = false;

    while (!full && (m->more || busy)) {
        if (m->more && !read_chunk(m, reading, err))
            return false;
        done = task_take(m->composer);
        if (done && !done->ok) {
            *err = done->err;
            return false;
        }
        full = done && done->full;
        busy = reading->count > 0 && !full;
        if (busy) {
            task_start(m->composer, reading);
            reading = &m->chunks[reading == m->chunks];
        }
        if (done && !save_chunk(m, done, err))
            return false;
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
    struct split s = { m->w, m->b, &rest, m->compose.last.data };

    if (!m->compose.full)
        return true;
    if (!site_key(m->w, rest.key, err) ||
        !db_transaction(m->w->db, "split", split_body, &s, NULL, err))
        return error_context(err, "splitting batch %s", m->b->key);
    worker_made(m->w, rest.key);
    log_info("batch_split", "batch=%s rest=%s requests=%lld bytes=%llu",
             m->b->key, rest.key, (long long)m->compose.requests,
             (unsigned long long)m->compose.bytes);
    return true;
}

static bool build_end(struct build *m, struct error *err)
{
    const struct compose *c = &m->compose;

    m->b->request_count = c->requests;
    m->b->skipped_count = c->skipped;
    m->b->request_tokens = c->tokens;
    budget_estimate(m->w, m->provider, m->b, c->tokens);
    return compose_commit(&m->compose, m->b->request_hash, err) &&
           split_rest(m, err);
}

static void build_release(struct build *m)
{
    task_free(m->composer);
    compose_release(&m->compose);
    compose_chunk_release(&m->chunks[0]);
    compose_chunk_release(&m->chunks[1]);
    strbuf_release(&m->after);
}

bool build_step(struct worker *w, struct batch *b, struct error *err)
{
    struct build m = { .w = w, .b = b, .more = true };
    bool ok;

    compose_init(&m.compose);
    strbuf_init(&m.after, MIB);
    ok = build_begin(&m, err) && build_rows(&m, err) && build_end(&m, err) &&
         (m.compose.requests
              ? store_move(w->db, b, BATCH_BUILT, w->name, NULL, err)
              : store_close(w->db, b, w->name, err));
    build_release(&m);
    return ok ? ok : error_context(err, "building batch %s", b->key);
}
