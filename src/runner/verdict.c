#include "runner/verdict.h"

#include <strings.h>

/* Bodies are as large as the transfer allowed. */
static const struct json_limits limits = { (size_t)1 << 30, 5000000, 64 };

/* -- usage -- */

static int64_t tokens_of(const struct json_node *body)
{
    const struct json_node *usage = json_member(body, "usage");
    int64_t total = json_member_integer(usage, "total_tokens", -1);
    int64_t in = json_member_integer(usage, "prompt_tokens", -1);
    int64_t out = json_member_integer(usage, "completion_tokens", 0);

    /* Anthropic's and the Responses API's names; Google's. */
    if (in < 0 && total < 0) {
        in = json_member_integer(usage, "input_tokens", -1);
        out = json_member_integer(usage, "output_tokens", 0);
    }
    if (!usage)
        total = json_member_integer(json_member(body, "usageMetadata"),
                                    "totalTokenCount", -1);

    if (in < 0) { /* responses */
        in = json_member_integer(usage, "input_tokens", -1);
        out = json_member_integer(usage, "output_tokens", 0);
    }
    if (total < 0 && in >= 0 && out >= 0 && in < INT64_MAX - out)
        total = in + out;
    return total;
}

/* -- too long for the context -- */

static const char *const too_long[] = { "exceed_context_size_error",
                                        "context_length_exceeded" };

/* llama.cpp's own word came with status 400, 500 or 200 (6.3); vLLM and
 * others tell it in words only, with 400, which is final anyway. */
static bool is_too_long(const struct http_cause *cause)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(too_long); i++)
        if (!strcmp(cause->code, too_long[i]) ||
            !strcmp(cause->type, too_long[i]))
            return true;
    return false;
}

static void refuse_long(const struct json_node *body, struct judgement *out)
{
    const struct json_node *error = json_member(body, "error");

    out->verdict = VERDICT_FINAL;
    out->tokens_needed = json_member_integer(error, "n_prompt_tokens", 0);
    out->tokens_held = json_member_integer(error, "n_ctx", 0);
    if (out->tokens_needed > 0 && out->tokens_held > 0)
        error_exit(&out->why, ERROR_REJECT, EXIT_PROVIDER,
                   "the request is %lld tokens long, the model's context "
                   "holds %lld",
                   (long long)out->tokens_needed, (long long)out->tokens_held);
    error_code(&out->why, "context_length_exceeded");
}

/* -- overload -- */

static const char *const no_memory[] = { "out of memory", "outofmemory",
                                         "failed to allocate",
                                         "failed to find a memory slot" };

static bool says_no_memory(const char *message)
{
    size_t i, at;

    for (i = 0; i < ARRAY_LEN(no_memory); i++)
        for (at = 0; message[at]; at++)
            if (!strncasecmp(message + at, no_memory[i], strlen(no_memory[i])))
                return true;
    return false;
}

static void judge_retry(const struct http_response *response,
                        const struct http_cause *cause, struct judgement *out)
{
    out->verdict = VERDICT_AGAIN;
    if (response->status == 503 &&
        !strncasecmp(cause->message, "Loading model", 13))
        out->verdict = VERDICT_LOADING;
    else if (response->status == 429 || response->status == 503 ||
             response->status == 529)
        out->verdict = VERDICT_BUSY;
    out->no_memory = says_no_memory(cause->message);
    out->overload = out->verdict == VERDICT_BUSY || response->status == 408 ||
                    response->status == 504 || out->no_memory;
}

static void judge_refusal(const struct http_response *response,
                          const struct json_node *body, struct judgement *out)
{
    struct http_cause cause;

    http_failure(response, "the endpoint", &out->why);
    out->retry_after = out->why.retry_after;
    http_cause_read(body, &cause);
    if (is_too_long(&cause))
        refuse_long(body, out);
    else if (out->why.kind == ERROR_SETUP)
        out->verdict = VERDICT_STOP;
    else if (out->why.kind == ERROR_REJECT)
        out->verdict = VERDICT_FINAL;
    else
        judge_retry(response, &cause, out);
}

/* -- no HTTP answer -- */

static void judge_failure(const struct http_response *response,
                          const struct error *failure, struct judgement *out)
{
    out->why = *failure;
    out->silent = failure->kind == ERROR_RETRY;
    if (failure->kind == ERROR_SETUP)
        out->verdict = VERDICT_STOP;
    else if (failure->kind == ERROR_REJECT)
        out->verdict = VERDICT_FINAL;
    else
        out->verdict = response->sent ? VERDICT_AGAIN : VERDICT_DOWN;
    if (!out->why.code[0])
        error_code(&out->why, "network");
    out->overload = !strcmp(failure->code, "timeout");
}

static void garbage(const char *what, struct judgement *out)
{
    out->verdict = VERDICT_AGAIN;
    error_exit(&out->why, ERROR_RETRY, EXIT_PROVIDER,
               "the endpoint's answer %s", what);
    error_code(&out->why, "malformed_answer");
}

static bool says_error(const struct json_node *body)
{
    const struct json_node *error = json_member(body, "error");

    return error && !json_is(error, JSON_NULL);
}

void judge(struct json_doc *doc, const struct http_response *response,
           const struct error *failure, const char *wanted,
           struct judgement *out)
{
    const struct json_node *body = NULL;
    struct error unread;

    *out = (struct judgement){ .tokens = -1 };
    if (failure) {
        judge_failure(response, failure, out);
        return;
    }
    body = json_read(doc, response->body.data, response->body.len, &limits,
                     &unread);
    out->json = body != NULL;
    if (response->status != 200 || says_error(body))
        judge_refusal(response, body, out);
    else if (!body)
        garbage("is not JSON", out);
    else if (!json_member(body, wanted))
        garbage("lacks what was asked for", out);
    else
        out->tokens = tokens_of(body);
}
