#include "base/file.h"
#include "base/jsonr.h"
#include "extract/columns.h"
#include "extract/profile.h"
#include "extract/rules.h"
#include "extract/schema.h"
#include "tests/folder.h"
#include "tests/tap.h"

static const char *const files[] = { "profile.json", "prompt.md", "schema.json",
                                     "columns.json" };

static bool read_whole(const char *path, struct strbuf *b)
{
    struct error err;

    strbuf_clear(b);
    return file_read(path, b, &err);
}

/* The shipped profile's files into ./p, one of them with a change. */
static void write_profile(const char *file, const char *from, const char *to)
{
    struct strbuf text, out, path;
    struct error err;
    size_t i;

    strbuf_init(&text, MIB);
    strbuf_init(&out, MIB);
    strbuf_init(&path, 4096);
    if (!file_make_folder("p", &err))
        tap_note("%s", err.message);
    for (i = 0; i < ARRAY_LEN(files); i++) {
        const char *at = NULL;

        strbuf_clear(&path);
        strbuf_addf(&path, "%s/profiles/resume/%s", getenv("VITAE_DATADIR"),
                    files[i]);
        if (!read_whole(path.data, &text))
            tap_note("no %s", path.data);
        strbuf_clear(&out);
        if (file && !strcmp(files[i], file))
            at = strstr(text.data, from);
        if (at) {
            strbuf_add(&out, text.data, (size_t)(at - text.data));
            strbuf_adds(&out, to);
            strbuf_adds(&out, at + strlen(from));
        } else {
            strbuf_adds(&out, text.data);
        }
        if (file && !strcmp(files[i], file) && !at)
            ok(false, "\"%s\" is in %s", from, file);
        strbuf_clear(&path);
        strbuf_addf(&path, "p/%s", files[i]);
        if (!file_write(path.data, out.data, out.len, &err))
            tap_note("%s", err.message);
    }
    strbuf_release(&text);
    strbuf_release(&out);
    strbuf_release(&path);
}

static const struct column *find_column(const struct profile *p,
                                        const char *name)
{
    static const struct column none = { .pointer = NULL };
    size_t i;

    for (i = 0; i < p->column_count; i++)
        if (!strcmp(p->columns[i].name, name))
            return &p->columns[i];
    return &none;
}

/* Every column of the table, LengthinUS mapped but off. */
static void the_resume_profile_maps_the_whole_table(void)
{
    struct profile *p;
    struct error err;

    if (!ok(profile_open(&p, "resume", &err), "it opens by name")) {
        tap_note("%s", err.message);
        return;
    }
    is_int(p->column_count, 79, "79 columns");
    is_str(find_column(p, "SeventhMostRecentEndDate")->pointer,
           "/positions/6/end", "a range counts the pointer along");
    is_int(find_column(p, "SeventhMostRecentEndDate")->role, ROLE_END,
           "dates knows the ends");
    is_int(find_column(p, "Email2")->rule, COLUMN_FILL,
           "contact columns are filled only");
    is_int(find_column(p, "Skill10")->position, 10, "Skill10 is the tenth");
    ok(!find_column(p, "LengthinUS")->enabled, "LengthinUS is off");
    ok(find_column(p, "FirstName")->grounded, "names are grounded");
    ok(find_column(p, "SecondMostRecentCompany")->grounded,
       "grounded pointers hold for all positions");
    ok(!find_column(p, "Summary")->grounded, "a summary isn't grounded");
    is_str(p->custom_id_prefix, "unified_", "the prefix of custom_id");
    is_int(strlen(p->hash), 64, "it has a hash");
    ok(!strchr(p->schema_text, '\n') && !strstr(p->schema_text, "maxItems"),
       "the schema is minimal and has no bounds");
    ok(strstr(p->schema_bounded, "\"positions\":{\"maxItems\":7,"),
       "the bounded schema counts the positions");
    ok(strstr(p->schema_bounded,
              "\"years_of_experience\":{\"minimum\":0,\"maximum\":70,"
              "\"type\":[\"integer\",\"null\"]}"),
       "and bounds the numbers, which must be whole for that");
    ok(strstr(p->schema_text, "\"years_of_experience\":{\"type\":[\"number\""),
       "the schema itself takes fractions");
    ok(strlen(p->system) < 3000, "the prompt is short");
    profile_close(p);
}

struct lint_case {
    const char *file, *from, *to;
    const char *message; /* how it begins, after the path */
    const char *why;
};

