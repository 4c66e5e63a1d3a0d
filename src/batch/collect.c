#include "batch/collect.h"

#include "base/file.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/task.h"
#include "batch/budget.h"
#include "batch/check.h"
#include "batch/forward.h"
#include "batch/kept.h"
#include "batch/site.h"
#include "batch/spool.h"
#include "batch/store.h"

#define LINE_CEILING (64 * MIB)
#define TEXTS_AT_ONCE (32 * MIB) /* beyond it the rest is read later */

/* Two chunks: one is filled, or written, while the other is checked. */
struct collect {
    struct worker *w;
    struct batch *b;
    struct provider *provider;
    struct items items;
    struct json_doc *doc; /* owned */
    struct answer answer;
    struct chunk chunks[2];
    struct chunk *filling; /* one of them */
    struct task *checker;  /* owned */
    bool checking;         /* it has the other one */
    struct strbuf ids;
    int64_t read, good;
    enum spool_file file; /* that is being read */
    bool repeated;        /* somebody has a second answer that may be good */
};

static void fail_item(struct collect *c, struct item *item, const char *code,
                      const char *message, bool our_try)
{
    snprintf(item->code, sizeof(item->code), "%.39s", code);
    utf8_trim_cut(item->code);
    item->message =
        message && message[0] ? items_copy(&c->items, message) : NULL;
    item->our_try = our_try;
    item->pending = false;
}

static int waiting_order(const void *a, const void *b)
{
    const struct waiting *x = a, *y = b;

    return x->item < y->item ? -1 : x->item > y->item;
}

static bool take_text(void *context, const struct db_rows *row,
                      struct error *err)
{
    struct collect *c = context;
    struct chunk *chunk = c->filling;
    const char *key = db_rows_text(row, 0, NULL);
    struct waiting wanted = {
        .item = key ? items_by_key(&c->items, key) : NULL,
    };
    struct waiting *v = bsearch(&wanted, chunk->list, chunk->count,
                                sizeof(wanted), waiting_order);
    size_t len = 0;
    const char *text = db_rows_text(row, 1, &len);

    if (v && text && chunk->texts.len > TEXTS_AT_ONCE) {
        v->later = true;
    } else if (v && text) {
        v->has_text = true;
        v->text = chunk->texts.len;
        v->text_len = len;
        strbuf_add(&chunk->texts, text, len);
        strbuf_addc(&chunk->texts, '\0');
    }
    return strbuf_ok(&chunk->texts) || error_memory(err);
}

/* Of the waiting answers, or of as many as fit. */
static bool load_texts(struct collect *c, struct error *err)
{
    struct db_value values[] = { db_null("ids") };
    struct jsonw json;
    bool ok;
    size_t i;

    strbuf_clear(&c->filling->texts);
    strbuf_clear(&c->ids);
    jsonw_init(&json, &c->ids);
    jsonw_array(&json, NULL);
    for (i = 0; i < c->filling->count; i++)
        jsonw_text(&json, NULL, c->filling->list[i].item->userid);
    jsonw_end_array(&json);
    if (!strbuf_ok(&c->ids))
        return error_memory(err);
    values[0] = db_text_len("ids", c->ids.data, c->ids.len);
    /* One that has grown beyond measure is another text by its hash. */
    db_set_text_cut(c->w->db, true);
    ok = db_each(c->w->db, "item_texts", values, ARRAY_LEN(values), take_text,
                 c, NULL, err);
    db_set_text_cut(c->w->db, false);
    return ok;
}

static int window_left(const struct worker *w)
{
    return window_wait(&w->window, window_second(w->clock->now(w->clock)));
}

/* The window closed on the way: hold on, keeping the lease. */
static bool wait_for_window(struct collect *c, struct error *err)
{
    while (window_left(c->w) > 0 && !worker_should_stop(c->w)) {
        c->w->clock->sleep(c->w->clock, 1, c->w->stop);
        if (!worker_beat(c->w, err))
            return false;
    }
    return true;
}

static void take_outcome(struct collect *c, const struct waiting *v)
{
    if (v->code[0]) {
        fail_item(c, v->item, v->code, v->detail, v->our_try);
        return;
    }
    v->item->code[0] = '\0';
    v->item->message = NULL;
    c->good++;
}

static bool may_go_on(struct collect *c, struct error *err)
{
    if (c->w->watch)
        c->w->watch->step(c->w->watch->context, c->b, "writing", c->read,
                          c->read - c->good, c->b->request_count);
    if (worker_should_stop(c->w)) {
        error_set(err, ERROR_RETRY, "stopped");
        error_code(err, "stopped");
        return false;
    }
    if (c->w->settings.batch->write_pause > 0)
        c->w->clock->sleep(c->w->clock, c->w->settings.batch->write_pause,
                           c->w->stop);
    return true;
}

