/*
 * gemini.c -- Google's request lines and answers: pure.
 *
 * Settings stand under request.generationConfig (a sibling "config" is
 * silently ignored), systemInstruction is a Content object (anything else
 * fails the whole file): googleapis/python-genai#1150, #1190.
 */
#include "provider/gemini.h"

#include <json-c/json.h>

#include "provider/template.h"
#include "provider/verdict.h"

/* -- request lines -- */

/* {"parts":[{"text":...}]} */
static void add_content(struct jsonw *w, const char *name, const char *role,
                        const char *text)
{
    jsonw_object(w, name);
    if (role)
        jsonw_text(w, "role", role);
    jsonw_array(w, "parts");
    jsonw_object(w, NULL);
    jsonw_text(w, "text", text);
    jsonw_end_object(w);
    jsonw_end_array(w);
    jsonw_end_object(w);
}

static void add_generation(struct jsonw *w,
                           const struct request_profile *profile,
                           const char *schema, struct json_object *extra)
{
    jsonw_object(w, "generationConfig");
    if (profile->temperature >= 0 && !template_overrides(extra, "temperature"))
        jsonw_real(w, "temperature", profile->temperature);
    if (profile->max_output_tokens > 0 &&
        !template_overrides(extra, "maxOutputTokens"))
        jsonw_integer(w, "maxOutputTokens", profile->max_output_tokens);
    if (*schema && !template_overrides(extra, "responseMimeType")) {
        jsonw_text(w, "responseMimeType", "application/json");
        jsonw_raw(w, "responseJsonSchema", schema, strlen(schema));
    }
    template_add_extra(w, extra);
    jsonw_end_object(w);
}

static void write_line(const struct request_profile *profile,
                       const char *schema, struct json_object *extra,
                       struct strbuf *line)
{
    struct json_object *generation = json_get(extra, "generationConfig");
    struct jsonw w;

    json_object_get(generation); /* outlives its removal from extra */
    if (extra)
        json_object_object_del(extra, "generationConfig");
    jsonw_init(&w, line);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "key", TEMPLATE_ID);
    jsonw_object(&w, "request");
    if (profile->system[0])
        add_content(&w, "systemInstruction", NULL, profile->system);
    add_generation(&w, profile, schema, generation);
    template_add_extra(&w, extra);
    jsonw_array(&w, "contents");
    add_content(&w, NULL, "user", TEMPLATE_TEXT);
    jsonw_end_array(&w);
    jsonw_end_object(&w);
    jsonw_end_object(&w);
    strbuf_addc(line, '\n');
    json_free(generation);
}

bool gemini_prepare(const struct provider *self,
                    const struct request_profile *profile,
                    struct request_template *t, struct error *err)
{
    (void)self;
    return template_make(profile, "gemini", "contents systemInstruction model",
                         write_line, t, err);
}

/* -- answers -- */

/* What is left out is zero; thinking is billed as output. */
static void read_usage(const struct json_node *usage, struct answer *out)
{
    if (!json_is(usage, JSON_OBJECT))
        return;
    out->input_tokens =
        verdict_tokens_or_none(usage, "promptTokenCount") +
        verdict_tokens_or_none(usage, "toolUsePromptTokenCount");
    out->cached_tokens =
        verdict_tokens_or_none(usage, "cachedContentTokenCount");
    out->output_tokens = verdict_tokens_or_none(usage, "candidatesTokenCount") +
                         verdict_tokens_or_none(usage, "thoughtsTokenCount");
}

/* Thoughts are passed over. */
static bool read_parts(const struct json_node *parts, struct strbuf *out)
{
    const struct json_node *part;

    for (part = json_first(parts); part; part = json_next(part)) {
        if (json_is(json_member(part, "thought"), JSON_TRUE) ||
            !json_is(json_member(part, "text"), JSON_STRING))
            continue;
        if (!json_string(json_member(part, "text"), out))
            return false;
    }
    return true;
}

