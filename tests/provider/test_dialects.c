/*
 * Every provider through the same course over its own fake: what the batch
 * machine relies on must hold for each.
 */
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "provider/anthropic.h"
#include "provider/gemini.h"
#include "provider/http.h"
#include "tests/provider/fake/client.h"
#include "tests/provider/golden.h"
#include "tests/tap.h"

#define TEXT(s) ((char *)(uintptr_t)(s))
#define KEY "key-test-very-secret-0123456789"

static char folder[64];
static struct clock still;

struct dialect {
    const char *name;
    const char *root;    /* of its base_url */
    const char *setting; /* of the fake */
    bool can_find;
    bool one_file;      /* failures stand among the answers */
    bool expired_empty; /* an expired batch gives nothing */
};

static const struct dialect dialects[] = {
    { "openai", "/v1", "shape=openai", true, false, false },
    { "responses", "/v1", "shape=openai", true, false, false },
    { "azure", "/v1", "shape=azure", true, false, false },
    { "groq", "/v1", "shape=openai", true, false, false },
    { "together", "/v1", "shape=together", true, false, false },
    { "mistral", "/v1", "shape=openai", true, false, false },
    { "gemini", "/v1beta", "shape=openai", true, true, true },
    { "gemini", "/v1beta", "shape=job", true, true, true },
    { "anthropic", "/v1", "shape=openai", false, true, false },
};
#define EACH(d) (d = dialects; d < dialects + ARRAY_LEN(dialects); d++)

