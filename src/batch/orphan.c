#include "batch/orphan.h"

#include <stdlib.h>

#include "base/jsonw.h"
#include "batch/budget.h"
#include "batch/custom_id.h"
#include "batch/record_prompt.h"
#include "provider/keyed_id.h"

#define LINE_CEILING (64 * MIB)
/* More than any provider takes. */
#define REQUESTS_MOST 1000000

void orphan_init(struct orphan *o, struct worker *w, struct provider *p,
                 const char *key)
{
    memset(o, 0, sizeof(*o));
    o->w = w;
    o->provider = p;
    o->key = key;
    o->file.fd = -1;
    strbuf_init(&o->prompt, LINE_CEILING);
    strbuf_init(&o->text, LINE_CEILING);
}

void orphan_release(struct orphan *o)
{
    size_t i;

    for (i = 0; i < o->chunks; i++)
        strbuf_release(&o->rows[i]);
    free(o->rows);
    free(o->list);
    items_release(&o->names);
    file_lines_close(&o->file);
    strbuf_release(&o->prompt);
    strbuf_release(&o->text);
}

/* -- reading -- */

static bool is_keyed(const struct orphan *o)
{
    return o->provider->ops->caps & PROVIDER_KEYED_IDS;
}

/* What a line tells of a request. */
struct told {
    struct strbuf id;
    char text[9]; /* digits of its text's hash, "" = not told */
};

/* The name of a request; others than ours are passed over. */
static bool add_id(struct orphan *o, const struct told *told, uint64_t at,
                   size_t len, struct error *err)
{
    const char *id = told->id.data;
    struct orphan_record *r;
    struct keyed_id read = { .text = "" };
    bool keyed = is_keyed(o);

    if (!id[0] || (keyed && (!keyed_id_read(id, strlen(id), &read) ||
                             strcmp(read.key, o->key) != 0)))
        return true;
    if (o->count == REQUESTS_MOST)
        return error_set(err, ERROR_REJECT, "batch %s holds too many requests",
                         o->key);
    if (o->count == o->size) {
        size_t size = o->size ? 2 * o->size : 256;

        r = realloc(o->list, size * sizeof(*r));
        if (!r)
            return error_memory(err);
        o->list = r;
        o->size = size;
    }
    r = &o->list[o->count++];
    memset(r, 0, sizeof(*r));
    r->id = items_copy(&o->names, id);
    r->record = keyed ? items_copy(&o->names, read.record) : r->id;
    memcpy(r->text, keyed ? read.text : told->text, sizeof(r->text));
    r->line_at = at;
    r->line_len = (uint32_t)len;
    r->number = (uint32_t)o->lines;
    return (r->id && r->record) || error_memory(err);
}

static int by_record(const void *a, const void *b)
{
    const struct orphan_record *x = a, *y = b;

    return strcmp(x->record, y->record);
}

static void sort(struct orphan *o)
{
    if (o->count)
        qsort(o->list, o->count, sizeof(*o->list), by_record);
}

typedef bool line_function(struct orphan *o, struct json_doc *doc,
                           const char *line, size_t len, struct told *told,
                           struct error *err);

static const struct json_node *read_line(struct json_doc *doc, const char *line,
                                         size_t len)
{
    struct error ignored;

    return json_read(doc, line, len, &json_limits_default, &ignored);
}

static void take_string(const struct json_node *node, struct strbuf *out)
{
    if (!json_string(node, out))
        strbuf_clear(out);
}

static void take_model(struct orphan *o, const struct json_node *model)
{
    struct strbuf name;

    if (o->model[0])
        return;
    strbuf_init(&name, sizeof(o->model) - 1);
    take_string(model, &name);
    snprintf(o->model, sizeof(o->model), "%s", name.data);
    strbuf_release(&name);
}

static bool read_request(struct orphan *o, struct json_doc *doc,
                         const char *line, size_t len, struct told *told,
                         struct error *err)
{
    const struct provider_single *form = o->provider->ops->single;
    const struct json_node *root = read_line(doc, line, len);

    (void)err;
    if (form)
        take_model(o, json_member(json_member(root, form->body), "model"));
    take_string(json_member(root, form ? form->id : "custom_id"), &told->id);
    return true;
}

