#include "provider/openai.h"

#include "base/json.h"
#include "base/jsonr.h"
#include "tests/provider/golden.h"
#include "tests/tap.h"

#define TEXT(s) ((char *)(uintptr_t)(s))

/* -- request lines -- */

static struct provider *open_at(const char *base_url)
{
    static struct provider_settings s;
    struct provider *p;
    struct error err;

    s = (struct provider_settings){ .name = TEXT("openai"),
                                    .base_url = TEXT(base_url),
                                    .api_key = TEXT("sk-golden") };
    ok(provider_open(&p, &s, &clock_system, &err), "opens");
    return p;
}

static void lines_are_golden(void)
{
    struct request_profile r = golden_profile;
    struct provider *p = open_at(NULL);
    struct strbuf got;

    strbuf_init(&got, MIB);
    golden_lines(p, &r, &got);
    golden_compare(&got, "openai.jsonl");
    strbuf_clear(&got);
    r.model = "gpt-5-mini"; /* refuses a temperature */
    r.schema = NULL;
    r.max_output_tokens = 0;
    r.extra_body = "{\"reasoning_effort\":\"low\",\"seed\":7,\"store\":null,"
                   "\"stop\":[\"a/b\"]}";
    golden_lines(p, &r, &got);
    golden_compare(&got, "openai_extra.jsonl");
    ok(!strstr(got.data, "sk-golden"), "no key in a line");
    provider_close(p);
    strbuf_clear(&got);
    p = open_at("http://127.0.0.1:9/v1");
    golden_lines(p, &golden_profile, &got);
    golden_compare(&got, "openai_lookalike.jsonl");
    provider_close(p);
    strbuf_release(&got);
}

static void each_line_is_strict_json(void)
{
    struct provider *p = open_at(NULL);
    struct json_doc *doc = json_doc_new();
    const struct json_node *root;
    struct strbuf got, text;
    struct error err;
    char *line, *end;

    strbuf_init(&got, MIB);
    strbuf_init(&text, MIB);
    golden_lines(p, &golden_profile, &got);
    for (line = got.data; (end = strchr(line, '\n')); line = end + 1) {
        root = json_read(doc, line, (size_t)(end - line), &json_limits_default,
                         &err);
        ok(json_is(json_pointer(root, "/body/messages/1/content"), JSON_STRING),
           "the text is one string, in the last message");
        is_int(json_count(json_pointer(root, "/body/messages")), 2, "of two");
        ok(json_equals(json_pointer(root, "/body/model"), golden_profile.model),
           "nothing broke out");
    }
    strbuf_release(&got);
    strbuf_release(&text);
    json_doc_free(doc);
    provider_close(p);
}

static void extra_body_is_checked(void)
{
    static const struct {
        const char *extra, *word; /* in the message */
    } cases[] = {
        { "{\"messages\":[]}", "messages" },
        { "{\"stream\":true}", "stream" },
        { "{\"model\":\"x\"}", "model" },
        { "{\"n\":2}", "may not set n" },
        { "[]", "object" },
        { "{\"a\":", "object" },
        { "null", "object" },
    };
    struct request_profile r = golden_profile;
    struct provider *p = open_at(NULL);
    struct request_template t;
    struct error err;
    size_t i;

    request_template_init(&t);
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        r.extra_body = cases[i].extra;
        ok(!p->ops->prepare(p, &r, &t, &err), "refused: %s", cases[i].extra);
        ok(strstr(err.message, cases[i].word), "because: %s", err.message);
        is_int(err.exit, EXIT_SETTINGS, "a matter of settings");
    }
    r = golden_profile;
    r.model = NULL;
    ok(!p->ops->prepare(p, &r, &t, &err), "no model is refused");
    request_template_release(&t);
    provider_close(p);
}

/* -- answers -- */

#define RESPONSE(status, body)                                                 \
    "{\"id\":\"b\",\"custom_id\":\"unified_7\",\"response\":{\"status_"        \
    "code\":" #status ",\"request_id\":\"r\",\"body\":" body                   \
    "},\"error\":null}"
