/*
 * answering.c -- a batch's life: its lines are checked, then answered.
 */
#include <unistd.h>

#include "tests/provider/fake/store.h"

/* -- validation -- */

static void refuse(struct fake_batch *b, const char *code, const char *message,
                   long line)
{
    snprintf(b->status, sizeof(b->status), "failed");
    snprintf(b->fail_code, sizeof(b->fail_code), "%s", code);
    snprintf(b->fail_message, sizeof(b->fail_message), "%s", message);
    b->fail_line = line;
    b->finished = fake_time();
}

static int by_value(const void *a, const void *b)
{
    uint64_t x, y;

    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return x < y ? -1 : x > y;
}

/* The lines of a file, as offsets from its start. */
struct lines {
    const char *map, *text;
    size_t mapped, len;
    size_t *at, count;
};

static void lines_open(struct lines *l, const struct fake_file *f)
{
    const char *p, *end;
    size_t room = 0;

    memset(l, 0, sizeof(*l));
    l->map = fake_map(f->fd, &l->mapped);
    l->text = l->map + f->at;
    l->len = (size_t)f->len;
    for (p = l->text; p < l->text + l->len; p = end + 1) {
        end = memchr(p, '\n', (size_t)(l->text + l->len - p));
        if (!end)
            end = l->text + l->len;
        if (end == p)
            continue;
        if (l->count + 1 >= room) {
            room = room ? room * 2 : 1024;
            l->at = realloc(l->at, room * sizeof(*l->at));
            if (!l->at)
                fake_die("memory");
        }
        l->at[l->count++] = (size_t)(p - l->text);
    }
}

static void lines_close(struct lines *l)
{
    fake_unmap(l->map, l->mapped);
    free(l->at);
}

static const char *line_at(const struct lines *l, size_t i, size_t *len)
{
    const char *p = l->text + l->at[i], *end;

    end = memchr(p, '\n', (size_t)(l->text + l->len - p));
    *len = (size_t)((end ? end : l->text + l->len) - p);
    return p;
}

static bool line_is_good(const struct lines *l, size_t i, struct json_doc *doc,
                         struct fake_batch *b, uint64_t *id_hash)
{
    const struct json_node *root, *id;
    const char *fault;
    struct error err;
    size_t len;
    const char *line = line_at(l, i, &len);

    root = json_read(doc, line, len, &json_limits_default, &err);
    id = json_member(root, b->dialect->id_name);
    fault = !root ? "invalid_json_line" : b->dialect->check(b, root);
    if (!fault && (!json_is(id, JSON_STRING) || !id->len || id->len > 64))
        fault = "invalid_request";
    if (fault) {
        refuse(b, fault, "A line of the file is not as it should be.",
               (long)i + 1);
        return false;
    }
    *id_hash = fake_hash(id->text, id->len);
    return true;
}

static void check_lines(struct fake_batch *b, const struct lines *l)
{
    struct json_doc *doc = json_doc_new();
    uint64_t *ids = calloc(l->count + 1, sizeof(*ids));
    size_t i;

    if (!doc || !ids)
        fake_die("memory");
    for (i = 0; i < l->count; i++)
        if (!line_is_good(l, i, doc, b, &ids[i]))
            goto out;
    qsort(ids, l->count, sizeof(*ids), by_value);
    for (i = 1; i < l->count; i++)
        if (ids[i] == ids[i - 1])
            refuse(b, "duplicate_custom_id",
                   "A custom_id occurs more than once.", 0);
out:
    free(ids);
    json_doc_free(doc);
}

static bool is_counted(const struct fake_batch *b)
{
    return !fake_batch_ended(b) ||
           (!b->fail_code[0] &&
            fake_time() < b->finished + fake_settings.counter_lag);
}

static long enqueued(void)
{
    long sum = 0;
    size_t i;

    for (i = 0; i < fake_batch_count; i++)
        if (is_counted(fake_batches[i]))
            sum += fake_batches[i]->tokens;
    return sum;
}

