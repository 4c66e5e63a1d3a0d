#include "batch/store.h"

/* Columns of batch_get.sql, in its order. */
enum {
    GET_KEY,
    GET_ID,
    GET_SECTION,
    GET_PROVIDER,
    GET_HOST,
    GET_ACCOUNT,
    GET_MODEL,
    GET_PROFILE,
    GET_PROFILE_HASH,
    GET_REQUEST_HASH,
    GET_STATUS,
    GET_PROVIDER_STATUS,
    GET_INPUT_FILE,
    GET_OUTPUT_FILE,
    GET_ERROR_FILE,
    GET_WORKER,
    GET_ERROR_CODE,
    GET_REQUESTS,
    GET_COMPLETED,
    GET_FAILED,
    GET_DONE,
    GET_RETRY,
    GET_DEAD,
    GET_SKIPPED,
    GET_UNKNOWN,
    GET_INPUT,
    GET_CACHED,
    GET_OUTPUT,
    GET_FENCE,
    GET_TRIES,
    GET_CHECKS,
    GET_LISTED,
    GET_DUE,
    GET_CREATED,
    GET_LEASE,
    GET_CREATED_AT,
    GET_ESTIMATED,
    GET_ACTUAL,
    GET_STANDARD,
    GET_CURRENCY,
    GET_WAVE,
    GET_FORWARD,
    GET_REQUEST_TOKENS,
    GET_TOKEN_LIMIT,
    GET_SUBMITTED,
    GET_CHECKED
};

/* Where the text columns go. */
static const struct {
    int column;
    size_t offset, size;
} texts[] = {
#define TEXT(column, field)                                                    \
    {                                                                          \
        column, offsetof(struct batch, field),                                 \
            sizeof(((struct batch *)0)->field)                                 \
    }
    TEXT(GET_KEY, key),
    TEXT(GET_ID, id),
    TEXT(GET_SECTION, section),
    TEXT(GET_PROVIDER, provider),
    TEXT(GET_HOST, host),
    TEXT(GET_ACCOUNT, account),
    TEXT(GET_MODEL, model),
    TEXT(GET_PROFILE, profile),
    TEXT(GET_PROFILE_HASH, profile_hash),
    TEXT(GET_REQUEST_HASH, request_hash),
    TEXT(GET_PROVIDER_STATUS, provider_status),
    TEXT(GET_INPUT_FILE, input_file),
    TEXT(GET_OUTPUT_FILE, output_file),
    TEXT(GET_ERROR_FILE, error_file),
    TEXT(GET_WORKER, worker),
    TEXT(GET_ERROR_CODE, error_code),
    TEXT(GET_CREATED_AT, created_at),
    TEXT(GET_CURRENCY, currency),
    TEXT(GET_WAVE, wave),
    TEXT(GET_FORWARD, forward_to),
#undef TEXT
};

static const struct {
    int column;
    size_t offset;
} integers[] = {
    { GET_REQUESTS, offsetof(struct batch, request_count) },
    { GET_COMPLETED, offsetof(struct batch, completed_count) },
    { GET_FAILED, offsetof(struct batch, failed_count) },
    { GET_DONE, offsetof(struct batch, done_count) },
    { GET_RETRY, offsetof(struct batch, retry_count) },
    { GET_DEAD, offsetof(struct batch, dead_count) },
    { GET_SKIPPED, offsetof(struct batch, skipped_count) },
    { GET_UNKNOWN, offsetof(struct batch, unknown_count) },
    { GET_INPUT, offsetof(struct batch, input_tokens) },
    { GET_CACHED, offsetof(struct batch, cached_tokens) },
    { GET_OUTPUT, offsetof(struct batch, output_tokens) },
    { GET_REQUEST_TOKENS, offsetof(struct batch, request_tokens) },
    { GET_TOKEN_LIMIT, offsetof(struct batch, token_limit) },
    { GET_FENCE, offsetof(struct batch, fence) },
    { GET_TRIES, offsetof(struct batch, create_tries) },
    { GET_CHECKS, offsetof(struct batch, check_failures) },
};

static double since(const struct db_rows *row, size_t column, double missing)
{
    return db_rows_is_null(row, column) ? missing : db_rows_real(row, column);
}

static bool read_batch(void *context, const struct db_rows *row,
                       struct error *err)
{
    struct batch *b = context;
    const char *status = db_rows_text(row, GET_STATUS, NULL);
    size_t i;

    for (i = 0; i < ARRAY_LEN(texts); i++) {
        const char *text = db_rows_text(row, (size_t)texts[i].column, NULL);

        snprintf((char *)b + texts[i].offset, texts[i].size, "%s",
                 text ? text : "");
    }
    for (i = 0; i < ARRAY_LEN(integers); i++) {
        int64_t value = db_rows_integer(row, (size_t)integers[i].column);

        memcpy((char *)b + integers[i].offset, &value, sizeof(value));
    }
    b->listed_ago = since(row, GET_LISTED, -1);
    b->due_in = -since(row, GET_DUE, 0);
    b->submitted_ago = since(row, GET_SUBMITTED, 0);
    b->checked_ago = since(row, GET_CHECKED, -1);
    b->created_ago = since(row, GET_CREATED, 0);
    b->lease_left = -since(row, GET_LEASE, 1);
    b->estimated_cost = since(row, GET_ESTIMATED, -1);
    b->actual_cost = since(row, GET_ACTUAL, -1);
    b->standard_cost = since(row, GET_STANDARD, -1);
    if (!status || !batch_status_parse(status, &b->status))
        return error_exit(err, ERROR_SETUP, EXIT_DATABASE,
                          "batch %s has the status \"%s\", which this version "
                          "does not know; use the version that wrote it",
                          b->key, status ? status : "NULL");
    return true;
}

