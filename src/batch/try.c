#include "batch/try.h"

#include <unistd.h>

#include "base/file.h"
#include "batch/custom_id.h"
#include "batch/record_prompt.h"
#include "runner/runner.h"

#define LINE_CEILING (64 * MIB)
#define ROWS_MAX 1000

struct record {
    char *userid; /* owned */
    char *text;   /* owned */
    size_t text_len;
    char **before; /* owned: per mapped column, NULL = SQL NULL */
    bool answered;
};

struct trial {
    struct worker *w;
    struct provider *provider;
    const struct try_watch *watch;
    struct try_result *result;
    struct record *records; /* owned */
    size_t count;
    size_t *map; /* owned: profile column of each mapped one */
    size_t columns;
    struct request_template template;
    char folder[4096];
    char files[3][4160];  /* requests, output, errors */
    struct json_doc *doc; /* owned */
    struct answer answer;
};

static bool copy_row(struct trial *t, const struct db_rows *row,
                     struct record *r, struct error *err)
{
    const char *key = db_rows_text(row, 0, NULL), *text;
    size_t i;

    text = db_rows_text(row, 1, &r->text_len);
    r->userid = strdup(key ? key : "");
    r->text = malloc(r->text_len + 1);
    r->before = calloc(t->columns + 1, sizeof(*r->before));
    if (!r->userid || !r->text || !r->before)
        return error_memory(err);
    memcpy(r->text, text ? text : "", r->text_len);
    r->text[r->text_len] = '\0';
    for (i = 0; i < t->columns; i++) {
        text = db_rows_text(row, 2 + i, NULL);
        r->before[i] = text ? strdup(text) : NULL;
        if (text && !r->before[i])
            return error_memory(err);
    }
    return true;
}

static bool take_row(void *context, const struct db_rows *row,
                     struct error *err)
{
    struct trial *t = context;

    return t->count >= ROWS_MAX ||
           copy_row(t, row, &t->records[t->count++], err);
}

static bool map_columns(struct trial *t, struct error *err)
{
    const struct profile *p = t->w->profile;
    size_t i;

    t->map = calloc(p->column_count + 1, sizeof(*t->map));
    t->records = calloc(ROWS_MAX, sizeof(*t->records));
    if (!t->map || !t->records)
        return error_memory(err);
    for (i = 0; i < p->column_count; i++)
        if (t->w->targets[i].present && p->columns[i].enabled &&
            p->columns[i].rule != COLUMN_NEVER)
            t->map[t->columns++] = i;
    return true;
}

static bool write_requests(struct trial *t, struct error *err)
{
    struct file_writer file = FILE_WRITER_CLOSED;
    struct strbuf prompt, line;
    struct record_prompt_result r;
    char custom_id[CUSTOM_ID];
    bool ok = file_create(&file, t->files[0], err);
    size_t i;

    strbuf_init(&prompt, LINE_CEILING);
    strbuf_init(&line, LINE_CEILING);
    for (i = 0; ok && i < t->count; i++) {
        strbuf_clear(&prompt);
        strbuf_clear(&line);
        ok = record_prompt(t->w, t->records[i].text, t->records[i].text_len,
                           &prompt, &r, err);
        if (!ok || !r.usable)
            continue;
        custom_id_make(t->w->profile->custom_id_prefix, t->records[i].userid,
                       custom_id);
        request_line(&t->template, custom_id, prompt.data, prompt.len, &line);
        ok = strbuf_ok(&line) ? file_add(&file, line.data, line.len, err)
                              : error_memory(err);
        t->result->asked++;
    }
    ok = ok && file_commit(&file, err);
    file_abandon(&file);
    strbuf_release(&prompt);
    strbuf_release(&line);
    return ok;
}

static bool ask(struct trial *t, struct error *err)
{
    const struct provider_settings *s = t->provider->settings;
    struct provider_watch watch = worker_provider_watch(t->w);
    struct runner_settings settings = {
        .base_url = t->provider->base_url,
        .allowed_hosts =
            s->allowed_hosts && s->allowed_hosts[0] ? s->allowed_hosts : NULL,
        .concurrency = s->concurrency,
        .requests_per_minute = s->requests_per_minute,
        .tokens_per_minute = s->tokens_per_minute,
        .timeout = s->timeout,
    };
    struct runner_result result;
    const char *headers[1];
    struct strbuf bearer;
    bool ok;

    strbuf_init(&bearer, 16 * KIB);
    if (s->api_key && s->api_key[0]) {
        strbuf_addf(&bearer, "Authorization: Bearer %s", s->api_key);
        headers[settings.header_count++] = bearer.data;
    }
    settings.headers = headers;
    ok = runner_run(&settings, t->files[0], t->files[1], t->files[2], &watch,
                    t->w->clock, &result, err);
    if (bearer.len)
        explicit_bzero(bearer.data, bearer.len);
    strbuf_release(&bearer);
    return ok;
}

static struct record *record_of(struct trial *t, const char *custom_id)
{
    char id[CUSTOM_ID];
    size_t i;

    for (i = 0; i < t->count; i++) {
        custom_id_make(t->w->profile->custom_id_prefix, t->records[i].userid,
                       id);
        if (strcmp(id, custom_id) == 0)
            return &t->records[i];
    }
    return NULL;
}

