#include "extract/values.h"

#include "base/text.h"
#include "tests/tap.h"

#define NOW 1767225600.0 /* 2026-01-01 */

/* An answer of the resume profile, with some members of one's own. */
static const struct {
    const char *name, *value;
} defaults[] = {
    { "first_name", "\"Jane\"" },
    { "middle_name", "null" },
    { "last_name", "\"Roe\"" },
    { "emails", "[]" },
    { "phones", "[]" },
    { "linkedin", "null" },
    { "address", "null" },
    { "city", "null" },
    { "state", "null" },
    { "zipcode", "null" },
    { "bachelors", "null" },
    { "masters", "null" },
    { "certifications", "[]" },
    { "positions", "[]" },
    { "titles", "[]" },
    { "industries", "[]" },
    { "categories", "[]" },
    { "skills", "[]" },
    { "software_languages", "[]" },
    { "software_apps", "[]" },
    { "hardware", "[]" },
    { "project_types", "[]" },
    { "specialty", "null" },
    { "summary", "null" },
    { "years_of_experience", "null" },
    { "average_tenure", "null" },
    { "length_in_us", "null" },
};

static void make_answer(struct strbuf *b, const char *name, const char *value)
{
    size_t i;

    strbuf_clear(b);
    for (i = 0; i < ARRAY_LEN(defaults); i++)
        strbuf_addf(b, "%s\"%s\":%s", i ? "," : "{", defaults[i].name,
                    name && !strcmp(defaults[i].name, name)
                        ? value
                        : defaults[i].value);
    strbuf_addc(b, '}');
}

static struct profile *profile;

static size_t column_at(const char *name)
{
    size_t i;

    for (i = 0; i < profile->column_count; i++)
        if (!strcmp(profile->columns[i].name, name))
            return i;
    ok(false, "there is a column %s", name);
    return 0;
}

/* The value as text, "NULL" where it is none. */
static const char *value_of(const struct values *v, const char *name)
{
    static char text[1000];
    const struct value *value = values_at(v, column_at(name));

    if (value->state == VALUE_NULL)
        return "NULL";
    snprintf(text, sizeof(text), "%.*s", (int)value->len, value->text);
    return text;
}

static enum values_outcome read_answer(struct values *v, const char *content,
                                       char *detail)
{
    enum values_outcome outcome = VALUES_EMPTY;
    struct error err;

    if (!values_read(v, content, strlen(content), NULL, 0, NOW, &outcome,
                     detail, &err))
        ok(false, "%s", err.message);
    return outcome;
}

struct value_case {
    const char *member, *value; /* of the answer */
    const char *column, *want, *flags;
    const char *why;
};

#define JOB(company, start, end)                                               \
    "{\"company\":" company ",\"location\":null,\"start\":" start              \
    ",\"end\":" end "}"

