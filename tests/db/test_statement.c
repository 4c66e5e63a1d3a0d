#include "db/statement.h"

#include <string.h>

#include "db/scan.h"
#include "tests/tap.h"

static struct names names;
static struct error err;

static void set_up(void)
{
    static const struct db_column columns[] = {
        { "First Name", "FirstName", "nvarchar(100)", 0 },
        { "Email", "Email", "nvarchar(255)", 1 },
        { "Skill\"1", "Skill1", "nvarchar(max)", 0 },
    };

    ok(names_set(&names, "item", "\"aicandidateBatchItem\"", false, &err) &&
           names_set(&names, "key", "[user id]", false, &err) &&
           names_set(&names, "where", "AND (c.{key} > 5)", true, &err) &&
           names_set(&names, "nothing", "", true, &err) &&
           names_set(&names, "inner", "{each values \"\"}x{end}", true, &err) &&
           names_set(&names, "circle", "x {circle}", true, &err) &&
           names_set_list(&names, "values", columns, ARRAY_LEN(columns), &err),
       "names are set");
}

static const struct {
    const char *why;
    enum db_engine engine;
    const char *text;
    const char *sql;        /* NULL = refused */
    const char *parameters; /* or a word of the refusal */
} cases[] = {
    { "a parameter", DB_SQLITE, "SELECT :a", "SELECT ?", "a" },
    { "each time it occurs", DB_SQLITE, "SELECT :a + :b + :a",
      "SELECT ? + ? + ?", "a b a" },
    { "not within a string", DB_SQLITE, "SELECT ':a', ':b', 'it''s :c', :d",
      "SELECT ':a', ':b', 'it''s :c', ?", "d" },
    { "not within a name", DB_SQLITE, "SELECT \":a\"\":b\", :c",
      "SELECT \":a\"\":b\", ?", "c" },
    { "nor SQL Server's", DB_MSSQL, "SELECT [:a]]:b], :c", "SELECT [:a]]:b], ?",
      "c" },
    { "PostgreSQL's arrays are code", DB_POSTGRESQL, "SELECT a[:i]",
      "SELECT a[?]", "i" },
    { "nor is a cast one", DB_POSTGRESQL, "SELECT x::int, :a::text",
      "SELECT x::int, ?::text", "a" },
    { "nor a colon and a number", DB_POSTGRESQL, "SELECT a[1:2]",
      "SELECT a[1:2]", "" },
    { "nor one in a comment", DB_SQLITE, "SELECT 1 -- isn't :a\n , :b",
      "SELECT 1\n , ?", "b" },
    { "comments nest", DB_POSTGRESQL, "SELECT /* a /* b */ ':c */ :d",
      "SELECT   ?", "d" },
    { "a comment's marks in a string are text", DB_SQLITE,
      "SELECT '--', '/*', :a", "SELECT '--', '/*', ?", "a" },
    { "a name", DB_SQLITE, "SELECT * FROM {item}",
      "SELECT * FROM \"aicandidateBatchItem\"", "" },
    { "a fragment with a name", DB_MSSQL, "SELECT 1 {where}",
      "SELECT 1 AND (c.[user id] > 5)", "" },
    { "an empty fragment", DB_SQLITE, "a{nothing}b", "ab", "" },
    { "now is the engine's", DB_MSSQL, "SELECT {now}",
      "SELECT SYSUTCDATETIME()", "" },
    { "now and a bit", DB_SQLITE, "SELECT {now+:lease}",
      "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now', ? || ' seconds')", "lease" },
    { "an argument with a name", DB_SQLITE, "SELECT {since c.{key}}, 1",
      "SELECT ((julianday('now') - julianday(c.[user id])) * 86400.0), 1", "" },
    { "which some engines leave alone", DB_POSTGRESQL, "SELECT {whole c.{key}}",
      "SELECT c.[user id]", "" },
    { "TOP", DB_MSSQL, "SELECT {top :n} 1{limit :n}", "SELECT TOP (?) 1", "n" },
    { "or LIMIT", DB_POSTGRESQL, "SELECT {top :n} 1 {limit :n}",
      "SELECT  1 LIMIT ?", "n" },
    { "a list", DB_SQLITE, "SELECT {each values \", \"}{column} = :{path}{end}",
      "SELECT \"First Name\" = ?, \"Email\" = ?, \"Skill\"\"1\" = ?",
      "FirstName Email Skill1" },
    { "quoted by the engine", DB_MSSQL, "{each values \" \"}{column}{end}",
      "[First Name] [Email] [Skill\"1]", "" },
    { "a part of it by its rule", DB_SQLITE,
      "{each values:1 \"\"}{index} {path} {type};{end}",
      "1 Email nvarchar(255);", "" },
    { "a separator of quotes and braces", DB_SQLITE,
      "'{' || {each values:0 \" || ',}' || \"}'\"{path}\":'{end} || '}'",
      "'{' || '\"FirstName\":' || ',}' || '\"Skill1\":' || '}'", "" },
    { "an unknown word in a string is text", DB_SQLITE, "SELECT '{unknown}'",
      "SELECT '{unknown}'", "" },
    { "a brace that is none", DB_SQLITE, "SELECT '{', '{\"a\":1}'",
      "SELECT '{', '{\"a\":1}'", "" },
    { "elsewhere it is a slip", DB_SQLITE, "SELECT {unknown}", NULL,
      "unknown" },
    { "a macro needs its argument", DB_SQLITE, "SELECT {since}", NULL,
      "argument" },
    { "and takes no other", DB_SQLITE, "SELECT {now :x}", NULL, "argument" },
    { "a name takes none", DB_SQLITE, "SELECT {item x}", NULL, "argument" },
    { "a list must have an end", DB_SQLITE, "{each values \"\"}x", NULL,
      "end" },
    { "and be known", DB_SQLITE, "{each other \"\"}x{end}", NULL, "list" },
    { "and have a separator", DB_SQLITE, "{each values}x{end}", NULL,
      "SEPARATOR" },
    { "lists don't nest", DB_SQLITE, "{each values \"\"}{inner}{end}", NULL,
      "within" },
    { "a circle is noticed", DB_SQLITE, "{circle}", NULL, "itself" },
    { "a ? is refused", DB_POSTGRESQL, "SELECT a ? 'b'", NULL, "?" },
    { "but not in a string", DB_POSTGRESQL, "SELECT 'a ?'", "SELECT 'a ?'",
      "" },
    { "an open quote is refused", DB_SQLITE, "SELECT 'a", NULL, "closed" },
    { "blank lines and ends go", DB_SQLITE,
      "-- all\n\nSELECT 1  \n\n  FROM x\n", "SELECT 1\n  FROM x", "" },
};

