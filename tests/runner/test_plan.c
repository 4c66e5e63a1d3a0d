#include "runner/plan.h"

#include "runner/request.h"
#include "tests/folder.h"
#include "tests/tap.h"

#define URL "\"method\":\"POST\",\"url\":\"/v1/chat/completions\""
#define BODY "\"body\":{\"model\":\"m\",\"messages\":[]}"

static const struct {
    const char *line;
    const char *fault; /* NULL = none */
} lines[] = {
    { "{\"custom_id\":\"a\"," URL "," BODY "}", NULL },
    { "{\"custom_id\":\"a\",\"url\":\"/chat/completions\"," BODY "}", NULL },
    { "{\"custom_id\":\"a\",\"url\":\"/v1/embeddings\"," BODY "}", NULL },
    { "{\"custom_id\":\"a\"", "it is not JSON" },
    { "[1]", "it is no JSON object" },
    { "{" URL "," BODY "}", "it has no custom_id" },
    { "{\"custom_id\":\"\"," URL "," BODY "}", "it has no custom_id" },
    { "{\"custom_id\":7," URL "," BODY "}", "it has no custom_id" },
    { "{\"custom_id\":\"a\",\"method\":\"GET\",\"url\":\"/v1/responses\"," BODY
      "}",
      "its method is not POST" },
    { "{\"custom_id\":\"a\",\"url\":\"/v1/../admin\"," BODY "}",
      "its url is none that is known" },
    { "{\"custom_id\":\"a\"," BODY "}", "its url is none that is known" },
    { "{\"custom_id\":\"a\"," URL "}", "it has no body" },
    { "{\"custom_id\":\"a\"," URL ",\"body\":\"text\"}", "it has no body" },
    { "{\"custom_id\":\"a\"," URL ",\"body\":{\"stream\":true}}",
      "its body asks for a stream" },
};

static void lines_are_judged(void)
{
    struct json_doc *doc = json_doc_new();
    struct request request;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(lines); i++) {
        ok(request_read(doc, lines[i].line, strlen(lines[i].line), NULL,
                        &request, &err),
           "line %zu is read", i);
        is_str(request.fault, lines[i].fault, "%.60s", lines[i].line);
    }
    ok(request_read(doc, lines[0].line, strlen(lines[0].line), NULL, &request,
                    &err),
       "read");
    ok(!strncmp(request.body, "{\"model\":\"m\",\"messages\":[]}",
                request.body_len),
       "the body is a part of the line, as it stands");
    json_doc_free(doc);
}

/* -- files -- */

static void write_text(const char *text)
{
    struct error err;

    ok(file_write("in.jsonl", text, strlen(text), &err), "input is written");
}

static struct plan planned(size_t slots)
{
    struct plan p;
    struct error err;

    ok(plan_open(&p, "in.jsonl", 4096, slots, NULL, &err), "it is planned");
    return p;
}

static void add(struct strbuf *out, const char *id, const char *system,
                int length)
{
    strbuf_addf(out,
                "{\"custom_id\":\"%s\"," URL ",\"body\":{\"model\":\"m\","
                "\"messages\":[{\"role\":\"system\",\"content\":\"%s\"},"
                "{\"role\":\"user\",\"content\":\"%0*d\"}]}}\n",
                id, system, length, 0);
}

static void repeated_ids_are_left_out(void)
{
    struct strbuf text;
    struct plan p;

    strbuf_init(&text, MIB);
    add(&text, "a", "s", 1);
    strbuf_adds(&text, "\n  \n");
    add(&text, "b", "s", 1);
    add(&text, "\\u0061", "s", 1);
    add(&text, "b", "s", 1);
    strbuf_adds(&text, "broken\nbroken\n");
    add(&text, "c", "s", 1);
    write_text(text.data);
    p = planned(0);
    is_int(p.count, 5, "a, b, c and two broken ones");
    is_int(p.duplicates, 2, "an escaped a and a second b are left out");
    ok(plan_matches(&p, 0, "a", 1), "the first is a");
    ok(plan_matches(&p, 0, "\\u0061", 6), "however it is written");
    ok(plan_matches(&p, 4, "c", 1), "the last is c");
    ok(!plan_matches(&p, 4, "a", 1), "and not a");
    ok(plan_matches(&p, 2, NULL, 0) && !plan_matches(&p, 0, NULL, 0),
       "a broken one has no id");
    plan_close(&p);
    strbuf_release(&text);
}

static void many_ids_are_told_apart(void)
{
    struct strbuf text;
    struct plan p;
    char id[16];
    int i;

    strbuf_init(&text, 64 * MIB);
    for (i = 0; i < 30000; i++) {
        snprintf(id, sizeof(id), "r%d", i);
        add(&text, id, "s", 1);
    }
    for (i = 0; i < 30000; i += 3) {
        snprintf(id, sizeof(id), "r%d", i);
        add(&text, id, "s", 1);
    }
    write_text(text.data);
    p = planned(1);
    is_int(p.count, 30000, "all are in");
    is_int(p.duplicates, 10000, "once");
    plan_close(&p);
    strbuf_release(&text);
}

