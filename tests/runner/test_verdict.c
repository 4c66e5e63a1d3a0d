#include "runner/verdict.h"

#include "tests/tap.h"

#define ERROR_BODY(fields) "{\"error\":{" fields "}}"

static const struct {
    const char *why;
    long status;
    const char *body;
    enum verdict verdict;
    bool overload;
    const char *code; /* NULL = not looked at */
} answers[] = {
    { "what was asked for", 200, "{\"choices\":[]}", VERDICT_ANSWER, false,
      NULL },
    { "a null error is none", 200, "{\"error\":null,\"choices\":[]}",
      VERDICT_ANSWER, false, NULL },
    { "an error inside a 200", 200, "{\"error\":\"Unexpected endpoint\"}",
      VERDICT_AGAIN, false, NULL },
    { "HTML inside a 200", 200, "<html>", VERDICT_AGAIN, false,
      "malformed_answer" },
    { "nothing inside a 200", 200, "", VERDICT_AGAIN, false,
      "malformed_answer" },
    { "half an answer", 200, "{\"choices\":[{\"mess", VERDICT_AGAIN, false,
      "malformed_answer" },
    { "something else", 200, "{\"object\":\"list\"}", VERDICT_AGAIN, false,
      "malformed_answer" },
    { "a bad request", 400, ERROR_BODY("\"message\":\"no\""), VERDICT_FINAL,
      false, NULL },
    { "a bad request as a bare string (SGLang)", 400, "\"no such\"",
      VERDICT_FINAL, false, NULL },
    { "a wrong key", 401, "", VERDICT_STOP, false, "bad_key" },
    { "no money", 429, ERROR_BODY("\"code\":\"insufficient_quota\""),
      VERDICT_STOP, false, "billing" },
    { "elsewhere", 302, "", VERDICT_STOP, false, "redirect" },
    { "unknown", 404, ERROR_BODY("\"message\":\"no such model\""),
      VERDICT_FINAL, false, "not_found" },
    { "too large", 413, "", VERDICT_FINAL, false, "too_large" },
    { "too slow", 408, "", VERDICT_AGAIN, true, "timeout" },
    { "too many", 429, ERROR_BODY("\"message\":\"slow down\""), VERDICT_BUSY,
      true, "rate_limit" },
    { "Ollama's queue is full", 503,
      "{\"error\":\"server busy, please try again.\"}", VERDICT_BUSY, true,
      NULL },
    { "llama.cpp loads", 503,
      ERROR_BODY("\"code\":503,\"message\":\"Loading model\","
                 "\"type\":\"unavailable_error\""),
      VERDICT_LOADING, false, NULL },
    { "broken", 500, "<html>oops</html>", VERDICT_AGAIN, false, "server" },
    { "a gateway gives up", 504, "", VERDICT_AGAIN, true, "server" },
    { "no memory", 500, ERROR_BODY("\"message\":\"CUDA error: out of memory\""),
      VERDICT_AGAIN, true, "server" },
    { "too long, llama.cpp", 400,
      ERROR_BODY("\"code\":400,\"message\":\"too long\","
                 "\"type\":\"exceed_context_size_error\","
                 "\"n_prompt_tokens\":9000,\"n_ctx\":8192"),
      VERDICT_FINAL, false, "context_length_exceeded" },
    { "too long, with status 500", 500,
      ERROR_BODY("\"type\":\"exceed_context_size_error\""), VERDICT_FINAL,
      false, "context_length_exceeded" },
    { "too long, with status 200", 200,
      ERROR_BODY("\"type\":\"exceed_context_size_error\""), VERDICT_FINAL,
      false, "context_length_exceeded" },
    { "too long, OpenAI and vLLM", 400,
      ERROR_BODY("\"code\":\"context_length_exceeded\""), VERDICT_FINAL, false,
      "context_length_exceeded" },
};

static struct http_response response_of(long status, const char *body)
{
    struct http_response r = { .status = status,
                               .should_retry = -1,
                               .sent = true };