static const struct lint_case lint_cases[] = {
    { "profile.json", "\"version\": \"1\",", "\"version\": 1,",
      "profile.json:3: must be a text", "types are checked" },
    { "profile.json", "\"about\"", "\"abuot\"",
      "profile.json:4: a profile has no member \"abuot\"",
      "a slip of the pen is found" },
    { "profile.json", "\"name\": \"resume\",", "",
      "profile.json:1: needs \"name\" and \"version\"", "it has a name" },
    { "profile.json", "\"unified_\"", "\"uni fied\"",
      "profile.json:6: must be letters, digits", "custom_id is narrow" },
    { "profile.json", "0.2", "7", "profile.json:7: must be a number from 0",
      "temperature has a range" },
    { "profile.json", "/positions/{i}/start", "/position/{i}/start",
      "profile.json:10: the schema has nothing at \"/position/0/start\"",
      "dates must lead somewhere" },
    { "profile.json", "\"/first_name\",", "\"/fist_name\",",
      "profile.json:16: the schema has nothing at \"/fist_name\"",
      "grounded must lead somewhere" },
    { "profile.json", "]\n}", "]\n", "profile.json:", "cut off" },
    { "schema.json", "\"first_name\": {\"type\"",
      "\"first_name\": {\"pattern\": \"^A\", \"type\"",
      "schema.json:4: \"pattern\" is not in the strict subset", "no patterns" },
    { "schema.json", "\"type\": \"array\", \"items\": {\"type\": \"string\"}",
      "\"minItems\": 1, \"type\": \"array\", \"items\": {\"type\": "
      "\"string\"}",
      "schema.json:7: \"minItems\" is not in the strict subset", "no bounds" },
    { "schema.json", "[\"string\", \"null\"]", "[\"string\", \"nil\"]",
      "schema.json:4: no such type", "types are known words" },
    { "schema.json", "\"required\": [\"company\", ", "\"required\": [",
      "schema.json:27: required must list all properties",
      "everything is required" },
    { "schema.json", "\"additionalProperties\": false\n      }",
      "\"additionalProperties\": true\n      }",
      "schema.json:28: additionalProperties must be false",
      "nothing else is allowed" },
    { "schema.json", "\"first_name\": {", "\"last_name\": {",
      "schema.json:6: a member's name comes twice", "duplicates are found" },
    { "columns.json", "\"from\": \"/first_name\"", "\"from\": \"/firstname\"",
      "columns.json:10: the schema has nothing at \"/firstname\"",
      "a bad pointer" },
    { "columns.json", "\"from\": \"/first_name\"", "\"from\": \"first_name\"",
      "columns.json:10: a pointer begins with a slash",
      "a pointer is a pointer" },
    { "columns.json", "\"column\": \"LastName\"", "\"column\": \"FIRSTNAME\"",
      "columns.json:12: column \"FIRSTNAME\" comes twice",
      "a column twice; databases ignore case" },
    { "columns.json", "\"Phone{1..2}\"", "\"Email{2..3}\"",
      "columns.json:15: column \"Email2\" comes twice",
      "a range meets a single column" },
    { "columns.json", "\"type\": \"list\"", "\"type\": \"lost\"",
      "columns.json:24: must be one of text, list, month, number, boolean",
      "an unknown type" },
    { "columns.json", "\"from\": \"/certifications\", \"type\": \"list\"",
      "\"from\": \"/certifications\"",
      "columns.json:24: in the schema \"/certifications\" is no string",
      "the type must fit the schema" },
    { "columns.json", "\"from\": \"/bachelors\"",
      "\"from\": \"/bachelors\", \"type\": \"number\"",
      "columns.json:22: in the schema \"/bachelors\" is no number",
      "a number from a text" },
    { "columns.json", "[\"name\"]", "[\"nmae\"]",
      "columns.json:10: no rule named \"nmae\"", "an unknown rule" },
    { "columns.json", "{job}Company", "{jobs}Company",
      "columns.json:26: no list named \"jobs\"", "an unknown list" },
    { "columns.json", "{1..10}", "{10..1}",
      "columns.json:34: the column's range is empty", "a range backwards" },
    { "columns.json", "{1..10}", "{1..10", "columns.json:34: the column's name",
      "a brace without its partner" },
    { "columns.json", "\"from\": \"/skills/{i}\"", "\"from\": \"/skills/0\"",
      "columns.json:34: {i} in from goes with a range",
      "a range without {i} would repeat one value" },
    { "columns.json", "\"write\": \"fill\"", "\"write\": \"filled\"",
      "columns.json:10: must be one of overwrite, fill, never",
      "an unknown way to write" },
    { "columns.json", "\"min\": 0, \"max\": 70", "\"min\": 70, \"max\": 0",
      "columns.json:42: min must be less than max", "bounds in order" },
    { "columns.json", "\"width\": 100", "\"width\": 0",
      "columns.json:10: must be a whole number", "no width of 0" },
    { "columns.json", "\"width\": 100", "\"with\": 100",
      "columns.json:10: columns have no member \"with\"", "another slip" },
};