static bool show(struct trial *t, const struct record *r, struct error *err)
{
    struct try_value *values = calloc(t->columns + 1, sizeof(*values));
    struct strbuf flags;
    size_t i;

    if (!values)
        return error_memory(err);
    strbuf_init(&flags, 64 * KIB);
    values_flags(t->w->values, &flags);
    for (i = 0; i < t->columns; i++) {
        const struct column *c = &t->w->profile->columns[t->map[i]];
        const struct value *v = values_at(t->w->values, t->map[i]);

        values[i].column = c->name;
        values[i].before = r->before[i];
        values[i].after = v->state == VALUE_NULL ? NULL : v->text;
        values[i].after_len = v->len;
        values[i].written =
            c->rule == COLUMN_OVERWRITE || !r->before[i] || !r->before[i][0];
    }
    t->watch->record(t->watch->context, r->userid, NULL, values, t->columns,
                     flags.data);
    strbuf_release(&flags);
    free(values);
    return true;
}

static bool read_answer(struct trial *t, struct record *r, struct error *err)
{
    enum values_outcome outcome;
    char detail[256] = "";

    r->answered = true;
    if (t->answer.input_tokens > 0)
        t->result->input_tokens += t->answer.input_tokens;
    if (t->answer.output_tokens > 0)
        t->result->output_tokens += t->answer.output_tokens;
    if (t->answer.outcome != ANSWER_OK) {
        t->watch->record(t->watch->context, r->userid,
                         t->answer.message[0]
                             ? t->answer.message
                             : answer_outcome_names[t->answer.outcome],
                         NULL, 0, "");
        return true;
    }
    if (!values_read(t->w->values, t->answer.content.data,
                     t->answer.content.len, r->text, r->text_len,
                     t->w->clock->now(t->w->clock), &outcome, detail, err))
        return false;
    if (outcome != VALUES_OK && outcome != VALUES_REPAIRED) {
        t->watch->record(t->watch->context, r->userid,
                         detail[0] ? detail : values_outcome_names[outcome],
                         NULL, 0, "");
        return true;
    }
    t->result->good++;
    return show(t, r, err);
}

static bool read_file(struct trial *t, const char *path, struct error *err)
{
    struct file_lines lines;
    bool too_long = false, ok = true;
    char *line = NULL;
    size_t len = 0;

    if (!file_exists(path))
        return true;
    if (!file_lines_open(&lines, path, LINE_CEILING, err))
        return false;
    while (ok) {
        struct record *r;

        ok = file_lines_next(&lines, &line, &len, &too_long, err);
        if (!ok || (!line && !too_long))
            break;
        if (too_long)
            continue;
        ok = t->provider->ops->decode(t->provider, t->doc, line, len,
                                      &t->answer, err);
        r = ok ? record_of(t, t->answer.custom_id) : NULL;
        if (r && !r->answered)
            ok = read_answer(t, r, err);
    }
    file_lines_close(&lines);
    return ok;
}

static bool open_folder(struct trial *t, struct error *err)
{
    static const char *const names[] = { "requests", "output", "errors" };
    size_t i;

    snprintf(t->folder, sizeof(t->folder), "%.3900s/try-%ld", t->w->spool,
             (long)getpid());
    for (i = 0; i < ARRAY_LEN(names); i++)
        snprintf(t->files[i], sizeof(t->files[i]), "%s/%s.jsonl", t->folder,
                 names[i]);
    return file_make_folder(t->folder, err);
}

static void set_cost(struct trial *t)
{
    struct price price =
        price_of(t->w->prices, t->provider->settings->model,
                 t->provider->ops->caps & PROVIDER_OWN_MODEL ? PRICE_LOCAL
                                                             : PRICE_REALTIME);

    t->result->cost = price.found ? price_cost(&price, t->result->input_tokens,
                                               0, t->result->output_tokens)
                                  : -1;
}

static bool try_all(struct trial *t, int64_t rows, struct error *err)
{
    const struct db_value values[] = { db_integer("count", rows) };

    if (!worker_provider(t->w, t->w->settings.section, &t->provider, err))
        return false;
    if (!(t->provider->ops->caps & PROVIDER_REALTIME))
        return error_exit(err, ERROR_SETUP, EXIT_PROVIDER,
                          "%s cannot be asked in realtime by vitae try",
                          t->provider->ops->name);
    return open_folder(t, err) && map_columns(t, err) &&
           record_template(t->w, t->provider, t->provider->settings->model,
                           &t->template, err) &&
           db_each(t->w->db, "try_rows", values, ARRAY_LEN(values), take_row, t,
                   NULL, err) &&
           write_requests(t, err) && (!t->result->asked || ask(t, err)) &&
           read_file(t, t->files[1], err) && read_file(t, t->files[2], err);
}

static void release(struct trial *t)
{
    struct error ignored;
    size_t i, k;

    for (i = 0; i < ARRAY_LEN(t->files) && t->folder[0]; i++)
        if (!file_remove(t->files[i], &ignored))
            error_clear(&ignored);
    if (t->folder[0])
        rmdir(t->folder);
    for (i = 0; i < t->count; i++) {
        for (k = 0; t->records[i].before && k < t->columns; k++)
            free(t->records[i].before[k]);
        free(t->records[i].before);
        free(t->records[i].userid);
        free(t->records[i].text);
    }
    free(t->records);
    free(t->map);
    request_template_release(&t->template);
    answer_release(&t->answer);
    json_doc_free(t->doc);
}

bool try_rows(struct worker *w, int64_t rows, const struct try_watch *watch,
              struct try_result *result, struct error *err)
{
    struct trial t = { .w = w, .watch = watch, .result = result };
    bool ok;

    memset(result, 0, sizeof(*result));
    request_template_init(&t.template);
    answer_init(&t.answer);
    t.doc = json_doc_new();
    ok = t.doc ? try_all(&t, rows > ROWS_MAX ? ROWS_MAX : rows, err)
               : error_memory(err);
    if (ok)
        set_cost(&t);
    release(&t);
    return ok ? ok : error_context(err, "trying");
}