static const char *path_of(const char *name)
{
    static char path[128];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void write_requests(const struct provider *p)
{
    static const char *const texts[] = {
        "one\n@@answer {\"n\":1}",
        "two\n@@answer {\"n\":2}",
        "@@status 400 bad input",
        "@@status 500 oops",
        "@@refuse",
        "@@length",
    };
    struct request_template t;
    struct strbuf lines;
    struct error err;
    char id[40];
    size_t i;

    request_template_init(&t);
    strbuf_init(&lines, MIB);
    ok(p->ops->prepare(p, &golden_profile, &t, &err), "prepared");
    for (i = 0; i < ARRAY_LEN(texts); i++) {
        snprintf(id, sizeof(id), "unified_%zu", i + 1);
        request_line(&t, id, texts[i], strlen(texts[i]), &lines);
    }
    ok(file_write(path_of("requests.jsonl"), lines.data, lines.len, &err),
       "a request file");
    strbuf_release(&lines);
    request_template_release(&t);
}

static struct provider *open_at(const struct dialect *d, const struct fake *f)
{
    static struct provider_settings s;
    static char base[100];
    struct provider *p;
    struct error err;

    snprintf(base, sizeof(base), "http://127.0.0.1:%d%s", f ? f->port : 9,
             d->root);
    s = (struct provider_settings){ .name = TEXT(d->name),
                                    .base_url = base,
                                    .api_key = TEXT(KEY),
                                    .model = TEXT("some-model"),
                                    .idle_timeout = 2 };
    still = clock_fixed(1764000000);
    if (!ok(provider_open(&p, &s, &still, &err), "%s opens", d->name))
        tap_note("%s", err.message);
    if (f)
        write_requests(p);
    return p;
}

static void start(struct fake *f, const struct dialect *d, const char *more)
{
    fake_start(f, "--set", "key=" KEY, "--set", d->setting, "--set", more,
               NULL);
}

static bool create(struct provider *p, const char *key, struct remote_batch *b,
                   struct error *err)
{
    char file[REMOTE_ID], name[80];

    snprintf(name, sizeof(name), "vitae-%s.jsonl", key);
    return p->ops->upload(p, path_of("requests.jsonl"), name, file, NULL,
                          err) &&
           p->ops->create(p, file, key, "some-model", b, err);
}

/* What each of the six requests comes to. */
static const enum answer_outcome outcomes[] = {
    ANSWER_OK,     ANSWER_OK,      ANSWER_FAILED,
    ANSWER_FAILED, ANSWER_REFUSED, ANSWER_CUT,
};

static int read_answers(struct provider *p, const char *file,
                        bool *seen /* of seven */)
{
    struct json_doc *doc = json_doc_new();
    struct file_lines lines;
    struct answer a;
    struct error err;
    char *line;
    size_t len;
    bool too_long;
    int n = 0, number;

    answer_init(&a);
    ok(p->ops->download(p, file, path_of("out"), NULL, &err), "downloaded");
    ok(file_lines_open(&lines, path_of("out"), MIB, &err), "opened");
    while (file_lines_next(&lines, &line, &len, &too_long, &err) && line) {
        ok(p->ops->decode(p, doc, line, len, &a, &err), "decoded");
        if (sscanf(a.custom_id, "unified_%d", &number) != 1 || number < 1 ||
            number > 6 || seen[number])
            continue;
        seen[number] = true;
        n++;
        /* Gemini says SAFETY where others say refusal. */
        if (!strcmp(p->ops->name, "gemini") && number == 5)
            is_int(a.outcome, ANSWER_FILTERED, "request 5: filtered");
        else
            is_str(answer_outcome_names[a.outcome],
                   answer_outcome_names[outcomes[number - 1]],
                   "request %d: outcome (%s)", number, a.code);
        if (number == 1)
            is_str(a.content.data, "{\"n\":1}", "its content");
        if (number == 1)
            ok(a.input_tokens > 10 && a.output_tokens > 0, "its usage");
        if (number == 3)
            ok(a.our_fault && !a.retryable, "400: the item's own");
        if (number == 4)
            ok(!a.our_fault && a.retryable, "500: not the item's");
    }
    file_lines_close(&lines);
    answer_release(&a);
    json_doc_free(doc);
    return n;
}

static void each_goes_all_the_way(void)
{
    const struct dialect *d;
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;
    int n;

    for
        EACH(d)
        {
            bool seen[7] = { false };

            tap_note("%s (%s)", d->name, d->setting);
            start(&f, d, "polls=2");
            p = open_at(d, &f);
            write_requests(p);
            if (!ok(create(p, "key-1", &b, &err), "%s: created", d->name))
                tap_note("%s", err.message);
            is_str(b.key, "key-1", "%s: with our key", d->name);
            is_int(b.status == REMOTE_VALIDATING || b.status == REMOTE_RUNNING,
                   1, "%s: on its way", d->name);
            ok(p->ops->poll(p, b.id, NULL, &b, &err) &&
                   !remote_is_final(b.status),
               "%s: not yet", d->name);
            is_int(b.total, 6, "%s: six requests", d->name);
            ok(p->ops->poll(p, b.id, NULL, &b, &err), "%s: again", d->name);
            is_int(b.status, REMOTE_COMPLETED, "%s: completed", d->name);
            ok(b.output_file[0], "%s: with answers", d->name);
            is_int(!b.error_file[0], d->one_file, "%s: and failures", d->name);
            n = read_answers(p, b.output_file, seen);
            if (b.error_file[0])
                n += read_answers(p, b.error_file, seen);
            is_int(n, 6, "%s: all six", d->name);
            is_int(fake_accepted(&f, "unified_1"), 1, "%s: paid once", d->name);
            ok(p->ops->remove_file(p, b.output_file, &err) &&
                   p->ops->remove_file(p, b.output_file, &err),
               "%s: cleaned up, twice", d->name);
            provider_close(p);
            fake_stop(&f);
        }
}

static void each_finds_what_was_lost(void)
{
    const struct dialect *d;
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;
    bool found;
    int i;

    for
        EACH(d)
        {
            start(&f, d, "polls=2");
            p = open_at(d, &f);
            is_int(!!(p->ops->caps & PROVIDER_FIND), d->can_find,
                   "%s: searchable", d->name);
            if (d->can_find)
                ok(p->ops->find(p, "key-lost", 0, &found, &b, &err) && !found,
                   "%s: nothing yet", d->name);
            fake_script(&f, "create@1 lose");
            ok(!create(p, "key-lost", &b, &err), "%s: lost", d->name);
            is_str(err.code, "unknown", "%s: not known", d->name);
            is_int(fake_number(&f, "creates"), 1, "%s: made once", d->name);
            for (i = 0; i < 104; i++)
                if (!create(p, "key-other", &b, &err))
                    break;
            if (!d->can_find) {
                ok(!p->ops->find(p, "key-lost", 0, &found, &b, &err) && !found,
                   "%s: can't be searched", d->name);
                is_str(err.code, "unsearchable", "%s: says so", d->name);
            } else {
                ok(p->ops->find(p, "key-lost", 0, &found, &b, &err) && found,
                   "%s: found behind a page of others", d->name);
                is_str(b.key, "key-lost", "%s: it", d->name);
                fake_script(&f, "list@2 status=503 body={}");
                ok(!p->ops->find(p, "key-never", 0, &found, &b, &err) ||
                       !strcmp(d->name, "together"),
                   "%s: half a listing is none", d->name);
            }
            provider_close(p);
            fake_stop(&f);
        }
}

static void each_tells_how_it_ended(void)
{
    static const struct {
        const char *end;
        enum remote_status status;
    } cases[] = {
        { "end=expired", REMOTE_EXPIRED },
        { "end=cancelled", REMOTE_CANCELLED },
        { "end=failed", REMOTE_FAILED },
    };
    const struct dialect *d;
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;
    size_t i;

    for
        EACH(d)
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        if (!strcmp(d->name, "anthropic") && i == 2)
            continue; /* has no such end */
        start(&f, d, cases[i].end);
        p = open_at(d, &f);
        ok(create(p, "key-1", &b, &err) &&
               p->ops->poll(p, b.id, NULL, &b, &err) &&
               p->ops->poll(p, b.id, NULL, &b, &err),
           "%s: looked at", d->name);
        is_int(b.status, cases[i].status, "%s: %s", d->name, cases[i].end);
        if (i == 0)
            is_int(!b.output_file[0], d->expired_empty,
                   "%s: what an expired one leaves", d->name);
        provider_close(p);
        fake_stop(&f);
    }
}

