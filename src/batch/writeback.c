#include "batch/writeback.h"

#include <assert.h>
#include <math.h>

#include "base/jsonw.h"
#include "base/log.h"

#define CHUNK_MAX 1000
/* What chunks grow to: more rows are fewer round trips to a server, and some
 * 40 KB of memory each; SQLite has no trips to save. */
#define GROWS_TO 500
#define GROWS_TO_SQLITE 250
#define FAILURES 1000
#define TRIES 4
#define CHUNK_BYTES (32 * MIB)
#define COLUMNS_MAX 1000

struct row {
    struct item *item;
    size_t values;          /* index of the first of its values */
    size_t flags, evidence; /* NUL-terminated, in the text buffer */
    size_t old_at, old_len; /* JSON of the old values, in the old buffer */
    bool open;              /* its item still waits (SQLite) */
};

struct writeback {
    struct worker *w;
    struct batch *b;
    struct items *items;
    struct row *rows; /* owned, CHUNK_MAX */
    size_t count;
    struct db_value *values; /* owned: count x columns */
    size_t columns;          /* written: present ones */
    size_t *map;             /* owned: profile column of each */
    struct strbuf text;      /* what rows and values point into, by offset */
    size_t *offsets;         /* owned: per value, offset in text */
    struct strbuf set;       /* JSON of a statement: values */
    struct strbuf outcome;   /* JSON of a statement: items */
    struct strbuf ids;       /* JSON of a statement: their keys */
    struct jsonw items_json, ids_json; /* over both */
    struct strbuf old; /* JSON of old values, of a chunk (SQLite) */
    struct strbuf scratch;
    size_t size, most; /* rows of the next chunk, of any */
};

static bool is_written(const struct worker *w, size_t column)
{
    const struct column *c = &w->profile->columns[column];

    return w->targets[column].present && c->enabled && c->rule != COLUMN_NEVER;
}

bool writeback_new(struct writeback **out, struct worker *w, struct batch *b,
                   struct items *items, struct error *err)
{
    struct writeback *wb = calloc(1, sizeof(*wb));
    size_t n = w->profile->column_count, i;

    *out = wb;
    if (!wb)
        return error_memory(err);
    wb->w = w;
    wb->b = b;
    wb->items = items;
    wb->size = (size_t)w->settings.batch->write_chunk;
    if (wb->size < 1 || wb->size > CHUNK_MAX)
        wb->size = 200;
    wb->most = db_engine(w->db) == DB_SQLITE ? GROWS_TO_SQLITE : GROWS_TO;
    strbuf_init(&wb->text, 4 * CHUNK_BYTES);
    strbuf_init(&wb->set, 4 * CHUNK_BYTES);
    strbuf_init(&wb->outcome, 4 * CHUNK_BYTES);
    strbuf_init(&wb->ids, 4 * CHUNK_BYTES);
    strbuf_init(&wb->old, 4 * CHUNK_BYTES);
    strbuf_init(&wb->scratch, CHUNK_BYTES);
    wb->map = calloc(n + 1, sizeof(*wb->map));
    for (i = 0; wb->map && i < n; i++)
        if (is_written(w, i))
            wb->map[wb->columns++] = i;
    wb->rows = calloc(CHUNK_MAX, sizeof(*wb->rows));
    wb->offsets = calloc(CHUNK_MAX * (wb->columns + 1), sizeof(*wb->offsets));
    wb->values = calloc(CHUNK_MAX * (wb->columns + 1), sizeof(*wb->values));
    if (!wb->map || !wb->rows || !wb->offsets || !wb->values)
        return error_memory(err);
    if (wb->columns > COLUMNS_MAX)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the profile maps more than %d columns", COLUMNS_MAX);
    return true;
}

