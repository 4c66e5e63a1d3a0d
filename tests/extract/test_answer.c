#include "extract/answer.h"

#include "tests/tap.h"

#define ALL                                                                    \
    (REPAIR_FENCED | REPAIR_PROSE | REPAIR_COMMAS | REPAIR_CONTROLS |          \
     REPAIR_CLOSED)

struct answer_case {
    const char *content;
    enum values_outcome outcome;
    const char *json; /* or why */
    unsigned repairs;
    const char *why;
};

static const struct answer_case cases[] = {
    { "```json\n{\"a\":1}\n```", VALUES_OK, "{\"a\":1}", REPAIR_FENCED,
      "a fence" },
    { "Sure, here it is: {\"a\":1}", VALUES_OK, "{\"a\":1}", REPAIR_PROSE,
      "prose before" },
    { "{\"a\":1}\nHope that helps!", VALUES_OK, "{\"a\":1}", REPAIR_PROSE,
      "prose after" },
    { "Here:\n```\n{\"a\":\"}\"}\n```\nDone.", VALUES_OK, "{\"a\":\"}\"}",
      REPAIR_FENCED, "a fence in prose, a brace in a string" },
    { "The set {x} gives {\"a\":1}", VALUES_OK, "{\"a\":1}", REPAIR_PROSE,
      "a brace in prose begins no object" },
    { "<think>maybe {\"a\":2}</think>\n{\"a\":1}", VALUES_OK, "{\"a\":1}",
      REPAIR_PROSE, "a thinking block with a draft" },
    { "{\"a\":1,}", VALUES_OK, "{\"a\":1}", REPAIR_COMMAS, "a comma" },
    { "{\"a\":[1,2,],}", VALUES_OK, "{\"a\":[1,2]}", REPAIR_COMMAS,
      "commas in lists" },
    { "{\"a\":\",}\",}", VALUES_OK, "{\"a\":\",}\"}", REPAIR_COMMAS,
      "not those in strings" },
    { "{\"a\":\"x\ny\"}", VALUES_OK, "{\"a\":\"x\\u000ay\"}", REPAIR_CONTROLS,
      "a raw line end in a string" },
    { "{\"a\":\"x\"", VALUES_OK, "{\"a\":\"x\"}", REPAIR_CLOSED,
      "the last brace is missing" },
    { "{\"a\":{\"b\":true", VALUES_OK, "{\"a\":{\"b\":true}}", REPAIR_CLOSED,
      "two braces are missing" },
    { "{\"a\":[1,2]", VALUES_OK, "{\"a\":[1,2]}", REPAIR_CLOSED,
      "after a whole list" },
    { "{\"a\":\"x\",", VALUES_OK, "{\"a\":\"x\"}", REPAIR_CLOSED,
      "after a comma: the schema says whether members are missing" },
    { "{\"a\":\"x", VALUES_CUT, "cut off", 0, "in the middle of a string" },
    { "{\"a\":12", VALUES_CUT, "cut off", 0,
      "a number at the end may have gone on" },
    { "{\"a\":tru", VALUES_CUT, "cut off", 0, "half a word" },
    { "{\"a\":", VALUES_CUT, "cut off", 0, "before a value" },
    { "{\"a\"", VALUES_CUT, "cut off", 0, "after a name" },
    { "{\"a\":[\"x\"", VALUES_CUT, "cut off", 0,
      "inside a list: more elements may be lost" },
    { "{\"a\":[{\"b\":1}", VALUES_CUT, "cut off", 0, "the same with objects" },
    { "{", VALUES_NOT_JSON, "no JSON object in it", 0, "a lone brace" },
    { "I can't do that.", VALUES_NOT_JSON, "no JSON object in it", 0,
      "prose only" },
    { "{\"a\":1}{\"a\":2}", VALUES_NOT_JSON, "more than one JSON object", 0,
      "two objects" },
    { "{\"a\":1} or rather {\"a\":2}", VALUES_NOT_JSON,
      "more than one JSON object", 0, "two objects in prose" },
    { "{\"a\":[1}", VALUES_NOT_JSON, "brackets that don't match", 0,
      "the wrong bracket" },
};

static void answers_are_mended_where_it_is_certain(void)
{
    struct strbuf scratch;
    size_t i;

    strbuf_init(&scratch, MIB);
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        const struct answer_case *c = &cases[i];
        struct answer_json json = { "", 0, 0 };
        const char *why = "";
        enum values_outcome outcome =
            answer_mend(c->content, strlen(c->content), &scratch, &json, &why);
        const char *got = outcome == VALUES_OK ? json.text : why;

        ok(outcome == c->outcome && !strcmp(got, c->json) &&
               json.repairs == c->repairs,
           "%s", c->why);
        if (strcmp(got, c->json) != 0 || json.repairs != c->repairs)
            tap_note("%d %s %u", (int)outcome, got, json.repairs);
    }
    strbuf_release(&scratch);
}

static void depth_is_bounded(void)
{
    struct strbuf text, scratch;
    struct answer_json json;
    const char *why = "";
    int i;

    strbuf_init(&text, MIB);
    strbuf_init(&scratch, MIB);
    strbuf_adds(&text, "{\"a\":");
    for (i = 0; i < 10000; i++)
        strbuf_addc(&text, '[');
    ok(answer_mend(text.data, text.len, &scratch, &json, &why) ==
               VALUES_NOT_JSON &&
           !strcmp(why, "too deep"),
       "10,000 levels");
    strbuf_release(&text);
    strbuf_release(&scratch);
}

static void a_nul_is_not_the_end(void)
{
    static const char content[] = "{\"a\":\0 1,}";
    struct strbuf scratch;
    struct answer_json json;
    const char *why = "";

    strbuf_init(&scratch, KIB);
    is_int(answer_mend(content, sizeof(content) - 1, &scratch, &json, &why),
           VALUES_OK, "it is copied, for the reader to refuse");
    is_int(scratch.len, 8, "with everything after it");
    strbuf_release(&scratch);
}

static void white_space_around_is_no_repair(void)
{
    struct answer_json json;

    ok(answer_trim("\xef\xbb\xbf \n{}\n\t ", 9, &json), "something is there");
    ok(json.len == 2 && !memcmp(json.text, "{}", 2) && !json.repairs,
       "it is trimmed");
    ok(!answer_trim(" \n", 2, &json), "blank is nothing");
}

int main(void)
{
    answers_are_mended_where_it_is_certain();
    depth_is_bounded();
    a_nul_is_not_the_end();
    white_space_around_is_no_repair();
    return tap_done();
}