static void join(const struct statement *s, struct strbuf *out)
{
    size_t i;

    for (i = 0; i < s->parameter_count; i++)
        strbuf_addf(out, "%s%s", i ? " " : "", s->parameters[i]);
}

static void statements_are_made(void)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        struct statement s;
        struct strbuf parameters;

        if (!statement_make(cases[i].text, cases[i].engine, &names, &s, &err)) {
            ok(!cases[i].sql && strstr(err.message, cases[i].parameters) &&
                   err.kind == ERROR_SETUP && !s.sql,
               "%s: %s", cases[i].why, err.message);
            continue;
        }
        strbuf_init(&parameters, KIB);
        join(&s, &parameters);
        is_str(s.sql, cases[i].sql, "%s", cases[i].why);
        is_str(parameters.data, cases[i].sql ? cases[i].parameters : NULL,
               "%s: parameters", cases[i].why);
        strbuf_release(&parameters);
        statement_release(&s);
    }
}

static void selects_may_run_twice(void)
{
    static const struct {
        const char *text;
        bool repeatable;
    } marks[] = {
        { "SELECT 1", true },
        { "-- why\nselect 1", true },
        { "UPDATE t SET a = 1", false },
        { "-- repeatable\nUPDATE t SET a = 1", true },
    };
    struct statement s;
    size_t i;

    for (i = 0; i < ARRAY_LEN(marks); i++)
        if (ok(statement_make(marks[i].text, DB_SQLITE, &names, &s, &err),
               "made")) {
            is_int(s.is_repeatable, marks[i].repeatable, "%s", marks[i].text);
            statement_release(&s);
        }
}

static void names_are_checked(void)
{
    static const struct db_column bad_path = { "a", "a b", "int", 0 };
    static const struct db_column bad_type = { "a", "a", "int; DROP", 0 };

    ok(!names_set_list(&names, "bad", &bad_path, 1, &err),
       "a path that JSON would have to quote: %s", err.message);
    ok(!names_set_list(&names, "bad", &bad_type, 1, &err),
       "a type that is none: %s", err.message);
    ok(names_set(&names, "item", "other", false, &err) &&
           strcmp(names_find(&names, "item", 4)->text, "other") == 0,
       "a name set again is replaced");
    ok(names_set_list(&names, "values", NULL, 0, &err) &&
           names_find_list(&names, "values", 6)->count == 0,
       "so is a list");
}

static void a_printed_statement_keeps_its_comments(void)
{
    struct strbuf out;

    strbuf_init(&out, KIB);
    ok(statement_print("-- it's {the} table\nSELECT 1 FROM {item}", DB_SQLITE,
                       &names, &out, &err),
       "printed");
    is_str(out.data, "-- it's {the} table\nSELECT 1 FROM other",
           "with comments, for people");
    strbuf_release(&out);
}

int main(void)
{
    set_up();
    statements_are_made();
    selects_may_run_twice();
    names_are_checked();
    a_printed_statement_keeps_its_comments();
    names_release(&names);
    return tap_done();
}