static const struct value_case value_cases[] = {
    { NULL, NULL, "FirstName", "Jane", "", "a text" },
    { NULL, NULL, "MiddleName", "NULL", "", "null is NULL" },
    { "first_name", "\"  Mary \\n Ann \"", "FirstName", "Mary Ann", "",
      "white space is trimmed and joined" },
    { "first_name", "\"N/A\"", "FirstName", "NULL", "", "N/A is NULL" },
    { "city", "\"none\"", "City", "NULL", "", "none is NULL" },
    { "city", "\"\"", "City", "NULL", "", "missing is NULL, not empty" },
    { "first_name", "\"JANE\"", "FirstName", "Jane", "", "the rule name" },
    { "city", "\"Z\\u00fcrich\"", "City", "Z\xc3\xbcrich", "", "escapes" },
    { "emails", "[\"Jane@Example.COM\",\"n/a\",\"j@x.org\"]", "Email2",
      "j@x.org", "", "null words in lists don't count" },
    { "emails", "[\"not an address\",\"j@x.org\"]", "Email", "j@x.org", "",
      "what a rule refuses doesn't count" },
    { "linkedin", "\"http://example.com/\"", "Linkedin", "NULL",
      "dropped:Linkedin", "what a rule refuses is NULL and flagged" },
    { "skills", "[\"SQL\",\"sql\",\" Sql \",\"C\"]", "Skill2", "C", "",
      "repeats go, whatever the case" },
    { "certifications", "[\"PMP\",\"pmp\",\"AWS\"]", "Certifications",
      "PMP, AWS", "", "a list is joined" },
    { "skills",
      "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\","
      "\"l\"]",
      "Skill10", "j", "more:skills:2", "more than the columns is flagged" },
    { "zipcode", "\"94107-1234\"", "Zipcode", "941071234", "",
      "ZIP+4 fits nine characters" },
    { "state", "\"california\"", "State", "CA", "", "a state" },
    { "years_of_experience", "7.50", "YearsofExperience", "7.5", "",
      "a number" },
    { "years_of_experience", "0", "YearsofExperience", "0", "", "zero" },
    { "years_of_experience", "400", "YearsofExperience", "NULL",
      "dropped:YearsofExperience", "a number out of range" },
    { "length_in_us", "5", "LengthinUS", "NULL", "",
      "a column that is off stays NULL" },
    { "positions", "[" JOB("\"A\"", "\"2019-01\"", "\"Present\"") "]",
      "MostRecentEndDate", "Present", "", "a position still held" },
    { "positions", "[" JOB("\"A\"", "\"2019-01\"", "null") "]",
      "MostRecentEndDate", "NULL", "", "an unknown end is not Present" },
    { "positions",
      "[" JOB("\"Old\"", "\"2009-01\"",
              "\"2010-01\"") "," JOB("\"New\"", "\"2011\"", "\"2012\"") "]",
      "MostRecentCompany", "New", "sorted:positions",
      "the most recent comes first" },
    { "positions",
      "[" JOB("null", "null", "\"N/A\"") "," JOB("\"A\"", "\"2011\"",
                                                 "null") "]",
      "MostRecentCompany", "A", "", "empty positions don't count" },
    { "positions", "[" JOB("\"A\"", "\"Jan 2019\"", "\"03/2020\"") "]",
      "MostRecentStartDate", "2019-01", "", "a month in words" },
    { "positions", "[" JOB("\"A\"", "\"Jan 2019\"", "\"03/2020\"") "]",
      "MostRecentEndDate", "2020-03", "", "a single date in the end's place" },
    { "positions", "[" JOB("\"A\"", "\"Jan 2019 - present\"", "null") "]",
      "MostRecentEndDate", "Present", "", "a range in the start's place" },
    { "positions", "[" JOB("\"A\"", "null", "\"2017-2018\"") "]",
      "MostRecentStartDate", "2017", "", "a range in the end's place" },
    { "positions", "[" JOB("\"A\"", "\"2019\"", "\"current\"") "]",
      "MostRecentEndDate", "Present", "", "other words for Present" },
    { "positions", "[" JOB("\"A\"", "\"Present\"", "null") "]",
      "MostRecentStartDate", "NULL", "dropped:MostRecentStartDate",
      "nobody starts in the present" },
    { "positions", "[" JOB("\"A\"", "\"2019-13\"", "null") "]",
      "MostRecentStartDate", "NULL", "dropped:MostRecentStartDate",
      "no thirteenth month" },
    { "positions", "[" JOB("\"A\"", "\"sometime\"", "null") "]",
      "MostRecentStartDate", "NULL", "dropped:MostRecentStartDate",
      "what is no date is NULL and flagged" },
    { "positions",
      "[" JOB("\"A\"", "null", "null") "," JOB("\"B\"", "null", "null") "," JOB("\"C\"", "null", "null") "," JOB(
          "\"D\"", "null",
          "null") "," JOB("\"E\"", "null",
                          "null") "," JOB("\"F\"", "null",
                                          "null") "," JOB("\"G\"", "null",
                                                          "null") "," JOB("\"H"
                                                                          "\"",
                                                                          "nul"
                                                                          "l",
                                                                          "nul"
                                                                          "l") "," JOB("\"I\"",
                                                                                       "null",
                                                                                       "null") "]",
      "SeventhMostRecentCompany", "G", "more:positions:2",
      "nine jobs: seven are kept" },
    { "positions", "[" JOB("\"A\"", "null", "null") "]",
      "SecondMostRecentCompany", "NULL", "", "one job: six are NULL" },
};

