#include "provider/http.h"
#include "tests/tap.h"

/* -- Retry-After -- */

static void the_wait_asked_for_is_clamped(void)
{
    static const struct {
        const char *why, *ms, *seconds, *date;
        double want;
    } cases[] = {
        { "absent", NULL, NULL, NULL, 0 },
        { "seconds", NULL, "20", NULL, 20 },
        { "a float", NULL, "1.5", NULL, 1.5 },
        { "milliseconds win", "2500", "60", NULL, 2.5 },
        { "broken milliseconds don't", "soon", "60", NULL, 60 },
        { "zero means at once, but never a hot loop", NULL, "0", NULL, 1 },
        { "negative too", NULL, "-5", NULL, 1 },
        { "absurd", NULL, "99999999999999999999", NULL, 900 },
        { "infinite", NULL, "inf", NULL, 0 },
        { "not a number", NULL, "nan", NULL, 0 },
        { "empty", NULL, "", NULL, 0 },
        { "words", NULL, "later", NULL, 0 },
        { "trailing words", NULL, "5 apples", NULL, 0 },
        { "a date, by our clock", NULL, "Wed, 21 Oct 2015 07:28:30 GMT", NULL,
          30 },
        { "a date, by theirs", NULL, "Wed, 21 Oct 2015 07:28:30 GMT",
          "Wed, 21 Oct 2015 07:28:20 GMT", 10 },
        { "a date gone by", NULL, "Wed, 21 Oct 2015 07:00:00 GMT", NULL, 1 },
        { "a date far off", NULL, "Wed, 21 Oct 2099 07:00:00 GMT", NULL, 900 },
    };
    double now = 1445412480; /* 2015-10-21 07:28:00 */
    double got;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        got =
            http_retry_after(cases[i].ms, cases[i].seconds, cases[i].date, now);
        ok(got > cases[i].want - 0.001 && got < cases[i].want + 0.001,
           "Retry-After: %s (%g)", cases[i].why, got);
    }
}

static void a_limit_that_is_used_up_tells_when(void)
{
    static const struct {
        const char *why, *left, *reset;
        double want;
    } cases[] = {
        { "some are left", "12", "6m0s", 0 },
        { "none is", "0", "7.66s", 7.66 },
        { "minutes and seconds", "0", "2m59.56s", 179.56 },
        { "hours are capped", "0", "1h2m3s", 900 },
        { "milliseconds", "0", "12ms", 0.012 },
        { "plain seconds", "0", "30", 30 },
        { "a date", "0", "2015-10-21T07:28:40Z", 40 },
        { "a date gone by", "0", "2015-10-21T07:00:00Z", 0 },
        { "Azure's -1", "-1", "10s", 0 },
        { "nothing told", "0", "", 0 },
        { "rubbish", "0", "soon", 0 },
    };
    double now = 1445412480, got; /* 2015-10-21 07:28:00 */
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        got = http_rate_wait(cases[i].left, cases[i].reset, now);
        ok(got > cases[i].want - 0.001 && got < cases[i].want + 0.001,
           "rate limit: %s (%g)", cases[i].why, got);
    }
}

/* -- shapes -- */

static void every_shape_of_an_error_is_read(void)
{
    static const struct {
        const char *why, *body, *code, *type, *message;
    } cases[] = {
        { "OpenAI",
          "{\"error\":{\"message\":\"Bad thing\",\"type\":\"invalid_request_"
          "error\",\"param\":\"model\",\"code\":\"model_not_found\"}}",
          "model_not_found", "invalid_request_error", "Bad thing" },
        { "code null",
          "{\"error\":{\"message\":\"m\",\"type\":\"t\","
          "\"param\":null,\"code\":null}}",
          "", "t", "m" },
        { "llama-server's number",
          "{\"error\":{\"code\":503,\"message\":\"Loading model\","
          "\"type\":\"unavailable_error\"}}",
          "503", "unavailable_error", "Loading model" },
        { "Ollama's own: a string", "{\"error\":\"model not found\"}", "", "",
          "model not found" },
        { "FastAPI", "{\"detail\":\"Not Found\"}", "", "", "Not Found" },
        { "FastAPI's list",
          "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"field required\","
          "\"input\":{\"resume\":\"Ada Lovelace\"}}]}",
          "", "", "field required" },
        { "old vLLM",
          "{\"object\":\"error\",\"message\":\"too long\",\"type\":"
          "\"BadRequestError\",\"code\":400}",
          "400", "BadRequestError", "too long" },
        { "Anthropic",
          "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
          "\"message\":\"Overloaded\"},\"request_id\":\"req_1\"}",
          "", "overloaded_error", "Overloaded" },
        { "Google",
          "{\"error\":{\"code\":429,\"message\":\"Quota\",\"status\":"
          "\"RESOURCE_EXHAUSTED\"}}",
          "429", "RESOURCE_EXHAUSTED", "Quota" },
        { "SGLang: a bare string", "\"context too long\"", "", "",
          "context too long" },
        { "HTML says nothing", "<html><h1>502</h1></html>", "", "", "" },
        { "nothing says nothing", "", "", "", "" },
        { "null", "null", "", "", "" },
        { "an array", "[1,2]", "", "", "" },
        { "error null", "{\"error\":null,\"message\":\"m\"}", "", "", "m" },
        { "a validator's quotation is cut off",
          "{\"error\":{\"message\":\"bad [type=x, input_value='Ada, born "
          "1815', input_type=str]\"}}",
          "", "", "bad [type=x, " },
        { "half a document", "{\"error\":{\"message\":\"Bad", "", "", "" },
    };
    struct http_cause cause;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        http_cause_parse(cases[i].body, strlen(cases[i].body), &cause);
        is_str(cause.code, cases[i].code, "%s: code", cases[i].why);
        is_str(cause.type, cases[i].type, "%s: type", cases[i].why);
        is_str(cause.message, cases[i].message, "%s: message", cases[i].why);
    }
}

