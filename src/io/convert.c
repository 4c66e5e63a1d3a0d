#include "io/convert.h"

#include <libgen.h>

#include "extract/profile.h"
#include "extract/redact.h"
#include "extract/tokens.h"
#include "io/convert_private.h"
#include "io/output.h"

#define LINE_CEILING (64 * MIB)
#define COUNTED (4 * MIB) /* bytes of text whose tokens are all counted */
#define ONE_IN 16

/* -- tokens -- */

static uint64_t count(const struct convert *c, const char *text, size_t len)
{
    return c->counter ? tokens_count(c->counter, text, len)
                      : tokens_estimate(text, len);
}

static void count_text(struct conversion *v, const char *text, size_t len)
{
    v->text_bytes += len;
    if (v->counted_bytes > COUNTED && v->c->requests % ONE_IN)
        return;
    v->counted_bytes += len;
    v->counted_tokens += count(v->c, text, len) + TOKENS_MESSAGE;
}

static int64_t count_message(const struct convert *c, const char *text)
{
    return text && *text
               ? (int64_t)count(c, text, strlen(text)) + TOKENS_MESSAGE
               : 0;
}

static void count_all(struct conversion *v)
{
    const struct profile *p = v->c->profile;
    double all = (double)v->text_bytes;

    v->c->shared_tokens = TOKENS_REPLY;
    if (p)
        v->c->shared_tokens += count_message(v->c, p->system) +
                               count_message(v->c, p->schema_text);
    if (v->counted_bytes)
        v->c->text_tokens = (int64_t)(all / (double)v->counted_bytes *
                                      (double)v->counted_tokens);
}

int64_t convert_baseline(const struct convert *c)
{
    return c->requests * c->shared_tokens + c->text_tokens;
}

int64_t convert_optimised(const struct convert *c)
{
    return (c->requests ? c->shared_tokens : 0) + c->text_tokens;
}

/* -- one record -- */

static bool refused(const struct conversion *v, const struct record *record,
                    const char *why, struct error *err)
{
    error_set(err, ERROR_REJECT, "%s %s %llu: %s", v->c->in,
              record_unit(v->reader), (unsigned long long)record->row, why);
    error_code(err, "record");
    return false;
}

/* The line of a request that is one already. */
static bool check_request(struct conversion *v, const struct record *record,
                          struct error *err)
{
    char why[160];

    if (record->shape != v->shape) {
        snprintf(why, sizeof(why),
                 "it is a request for %s; provider %.40s takes %s's form",
                 record_shape_names[record->shape], v->c->provider->ops->name,
                 record_shape_names[v->shape]);
        return refused(v, record, why, err);
    }
    strbuf_clear(&v->line);
    strbuf_add(&v->line, record->text, record->len);
    strbuf_addc(&v->line, '\n');
    return true;
}

static bool make_request(struct conversion *v, const struct record *record,
                         const char *custom_id, struct error *err)
{
    enum prompt_verdict verdict = PROMPT_READY;
    unsigned flags = 0;

    strbuf_clear(&v->line);
    strbuf_clear(&v->prompt);
    if (!prompt_build(record->text, record->len, &v->c->limits, &v->prompt,
                      &verdict, &flags, err))
        return false;
    if (verdict == PROMPT_EMPTY)
        return refused(v, record, "there is no text", err);
    request_line(&v->template, custom_id, v->prompt.data, v->prompt.len,
                 &v->line);
    count_text(v, v->prompt.data, v->prompt.len);
    return true;
}

bool conversion_add(struct conversion *v, const struct record *record,
                    struct error *err)
{
    uint64_t most = (uint64_t)v->c->provider->ops->limits.line_bytes;
    char custom_id[RECORD_ID];

    if (!record_custom_id(v->reader, record, v->strict, custom_id, err))
        return false;
    if (v->c->format == RECORD_REQUESTS
            ? !check_request(v, record, err)
            : !make_request(v, record, custom_id, err))
        return false;
    if (!strbuf_ok(&v->line) || (most && v->line.len > most))
        return refused(v, record,
                       "its request is larger than the provider takes", err);
    if (!unique_add(v->unique, custom_id, strlen(custom_id),
                    (uint64_t)v->c->requests, record->row, err) ||
        !file_add(&v->file, v->line.data, v->line.len, err))
        return false;
    v->c->requests++;
    v->c->bytes += v->line.len;
    return true;
}

bool conversion_refuse(struct conversion *v, struct error *err)
{
    if (strcmp(err->code, "record") != 0 || !v->c->skip_bad)
        return false;
    v->c->refused++;
    if (v->c->bad)
        v->c->bad(v->c->context, err->message);
    return true;
}

bool conversion_step(struct conversion *v, struct error *err)
{
    int64_t records = v->c->requests + v->c->refused;

    if (v->c->progress && v->c->every > 0 && records % v->c->every == 0)
        v->c->progress(v->c->context, records);
    if (!v->c->stop || !*v->c->stop)
        return true;
    error_exit(err, ERROR_RETRY, EXIT_INTERRUPTED,
               "stopped after %lld records: nothing was written",
               (long long)records);
    error_code(err, "stopped");
    return false;
}

static bool add_all(struct conversion *v, struct error *err)
{
    struct record record;
    bool more = true;

    for (;;) {
        if (!record_next(v->reader, &record, &more, err)) {
            if (!conversion_refuse(v, err))
                return false;
        } else if (!more) {
            return true;
        } else if (!conversion_add(v, &record, err) &&
                   !conversion_refuse(v, err)) {
            return false;
        }
        if (!conversion_step(v, err))
            return false;
    }
}

