#include "io/score.h"

#include "tests/tap.h"

static const struct {
    const char *text;
    const char *want; /* "score name=part ...", "-" = none */
    const char *why;
} cases[] = {
    { "8", "8", "a number" },
    { " 7.5\n", "7.5", "with white space" },
    { "-2", "-2", "below zero" },
    { "8/10", "8", "of ten" },
    { "Score: 8 / 10", "8", "with a word" },
    { "I'd say 9 out of 10.", "9", "in a sentence" },
    { "**8**", "8", "in stars" },
    { "between 7 and 8", "-", "two numbers are no score" },
    { "excellent", "-", "a word is not zero" },
    { "", "-", "nothing" },
    { "N/A", "-", "no number" },
    { "GPT4", "-", "a name" },
    { "12345678901234567890", "-", "a number too long" },
    { "{\"score\": 6}", "6", "a member score" },
    { "{\"score\": \"6\"}", "6", "as text" },
    { "{\"score\": \"six\"}", "-", "as a word" },
    { "{\"score\": null}", "-", "null" },
    { "{\"score\": 0}", "0", "zero is a score" },
    { "```json\n{\"score\": 6}\n```", "6", "in a fence" },
    { "Here: {\"overall_score\": 5, \"reason\": \"x\"}", "5", "after prose" },
    { "{\"technical\":{\"reason\":\"a\",\"score\":7},"
      "\"leadership\":{\"reason\":\"b\",\"score\":5},"
      "\"overall\":{\"reason\":\"c\",\"score\":8}}",
      "8 technical=7 leadership=5", "the score profile" },
    { "{\"technical_score\":7,\"culture_score\":4,\"years\":12}",
      "5.5 technical_score=7 culture_score=4", "parts alone: their mean" },
    { "{\"overall\":3,\"scores\":{\"a\":1,\"b\":2}}", "3 a=1 b=2",
      "a member scores" },
    { "{\"years_of_experience\": 12}", "-", "other numbers are no scores" },
    { "[1,2]", "-", "a list" },
    { "{\"score\": 1e400}", "-", "no number that fits" },
};

static void scores_are_found_and_not_guessed(void)
{
    struct json_doc *doc = json_doc_new();
    struct score score;
    struct strbuf got;
    size_t i, j;

    strbuf_init(&got, KIB);
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        strbuf_clear(&got);
        score_read(doc, cases[i].text, strlen(cases[i].text), &score);
        if (score.found)
            strbuf_addf(&got, "%g", score.value);
        else
            strbuf_adds(&got, "-");
        for (j = 0; j < score.count; j++)
            strbuf_addf(&got, " %s=%g", score.names[j], score.parts[j]);
        is_str(got.data, cases[i].want, "%s", cases[i].why);
    }
    strbuf_release(&got);
    json_doc_free(doc);
}

int main(void)
{
    scores_are_found_and_not_guessed();
    return tap_done();
}
