/*
 * http_error.c -- what a refusal means: pure.
 *
 * Shapes: OpenAI's {"error": {...}}, and what llama.cpp, vLLM, SGLang,
 * Ollama and LM Studio make of it (their sources, August 2026).  Meanings:
 * OpenAI's guide to error codes, Google's status words, Anthropic's types.
 */
#include <ctype.h>
#include <curl/curl.h>
#include <math.h>
#include <strings.h>
#include <time.h>

#include "provider/http.h"
#include "provider/http_private.h"

#define LONGEST_WAIT 900.0

/* -- when to come back -- */

/* A whole finite number, or false. */
static bool number(const char *text, double *value)
{
    char *end;

    if (!text || !strpbrk(text, "0123456789"))
        return false;
    *value = strtod(text, &end);
    while (*end == ' ')
        end++;
    return !*end && isfinite(*value);
}

double http_retry_after(const char *ms, const char *seconds, const char *date,
                        double now)
{
    double wait;
    time_t at, base;

    if (number(ms, &wait)) {
        wait /= 1000;
    } else if (!number(seconds, &wait)) {
        at = seconds ? curl_getdate(seconds, NULL) : -1;
        if (at == -1)
            return 0;
        base = date ? curl_getdate(date, NULL) : -1;
        wait = (double)at - (base == -1 ? now : (double)base);
    }
    if (wait < 1)
        return 1;
    return wait > LONGEST_WAIT ? LONGEST_WAIT : wait;
}

/* "2m59.56s": a sequence of numbers and units; < 0 = it is none. */
static double go_duration(const char *text)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = { { "ms", 1e-3 }, { "us", 1e-6 }, { "ns", 1e-9 },
                  { "h", 3600 },  { "m", 60 },    { "s", 1 } };
    double sum = 0, n;
    size_t i;
    char *end;

    for (; *text; text = end) {
        if (!isdigit((unsigned char)*text) && *text != '.')
            return -1;
        n = strtod(text, &end);
        if (end == text)
            return -1;
        for (i = 0; i < ARRAY_LEN(units); i++)
            if (!strncmp(end, units[i].unit, strlen(units[i].unit)))
                break;
        if (i == ARRAY_LEN(units))
            return *end ? -1 : sum + n;
        sum += n * units[i].seconds;
        end += strlen(units[i].unit);
    }
    return sum;
}

double http_rate_wait(const char *left, const char *reset, double now)
{
    double wait;
    struct tm tm = { 0 };

    if (strcmp(left, "0") != 0 || !*reset)
        return 0;
    wait = go_duration(reset);
    if (wait < 0 &&
        sscanf(reset, "%d-%d-%dT%d:%d:%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
               &tm.tm_hour, &tm.tm_min, &tm.tm_sec) == 6) {
        tm.tm_year -= 1900;
        tm.tm_mon--;
        wait = (double)timegm(&tm) - now;
    }
    if (!isfinite(wait) || wait < 0)
        return 0;
    return wait > LONGEST_WAIT ? LONGEST_WAIT : wait;
}

/* -- what it says -- */

/* Messages of validators quote the input, which may be somebody's resume:
 * pydantic 1 and 2, FastAPI. */
static const char *const quoting[] = { "input_value=", "'input':", "\"input\":",
                                       "input_value:" };

static void cut_quotation(char *message)
{
    size_t i;
    char *at;

    for (i = 0; i < ARRAY_LEN(quoting); i++)
        if ((at = strstr(message, quoting[i])))
            *at = '\0';
    message[strcspn(message, "\r\n")] = '\0';
}

/* Names of parameters, models and types are quoted too, and are short. */
#define LONGEST_NAME 48
#define MOST_WORDS 3

static bool may_be_said(const char *text, size_t len)
{
    size_t i, blanks = 0;

    for (i = 0; i < len; i++)
        blanks += text[i] == ' ';
    return len <= LONGEST_NAME && blanks < MOST_WORDS &&
           !memchr(text, '@', len);
}

/* What stands between quotes and is no name becomes "...", or as many dots as
 * it has bytes: the message never grows. */