static void answers_become_values(void)
{
    struct values *v = NULL;
    struct strbuf answer, flags;
    struct error err;
    char detail[256];
    size_t i;

    strbuf_init(&answer, MIB);
    strbuf_init(&flags, MIB);
    if (!ok(values_new(&v, profile, NULL, &err), "without targets"))
        return;
    for (i = 0; i < ARRAY_LEN(value_cases); i++) {
        const struct value_case *c = &value_cases[i];
        enum values_outcome outcome;

        make_answer(&answer, c->member, c->value);
        outcome = read_answer(v, answer.data, detail);
        strbuf_clear(&flags);
        values_flags(v, &flags);
        ok(outcome == VALUES_OK && !strcmp(value_of(v, c->column), c->want) &&
               !strcmp(flags.data, c->flags),
           "%s", c->why);
        if (strcmp(value_of(v, c->column), c->want) != 0 ||
            strcmp(flags.data, c->flags) != 0)
            tap_note("%d %s: %s, %s", (int)outcome, detail,
                     value_of(v, c->column), flags.data);
    }
    values_free(v);
    strbuf_release(&answer);
    strbuf_release(&flags);
}

struct outcome_case {
    const char *before, *after; /* around a whole answer */
    const char *member, *value;
    enum values_outcome outcome;
    const char *detail, *flags;
    const char *why;
};

static const struct outcome_case outcome_cases[] = {
    { "", "", NULL, NULL, VALUES_OK, "", "", "as it should be" },
    { "\n ", "\n", NULL, NULL, VALUES_OK, "", "", "white space around" },
    { "```json\n", "\n```", NULL, NULL, VALUES_REPAIRED, "", "fenced",
      "a fence" },
    { "Here you are: ", "", NULL, NULL, VALUES_REPAIRED, "", "prose", "prose" },
    { "", "", "city", "null,\"mood\":{\"a\":[1]}", VALUES_OK, "", "extra:1",
      "an unknown member" },
    { "", "", "city", "\"a\",\"city\":\"b\"", VALUES_NOT_JSON, "JSON, byte", "",
      "a member twice" },
    { "", "", "city", "7", VALUES_SCHEMA, "/city: a number is not allowed", "",
      "a wrong type" },
    { "", "", "industries", "[\"Sorcery\"]", VALUES_SCHEMA,
      "/industries/0: not one of", "", "not of the fixed list" },
    { "", "", "positions", "[{\"company\":\"A\"}]", VALUES_SCHEMA,
      "/positions/0: members are missing", "", "a position without its parts" },
    { "", "", "years_of_experience", "30812e63", VALUES_ABSURD,
      "/years_of_experience: a number out", "", "an absurd number" },
    { "", "", "years_of_experience", "NaN", VALUES_NOT_JSON, "JSON, byte", "",
      "NaN is no JSON" },
    { "", "", "city", "\"", VALUES_CUT, "cut off", "", "an open string" },
    { "[", "]", NULL, NULL, VALUES_SCHEMA, "/: a list is not", "",
      "a list of one" },
};

static void every_outcome_is_its_own(void)
{
    struct values *v = NULL;
    struct strbuf answer, whole, flags;
    struct error err;
    char detail[256];
    size_t i;

    strbuf_init(&answer, MIB);
    strbuf_init(&whole, MIB);
    strbuf_init(&flags, MIB);
    if (!ok(values_new(&v, profile, NULL, &err), "without targets"))
        return;
    for (i = 0; i < ARRAY_LEN(outcome_cases); i++) {
        const struct outcome_case *c = &outcome_cases[i];
        enum values_outcome outcome;

        make_answer(&answer, c->member, c->value);
        strbuf_clear(&whole);
        strbuf_addf(&whole, "%s%s%s", c->before, answer.data, c->after);
        outcome = read_answer(v, whole.data, detail);
        strbuf_clear(&flags);
        if (outcome == VALUES_OK || outcome == VALUES_REPAIRED)
            values_flags(v, &flags);
        ok(outcome == c->outcome &&
               !strncmp(detail, c->detail, strlen(c->detail)) &&
               !strcmp(flags.data, c->flags),
           "%s", c->why);
        if (outcome != c->outcome ||
            strncmp(detail, c->detail, strlen(c->detail)) != 0)
            tap_note("%s: %s, %s", values_outcome_names[outcome], detail,
                     flags.data);
    }
    is_int(read_answer(v, "", detail), VALUES_EMPTY, "nothing");
    is_int(read_answer(v, "Sorry.", detail), VALUES_NOT_JSON, "no JSON");
    make_answer(&answer, "first_name", "null");
    memcpy(strstr(answer.data, "\"Roe\""), "null ", 5);
    is_int(read_answer(v, answer.data, detail), VALUES_EMPTY,
           "nothing but nulls");
    make_answer(&answer, NULL, NULL);
    is_int(read_answer(v, answer.data, detail), VALUES_OK,
           "and the next answer is fine again");
    values_free(v);
    strbuf_release(&answer);
    strbuf_release(&whole);
    strbuf_release(&flags);
}