#define CHAT(message, finish)                                                  \
    RESPONSE(200, "{\"choices\":[{\"index\":0,\"message\":" message            \
                  ",\"finish_reason\":\"" finish "\"}]}")
#define FAILURE(code)                                                          \
    "{\"error\":{\"message\":\"told\",\"type\":\"t\",\"code\":\"" code "\"}}"

struct decode_case {
    const char *why, *line;
    enum answer_outcome outcome;
    const char *code;
    bool retryable, our_fault;
};

static const struct decode_case decode_cases[] = {
    { "success", CHAT("{\"role\":\"assistant\",\"content\":\"{}\"}", "stop"),
      ANSWER_OK, "", true, true },
    { "refusal null is none",
      CHAT("{\"content\":\"{}\",\"refusal\":null}", "stop"), ANSWER_OK, "",
      true, true },
    { "refusal empty is none",
      CHAT("{\"content\":\"{}\",\"refusal\":\"\"}", "stop"), ANSWER_OK, "",
      true, true },
    { "content in parts",
      CHAT("{\"content\":[{\"type\":\"text\",\"text\":\"{\"},{\"type\":"
           "\"image\"},{\"type\":\"text\",\"text\":\"}\"}]}",
           "stop"),
      ANSWER_OK, "", true, true },
    { "no error member at all",
      "{\"custom_id\":\"unified_7\",\"response\":{\"status_code\":200,"
      "\"body\":{\"choices\":[{\"message\":{\"content\":\"{}\"}}]}}}",
      ANSWER_OK, "", true, true },
    { "finish_reason missing",
      RESPONSE(200, "{\"choices\":[{\"message\":{"
                    "\"content\":\"{}\"}}]}"),
      ANSWER_OK, "", true, true },
    { "two choices: the first counts",
      RESPONSE(200, "{\"choices\":[{\"message\":{\"content\":\"{}\"}},{"
                    "\"message\":{\"content\":\"other\"}}]}"),
      ANSWER_OK, "", true, true },
    { "refused", CHAT("{\"content\":null,\"refusal\":\"I can't\"}", "stop"),
      ANSWER_REFUSED, "refusal", true, true },
    { "cut", CHAT("{\"content\":\"{\\\"a\\\":\"}", "length"), ANSWER_CUT,
      "length", true, true },
    { "thinking used it up", CHAT("{\"content\":\"\"}", "length"), ANSWER_CUT,
      "length", true, true },
    { "filtered", CHAT("{\"content\":\"half\"}", "content_filter"),
      ANSWER_FILTERED, "content_filter", true, true },
    { "silent", CHAT("{\"content\":null}", "stop"), ANSWER_EMPTY, "empty", true,
      true },
    { "blank", CHAT("{\"content\":\" \\n\"}", "stop"), ANSWER_EMPTY, "empty",
      true, true },
    { "a tool call",
      CHAT("{\"content\":null,\"tool_calls\":[{\"id\":\"x\"}]}", "tool_calls"),
      ANSWER_EMPTY, "tool_calls", true, true },
    { "no choices", RESPONSE(200, "{\"choices\":[]}"), ANSWER_MALFORMED,
      "no_message", true, true },
    { "choices null", RESPONSE(200, "{\"choices\":null}"), ANSWER_MALFORMED,
      "no_message", true, true },
    { "body null", RESPONSE(200, "null"), ANSWER_MALFORMED, "no_body", true,
      true },
    { "body a string", RESPONSE(200, "\"x\""), ANSWER_MALFORMED, "no_body",
      true, true },
    { "1.6: the cause is in the body",
      RESPONSE(400, FAILURE("context_length_exceeded")), ANSWER_FAILED,
      "context_length_exceeded", false, true },
    { "429 in a line", RESPONSE(429, FAILURE("rate_limit_exceeded")),
      ANSWER_FAILED, "rate_limit_exceeded", true, false },
    { "no money in a line", RESPONSE(429, FAILURE("insufficient_quota")),
      ANSWER_FAILED, "insufficient_quota", true, false },
    { "500 with nothing", RESPONSE(500, "null"), ANSWER_FAILED, "http_500",
      true, false },
    { "500 with HTML", RESPONSE(502, "\"<html>\""), ANSWER_FAILED, "http_502",
      true, false },
    { "401 is not the item's fault", RESPONSE(401, FAILURE("invalid_api_key")),
      ANSWER_FAILED, "invalid_api_key", true, false },
    { "status 0 has been seen", RESPONSE(0, "null"), ANSWER_FAILED, "http_0",
      true, false },
    { "status negative", RESPONSE(-5, "null"), ANSWER_FAILED, "http_0", true,
      false },
    { "status a string", RESPONSE("200", "{}"), ANSWER_FAILED, "http_0", true,
      false },
    { "an error inside a 200 (llama-server)",
      RESPONSE(200, "{\"error\":{\"code\":400,\"message\":\"exceeds\",\"type\""
                    ":\"exceed_context_size_error\"}}"),
      ANSWER_FAILED, "400", true, true },
    { "an overload inside a 200",
      RESPONSE(200, "{\"error\":{\"code\":503,\"message\":\"busy\"}}"),
      ANSWER_FAILED, "503", true, false },
    { "a word inside a 200 (LM Studio)",
      RESPONSE(200, "{\"error\":\"Unexpected endpoint\"}"), ANSWER_FAILED,
      "http_422", true, true },
    { "error null inside a 200",
      RESPONSE(200, "{\"error\":null,\"choices\":[{\"message\":{\"content\":"
                    "\"{}\"}}]}"),
      ANSWER_OK, "", true, true },
    { "never ran",
      "{\"custom_id\":\"unified_7\",\"response\":null,\"error\":{\"code\":"
      "\"batch_expired\",\"message\":\"m\"}}",
      ANSWER_EXPIRED, "batch_expired", true, false },
    { "cancelled",
      "{\"custom_id\":\"unified_7\",\"response\":null,\"error\":{\"code\":"
      "\"batch_cancelled\"}}",
      ANSWER_EXPIRED, "batch_cancelled", true, false },
    { "error a string (vLLM)",
      "{\"custom_id\":\"unified_7\",\"response\":{\"status_code\":400,"
      "\"body\":null},\"error\":\"too long\"}",
      ANSWER_FAILED, "http_400", false, true },
    { "error an empty object is none",
      "{\"custom_id\":\"unified_7\",\"error\":{},\"response\":{"
      "\"status_code\":200,\"body\":{\"choices\":[{\"message\":{\"content\":"
      "\"{}\"}}]}}}",
      ANSWER_OK, "", true, true },
    { "error and response at once: the error counts",
      "{\"custom_id\":\"unified_7\",\"error\":{\"code\":\"x\"},\"response\":{"
      "\"status_code\":200,\"body\":{\"choices\":[{\"message\":{\"content\":"
      "\"{}\"}}]}}}",
      ANSWER_FAILED, "x", true, false },
    { "neither", "{\"custom_id\":\"unified_7\"}", ANSWER_MALFORMED,
      "no_response", true, true },
    { "response a string", "{\"custom_id\":\"unified_7\",\"response\":\"ok\"}",
      ANSWER_MALFORMED, "no_response", true, true },
};

