#include "io/convert.h"

#include <libgen.h>

#include "extract/profile.h"
#include "extract/tokens.h"
#include "io/convert_private.h"
#include "io/output.h"

#define LINE_CEILING (64 * MIB)
#define TWINS_TOLD ((size_t)8) /* one message has no room for more */

/* -- tokens -- */

static bool count_shared(const struct convert *c, const char *text,
                         int64_t *tokens, struct error *err)
{
    struct text_sample one;
    size_t len = text ? strlen(text) : 0;
    bool ok;

    text_sample_init(&one);
    one.bytes = len;
    if (len)
        text_sample_keep(&one, 0, text, len);
    ok = text_sample_tokens(&one, c->vocab, tokens, err);
    text_sample_release(&one);
    if (len)
        *tokens += TOKENS_MESSAGE;
    return ok;
}

static bool count_all(struct conversion *v, struct error *err)
{
    struct convert *c = v->c;
    int64_t system, schema;

    if (!c->profile)
        return true;
    if (!count_shared(c, c->profile->system, &system, err) ||
        !count_shared(c, c->profile->schema_text, &schema, err) ||
        !text_sample_tokens(&v->sample, c->vocab, &c->text_tokens, err))
        return false;
    c->shared_tokens = TOKENS_REPLY + system + schema;
    c->text_tokens += c->requests * TOKENS_MESSAGE;
    return true;
}

int64_t convert_baseline(const struct convert *c)
{
    return c->requests * c->shared_tokens + c->text_tokens;
}

int64_t convert_optimised(const struct convert *c)
{
    return (c->requests ? c->shared_tokens : 0) + c->text_tokens;
}

/* -- a parcel that is done -- */

bool conversion_refuse(struct conversion *v, struct error *err)
{
    if (strcmp(err->code, "record") != 0 || !v->c->skip_bad)
        return false;
    v->c->refused++;
    if (v->c->bad)
        v->c->bad(v->c->context, err->message);
    return true;
}

static bool refused(struct conversion *v, const struct parcel *p,
                    const struct parcel_record *r, struct error *err)
{
    const char *why = p->texts.data + r->text;

    if (r->row)
        error_set(err, ERROR_REJECT, "%s %s %llu: %s", v->c->in,
                  record_unit(v->reader), (unsigned long long)r->row, why);
    else
        error_set(err, ERROR_REJECT, "%s", why);
    error_code(err, "record");
    return conversion_refuse(v, err);
}

static bool may_go_on(const struct conversion *v, struct error *err)
{
    int64_t records = v->c->requests + v->c->refused;

    if (!flag_is_set(v->c->stop))
        return true;
    error_exit(err, ERROR_RETRY, EXIT_INTERRUPTED,
               "stopped after %lld records: nothing was written",
               (long long)records);
    error_code(err, "stopped");
    return false;
}

bool conversion_step(struct conversion *v, struct error *err)
{
    int64_t records = v->c->requests + v->c->refused;

    if (v->c->progress && v->c->every > 0 && records % v->c->every == 0)
        v->c->progress(v->c->context, records);
    return may_go_on(v, err);
}

static bool keep(struct conversion *v, const struct parcel *p,
                 const struct parcel_record *r, size_t *prompt,
                 struct error *err)
{
    v->sample.bytes += r->prompt_len;
    if (r->sampled) {
        text_sample_keep(&v->sample, r->number, p->prompts.data + *prompt,
                         r->prompt_len);
        *prompt += r->prompt_len;
    }
    if (!unique_add(v->unique, r->custom_id, strlen(r->custom_id),
                    (uint64_t)v->c->requests, r->row, err))
        return false;
    v->c->requests++;
    v->c->bytes += r->line_len;
    return true;
}

bool conversion_take(struct conversion *v, struct parcel *p, struct error *err)
{
    size_t i, prompt = 0;

    for (i = 0; i < p->count; i++) {
        const struct parcel_record *r = &p->records[i];

        if (!(r->refused ? refused(v, p, r, err)
                         : keep(v, p, r, &prompt, err)) ||
            !conversion_step(v, err))
            return false;
    }
    return file_add(&v->file, p->lines.data, p->lines.len, err);
}

