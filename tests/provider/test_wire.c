/*
 * What is each provider's own: its lines, its listings, where its bytes go.
 */
#include "base/file.h"
#include "base/json.h"
#include "provider/anthropic.h"
#include "provider/gemini.h"
#include "provider/http.h"
#include "tests/provider/course.h"

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
    their_lines_have_one_verdict();
    bytes_go_to_another_host_without_the_key();
    inline_results_are_lines_too();
    a_file_is_looked_for_in_two_places();
    an_operation_is_read_with_tolerance();
    an_upload_goes_nowhere_else();
    answers_are_fetched_from_our_host_only();
    a_request_file_is_one_array();
    return tap_done();
}
