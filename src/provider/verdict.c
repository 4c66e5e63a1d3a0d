#include "provider/verdict.h"

#define MOST_TOKENS ((int64_t)1 << 40) /* beyond it a count is nonsense */

void verdict_start(struct answer *out)
{
    out->code[0] = out->message[0] = '\0';
    out->outcome = ANSWER_MALFORMED;
    out->retryable = out->our_fault = true;
    strbuf_clear(&out->content);
    out->input_tokens = out->cached_tokens = out->output_tokens = -1;
}

static void set_text(char *out, size_t size, const char *text)
{
    size_t len = strnlen(text, size - 1);

    memcpy(out, text, len);
    out[len] = '\0';
    utf8_trim_cut(out);
}

bool verdict_line(struct json_doc *doc, const char *line, size_t len,
                  const struct json_node **root, struct answer *out,
                  struct error *err)
{
    const struct json_node *node =
        json_read(doc, line, len, &json_limits_default, err);

    verdict_start(out);
    out->custom_id[0] = '\0';
    *root = NULL;
    if (!node && err->kind == ERROR_RETRY)
        return false;
    if (json_is(node, JSON_OBJECT))
        *root = node;
    else
        verdict_set(out, ANSWER_MALFORMED, "json",
                    node ? "the line is no object" : "the line is not JSON");
    return true;
}

void verdict_set(struct answer *out, enum answer_outcome outcome,
                 const char *code, const char *message)
{
    out->outcome = outcome;
    set_text(out->code, sizeof(out->code), code);
    set_text(out->message, sizeof(out->message), message);
    if (outcome != ANSWER_OK && outcome != ANSWER_CUT)
        strbuf_clear(&out->content);
}

/* Codes of requests that never ran. */
static const char *const never_ran[] = {
    "batch_expired",   "batch_cancelled",   "batch_canceled",
    "request_expired", "request_cancelled", "request_canceled",
};

static bool is_never_ran(const char *code)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(never_ran); i++)
        if (!strcmp(code, never_ran[i]))
            return true;
    return false;
}

static bool is_items_own(int64_t status)
{
    return status >= 400 && status < 500 && status != 401 && status != 402 &&
           status != 403 && status != 408 && status != 409 && status != 429;
}

void verdict_failure(struct answer *out, const struct http_cause *cause,
                     int64_t status)
{
    const char *code = cause->code[0] ? cause->code : cause->type;
    char number[24];

    snprintf(number, sizeof(number), "http_%d",
             status >= 0 && status < 1000 ? (int)status : 0);
    if (!code[0])
        code = number;
    if (is_never_ran(code)) {
        verdict_set(out, ANSWER_EXPIRED, code, cause->message);
        out->our_fault = false;
        return;
    }
    if (!strcmp(code, "content_filter")) {
        verdict_set(out, ANSWER_FILTERED, code, "");
        return;
    }
    verdict_set(out, ANSWER_FAILED, code, cause->message);
    out->our_fault = is_items_own(status) && !http_cause_is_billing(cause);
    out->retryable = !out->our_fault;
}

void verdict_id(const struct json_node *node, char *out, size_t size)
{
    struct strbuf text;

    out[0] = '\0';
    if (!json_is(node, JSON_STRING) || node->len > 6 * size)
        return;
    strbuf_init(&text, size - 1);
    if (json_string(node, &text) && strlen(text.data) == text.len)
        memcpy(out, text.data, text.len + 1);
    strbuf_release(&text);
}

int64_t verdict_tokens(const struct json_node *usage, const char *name)
{
    int64_t n;

    if (!json_integer(json_member(usage, name), &n) || n < 0 || n > MOST_TOKENS)
        return -1;
    return n;
}

int64_t verdict_tokens_or_none(const struct json_node *usage, const char *name)
{
    int64_t count = verdict_tokens(usage, name);

    return count < 0 ? 0 : count;
}

bool verdict_is_blank(const struct strbuf *text)
{
    return strspn(text->data, " \t\r\n") == text->len;
}