static bool add_all(struct conversion *v, struct error *err)
{
    struct record record;
    struct error why;
    bool more = true;

    for (;;) {
        if (!record_next(v->reader, &record, &more, &why)) {
            if (strcmp(why.code, "record") != 0) {
                *err = why;
                return false;
            }
            if (!parcels_refuse(v, &why, err))
                return false;
        } else if (!more) {
            return parcels_finish(v, err);
        } else if (!parcels_add(v, &record, err)) {
            return false;
        }
    }
}

/* -- names that occur twice -- */

/* others: what to say of the rest. */
static bool is_named_twice(const struct conversion *v,
                           const struct unique_twin *twin, const char *others,
                           struct error *err)
{
    error_set(err, ERROR_REJECT, "%s %s %u: its id is that of %s %u%s",
              v->c->in, record_unit(v->reader), twin->row,
              record_unit(v->reader), twin->first, others);
    error_code(err, "record");
    return false;
}

/* The first of them by their rows, the rest by their number. */
static bool are_named_twice(const struct conversion *v,
                            const struct unique_twin *twins, size_t kept,
                            uint64_t count, struct error *err)
{
    size_t told = kept < TWINS_TOLD ? kept : TWINS_TOLD;
    struct strbuf others;
    size_t i;

    strbuf_init(&others, 4 * KIB);
    for (i = 1; i < told; i++)
        strbuf_addf(&others, ", that of %s %u is that of %u",
                    record_unit(v->reader), twins[i].row, twins[i].first);
    if (count > told)
        strbuf_addf(&others, ", and %llu more like that",
                    (unsigned long long)(count - told));
    (void)is_named_twice(v, &twins[0], strbuf_ok(&others) ? others.data : "",
                         err);
    strbuf_release(&others);
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
        if (!may_go_on(v, err) ||
            !file_lines_next(lines, &line, &len, &too_long, err))
            return false;
        if (!line)
            return true;
        if (next < count && twins[next].at == at) {
            (void)is_named_twice(v, &twins[next++], "", err);
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

/* Where the lines go a second time. */
static bool part_path(const struct conversion *v, char path[4096],
                      struct error *err)
{
    if ((size_t)snprintf(path, 4096, "%s.part", v->c->out) < 4096)
        return true;
    return error_set(err, ERROR_SETUP, "the output's name is too long");
}

/* What a kill left behind; the rest has the name of what is made now. */
static bool remove_left_over(const struct conversion *v, struct error *err)
{
    char path[4096], temporary[4096 + 8];

    if (!part_path(v, path, err))
        return false;
    snprintf(temporary, sizeof(temporary), "%s.tmp", path);
    return file_remove(path, err) && file_remove(temporary, err);
}

static bool leave_out(struct conversion *v, const struct unique_twin *twins,
                      size_t count, struct error *err)
{
    struct file_writer fresh = FILE_WRITER_CLOSED;
    struct file_lines lines = { .fd = -1 };
    char path[4096];
    bool ok;

    ok = part_path(v, path, err) && file_flush(&v->file, err) &&
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
        return are_named_twice(v, twins, kept, count, err);
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
    if (!output_is_other(c->out, c->in, err) ||
        !output_is_free(c->out, c->replace, err) ||
        !record_open(&v->reader, c->in, &c->records, err))
        return false;
    c->format = record_format(v->reader);
    return parcels_open(v, err) &&
           (c->format == RECORD_REQUESTS ||
            provider_form(c->provider, c->profile, c->model, &v->template,
                          err)) &&
           unique_open(&v->unique, dirname(folder), err) &&
           remove_left_over(v, err) && file_create(&v->file, c->out, err);
}

bool convert_file(struct convert *c, struct error *err)
{
    struct conversion v = { .c = c, .file = FILE_WRITER_CLOSED };
    bool ok;

    c->requests = c->refused = c->text_tokens = c->shared_tokens = 0;
    c->bytes = 0;
    request_template_init(&v.template);
    text_sample_init(&v.sample);
    ok = begin(&v, err) &&
         (c->format == RECORD_URLS ? conversion_fetch(&v, err)
                                   : add_all(&v, err)) &&
         finish(&v, err);
    file_abandon(&v.file);
    parcels_close(&v);
    unique_close(v.unique);
    ok = ok && count_all(&v, err);
    record_close(v.reader);
    text_sample_release(&v.sample);
    request_template_release(&v.template);
    return ok;
}