static bool ignore_row(void *context, const struct db_rows *row,
                       struct error *err)
{
    (void)context, (void)row, (void)err;
    return true;
}

bool store_lock(struct db *db, const char *name, struct error *err)
{
    const struct db_value lock[] = { db_text("name", name) };

    return db_each(db, "claim_lock", lock, ARRAY_LEN(lock), ignore_row, NULL,
                   NULL, err);
}

bool store_find(struct db *db, const char *id, struct batch *b, bool *found,
                struct error *err)
{
    const struct db_value values[] = { db_text("id", id) };
    int64_t rows = 0;

    memset(b, 0, sizeof(*b));
    if (!db_each(db, "batch_get", values, ARRAY_LEN(values), read_batch, b,
                 &rows, err))
        return false;
    *found = rows > 0;
    return true;
}

void batch_keys_release(struct batch_keys *keys)
{
    free(keys->keys);
    memset(keys, 0, sizeof(*keys));
}

static bool add_key(void *context, const struct db_rows *row, struct error *err)
{
    struct batch_keys *keys = context;
    const char *key = db_rows_text(row, 0, NULL);

    if (keys->count == keys->size) {
        size_t size = keys->size ? keys->size * 2 : 16;
        void *grown = realloc(keys->keys, size * BATCH_KEY);

        if (!grown)
            return error_memory(err);
        keys->keys = grown;
        keys->size = size;
    }
    snprintf(keys->keys[keys->count++], BATCH_KEY, "%s", key ? key : "");
    return true;
}

bool store_open_batches(struct db *db, struct batch_keys *keys,
                        struct error *err)
{
    keys->count = 0;
    return db_each(db, "batch_open", NULL, 0, add_key, keys, NULL, err);
}

static bool read_due(void *context, const struct db_rows *row,
                     struct error *err)
{
    struct store_backlog *backlog = context;

    (void)err;
    backlog->open = db_rows_integer(row, 0);
    backlog->due_in = -since(row, 1, 1);
    return true;
}

static bool read_waiting(void *context, const struct db_rows *row,
                         struct error *err)
{
    struct store_backlog *backlog = context;

    (void)err;
    backlog->waiting = db_rows_integer(row, 0);
    return true;
}

bool store_backlog(struct db *db, int64_t most, struct store_backlog *backlog,
                   struct error *err)
{
    const struct db_value values[] = { db_integer("count", most) };

    return db_each(db, "batch_due", NULL, 0, read_due, backlog, NULL, err) &&
           db_each(db, "claim_waiting", values, ARRAY_LEN(values), read_waiting,
                   backlog, NULL, err);
}

static const char *or_null(const char *s)
{
    return s[0] ? s : NULL;
}

static struct db_value cost(const char *name, double value)
{
    return value >= 0 ? db_real(name, value) : db_null(name);
}

static bool save(struct db *db, const struct batch *b, enum batch_status to,
                 double delay, struct error *err)
{
    bool ended = to == BATCH_ENDED || to == BATCH_FAILED ||
                 to == BATCH_EXPIRED || to == BATCH_CANCELLED;
    const struct db_value values[] = {
        db_text("to", batch_status_name(to)),
        db_text("batch_id", or_null(b->id)),
        db_text("host", or_null(b->host)),
        db_text("provider_status", or_null(b->provider_status)),
        db_text("request_hash", or_null(b->request_hash)),
        db_text("input_file", or_null(b->input_file)),
        db_text("output_file", or_null(b->output_file)),
        db_text("error_file", or_null(b->error_file)),
        db_integer("request_count", b->request_count),
        db_integer("completed_count", b->completed_count),
        db_integer("failed_count", b->failed_count),
        db_integer("done_count", b->done_count),
        db_integer("retry_count", b->retry_count),
        db_integer("dead_count", b->dead_count),
        db_integer("skipped_count", b->skipped_count),
        db_integer("unknown_count", b->unknown_count),
        db_integer("input_tokens", b->input_tokens),
        db_integer("cached_tokens", b->cached_tokens),
        db_integer("output_tokens", b->output_tokens),
        db_integer("request_tokens", b->request_tokens),
        db_integer("token_limit", b->token_limit),
        db_text("wave", or_null(b->wave)),
        db_text("forward_to", or_null(b->forward_to)),
        db_integer("create_tries", b->create_tries),
        db_integer("check_failures", b->check_failures),
        db_text("error_code", or_null(b->error_code)),
        db_text("error_message", or_null(b->error_message)),
        cost("estimated_cost", b->estimated_cost),
        cost("actual_cost", b->actual_cost),
        cost("standard_cost", b->standard_cost),
        db_text("currency", or_null(b->currency)),
        db_integer("listed", b->listed),
        db_integer("submitted", to == BATCH_SUBMITTED),
        db_integer("windowed", to == BATCH_SUBMITTED && b->window > 0),
        db_real("window", b->window),
        db_integer("ended", ended),
        db_integer("collected", to == BATCH_COLLECTED),
        db_integer("checked", b->checked),
        db_real("delay", delay),
        db_text("key", b->key),
        db_text("from", batch_status_name(b->status)),
        db_integer("fence", b->fence),
    };
    int64_t changed = 0;

    if (!db_run(db, "batch_move", values, ARRAY_LEN(values), &changed, err))
        return false;
    if (changed != 1) {
        error_exit(err, ERROR_RETRY, EXIT_DATABASE,
                   "batch %s went to another worker", b->key);
        error_code(err, "lease");
        return false;
    }
    return true;
}