static void each_can_be_cancelled(void)
{
    const struct dialect *d;
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;

    for
        EACH(d)
        {
            start(&f, d, "polls=5");
            p = open_at(d, &f);
            ok(create(p, "key-1", &b, &err), "%s: made", d->name);
            if (!ok(p->ops->cancel(p, b.id, &b, &err), "%s: cancel", d->name))
                tap_note("%s", err.message);
            if (!remote_is_final(b.status))
                ok(p->ops->poll(p, b.id, NULL, &b, &err), "%s: looked",
                   d->name);
            is_int(b.status, REMOTE_CANCELLED, "%s: cancelled", d->name);
            ok(!p->ops->cancel(p, "absent-1", &b, &err), "%s: none", d->name);
            is_str(err.code, "not_found", "%s: not there", d->name);
            is_int(err.kind, ERROR_RETRY, "%s: held", d->name);
            provider_close(p);
            fake_stop(&f);
        }
}

static void each_survives_odd_answers(void)
{
    static const struct {
        const char *op, *how, *code;
    } cases[] = {
        { "create", "status=401 body={}", "bad_key" },
        { "create", "status=429 body={}", "rate_limit" },
        { "create", "after status=502 html", "unknown" },
        { "create", "cutbody=30", "unknown" },
        { "create", "status=413 html", "too_large" },
        { "poll", "status=502 html", "server" },
        { "poll", "status=404 body={}", "not_found" },
        { "poll", "status=200 body={}", "malformed" },
        { "poll", "status=200 body=\"[1]\"", "malformed" },
    };
    const struct dialect *d;
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;
    char line[200];
    size_t i;

    for
        EACH(d)
        {
            start(&f, d, "polls=2");
            p = open_at(d, &f);
            for (i = 0; i < ARRAY_LEN(cases); i++) {
                fake_calm(&f);
                snprintf(line, sizeof(line), "%s@1 %s", cases[i].op,
                         cases[i].how);
                fake_script(&f, line);
                error_clear(&err);
                ok(!create(p, "key-1", &b, &err) ||
                       !p->ops->poll(p, b.id, NULL, &b, &err),
                   "%s: %s", d->name, line);
                is_str(err.code, cases[i].code, "%s: %s: code (%s)", d->name,
                       line, err.message);
                ok(!strstr(err.message, "secret"), "%s: no secret", d->name);
            }
            provider_close(p);
            fake_stop(&f);
        }
}

static void each_refuses_a_wrong_key(void)
{
    const struct dialect *d;
    struct strbuf report;
    struct provider *p;
    struct error err;
    struct fake f;

    strbuf_init(&report, MIB);
    for
        EACH(d)
        {
            start(&f, d, "model=some-model");
            p = open_at(d, &f);
            if (!ok(p->ops->check(p, &report, &err), "%s: a right key",
                    d->name))
                tap_note("%s", err.message);
            fake_script(&f, "set model=other");
            ok(!p->ops->check(p, &report, &err), "%s: another model", d->name);
            is_str(err.code, "model", "%s: said so", d->name);
            fake_script(&f, "set key=another-key-for-someone");
            ok(!p->ops->check(p, &report, &err), "%s: a wrong key", d->name);
            is_str(err.code, "bad_key", "%s: said so (%s)", d->name,
                   err.message);
            provider_close(p);
            fake_stop(&f);
        }
    strbuf_release(&report);
}