/* A chunk that has been checked: to the database, and empty again. */
static bool write_chunk(struct collect *c, struct chunk *chunk,
                        struct error *err)
{
    size_t i;

    if (!chunk->ok) {
        *err = chunk->err;
        return false;
    }
    for (i = 0; i < chunk->count; i++)
        take_outcome(c, &chunk->list[i]);
    if (!wait_for_window(c, err) || !writeback_flush(chunk->wb, err) ||
        !worker_beat(c->w, err))
        return false;
    chunk->count = 0;
    strbuf_clear(&chunk->contents);
    return may_go_on(c, err);
}

/* Answers whose texts did not fit come behind the others; how many. */
static size_t part_later(struct chunk *chunk)
{
    size_t i, kept = 0, count = chunk->count;

    for (i = 0; i < count; i++) {
        struct waiting v = chunk->list[i];

        if (v.later)
            continue;
        chunk->list[i] = chunk->list[kept];
        chunk->list[kept++] = v;
    }
    chunk->count = kept;
    return count - kept;
}

/* They go to the chunk that is filled next. */
static bool move_later(const struct chunk *from, size_t later, struct chunk *to,
                       struct error *err)
{
    size_t i;

    for (i = 0; i < later; i++) {
        struct waiting *v = &to->list[to->count++];

        *v = from->list[from->count + i];
        v->later = false;
        strbuf_add(&to->contents, from->contents.data + v->content, v->len + 1);
        v->content = to->contents.len - v->len - 1;
    }
    return strbuf_ok(&to->contents) || error_memory(err);
}

/* The chunk that was filled goes to be checked; meanwhile the one before,
 * which has been, is written. */
static bool advance(struct collect *c, struct error *err)
{
    struct chunk *next = c->filling, *checked;
    struct chunk *other = next == c->chunks ? c->chunks + 1 : c->chunks;
    size_t later = 0;

    qsort(next->list, next->count, sizeof(*next->list), waiting_order);
    if (next->count && !load_texts(c, err))
        return false;
    checked = task_take(c->checker);
    c->checking = next->count > 0;
    if (c->checking) {
        later = part_later(next);
        next->now = c->w->clock->now(c->w->clock);
        task_start(c->checker, next);
        c->filling = other;
    }
    if (checked && !write_chunk(c, checked, err))
        return false;
    return move_later(next, later, c->filling, err);
}

/* Until every answer read so far is written or has its reason. */
static bool flush(struct collect *c, struct error *err)
{
    do {
        if (!advance(c, err))
            return false;
    } while (c->checking || c->filling->count);
    return true;
}

static void note_failure(struct collect *c, struct item *item,
                         const struct answer *a)
{
    const char *code = a->outcome == ANSWER_FAILED && a->code[0]
                           ? a->code
                           : answer_outcome_names[a->outcome];
    bool final = a->outcome == ANSWER_FAILED && !a->retryable;

    if (item->pending)
        return;
    fail_item(c, item, code, a->message, a->our_fault);
    /* What can't work needs no further attempts. */
    if (final)
        item->attempt = c->w->settings.batch->max_attempts;
}

static void take_usage(struct item *item, const struct answer *a)
{
    item->input_tokens = a->input_tokens;
    item->cached_tokens = a->cached_tokens;
    item->output_tokens = a->output_tokens;
}

static bool is_full(const struct chunk *chunk)
{
    return chunk->count >= writeback_size(chunk->wb) ||
           chunk->count >= CHUNK_ANSWERS / 2 || chunk->contents.len >= 16 * MIB;
}

static bool take_answer(struct collect *c, struct error *err)
{
    struct answer *a = &c->answer;
    struct item *item = items_by_id(&c->items, a->custom_id);
    struct chunk *chunk;
    struct waiting *v;

    c->read++;
    if (!item) {
        c->b->unknown_count++;
        return true;
    }
    /* A second answer counts only if the first turns out to be useless. */
    if (item->pending && !flush(c, err))
        return false;
    if (!item->open)
        return true;
    take_usage(item, a);
    if (a->outcome != ANSWER_OK) {
        note_failure(c, item, a);
        return true;
    }
    item->pending = true;
    chunk = c->filling;
    v = &chunk->list[chunk->count++];
    memset(v, 0, sizeof(*v));
    v->item = item;
    v->content = chunk->contents.len;
    v->len = a->content.len;
    strbuf_add(&chunk->contents, a->content.data, a->content.len);
    strbuf_addc(&chunk->contents, '\0');
    if (!strbuf_ok(&chunk->contents))
        return error_memory(err);
    return is_full(chunk) ? advance(c, err) : true;
}

