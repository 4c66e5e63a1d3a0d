#include "runner/answers.h"

#define RECHECKED (4 * MIB)
#define LONGEST (256 * MIB)

static const char head[] = "{\"id\":\"batch_req_";
static const char middle[] = "\",\"custom_id\":";

/* What stands at the front of a line of ours. */
struct front {
    size_t line;    /* from 0 */
    const char *id; /* escaped custom_id, NULL = null */
    size_t id_len;
};

/* -- reading -- */

static bool read_number(const char **at, size_t *number)
{
    const char *s = *at;

    *number = 0;
    while (*s >= '0' && *s <= '9' && *number < UINT32_MAX)
        *number = *number * 10 + (size_t)(*s++ - '0');
    if (s == *at || !*number)
        return false;
    *at = s;
    return true;
}

/* The string that begins behind the quote at s: where it ends. */
static const char *string_end(const char *s)
{
    for (; *s != '"'; s++) {
        if (*s == '\\')
            s++;
        if (!*s)
            return NULL;
    }
    return s;
}

static bool read_front(const char *line, struct front *out)
{
    const char *at = line, *end;

    *out = (struct front){ 0 };
    if (strncmp(at, head, sizeof(head) - 1) != 0)
        return false;
    at += sizeof(head) - 1;
    if (!read_number(&at, &out->line) ||
        strncmp(at, middle, sizeof(middle) - 1) != 0)
        return false;
    out->line--;
    at += sizeof(middle) - 1;
    if (!strncmp(at, "null,", 5))
        return true;
    if (*at++ != '"')
        return false;
    end = string_end(at);
    if (!end)
        return false;
    out->id = at;
    out->id_len = (size_t)(end - at);
    return true;
}

struct scan {
    struct answers *answers;
    struct plan *plan;
    struct file_lines lines;
    struct json_doc *doc; /* owned */
    uint64_t recheck;     /* from this offset on */
};

/* A line as it was written: whole, and where a crash may have spoiled it,
 * JSON throughout. */
static bool is_whole(struct scan *s, const char *line, size_t len)
{
    static const struct json_limits limits = { LONGEST, 5000000, 64 };
    struct error ignored;

    if (s->lines.last_unended || len < 2 || line[len - 1] != '}')
        return false;
    return s->lines.next < s->recheck ||
           json_read(s->doc, line, len, &limits, &ignored);
}

static bool foreign(const struct answers *a, struct error *err)
{
    return error_exit(err, ERROR_SETUP, EXIT_PROVIDER,
                      "%.300s holds answers to other requests: move it away",
                      a->path);
}

/* A crash spoils the end only. */
static bool damaged(const struct scan *s, struct error *err)
{
    return error_exit(err, ERROR_SETUP, EXIT_PROVIDER,
                      "%.300s is damaged at byte %llu: move it away, or cut "
                      "it there",
                      s->answers->path, (unsigned long long)s->lines.offset);
}

/* *more = false at the end, or where a crash has left its mark. */
static bool scan_line(struct scan *s, bool *more, struct error *err)
{
    struct front front;
    bool too_long;
    size_t len;
    char *line;

    if (!file_lines_next(&s->lines, &line, &len, &too_long, err))
        return false;
    *more = line && is_whole(s, line, len) && read_front(line, &front);
    if (!*more)
        return s->lines.offset >= s->recheck || damaged(s, err);
    if (front.line >= s->plan->count ||
        !plan_matches(s->plan, front.line, front.id, front.id_len))
        return foreign(s->answers, err);
    plan_done(s->plan, front.line);
    s->answers->count++;
    s->answers->length = s->lines.next;
    return true;
}

static bool scan_lines(struct scan *s, off_t size, struct error *err)
{
    bool more = true;

    s->doc = json_doc_new();
    if (!s->doc)
        return error_memory(err);
    if ((uint64_t)size > RECHECKED)
        s->recheck = (uint64_t)size - RECHECKED;
    if (!file_lines_open(&s->lines, s->answers->path, LONGEST, err))
        return false;
    while (more)
        if (!scan_line(s, &more, err))
            return false;
    return true;
}

bool answers_open(struct answers *a, const char *path, struct plan *plan,
                  struct error *err)
{
    struct scan scan = { .answers = a, .plan = plan };
    off_t size = file_size(path);
    bool ok = true;

    *a = (struct answers){ .file = FILE_WRITER_CLOSED };
    scan.lines.fd = -1;
    a->path = strdup(path);
    if (!a->path)
        return error_memory(err);
    if (size > 0)
        ok = scan_lines(&scan, size, err);
    file_lines_close(&scan.lines);
    json_doc_free(scan.doc);
    if (ok && size > (off_t)a->length)
        ok = file_append(&a->file, path, (off_t)a->length, err);
    if (!ok)
        answers_close(a);
    return ok;
}

void answers_close(struct answers *a)
{
    file_abandon(&a->file);
    free(a->path);
    a->path = NULL;
}

/* -- writing -- */

bool answers_add(struct answers *a, const char *line, size_t len, double now,
                 struct error *err)
{
    if (a->file.fd < 0 &&
        !file_append(&a->file, a->path, (off_t)a->length, err))
        return false;
    if (!file_add(&a->file, line, len, err) || !file_flush(&a->file, err))
        return false;
    if (!a->unsynced++)
        a->since = now;
    a->count++;
    return a->unsynced < SYNC_ANSWERS || answers_sync(a, err);
}

double answers_due(const struct answers *a, double now)
{
    if (!a->unsynced)
        return -1;
    return now < a->since + SYNC_SECONDS ? a->since + SYNC_SECONDS - now : 0;
}

bool answers_sync(struct answers *a, struct error *err)
{
    if (!a->unsynced)
        return true;
    a->unsynced = 0;
    return file_sync(&a->file, err);
}