static void a_line_has_one_verdict(void)
{
    struct json_doc *doc = json_doc_new();
    struct answer a;
    struct error err;
    const struct decode_case *c;

    answer_init(&a);
    for (c = decode_cases; c < decode_cases + ARRAY_LEN(decode_cases); c++) {
        ok(openai_decode(NULL, doc, c->line, strlen(c->line), &a, &err),
           "%s: read", c->why);
        is_str(answer_outcome_names[a.outcome],
               answer_outcome_names[c->outcome], "%s: outcome", c->why);
        is_str(a.code, c->code, "%s: code", c->why);
        is_str(a.custom_id, "unified_7", "%s: id", c->why);
        is_int(a.retryable, c->retryable, "%s: retryable", c->why);
        is_int(a.our_fault, c->our_fault, "%s: whose fault", c->why);
        if (c->outcome == ANSWER_OK)
            is_str(a.content.data, "{}", "%s: content", c->why);
        else if (c->outcome != ANSWER_CUT)
            is_str(a.content.data, "", "%s: no content", c->why);
        ok(!strstr(a.message, "I can't"), "%s: no refusal kept", c->why);
    }
    answer_release(&a);
    json_doc_free(doc);
}

static void broken_lines_are_malformed(void)
{
    static const char *const lines[] = {
        "",
        "null",
        "[]",
        "\"x\"",
        "{\"custom_id\":\"unified_7\",\"response\":{\"status_co",
        "{\"custom_id\":\"unified_7\",\"custom_id\":\"unified_8\"}",
        "{'custom_id':'unified_7'}",
        "{\"custom_id\":NaN}",
        "<html>",
        "\xff\xfe",
    };
    struct json_doc *doc = json_doc_new();
    struct answer a;
    struct error err;
    size_t i;

    answer_init(&a);
    for (i = 0; i < ARRAY_LEN(lines); i++) {
        ok(openai_decode(NULL, doc, lines[i], strlen(lines[i]), &a, &err),
           "line %zu is read", i);
        is_str(answer_outcome_names[a.outcome], "malformed", "as malformed");
        is_str(a.custom_id, "", "of nobody");
    }
    answer_release(&a);
    json_doc_free(doc);
}