    strbuf_init(&r.body, MIB);
    strbuf_adds(&r.body, body);
    return r;
}

static void each_answer_has_its_verdict(struct json_doc *doc)
{
    struct http_response r;
    struct judgement j;
    size_t i;

    for (i = 0; i < ARRAY_LEN(answers); i++) {
        r = response_of(answers[i].status, answers[i].body);
        judge(doc, &r, NULL, "choices", &j);
        is_int(j.verdict, answers[i].verdict, "%s", answers[i].why);
        is_int(j.overload, answers[i].overload, "%s: overload?",
               answers[i].why);
        if (answers[i].code)
            is_str(j.why.code, answers[i].code, "%s: code", answers[i].why);
        ok(j.verdict == VERDICT_ANSWER || j.why.code[0], "%s: has a code",
           answers[i].why);
        strbuf_release(&r.body);
    }
}

static const struct {
    const char *why;
    enum error_kind kind;
    const char *code;
    bool sent;
    enum verdict verdict;
    bool silent;
} failures[] = {
    { "refused", ERROR_RETRY, "network", false, VERDICT_DOWN, true },
    { "no answer in time", ERROR_RETRY, "timeout", true, VERDICT_AGAIN, true },
    { "no connection in time", ERROR_RETRY, "timeout", false, VERDICT_DOWN,
      true },
    { "reset", ERROR_RETRY, "network", true, VERDICT_AGAIN, true },
    { "an answer without end", ERROR_REJECT, "answer_too_large", true,
      VERDICT_FINAL, false },
    { "a certificate", ERROR_SETUP, "certificate", false, VERDICT_STOP, false },
    { "no memory here", ERROR_RETRY, "", true, VERDICT_AGAIN, true },
};

static void each_failure_has_its_verdict(struct json_doc *doc)
{
    struct http_response r = response_of(0, "");
    struct judgement j;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(failures); i++) {
        error_set(&err, failures[i].kind, "failed");
        error_code(&err, failures[i].code);
        r.sent = failures[i].sent;
        judge(doc, &r, &err, "choices", &j);
        is_int(j.verdict, failures[i].verdict, "%s", failures[i].why);
        is_int(j.silent, failures[i].silent, "%s: silent?", failures[i].why);
        ok(j.why.code[0], "%s: has a code", failures[i].why);
    }
    strbuf_release(&r.body);
}

static void numbers_are_read(struct json_doc *doc)
{
    struct http_response r =
        response_of(200, "{\"choices\":[],\"usage\":{\"prompt_tokens\":7,"
                         "\"completion_tokens\":5}}");
    struct judgement j;

    judge(doc, &r, NULL, "choices", &j);
    is_int(j.tokens, 12, "tokens in and out");
    strbuf_release(&r.body);
    r = response_of(200, "{\"choices\":[],\"usage\":{\"total_tokens\":99}}");
    judge(doc, &r, NULL, "choices", &j);
    is_int(j.tokens, 99, "or the total");
    strbuf_release(&r.body);
    r = response_of(400, ERROR_BODY("\"type\":\"exceed_context_size_error\","
                                    "\"n_prompt_tokens\":9,\"n_ctx\":8"));
    judge(doc, &r, NULL, "choices", &j);
    ok(strstr(j.why.message, "9 tokens") && strstr(j.why.message, "holds 8"),
       "%s", j.why.message);
    strbuf_release(&r.body);
    r = response_of(429, "");
    r.retry_after = 17;
    judge(doc, &r, NULL, "choices", &j);
    is_int((int)j.retry_after, 17, "Retry-After");
    strbuf_release(&r.body);
}

int main(void)
{
    struct json_doc *doc = json_doc_new();

    each_answer_has_its_verdict(doc);
    each_failure_has_its_verdict(doc);
    numbers_are_read(doc);
    json_doc_free(doc);
    return tap_done();
}
