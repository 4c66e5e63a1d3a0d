#include "batch/forget.h"

#include "base/file.h"
#include "base/jsonr.h"
#include "base/log.h"
#include "batch/custom_id.h"
#include "batch/spool.h"

#define LINE_CEILING (64 * MIB)
#define BATCHES_MAX 10000

struct place {
    char key[BATCH_KEY];
    char section[BATCH_WORD];
    char files[3][REMOTE_ID];
    char custom_id[CUSTOM_ID];
    bool open;
};

struct forget {
    struct worker *w;
    const char *userid;
    struct forget_receipt *receipt;
    struct place *places; /* owned */
    size_t count;
    struct json_doc *doc; /* owned */
};

static void copy(char *out, size_t size, const struct db_rows *row, size_t i)
{
    const char *s = db_rows_text(row, i, NULL);

    snprintf(out, size, "%s", s ? s : "");
}

static bool add_place(void *context, const struct db_rows *row,
                      struct error *err)
{
    struct forget *f = context;
    struct place *p;
    char status[BATCH_WORD];
    size_t i;

    if (f->count == BATCHES_MAX)
        return error_set(err, ERROR_REJECT, "too many batches");
    p = realloc(f->places, (f->count + 1) * sizeof(*p));
    if (!p)
        return error_memory(err);
    f->places = p;
    p = &f->places[f->count++];
    copy(p->key, sizeof(p->key), row, 0);
    copy(status, sizeof(status), row, 1);
    copy(p->section, sizeof(p->section), row, 2);
    for (i = 0; i < ARRAY_LEN(p->files); i++)
        copy(p->files[i], sizeof(p->files[i]), row, 3 + i);
    copy(p->custom_id, sizeof(p->custom_id), row, 6);
    p->open = strcmp(status, batch_status_name(BATCH_CLOSED)) != 0;
    return true;
}

/* A line that can't be read is kept only if it doesn't name the record. */
static bool is_theirs(struct forget *f, const char *line, size_t len,
                      const char *custom_id)
{
    char quoted[CUSTOM_ID + 2];
    struct error ignored;
    const struct json_node *root =
        json_read(f->doc, line, len, &json_limits_default, &ignored);

    if (root)
        return json_equals(json_member(root, "custom_id"), custom_id) ||
               json_equals(json_member(root, "key"), custom_id); /* Gemini */
    snprintf(quoted, sizeof(quoted), "\"%s\"", custom_id);
    return memmem(line, len, quoted, strlen(quoted)) != NULL;
}

static bool copy_lines(struct forget *f, struct file_lines *in,
                       struct file_writer *out, const char *custom_id,
                       struct error *err)
{
    bool too_long = false;
    char *line = NULL;
    size_t len = 0;

    for (;;) {
        if (!file_lines_next(in, &line, &len, &too_long, err))
            return false;
        if (too_long) {
            /* Not to be looked into: rather gone than left. */
            f->receipt->lines++;
            continue;
        }
        if (!line)
            return true;
        if (is_theirs(f, line, len, custom_id)) {
            f->receipt->lines++;
            continue;
        }
        if (!file_add(out, line, len, err) || !file_add(out, "\n", 1, err))
            return false;
    }
}

static bool clean_file(struct forget *f, const struct place *p,
                       enum spool_file which, struct error *err)
{
    struct file_writer out = FILE_WRITER_CLOSED;
    char path[SPOOL_PATH];
    struct file_lines in;
    bool ok;

    if (!spool_path(f->w->spool, p->key, which, path, err))
        return false;
    if (!file_exists(path))
        return true;
    if (!file_lines_open(&in, path, LINE_CEILING, err))
        return false;
    ok = file_create(&out, path, err) &&
         copy_lines(f, &in, &out, p->custom_id, err) && file_commit(&out, err);
    file_lines_close(&in);
    file_abandon(&out);
    return ok;
}

static void remove_files(struct forget *f, const struct place *p)
{
    struct provider *provider;
    struct error err;
    size_t i;

    if (!worker_provider(f->w, p->section, &provider, &err))
        return;
    for (i = 0; i < ARRAY_LEN(p->files); i++) {
        if (!p->files[i][0] || !provider->ops->remove_file)
            continue;
        if (provider->ops->remove_file(provider, p->files[i], &err)) {
            f->receipt->provider_files++;
            continue;
        }
        f->receipt->provider_files_left++;
        log_warn("file_not_removed", "batch=%s file=%s reason=%s", p->key,
                 p->files[i], err.message);
    }
}

static bool forget_rows(struct db *db, void *context, struct error *err)
{
    struct forget *f = context;
    const struct db_value values[] = { db_text("userid", f->userid) };

    return db_run(db, "forget_before", values, ARRAY_LEN(values),
                  &f->receipt->old_values, err) &&
           db_run(db, "forget_items", values, ARRAY_LEN(values),
                  &f->receipt->items, err);
}

static bool clean_place(struct forget *f, const struct place *p,
                        struct error *err)
{
    if (p->custom_id[0] && (!clean_file(f, p, SPOOL_REQUESTS, err) ||
                            !clean_file(f, p, SPOOL_RECORDS, err) ||
                            !clean_file(f, p, SPOOL_OUTPUT, err) ||
                            !clean_file(f, p, SPOOL_ERRORS, err)))
        return false;
    remove_files(f, p);
    return true;
}

static bool forget_all(struct forget *f, struct error *err)
{
    const struct db_value values[] = { db_text("userid", f->userid) };
    size_t i;

    if (!db_each(f->w->db, "forget_batches", values, ARRAY_LEN(values),
                 add_place, f, NULL, err))
        return false;
    for (i = 0; i < f->count; i++)
        if (f->places[i].open)
            return error_exit(err, ERROR_REJECT, EXIT_SOME_FAILED,
                              "batch %s still has the record: wait for its "
                              "end or cancel it, then say it again",
                              f->places[i].key);
    for (i = 0; i < f->count; i++)
        if (!clean_place(f, &f->places[i], err))
            return false;
    f->receipt->batches = (int64_t)f->count;
    /* Last: until then a repeat finds every place again. */
    return db_transaction(f->w->db, "forget", forget_rows, f, NULL, err);
}

bool forget_person(struct worker *w, const char *userid,
                   struct forget_receipt *receipt, struct error *err)
{
    struct forget f = { .w = w, .userid = userid, .receipt = receipt };
    bool ok;

    memset(receipt, 0, sizeof(*receipt));
    f.doc = json_doc_new();
    ok = f.doc ? forget_all(&f, err) : error_memory(err);
    json_doc_free(f.doc);
    free(f.places);
    return ok ? ok : error_context(err, "forgetting record %.60s", userid);
}