void writeback_free(struct writeback *wb)
{
    if (!wb)
        return;
    free(wb->rows);
    free(wb->values);
    free(wb->offsets);
    free(wb->map);
    strbuf_release(&wb->text);
    strbuf_release(&wb->set);
    strbuf_release(&wb->outcome);
    strbuf_release(&wb->ids);
    strbuf_release(&wb->old);
    strbuf_release(&wb->scratch);
    free(wb);
}

size_t writeback_size(const struct writeback *wb)
{
    /* Large answers make small chunks. */
    return wb->text.len > CHUNK_BYTES ? 1 : wb->size;
}

/* Appends s and its NUL; the offset. */
static size_t keep(struct writeback *wb, const char *s, size_t len)
{
    size_t at = wb->text.len;

    strbuf_add(&wb->text, s, len);
    strbuf_addc(&wb->text, '\0');
    return at;
}

static void take_value(struct writeback *wb, size_t slot, size_t column)
{
    const struct value *v = values_at(wb->w->values, wb->map[column]);
    const struct column *c = &wb->w->profile->columns[wb->map[column]];
    const struct value_target *target = &wb->w->targets[wb->map[column]];
    struct db_value *out = &wb->values[slot];

    *out = db_null(c->key);
    if (v->state == VALUE_NULL)
        return;
    if (v->state == VALUE_NUMBER && target->is_number)
        *out = db_real(c->key, target->is_whole ? round(v->number) : v->number);
    else
        *out = db_text_len(c->key, NULL, v->len);
    wb->offsets[slot] = keep(wb, v->text, v->len);
    out->len = v->len;
}

/* "Column:at+length" for what was found, "Column~rule" for what a rule
 * touched: vitae explain reads it. */
static void add_evidence(struct writeback *wb)
{
    size_t i;

    strbuf_clear(&wb->scratch);
    for (i = 0; i < wb->w->profile->column_count; i++) {
        const struct value *v = values_at(wb->w->values, i);
        const char *name = wb->w->profile->columns[i].key;

        if (v->found_at >= 0) {
            strbuf_addc(&wb->scratch, ' ');
            strbuf_adds(&wb->scratch, name);
            strbuf_addc(&wb->scratch, ':');
            strbuf_add_int(&wb->scratch, v->found_at);
            strbuf_addc(&wb->scratch, '+');
            strbuf_add_int(&wb->scratch, v->found_len);
        }
        if (v->rule)
            strbuf_addf(&wb->scratch, " %s~%s", name, v->rule);
    }
}

static void add_flags(struct writeback *wb, const struct item *item)
{
    strbuf_clear(&wb->scratch);
    strbuf_adds(&wb->scratch, item->flags);
    if (item->flags[0])
        strbuf_addc(&wb->scratch, ' ');
    values_flags(wb->w->values, &wb->scratch);
    if (wb->scratch.len && wb->scratch.data[wb->scratch.len - 1] == ' ')
        strbuf_cut(&wb->scratch, wb->scratch.len - 1);
}

bool writeback_add(struct writeback *wb, struct item *item, struct error *err)
{
    struct row *row = &wb->rows[wb->count];
    size_t i;

    assert(wb->count < CHUNK_MAX);
    row->item = item;
    row->values = wb->count * wb->columns;
    for (i = 0; i < wb->columns; i++)
        take_value(wb, row->values + i, i);
    add_flags(wb, item);
    row->flags = keep(wb, wb->scratch.data, wb->scratch.len);
    add_evidence(wb);
    row->evidence = keep(wb, wb->scratch.len ? wb->scratch.data + 1 : "",
                         wb->scratch.len ? wb->scratch.len - 1 : 0);
    if (!strbuf_ok(&wb->text) || !strbuf_ok(&wb->scratch))
        return error_memory(err);
    wb->count++;
    return true;
}

static int by_key_order(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    return x->item < y->item ? -1 : x->item > y->item;
}

