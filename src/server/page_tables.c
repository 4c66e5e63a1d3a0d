/*
 * page_tables.c -- tables come in, are shown, estimated and started.
 */
#include <string.h>

#include "base/file.h"
#include "batch/price.h"
#include "extract/prompt.h"
#include "extract/tokens.h"
#include "provider/openai.h"
#include "server/page_parts.h"
#include "server/progress.h"

#define REPLY_MOST (8 * MIB)
#define PROMPT_MOST (64 * MIB)
#define LINE_MOST (128 * MIB)
#define WINDOW "7d"
#define WEEK (7 * 86400.0)

/* -- what comes in -- */

static void reply_table(struct exchange *x, const char *id, const char *name,
                        const struct table_news *news)
{
    char path[STATE_PATH];
    struct strbuf out;
    struct jsonw w;
    struct error err;

    state_path(page_state(api_of(x)->page), id, path);
    strbuf_init(&out, REPLY_MOST);
    jsonw_init(&w, &out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "id", id);
    jsonw_text(&w, "name", name);
    if (news) {
        jsonw_integer(&w, "left_out", news->left_out);
        jsonw_raw(&w, "left_out_why", news->examples.data, news->examples.len);
    }
    if (table_describe(path, page_stop(api_of(x)->page), &w, &err)) {
        jsonw_end_object(&w);
        api_reply(x, &out);
        return;
    }
    api_failure(x, &err);
    strbuf_release(&out);
}

static void import_upload(struct exchange *x)
{
    struct page *p = api_of(x)->page;
    struct state *st = page_state(p);
    struct clock *clock = state_clock(st);
    struct upload *u = &api_request_of(x)->upload;
    struct served_file table = u->file;
    struct table_news news;
    char path[STATE_PATH];
    struct error err;
    bool ok;

    snprintf(table.owner, sizeof(table.owner), "%s", api_owner(x));
    snprintf(table.purpose, sizeof(table.purpose), "user_data");
    table.created_at = clock->now(clock);
    ok = file_commit(&u->writer, &err) &&
         state_new_id(st, "file-", table.id, &err);
    if (!ok) {
        api_failure(x, &err);
        return;
    }
    state_path(st, table.id, path);
    ok = table_import(u->path, path, page_settings(p)->max_requests,
                      page_stop(p), &news, &err);
    if (ok) {
        table.bytes = file_size(path);
        ok = state_add_file(st, &table, &err);
    }
    if (ok)
        reply_table(x, table.id, table.filename, &news);
    else
        api_failure(x, &err);
    table_news_release(&news);
}

void page_upload(struct exchange *x)
{
    struct upload *u = &api_request_of(x)->upload;

    if (!*u->file.id) {
        api_error(x, 400, "missing_required_parameter", "file",
                  "There is no file in the form.");
        return;
    }
    /* The upload itself is not kept: it goes with the request. */
    u->unrecorded = true;
    page_later(x, import_upload);
}

/* -- looking at it -- */

bool page_find_table(struct exchange *x, const char *id, char *path, char *name)
{
    struct state *st = page_state(api_of(x)->page);
    const struct served_file *f;
    bool found;

    state_lock(st);
    f = state_file(st, api_owner(x), id);
    found = f && !strcmp(f->purpose, "user_data");
    if (found && name)
        snprintf(name, sizeof(f->filename), "%s", f->filename);
    state_unlock(st);
    if (found)
        state_path(st, id, path);
    else
        api_error(x, 404, "not_found", NULL,
                  "The table isn't there any more: drop the file again.");
    return found;
}

static void describe(struct exchange *x)
{
    char path[STATE_PATH], name[256];

    if (page_find_table(x, exchange_param(x), path, name))
        reply_table(x, exchange_param(x), name, NULL);
}

void page_get_table(struct exchange *x)
{
    page_later(x, describe);
}

/* -- what is wanted -- */

/* {"profile", "model", "id", "text", "limit"} and the open table. */
struct wish {
    char path[STATE_PATH], name[256];
    char model[200];
    char profile_name[64];
    struct profile *profile; /* owned */
    long id;
    bool text[TABLE_COLUMNS];
    int64_t limit; /* rows, 0 = all */
    struct csv_reader csv;
    struct table_texts names;
    struct strbuf cell; /* the text of a row */
    uint64_t row;       /* of the table, from 1 */
};

static bool read_column(const struct wish *w, struct json_object *value,
                        int64_t *at, struct error *err)
{
    *at = json_object_is_type(value, json_type_int)
              ? json_object_get_int64(value)
              : -1;
    return (*at >= 0 && (uint64_t)*at < w->names.count) ||
           error_set(err, ERROR_REJECT, "There is no such column.");
}