static const struct {
    const char *word;
    enum answer_outcome outcome;
} finishes[] = {
    { "MAX_TOKENS", ANSWER_CUT },
    { "SAFETY", ANSWER_FILTERED },
    { "RECITATION", ANSWER_FILTERED },
    { "LANGUAGE", ANSWER_FILTERED },
    { "BLOCKLIST", ANSWER_FILTERED },
    { "PROHIBITED_CONTENT", ANSWER_FILTERED },
    { "SPII", ANSWER_FILTERED },
};

static void judge_candidate(const struct json_node *candidate,
                            struct answer *out)
{
    const struct json_node *finish = json_member(candidate, "finishReason");
    char word[64];
    size_t i;

    verdict_id(finish, word, sizeof(word));
    for (i = 0; i < ARRAY_LEN(finishes); i++)
        if (!strcmp(word, finishes[i].word)) {
            verdict_set(out, finishes[i].outcome, word,
                        finishes[i].outcome == ANSWER_CUT
                            ? "the answer is longer than max_output_tokens"
                            : "stopped by the provider's filter");
            return;
        }
    if (verdict_is_blank(&out->content))
        verdict_set(out, ANSWER_EMPTY, word[0] ? word : "empty",
                    "the model said nothing");
    else
        verdict_set(out, ANSWER_OK, "", "");
}

static void read_response(const struct json_node *response, struct answer *out)
{
    const struct json_node *candidate =
        json_element(json_member(response, "candidates"), 0);
    char reason[64];

    read_usage(json_member(response, "usageMetadata"), out);
    if (!json_is(candidate, JSON_OBJECT)) {
        verdict_id(json_pointer(response, "/promptFeedback/blockReason"),
                   reason, sizeof(reason));
        if (reason[0])
            verdict_set(out, ANSWER_FILTERED, reason,
                        "the prompt was blocked by the provider's filter");
        else
            verdict_set(out, ANSWER_MALFORMED, "no_candidate",
                        "the answer holds no candidate");
    } else if (!read_parts(json_pointer(candidate, "/content/parts"),
                           &out->content)) {
        verdict_set(out, ANSWER_MALFORMED, "too_large",
                    "the answer is too large");
    } else {
        judge_candidate(candidate, out);
    }
}

void gemini_decode_body(const struct json_node *body, struct answer *out)
{
    verdict_start(out);
    read_response(body, out);
}

/* google.rpc codes as HTTP's; numbers from 400 on are HTTP's already. */
static int64_t status_of(const struct json_node *error)
{
    static const short http[] = { 0,   499, 500, 400, 504, 404, 409, 403, 429,
                                  400, 409, 400, 501, 500, 503, 500, 401 };
    int64_t code = json_member_integer(error, "code", 0);

    if (code > 0 && code < (int64_t)ARRAY_LEN(http))
        return http[code];
    return code >= 400 && code < 600 ? code : 0;
}

static void read_failure(const struct json_node *root,
                         const struct json_node *error, struct answer *out)
{
    struct http_cause cause;

    http_cause_read(json_is(json_member(root, "error"), JSON_OBJECT) ? root
                                                                     : error,
                    &cause);
    if (cause.type[0]) /* a word says more than a number */
        snprintf(cause.code, sizeof(cause.code), "%s", cause.type);
    verdict_failure(out, &cause, status_of(error));
}

static void read_line(const struct json_node *root, struct answer *out)
{
    const struct json_node *response = json_member(root, "response");
    const struct json_node *error = json_member(root, "error");

    if (!json_is(error, JSON_OBJECT))
        error = json_member(root, "status"); /* has been seen */
    if (json_is(error, JSON_OBJECT) && json_count(error))
        read_failure(root, error, out);
    else if (json_is(response, JSON_OBJECT))
        read_response(response, out);
    else
        verdict_set(out, ANSWER_MALFORMED, "no_response",
                    "the line holds neither a response nor an error");
}

bool gemini_decode(const struct provider *self, struct json_doc *doc,
                   const char *line, size_t len, struct answer *out,
                   struct error *err)
{
    const struct json_node *root, *key;

    (void)self;
    if (!verdict_line(doc, line, len, &root, out, err))
        return false;
    if (!root)
        return true;
    key = json_member(root, "key");
    if (!key)
        key = json_pointer(root, "/metadata/key");
    verdict_id(key, out->custom_id, sizeof(out->custom_id));
    read_line(root, out);
    return true;
}