/* The text buffer has stopped growing: offsets become pointers. */
static void settle(struct writeback *wb)
{
    size_t i;

    for (i = 0; i < wb->count * wb->columns; i++)
        if (wb->values[i].type == DB_TEXT)
            wb->values[i].text = wb->text.data + wb->offsets[i];
    qsort(wb->rows, wb->count, sizeof(*wb->rows), by_key_order);
}

/* NULLs are left out: they are most of a row. */
static void add_columns(const struct writeback *wb, const struct row *row,
                        struct jsonw *json)
{
    size_t i;

    for (i = 0; i < wb->columns; i++) {
        const struct db_value *v = &wb->values[row->values + i];

        if (v->type == DB_TEXT)
            jsonw_text_len(json, v->name, v->text, v->len);
        else if (v->type == DB_REAL)
            jsonw_real(json, v->name, v->real);
    }
}

static void outcomes_begin(struct writeback *wb)
{
    strbuf_clear(&wb->outcome);
    strbuf_clear(&wb->ids);
    jsonw_init(&wb->items_json, &wb->outcome);
    jsonw_init(&wb->ids_json, &wb->ids);
    jsonw_array(&wb->items_json, NULL);
    jsonw_array(&wb->ids_json, NULL);
}

static bool outcomes_end(struct writeback *wb, struct error *err)
{
    jsonw_end_array(&wb->items_json);
    jsonw_end_array(&wb->ids_json);
    return (strbuf_ok(&wb->outcome) && strbuf_ok(&wb->ids)) ||
           error_memory(err);
}

static void add_outcome(struct writeback *wb, const struct item *item,
                        const char *state, int64_t attempt, const char *flags,
                        const char *evidence)
{
    struct jsonw *json = &wb->items_json;
    bool failed = item->code[0] != '\0';

    jsonw_text(&wb->ids_json, NULL, item->userid);
    jsonw_object(json, NULL);
    jsonw_text(json, "u", item->userid);
    jsonw_text(json, "s", state);
    jsonw_integer(json, "a", attempt);
    jsonw_text(json, "e", failed ? item->code : NULL);
    jsonw_text(json, "m", failed ? item->message : NULL);
    if (item->input_tokens >= 0)
        jsonw_integer(json, "ti", item->input_tokens);
    if (item->cached_tokens >= 0)
        jsonw_integer(json, "tc", item->cached_tokens);
    if (item->output_tokens >= 0)
        jsonw_integer(json, "to", item->output_tokens);
    jsonw_text(json, "f", flags);
    jsonw_text(json, "v", evidence);
    jsonw_end_object(json);
}

struct span {
    struct writeback *wb;
    size_t first, count;
};

static bool hold_lease(struct writeback *wb, struct db *db, struct error *err)
{
    const struct db_value values[] = {
        db_text("key", wb->b->key),
        db_integer("fence", wb->b->fence),
    };
    int64_t held = 0;

    if (!db_run(db, "lease_guard", values, ARRAY_LEN(values), &held, err))
        return false;
    if (held == 1)
        return true;
    wb->w->lost = true;
    error_exit(err, ERROR_SETUP, EXIT_DATABASE,
               "batch %s went to another worker", wb->b->key);
    error_code(err, "lease");
    return false;
}

static struct row *row_of(struct span *span, const char *key)
{
    struct writeback *wb = span->wb;
    struct row wanted = { .item = items_by_key(wb->items, key) };

    return wanted.item ? bsearch(&wanted, wb->rows + span->first, span->count,
                                 sizeof(wanted), by_key_order)
                       : NULL;
}

static bool take_old(void *context, const struct db_rows *r, struct error *err)
{
    struct span *span = context;
    struct writeback *wb = span->wb;
    const char *key = db_rows_text(r, 0, NULL);
    struct row *row = key ? row_of(span, key) : NULL;
    struct jsonw json;
    size_t i;

    if (!row)
        return true;
    row->old_at = wb->old.len;
    jsonw_init(&json, &wb->old);
    jsonw_object(&json, NULL);
    for (i = 0; i < wb->columns; i++) {
        const char *name = wb->w->profile->columns[wb->map[i]].key;
        size_t len = 0;
        const char *text = db_rows_text(r, i + 1, &len);

        if (text)
            jsonw_text_len(&json, name, text, len);
    }
    jsonw_end_object(&json);
    row->old_len = wb->old.len - row->old_at;
    return strbuf_ok(&wb->old) || error_memory(err);
}

