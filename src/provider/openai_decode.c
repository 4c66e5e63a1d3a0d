/*
 * openai_decode.c -- answers of the OpenAI dialect: pure.
 *
 * Success is: no error, a response with status 200, a body that is an object
 * and holds no error either; nothing less.  A request that failed at the
 * model has "error": null and the cause in its body, unlike what OpenAI's
 * document says (openai/openai-openapi#302).  Servers that are not OpenAI
 * differ in small things: error as a string (vLLM's run_batch), errors inside
 * a 200 (llama.cpp, LM Studio), content in parts.
 */
#include "provider/openai.h"
#include "provider/verdict.h"

/* -- usage -- */

/* Chat names first, then the Responses API's. */
static void read_usage(const struct json_node *usage, struct answer *out)
{
    const struct json_node *details =
        json_member(usage, "prompt_tokens_details");

    if (!details)
        details = json_member(usage, "input_tokens_details");
    out->input_tokens = verdict_tokens(usage, "prompt_tokens");
    if (out->input_tokens < 0)
        out->input_tokens = verdict_tokens(usage, "input_tokens");
    out->output_tokens = verdict_tokens(usage, "completion_tokens");
    if (out->output_tokens < 0)
        out->output_tokens = verdict_tokens(usage, "output_tokens");
    out->cached_tokens = verdict_tokens(details, "cached_tokens");
}

/* -- failures -- */

/* An error inside a 200 may bring its own status (llama-server: 400);
 * without one it counts as the item's, so that it can't go on for ever. */
static int64_t status_within(const struct http_cause *cause)
{
    long status = strtol(cause->code, NULL, 10);

    return status >= 400 && status < 600 ? status : 422;
}

static void read_failure(const struct json_node *body, int64_t status,
                         struct answer *out)
{
    struct http_cause cause;

    http_cause_read(body, &cause);
    verdict_failure(out, &cause,
                    status == 200 ? status_within(&cause) : status);
    if (status == 200)
        out->retryable = true;
}

/* -- the model's text -- */

/* A string, or an array of {"type":"text","text":...} parts. */
static bool read_content(const struct json_node *content, struct strbuf *out)
{
    const struct json_node *part;

    if (json_is(content, JSON_STRING))
        return json_string(content, out);
    for (part = json_first(content); part; part = json_next(part))
        if (json_is(json_member(part, "text"), JSON_STRING) &&
            !json_string(json_member(part, "text"), out))
            return false;
    return true;
}

static bool has_refusal(const struct json_node *message)
{
    const struct json_node *refusal = json_member(message, "refusal");

    return json_is(refusal, JSON_STRING) && refusal->len > 0;
}

static void judge_choice(const struct json_node *choice,
                         const struct json_node *message, struct answer *out)
{
    const struct json_node *finish = json_member(choice, "finish_reason");

    if (has_refusal(message))
        verdict_set(out, ANSWER_REFUSED, "refusal", "the model declined");
    else if (json_equals(finish, "content_filter"))
        verdict_set(out, ANSWER_FILTERED, "content_filter",
                    "stopped by the provider's content filter");
    else if (json_equals(finish, "length"))
        verdict_set(
            out, ANSWER_CUT, "length",
            verdict_is_blank(&out->content)
                ? "max_output_tokens was used up before the answer began"
                : "the answer is longer than max_output_tokens");
    else if (!verdict_is_blank(&out->content))
        verdict_set(out, ANSWER_OK, "", "");
    else if (json_count(json_member(message, "tool_calls")))
        verdict_set(out, ANSWER_EMPTY, "tool_calls",
                    "the model called a tool instead of answering");
    else
        verdict_set(out, ANSWER_EMPTY, "empty", "the model said nothing");
}

static void read_choice(const struct json_node *choice, struct answer *out)
{
    const struct json_node *message = json_member(choice, "message");

    if (!json_is(message, JSON_OBJECT)) {
        verdict_set(out, ANSWER_MALFORMED, "no_message",
                    "the answer holds no message");
        return;
    }
    if (!read_content(json_member(message, "content"), &out->content)) {
        verdict_set(out, ANSWER_MALFORMED, "too_large",
                    "the answer is too large");
        return;
    }
    judge_choice(choice, message, out);
}

