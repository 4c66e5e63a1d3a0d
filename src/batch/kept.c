#include "batch/kept.h"

#include "base/file.h"
#include "base/jsonw.h"
#include "batch/spool.h"

struct writing {
    struct file_writer file;
    struct strbuf line;
};

static bool put_line(struct writing *k, struct error *err)
{
    strbuf_addc(&k->line, '\n');
    return strbuf_ok(&k->line)
               ? file_add(&k->file, k->line.data, k->line.len, err)
               : error_memory(err);
}

static void begin_line(struct writing *k, struct jsonw *json)
{
    strbuf_clear(&k->line);
    jsonw_init(json, &k->line);
    jsonw_object(json, NULL);
}

static bool put_item(void *context, const struct db_rows *row,
                     struct error *err)
{
    struct writing *k = context;
    struct jsonw json;

    begin_line(k, &json);
    jsonw_text(&json, "custom_id", db_rows_text(row, 1, NULL));
    jsonw_text(&json, "hash", db_rows_text(row, 4, NULL));
    jsonw_end_object(&json);
    return put_line(k, err);
}

static bool put_all(struct writing *k, struct worker *w, const struct batch *b,
                    const char *provider, struct error *err)
{
    const struct db_value values[] = { db_text("batch", b->key) };
    struct jsonw json;

    begin_line(k, &json);
    jsonw_text(&json, "section", b->section);
    jsonw_text(&json, "provider", provider);
    jsonw_text(&json, "model", b->model);
    jsonw_end_object(&json);
    return put_line(k, err) &&
           db_each(w->db, "item_list", values, 1, put_item, k, NULL, err);
}

bool kept_write(struct worker *w, const struct batch *b, struct error *err)
{
    struct writing k = { .file = FILE_WRITER_CLOSED };
    char path[SPOOL_PATH];
    struct provider *p;
    bool ok;

    strbuf_init(&k.line, MIB);
    ok = worker_provider_of(w, b, &p, err) &&
         spool_path(w->spool, b->key, SPOOL_RECORDS, path, err) &&
         file_create(&k.file, path, err) &&
         put_all(&k, w, b, p->ops->name, err) && file_commit(&k.file, err);
    file_abandon(&k.file);
    strbuf_release(&k.line);
    return ok;
}

bool kept_is_here(const struct worker *w, const char *key, bool *here,
                  struct error *err)
{
    static const enum spool_file answers[] = { SPOOL_OUTPUT, SPOOL_ERRORS };
    char path[SPOOL_PATH];
    size_t i;

    *here = false;
    if (!spool_path(w->spool, key, SPOOL_RECORDS, path, err))
        return false;
    if (!file_exists(path))
        return true;
    for (i = 0; i < ARRAY_LEN(answers); i++) {
        if (!spool_path(w->spool, key, answers[i], path, err))
            return false;
        *here = *here || file_exists(path);
    }
    return true;
}
