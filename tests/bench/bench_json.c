/*
 * Reading answer lines and writing request text, beside memcpy and json-c.
 *
 * The lines are like those of a batch's output file: 3 KB, of which the
 * answer is a string that holds JSON itself.  "+ inner" reads that too.
 */
#include <json-c/json_object.h>
#include <json-c/json_tokener.h>

#include "base/jsonr.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "tests/bench/bench.h"

#define LINES 2000

static char *lines[LINES];
static size_t lengths[LINES];
static size_t total;
static struct json_doc *outer, *inner;
static struct strbuf out;
static bool with_inner;

static uint32_t random_state = 7;

static uint32_t chance(uint32_t limit)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % limit;
}

static const char *const words[] = {
    "engineer",      "manager", "Jos\xc3\xa9", "developed",
    "services",      "2019-04", "platform",    "data",
    "led a team of", "Python,", "and",         "Z\xc3\xbcrich",
};

static void add_words(struct strbuf *b, uint32_t count)
{
    while (count--) {
        strbuf_adds(b, words[chance(ARRAY_LEN(words))]);
        strbuf_addc(b, ' ');
    }
}

static void make_answer(struct strbuf *b)
{
    struct jsonw w;
    int i;

    jsonw_init(&w, b);
    jsonw_object(&w, NULL);
    for (i = 0; i < 45; i++) {
        struct strbuf value;
        char name[32];

        strbuf_init(&value, 1000);
        add_words(&value, 1 + chance(5));
        snprintf(name, sizeof(name), "MostRecentField%d", i);
        if (i % 6 == 5)
            jsonw_integer(&w, name, (int64_t)chance(2000));
        else if (i % 9 == 8)
            jsonw_null(&w, name);
        else
            jsonw_text(&w, name, value.data);
        strbuf_release(&value);
    }
    jsonw_end_object(&w);
}

static void make_line(size_t index)
{
    struct strbuf answer, line;

    strbuf_init(&answer, MIB);
    strbuf_init(&line, MIB);
    make_answer(&answer);
    strbuf_addf(&line,
                "{\"id\": \"batch_req_%08zx\", \"custom_id\": \"r-%zu\", "
                "\"response\": {\"status_code\": 200, \"request_id\": "
                "\"0f3a5b\", \"body\": {\"id\": \"chatcmpl-%zu\", \"object\": "
                "\"chat.completion\", \"created\": 1711475054, \"model\": "
                "\"gpt-4o-mini-2024-07-18\", \"choices\": [{\"index\": 0, "
                "\"message\": {\"role\": \"assistant\", \"content\": ",
                index * 7919, index, index);
    jsonw_quote(&line, answer.data, answer.len);
    strbuf_adds(&line,
                ", \"refusal\": null}, \"logprobs\": null, \"finish_reason\": "
                "\"stop\"}], \"usage\": {\"prompt_tokens\": 2292, "
                "\"completion_tokens\": 500, \"total_tokens\": 2792, "
                "\"prompt_tokens_details\": {\"cached_tokens\": 0}}, "
                "\"system_fingerprint\": \"fp_123\"}}, \"error\": null}");
    lengths[index] = line.len;
    total += line.len;
    lines[index] = strbuf_take(&line);
    strbuf_release(&answer);
}

static void copy_lines(void *context)
{
    static char to[1 << 16];
    size_t i;

    (void)context;
    for (i = 0; i < LINES; i++) {
        memcpy(to, lines[i], lengths[i]);
        bench_sink += (size_t)to[lengths[i] / 2];
    }
}

static void read_ours(void *context)
{
    struct error err;
    size_t i;

    (void)context;
    for (i = 0; i < LINES; i++) {
        const struct json_node *root =
            json_read(outer, lines[i], lengths[i], NULL, &err);

        bench_sink += json_member(root, "custom_id")->len;
        strbuf_clear(&out);
        if (!json_string(
                json_pointer(root, "/response/body/choices/0/message/content"),
                &out))
            abort();
        bench_sink += (size_t)json_member_integer(
            json_pointer(root, "/response/body/usage"), "total_tokens", 0);
        if (with_inner)
            bench_sink +=
                json_read(inner, out.data, out.len, NULL, &err)->count;
    }
}

static struct json_object *under(struct json_object *object, const char *name)
{
    return json_object_object_get(object, name);
}