/* None, or -1: the rows have no id. */
static bool read_id_column(struct wish *w, struct json_object *value,
                           struct error *err)
{
    int64_t at;

    w->id = -1;
    if (!value || (json_object_is_type(value, json_type_int) &&
                   json_object_get_int64(value) == -1))
        return true;
    if (!read_column(w, value, &at, err))
        return false;
    w->id = (long)at;
    return true;
}

static bool read_limit(struct wish *w, struct json_object *value,
                       struct error *err)
{
    w->limit = value ? -1 : 0;
    if (json_object_is_type(value, json_type_int))
        w->limit = json_object_get_int64(value);
    return w->limit >= 0 ||
           error_set(err, ERROR_REJECT,
                     "limit must be a number of rows, or 0 for all.");
}

static bool read_text_columns(struct wish *w, struct json_object *list,
                              struct error *err)
{
    size_t i, n = json_object_is_type(list, json_type_array)
                      ? json_object_array_length(list)
                      : 0;
    int64_t at;

    for (i = 0; i < n; i++) {
        if (!read_column(w, json_object_array_get_idx(list, i), &at, err))
            return false;
        w->text[at] = true;
    }
    return n || error_set(err, ERROR_REJECT,
                          "Choose at least one column for the model to read.");
}

static bool read_wish(struct wish *w, struct json_object *body,
                      struct error *err)
{
    const char *model = json_get_text(body, "model");
    const char *profile = json_get_text(body, "profile");

    if (!model || !*model || strlen(model) >= sizeof(w->model))
        return error_set(err, ERROR_REJECT, "Choose a model.");
    snprintf(w->model, sizeof(w->model), "%s", model);
    if (!page_profile(profile, &w->profile, err))
        return false;
    snprintf(w->profile_name, sizeof(w->profile_name), "%s", profile);
    if (!table_open(&w->csv, w->path, err) ||
        !table_names(&w->names, &w->csv, err))
        return false;
    return read_limit(w, json_get(body, "limit"), err) &&
           read_id_column(w, json_get(body, "id"), err) &&
           read_text_columns(w, json_get(body, "text"), err);
}

/* NULL = it has replied. */
static struct wish *open_wish(struct exchange *x)
{
    struct strbuf *text = exchange_body(x);
    struct wish *w = calloc(1, sizeof(*w));
    struct json_object *body;
    struct error err;
    bool ok;

    if (!w || !page_find_table(x, exchange_param(x), w->path, w->name)) {
        free(w);
        return NULL;
    }
    w->csv.fd = -1;
    strbuf_init(&w->cell, PROMPT_MOST);
    body = json_parse(text->data, text->len, &err);
    ok = body && read_wish(w, body, &err);
    json_free(body);
    if (ok)
        return w;
    err.kind = body ? err.kind : ERROR_REJECT;
    api_failure(x, &err);
    return w;
}

static void close_wish(struct wish *w)
{
    if (!w)
        return;
    csv_close(&w->csv);
    table_names_free(&w->names);
    profile_close(w->profile);
    strbuf_release(&w->cell);
    free(w);
}

/* The next row that has a text, in w->cell. */
static bool next_text(struct wish *w, const volatile bool *stop, bool *more,
                      struct error *err)
{
    for (;;) {
        if (flag_is_set(stop))
            return error_set(err, ERROR_RETRY, "the server is shutting down");
        if (!csv_next(&w->csv, more, err))
            return false;
        if (!*more)
            return true;
        w->row++;
        table_text(&w->names, w->text, &w->csv, &w->cell);
        if (w->cell.len && strbuf_ok(&w->cell))
            return true;
    }
}

/* -- estimates -- */

struct estimate {
    int64_t requests, empty, input, output;
    double rate; /* requests a second, 0 = unknown */
    bool learned;
};

/* What an earlier job of this owner with the same model and profile took. */
static void learn(struct exchange *x, const struct wish *w, struct estimate *e)
{
    struct state *st = page_state(api_of(x)->page);
    struct clock *clock = state_clock(st);
    const struct served_batch *b;
    char model[240], profile[100];
    size_t i;

    snprintf(model, sizeof(model), "\"page_model\":\"%s\"", w->model);
    snprintf(profile, sizeof(profile), "\"page_profile\":\"%s\"",
             w->profile_name);
    state_lock(st);
    for (i = state_batch_count(st); i-- > 0 && !e->learned;) {
        b = state_batch_at(st, i);
        if (strcmp(b->owner, api_owner(x)) != 0 || b->completed < 5 ||
            !b->metadata || !strstr(b->metadata, model) ||
            !strstr(b->metadata, profile) || b->output_tokens <= 0)
            continue;
        e->rate = progress_of(b, clock->now(clock)).rate;
        e->output = b->output_tokens / b->completed * e->requests;
        e->learned = true;
    }
    state_unlock(st);
}