/* 50 MB, 10,000 levels, 100,000 elements: a reason, and in no time. */
static void hostile_answers_get_a_reason(void)
{
    struct values *v = NULL;
    struct strbuf answer, huge;
    struct error err;
    char detail[256];
    int i;

    strbuf_init(&answer, 64 * MIB);
    strbuf_init(&huge, 64 * MIB);
    if (!ok(values_new(&v, profile, NULL, &err), "without targets"))
        return;
    strbuf_adds(&huge, "\"");
    for (i = 0; i < 50; i++) {
        char *room = strbuf_room(&huge, MIB);

        memset(room, 'a', MIB);
        strbuf_grown(&huge, MIB);
    }
    strbuf_adds(&huge, "\"");
    make_answer(&answer, "summary", huge.data);
    ok(read_answer(v, answer.data, detail) == VALUES_NOT_JSON &&
           !strcmp(detail, "too long"),
       "50 MB");
    strbuf_clear(&huge);
    for (i = 0; i < 10000; i++)
        strbuf_adds(&huge, "[");
    make_answer(&answer, "skills", huge.data);
    ok(read_answer(v, answer.data, detail) == VALUES_NOT_JSON, "10,000 levels");
    strbuf_clear(&huge);
    for (i = 0; i < 100000; i++)
        strbuf_addf(&huge, "%s\"s%d\"", i ? "," : "[", i);
    strbuf_adds(&huge, "]");
    make_answer(&answer, "skills", huge.data);
    is_int(read_answer(v, answer.data, detail), VALUES_OK, "100,000 skills");
    is_str(value_of(v, "Skill10"), "s9", "of which ten are taken");
    values_free(v);
    strbuf_release(&answer);
    strbuf_release(&huge);
}

static void targets_shape_the_values(void)
{
    struct value_target *targets =
        calloc(profile->column_count, sizeof(*targets));
    struct values *v = NULL;
    struct strbuf answer, flags;
    struct error err;
    char detail[256];
    size_t i;

    for (i = 0; i < profile->column_count; i++)
        targets[i].present = true;
    targets[column_at("MostRecentStartDate")].is_date = true;
    targets[column_at("MostRecentEndDate")].is_date = true;
    targets[column_at("SecondMostRecentEndDate")].is_date = true;
    targets[column_at("City")] = (struct value_target){ .present = true,
                                                        .width = 5,
                                                        .unit = TEXT_UTF16 };
    targets[column_at("MostRecentCompany")].is_number = true;
    targets[column_at("LastName")].present = false;
    strbuf_init(&answer, MIB);
    strbuf_init(&flags, MIB);
    if (!ok(values_new(&v, profile, targets, &err), "with targets"))
        return;
    make_answer(&answer, "positions",
                "[" JOB("\"A\"", "\"2019-03\"", "\"Present\"") "," JOB(
                    "\"B\"", "\"2001\"", "\"2003\"") "]");
    is_int(read_answer(v, answer.data, detail), VALUES_OK, "it is read");
    is_str(value_of(v, "MostRecentStartDate"), "2019-03-01",
           "a date column gets the first of the month");
    is_str(value_of(v, "MostRecentEndDate"), "NULL",
           "Present is no date: NULL");
    is_str(value_of(v, "MostRecentCompany"), "NULL",
           "a name is no number: NULL");
    is_str(value_of(v, "SecondMostRecentStartDate"), "2001",
           "a text column keeps the year alone");
    is_str(value_of(v, "SecondMostRecentEndDate"), "2003-01-01",
           "a date column gets its first day");
    is_str(value_of(v, "LastName"), "NULL", "a column that isn't there");
    values_flags(v, &flags);
    is_str(flags.data, "dropped:MostRecentCompany current:1",
           "the flag tells Present from unknown");
    make_answer(&answer, "city", "\"Z\\u00fcrich\\ud83d\\ude00\"");
    is_int(read_answer(v, answer.data, detail), VALUES_OK, "it is read");
    is_str(value_of(v, "City"), "Z\xc3\xbcric", "cut in the column's units");
    strbuf_clear(&flags);
    values_flags(v, &flags);
    is_str(flags.data, "clipped:City", "and flagged");
    values_free(v);
    free(targets);
    strbuf_release(&answer);
    strbuf_release(&flags);
}