static bool read_old(struct span *span, struct db *db, struct error *err)
{
    struct writeback *wb = span->wb;
    const struct db_value values[] = {
        db_text_len("ids", wb->ids.data, wb->ids.len),
    };
    size_t i;

    strbuf_clear(&wb->old);
    strbuf_adds(&wb->old, "{}");
    for (i = span->first; i < span->first + span->count; i++) {
        wb->rows[i].old_at = 0;
        wb->rows[i].old_len = 2;
    }
    return db_each(db, "write_old", values, ARRAY_LEN(values), take_old, span,
                   NULL, err);
}

static void add_before(struct writeback *wb, const struct row *row,
                       struct jsonw *json)
{
    jsonw_object(json, NULL);
    jsonw_text(json, "u", row->item->userid);
    jsonw_raw(json, "o", wb->old.data + row->old_at, row->old_len);
    jsonw_object(json, "n");
    add_columns(wb, row, json);
    jsonw_end_object(json);
    jsonw_end_object(json);
}

static bool keep_before(struct writeback *wb, struct db *db, struct error *err)
{
    const struct db_value values[] = {
        db_text("batch", wb->b->key),
        db_text_len("rows", wb->set.data, wb->set.len),
    };

    if (!strbuf_ok(&wb->set))
        return error_memory(err);
    return db_run(db, "write_before", values, ARRAY_LEN(values), NULL, err);
}

#define BEFORE_BYTES                                                           \
    (256 * KIB) /* SQLite's parse of it takes some times more */

/* SQLite: some rows a statement. */
static bool keep_old(struct span *span, struct db *db, struct error *err)
{
    struct writeback *wb = span->wb;
    size_t end = span->first + span->count, i = span->first;
    struct jsonw json;

    if (!read_old(span, db, err))
        return false;
    while (i < end) {
        strbuf_clear(&wb->set);
        jsonw_init(&json, &wb->set);
        jsonw_array(&json, NULL);
        for (; i < end && wb->set.len < BEFORE_BYTES && strbuf_ok(&wb->set);
             i++)
            add_before(wb, &wb->rows[i], &json);
        jsonw_end_array(&json);
        if (!keep_before(wb, db, err))
            return false;
    }
    return true;
}

static bool write_one(struct writeback *wb, struct db *db,
                      const struct row *row, struct error *err)
{
    struct db_value values[COLUMNS_MAX + 1];

    values[0] = db_text("userid", row->item->userid);
    memcpy(values + 1, wb->values + row->values, wb->columns * sizeof(*values));
    return db_run(db, "write_row", values, wb->columns + 1, NULL, err);
}

static bool note_open(void *context, const struct db_rows *r, struct error *err)
{
    const char *key = db_rows_text(r, 0, NULL);
    struct row *row = key ? row_of(context, key) : NULL;

    (void)err;
    if (row)
        row->open = true;
    return true;
}

/* The transaction holds SQLite's write lock: what is open now stays so. */
static bool find_open(struct span *span, struct db *db, struct error *err)
{
    struct writeback *wb = span->wb;
    const struct db_value values[] = {
        db_text("batch", wb->b->key),
        db_text_len("ids", wb->ids.data, wb->ids.len),
    };
    size_t i;

    for (i = span->first; i < span->first + span->count; i++)
        wb->rows[i].open = false;
    return db_each(db, "write_open", values, ARRAY_LEN(values), note_open, span,
                   NULL, err);
}