static void drop_quoted(char *message)
{
    char *in = message, *out = message, *end;
    size_t len;

    while (*in) {
        char quote = *in;

        *out++ = *in++;
        if (!strchr("\"'`", quote))
            continue;
        /* An apostrophe within a word quotes nothing. */
        if (quote == '\'' && in - 2 >= message &&
            isalnum((unsigned char)in[-2]))
            continue;
        end = strchr(in, quote);
        len = end ? (size_t)(end - in) : strlen(in);
        if (may_be_said(in, len))
            continue;
        in += len;
        len = len < 3 ? len : 3;
        memset(out, '.', len);
        out += len;
        if (*in)
            *out++ = *in++;
    }
    *out = '\0';
}

/* Words that look like an address or a telephone number. */
static void mask_contacts(char *message)
{
    char *word = message, *c;
    size_t len, digits;

    for (; *word; word += len) {
        word += strspn(word, " ");
        len = strcspn(word, " ");
        digits = 0;
        for (c = word; c < word + len; c++)
            digits += isdigit((unsigned char)*c) != 0;
        if (memchr(word, '@', len) || (digits >= 9 && digits + 4 >= len))
            memset(word, '*', len);
    }
}

void http_message_clean(char *message)
{
    cut_quotation(message);
    drop_quoted(message);
    mask_contacts(message);
    utf8_trim_cut(message);
}

/* A string or number node as text, cut at the size. */
static void node_text(const struct json_node *node, char *out, size_t size)
{
    struct strbuf text;

    if (json_is(node, JSON_NUMBER)) {
        snprintf(out, size, "%.*s", (int)(node->len < 32 ? node->len : 32),
                 node->text);
        return;
    }
    if (!json_is(node, JSON_STRING))
        return;
    strbuf_init(&text, MIB);
    if (json_string(node, &text))
        snprintf(out, size, "%s", text.data);
    strbuf_release(&text);
    utf8_trim_cut(out);
}

/* FastAPI: "detail" is text or a list of {loc, msg, input}. */
static void read_detail(const struct json_node *detail,
                        struct http_cause *cause)
{
    if (json_is(detail, JSON_ARRAY))
        detail = json_member(json_first(detail), "msg");
    node_text(detail, cause->message, sizeof(cause->message));
}

/* Google: details[] may hold {"@type": ...RetryInfo, "retryDelay": "34s"}. */
static void read_retry_info(const struct json_node *details,
                            struct http_cause *cause)
{
    const struct json_node *d;
    char delay[32];

    for (d = json_first(details); d; d = json_next(d)) {
        delay[0] = '\0';
        node_text(json_member(d, "retryDelay"), delay, sizeof(delay));
        if (!delay[0] || delay[strlen(delay) - 1] != 's')
            continue;
        delay[strlen(delay) - 1] = '\0';
        cause->retry_after = http_retry_after(NULL, delay, NULL, 0);
    }
}

/* Google's 429 of a model that an account without billing may not use looks
 * like that of one who asks too fast, "Please retry in 20s" included, but for
 * lines below the first: "* Quota exceeded for metric: ..., limit: 0, ...". */
static bool says_no_quota(const struct json_node *message)
{
    static const char limit[] = "limit: 0";
    struct strbuf text;
    const char *at;
    bool found = false;

    strbuf_init(&text, MIB);
    if (json_string(message, &text) &&
        strstr(text.data, "Quota exceeded for metric"))
        for (at = text.data; !found && (at = strstr(at, limit));) {
            at += strlen(limit);
            found = !isdigit((unsigned char)*at) && *at != '.';
        }
    strbuf_release(&text);
    return found;
}

static void read_object(const struct json_node *object,
                        struct http_cause *cause)
{
    const struct json_node *type = json_member(object, "type");

    if (!json_is(type, JSON_STRING))
        type = json_member(object, "status"); /* Google's word */
    node_text(json_member(object, "code"), cause->code, sizeof(cause->code));
    node_text(type, cause->type, sizeof(cause->type));
    node_text(json_member(object, "param"), cause->param, sizeof(cause->param));
    node_text(json_member(object, "message"), cause->message,
              sizeof(cause->message));
    cause->no_quota = says_no_quota(json_member(object, "message"));
    if (json_is(json_member(object, "details"), JSON_ARRAY))
        read_retry_info(json_member(object, "details"), cause);
}