struct tenure_case {
    const char *positions, *years, *average; /* of the answer */
    const char *want_years, *want_average, *flags;
    const char *why;
};

/* Today is 2026-01. */
static const struct tenure_case tenure_cases[] = {
    { "[" JOB("\"A\"", "\"2010-01\"", "\"2019-12\"") "]", "10", "10", "10",
      "10", "", "numbers that agree stay" },
    { "[" JOB("\"A\"", "\"2010-01\"", "\"2019-12\"") "]", "10.4", "9.8", "10.4",
      "9.8", "", "and nearly do" },
    { "[" JOB("\"A\"", "\"2010-01\"", "\"2019-12\"") "]", "3", "10", "10", "10",
      "rebuilt:YearsofExperience", "too few years" },
    { "[" JOB("\"A\"", "\"2010-01\"",
              "\"2019-12\"") "," JOB("\"B\"", "\"2010-01\"", "\"2019-12\"") "]",
      "20", "10", "10", "10", "rebuilt:YearsofExperience",
      "overlaps count once" },
    { "[" JOB("\"A\"", "\"2020-01\"", "\"Present\"") "]", "6", "1", "6", "6.1",
      "rebuilt:AvgTenure", "Present is today" },
    { "[" JOB("\"A\"", "\"2010-01\"", "\"2019-12\"") "]", "null", "null", "10",
      "10", "", "what the model doesn't say is measured" },
    { "[" JOB("\"A\"", "\"2010-01\"", "\"2019-12\"") "]", "400", "10", "10",
      "10", "rebuilt:YearsofExperience", "nonsense is measured too" },
    { "[" JOB("\"A\"", "\"2010-01\"", "null") "]", "15", "4", "15", "4", "",
      "without ends nothing is measured" },
    { "[]", "15", "4", "15", "4", "", "without positions neither" },
};

static void numbers_are_held_against_the_dates(void)
{
    struct values *v = NULL;
    struct strbuf answer, flags;
    struct error err;
    char detail[256];
    size_t i;

    strbuf_init(&answer, MIB);
    strbuf_init(&flags, MIB);
    if (!ok(values_new(&v, profile, NULL, &err), "without targets"))
        return;
    for (i = 0; i < ARRAY_LEN(tenure_cases); i++) {
        const struct tenure_case *c = &tenure_cases[i];
        char *at;

        make_answer(&answer, "positions", c->positions);
        at = strstr(answer.data, "\"years_of_experience\"");
        strbuf_cut(&answer, (size_t)(at - answer.data));
        strbuf_addf(&answer,
                    "\"years_of_experience\":%s,\"average_tenure\":%s,"
                    "\"length_in_us\":null}",
                    c->years, c->average);
        is_int(read_answer(v, answer.data, detail), VALUES_OK, "%s", c->why);
        is_str(value_of(v, "YearsofExperience"), c->want_years, "years");
        is_str(value_of(v, "AvgTenure"), c->want_average, "tenure");
        strbuf_clear(&flags);
        values_flags(v, &flags);
        is_str(flags.data, c->flags, "flags");
    }
    values_free(v);
    strbuf_release(&answer);
    strbuf_release(&flags);
}

struct ground_case {
    const char *member, *value;
    const char *column;
    const char *flagged, *nulled; /* under the two policies */
    const char *flags;
    int64_t at; /* where it was found */
    const char *why;
};