/* -- names that occur twice -- */

static bool is_named_twice(const struct conversion *v,
                           const struct unique_twin *twin, uint64_t count,
                           struct error *err)
{
    char others[60] = "";

    if (count > 1)
        snprintf(others, sizeof(others), " (and %llu more like that)",
                 (unsigned long long)(count - 1));
    error_set(err, ERROR_REJECT, "%s %s %u: its id is that of %s %u%s",
              v->c->in, record_unit(v->reader), twin->row,
              record_unit(v->reader), twin->first, others);
    error_code(err, "record");
    return false;
}

/* Copies the lines written so far, but for the twins'. */
static bool copy_without(struct conversion *v, struct file_lines *lines,
                         const struct unique_twin *twins, size_t count,
                         struct file_writer *to, struct error *err)
{
    uint64_t at;
    size_t next = 0, len;
    bool too_long;
    char *line;

    for (at = 0;; at++) {
        if (!file_lines_next(lines, &line, &len, &too_long, err))
            return false;
        if (!line)
            return true;
        if (next < count && twins[next].at == at) {
            (void)is_named_twice(v, &twins[next++], 1, err);
            v->c->requests--;
            v->c->bytes -= len + 1;
            if (!conversion_refuse(v, err))
                return false;
            continue;
        }
        line[len] = '\n'; /* where its NUL is */
        if (!file_add(to, line, len + 1, err))
            return false;
    }
}

static bool leave_out(struct conversion *v, const struct unique_twin *twins,
                      size_t count, struct error *err)
{
    struct file_writer fresh = FILE_WRITER_CLOSED;
    struct file_lines lines = { .fd = -1 };
    char path[4096];
    bool ok;

    if ((size_t)snprintf(path, sizeof(path), "%s.part", v->c->out) >=
        sizeof(path))
        return error_set(err, ERROR_SETUP, "the output's name is too long");
    ok = file_flush(&v->file, err) &&
         file_lines_open(&lines, v->file.temporary, LINE_CEILING, err) &&
         file_create(&fresh, path, err) &&
         copy_without(v, &lines, twins, count, &fresh, err) &&
         file_commit(&fresh, err);
    file_lines_close(&lines);
    file_abandon(&fresh);
    file_abandon(&v->file);
    if (ok && rename(path, v->c->out) != 0)
        ok = error_set(err, ERROR_SETUP, "cannot make %s", v->c->out);
    return ok;
}

static bool finish(struct conversion *v, struct error *err)
{
    const struct unique_twin *twins;
    uint64_t count;
    size_t kept;

    if (!unique_finish(v->unique, &twins, &kept, &count, err))
        return false;
    if (count && !v->c->skip_bad)
        return is_named_twice(v, &twins[0], count, err);
    if (count > kept)
        return error_set(err, ERROR_REJECT,
                         "%s: %llu ids occur twice: is this the id's column?",
                         v->c->in, (unsigned long long)count);
    if (!v->c->requests)
        return error_set(err, ERROR_REJECT,
                         "%s holds no record that can be used: nothing was "
                         "written",
                         v->c->in);
    if (count)
        return leave_out(v, twins, kept, err);
    return file_commit(&v->file, err);
}

/* -- the whole -- */

static void see_dialect(struct conversion *v)
{
    const char *name = v->c->provider->ops->name;

    v->strict = strcmp(name, "anthropic") == 0;
    v->shape = v->strict                     ? SHAPE_ANTHROPIC
               : strcmp(name, "gemini") == 0 ? SHAPE_GEMINI
                                             : SHAPE_OPENAI;
}

static bool begin(struct conversion *v, struct error *err)
{
    struct convert *c = v->c;
    char folder[4096];

    see_dialect(v);
    snprintf(folder, sizeof(folder), "%s", c->out);
    if (!output_is_free(c->out, c->replace, err) ||
        !record_open(&v->reader, c->in, &c->records, err))
        return false;
    c->format = record_format(v->reader);
    if (c->limits.redact) {
        c->limits.redaction = redaction_new(err);
        if (!c->limits.redaction)
            return false;
    }
    return (c->format == RECORD_REQUESTS ||
            provider_form(c->provider, c->profile, c->model, &v->template,
                          err)) &&
           unique_open(&v->unique, dirname(folder), err) &&
           file_create(&v->file, c->out, err);
}

bool convert_file(struct convert *c, struct error *err)
{
    struct conversion v = { .c = c, .file = FILE_WRITER_CLOSED };
    bool ok;

    c->requests = c->refused = c->text_tokens = c->shared_tokens = 0;
    c->bytes = 0;
    request_template_init(&v.template);
    strbuf_init(&v.line, LINE_CEILING);
    strbuf_init(&v.prompt, LINE_CEILING);
    ok = begin(&v, err) &&
         (c->format == RECORD_URLS ? conversion_fetch(&v, err)
                                   : add_all(&v, err)) &&
         finish(&v, err);
    count_all(&v);
    file_abandon(&v.file);
    unique_close(v.unique);
    record_close(v.reader);
    redaction_free(c->limits.redaction);
    c->limits.redaction = NULL;
    request_template_release(&v.template);
    strbuf_release(&v.line);
    strbuf_release(&v.prompt);
    return ok;
}