void http_cause_read(const struct json_node *body, struct http_cause *cause)
{
    const struct json_node *error = json_member(body, "error");

    memset(cause, 0, sizeof(*cause));
    if (json_is(body, JSON_STRING))
        node_text(body, cause->message, sizeof(cause->message));
    else if (json_is(error, JSON_OBJECT))
        read_object(error, cause);
    else if (json_is(error, JSON_STRING))
        node_text(error, cause->message, sizeof(cause->message));
    else if (json_member(body, "detail"))
        read_detail(json_member(body, "detail"), cause);
    else
        read_object(body, cause);
    http_message_clean(cause->message);
}

void http_cause_parse(const char *body, size_t len, struct http_cause *cause)
{
    static const struct json_limits limits = { 4 * MIB, 20000, 32 };
    struct json_doc *doc = json_doc_new();
    const struct json_node *root = NULL;
    struct error ignored;

    memset(cause, 0, sizeof(*cause));
    if (doc)
        root = json_read(doc, body, len, &limits, &ignored);
    if (root)
        http_cause_read(root, cause);
    json_doc_free(doc);
}

/* -- what it means -- */

static const char *const billing[] = {
    "insufficient_quota",
    "credit_balance_exhausted",
    "billing_hard_limit_reached",
    "billing_not_active",
    "billing_error",
};

static bool says_billing(const char *word)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(billing); i++)
        if (!strcasecmp(word, billing[i]))
            return true;
    return false;
}

bool http_cause_is_billing(const struct http_cause *cause)
{
    return cause->no_quota || says_billing(cause->code) ||
           says_billing(cause->type);
}

struct status_meaning {
    long from, to;
    enum error_kind kind;
    const char *code; /* NULL: the provider's own */
    const char *cure;
};

static const struct status_meaning meanings[] = {
    { 300, 399, ERROR_SETUP, "redirect",
      "the server sends us elsewhere, and nothing was sent there: if that is "
      "right, set base_url to it, and allowed_hosts where that is set" },
    { 401, 401, ERROR_SETUP, "bad_key",
      "the key is wrong or missing: check api_key_file or the provider's "
      "variable" },
    { 402, 402, ERROR_SETUP, "billing",
      "the account has no credit: add some, then start again" },
    { 403, 403, ERROR_SETUP, "forbidden",
      "this key, project or country may not do that: check its rights" },
    { 404, 404, ERROR_REJECT, "not_found", "" },
    { 408, 408, ERROR_RETRY, "timeout", "" },
    { 409, 409, ERROR_RETRY, "conflict", "" },
    { 413, 413, ERROR_REJECT, "too_large", "" },
    { 425, 425, ERROR_RETRY, "server", "" },
    { 429, 429, ERROR_RETRY, "rate_limit", "" },
    { 400, 499, ERROR_REJECT, NULL, "" },
    { 500, 599, ERROR_RETRY, "server", "" },
    /* a 2xx with an error inside, or no status known to man */
    { 0, 999, ERROR_RETRY, "server", "" },
};

static const struct status_meaning spent = {
    429, 429, ERROR_SETUP, "billing",
    "the account has no credit or quota left: add some, then start again"
};

static const struct status_meaning no_quota = {
    429, 429, ERROR_SETUP, "billing",
    "this account may not use the model at all, its quota is 0: enable "
    "billing, or set another model"
};

/* What no time and no other try cures, whatever its status: by its word, or
 * by what it says where the word is a general one. */
