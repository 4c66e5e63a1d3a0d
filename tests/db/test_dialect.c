#include "db/dialect.h"

#include <string.h>

#include "tests/tap.h"

static struct error err;

static const struct {
    const char *why;
    const char *name;
    const char *sqlite, *mssql; /* NULL = refused */
} cases[] = {
    { "a plain name", "aicandidate", "\"aicandidate\"", "[aicandidate]" },
    { "a schema", "dbo.aicandidate", "\"dbo\".\"aicandidate\"",
      "[dbo].[aicandidate]" },
    { "a database too", "hr.dbo.aicandidate", "\"hr\".\"dbo\".\"aicandidate\"",
      "[hr].[dbo].[aicandidate]" },
    { "quotes are doubled", "a\"b]c", "\"a\"\"b]c\"", "[a\"b]]c]" },
    { "a quoted part may hold dots", "[a.b].c", "\"a.b\".\"c\"", "[a.b].[c]" },
    { "and quotes", "\"a\"\"b\".c", "\"a\"\"b\".\"c\"", "[a\"b].[c]" },
    { "blanks belong to a name", "my table", "\"my table\"", "[my table]" },
    { "so do statements", "t; DROP TABLE x--", "\"t; DROP TABLE x--\"",
      "[t; DROP TABLE x--]" },
    { "CJK", "\xe5\xb1\xa5\xe5\x8e\x86", "\"\xe5\xb1\xa5\xe5\x8e\x86\"",
      "[\xe5\xb1\xa5\xe5\x8e\x86]" },
    { "nothing", "", NULL, NULL },
    { "an empty part", "dbo.", NULL, NULL },
    { "an open quote", "[dbo", NULL, NULL },
    { "something behind a quote", "[dbo]x.y", NULL, NULL },
    { "a control character", "a\nb", NULL, NULL },
    { "bytes that are no text", "a\xff", NULL, NULL },
    { "what drivers take for a parameter", "a?", NULL, NULL },
    { "too many parts", "a.b.c.d.e", NULL, NULL },
};

static void quotes_as(enum db_engine engine, size_t i, const char *want)
{
    struct strbuf out;
    bool good;

    strbuf_init(&out, 4 * KIB);
    good = dialect_quote_dotted(engine, cases[i].name, &out, &err);
    if (want)
        is_str(out.data, want, "%s: %s", dialect_of(engine)->title,
               cases[i].why);
    else
        ok(!good && err.exit == EXIT_SETTINGS, "%s is refused: %s",
           cases[i].why, err.message);
    strbuf_release(&out);
}

static void names_are_quoted(void)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        quotes_as(DB_SQLITE, i, cases[i].sqlite);
        quotes_as(DB_MSSQL, i, cases[i].mssql);
    }
}

static void a_long_name_is_refused(void)
{
    char name[200];
    struct strbuf out;

    memset(name, 'x', sizeof(name));
    name[129] = '\0';
    strbuf_init(&out, 4 * KIB);
    ok(!dialect_quote(DB_MSSQL, name, &out, &err), "129 characters: %s",
       err.message);
    name[128] = '\0';
    ok(dialect_quote(DB_MSSQL, name, &out, &err), "128 are fine");
    strbuf_release(&out);
}

static void own(enum db_engine engine, const char *schema, const char *prefix,
                const char *brace, const char *want)
{
    struct names names = NAMES_EMPTY;
    const struct name *name;

    if (!ok(dialect_own_names(&names, engine, schema, prefix, &err), "named"))
        return;
    name = names_find(&names, brace, strlen(brace));
    is_str(name ? name->text : NULL, want, "%s %s %s",
           dialect_of(engine)->title, prefix, brace);
    names_release(&names);
}

static void our_tables_have_names(void)
{
    struct names names = NAMES_EMPTY;

    own(DB_SQLITE, NULL, "aicandidate", "status", "\"aicandidateBatchStatus\"");
    own(DB_SQLITE, NULL, NULL, "item", "\"aicandidateBatchItem\"");
    own(DB_MSSQL, "hr", "aicandidate", "status",
        "[hr].[aicandidateBatchStatus]");
    /* So that SELECT * FROM aicandidateBatchStatus works unquoted. */
    own(DB_POSTGRESQL, NULL, "aicandidate", "status",
        "\"aicandidatebatchstatus\"");
    own(DB_POSTGRESQL, "HR", "vitae", "claim", "\"HR\".\"vitaebatchclaim\"");
    own(DB_MSSQL, "hr", "aicandidate", "index_item_user",
        "[aicandidateBatchItem_user]");
    own(DB_SQLITE, NULL, "aicandidate", "cost_view", "\"vitae_cost\"");
    own(DB_SQLITE, NULL, "second", "cost_view", "\"second_vitae_cost\"");
    ok(!dialect_own_names(&names, DB_SQLITE, NULL, "a\nb", &err) &&
           strstr(err.message, "database.prefix"),
       "a bad prefix is named: %s", err.message);
    names_release(&names);
}

static void every_macro_is_there_for_all(void)
{
    static const char *const words[] = { "now",     "now+",  "since",   "top",
                                         "limit",   "whole", "as_text", "ascii",
                                         "unicode", "long",  "time",    "money",
                                         "serial" };
    size_t i;
    int e;

    for (i = 0; i < ARRAY_LEN(words); i++)
        for (e = 0; e < DB_ENGINES; e++) {
            const struct dialect_macro *m =
                dialect_macro(words[i], strlen(words[i]));

            ok(m && m->text[e], "{%s} for %s", words[i],
               dialect_of((enum db_engine)e)->title);
        }
    ok(!dialect_macro("nowhere", 7) && !dialect_macro("no", 2),
       "other words are none");
}

int main(void)
{
    names_are_quoted();
    a_long_name_is_refused();
    our_tables_have_names();
    every_macro_is_there_for_all();
    return tap_done();
}
