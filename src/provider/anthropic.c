/*
 * anthropic.c -- Anthropic's request lines and answers: pure.
 */
#include "provider/anthropic.h"

#include "provider/template.h"
#include "provider/verdict.h"

/* It must be told. */
#define USUAL_TOKENS 4096

/* -- request lines -- */

static void add_format(struct jsonw *w, const char *schema)
{
    jsonw_object(w, "output_config");
    jsonw_object(w, "format");
    jsonw_text(w, "type", "json_schema");
    jsonw_raw(w, "schema", schema, strlen(schema));
    jsonw_end_object(w);
    jsonw_end_object(w);
}

static void add_settings(struct jsonw *w, const struct request_profile *profile,
                         const char *schema, struct json_object *extra)
{
    int64_t most = profile->max_output_tokens;

    if (!template_overrides(extra, "max_tokens"))
        jsonw_integer(w, "max_tokens", most > 0 ? most : USUAL_TOKENS);
    if (profile->temperature >= 0 && !template_overrides(extra, "temperature"))
        jsonw_real(w, "temperature", profile->temperature);
    if (*schema && !template_overrides(extra, "output_config"))
        add_format(w, schema);
    template_add_extra(w, extra);
}

static void write_line(const struct request_profile *profile,
                       const char *schema, struct json_object *extra,
                       struct strbuf *line)
{
    struct jsonw w;

    jsonw_init(&w, line);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "custom_id", TEMPLATE_ID);
    jsonw_object(&w, "params");
    jsonw_text(&w, "model", profile->model);
    add_settings(&w, profile, schema, extra);
    if (profile->system[0])
        jsonw_text(&w, "system", profile->system);
    jsonw_array(&w, "messages");
    jsonw_object(&w, NULL);
    jsonw_text(&w, "role", "user");
    jsonw_text(&w, "content", TEMPLATE_TEXT);
    jsonw_end_object(&w);
    jsonw_end_array(&w);
    jsonw_end_object(&w);
    jsonw_end_object(&w);
    strbuf_addc(line, '\n');
}

bool anthropic_prepare(const struct provider *self,
                       const struct request_profile *profile,
                       struct request_template *t, struct error *err)
{
    (void)self;
    if (!profile->model || !*profile->model)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "no model is set: set model in [provider]");
    return template_make(profile, "anthropic", "messages system model stream",
                         write_line, t, err);
}

/* -- answers -- */

/* input_tokens leaves the cache out: the prompt is the sum of three. */
static void read_usage(const struct json_node *usage, struct answer *out)
{
    int64_t plain = verdict_tokens(usage, "input_tokens");

    out->output_tokens = verdict_tokens(usage, "output_tokens");
    if (plain < 0)
        return;
    out->cached_tokens =
        verdict_tokens_or_none(usage, "cache_read_input_tokens");
    out->input_tokens =
        plain + out->cached_tokens +
        verdict_tokens_or_none(usage, "cache_creation_input_tokens");
}

/* A block of text, or the input of a forced tool, which is JSON already;
 * thinking is passed over. */
static bool read_block(const struct json_node *block, struct strbuf *out)
{
    const struct json_node *input = json_member(block, "input");

    if (json_equals(json_member(block, "type"), "text"))
        return json_string(json_member(block, "text"), out);
    if (json_equals(json_member(block, "type"), "tool_use") &&
        json_is(input, JSON_OBJECT)) {
        strbuf_add(out, input->text, input->len);
        return strbuf_ok(out);
    }
    return true;
}

static const struct {
    const char *word;
    enum answer_outcome outcome;
    const char *message;
} stops[] = {
    { "max_tokens", ANSWER_CUT, "the answer is longer than max_output_tokens" },
    { "model_context_window_exceeded", ANSWER_CUT,
      "prompt and answer are longer than the model's context" },
    { "pause_turn", ANSWER_CUT, "the model paused amid its answer" },
    { "refusal", ANSWER_REFUSED, "the model declined" },
};

static void judge_message(const struct json_node *message, struct answer *out)
{
    const struct json_node *stop = json_member(message, "stop_reason");
    size_t i;

    for (i = 0; i < ARRAY_LEN(stops); i++)
        if (json_equals(stop, stops[i].word)) {
            verdict_set(out, stops[i].outcome, stops[i].word, stops[i].message);
            return;
        }
    if (verdict_is_blank(&out->content))
        verdict_set(out, ANSWER_EMPTY, "empty", "the model said nothing");
    else
        verdict_set(out, ANSWER_OK, "", "");
}

static void read_message(const struct json_node *message, struct answer *out)
{
    const struct json_node *block = json_first(json_member(message, "content"));

    if (!json_is(message, JSON_OBJECT)) {
        verdict_set(out, ANSWER_MALFORMED, "no_message",
                    "the result holds no message");
        return;
    }
    if (json_is(json_member(message, "usage"), JSON_OBJECT))
        read_usage(json_member(message, "usage"), out);
    for (; block; block = json_next(block))
        if (!read_block(block, &out->content)) {
            verdict_set(out, ANSWER_MALFORMED, "too_large",
                        "the answer is too large or no text");
            return;
        }
    judge_message(message, out);
}

void anthropic_decode_body(const struct json_node *body, struct answer *out)
{
    verdict_start(out);
    read_message(body, out);
}

/* Types of errors as the statuses they come with. */
static const struct {
    const char *type;
    short status;
} error_types[] = {
    { "invalid_request_error", 400 }, { "authentication_error", 401 },
    { "billing_error", 402 },         { "permission_error", 403 },
    { "not_found_error", 404 },       { "request_too_large", 413 },
    { "rate_limit_error", 429 },      { "api_error", 500 },
    { "timeout_error", 504 },         { "overloaded_error", 529 },
};

static void read_failure(const struct json_node *error, struct answer *out)
{
    struct http_cause cause;
    int64_t status = 0;
    size_t i;

    http_cause_read(error, &cause);
    for (i = 0; i < ARRAY_LEN(error_types); i++)
        if (!strcmp(cause.type, error_types[i].type))
            status = error_types[i].status;
    verdict_failure(out, &cause, status);
}

static void read_result(const struct json_node *result, struct answer *out)
{
    const struct json_node *type = json_member(result, "type");

    if (json_equals(type, "succeeded")) {
        read_message(json_member(result, "message"), out);
    } else if (json_equals(type, "errored")) {
        read_failure(json_member(result, "error"), out);
    } else if (json_equals(type, "expired") || json_equals(type, "canceled")) {
        verdict_set(out, ANSWER_EXPIRED,
                    json_equals(type, "expired") ? "batch_expired"
                                                 : "batch_cancelled",
                    "this request never ran");
        out->our_fault = false;
    } else {
        verdict_set(out, ANSWER_MALFORMED, "no_result",
                    "the line holds no result");
    }
}

bool anthropic_decode(const struct provider *self, struct json_doc *doc,
                      const char *line, size_t len, struct answer *out,
                      struct error *err)
{
    const struct json_node *root;

    (void)self;
    if (!verdict_line(doc, line, len, &root, out, err))
        return false;
    if (!root)
        return true;
    verdict_id(json_member(root, "custom_id"), out->custom_id,
               sizeof(out->custom_id));
    read_result(json_member(root, "result"), out);
    return true;
}