static void read_json_c(void *context)
{
    struct json_tokener *tokener = context;
    size_t i;

    for (i = 0; i < LINES; i++) {
        struct json_object *root, *body, *content;

        json_tokener_reset(tokener);
        root = json_tokener_parse_ex(tokener, lines[i], (int)lengths[i] + 1);
        bench_sink +=
            (size_t)json_object_get_string_len(under(root, "custom_id"));
        body = under(under(root, "response"), "body");
        content =
            under(under(json_object_array_get_idx(under(body, "choices"), 0),
                        "message"),
                  "content");
        bench_sink += (size_t)json_object_get_int(
            under(under(body, "usage"), "total_tokens"));
        if (with_inner) {
            struct json_object *answer;

            json_tokener_reset(tokener);
            answer =
                json_tokener_parse_ex(tokener, json_object_get_string(content),
                                      json_object_get_string_len(content) + 1);
            bench_sink += (size_t)json_object_object_length(answer);
            json_object_put(answer);
        }
        json_object_put(root);
    }
}

static void read_lines(void)
{
    struct json_tokener *tokener = json_tokener_new();
    size_t i;

    for (i = 0; i < LINES; i++)
        make_line(i);
    printf("Reading %d answer lines of %zu bytes\n", LINES, total / LINES);
    bench_floor("memcpy", bench_run("memcpy", copy_lines, NULL, total), total);
    for (i = 0; i < 2; i++) {
        with_inner = i == 1;
        bench_run(i ? "jsonr + inner" : "jsonr", read_ours, NULL, total);
        bench_run(i ? "json-c, tokener reused, + inner"
                    : "json-c, tokener reused",
                  read_json_c, tokener, total);
    }
    json_tokener_free(tokener);
    for (i = 0; i < LINES; i++)
        free(lines[i]);
}

/* Writing. */

struct resume {
    const char *kind;
    struct strbuf text;
};

static void copy_text(void *context)
{
    struct resume *resume = context;

    strbuf_clear(&out);
    strbuf_add(&out, resume->text.data, resume->text.len);
    bench_sink += out.len;
}

static void quote_text(void *context)
{
    struct resume *resume = context;

    strbuf_clear(&out);
    jsonw_quote(&out, resume->text.data, resume->text.len);
    bench_sink += out.len;
}

static void validate_text(void *context)
{
    struct resume *resume = context;

    bench_sink += utf8_valid_prefix(resume->text.data, resume->text.len);
}

static void quote_by_json_c(void *context)
{
    struct resume *resume = context;
    struct json_object *object =
        json_object_new_string_len(resume->text.data, (int)resume->text.len);

    bench_sink +=
        strlen(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
    json_object_put(object);
}

static void repair_text(void *context)
{
    struct resume *resume = context;
    struct text_repair what = { 0 };

    strbuf_clear(&out);
    text_repair(resume->text.data, resume->text.len, &out, &what);
    bench_sink += out.len;
}

static void fold_text(void *context)
{
    struct resume *resume = context;

    strbuf_clear(&out);
    text_fold(resume->text.data, resume->text.len, &out);
    bench_sink += out.len;
}

static void make_text(struct resume *resume, const char *kind, unsigned foreign)
{
    resume->kind = kind;
    strbuf_init(&resume->text, MIB);
    while (resume->text.len < 6100) {
        if (chance(100) < foreign)
            strbuf_adds(&resume->text, foreign > 50 ? "\xe4\xb8\xad\xe6\x96\x87"
                                                    : "r\xc3\xa9sum\xc3\xa9");
        else
            strbuf_adds(&resume->text, "experience");
        strbuf_addc(&resume->text, " \n"[chance(9) == 0]);
        if (chance(40) == 0)
            strbuf_addc(&resume->text, '"');
    }
}

static void write_text(const char *kind, unsigned foreign)
{
    struct resume resume;
    size_t len;

    make_text(&resume, kind, foreign);
    len = resume.text.len;
    printf("Writing a resume of %zu bytes, %s\n", len, kind);
    bench_floor("", 0, 0);
    bench_floor("memcpy", bench_run("memcpy", copy_text, &resume, len), len);
    bench_run("utf8_valid_prefix", validate_text, &resume, len);
    bench_run("jsonw_quote", quote_text, &resume, len);
    bench_run("json-c", quote_by_json_c, &resume, len);
    bench_run("text_repair", repair_text, &resume, len);
    bench_run("text_fold", fold_text, &resume, len);
    strbuf_release(&resume.text);
}

int main(void)
{
    outer = json_doc_new();
    inner = json_doc_new();
    strbuf_init(&out, MIB);
    read_lines();
    write_text("ASCII", 0);
    write_text("some accents", 5);
    write_text("Chinese", 90);
    strbuf_release(&out);
    json_doc_free(outer);
    json_doc_free(inner);
    return 0;
}