/* SQLite: one statement, run for each row. */
static bool write_each(struct span *span, struct db *db, struct error *err)
{
    struct writeback *wb = span->wb;
    size_t i;

    if (!find_open(span, db, err) ||
        (wb->w->settings.batch->keep_old_values > 0 &&
         !keep_old(span, db, err)))
        return false;
    for (i = span->first; i < span->first + span->count; i++)
        if (wb->rows[i].open && !write_one(wb, db, &wb->rows[i], err))
            return false;
    return true;
}

/* Servers: one statement for the chunk. */
static bool write_set(struct writeback *wb, struct db *db, struct error *err)
{
    const struct db_value values[] = {
        db_text_len("rows", wb->set.data, wb->set.len),
        db_text_len("ids", wb->ids.data, wb->ids.len),
        db_text("batch", wb->b->key),
    };

    return (wb->w->settings.batch->keep_old_values <= 0 ||
            db_run(db, "write_before", values, ARRAY_LEN(values), NULL, err)) &&
           db_run(db, "write_rows", values, ARRAY_LEN(values), NULL, err);
}

static bool end_items(struct writeback *wb, struct db *db, struct error *err)
{
    const struct db_value values[] = {
        db_text_len("rows", wb->outcome.data, wb->outcome.len),
        db_text_len("ids", wb->ids.data, wb->ids.len),
        db_text("batch", wb->b->key),
    };

    return db_run(db, "item_done", values, ARRAY_LEN(values), NULL, err) &&
           db_run(db, "claim_done", values, ARRAY_LEN(values), NULL, err);
}

static bool chunk_body(struct db *db, void *context, struct error *err)
{
    struct span *span = context;
    struct writeback *wb = span->wb;

    if (!hold_lease(wb, db, err))
        return false;
    if (db_engine(db) == DB_SQLITE ? !write_each(span, db, err)
                                   : !write_set(wb, db, err))
        return false;
    return end_items(wb, db, err);
}

/* The statements' JSON, made before the transaction begins. */
static bool make_json(struct writeback *wb, const struct span *span,
                      struct error *err)
{
    bool set = db_engine(wb->w->db) != DB_SQLITE;
    struct jsonw json;
    size_t i;

    strbuf_clear(&wb->set);
    outcomes_begin(wb);
    jsonw_init(&json, &wb->set);
    jsonw_array(&json, NULL);
    for (i = span->first; i < span->first + span->count; i++) {
        const struct row *row = &wb->rows[i];

        add_outcome(wb, row->item, "done", row->item->attempt,
                    wb->text.data + row->flags, wb->text.data + row->evidence);
        if (!set)
            continue;
        jsonw_object(&json, NULL);
        jsonw_text(&json, "u", row->item->userid);
        add_columns(wb, row, &json);
        jsonw_end_object(&json);
    }
    jsonw_end_array(&json);
    return strbuf_ok(&wb->set) ? outcomes_end(wb, err) : error_memory(err);
}

static void adapt(struct writeback *wb, double seconds, size_t count)
{
    double most = wb->w->settings.batch->write_lock_max;

    if (most <= 0)
        return;
    if (seconds > most && wb->size > 1)
        wb->size = wb->size / 2;
    else if (seconds < most / 4 && count >= wb->size && wb->size < wb->most)
        wb->size = wb->size * 2 > wb->most ? wb->most : wb->size * 2;
}

static bool write_span(struct writeback *wb, struct span *span,
                       struct error *err)
{
    struct clock *clock = wb->w->clock;
    double begun = clock->monotonic(clock);
    size_t i;

    if (!make_json(wb, span, err) ||
        !db_transaction(wb->w->db, "write", chunk_body, span, NULL, err))
        return false;
    adapt(wb, clock->monotonic(clock) - begun, span->count);
    for (i = span->first; i < span->first + span->count; i++)
        wb->rows[i].item->open = wb->rows[i].item->pending = false;
    return true;
}

