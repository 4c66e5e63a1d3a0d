#include "io/export.h"

#include "base/file.h"
#include "base/jsonr.h"
#include "io/csv.h"
#include "tests/folder.h"
#include "tests/tap.h"

static const struct export_job job = { "job-1", "m", "completed", 2, 1, 1 };
static const struct export_result results[] = {
    { 0, "candidate-7", "Say \"hi\"\nplease", 15, "8", 1, 10, 2, 1.5, true,
      NULL },
    { 1, "candidate-8", "=1+1", 4, NULL, 0, -1, -1, -1, false,
      "rate_limit: slow" },
};

static bool write_all(const char *path, enum export_format format, bool safe,
                      struct error *err)
{
    const struct export_settings settings = {
        .path = path,
        .format = format,
        .excel_safe = safe,
    };
    struct exporter *e;
    bool good = export_open(&e, &settings, &job, err) &&
                export_add(e, &results[0], err) &&
                export_add(e, &results[1], err) && export_finish(e, err);

    export_close(e);
    return good;
}

static void read_back(const char *path, struct strbuf *out)
{
    struct error err;

    strbuf_clear(out);
    if (!file_read(path, out, &err))
        tap_note("%s", err.message);
}

static void json_has_job_results_and_summary(void)
{
    struct json_doc *doc = json_doc_new();
    const struct json_node *root;
    struct strbuf text;
    struct error err;

    strbuf_init(&text, MIB);
    ok(write_all("a.json", EXPORT_JSON, false, &err), "JSON is written");
    read_back("a.json", &text);
    root = json_read(doc, text.data, text.len, &json_limits_default, &err);
    ok(root, "and is JSON");
    ok(json_equals(json_pointer(root, "/job/model_id"), "m"), "the job");
    is_int(json_count(json_member(root, "results")), 2, "two results");
    ok(json_equals(json_pointer(root, "/results/0/prompt"),
                   "Say \"hi\"\nplease"),
       "the prompt unchanged");
    ok(json_is(json_pointer(root, "/results/1/response_text"), JSON_NULL) &&
           json_is(json_pointer(root, "/results/1/duration"), JSON_NULL) &&
           json_is(json_pointer(root, "/results/1/tokens_input"), JSON_NULL),
       "what isn't known is null");
    is_int(json_member_integer(json_member(root, "summary"), "failed", -1), 1,
           "the summary");
    strbuf_release(&text);
    json_doc_free(doc);
}

static void lines_are_the_results(void)
{
    struct strbuf text;
    struct error err;

    strbuf_init(&text, MIB);
    ok(write_all("a.jsonl", EXPORT_JSONL, false, &err), "JSONL is written");
    read_back("a.jsonl", &text);
    is_str(text.data,
           "{\"prompt_index\":0,\"id\":\"candidate-7\",\"prompt\":\"Say "
           "\\\"hi\\\"\\nplease\",\"response_text\":\"8\",\"tokens_input\":10,"
           "\"tokens_output\":2,\"duration\":1.5,\"success\":true,"
           "\"error_message\":null}\n"
           "{\"prompt_index\":1,\"id\":\"candidate-8\",\"prompt\":\"=1+1\","
           "\"response_text\":null,\"tokens_input\":null,\"tokens_output\":"
           "null,\"duration\":null,\"success\":false,\"error_message\":"
           "\"rate_limit: slow\"}\n",
           "all eight fields");
    strbuf_release(&text);
}

static void csv_has_its_columns_in_order(void)
{
    struct strbuf text;
    struct error err;

    strbuf_init(&text, MIB);
    ok(write_all("a.csv", EXPORT_CSV, false, &err), "CSV is written");
    read_back("a.csv", &text);
    is_str(text.data,
           "index,prompt,response,success,tokens_in,tokens_out,duration,error\n"
           "0,\"Say \"\"hi\"\"\nplease\",8,true,10,2,1.500,\n"
           "1,=1+1,,false,,,,rate_limit: slow\n",
           "quoted by RFC 4180");
    ok(write_all("b.csv", EXPORT_CSV, true, &err), "safe for Excel");
    read_back("b.csv", &text);
    ok(strstr(text.data, "\n1,\"'=1+1\","), "no formula is left");
    ok(write_all("s.csv", EXPORT_SCORES, false, &err), "scores");
    read_back("s.csv", &text);
    is_str(text.data,
           "candidate_id,score,status,error_message,prompt_tokens,"
           "completion_tokens,total_tokens\n"
           "7,8,success,,10,2,12\n"
           "8,,error,rate_limit: slow,,,\n",
           "errors have neither score nor tokens");
    strbuf_release(&text);
}

static void what_exists_stays(void)
{
    struct error err;

    ok(!write_all("a.csv", EXPORT_CSV, false, &err), "a file that is there");
    is_int(err.exit, EXIT_USAGE, "is a usage error");
}

int main(void)
{
    folder_enter();
    json_has_job_results_and_summary();
    lines_are_the_results();
    csv_has_its_columns_in_order();
    what_exists_stays();
    return tap_done();
}