static void lines_are_golden(void)
{
    const struct dialect *d;
    struct provider *p;
    struct strbuf got;
    char name[64];

    strbuf_init(&got, MIB);
    for
        EACH(d)
        {
            if (!strcmp(d->name, "openai") || !strcmp(d->setting, "shape=job"))
                continue;
            p = open_at(d, NULL);
            strbuf_clear(&got);
            golden_lines(p, &golden_profile, &got);
            snprintf(name, sizeof(name), "%s.jsonl", d->name);
            golden_compare(&got, name);
            provider_close(p);
        }
    strbuf_release(&got);
}

static void extra_body_goes_where_it_belongs(void)
{
    struct request_profile r = golden_profile;
    const struct dialect *d;
    struct provider *p;
    struct strbuf got;

    strbuf_init(&got, MIB);
    for
        EACH(d)
        {
            if (strcmp(d->name, "gemini") != 0)
                continue;
            p = open_at(d, NULL);
            r.extra_body = "{\"generationConfig\":{\"thinkingConfig\":{"
                           "\"thinkingBudget\":0},\"temperature\":null},"
                           "\"safetySettings\":[]}";
            golden_lines(p, &r, &got);
            ok(strstr(got.data,
                      "\"generationConfig\":{\"maxOutputTokens\":2000,"),
               "our settings, less the one taken out");
            ok(strstr(got.data, ",\"thinkingConfig\":{\"thinkingBudget\":0}},"
                                "\"safetySettings\":[],\"contents\":"),
               "and theirs, each in its place");
            provider_close(p);
            break;
        }
    strbuf_release(&got);
}

/* -- schemas -- */

static bool prepare_with(const char *name, const char *schema,
                         struct strbuf *line, struct error *err)
{
    struct request_profile r = golden_profile;
    struct dialect d = { .name = name, .root = "/v1" };
    struct provider *p = open_at(&d, NULL);
    struct request_template t;
    bool good;

    request_template_init(&t);
    r.schema = schema;
    good = p->ops->prepare(p, &r, &t, err);
    strbuf_clear(line);
    if (good)
        request_line(&t, "x", "y", 1, line);
    request_template_release(&t);
    provider_close(p);
    return good;
}

static void schemas_are_said_in_the_providers_words(void)
{
#define OBJECT(members, names)                                                 \
    "{\"type\":\"object\",\"properties\":{" members "},\"required\":[" names   \
    "],\"additionalProperties\":false}"
    static const struct {
        const char *why, *name, *schema;
        const char *there, *gone; /* gone NULL: refused; there: the reason */
    } cases[] = {
        { "Azure takes no pattern", "azure",
          OBJECT("\"a\":{\"type\":\"string\",\"pattern\":\"^x$\"}", "\"a\""),
          "\"a\":{\"type\":\"string\"}", "pattern" },
        { "Anthropic takes no bounds", "anthropic",
          OBJECT("\"a\":{\"type\":\"array\",\"items\":{\"type\":\"number\","
                 "\"minimum\":1},\"maxItems\":3}",
                 "\"a\""),
          "\"items\":{\"type\":\"number\"}", "maxItems" },
        { "Gemini takes enum for const", "gemini",
          OBJECT("\"a\":{\"const\":\"x\"}", "\"a\""), "\"enum\":[\"x\"]",
          "const" },
        { "OpenAI wants all required", "openai",
          "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},"
          "\"required\":[],\"additionalProperties\":false}",
          NULL, "" },
    };
    struct strbuf line;
    struct error err;
    size_t i;

    strbuf_init(&line, MIB);
    for (i = 0; i < 3; i++) {
        ok(prepare_with(cases[i].name, cases[i].schema, &line, &err), "%s",
           cases[i].why);
        ok(strstr(line.data, cases[i].there), "%s: said so", cases[i].why);
        ok(!strstr(line.data, cases[i].gone), "%s: gone", cases[i].why);
    }
    ok(!prepare_with("responses", cases[3].schema, &line, &err), "%s",
       cases[3].why);
    is_int(err.kind, ERROR_SETUP, "and an operator must see to it");
    ok(strstr(err.message, "not for this provider"), "because: %s",
       err.message);
    strbuf_release(&line);
}

/* -- answers of their own -- */

struct line_case {
    const char *why, *line;
    enum answer_outcome outcome;
    const char *code;
    bool our_fault;
    int64_t in, cached, out; /* tokens */
};