bool store_move_within(struct db *db, struct batch *b, enum batch_status to,
                       const char *worker, const char *detail,
                       struct error *err)
{
    const struct db_value values[] = {
        db_text("key", b->key),
        db_text("from", batch_status_name(b->status)),
        db_text("to", batch_status_name(to)),
        db_text("worker", worker),
        db_text("detail", detail ? detail : batch_may_go(b->status, to)),
    };

    if (!batch_may_go(b->status, to))
        return error_set(err, ERROR_SETUP, "no way from %s to %s",
                         batch_status_name(b->status), batch_status_name(to));
    return save(db, b, to, 0, err) &&
           db_run(db, "batch_event", values, ARRAY_LEN(values), NULL, err);
}

struct move {
    struct batch *b;
    enum batch_status to;
    const char *worker, *detail;
};

static bool move_body(struct db *db, void *context, struct error *err)
{
    struct move *m = context;

    return store_move_within(db, m->b, m->to, m->worker, m->detail, err);
}

bool store_move(struct db *db, struct batch *b, enum batch_status to,
                const char *worker, const char *detail, struct error *err)
{
    struct move m = { b, to, worker, detail };

    if (!db_transaction(db, "move", move_body, &m, NULL, err))
        return false;
    b->status = to;
    b->due_in = 0;
    b->listed = LISTED_KEEP;
    b->checked = false;
    return true;
}

bool store_save(struct db *db, struct batch *b, double delay, struct error *err)
{
    if (!save(db, b, b->status, delay, err))
        return false;
    b->due_in = delay;
    b->listed = LISTED_KEEP;
    b->checked = false;
    return true;
}

bool store_note(struct db *db, const struct batch *b, const char *worker,
                const char *why, struct error *err)
{
    const struct db_value values[] = {
        db_text("key", b->key),
        db_text("status", batch_status_name(b->status)),
        db_text("worker", worker),
        db_text("detail", why),
    };

    return db_run(db, "batch_note", values, ARRAY_LEN(values), NULL, err);
}

struct counts {
    struct batch *b;
    int64_t open;
};

static bool read_counts(void *context, const struct db_rows *row,
                        struct error *err)
{
    struct counts *c = context;

    (void)err;
    c->b->done_count = db_rows_integer(row, 0);
    c->b->retry_count = db_rows_integer(row, 1);
    c->b->dead_count = db_rows_integer(row, 2);
    c->b->skipped_count = db_rows_integer(row, 3);
    c->open = db_rows_integer(row, 4);
    /* The provider's own totals count, where it told them. */
    if (c->b->input_tokens <= 0)
        c->b->input_tokens = db_rows_integer(row, 5);
    if (c->b->cached_tokens <= 0)
        c->b->cached_tokens = db_rows_integer(row, 6);
    if (c->b->output_tokens <= 0)
        c->b->output_tokens = db_rows_integer(row, 7);
    return true;
}

bool store_count(struct db *db, struct batch *b, int64_t *open,
                 struct error *err)
{
    const struct db_value values[] = { db_text("batch", b->key) };
    struct counts c = { .b = b };

    if (!db_each(db, "item_counts", values, ARRAY_LEN(values), read_counts, &c,
                 NULL, err))
        return false;
    *open = c.open;
    return true;
}

static bool close_body(struct db *db, void *context, struct error *err)
{
    struct move *m = context;
    const struct db_value values[] = { db_text("batch", m->b->key) };
    int64_t open = 0;

    return store_count(db, m->b, &open, err) &&
           db_run(db, "claim_release", values, ARRAY_LEN(values), NULL, err) &&
           store_move_within(db, m->b, BATCH_CLOSED, m->worker, NULL, err);
}

bool store_close(struct db *db, struct batch *b, const char *worker,
                 struct error *err)
{
    struct move m = { b, BATCH_CLOSED, worker, NULL };

    if (!db_transaction(db, "close", close_body, &m, NULL, err))
        return false;
    b->status = BATCH_CLOSED;
    return true;
}
