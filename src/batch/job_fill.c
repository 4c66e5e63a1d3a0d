/*
 * job_fill.c -- what a job asks: records out of a file, or pages out of a
 * list of addresses, into its table.
 */
#include <stdlib.h>

#include "batch/job.h"
#include "io/pages.h"

#define CHUNK 1000
#define CHUNK_BYTES (16 * MIB)

/* A record that waits to be inserted: offsets in the text. */
struct held {
    int64_t position;
    uint64_t row;
    size_t id, custom_id, text, len;
    int64_t twin; /* the position that has its custom_id, 0 = none */
};

struct filling {
    struct job_fill *fill;
    struct record_reader *reader; /* owned */
    struct held list[CHUNK];
    size_t count;
    struct strbuf text;
    int64_t position;
};

static bool take_position(void *context, const struct db_rows *row,
                          struct error *err)
{
    (void)err;
    *(int64_t *)context = db_rows_integer(row, 0);
    return true;
}

/* Both are named: which one is right only a person knows. */
static bool refuse_twin(struct filling *f, const struct held *h,
                        struct error *err)
{
    struct error why;

    error_exit(&why, ERROR_REJECT, EXIT_SOME_FAILED,
               "%s %llu: the id %.100s is taken by record %lld already",
               record_unit(f->reader), (unsigned long long)h->row,
               f->text.data + (f->text.data[h->id] ? h->id : h->custom_id),
               (long long)h->twin);
    error_code(&why, "record");
    f->fill->left_out++;
    if (f->fill->refused && f->fill->refused(f->fill->context, &why, err))
        return true;
    *err = why;
    return false;
}

static bool insert_chunk(struct db *db, void *context, struct error *err)
{
    struct filling *f = context;
    int64_t added;
    size_t i;

    for (i = 0; i < f->count; i++) {
        struct held *h = &f->list[i];
        const struct db_value values[] = {
            db_integer("position", h->position),
            db_text("id", f->text.data + h->id),
            db_text("custom_id", f->text.data + h->custom_id),
            db_text_len("text", f->text.data + h->text, h->len),
        };

        if (!db_run(db, "job_add", values, ARRAY_LEN(values), &added, err))
            return false;
        h->twin = 0;
        if (added != 1 && !db_each(db, "job_twin", &values[2], 1, take_position,
                                   &h->twin, NULL, err))
            return false;
    }
    return true;
}

static bool flush_records(struct db *db, struct filling *f, struct error *err)
{
    bool ok =
        !f->count || db_transaction(db, "fill", insert_chunk, f, NULL, err);
    size_t i;

    for (i = 0; ok && i < f->count; i++) {
        if (f->list[i].twin)
            ok = refuse_twin(f, &f->list[i], err);
        else
            f->fill->records++;
    }
    f->count = 0;
    strbuf_clear(&f->text);
    return ok;
}

static size_t hold(struct filling *f, const char *s, size_t len)
{
    size_t at = f->text.len;

    strbuf_add(&f->text, s, len);
    strbuf_addc(&f->text, '\0');
    return at;
}

static bool add_record(struct db *db, struct filling *f,
                       const struct record *record, struct error *err)
{
    struct held *h = &f->list[f->count];
    char custom_id[RECORD_ID];

    if (!record_custom_id(f->reader, record, f->fill->strict, custom_id, err))
        return false;
    h->position = ++f->position;
    h->row = record->row;
    h->id = hold(f, record->id, strlen(record->id));
    h->custom_id = hold(f, custom_id, strlen(custom_id));
    h->text = hold(f, record->text, record->len);
    h->len = record->len;
    if (!strbuf_ok(&f->text))
        return error_memory(err);
    f->count++;
    return (f->count < CHUNK && f->text.len < CHUNK_BYTES) ||
           flush_records(db, f, err);
}

/* A record that can't be used: the reader stands after it. */
static bool survive(struct filling *f, struct error *err)
{
    struct error why = *err;

    if (strcmp(why.code, "record") != 0 || !f->fill->refused)
        return false;
    error_clear(err);
    if (!f->fill->refused(f->fill->context, &why, err)) {
        if (!err->kind)
            *err = why;
        return false;
    }
    f->fill->left_out++;
    return true;
}

static bool fill_plainly(struct db *db, struct filling *f, struct error *err)
{
    struct record record;
    bool more = true;

    for (;;) {
        if (!record_next(f->reader, &record, &more, err)) {
            if (!survive(f, err))
                return false;
            continue;
        }
        if (!more)
            return true;
        if (!add_record(db, f, &record, err) && !survive(f, err))
            return false;
        if (f->fill->progress)
            f->fill->progress(f->fill->context, f->position);
    }
}

/* -- pages of the web: some at a time, in the order of the list -- */

static bool read_window(struct filling *f, struct pages *p, bool *more,
                        struct error *err)
{
    struct record record;

    while (!pages_are_full(p) && *more) {
        if (!record_next(f->reader, &record, more, err)) {
            if (!survive(f, err))
                return false;
            continue;
        }
        if (*more && !pages_take(p, &record, err))
            return false;
    }
    return true;
}

/* One that can't be had is told, and no reason to stop. */
static bool add_page(struct db *db, struct filling *f, struct pages *p,
                     size_t i, struct error *err)
{
    char why[PAGES_WHY];
    struct record *record = pages_read(p, i, why);

    if (record)
        return add_record(db, f, record, err) || survive(f, err);
    f->fill->left_out++;
    if (f->fill->missed)
        f->fill->missed(f->fill->context, why);
    return true;
}

static bool add_window(struct db *db, struct filling *f, struct pages *p,
                       struct error *err)
{
    size_t i;

    if (!fetch_pages(f->fill->fetcher, p->list, p->count, f->fill->stop, err))
        return false;
    for (i = 0; i < p->count; i++)
        if (!add_page(db, f, p, i, err))
            return false;
    return true;
}

static bool fill_pages(struct db *db, struct filling *f, struct error *err)
{
    struct pages *p = calloc(1, sizeof(*p));
    bool more = true, ok = true;

    if (!p)
        return error_memory(err);
    pages_init(p);
    while (ok && more) {
        ok = read_window(f, p, &more, err) && add_window(db, f, p, err);
        pages_clear(p);
    }
    pages_release(p);
    free(p);
    return ok;
}

static bool fill_all(struct db *db, struct filling *f, struct error *err)
{
    bool pages = record_format(f->reader) == RECORD_URLS;

    if (pages && !f->fill->fetcher)
        return error_set(err, ERROR_REJECT, "addresses are not fetched here");
    return (pages ? fill_pages : fill_plainly)(db, f, err) &&
           flush_records(db, f, err) &&
           db_each(db, "job_repeats", NULL, 0, take_position, &f->fill->repeats,
                   NULL, err);
}

bool job_fill(struct db *db, const char *path, struct job_fill *fill,
              struct error *err)
{
    struct filling *f = calloc(1, sizeof(*f));
    bool ok;

    if (!f)
        return error_memory(err);
    f->fill = fill;
    strbuf_init(&f->text, 4 * CHUNK_BYTES);
    fill->records = fill->left_out = fill->repeats = 0;
    ok = db_run(db, "job_clear", NULL, 0, NULL, err) &&
         record_open(&f->reader, path, &fill->settings, err) &&
         fill_all(db, f, err);
    record_close(f->reader);
    strbuf_release(&f->text);
    free(f);
    return ok;
}