static void an_id_is_taken_whole_or_not(void)
{
    static const struct {
        const char *why, *id, *want;
    } cases[] = {
        { "plain", "\"unified_7\"", "unified_7" },
        { "escaped", "\"unified\\u005f7\"", "unified_7" },
        { "a number", "7", "" },
        { "null", "null", "" },
        { "with a NUL", "\"unified_7\\u0000x\"", "" },
        { "empty", "\"\"", "" },
    };
    struct json_doc *doc = json_doc_new();
    struct answer a;
    struct error err;
    char line[2000], id[201];
    size_t i;

    answer_init(&a);
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        snprintf(line, sizeof(line), "{\"custom_id\":%s,\"response\":null}",
                 cases[i].id);
        ok(openai_decode(NULL, doc, line, strlen(line), &a, &err), "read");
        is_str(a.custom_id, cases[i].want, "id: %s", cases[i].why);
    }
    memset(id, 'x', 200);
    id[200] = '\0';
    snprintf(line, sizeof(line), "{\"custom_id\":\"%s\"}", id);
    ok(openai_decode(NULL, doc, line, strlen(line), &a, &err), "read");
    is_str(a.custom_id, "", "id: too long is nobody's, not a prefix's");
    answer_release(&a);
    json_doc_free(doc);
}

static void usage_is_known_or_unknown(void)
{
    static const struct {
        const char *why, *usage;
        int64_t in, cached, out;
    } cases[] = {
        { "chat",
          "{\"prompt_tokens\":10,\"completion_tokens\":5,"
          "\"prompt_tokens_details\":{\"cached_tokens\":4}}",
          10, 4, 5 },
        { "responses",
          "{\"input_tokens\":10,\"output_tokens\":5,"
          "\"input_tokens_details\":{\"cached_tokens\":4}}",
          10, 4, 5 },
        { "no details", "{\"prompt_tokens\":10,\"completion_tokens\":0}", 10,
          -1, 0 },
        { "null", "null", -1, -1, -1 },
        { "empty", "{}", -1, -1, -1 },
        { "negative", "{\"prompt_tokens\":-10,\"completion_tokens\":-1}", -1,
          -1, -1 },
        { "strings", "{\"prompt_tokens\":\"10\"}", -1, -1, -1 },
        { "huge",
          "{\"prompt_tokens\":99999999999999999999,\"completion_tokens\":"
          "1e300}",
          -1, -1, -1 },
        { "large", "{\"prompt_tokens\":4611686018427387904}", -1, -1, -1 },
    };
    struct json_doc *doc = json_doc_new();
    struct answer a;
    struct error err;
    char line[1000];
    size_t i;

    answer_init(&a);
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        snprintf(line, sizeof(line),
                 RESPONSE(200, "{\"usage\":%s,\"choices\":[{\"message\":{"
                               "\"content\":\"{}\"}}]}"),
                 cases[i].usage);
        ok(openai_decode(NULL, doc, line, strlen(line), &a, &err), "read");
        is_int(a.outcome, ANSWER_OK, "%s: the answer is fine", cases[i].why);
        is_int(a.input_tokens, cases[i].in, "%s: input", cases[i].why);
        is_int(a.cached_tokens, cases[i].cached, "%s: cached", cases[i].why);
        is_int(a.output_tokens, cases[i].out, "%s: output", cases[i].why);
    }
    answer_release(&a);
    json_doc_free(doc);
}

