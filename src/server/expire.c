#include "server/expire.h"

#include "base/jsonw.h"
#include "runner/answers.h"
#include "runner/plan.h"

#define MAX_LINE (64 * MIB)

struct expiring {
    struct plan plan;
    struct answers output, errors;
    struct file_lines lines;
    struct json_doc *doc; /* owned */
    const char *code, *message;
    struct strbuf line;
};

static void write_line(struct expiring *e, size_t line,
                       const struct request *request)
{
    struct strbuf *out = &e->line;

    strbuf_clear(out);
    strbuf_addf(out, "{\"id\":\"batch_req_%zu\",\"custom_id\":", line + 1);
    if (request->custom_id)
        strbuf_addf(out, "\"%.*s\"", (int)request->custom_id_len,
                    request->custom_id);
    else
        strbuf_adds(out, "null");
    strbuf_adds(out, ",\"response\":null,\"error\":{\"code\":");
    jsonw_quote(out, e->code, strlen(e->code));
    strbuf_adds(out, ",\"message\":");
    jsonw_quote(out, e->message, strlen(e->message));
    strbuf_adds(out, "}}\n");
}

static bool expire_line(struct expiring *e, size_t line, struct error *err)
{
    struct request request = { 0 };
    bool too_long;
    size_t len;
    char *text;

    if (!file_lines_seek(&e->lines, plan_offset(&e->plan, line), err) ||
        !file_lines_next(&e->lines, &text, &len, &too_long, err) ||
        (text && !request_read(e->doc, text, len, NULL, &request, err)))
        return false;
    write_line(e, line, &request);
    if (!strbuf_ok(&e->line))
        return error_memory(err);
    return answers_add(&e->errors, e->line.data, e->line.len, 0, err);
}

static bool expire_lines(struct expiring *e, int64_t *added, struct error *err)
{
    size_t line;

    while (plan_next(&e->plan, &line)) {
        if (!expire_line(e, line, err))
            return false;
        ++*added;
    }
    return answers_sync(&e->errors, err);
}

bool expire_rest(const char *input, const char *output, const char *errors,
                 const char *code, const char *message, int64_t *added,
                 struct error *err)
{
    struct expiring e = { .code = code, .message = message };
    bool ok;

    *added = 0;
    e.lines.fd = -1;
    e.output.file.fd = e.errors.file.fd = -1;
    strbuf_init(&e.line, 64 * KIB);
    e.doc = json_doc_new();
    ok = (e.doc || error_memory(err)) &&
         plan_open(&e.plan, input, MAX_LINE, 1, NULL, err) &&
         answers_open(&e.output, output, &e.plan, err) &&
         answers_open(&e.errors, errors, &e.plan, err) &&
         file_lines_open(&e.lines, input, MAX_LINE, err) &&
         expire_lines(&e, added, err);
    file_lines_close(&e.lines);
    if (e.output.path)
        answers_close(&e.output);
    if (e.errors.path)
        answers_close(&e.errors);
    plan_close(&e.plan);
    json_doc_free(e.doc);
    strbuf_release(&e.line);
    return ok;
}