static const struct line_case gemini_cases[] = {
    { "an answer",
      "{\"response\":{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"{\"}"
      ",{\"text\":\"no\",\"thought\":true},{\"text\":\"}\"}]},"
      "\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":9,"
      "\"cachedContentTokenCount\":4,\"candidatesTokenCount\":5,"
      "\"thoughtsTokenCount\":6}},\"key\":\"unified_7\"}",
      ANSWER_OK, "", true, 9, 4, 11 },
    { "counts left out are zero",
      "{\"key\":\"unified_7\",\"response\":{\"candidates\":[{\"content\":{"
      "\"parts\":[{\"text\":\"{}\"}]}}],\"usageMetadata\":{}}}",
      ANSWER_OK, "", true, 0, 0, 0 },
    { "no usage at all is unknown",
      "{\"key\":\"unified_7\",\"response\":{\"candidates\":[{\"content\":{"
      "\"parts\":[{\"text\":\"{}\"}]}}]}}",
      ANSWER_OK, "", true, -1, -1, -1 },
    { "the key inline",
      "{\"response\":{\"candidates\":[{\"content\":{\"parts\":[{\"text\":"
      "\"{}\"}]}}]},\"metadata\":{\"key\":\"unified_7\"}}",
      ANSWER_OK, "", true, -1, -1, -1 },
    { "cut",
      "{\"key\":\"unified_7\",\"response\":{\"candidates\":[{\"content\":{"
      "\"parts\":[{\"text\":\"{\"}]},\"finishReason\":\"MAX_TOKENS\"}]}}",
      ANSWER_CUT, "MAX_TOKENS", true, -1, -1, -1 },
    { "filtered",
      "{\"key\":\"unified_7\",\"response\":{\"candidates\":[{"
      "\"finishReason\":\"SPII\"}]}}",
      ANSWER_FILTERED, "SPII", true, -1, -1, -1 },
    { "blocked before the model",
      "{\"key\":\"unified_7\",\"response\":{\"promptFeedback\":{"
      "\"blockReason\":\"PROHIBITED_CONTENT\"}}}",
      ANSWER_FILTERED, "PROHIBITED_CONTENT", true, -1, -1, -1 },
    { "nothing", "{\"key\":\"unified_7\",\"response\":{}}", ANSWER_MALFORMED,
      "no_candidate", true, -1, -1, -1 },
    { "only thoughts",
      "{\"key\":\"unified_7\",\"response\":{\"candidates\":[{\"content\":{"
      "\"parts\":[{\"text\":\"hm\",\"thought\":true}]},\"finishReason\":"
      "\"OTHER\"}]}}",
      ANSWER_EMPTY, "OTHER", true, -1, -1, -1 },
    { "an error by google.rpc's number",
      "{\"key\":\"unified_7\",\"error\":{\"code\":3,\"message\":\"bad\"}}",
      ANSWER_FAILED, "3", true, -1, -1, -1 },
    { "an error of theirs",
      "{\"key\":\"unified_7\",\"error\":{\"code\":14,\"message\":\"later\"}}",
      ANSWER_FAILED, "14", false, -1, -1, -1 },
    { "an error by HTTP's number",
      "{\"key\":\"unified_7\",\"error\":{\"code\":429,\"message\":\"q\","
      "\"status\":\"RESOURCE_EXHAUSTED\"}}",
      ANSWER_FAILED, "RESOURCE_EXHAUSTED", false, -1, -1, -1 },
    { "a status has been seen",
      "{\"key\":\"unified_7\",\"status\":{\"code\":3,\"message\":\"bad\"}}",
      ANSWER_FAILED, "3", true, -1, -1, -1 },
    { "neither", "{\"key\":\"unified_7\"}", ANSWER_MALFORMED, "no_response",
      true, -1, -1, -1 },
};

static const struct line_case anthropic_cases[] = {
    { "an answer",
      "{\"custom_id\":\"unified_7\",\"result\":{\"type\":\"succeeded\","
      "\"message\":{\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\"},{"
      "\"type\":\"text\",\"text\":\"{}\"}],\"stop_reason\":\"end_turn\","
      "\"usage\":{\"input_tokens\":3,\"cache_creation_input_tokens\":2,"
      "\"cache_read_input_tokens\":4,\"output_tokens\":5}}}}",
      ANSWER_OK, "", true, 9, 4, 5 },
    { "a forced tool",
      "{\"custom_id\":\"unified_7\",\"result\":{\"type\":\"succeeded\","
      "\"message\":{\"content\":[{\"type\":\"tool_use\",\"input\":{}}],"
      "\"stop_reason\":\"tool_use\"}}}",
      ANSWER_OK, "", true, -1, -1, -1 },
    { "cut",
      "{\"custom_id\":\"unified_7\",\"result\":{\"type\":\"succeeded\","
      "\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"{\"}],"
      "\"stop_reason\":\"max_tokens\"}}}",
      ANSWER_CUT, "max_tokens", true, -1, -1, -1 },
    { "refused",
      "{\"custom_id\":\"unified_7\",\"result\":{\"type\":\"succeeded\","
      "\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"I can't\"}],"
      "\"stop_reason\":\"refusal\"}}}",
      ANSWER_REFUSED, "refusal", true, -1, -1, -1 },
    { "silent",
      "{\"custom_id\":\"unified_7\",\"result\":{\"type\":\"succeeded\","
      "\"message\":{\"content\":[],\"stop_reason\":\"end_turn\"}}}",
      ANSWER_EMPTY, "empty", true, -1, -1, -1 },
    { "an error, nested twice",
      "{\"custom_id\":\"unified_7\",\"result\":{\"type\":\"errored\",\"error\":"
      "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
      "\"message\":\"m\"}}}}",
      ANSWER_FAILED, "invalid_request_error", true, -1, -1, -1 },
    { "overloaded",
      "{\"custom_id\":\"unified_7\",\"result\":{\"type\":\"errored\",\"error\":"
      "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}}}",
      ANSWER_FAILED, "overloaded_error", false, -1, -1, -1 },
    { "expired",
      "{\"custom_id\":\"unified_7\",\"result\":{\"type\":\"expired\"}}",
      ANSWER_EXPIRED, "batch_expired", false, -1, -1, -1 },
    { "cancelled",
      "{\"custom_id\":\"unified_7\",\"result\":{\"type\":\"canceled\"}}",
      ANSWER_EXPIRED, "batch_cancelled", false, -1, -1, -1 },
    { "no result", "{\"custom_id\":\"unified_7\",\"result\":null}",
      ANSWER_MALFORMED, "no_result", true, -1, -1, -1 },
    { "succeeded with nothing",
      "{\"custom_id\":\"unified_7\",\"result\":{\"type\":\"succeeded\"}}",
      ANSWER_MALFORMED, "no_message", true, -1, -1, -1 },
};

static void check_line(const struct provider_ops *ops, struct json_doc *doc,
                       const struct line_case *c, struct answer *a)
{
    struct error err;

    ok(ops->decode(NULL, doc, c->line, strlen(c->line), a, &err),
       "%s: %s: read", ops->name, c->why);
    is_str(answer_outcome_names[a->outcome], answer_outcome_names[c->outcome],
           "%s: outcome", c->why);
    is_str(a->custom_id, "unified_7", "%s: id", c->why);
    is_str(a->code, c->code, "%s: code", c->why);
    is_int(a->our_fault, c->our_fault, "%s: whose fault", c->why);
    is_int(a->input_tokens, c->in, "%s: input", c->why);
    is_int(a->cached_tokens, c->cached, "%s: cached", c->why);
    is_int(a->output_tokens, c->out, "%s: output", c->why);
    if (c->outcome == ANSWER_OK)
        is_str(a->content.data, "{}", "%s: content", c->why);
}

static void their_lines_have_one_verdict(void)
{
    struct json_doc *doc = json_doc_new();
    struct answer a;
    size_t i;

    answer_init(&a);
    for (i = 0; i < ARRAY_LEN(gemini_cases); i++)
        check_line(&provider_gemini, doc, &gemini_cases[i], &a);
    for (i = 0; i < ARRAY_LEN(anthropic_cases); i++)
        check_line(&provider_anthropic, doc, &anthropic_cases[i], &a);
    answer_release(&a);
    json_doc_free(doc);
}

/* -- Together's own ways -- */

static void bytes_go_to_another_host_without_the_key(void)
{
    static const struct dialect together = { .name = "together",
                                             .root = "/v1",
                                             .setting = "shape=together" };
    char file[REMOTE_ID];
    struct provider *p;
    struct error err;
    struct fake f;

    start(&f, &together, "polls=1");
    p = open_at(&together, &f);
    fake_script(&f, "upload@1 status=302 header=\"Location: "
                    "http://elsewhere.example/x\\r\\nX-Together-File-Id: "
                    "file-9\"");
    ok(!p->ops->upload(p, path_of("requests.jsonl"), "vitae-k.jsonl", file,
                       NULL, &err),
       "a host that isn't allowed gets nothing");
    is_str(err.code, "host", "said so");
    ok(strstr(err.message, "elsewhere.example"), "by name: %s", err.message);
    fake_script(&f, "clear\nupload@1 status=302 header=\"Location: /bytes/1\"");
    ok(!p->ops->upload(p, path_of("requests.jsonl"), "vitae-k.jsonl", file,
                       NULL, &err),
       "no id told");
    fake_script(&f, "clear\nbytes@1 drop");
    ok(!p->ops->upload(p, path_of("requests.jsonl"), "vitae-k.jsonl", file,
                       NULL, &err),
       "lost on the way");
    is_int(err.kind, ERROR_RETRY, "may be repeated");
    ok(p->ops->upload(p, path_of("requests.jsonl"), "vitae-k.jsonl", file, NULL,
                      &err),
       "and is");
    provider_close(p);
    fake_stop(&f);
}

/* -- Google's own ways -- */

static void inline_results_are_lines_too(void)
{
    static const struct dialect gemini = { .name = "gemini",
                                           .root = "/v1beta",
                                           .setting = "inlined=1" };
    bool seen[7] = { false };
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;

    start(&f, &gemini, "polls=1");
    p = open_at(&gemini, &f);
    ok(create(p, "key-1", &b, &err) && p->ops->poll(p, b.id, NULL, &b, &err),
       "ended");
    ok(!strncmp(b.output_file, "inline:", 7), "inline: %s", b.output_file);
    is_int(read_answers(p, b.output_file, seen), 6, "all six");
    ok(p->ops->remove_file(p, b.output_file, &err), "nothing to remove");
    provider_close(p);
    fake_stop(&f);
}

static void a_file_is_looked_for_in_two_places(void)
{
    static const struct dialect gemini = { .name = "gemini",
                                           .root = "/v1beta",
                                           .setting = "polls=1" };
    bool seen[7] = { false };
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;

    start(&f, &gemini, "polls=1");
    p = open_at(&gemini, &f);
    ok(create(p, "key-1", &b, &err) && p->ops->poll(p, b.id, NULL, &b, &err),
       "ended");
    fake_script(&f, "download@1 status=404 body={}");
    is_int(read_answers(p, b.output_file, seen), 6, "at the second");
    provider_close(p);
    fake_stop(&f);
}

static void an_operation_is_read_with_tolerance(void)
{
    static const struct {
        const char *why, *text;
        enum remote_status status;
        const char *file;
    } cases[] = {
        { "output under metadata",
          "{\"name\":\"batches/x\",\"metadata\":{\"state\":"
          "\"BATCH_STATE_SUCCEEDED\",\"output\":{\"responsesFile\":"
          "\"files/batch-x\"}}}",
          REMOTE_COMPLETED, "batch-x" },
        { "inline, one level less",
          "{\"name\":\"batches/x\",\"done\":true,\"response\":{"
          "\"inlinedResponses\":[]}}",
          REMOTE_COMPLETED, "inline:x" },
        { "done with an error",
          "{\"name\":\"batches/x\",\"done\":true,\"error\":{\"code\":3,"
          "\"message\":\"m\"}}",
          REMOTE_FAILED, "" },
        { "partly",
          "{\"name\":\"batches/x\",\"metadata\":{\"state\":"
          "\"JOB_STATE_PARTIALLY_SUCCEEDED\"}}",
          REMOTE_COMPLETED, "" },
        { "paused",
          "{\"name\":\"batches/x\",\"metadata\":{\"state\":"
          "\"BATCH_STATE_PAUSED\"}}",
          REMOTE_UNKNOWN, "" },
    };
    static const char *const others[] = {
        "{}", "{\"name\":\"operations/x\"}", "{\"name\":\"batches/\"}",
        "{\"name\":7}",
        "{\"name\":\"batches/x\",\"response\":{\"responsesFile\":7}}"
    };
    struct json_object *object;
    struct remote_batch b;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        object = json_parse(cases[i].text, strlen(cases[i].text), &err);
        ok(gemini_batch_read(object, &b, &err), "%s: read", cases[i].why);
        is_int(b.status, cases[i].status, "%s: status", cases[i].why);
        is_str(b.output_file, cases[i].file, "%s: file", cases[i].why);
        json_free(object);
    }
    for (i = 0; i < ARRAY_LEN(others); i++) {
        object = json_parse(others[i], strlen(others[i]), &err);
        ok(!gemini_batch_read(object, &b, &err), "no operation: %s", others[i]);
        json_free(object);
    }
}

/* The place to send bytes to is told by the server: not to any host. */
static void an_upload_goes_nowhere_else(void)
{
    static const struct dialect gemini = { .name = "gemini",
                                           .root = "/v1beta",
                                           .setting = "polls=1" };
    char file[REMOTE_ID];
    struct provider *p;
    struct error err;
    struct fake f;

    start(&f, &gemini, "polls=1");
    p = open_at(&gemini, &f);
    fake_script(&f, "start@1 status=200 header=\"X-Goog-Upload-URL: "
                    "http://127.0.0.1:1/steal\"");
    ok(!p->ops->upload(p, path_of("requests.jsonl"), "x.jsonl", file, NULL,
                       &err),
       "refused");
    is_str(err.code, "host", "by its host");
    fake_script(&f, "start@1 status=200 body={}");
    ok(!p->ops->upload(p, path_of("requests.jsonl"), "x.jsonl", file, NULL,
                       &err),
       "no place told");
    provider_close(p);
    fake_stop(&f);
}

/* -- Anthropic's own ways -- */

static void answers_are_fetched_from_our_host_only(void)
{
    static const struct dialect anthropic = { .name = "anthropic",
                                              .root = "/v1",
                                              .setting = "polls=1" };
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;

    start(&f, &anthropic, "polls=1");
    p = open_at(&anthropic, &f);
    ok(create(p, "key-1", &b, &err) && p->ops->poll(p, b.id, NULL, &b, &err),
       "ended");
    fake_script(&f, "poll@1 status=200 body=\"{\\\"results_url\\\":"
                    "\\\"http://127.0.0.1:1/steal\\\"}\"");
    ok(!p->ops->download(p, b.output_file, path_of("out"), NULL, &err),
       "refused");
    is_str(err.code, "host", "by its host");
    fake_script(&f, "clear\npoll@1 status=200 body={}");
    ok(!p->ops->download(p, b.output_file, path_of("out"), NULL, &err),
       "no place told");
    is_int(err.kind, ERROR_RETRY, "later");
    ok(!p->ops->create(p, "spool:/absent", "k", "m", &b, &err),
       "a request file of another machine");
    is_int(err.kind, ERROR_SETUP, "is an operator's");
    provider_close(p);
    fake_stop(&f);
}

static void a_request_file_is_one_array(void)
{
    static const struct dialect anthropic = { .name = "anthropic",
                                              .root = "/v1",
                                              .setting = "polls=1" };
    static const char *const ends[] = { "", "\n", "\n\n\n" };
    struct request_template t;
    struct strbuf lines;
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;
    char id[40];
    size_t i;

    request_template_init(&t);
    strbuf_init(&lines, 64 * MIB);
    start(&f, &anthropic, "polls=1");
    p = open_at(&anthropic, &f);
    ok(p->ops->prepare(p, &golden_profile, &t, &err), "prepared");
    for (i = 0; i < 3; i++) {
        strbuf_clear(&lines);
        snprintf(id, sizeof(id), "id_%zu", i);
        request_line(&t, id, "a\nb", 3, &lines);
        snprintf(id, sizeof(id), "other_%zu", i);
        request_line(&t, id, "c", 1, &lines);
        while (lines.data[lines.len - 1] == '\n')
            strbuf_cut(&lines, lines.len - 1);
        strbuf_adds(&lines, ends[i]);
        ok(file_write(path_of("requests.jsonl"), lines.data, lines.len, &err),
           "a file");
        if (!ok(create(p, "key-1", &b, &err), "sent, %zu newlines at its end",
                strlen(ends[i])))
            tap_note("%s", err.message);
    }
    ok(p->ops->poll(p, b.id, NULL, &b, &err), "looked at");
    is_int(b.completed, 2, "two requests");
    request_template_release(&t);
    strbuf_release(&lines);
    provider_close(p);
    fake_stop(&f);
}

int main(void)
{
    snprintf(folder, sizeof(folder), "/tmp/test_dialects.XXXXXX");
    if (!mkdtemp(folder))
        return 1;
    each_goes_all_the_way();
    each_finds_what_was_lost();
    each_tells_how_it_ended();
    each_can_be_cancelled();
    each_survives_odd_answers();
    each_refuses_a_wrong_key();
    lines_are_golden();
    extra_body_goes_where_it_belongs();
    schemas_are_said_in_the_providers_words();
    their_lines_have_one_verdict();
    bytes_go_to_another_host_without_the_key();
    inline_results_are_lines_too();
    a_file_is_looked_for_in_two_places();
    an_operation_is_read_with_tolerance();
    an_upload_goes_nowhere_else();
    answers_are_fetched_from_our_host_only();
    a_request_file_is_one_array();
    unlink(path_of("requests.jsonl"));
    unlink(path_of("out"));
    rmdir(folder);
    return tap_done();
}