static bool read_answer(struct orphan *o, struct json_doc *doc,
                        const char *line, size_t len, struct told *told,
                        struct error *err)
{
    struct answer a;
    bool ok;

    answer_init(&a);
    ok = o->provider->ops->decode(o->provider, doc, line, len, &a, err);
    if (ok)
        strbuf_adds(&told->id, a.custom_id);
    answer_release(&a);
    return ok;
}

/* kept.h.  Those of another section are left to it. */
static bool read_kept(struct orphan *o, struct json_doc *doc, const char *line,
                      size_t len, struct told *told, struct error *err)
{
    const struct json_node *root = read_line(doc, line, len);
    const struct json_node *section = json_member(root, "section");
    struct strbuf hash;

    (void)err;
    if (section)
        o->fits =
            json_equals(section, o->w->settings.section) &&
            json_equals(json_member(root, "provider"), o->provider->ops->name);
    if (section)
        take_model(o, json_member(root, "model"));
    if (section || !o->fits)
        return true;
    strbuf_init(&hash, KIB);
    take_string(json_member(root, "hash"), &hash);
    snprintf(told->text, sizeof(told->text), "%.8s", hash.data);
    strbuf_release(&hash);
    take_string(json_member(root, "custom_id"), &told->id);
    return true;
}

static bool read_lines(struct orphan *o, struct file_lines *lines,
                       line_function *f, struct json_doc *doc,
                       struct error *err)
{
    struct told told;
    bool too_long, ok = true;
    char *line;
    size_t len;

    strbuf_init(&told.id, LINE_CEILING);
    while (ok) {
        ok = file_lines_next(lines, &line, &len, &too_long, err);
        if (!ok || (!line && !too_long))
            break;
        o->lines++;
        o->cut = lines->last_unended;
        told.text[0] = '\0';
        strbuf_clear(&told.id);
        ok = !line || (f(o, doc, line, len, &told, err) &&
                       add_id(o, &told, lines->offset, len, err));
    }
    strbuf_release(&told.id);
    return ok;
}

static bool read_file(struct orphan *o, const char *path, line_function *f,
                      struct error *err)
{
    struct json_doc *doc = json_doc_new();
    bool ok;

    if (!doc)
        return error_memory(err);
    ok = file_lines_open(&o->file, path, LINE_CEILING, err) &&
         read_lines(o, &o->file, f, doc, err);
    json_doc_free(doc);
    sort(o);
    return ok;
}

bool orphan_read_requests(struct orphan *o, const char *path, struct error *err)
{
    return read_file(o, path, read_request, err);
}

bool orphan_read_answers(struct orphan *o, const char *path, struct error *err)
{
    return read_file(o, path, read_answer, err);
}

bool orphan_read_kept(struct orphan *o, const char *path, struct error *err)
{
    return read_file(o, path, read_kept, err);
}

/* -- matching -- */

static struct orphan_record *record_of(struct orphan *o, const char *userid)
{
    char name[CUSTOM_ID > KEYED_RECORD ? CUSTOM_ID : KEYED_RECORD];
    struct orphan_record wanted = { .record = name };

    if (is_keyed(o))
        keyed_record(userid, name);
    else
        custom_id_make(o->w->profile->custom_id_prefix, userid, name);
    return o->count
               ? bsearch(&wanted, o->list, o->count, sizeof(wanted), by_record)
               : NULL;
}

static bool take_key(void *context, const struct db_rows *row,
                     struct error *err)
{
    struct orphan *o = context;
    const char *userid = db_rows_text(row, 0, NULL);
    struct orphan_record *r = userid ? record_of(o, userid) : NULL;

    if (!r)
        return true;
    r->userid = items_copy(&o->names, userid);
    return r->userid || error_memory(err);
}

/* The prompt stands in the line as it was sent: the record's text is what it
 * was, whatever else about a request has changed. */
static bool line_has_prompt(struct orphan *o, const struct orphan_record *r,
                            bool *same, struct error *err)
{
    char *line = NULL;

    *same = false;
    if (!file_lines_at(&o->file, r->line_at, r->line_len, &line, err))
        return false;
    strbuf_clear(&o->text);
    jsonw_escape(&o->text, o->prompt.data, o->prompt.len);
    *same = o->text.len &&
            memmem(line, r->line_len, o->text.data, o->text.len) != NULL;
    return strbuf_ok(&o->text) || error_memory(err);
}