static void google_says_when_to_come_back(void)
{
    static const char body[] =
        "{\"error\":{\"code\":429,\"message\":\"q\",\"status\":"
        "\"RESOURCE_EXHAUSTED\",\"details\":[{\"@type\":\"x\"},{\"@type\":"
        "\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":"
        "\"34s\"}]}}";
    struct http_cause cause;

    http_cause_parse(body, strlen(body), &cause);
    is_int(cause.retry_after, 34, "RetryInfo's delay is read");
}

/* -- meanings -- */

static bool judge(long status, const char *body, int should_retry,
                  double retry_after, struct error *err)
{
    struct http_response response = { .status = status,
                                      .should_retry = should_retry,
                                      .retry_after = retry_after };
    bool result;

    strbuf_init(&response.body, MIB);
    strbuf_adds(&response.body, body);
    snprintf(response.content_type, sizeof(response.content_type), "%s",
             *body == '<' ? "text/html" : "application/json");
    snprintf(response.request_id, sizeof(response.request_id), "req_77");
    result = http_failure(&response, "creating the batch", err);
    strbuf_release(&response.body);
    return result;
}

#define QUOTA(word)                                                            \
    "{\"error\":{\"message\":\"You exceeded your quota\",\"type\":\"" word     \
    "\",\"code\":\"" word "\"}}"

static void a_status_means_retry_reject_or_setup(void)
{
    static const struct {
        const char *why;
        long status;
        const char *body;
        int should_retry;
        enum error_kind kind;
        const char *code;
    } cases[] = {
        { "400 is this input's own fault", 400,
          "{\"error\":{\"message\":\"x\",\"code\":\"context_length_exceeded\"}"
          "}",
          -1, ERROR_REJECT, "context_length_exceeded" },
        { "400 without a word", 400, "{}", -1, ERROR_REJECT, "refused" },
        { "401: the key", 401, "{}", -1, ERROR_SETUP, "bad_key" },
        { "401 stays so whatever the server hopes", 401, "{}", 1, ERROR_SETUP,
          "bad_key" },
        { "402: money", 402, "{}", -1, ERROR_SETUP, "billing" },
        { "403: rights or country", 403, "{}", -1, ERROR_SETUP, "forbidden" },
        { "404", 404, "{}", -1, ERROR_REJECT, "not_found" },
        { "408", 408, "{}", -1, ERROR_RETRY, "timeout" },
        { "409", 409, "{}", -1, ERROR_RETRY, "conflict" },
        { "413: split", 413, "{}", -1, ERROR_REJECT, "too_large" },
        { "422", 422, "{}", -1, ERROR_REJECT, "refused" },
        { "425", 425, "{}", -1, ERROR_RETRY, "server" },
        { "429: slower", 429, "{}", -1, ERROR_RETRY, "rate_limit" },
        { "429 without money isn't slower", 429, QUOTA("insufficient_quota"),
          -1, ERROR_SETUP, "billing" },
        { "Google's quota of a day is waited out", 429,
          "{\"error\":{\"code\":429,\"message\":\"You exceeded your current "
          "quota, please check your plan and billing details.\\n* Quota "
          "exceeded for metric: x/generate_content_free_tier_requests, limit: "
          "0.5, model: m\\n* Quota exceeded for metric: y, limit: 020\","
          "\"status\":\"RESOURCE_EXHAUSTED\"}}",
          -1, ERROR_RETRY, "rate_limit" },
        { "its newer name", 429, QUOTA("credit_balance_exhausted"), -1,
          ERROR_SETUP, "billing" },
        { "500", 500, "", -1, ERROR_RETRY, "server" },
        { "502 with a page", 502, "<html>secret-page</html>", -1, ERROR_RETRY,
          "server" },
        { "503", 503, "{\"error\":\"busy\"}", -1, ERROR_RETRY, "server" },
        { "529: Anthropic's overload", 529, "{}", -1, ERROR_RETRY, "server" },
        { "x-should-retry: false", 500, "{}", 0, ERROR_REJECT, "server" },
        { "x-should-retry: true", 400, "{}", 1, ERROR_RETRY, "refused" },
        { "a redirect", 302, "", -1, ERROR_SETUP, "redirect" },
        { "an error inside a 200 (LM Studio)", 200,
          "{\"error\":\"Unexpected endpoint\"}", -1, ERROR_RETRY, "server" },
        { "a status of no kind", 999, "", -1, ERROR_RETRY, "server" },
    };
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        ok(!judge(cases[i].status, cases[i].body, cases[i].should_retry, 0,
                  &err),
           "%s: always false", cases[i].why);
        is_int(err.kind, cases[i].kind, "%s: kind", cases[i].why);
        is_str(err.code, cases[i].code, "%s: code", cases[i].why);
        is_int(err.native, cases[i].status, "%s: status", cases[i].why);
        is_int(err.exit, EXIT_PROVIDER, "%s: exit", cases[i].why);
    }
}