static bool line_is_blank(const char *line, size_t len)
{
    while (len && strchr(" \t\r\n", line[len - 1]))
        len--;
    return len == 0;
}

typedef bool line_function(struct collect *c, const struct file_lines *lines,
                           size_t len, struct error *err);

/* Every line, decoded, to the function. */
static bool read_lines(struct collect *c, struct file_lines *lines,
                       line_function *each, struct error *err)
{
    bool too_long = false;
    char *line = NULL;
    size_t len = 0;

    for (;;) {
        if (!file_lines_next(lines, &line, &len, &too_long, err))
            return false;
        if (too_long) {
            c->b->unknown_count++;
            log_warn("line_too_long", "batch=%s line=%llu", c->b->key,
                     (unsigned long long)lines->number);
            continue;
        }
        if (!line)
            return true;
        if (line_is_blank(line, len))
            continue;
        if (!c->provider->ops->decode(c->provider, c->doc, line, len,
                                      &c->answer, err) ||
            !each(c, lines, len, err))
            return false;
        if (lines->number % 1000 == 0 && !worker_beat(c->w, err))
            return false;
    }
}

/* Opens one of the answers' files; lines->fd is -1 where there is none. */
static bool open_file(struct collect *c, enum spool_file which,
                      struct file_lines *lines, struct error *err)
{
    char path[SPOOL_PATH];

    c->file = which;
    lines->fd = -1;
    lines->path = lines->buffer = NULL;
    if (!spool_path(c->w->spool, c->b->key, which, path, err))
        return false;
    return !file_exists(path) ||
           file_lines_open(lines, path, LINE_CEILING, err);
}

static const enum spool_file answer_files[] = { SPOOL_OUTPUT, SPOOL_ERRORS };

static bool read_files(struct collect *c, line_function *each,
                       struct error *err)
{
    struct file_lines lines;
    bool ok = true;
    size_t i;

    for (i = 0; ok && i < ARRAY_LEN(answer_files); i++) {
        ok = open_file(c, answer_files[i], &lines, err) &&
             (lines.fd < 0 || read_lines(c, &lines, each, err));
        file_lines_close(&lines);
    }
    return ok;
}

/* Notes whose answer a line is and where it stands. */
static bool survey_line(struct collect *c, const struct file_lines *lines,
                        size_t len, struct error *err)
{
    struct item *item = items_by_id(&c->items, c->answer.custom_id);

    (void)err;
    if (!item) {
        c->read++;
        c->b->unknown_count++;
    } else if (item->open && item->line_len) {
        c->repeated = true;
    } else if (item->open && c->answer.outcome == ANSWER_OK) {
        item->line_at = lines->offset;
        item->line_len = (uint32_t)len;
        item->line_file = (uint8_t)c->file;
    } else if (item->open) {
        c->read++;
        take_usage(item, &c->answer);
        note_failure(c, item, &c->answer);
    }
    return true;
}

/* The answers of a file, by key.  They come in any order: taken as they
 * come, each would have other pages of the database written (measured:
 * twice as many), and read for its text. */
static bool take_surveyed(struct collect *c, struct file_lines *lines,
                          struct error *err)
{
    char *line = NULL;
    size_t i;

    for (i = 0; i < c->items.count; i++) {
        const struct item *item = &c->items.list[i];

        if (item->line_len && item->line_file == c->file &&
            (!file_lines_at(lines, item->line_at, item->line_len, &line, err) ||
             !c->provider->ops->decode(c->provider, c->doc, line,
                                       item->line_len, &c->answer, err) ||
             !take_answer(c, err)))
            return false;
    }
    return flush(c, err);
}

static bool take_files(struct collect *c, struct error *err)
{
    struct file_lines lines;
    bool ok = true;
    size_t i;

    for (i = 0; ok && i < ARRAY_LEN(answer_files); i++) {
        ok = open_file(c, answer_files[i], &lines, err) &&
             (lines.fd < 0 || take_surveyed(c, &lines, err));
        file_lines_close(&lines);
    }
    return ok;
}

static bool repeat_line(struct collect *c, const struct file_lines *lines,
                        size_t len, struct error *err)
{
    (void)lines, (void)len;
    return take_answer(c, err);
}

/* Where somebody's first answer was useless, the others count: in the order
 * they came. */
static bool take_repeated(struct collect *c, struct error *err)
{
    int64_t unknown = c->b->unknown_count;

    if (!c->repeated)
        return true;
    if (!read_files(c, repeat_line, err) || !flush(c, err))
        return false;
    c->b->unknown_count = unknown;
    return true;
}

/* Files that the row says there are, but that aren't here (another host's
 * spool): download them again. */
static bool files_are_here(struct worker *w, const struct batch *b, bool *here,
                           struct error *err)
{
    char path[SPOOL_PATH];

