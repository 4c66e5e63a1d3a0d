#include "tests/provider/fake/store.h"

#include <unistd.h>

struct fake_file *fake_files[FAKE_MOST];
size_t fake_file_count;

struct fake_file *fake_file_new(const char *name, const char *purpose, int fd,
                                off_t at, off_t len)
{
    struct fake_file *f = calloc(1, sizeof(*f));

    if (!f || fake_file_count == FAKE_MOST)
        fake_die("files");
    snprintf(f->id, sizeof(f->id), "file-%06zu", fake_file_count + 1);
    snprintf(f->name, sizeof(f->name), "%s", name);
    snprintf(f->purpose, sizeof(f->purpose), "%s", purpose);
    f->fd = fd;
    f->at = at;
    f->len = len;
    f->created = fake_time();
    fake_files[fake_file_count++] = f;
    return f;
}

struct fake_file *fake_file_find(const char *id)
{
    size_t i;

    for (i = 0; i < fake_file_count; i++)
        if (!fake_files[i]->gone && !strcmp(fake_files[i]->id, id))
            return fake_files[i];
    return NULL;
}

void fake_add_time(struct jsonw *w, const char *name, double t)
{
    const char *how = fake_settings.times;
    char text[40];
    struct tm tm;
    time_t s = (time_t)t;

    if (!t) {
        jsonw_null(w, name);
        return;
    }
    snprintf(text, sizeof(text), "%ld", (long)t);
    if (!strcmp(how, "iso")) {
        gmtime_r(&s, &tm);
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.000Z", &tm);
    }
    if (!strcmp(how, "ms"))
        jsonw_integer(w, name, (int64_t)(t * 1000));
    else if (!strcmp(how, "number"))
        jsonw_integer(w, name, (int64_t)t);
    else
        jsonw_text(w, name, text);
}

void fake_no_such(struct fake_reply *reply, const char *what, const char *id)
{
    char text[200];

    snprintf(text, sizeof(text), "No such %s object: %.60s", what, id);
    fake_error(reply, 404, "invalid_request_error", NULL, text);
}

struct fake_batch *fake_batches[FAKE_MOST];
size_t fake_batch_count;

struct fake_batch *fake_batch_find(const char *id)
{
    size_t i;

    for (i = 0; i < fake_batch_count; i++)
        if (!strcmp(fake_batches[i]->id, id))
            return fake_batches[i];
    return NULL;
}

bool fake_batch_ended(const struct fake_batch *b)
{
    return !strcmp(b->status, "completed") || !strcmp(b->status, "failed") ||
           !strcmp(b->status, "expired") || !strcmp(b->status, "cancelled");
}
struct fake_batch *fake_batch_new(const struct fake_dialect *dialect,
                                  const char *prefix, const char *input)
{
    struct fake_batch *b = calloc(1, sizeof(*b));

    if (!b || fake_batch_count == FAKE_MOST)
        fake_die("batches");
    b->dialect = dialect;
    snprintf(b->id, sizeof(b->id), "%s%06zu", prefix, fake_batch_count + 1);
    snprintf(b->status, sizeof(b->status), "validating");
    snprintf(b->input, sizeof(b->input), "%s", input);
    b->created = fake_time();
    b->hidden = fake_settings.lag;
    fake_batches[fake_batch_count++] = b;
    fake_ledger.creates++;
    return b;
}

/* The batch at that place of the listing. */
static struct fake_batch *batch_at(size_t place)
{
    size_t n = fake_batch_count, half = (n + 1) / 2;

    if (!strcmp(fake_settings.list, "oldest"))
        return fake_batches[place];
    if (!strcmp(fake_settings.list, "mixed"))
        return fake_batches[place < half ? 2 * place : 2 * (place - half) + 1];
    return fake_batches[n - 1 - place];
}

void fake_batch_list(const char *after,
                     bool (*each)(const struct fake_batch *b, void *context),
                     void *context)
{
    bool waiting = after[0];
    size_t i;

    fake_ledger.lists++;
    for (i = 0; i < fake_batch_count; i++) {
        struct fake_batch *b = batch_at(i);

        if (waiting) {
            waiting = strcmp(b->id, after) != 0;
            continue;
        }
        if (b->hidden > 0) {
            b->hidden--;
            continue;
        }
        fake_batch_advance(b, false);
        if (!b->gone && !each(b, context))
            break;
    }
}

long fake_page(const char *asked, long most)
{
    long n = asked[0] ? strtol(asked, NULL, 10) : 20;

    if (n < 1 || n > most)
        n = most;
    return fake_settings.page && n > fake_settings.page ? fake_settings.page
                                                        : n;
}

void fake_copy(const struct json_node *root, const char *name, char *out,
               size_t size)
{
    const struct json_node *n = json_member(root, name);

    out[0] = '\0';
    if (json_is(n, JSON_STRING))
        snprintf(out, size, "%.*s", (int)n->len, n->text);
}

struct fake_file *fake_file_take(const struct fake_request *r, const char *name)
{
    int fd;

    if (r->spool >= 0) {
        fd = dup(r->spool);
    } else {
        fd = fake_temporary();
        fake_write(fd, r->body, r->body_len);
    }
    return fake_file_new(name, "batch", fd, 0, (off_t)r->body_len);
}

void fake_origin(const struct fake_request *r, char *out, size_t size)
{
    char host[100];

    fake_header(r, "host", host, sizeof(host));
    snprintf(out, size, "http://%s", host);
}