static void the_message_helps_and_keeps_quiet(void)
{
    struct error err;

    judge(429, QUOTA("insufficient_quota"), -1, 0, &err);
    ok(strstr(err.message, "creating the batch: ") == err.message,
       "it begins with what was done");
    ok(strstr(err.message, "add some"), "it names the cure");
    ok(strstr(err.message, "You exceeded your quota"), "it quotes them");
    ok(strstr(err.message, "req_77"), "it has the request's id");
    judge(502, "<html>secret-page</html>", -1, 7, &err);
    ok(!strstr(err.message, "secret-page"), "HTML is not quoted");
    ok(strstr(err.message, "text/html"), "but said to be HTML");
    is_int(err.retry_after, 7, "the wait is handed on");
    judge(400, "{\"error\":{\"message\":\"line\\u0007one\\nline two\"}}", -1, 0,
          &err);
    ok(!strpbrk(err.message, "\a\n"), "no controls in a message");
}

/* -- what is said of resumes -- */

static void no_quotation_of_a_resume_stays(void)
{
    static const struct {
        const char *why, *message, *want;
    } cases[] = {
        { "a plain sentence", "Rate limit reached for requests.",
          "Rate limit reached for requests." },
        { "a parameter's name", "Missing required parameter: 'messages'.",
          "Missing required parameter: 'messages'." },
        { "a quoted text",
          "Could not parse 'Jane Doe worked at Acme as an "
          "engineer since 2012' as JSON",
          "Could not parse '...' as JSON" },
        { "in double quotes", "bad value \"Jane Doe, Austin, TX, Engineer\"",
          "bad value \"...\"" },
        { "short ones don't make it longer", "'@' \"a@\" '@", "'.' \"..\" '." },
        { "an open quotation", "unexpected 'Jane Doe lives in Austin Texas",
          "unexpected '..." },
        { "an apostrophe is no quote", "It isn't there and can't be found.",
          "It isn't there and can't be found." },
        { "an address", "refused: jane.doe@example.com is personal",
          "refused: ******************** is personal" },
        { "a number to call", "refused: +1-512-555-0199 is personal",
          "refused: *************** is personal" },
        { "a limit stays", "Limit: 2,000,000 enqueued tokens",
          "Limit: 2,000,000 enqueued tokens" },
        { "the first line alone", "bad request\nJane Doe\nAustin",
          "bad request" },
        { "pydantic", "wrong type, input_value='Jane', input_type=str",
          "wrong type, " },
    };
    char text[256];
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        snprintf(text, sizeof(text), "%s", cases[i].message);
        http_message_clean(text);
        is_str(text, cases[i].want, "%s", cases[i].why);
    }
}

static void a_redirect_names_where_it_leads(void)
{
    struct http_response r = { .status = 307, .should_retry = -1 };
    struct error err;

    snprintf(r.location, sizeof(r.location),
             "https://other.example:8443/v1/files?key=secret");
    strbuf_init(&r.body, KIB);
    ok(!http_failure(&r, "uploading", &err), "a failure");
    ok(strstr(err.message, "https://other.example"), "the host: %s",
       err.message);
    ok(strstr(err.message, "base_url") && strstr(err.message, "allowed_hosts"),
       "the settings");
    ok(!strstr(err.message, "secret"), "not the rest of the address");
    strbuf_release(&r.body);
}