/* The custom_ids in the order of the plan. */
static void order_of(struct plan *p, char *out)
{
    static const char ids[] = "abcdefgh";
    size_t line, n = 0, i;

    while (plan_next(p, &line))
        for (i = 0; ids[i]; i++)
            if (plan_matches(p, line, &ids[i], 1))
                out[n++] = ids[i];
    out[n] = '\0';
}

static void groups_stay_together(void)
{
    struct strbuf text;
    struct plan p;
    char order[16];

    strbuf_init(&text, MIB);
    add(&text, "a", "one", 1);
    add(&text, "b", "two", 1);
    add(&text, "c", "one", 1);
    add(&text, "d", "two", 1);
    add(&text, "e", "one", 1);
    write_text(text.data);
    p = planned(0);
    is_int(p.groups, 2, "two groups");
    ok(plan_group(&p, 0) == plan_group(&p, 2) &&
           plan_group(&p, 0) != plan_group(&p, 1),
       "by the first message");
    order_of(&p, order);
    is_str(order, "acebd", "one after the other");
    plan_close(&p);
    strbuf_release(&text);
}

static void a_short_file_goes_longest_first(void)
{
    struct strbuf text;
    struct plan p;
    char order[16];

    strbuf_init(&text, MIB);
    add(&text, "a", "s", 200);
    add(&text, "b", "s", 900);
    add(&text, "c", "s", 1);
    add(&text, "d", "s", 500);
    write_text(text.data);
    p = planned(0);
    order_of(&p, order);
    is_str(order, "abcd", "a long file keeps its order");
    plan_close(&p);
    p = planned(4);
    order_of(&p, order);
    is_str(order, "cbda",
           "a short one opens the prompt cache with its "
           "shortest, then goes longest first");
    plan_close(&p);
    strbuf_release(&text);
}

/* Of line i, in the rough steps that the plan sees. */
static int length_of(size_t i)
{
    return 64 * (int)(i * 7 % 60 + 1);
}

/* 60 lines in so many groups by turns; the last 20 are the end. */
static void a_long_file_ends_longest_first(void)
{
    struct strbuf text;
    size_t groups, i, line = 0, last = 0;
    struct plan p;
    char id[8];

    for (groups = 1; groups <= 2; groups++) {
        bool in_order = true, longest_first = true, once[60] = { false };

        strbuf_init(&text, MIB);
        for (i = 0; i < 60; i++) {
            snprintf(id, sizeof(id), "%zu", i);
            add(&text, id, i % groups ? "two" : "one", length_of(i));
        }
        write_text(text.data);
        strbuf_release(&text);
        p = planned(1);
        for (i = 0; plan_next(&p, &line); i++, last = line) {
            once[line] = true;
            if (i > 0 && i < 40 && i != 60 / groups)
                in_order = in_order && line > last;
            if (i > 40)
                longest_first =
                    longest_first && length_of(line) < length_of(last);
        }
        is_int((int)i, 60, "%zu groups: all go", groups);
        for (i = 0; i < 60 && once[i]; i++)
            ;
        is_int((int)i, 60, "each once");
        ok(in_order, "as they stand, group by group");
        ok(longest_first, "and the last ones longest first");
        plan_close(&p);
    }
}

static void what_is_done_is_passed_over(void)
{
    struct strbuf text;
    struct plan p;
    char order[16];

    strbuf_init(&text, MIB);
    add(&text, "a", "s", 1);
    add(&text, "b", "s", 1);
    add(&text, "c", "s", 1);
    write_text(text.data);
    p = planned(0);
    plan_done(&p, 1);
    plan_done(&p, 1);
    is_int(p.undone, 2, "two are left");
    order_of(&p, order);
    is_str(order, "ac", "a and c");
    plan_close(&p);
    strbuf_release(&text);
}

static void edges(void)
{
    struct plan p;
    struct error err;
    size_t line;
    bool stop = true;

    write_text("");
    p = planned(4);
    is_int(p.count, 0, "an empty file plans nothing");
    ok(!plan_next(&p, &line), "and gives nothing");
    plan_close(&p);
    ok(!plan_open(&p, "missing.jsonl", 4096, 4, NULL, &err), "a missing file");
    is_int(err.kind, ERROR_SETUP, "is a fault of the set-up");
    write_text("{}\n");
    ok(!plan_open(&p, "in.jsonl", 4096, 4, &stop, &err), "a stop is heard");
    is_str(err.code, "stopped", "and told");
}

int main(void)
{
    folder_enter();
    lines_are_judged();
    repeated_ids_are_left_out();
    many_ids_are_told_apart();
    groups_stay_together();
    a_short_file_goes_longest_first();
    a_long_file_ends_longest_first();
    what_is_done_is_passed_over();
    edges();
    return tap_done();
}