/* -- batch objects -- */

static bool read_batch(const char *text, struct remote_batch *b,
                       struct error *err)
{
    struct json_object *object = json_parse(text, strlen(text), err);
    bool good = object && openai_batch_read(object, b, err);

    json_free(object);
    return good;
}

#define BATCH(more)                                                            \
    "{\"id\":\"batch_1\",\"status\":\"completed\",\"created_at\":"             \
    "1700000000" more "}"

static void a_batch_is_read_with_tolerance(void)
{
    struct remote_batch b;
    struct error err;

    ok(read_batch(BATCH(""), &b, &err), "six members are enough");
    is_str(b.output_file, "", "no output");
    is_int(b.input_tokens, -1, "no usage");
    is_int(b.total, 0, "no counts");
    ok(read_batch(BATCH(",\"output_file_id\":\"\",\"error_file_id\":null,"
                        "\"request_counts\":null,\"metadata\":null,"
                        "\"errors\":null,\"usage\":null"),
                  &b, &err),
       "null and \"\" are absent");
    is_str(b.output_file, "", "\"\" is none");
    is_str(b.error_file, "", "null is none");
    ok(read_batch(BATCH(",\"output_file_id\":\"file-2\",\"request_counts\":{"
                        "\"total\":\"3\",\"completed\":2,\"failed\":-1},"
                        "\"metadata\":{\"vitae_key\":\"k-1\"},\"usage\":{"
                        "\"input_tokens\":9,\"output_tokens\":4,"
                        "\"input_tokens_details\":{\"cached_tokens\":5}}"),
                  &b, &err),
       "a full one");
    is_str(b.output_file, "file-2", "output");
    is_int(b.total, 3, "a count as a string");
    is_int(b.failed, 0, "a negative count is none");
    is_str(b.key, "k-1", "our key");
    is_int(b.cached_tokens, 5, "usage");
    ok(read_batch("{\"job\":{\"id\":\"b\",\"status\":\"COMPLETED\","
                  "\"error\":\"it broke\"}}",
                  &b, &err),
       "Together's wrapping");
    is_int(b.status, REMOTE_COMPLETED, "in capitals");
    is_str(b.error_message, "it broke", "an error as text");
    ok(read_batch("{\"id\":\"b\",\"status\":\"teleporting\"}", &b, &err),
       "a status never heard of");
    is_int(b.status, REMOTE_UNKNOWN, "is unknown");
    is_str(b.word, "teleporting", "its word is kept");
}

static void times_come_in_many_forms(void)
{
    static const struct {
        const char *why, *value;
        double want;
    } cases[] = {
        { "seconds", "1700000000", 1700000000 },
        { "milliseconds", "1700000000000", 1700000000 },
        { "a string", "\"1700000000\"", 1700000000 },
        { "ISO", "\"2023-11-14T22:13:20Z\"", 1700000000 },
        { "ISO with fractions", "\"2023-11-14T22:13:20.123456+00:00\"",
          1700000000 },
        { "a float", "1700000000.5", 1700000000.5 },
        { "null", "null", 0 },
        { "zero", "0", 0 },
        { "negative", "-5", 0 },
        { "words", "\"yesterday\"", 0 },
        { "an object", "{}", 0 },
    };
    struct remote_batch b;
    struct error err;
    char text[200];
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        snprintf(text, sizeof(text),
                 "{\"id\":\"b\",\"status\":\"x\",\"created_at\":%s}",
                 cases[i].value);
        ok(read_batch(text, &b, &err), "created_at: %s", cases[i].why);
        ok(b.created_at == cases[i].want, "is %.1f", b.created_at);
    }
}