/* -- the Responses API -- */

static bool read_parts(const struct json_node *content, bool *refused,
                       struct strbuf *out)
{
    const struct json_node *part;

    for (part = json_first(content); part; part = json_next(part)) {
        if (json_equals(json_member(part, "type"), "refusal"))
            *refused = true;
        else if (json_is(json_member(part, "text"), JSON_STRING) &&
                 !json_string(json_member(part, "text"), out))
            return false;
    }
    return true;
}

static void judge_response(const struct json_node *body, bool refused,
                           struct answer *out)
{
    const struct json_node *reason =
        json_pointer(body, "/incomplete_details/reason");

    if (refused)
        verdict_set(out, ANSWER_REFUSED, "refusal", "the model declined");
    else if (json_equals(reason, "content_filter"))
        verdict_set(out, ANSWER_FILTERED, "content_filter",
                    "stopped by the provider's content filter");
    else if (json_equals(json_member(body, "status"), "incomplete"))
        verdict_set(out, ANSWER_CUT, "length",
                    "the answer is longer than max_output_tokens");
    else if (verdict_is_blank(&out->content))
        verdict_set(out, ANSWER_EMPTY, "empty", "the model said nothing");
    else
        verdict_set(out, ANSWER_OK, "", "");
}

/* Items of type "message" hold the text; "reasoning" is passed over. */
static void read_response(const struct json_node *body, struct answer *out)
{
    const struct json_node *item;
    bool refused = false;

    for (item = json_first(json_member(body, "output")); item;
         item = json_next(item)) {
        if (!json_equals(json_member(item, "type"), "message"))
            continue;
        if (!read_parts(json_member(item, "content"), &refused,
                        &out->content)) {
            verdict_set(out, ANSWER_MALFORMED, "too_large",
                        "the answer is too large");
            return;
        }
    }
    judge_response(body, refused, out);
}

static bool says_something(const struct json_node *error)
{
    return error && !json_is(error, JSON_NULL) &&
           !(json_is(error, JSON_STRING) && !error->len) &&
           !(json_is(error, JSON_OBJECT) && !error->count);
}

void openai_decode_body(const struct json_node *body, struct answer *out)
{
    verdict_start(out);
    if (says_something(json_member(body, "error"))) {
        read_failure(body, 200, out);
        return;
    }
    if (json_is(json_member(body, "usage"), JSON_OBJECT))
        read_usage(json_member(body, "usage"), out);
    if (json_is(json_member(body, "output"), JSON_ARRAY))
        read_response(body, out);
    else
        read_choice(json_element(json_member(body, "choices"), 0), out);
}

/* -- a line -- */

static void read_line(const struct json_node *root,
                      void (*decode)(const struct json_node *, struct answer *),
                      struct answer *out)
{
    const struct json_node *response = json_member(root, "response");
    const struct json_node *body = json_member(response, "body");
    int64_t status = json_is(response, JSON_OBJECT)
                         ? json_member_integer(response, "status_code", 0)
                         : 0;

    if (says_something(json_member(root, "error")))
        read_failure(root, status == 200 ? 0 : status, out);
    else if (!json_is(response, JSON_OBJECT))
        verdict_set(out, ANSWER_MALFORMED, "no_response",
                    "the line holds neither a response nor an error");
    else if (status != 200)
        read_failure(body, status, out);
    else if (!json_is(body, JSON_OBJECT))
        verdict_set(out, ANSWER_MALFORMED, "no_body",
                    "the response holds no body");
    else
        decode(body, out);
}

/* In realtime the bodies of other providers come in the same lines. */
bool openai_decode(const struct provider *self, struct json_doc *doc,
                   const char *line, size_t len, struct answer *out,
                   struct error *err)
{
    const struct json_node *root;

    if (!verdict_line(doc, line, len, &root, out, err))
        return false;
    if (!root)
        return true;
    verdict_id(json_member(root, "custom_id"), out->custom_id,
               sizeof(out->custom_id));
    read_line(root,
              self && self->base ? self->base->single->decode
                                 : openai_decode_body,
              out);
    return true;
}