static const struct {
    const char *word, *says; /* NULL = any; one of them is told */
    struct status_meaning meaning;
} stops[] = {
    { "unsupported_country_region_territory",
      NULL,
      { 0, 0, ERROR_SETUP, "region",
        "the provider does not serve this country or region: use another "
        "endpoint or provider" } },
    { NULL,
      "location is not supported",
      { 0, 0, ERROR_SETUP, "region",
        "the provider does not serve this country or region: use another "
        "endpoint or provider" } },
    { NULL,
      "enable billing",
      { 0, 0, ERROR_SETUP, "billing",
        "billing is not enabled for this account: it may list, not create" } },
    { NULL,
      "billing account",
      { 0, 0, ERROR_SETUP, "billing",
        "billing is not enabled for this account: it may list, not create" } },
    { NULL,
      "have a free quota tier",
      { 0, 0, ERROR_SETUP, "billing",
        "the model isn't free: enable billing for this account, or set "
        "another model" } },
    { NULL,
      "prepayment credits are depleted",
      { 0, 0, ERROR_SETUP, "billing",
        "the account has no credit: add some, then start again" } },
    { NULL,
      "credit balance is too low",
      { 0, 0, ERROR_SETUP, "billing",
        "the account has no credit: add some, then start again" } },
    { NULL,
      "not supported for batchGenerateContent",
      { 0, 0, ERROR_SETUP, "no_batches",
        "this model can't do batches: set another model, or "
        "provider.mode=realtime" } },
    { NULL,
      "not supported by the Batch API",
      { 0, 0, ERROR_SETUP, "no_batches",
        "this model can't do batches: set another model, or "
        "provider.mode=realtime" } },
    { NULL,
      "not support batch",
      { 0, 0, ERROR_SETUP, "no_batches",
        "this model can't do batches: set another model, or "
        "provider.mode=realtime" } },
    { "invalid_json_schema",
      NULL,
      { 0, 0, ERROR_SETUP, "schema",
        "the provider can't take the profile's schema: simplify "
        "schema.json" } },
    { NULL,
      "Invalid schema for response_format",
      { 0, 0, ERROR_SETUP, "schema",
        "the provider can't take the profile's schema: simplify "
        "schema.json" } },
    { NULL,
      "API key not valid",
      { 0, 0, ERROR_SETUP, "bad_key",
        "the key is wrong: check api_key_file or the provider's variable" } },
};

static bool is_stop(size_t i, const struct http_cause *cause)
{
    const char *word = stops[i].word;

    if (word)
        return !strcasecmp(cause->code, word) || !strcasecmp(cause->type, word);
    return strcasestr(cause->message, stops[i].says) != NULL;
}

static const struct status_meaning *meaning_of(long status,
                                               const struct http_cause *cause)
{
    const struct status_meaning *m = meanings;
    size_t i;

    for (i = 0; status >= 400 && status < 500 && i < ARRAY_LEN(stops); i++)
        if (is_stop(i, cause))
            return &stops[i].meaning;
    if (cause->no_quota)
        return &no_quota;
    if (http_cause_is_billing(cause))
        return &spent;
    while (status < m->from || status > m->to)
        m++;
    return m;
}

/* "x-should-retry" is the server's own judgement; it can't turn a fault that
 * an operator must cure into one that time cures. */
static enum error_kind kind_of(const struct status_meaning *m,
                               const struct http_response *response)
{
    if (m->kind == ERROR_SETUP || response->should_retry < 0)
        return m->kind;
    return response->should_retry ? ERROR_RETRY : ERROR_REJECT;
}

static void describe(const struct http_response *response,
                     const struct http_cause *cause, struct strbuf *out)
{
    const char *word = cause->code[0] ? cause->code : cause->type;
    struct http_origin target;

    strbuf_addf(out, "HTTP %ld", response->status);
    if (http_origin(response->location, &target))
        strbuf_addf(out, " to %s://%s", target.scheme, target.host);
    if (word[0])
        strbuf_addf(out, " %s", word);
    if (cause->message[0])
        strbuf_addf(out, ", \"%s\"", cause->message);
    else if (!response->body.len)
        strbuf_adds(out, " without a body");
    else if (!word[0])
        strbuf_addf(
            out, " with a body of %zu bytes (%.40s)", response->body.len,
            response->content_type[0] ? response->content_type : "no type");
    if (response->request_id[0])
        strbuf_addf(out, ", request %.60s", response->request_id);
}

bool http_failure(const struct http_response *response, const char *what,
                  struct error *err)
{
    const struct status_meaning *m;
    struct http_cause cause;
    struct strbuf text;

    http_cause_parse(response->body.data, response->body.len, &cause);
    m = meaning_of(response->status, &cause);
    strbuf_init(&text, 2 * KIB);
    describe(response, &cause, &text);
    error_exit(err, kind_of(m, response), EXIT_PROVIDER, "%s: %s%s%s", what,
               m->cure, m->cure[0] ? ": " : "", text.data);
    strbuf_release(&text);
    error_code(err, m->code         ? m->code
                    : cause.code[0] ? cause.code
                    : cause.type[0] ? cause.type
                                    : "refused");
    err->native = response->status;
    err->retry_after =
        response->retry_after > 0 ? response->retry_after : cause.retry_after;
    return false;
}