static void what_is_no_batch_is_refused(void)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        "{\"id\":\"\",\"status\":\"completed\"}",
        "{\"id\":7,\"status\":\"completed\"}",
        "{\"id\":\"b\"}",
        "{\"id\":\"b\",\"status\":null}",
        "{\"id\":\"a b\",\"status\":\"completed\"}",
        "{\"id\":\"..\",\"status\":\"completed\"}",
        "{\"id\":\"b\\n\",\"status\":\"completed\"}",
        "{\"id\":\"b\\u0000c\",\"status\":\"completed\"}",
        BATCH(",\"output_file_id\":5"),
        BATCH(",\"output_file_id\":\"../../etc/passwd\\n\""),
    };
    struct remote_batch b;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(texts); i++) {
        ok(!read_batch(texts[i], &b, &err), "refused: %s", texts[i]);
        is_int(err.kind, ERROR_RETRY, "perhaps better next time");
        is_str(err.code, "malformed", "malformed");
    }
}

static void validation_errors_are_kept(void)
{
    static const struct {
        const char *why, *errors, *code, *message;
        int64_t limit;
    } cases[] = {
        { "with a line",
          "{\"object\":\"list\",\"data\":[{\"code\":\"invalid_json_line\","
          "\"message\":\"not JSON\",\"param\":null,\"line\":3}]}",
          "invalid_json_line", "line 3: not JSON", 0 },
        { "the first counts",
          "{\"data\":[{\"code\":\"a\",\"message\":\"x\"},{\"code\":\"b\"}]}",
          "a", "x", 0 },
        { "but a token limit comes before all",
          "{\"data\":[{\"code\":\"a\",\"message\":\"x\"},{\"code\":"
          "\"token_limit_exceeded\",\"message\":\"Enqueued token limit reached "
          "for m in organization o. Limit: 2,000,000 enqueued tokens.\","
          "\"line\":null}]}",
          "token_limit_exceeded",
          "Enqueued token limit reached for m in organization o. Limit: "
          "2,000,000 enqueued tokens.",
          2000000 },
        { "a limit without a number",
          "{\"data\":[{\"code\":\"token_limit_exceeded\",\"message\":\"no\"}]}",
          "token_limit_exceeded", "no", 0 },
        { "a bare list", "[{\"code\":\"c\",\"message\":\"m\"}]", "c", "m", 0 },
        { "data null", "{\"data\":null}", "", "", 0 },
        { "entries that are none", "{\"data\":[1,null,\"x\"]}", "", "", 0 },
    };
    struct remote_batch b;
    struct error err;
    char text[1000];
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        snprintf(text, sizeof(text),
                 "{\"id\":\"b\",\"status\":\"failed\",\"errors\":%s}",
                 cases[i].errors);
        ok(read_batch(text, &b, &err), "errors: %s", cases[i].why);
        is_str(b.error_code, cases[i].code, "code");
        is_str(b.error_message, cases[i].message, "message");
        is_int(b.token_limit, cases[i].limit, "limit");
    }
}

int main(void)
{
    lines_are_golden();
    each_line_is_strict_json();
    extra_body_is_checked();
    a_line_has_one_verdict();
    broken_lines_are_malformed();
    an_id_is_taken_whole_or_not();
    usage_is_known_or_unknown();
    a_batch_is_read_with_tolerance();
    times_come_in_many_forms();
    what_is_no_batch_is_refused();
    validation_errors_are_kept();
    return tap_done();
}