static void check_lint(const struct lint_case *c)
{
    struct profile *p = NULL;
    struct error err;
    bool opened;

    error_clear(&err);
    if (c->message[0])
        write_profile(c->file, c->from, c->to);
    else
        write_profile(NULL, NULL, NULL);
    opened = profile_open(&p, "p", &err);
    if (!c->message[0]) {
        ok(opened, "%s", c->why);
    } else {
        ok(!opened && err.kind == ERROR_SETUP && err.exit == EXIT_SETTINGS &&
               !strncmp(err.message, "p/", 2) &&
               !strncmp(err.message + 2, c->message, strlen(c->message)),
           "%s", c->why);
        if (strncmp(err.message + 2, c->message, strlen(c->message)) != 0)
            tap_note("%s", opened ? "it opened" : err.message);
    }
    profile_close(p);
}

static void faults_name_file_line_and_reason(void)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(lint_cases); i++)
        check_lint(&lint_cases[i]);
}

static void a_missing_file_or_profile_is_named(void)
{
    struct profile *p;
    struct error err;

    ok(!profile_open(&p, "nowhere", &err) && err.exit == EXIT_SETTINGS &&
           strstr(err.message, "\"nowhere\""),
       "an unknown profile is named");
    write_profile(NULL, NULL, NULL);
    if (!file_remove("p/prompt.md", &err))
        tap_note("%s", err.message);
    ok(!profile_open(&p, "p", &err) && err.exit == EXIT_SETTINGS &&
           strstr(err.message, "prompt.md"),
       "a missing file is named");
}

static void every_file_counts_for_the_hash(void)
{
    char first[65];
    struct profile *p;
    struct error err;

    write_profile(NULL, NULL, NULL);
    if (!ok(profile_open(&p, "p", &err), "the copy opens"))
        return;
    snprintf(first, sizeof(first), "%s", p->hash);
    profile_close(p);
    write_profile("prompt.md", "resume", "Resume");
    if (!ok(profile_open(&p, "p", &err), "the changed copy opens"))
        return;
    ok(strcmp(first, p->hash) != 0, "a changed prompt changes the hash");
    profile_close(p);
}

/* The first fault of the schema by the provider's own subset in *lint. */
static bool takes(const char *provider, const struct profile *p,
                  struct schema_lint *lint)
{
    struct json_doc *doc = json_doc_new();
    const struct json_node *root = NULL;
    struct error err;
    bool good;

    if (doc)
        root =
            json_read(doc, p->schema_text, strlen(p->schema_text), NULL, &err);
    good = root && schema_lint(root, provider, lint);
    json_doc_free(doc);
    return good;
}

static void every_provider_takes_the_shipped_profiles(void)
{
    static const char *const providers[] = { "openai", "azure", "gemini",
                                             "anthropic", "local" };
    static const char *const names[] = { "resume", "score", "news" };
    size_t i, j;

    for (i = 0; i < ARRAY_LEN(names); i++) {
        struct profile *p;
        struct error err;
        struct schema_lint lint = { .faults = 0 };

        if (!ok(profile_open(&p, names[i], &err), "%s opens", names[i])) {
            tap_note("%s", err.message);
            continue;
        }
        for (j = 0; j < ARRAY_LEN(providers); j++) {
            ok(takes(providers[j], p, &lint), "%s: %s takes it", names[i],
               providers[j]);
            is_str(lint.first, "", "without a word");
        }
        profile_close(p);
    }
}

static void the_manual_tells_every_rule(void)
{
    struct strbuf path, text, line;
    size_t i;

    strbuf_init(&path, 4096);
    strbuf_init(&text, MIB);
    strbuf_init(&line, KIB);
    strbuf_addf(&path, "%s/profiles/README", getenv("VITAE_DATADIR"));
    ok(read_whole(path.data, &text), "there is a manual");
    for (i = 0; i < rules_count; i++) {
        strbuf_clear(&line);
        strbuf_addf(&line, "\n                 %-10s ", rules[i].name);
        ok(strstr(text.data, line.data), "it tells of %s", rules[i].name);
    }
    strbuf_release(&path);
    strbuf_release(&text);
    strbuf_release(&line);
}

static void patterns_of_pointers_match(void)
{
    ok(pointer_fits("/a/12/b", "/a/{i}/b"), "{i} is any index");
    ok(!pointer_fits("/a/x/b", "/a/{i}/b"), "but digits only");
    ok(!pointer_fits("/a/1/bc", "/a/{i}/b"), "to the end");
    ok(!pointer_fits("/a/1", "/a/{i}/b"), "and not shorter");
}

int main(void)
{
    the_resume_profile_maps_the_whole_table();
    every_provider_takes_the_shipped_profiles();
    the_manual_tells_every_rule();
    folder_enter();
    faults_name_file_line_and_reason();
    a_missing_file_or_profile_is_named();
    every_file_counts_for_the_hash();
    patterns_of_pointers_match();
    return tap_done();
}