static void check_limit(struct fake_batch *b, const struct lines *l)
{
    char text[300];

    b->tokens = (long)(l->len / 4);
    if (!fake_settings.token_limit ||
        enqueued() + b->tokens <= fake_settings.token_limit)
        return;
    snprintf(text, sizeof(text),
             "Enqueued token limit reached for gpt-4o-mini in organization "
             "org-fake. Limit: %ld enqueued tokens. Please try again once "
             "some in_progress batches have been completed.",
             fake_settings.token_limit);
    refuse(b, "token_limit_exceeded", text, 0);
}

/* Requests are taken here: what would be charged for if answered. */
static void accept_lines(struct fake_batch *b, const struct lines *l)
{
    size_t i, len, id_len;
    const char *line, *id;

    b->total = (long)l->count;
    for (i = 0; i < l->count; i++) {
        line = line_at(l, i, &len);
        id = fake_find_string(line, len, b->dialect->id_name, &id_len);
        if (!id)
            continue;
        fake_count(id, id_len)->accepted++;
        fake_ledger.accepted++;
    }
}

static void validate(struct fake_batch *b)
{
    struct fake_file *f = fake_file_find(b->input);
    struct lines l;

    if (!f) {
        refuse(b, "file_not_found", "The input file is gone.", 0);
        return;
    }
    lines_open(&l, f);
    if (!l.count)
        refuse(b, "empty_file", "The input file is empty.", 0);
    else if (fake_settings.validate)
        check_lines(b, &l);
    if (!fake_batch_ended(b))
        check_limit(b, &l);
    if (!fake_batch_ended(b) && !strcmp(fake_settings.end, "failed"))
        refuse(b, fake_settings.fail_code, fake_settings.fail_message, 3);
    if (!fake_batch_ended(b)) {
        accept_lines(b, &l);
        snprintf(b->status, sizeof(b->status), "in_progress");
    }
    lines_close(&l);
}

/* -- answering -- */

/* Output is gathered and written in pieces. */
struct sink {
    int fd;
    struct strbuf text;
    off_t len;
};

static void sink_flush(struct sink *s)
{
    fake_write(s->fd, s->text.data, s->text.len);
    s->len += (off_t)s->text.len;
    strbuf_clear(&s->text);
}

static void sink_line(struct sink *s, const char *line, size_t len)
{
    strbuf_add(&s->text, line, len);
    strbuf_adds(&s->text, fake_settings.blank ? "\r\n\r\n" : "\n");
    if (s->text.len > MIB)
        sink_flush(s);
}

static void sink_open(struct sink *s)
{
    s->fd = fake_temporary();
    s->len = 0;
    strbuf_init(&s->text, 256 * MIB);
    if (fake_settings.blank)
        strbuf_adds(&s->text, "\xef\xbb\xbf");
}

static void sink_close(struct sink *s, const char *suffix, char *id,
                       size_t size)
{
    struct fake_file *f;

    if (fake_settings.blank && s->text.len > 4)
        strbuf_cut(&s->text, s->text.len - 4);
    sink_flush(s);
    strbuf_release(&s->text);
    id[0] = '\0';
    if (s->len > 3) {
        f = fake_file_new(suffix, "batch_output", s->fd, 0, s->len);
        snprintf(id, size, "%s", f->id);
    } else {
        close(s->fd);
    }
}

static bool every(long n, size_t i)
{
    return n > 0 && (long)i % n == n - 1;
}

struct answering {
    struct fake_batch *batch;
    struct sink good, bad;
    struct fake_answer answer;
    struct strbuf line;
    bool ending;    /* every second request is not answered */
    bool cancelled; /* because of that */
};

static void tell(struct answering *w, size_t i, bool good)
{
    struct sink *s = good || w->batch->dialect->one_file ? &w->good : &w->bad;

    if (every(fake_settings.missing, i))
        return;
    if (every(fake_settings.garble, i))
        strbuf_cut(&w->line, w->line.len / 2);
    sink_line(s, w->line.data, w->line.len);
    if (every(fake_settings.duplicate, i))
        sink_line(s, w->line.data, w->line.len);
}