    *here = true;
    if (b->output_file[0]) {
        if (!spool_path(w->spool, b->key, SPOOL_OUTPUT, path, err))
            return false;
        *here = file_exists(path);
    }
    if (*here && b->error_file[0]) {
        if (!spool_path(w->spool, b->key, SPOOL_ERRORS, path, err))
            return false;
        *here = file_exists(path);
    }
    return true;
}

/* Records without any answer. */
static void note_missing(struct collect *c)
{
    const char *code = c->b->error_code[0] ? c->b->error_code : "missing";
    bool ours = strcmp(code, "batch_expired") != 0 &&
                strcmp(code, "batch_cancelled") != 0 &&
                strcmp(code, "answers_gone") != 0 &&
                strcmp(code, "token_limit_exceeded") != 0;
    size_t i;

    for (i = 0; i < c->items.count; i++) {
        struct item *item = &c->items.list[i];

        if (item->open && !item->code[0])
            fail_item(c, item, code, c->b->error_message, ours);
    }
}

static bool collect_open(struct collect *c, struct error *err)
{
    answer_init(&c->answer);
    strbuf_init(&c->ids, 16 * MIB);
    c->filling = c->chunks;
    c->doc = json_doc_new();
    if (!c->doc)
        return error_memory(err);
    return worker_provider_of(c->w, c->b, &c->provider, err) &&
           items_load(&c->items, c->w->db, c->b->key, err) &&
           chunk_init(&c->chunks[0], c->w, c->b, &c->items, err) &&
           chunk_init(&c->chunks[1], c->w, c->b, &c->items, err) &&
           task_new(&c->checker, chunk_check, c->w, err);
}

static void collect_close(struct collect *c)
{
    task_free(c->checker);
    chunk_release(&c->chunks[0]);
    chunk_release(&c->chunks[1]);
    items_release(&c->items);
    json_doc_free(c->doc);
    answer_release(&c->answer);
    strbuf_release(&c->ids);
}

static bool collect_all(struct collect *c, struct error *err)
{
    int64_t open = 0;

    if (!read_files(c, survey_line, err) || !take_files(c, err) ||
        !take_repeated(c, err))
        return false;
    note_missing(c);
    if (!writeback_failures(c->chunks[0].wb, err) ||
        !store_count(c->w->db, c->b, &open, err))
        return false;
    budget_settle(c->w, c->provider, c->b);
    log_info("batch_collected",
             "batch=%s done=%lld retry=%lld dead=%lld skipped=%lld "
             "unknown=%lld",
             c->b->key, (long long)c->b->done_count,
             (long long)c->b->retry_count, (long long)c->b->dead_count,
             (long long)c->b->skipped_count, (long long)c->b->unknown_count);
    return store_move(c->w->db, c->b, BATCH_COLLECTED, c->w->name, NULL, err);
}

bool collect_step(struct worker *w, struct batch *b, struct error *err)
{
    struct collect c = { .w = w, .b = b };
    bool here = false, ok;

    if (window_left(w) > 0)
        return store_save(w->db, b, window_left(w), err);
    if (!files_are_here(w, b, &here, err))
        return false;
    if (!here)
        return store_move(w->db, b, BATCH_ENDED, w->name, NULL, err);
    b->unknown_count = 0;
    brake_reset(&w->brake);
    if (b->done_count > 0)
        brake_wrote(&w->brake);
    ok = collect_open(&c, err) && collect_all(&c, err);
    collect_close(&c);
    if (ok)
        return true;
    worker_note(w, b, err);
    return error_context(err, "collecting batch %s", b->key);
}

/* Files at the provider hold people's data: gone once they are collected.
 * Failing to remove them is said, and no reason to stop. */
static void remove_remote(struct worker *w, const struct batch *b)
{
    const char *const files[] = { b->input_file, b->output_file,
                                  b->error_file };
    struct provider *p;
    struct error err;
    size_t i;

    if (!worker_provider_of(w, b, &p, &err))
        return;
    for (i = 0; i < ARRAY_LEN(files); i++)
        if (files[i][0] && p->ops->remove_file &&
            !p->ops->remove_file(p, files[i], &err))
            log_warn("file_not_removed", "batch=%s file=%s reason=%s", b->key,
                     files[i], err.message);
}

bool tidy_step(struct worker *w, struct batch *b, struct error *err)
{
    bool keep = w->settings.batch->keep_answers > 0;

    if (keep && site_names_requests(w) && !kept_write(w, b, err))
        return false;
    remove_remote(w, b);
    return spool_clear(w->spool, b->key, !keep, err) &&
           forward_rest(w, b, err) && store_close(w->db, b, w->name, err);
}