/* The record that a permanent error belongs to: marked, dead, the error's
 * number kept, its text not (it may quote the value). */
static void mark_guilty(struct writeback *wb, struct item *item,
                        const struct error *err)
{
    char message[96];

    snprintf(item->code, sizeof(item->code), "write_error");
    snprintf(message, sizeof(message), "the database refused it: %s (%ld)",
             err->code[0] ? err->code : "error", err->native);
    item->message = items_copy(wb->items, message);
    item->pending = false;
    item->our_try = true;
    item->attempt = wb->w->settings.batch->max_attempts;
    log_warn("record_refused", "batch=%s code=%s native=%ld", wb->b->key,
             err->code, err->native);
}

bool writeback_flush(struct writeback *wb, struct error *err)
{
    struct span stack[32];
    size_t depth = 0;
    bool ok = true;

    settle(wb);
    if (wb->count)
        stack[depth++] = (struct span){ wb, 0, wb->count };
    while (depth && ok) {
        struct span span = stack[--depth];

        ok = write_span(wb, &span, err);
        if (ok)
            brake_wrote(&wb->w->brake);
        if (ok || err->kind != ERROR_REJECT)
            continue;
        ok = true;
        if (span.count == 1) {
            mark_guilty(wb, wb->rows[span.first].item, err);
            brake_refused(&wb->w->brake, err);
            continue;
        }
        stack[depth++] = (struct span){ wb, span.first + span.count / 2,
                                        span.count - span.count / 2 };
        stack[depth++] = (struct span){ wb, span.first, span.count / 2 };
    }
    wb->count = 0;
    strbuf_clear(&wb->text);
    return ok && brake_check(&wb->w->brake,
                             wb->w->settings.batch->write_refusals, err);
}

static bool failures_body(struct db *db, void *context, struct error *err)
{
    struct writeback *wb = context;

    return hold_lease(wb, db, err) && end_items(wb, db, err);
}

static bool read_tries(void *context, const struct db_rows *row,
                       struct error *err)
{
    (void)err;
    *(int64_t *)context = db_rows_integer(row, 0);
    return true;
}

/* The provider's faults are no attempts, but they too must end: after a
 * few times as many tries as there are attempts the record is given up. */
static bool tried_enough(struct writeback *wb, const struct item *item,
                         bool *enough, struct error *err)
{
    const struct db_value values[] = { db_text("userid", item->userid) };
    int64_t tries = 0;

    if (!db_each(wb->w->db, "item_tries", values, ARRAY_LEN(values), read_tries,
                 &tries, NULL, err))
        return false;
    *enough = tries + 1 >= TRIES * wb->w->settings.batch->max_attempts;
    return true;
}

static bool outcome_of(struct writeback *wb, const struct item *item,
                       const char **state, int64_t *attempt, struct error *err)
{
    bool enough = false;

    *attempt = item->our_try ? item->attempt : item->attempt - 1;
    if (!item->our_try && !tried_enough(wb, item, &enough, err))
        return false;
    *state = enough || *attempt >= wb->w->settings.batch->max_attempts
                 ? "dead"
                 : "retry";
    return true;
}

bool writeback_failures(struct writeback *wb, struct error *err)
{
    size_t i = 0, n;
    int64_t attempt;
    const char *state;

    while (i < wb->items->count) {
        outcomes_begin(wb);
        for (n = 0; i < wb->items->count && n < FAILURES; i++) {
            struct item *item = &wb->items->list[i];

            if (!item->open || !item->code[0])
                continue;
            if (!outcome_of(wb, item, &state, &attempt, err))
                return false;
            add_outcome(wb, item, state, attempt, item->flags, NULL);
            item->open = false;
            n++;
        }
        if (!outcomes_end(wb, err))
            return false;
        if (n && !db_transaction(wb->w->db, "failures", failures_body, wb, NULL,
                                 err))
            return false;
    }
    return true;
}