static void answer_one(struct answering *w, const struct lines *l, size_t i)
{
    const struct fake_dialect *d = w->batch->dialect;
    size_t len, id_len = 0, model_len = 0;
    const char *line = line_at(l, i, &len), *id, *model;
    char name[128];

    id = fake_find_string(line, len, d->id_name, &id_len);
    model = fake_find_string(line, len, "model", &model_len);
    snprintf(name, sizeof(name), "%.*s", (int)model_len, model ? model : "");
    strbuf_clear(&w->line);
    if (w->ending && i % 2) {
        d->never_ran(id ? id : "", id_len, w->cancelled, &w->line);
        w->batch->failed++;
        tell(w, i, false);
        return;
    }
    fake_answer_make(line, len, &w->answer);
    if (every(fake_settings.fail, i) && w->answer.status == 200)
        w->answer.status = 400;
    if (!w->answer.status)
        return;
    if (w->answer.status == 200 && id) {
        fake_count(id, id_len)->billed++;
        fake_ledger.billed++;
        w->batch->done++;
    } else {
        w->batch->failed++;
    }
    d->answer(id ? id : "", id_len, &w->answer, name, &w->line);
    tell(w, i, w->answer.status == 200);
}

/* A fixed scramble, so that runs are alike. */
static void arrange(struct lines *l)
{
    uint64_t x = 88172645463325252u;
    size_t i, j, swap;

    for (i = l->count; i > 1; i--) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        j = !strcmp(fake_settings.order, "shuffle") ? x % i
            : !strcmp(fake_settings.order, "reverse") && i > l->count / 2
                ? l->count - i
                : i - 1;
        swap = l->at[i - 1];
        l->at[i - 1] = l->at[j];
        l->at[j] = swap;
    }
}

static void answer_all(struct fake_batch *b, bool ending, bool cancelled)
{
    struct answering w = { .batch = b,
                           .ending = ending,
                           .cancelled = cancelled };
    struct fake_file *f = fake_file_find(b->input);
    struct lines l;
    size_t i;

    if (!f)
        return;
    lines_open(&l, f);
    arrange(&l);
    sink_open(&w.good);
    sink_open(&w.bad);
    fake_answer_init(&w.answer);
    strbuf_init(&w.line, 128 * MIB);
    for (i = 0; i < l.count; i++)
        answer_one(&w, &l, i);
    for (i = 0; (long)i < fake_settings.unknown; i++) {
        strbuf_clear(&w.line);
        strbuf_addf(&w.line, "never-asked-%zu", i);
        b->dialect->never_ran(w.line.data, w.line.len, false, &w.good.text);
        strbuf_addc(&w.good.text, '\n');
    }
    sink_close(&w.good, "output.jsonl", b->output, sizeof(b->output));
    sink_close(&w.bad, "errors.jsonl", b->errors, sizeof(b->errors));
    strbuf_release(&w.line);
    fake_answer_release(&w.answer);
    lines_close(&l);
}

static void finish(struct fake_batch *b)
{
    const char *end = fake_settings.end;

    if (!strcmp(b->status, "cancelling") || !strcmp(end, "cancelled")) {
        answer_all(b, true, true);
        b->cancelled = true;
        end = "cancelled";
    } else if (!strcmp(end, "expired")) {
        answer_all(b, true, false);
    } else if (!strcmp(end, "stuck")) {
        return;
    } else {
        answer_all(b, false, false);
        end = "completed";
    }
    snprintf(b->status, sizeof(b->status), "%.23s", end);
    b->finished = fake_time();
}

/* Moves a batch on because it is looked at, or because time went by. */
void fake_batch_advance(struct fake_batch *b, bool looked)
{
    if (looked)
        b->looks++;
    if (fake_batch_ended(b))
        return;
    if (!strcmp(b->status, "validating"))
        validate(b);
    if (fake_batch_ended(b))
        return;
    if (fake_settings.seconds > 0
            ? fake_time() - b->created >= fake_settings.seconds
            : b->looks >= fake_settings.polls)
        finish(b);
}

void fake_batches_start(void)
{
    size_t i;

    for (i = 0; i < fake_batch_count; i++)
        if (!strcmp(fake_batches[i]->status, "validating"))
            validate(fake_batches[i]);
}

bool fake_batch_cancel(struct fake_batch *b)
{
    fake_ledger.cancels++;
    if (fake_batch_ended(b))
        return false;
    if (!strcmp(b->status, "validating"))
        validate(b);
    if (!fake_batch_ended(b)) {
        snprintf(b->status, sizeof(b->status), "cancelling");
        b->looks = fake_settings.polls - 1;
    }
    return true;
}