static void write_row(const struct orphan_record *r,
                      const struct record_prompt_result *result,
                      struct jsonw *json)
{
    char flags[96];
    struct strbuf words;

    strbuf_init(&words, sizeof(flags) - 1);
    record_flag_words(result->flags, &words);
    jsonw_object(json, NULL);
    jsonw_text(json, "u", r->userid);
    jsonw_text(json, "s", "submitted");
    jsonw_text(json, "c", r->id);
    jsonw_text(json, "h", result->hash);
    jsonw_text(json, "f", words.data);
    jsonw_integer(json, "l", r->number);
    jsonw_end_object(json);
    strbuf_release(&words);
}

struct texts {
    struct orphan *o;
    struct jsonw json;
};

static bool take_text(void *context, const struct db_rows *row,
                      struct error *err)
{
    struct texts *t = context;
    struct orphan *o = t->o;
    size_t len = 0;
    const char *userid = db_rows_text(row, 0, NULL);
    const char *text = db_rows_text(row, 1, &len);
    struct orphan_record *r = userid ? record_of(o, userid) : NULL;
    struct record_prompt_result result;
    bool same;

    if (!r || !text || db_rows_is_cut(row, 1))
        return true;
    strbuf_clear(&o->prompt);
    if (!record_prompt(o->w, text, len, &o->prompt, &result, err))
        return false;
    same = strncmp(result.hash, r->text, 8) == 0;
    if (!r->text[0] && !line_has_prompt(o, r, &same, err))
        return false;
    if (!result.usable || !same)
        return true;
    write_row(r, &result, &t->json);
    o->matched++;
    o->tokens += budget_shared_tokens(o->w) +
                 budget_tokens(o->w, o->prompt.data, o->prompt.len);
    return true;
}

/* The texts of a chunk of records become rows of o->rows. */
static bool check_texts(struct orphan *o, const struct strbuf *ids,
                        struct error *err)
{
    const struct db_value values[] = {
        db_text_len("ids", ids->data, ids->len),
    };
    struct strbuf *rows = &o->rows[o->chunks];
    struct texts t = { .o = o };
    int64_t before = o->matched;
    bool ok;

    strbuf_init(rows, 16 * MIB);
    jsonw_init(&t.json, rows);
    jsonw_array(&t.json, NULL);
    db_set_text_cut(o->w->db, true);
    ok = db_each(o->w->db, "item_texts", values, ARRAY_LEN(values), take_text,
                 &t, NULL, err);
    db_set_text_cut(o->w->db, false);
    jsonw_end_array(&t.json);
    ok = ok && (strbuf_ok(rows) || error_memory(err));
    if (ok && o->matched > before)
        o->chunks++;
    else
        strbuf_release(rows);
    return ok;
}

/* From *from on, the keys of up to a chunk's records that have a row. */
static size_t list_keys(const struct orphan *o, size_t *from,
                        struct strbuf *ids)
{
    struct jsonw json;
    size_t n = 0;

    strbuf_clear(ids);
    jsonw_init(&json, ids);
    jsonw_array(&json, NULL);
    for (; *from < o->count && n < ORPHAN_CHUNK; ++*from) {
        if (!o->list[*from].userid)
            continue;
        jsonw_text(&json, NULL, o->list[*from].userid);
        n++;
    }
    jsonw_end_array(&json);
    return n;
}

bool orphan_match(struct orphan *o, struct error *err)
{
    const char *own = o->provider->settings->model;
    const char *model = o->model[0] ? o->model : own ? own : "";
    struct strbuf ids;
    size_t at = 0;
    bool ok;

    o->rows = calloc(o->count / ORPHAN_CHUNK + 1, sizeof(*o->rows));
    if (!o->rows)
        return error_memory(err);
    if (!o->count)
        return true;
    strbuf_init(&ids, 16 * MIB);
    ok = worker_count_for(o->w, model, err) &&
         db_each(o->w->db, "orphan_waiting", NULL, 0, take_key, o, NULL, err);
    while (ok && list_keys(o, &at, &ids))
        ok = strbuf_ok(&ids) ? check_texts(o, &ids, err) : error_memory(err);
    strbuf_release(&ids);
    return ok;
}