static const char resume[] =
    "Jane Roe\nSan Jos\xc3\xa9, 94107-1234 | (555) 123-4567 | "
    "linkedin.com/in/jane-roe\nAcme Widgets, Inc.  2019 - now\n"
    "Skills: Python, SQL, Go; PMP, AWS Certified\n";

static const struct ground_case ground_cases[] = {
    { "first_name", "\"Jane\"", "FirstName", "Jane", "Jane", "", 0, "exact" },
    { "first_name", "\"JOHN\"", "FirstName", "John", "NULL",
      "ungrounded:FirstName", -1, "invented" },
    { "city", "\"SAN JOSE\"", "City", "SAN JOSE", "SAN JOSE", "", 9,
      "without case and accents" },
    { "phones", "[\"555.123.4567\"]", "Phone1", "555-123-4567", "555-123-4567",
      "", 34, "a phone by its digits" },
    { "phones", "[\"555.123.4568\"]", "Phone1", "555-123-4568", "NULL",
      "ungrounded:Phone1", -1, "one digit changed" },
    { "zipcode", "\"94107-1234\"", "Zipcode", "941071234", "941071234", "", 20,
      "as the model wrote it, before the rules" },
    { "linkedin", "\"linkedin.com/in/jane-roe\"", "Linkedin",
      "https://www.linkedin.com/in/jane-roe",
      "https://www.linkedin.com/in/jane-roe", "", 50, "a URL" },
    { "certifications", "[\"PMP\",\"CISSP\",\"AWS Certified\"]",
      "Certifications", "PMP, CISSP, AWS Certified", "PMP, AWS Certified",
      "ungrounded:Certifications", 131, "one element of a list" },
    { "skills", "[\"Python\",\"Rust\",\"SQL\"]", "Skill3", "SQL", "SQL",
      "ungrounded:Skill2", 122, "the others keep their places" },
    { "summary", "\"An astronaut.\"", "Summary", "An astronaut.",
      "An astronaut.", "", -1, "what isn't grounded isn't looked for" },
};

static void check_grounding(struct values *v, enum grounding_policy policy)
{
    struct strbuf answer, flags;
    struct error err;
    char detail[256];
    size_t i;

    strbuf_init(&answer, MIB);
    strbuf_init(&flags, MIB);
    values_set_grounding(v, policy);
    for (i = 0; i < ARRAY_LEN(ground_cases); i++) {
        const struct ground_case *c = &ground_cases[i];
        enum values_outcome outcome = VALUES_EMPTY;
        const char *want = policy == GROUNDING_NULL ? c->nulled : c->flagged;

        make_answer(&answer, c->member, c->value);
        strbuf_clear(&flags);
        if (!values_read(v, answer.data, answer.len, resume, strlen(resume),
                         NOW, &outcome, detail, &err))
            tap_note("%s", err.message);
        values_flags(v, &flags);
        is_str(value_of(v, c->column), want, "%s", c->why);
        if (policy == GROUNDING_OFF) {
            is_str(flags.data, "", "nothing is looked for");
            continue;
        }
        is_str(flags.data, c->flags, "its flags");
        if (!c->flags[0] || c->at >= 0)
            is_int(values_at(v, column_at(c->column))->found_at, c->at,
                   "where it was found");
    }
    strbuf_release(&answer);
    strbuf_release(&flags);
}

static void values_rest_on_the_resume(void)
{
    struct values *v = NULL;
    struct error err;

    if (!ok(values_new(&v, profile, NULL, &err), "without targets"))
        return;
    check_grounding(v, GROUNDING_FLAG);
    check_grounding(v, GROUNDING_NULL);
    check_grounding(v, GROUNDING_OFF);
    values_free(v);
}

int main(void)
{
    struct error err;

    if (!profile_open(&profile, "resume", &err)) {
        ok(false, "%s", err.message);
        return tap_done();
    }
    answers_become_values();
    every_outcome_is_its_own();
    hostile_answers_get_a_reason();
    targets_shape_the_values();
    values_rest_on_the_resume();
    numbers_are_held_against_the_dates();
    profile_close(profile);
    return tap_done();
}