static bool count_tokens(struct exchange *x, struct wish *w, struct estimate *e,
                         struct error *err)
{
    const char *system = w->profile->system ? w->profile->system : "";
    const char *schema = w->profile->schema_text ? w->profile->schema_text : "";
    int64_t shared = (int64_t)(tokens_estimate(system, strlen(system)) +
                               tokens_estimate(schema, strlen(schema)) + 40);
    uint64_t last = 0;
    bool more = true;

    while (!w->limit || e->requests < w->limit) {
        if (!next_text(w, page_stop(api_of(x)->page), &more, err))
            return false;
        if (!more)
            break;
        e->requests++;
        e->empty += (int64_t)(w->row - last) - 1;
        last = w->row;
        e->input +=
            shared + (int64_t)tokens_estimate(w->cell.data, w->cell.len);
    }
    if (!more)
        e->empty += (int64_t)(w->row - last);
    /* Half of what the profile lets it write, until a job has told. */
    e->output = e->requests * (w->profile->max_output_tokens / 2);
    return true;
}

static void write_cost(const struct wish *w, const struct estimate *e,
                       struct jsonw *json)
{
    struct prices *prices = NULL;
    struct price price = { 0 };
    struct error ignored;

    if (prices_open(&prices, NULL, &ignored))
        price = price_of(prices, w->model, PRICE_REALTIME);
    if (price.found) {
        jsonw_real(json, "cost", price_cost(&price, e->input, 0, e->output));
        jsonw_text(json, "currency", prices_currency(prices));
    } else {
        jsonw_null(json, "cost");
    }
    prices_close(prices);
}

static void write_estimate(const struct wish *w, const struct estimate *e,
                           struct jsonw *json)
{
    jsonw_object(json, NULL);
    jsonw_integer(json, "requests", e->requests);
    jsonw_integer(json, "empty", e->empty);
    jsonw_integer(json, "input_tokens", e->input);
    jsonw_integer(json, "output_tokens", e->output);
    jsonw_bool(json, "learned", e->learned);
    if (e->rate > 0)
        jsonw_real(json, "seconds", (double)e->requests / e->rate);
    else
        jsonw_null(json, "seconds");
    write_cost(w, e, json);
    jsonw_end_object(json);
}

static void estimate(struct exchange *x)
{
    struct wish *w = open_wish(x);
    struct estimate e = { 0 };
    struct strbuf out;
    struct jsonw json;
    struct error err;

    if (w && !exchange_replied(x)) {
        if (count_tokens(x, w, &e, &err)) {
            learn(x, w, &e);
            strbuf_init(&out, 64 * KIB);
            jsonw_init(&json, &out);
            write_estimate(w, &e, &json);
            api_reply(x, &out);
        } else {
            api_failure(x, &err);
        }
    }
    close_wish(w);
}

void page_estimate(struct exchange *x)
{
    page_later(x, estimate);
}

/* -- starting -- */

static bool prepare(const struct wish *w, struct request_template *t,
                    struct error *err)
{
    struct request_profile profile = {
        .model = w->model,
        .system = w->profile->system ? w->profile->system : "",
        .schema = w->profile->schema_bounded,
        .schema_name = w->profile->schema_name,
        .temperature = w->profile->temperature,
        .max_output_tokens = w->profile->max_output_tokens,
    };

    return openai_prepare_local(NULL, &profile, t, err);
}

static bool write_request(const struct wish *w,
                          const struct request_template *t,
                          struct strbuf *prompt, struct strbuf *line,
                          struct file_writer *file, int64_t *count,
                          struct error *err)
{
    struct prompt_limits limits = { .plain = w->profile->plain,
                                    .redact = w->profile->redact };
    enum prompt_verdict verdict;
    unsigned flags;
    char name[40];

    strbuf_clear(prompt);
    strbuf_clear(line);
    if (!prompt_build(w->cell.data, w->cell.len, &limits, prompt, &verdict,
                      &flags, err))
        return false;
    if (verdict != PROMPT_READY)
        return true;
    snprintf(name, sizeof(name), "row-%llu", (unsigned long long)w->row);
    request_line(t, name, prompt->data, prompt->len, line);
    if (!strbuf_ok(line))
        return true;
    ++*count;
    return file_add(file, line->data, line->len, err);
}

