/*
 * local_spool.c -- the spool folder as a provider: names, manifests, files.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "runner/local_spool.h"

const char *const local_suffixes[] = {
    [LOCAL_MANIFEST] = ".json",         [LOCAL_LOCK] = ".lock",
    [LOCAL_CANCEL] = ".cancel",         [LOCAL_OUTPUT] = ".answers.jsonl",
    [LOCAL_ERRORS] = ".failures.jsonl",
};

/* -- names -- */

bool local_refuse(const char *what, struct error *err)
{
    error_exit(err, ERROR_REJECT, EXIT_PROVIDER,
               "%s is no name of a file in the spool folder", what);
    error_code(err, "not_found");
    return false;
}

/* Ids come back from a table that others can write: never a path. */
static bool is_name(const char *name)
{
    static const char fine[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz0123456789._-";

    return *name && *name != '.' && strlen(name) < REMOTE_ID - 32 &&
           !name[strspn(name, fine)];
}

bool local_path(const struct provider *self, const char *name, char *out,
                struct error *err)
{
    const char *spool = self->settings->spool;
    int len;

    if (!is_name(name))
        return local_refuse("a file id", err);
    len = snprintf(out, PATH_SIZE, "%s/%s", spool ? spool : ".", name);
    if (len < 0 || len >= PATH_SIZE)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the path of the spool folder is too long: set "
                          "batch.spool to a shorter one");
    return true;
}

bool local_batch_path(const struct provider *self, const char *id,
                      enum local_file which, char *out, struct error *err)
{
    char name[REMOTE_ID];

    if (!is_name(id))
        return local_refuse("a batch id", err);
    snprintf(name, sizeof(name), "%s%s", id, local_suffixes[which]);
    return local_path(self, name, out, err);
}

/* -- the manifest -- */

void local_set_status(struct remote_batch *b, enum remote_status status)
{
    b->status = status;
    snprintf(b->word, sizeof(b->word), "%s", remote_status_names[status]);
}

static void copy_text(const struct json_object *object, const char *name,
                      char *out, size_t size)
{
    const char *text = json_get_text(object, name);

    snprintf(out, size, "%s", text ? text : "");
}

bool local_read(const struct provider *self, const char *id, bool *found,
                struct remote_batch *out, struct error *err)
{
    struct json_object *object;
    char path[PATH_SIZE];

    *found = false;
    if (!local_batch_path(self, id, LOCAL_MANIFEST, path, err))
        return false;
    *out = (struct remote_batch){ .input_tokens = -1,
                                  .cached_tokens = -1,
                                  .output_tokens = -1 };
    if (!file_exists(path))
        return true;
    object = json_parse_file(path, 64 * KIB, err);
    if (!object)
        return false;
    snprintf(out->id, sizeof(out->id), "%s", id);
    copy_text(object, "key", out->key, sizeof(out->key));
    copy_text(object, "input_file_id", out->input_file,
              sizeof(out->input_file));
    copy_text(object, "output_file_id", out->output_file,
              sizeof(out->output_file));
    copy_text(object, "error_file_id", out->error_file,
              sizeof(out->error_file));
    copy_text(object, "status", out->word, sizeof(out->word));
    copy_text(object, "error_code", out->error_code, sizeof(out->error_code));
    copy_text(object, "error_message", out->error_message,
              sizeof(out->error_message));
    out->status = remote_status_of(out->word);
    out->created_at = json_get_real(object, "created_at", 0);
    out->total = json_get_integer(object, "total", 0);
    out->completed = json_get_integer(object, "completed", 0);
    out->failed = json_get_integer(object, "failed", 0);
    json_free(object);
    *found = true;
    return true;
}

bool local_write(const struct provider *self, const struct remote_batch *b,
                 struct error *err)
{
    char path[PATH_SIZE];
    struct strbuf text;
    struct jsonw w;
    bool ok;