/* -- what only an operator can cure -- */

static void what_no_try_cures_is_told_in_a_sentence(void)
{
    static const struct {
        const char *why, *body, *code, *says;
        long status;
    } cases[] = {
        { "a key that is none",
          "{\"error\":{\"message\":\"Incorrect API key "
          "provided\",\"code\":\"invalid_api_key\"}}",
          "bad_key", "key is wrong", 401 },
        { "Google's way to say so",
          "{\"error\":{\"code\":400,\"message\":\"API key not valid. Please "
          "pass a valid API key.\",\"status\":\"INVALID_ARGUMENT\"}}",
          "bad_key", "key is wrong", 400 },
        { "can list, can't create",
          "{\"error\":{\"code\":400,\"message\":\"Please enable billing on "
          "project 1\",\"status\":\"FAILED_PRECONDITION\"}}",
          "billing", "billing is not enabled", 400 },
        { "Google's model that isn't free, in a 429 that says to wait",
          "{\"error\":{\"code\":429,\"message\":\"You exceeded your current "
          "quota, please check your plan and billing details.\\n* Quota "
          "exceeded for metric: generativelanguage.googleapis.com/"
          "generate_content_free_tier_requests, limit: 0, model: "
          "gemini-2.5-pro\\nPlease retry in 20.04s.\","
          "\"status\":\"RESOURCE_EXHAUSTED\"}}",
          "billing", "quota is 0", 429 },
        { "its older words",
          "{\"error\":{\"code\":429,\"message\":\"Gemini 2.5 Pro Preview "
          "doesn't have a free quota tier.\","
          "\"status\":\"RESOURCE_EXHAUSTED\"}}",
          "billing", "enable billing", 429 },
        { "Google without credit",
          "{\"error\":{\"code\":429,\"message\":\"Your prepayment credits are "
          "depleted.\",\"status\":\"RESOURCE_EXHAUSTED\"}}",
          "billing", "no credit", 429 },
        { "Anthropic without credit",
          "{\"type\":\"error\",\"error\":{\"type\":"
          "\"invalid_request_error\",\"message\":\"Your credit balance is too "
          "low to access the API.\"}}",
          "billing", "no credit", 400 },
        { "OpenAI without credit",
          "{\"error\":{\"message\":\"You exceeded your current quota\","
          "\"code\":\"insufficient_quota\"}}",
          "billing", "no credit", 429 },
        { "a model without batches",
          "{\"error\":{\"code\":404,\"message\":\"models/x is not found or is "
          "not supported for batchGenerateContent\",\"status\":\"NOT_FOUND\"}}",
          "no_batches", "can't do batches", 404 },
        { "the same at OpenAI",
          "{\"error\":{\"message\":\"The model x is not supported by the Batch "
          "API.\",\"code\":\"invalid_value\"}}",
          "no_batches", "can't do batches", 400 },
        { "a schema that it can't take",
          "{\"error\":{\"message\":\"Invalid schema for response_format "
          "'resume': In context=(), 'allOf' is not "
          "permitted.\",\"code\":null}}",
          "schema", "schema", 400 },
        { "a region",
          "{\"error\":{\"message\":\"Country, region, or territory not "
          "supported\",\"code\":\"unsupported_country_region_territory\"}}",
          "region", "country or region", 403 },
        { "Google's region",
          "{\"error\":{\"code\":400,\"message\":\"User location is not "
          "supported for the API use.\",\"status\":\"FAILED_PRECONDITION\"}}",
          "region", "country or region", 400 },
    };
    struct http_response r;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        memset(&r, 0, sizeof(r));
        strbuf_init(&r.body, MIB);
        r.status = cases[i].status;
        r.should_retry = -1;
        strbuf_adds(&r.body, cases[i].body);
        ok(!http_failure(&r, "creating the batch", &err), "%s", cases[i].why);
        is_int(err.kind, ERROR_SETUP, "%s: not tried again", cases[i].why);
        is_str(err.code, cases[i].code, "%s: its code", cases[i].why);
        ok(strstr(err.message, cases[i].says), "%s: %s", cases[i].why,
           err.message);
        strbuf_release(&r.body);
    }
}

int main(void)
{
    the_wait_asked_for_is_clamped();
    a_limit_that_is_used_up_tells_when();
    every_shape_of_an_error_is_read();
    google_says_when_to_come_back();
    a_status_means_retry_reject_or_setup();
    the_message_helps_and_keeps_quiet();
    no_quotation_of_a_resume_stays();
    a_redirect_names_where_it_leads();
    what_no_try_cures_is_told_in_a_sentence();
    return tap_done();
}