static bool write_requests(struct exchange *x, struct wish *w,
                           struct file_writer *file, int64_t *count,
                           struct error *err)
{
    struct request_template t;
    struct strbuf prompt, line;
    bool ok, more = true;

    request_template_init(&t);
    strbuf_init(&prompt, PROMPT_MOST);
    strbuf_init(&line, LINE_MOST);
    ok = prepare(w, &t, err);
    while (ok && (!w->limit || *count < w->limit)) {
        ok = next_text(w, page_stop(api_of(x)->page), &more, err);
        if (!ok || !more)
            break;
        ok = write_request(w, &t, &prompt, &line, file, count, err);
    }
    request_template_release(&t);
    strbuf_release(&prompt);
    strbuf_release(&line);
    if (ok && !*count)
        return error_set(err, ERROR_REJECT,
                         "The columns that you chose are empty in every row.");
    return ok;
}

/* The request file, as one that a client had uploaded. */
static bool make_requests(struct exchange *x, struct wish *w,
                          struct served_file *f, int64_t *count,
                          struct error *err)
{
    struct state *st = page_state(api_of(x)->page);
    struct clock *clock = state_clock(st);
    struct file_writer file = FILE_WRITER_CLOSED;
    char path[STATE_PATH];
    bool ok;

    *f = (struct served_file){ .purpose = "batch" };
    snprintf(f->owner, sizeof(f->owner), "%s", api_owner(x));
    snprintf(f->filename, sizeof(f->filename), "%.200s.jsonl", w->name);
    utf8_trim_cut(f->filename);
    f->created_at = clock->now(clock);
    if (!state_new_id(st, "file-", f->id, err))
        return false;
    state_path(st, f->id, path);
    ok = file_create(&file, path, err) &&
         write_requests(x, w, &file, count, err);
    f->bytes = (int64_t)file.written;
    ok = ok && file_commit(&file, err) && state_add_file(st, f, err);
    file_abandon(&file);
    return ok;
}

static void write_memory(const struct wish *w, const char *table,
                         struct strbuf *out)
{
    struct jsonw json;
    struct strbuf text;
    size_t i;

    strbuf_init(&text, 4 * KIB);
    for (i = 0; i < w->names.count; i++)
        if (w->text[i])
            strbuf_addf(&text, "%s%zu", text.len ? "," : "", i);
    jsonw_init(&json, out);
    jsonw_object(&json, NULL);
    jsonw_text(&json, "page_table", table);
    jsonw_text(&json, "page_name", w->name);
    jsonw_text(&json, "page_profile", w->profile_name);
    jsonw_text(&json, "page_model", w->model);
    strbuf_addf(out, ",\"page_id\":\"%ld\",\"page_limit\":\"%lld\"", w->id,
                (long long)w->limit);
    jsonw_text(&json, "page_text", text.data);
    jsonw_end_object(&json);
    strbuf_release(&text);
}

static struct served_batch *make_batch(struct exchange *x, const struct wish *w,
                                       const char *input)
{
    struct served_batch *b = calloc(1, sizeof(*b));
    struct clock *clock = state_clock(page_state(api_of(x)->page));
    struct strbuf memory;

    if (!b)
        return NULL;
    strbuf_init(&memory, 64 * KIB);
    write_memory(w, exchange_param(x), &memory);
    b->metadata = strbuf_take(&memory);
    strbuf_release(&memory);
    snprintf(b->input, sizeof(b->input), "%s", input);
    snprintf(b->endpoint, sizeof(b->endpoint), "/v1/chat/completions");
    snprintf(b->window, sizeof(b->window), WINDOW);
    b->at[SERVED_VALIDATING] = clock->now(clock);
    b->expires_at = b->at[SERVED_VALIDATING] + WEEK;
    return b;
}

static void start(struct exchange *x)
{
    struct wish *w = open_wish(x);
    struct served_batch *b;
    struct served_file f;
    int64_t count = 0;
    struct error err;

    if (w && !exchange_replied(x)) {
        if (!make_requests(x, w, &f, &count, &err)) {
            api_failure(x, &err);
        } else {
            b = make_batch(x, w, f.id);
            if (b && b->metadata)
                api_add_batch(x, b);
            else
                served_batch_free(b);
        }
    }
    if (!exchange_replied(x))
        api_error(x, 503, "no_memory", NULL, "There is no memory.");
    close_wish(w);
}

void page_start(struct exchange *x)
{
    page_later(x, start);
}