    if (!local_batch_path(self, b->id, LOCAL_MANIFEST, path, err))
        return false;
    strbuf_init(&text, 64 * KIB);
    jsonw_init(&w, &text);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "id", b->id);
    jsonw_text(&w, "key", b->key);
    jsonw_text(&w, "status", b->word);
    jsonw_text(&w, "input_file_id", b->input_file);
    jsonw_text(&w, "output_file_id", b->output_file);
    jsonw_text(&w, "error_file_id", b->error_file);
    jsonw_text(&w, "error_code", b->error_code);
    jsonw_text(&w, "error_message", b->error_message);
    jsonw_real(&w, "created_at", b->created_at);
    jsonw_integer(&w, "total", b->total);
    jsonw_integer(&w, "completed", b->completed);
    jsonw_integer(&w, "failed", b->failed);
    jsonw_end_object(&w);
    strbuf_addc(&text, '\n');
    ok = strbuf_ok(&text) ? file_write(path, text.data, text.len, err)
                          : error_memory(err);
    strbuf_release(&text);
    return ok;
}

/* -- files -- */

static bool same_file(const char *a, const char *b)
{
    struct stat sa, sb;

    return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
           sa.st_ino == sb.st_ino;
}

static bool copy_bytes(const char *from, struct file_writer *to,
                       struct error *err)
{
    char buffer[64 * 1024];
    size_t n;
    FILE *in = fopen(from, "rbe");
    bool ok = true;

    if (!in)
        return error_exit(err, ERROR_SETUP, EXIT_PROVIDER,
                          "cannot read %.300s: %s", from, strerror(errno));
    while (ok && (n = fread(buffer, 1, sizeof(buffer), in)) > 0)
        ok = file_add(to, buffer, n, err);
    if (ok && ferror(in))
        ok = error_exit(err, ERROR_SETUP, EXIT_PROVIDER, "cannot read %.300s",
                        from);
    fclose(in);
    return ok;
}

static bool copy_file(const char *from, const char *to, struct error *err)
{
    struct file_writer w;

    if (!file_create(&w, to, err))
        return false;
    if (copy_bytes(from, &w, err))
        return file_commit(&w, err);
    file_abandon(&w);
    return false;
}

bool local_upload(struct provider *self, const char *path, const char *name,
                  char *file_id, const struct provider_watch *watch,
                  struct error *err)
{
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;
    char there[PATH_SIZE];

    (void)watch;
    if (is_name(last) && local_path(self, last, there, err) &&
        same_file(path, there)) {
        snprintf(file_id, REMOTE_ID, "%s", last);
        return true;
    }
    if (!local_path(self, name, there, err) || !copy_file(path, there, err))
        return false;
    snprintf(file_id, REMOTE_ID, "%s", name);
    return true;
}

/* A finished file is never written again, so a second name for it will do. */
bool local_download(struct provider *self, const char *file_id,
                    const char *path, const struct provider_watch *watch,
                    struct error *err)
{
    char from[PATH_SIZE], temporary[PATH_SIZE + 8];

    (void)watch;
    if (!local_path(self, file_id, from, err))
        return false;
    if (!file_exists(from))
        return local_refuse("a missing file", err);
    snprintf(temporary, sizeof(temporary), "%s.link", path);
    unlink(temporary);
    if (link(from, temporary) == 0 && rename(temporary, path) == 0) {
        unlink(temporary); /* rename leaves two names of one file alone */
        return true;
    }
    return copy_file(from, path, err);
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t a = strlen(name), b = strlen(suffix);

    return a > b && !strcmp(name + a - b, suffix);
}

/* With the answers goes all that is left of the batch. */
bool local_remove(struct provider *self, const char *file_id, struct error *err)
{
    static const enum local_file answers[] = { LOCAL_OUTPUT, LOCAL_ERRORS };
    static const enum local_file rest[] = { LOCAL_MANIFEST, LOCAL_CANCEL,
                                            LOCAL_LOCK };
    char path[PATH_SIZE], id[REMOTE_ID];
    size_t i, j;

    if (!local_path(self, file_id, path, err) || !file_remove(path, err))
        return false;
    for (i = 0; i < ARRAY_LEN(answers); i++) {
        if (!ends_with(file_id, local_suffixes[answers[i]]))
            continue;
        snprintf(id, sizeof(id), "%.*s",
                 (int)(strlen(file_id) - strlen(local_suffixes[answers[i]])),
                 file_id);
        for (j = 0; j < ARRAY_LEN(rest); j++)
            if (!local_batch_path(self, id, rest[j], path, err) ||
                !file_remove(path, err))
                return false;
    }
    return true;
}
