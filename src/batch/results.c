#include "batch/results.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "batch/spool.h"

#define LINE_CEILING (64 * MIB)
#define ANSWERS_MOST 10000000

static const enum spool_file files[] = { SPOOL_OUTPUT, SPOOL_ERRORS };

/* Where an answer stands. */
struct place {
    uint64_t hash; /* of its custom_id */
    uint64_t offset;
    uint32_t len;
    uint32_t file;
};

struct results {
    struct worker *w;
    struct provider *provider; /* borrowed */
    job_result_function *each;
    void *context;
    bool prompts;
    struct hash_key key;
    struct place *places; /* owned */
    size_t count, size;
    int fds[ARRAY_LEN(files)];
    struct json_doc *doc; /* owned */
    struct answer answer;
    struct strbuf line, error;
    int64_t index;
};

static bool keep_place(struct results *r, const struct file_lines *lines,
                       size_t len, uint32_t file, struct error *err)
{
    size_t size = r->size ? 2 * r->size : 1024;
    struct place *grown, *place;

    if (r->count == ANSWERS_MOST)
        return error_set(err, ERROR_REJECT, "%s holds too many answers",
                         lines->path);
    if (r->count == r->size) {
        grown = realloc(r->places, size * sizeof(*grown));
        if (!grown)
            return error_memory(err);
        r->places = grown;
        r->size = size;
    }
    place = &r->places[r->count++];
    place->hash =
        hash_bytes(&r->key, r->answer.custom_id, strlen(r->answer.custom_id));
    place->offset = lines->offset;
    place->len = (uint32_t)len;
    place->file = file;
    return true;
}

static bool decode(struct results *r, const char *line, size_t len,
                   struct error *err)
{
    return r->provider->ops->decode(r->provider, r->doc, line, len, &r->answer,
                                    err);
}

static bool read_places(struct results *r, const char *path, uint32_t file,
                        struct error *err)
{
    struct file_lines lines = { .fd = -1 };
    bool too_long, ok;
    char *line;
    size_t len;

    ok = file_lines_open(&lines, path, LINE_CEILING, err);
    while (ok) {
        ok = file_lines_next(&lines, &line, &len, &too_long, err);
        if (!ok || (!line && !too_long))
            break;
        if (!line)
            continue;
        ok = decode(r, line, len, err) &&
             (!r->answer.custom_id[0] || keep_place(r, &lines, len, file, err));
    }
    file_lines_close(&lines);
    return ok;
}

/* Of two answers to one request the last stands first. */
static int by_hash(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    return (x->offset < y->offset) - (x->offset > y->offset);
}

static bool open_answers(struct results *r, const struct batch *b,
                         struct error *err)
{
    char path[SPOOL_PATH];
    uint32_t i;

    for (i = 0; i < ARRAY_LEN(files); i++) {
        if (!spool_path(r->w->spool, b->key, files[i], path, err))
            return false;
        if (!file_exists(path))
            continue;
        r->fds[i] = open(path, O_RDONLY | O_CLOEXEC);
        if (r->fds[i] < 0 || !read_places(r, path, i, err))
            return r->fds[i] >= 0
                       ? false
                       : error_set(err, ERROR_SETUP, "cannot open %s", path);
    }
    if (r->count)
        qsort(r->places, r->count, sizeof(*r->places), by_hash);
    return true;
}

static const struct place *find_place(const struct results *r,
                                      const char *custom_id)
{
    uint64_t hash = hash_bytes(&r->key, custom_id, strlen(custom_id));
    size_t low = 0, high = r->count, middle;

    while (low < high) {
        middle = low + (high - low) / 2;
        if (r->places[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->count && r->places[low].hash == hash ? &r->places[low]
                                                         : NULL;
}

/* The record's answer into r->answer; false: there is none. */
static bool read_answer(struct results *r, const char *custom_id,
                        struct error *err)
{
    const struct place *place = find_place(r, custom_id);
    char *room;

    strbuf_clear(&r->line);
    room = place ? strbuf_room(&r->line, place->len) : NULL;
    if (!room || pread(r->fds[place->file], room, place->len,
                       (off_t)place->offset) != (ssize_t)place->len)
        return false;
    strbuf_grown(&r->line, place->len);
    return decode(r, r->line.data, r->line.len, err) &&
           strcmp(r->answer.custom_id, custom_id) == 0;
}

static int64_t count_at(const struct db_rows *row, size_t i)
{
    return db_rows_is_null(row, i) ? -1 : db_rows_integer(row, i);
}

/* "code: message" */
static const char *error_of(struct results *r, const struct db_rows *row)
{
    const char *code = db_rows_text(row, 3, NULL);
    const char *message = db_rows_text(row, 4, NULL);

    strbuf_clear(&r->error);
    if (code)
        strbuf_adds(&r->error, code);
    if (message && *message)
        strbuf_addf(&r->error, "%s%s", code ? ": " : "", message);
    return r->error.len ? r->error.data : NULL;
}

static bool visit(void *context, const struct db_rows *row, struct error *err)
{
    struct results *r = context;
    const char *state = db_rows_text(row, 2, NULL);
    struct job_result out = {
        .index = ++r->index,
        .id = db_rows_text(row, 0, NULL),
        .custom_id = db_rows_text(row, 1, NULL),
        .prompt = r->prompts ? db_rows_text(row, 7, NULL) : NULL,
        .tokens_in = count_at(row, 5),
        .tokens_out = count_at(row, 6),
        .duration = -1,
        .success = state && strcmp(state, "done") == 0,
    };

    if (out.custom_id && read_answer(r, out.custom_id, err)) {
        if (r->answer.content.len)
            out.response = r->answer.content.data;
        if (!json_real(json_member(json_root(r->doc), "duration"),
                       &out.duration))
            out.duration = -1;
    }
    if (!out.success)
        out.error = error_of(r, row);
    if (!out.success && !out.error)
        out.error = state;
    return r->each(r->context, &out, err);
}

bool batch_has_answers(const struct worker *w, const struct batch *b)
{
    char path[SPOOL_PATH];
    struct error ignored;
    size_t i;

    for (i = 0; i < ARRAY_LEN(files); i++)
        if (spool_path(w->spool, b->key, files[i], path, &ignored) &&
            file_exists(path))
            return true;
    return false;
}

bool batch_results(struct worker *w, const struct batch *b, bool prompts,
                   job_result_function *each, void *context, struct error *err)
{
    const struct db_value values[] = { db_text("batch", b->key) };
    struct results r = {
        .w = w,
        .each = each,
        .context = context,
        .prompts = prompts,
        .key = hash_key_random(),
        .fds = { -1, -1 },
    };
    bool ok;
    size_t i;

    answer_init(&r.answer);
    strbuf_init(&r.line, LINE_CEILING);
    strbuf_init(&r.error, KIB);
    r.doc = json_doc_new();
    db_set_text_cut(w->db, true);
    ok = r.doc ? worker_provider_of(w, b, &r.provider, err) &&
                     open_answers(&r, b, err) &&
                     db_each(w->db, "export_items", values, ARRAY_LEN(values),
                             visit, &r, NULL, err)
               : error_memory(err);
    db_set_text_cut(w->db, false);
    for (i = 0; i < ARRAY_LEN(files); i++)
        if (r.fds[i] >= 0)
            close(r.fds[i]);
    free(r.places);
    json_doc_free(r.doc);
    answer_release(&r.answer);
    strbuf_release(&r.line);
    strbuf_release(&r.error);
    return ok;
}
