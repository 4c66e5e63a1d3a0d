#include "db/script.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "db/odbc.h"
#include "db/scan.h"
#include "db/statements.h"

/* The length of what ends a statement at s: ";" before a line's end, or a
 * line of GO; 0 = nothing does. */
static size_t ending(const char *text, size_t at)
{
    const char *s = text + at;
    size_t blanks;

    if (*s == ';') {
        blanks = strspn(s + 1, " \t\r");
        return s[1 + blanks] == '\n' || s[1 + blanks] == '\0' ? 1 + blanks : 0;
    }
    if ((at == 0 || text[at - 1] == '\n') && strncasecmp(s, "GO", 2) == 0) {
        blanks = strspn(s + 2, " \t\r;");
        return s[2 + blanks] == '\n' || s[2 + blanks] == '\0' ? 2 + blanks : 0;
    }
    return 0;
}

static bool is_blank(const char *s, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (!strchr(" \t\r\n", s[i]))
            return false;
    return true;
}

/* One statement from *at, which may be empty. */
static void take(const char *text, size_t end, enum db_engine engine,
                 size_t *at, const char **from, size_t *len)
{
    size_t i = *at, length;

    *from = text + i;
    while (i < end && (length = ending(text, i)) == 0) {
        sql_scan(text + i, end - i, engine, &length, NULL);
        i += length;
    }
    *len = (size_t)(text + i - *from);
    *at = i < end ? i + ending(text, i) : end;
}

bool script_next(const char *text, enum db_engine engine, size_t *at,
                 const char **from, size_t *len)
{
    size_t end = strlen(text);

    while (*at < end) {
        take(text, end, engine, at, from, len);
        if (is_blank(*from, *len))
            continue;
        while (strchr(" \t\r\n", **from)) {
            (*from)++;
            (*len)--;
        }
        return true;
    }
    return false;
}

static bool no_script(const struct db *db, const char *script,
                      struct error *err)
{
    return error_exit(err, ERROR_SETUP, EXIT_DATABASE,
                      "there is no script %s for %s", script,
                      dialect_of(db->engine)->title);
}

static bool expand(struct db *db, const char *script, struct strbuf *out,
                   struct error *err)
{
    const char *text = statement_text(script, db->engine);

    if (!text)
        return no_script(db, script, err);
    if (!statement_expand(text, db->engine, &db->names, out, err))
        return error_context(err, "script %s", script);
    return true;
}

static bool run_all(struct db *db, const char *script, const char *text,
                    struct error *err)
{
    const char *from;
    size_t at = 0, len;
    char *copy;
    bool ok = true;

    while (ok && script_next(text, db->engine, &at, &from, &len)) {
        copy = strndup(from, len);
        ok = copy ? odbc_direct(db, script, copy, err) : error_memory(err);
        free(copy);
    }
    return ok;
}

bool db_run_script(struct db *db, const char *script, struct error *err)
{
    struct strbuf text;
    bool ok;

    strbuf_init(&text, STATEMENT_CEILING);
    ok = expand(db, script, &text, err) && run_all(db, script, text.data, err);
    strbuf_release(&text);
    return ok;
}

/* psql has no GO. */
static void drop_go(const char *text, struct strbuf *out)
{
    while (*text) {
        size_t len = strcspn(text, "\n");

        if (len != 2 || strncasecmp(text, "GO", 2) != 0)
            strbuf_add(out, text, len + (text[len] == '\n'));
        text += len + (text[len] == '\n');
    }
}

bool db_script_text(struct db *db, const char *script, struct strbuf *out,
                    struct error *err)
{
    const char *text = statement_text(script, db->engine);
    struct strbuf all;
    bool ok;

    if (!text)
        return no_script(db, script, err);
    if (db->engine == DB_MSSQL)
        return statement_print(text, db->engine, &db->names, out, err);
    strbuf_init(&all, STATEMENT_CEILING);
    ok = statement_print(text, db->engine, &db->names, &all, err);
    if (ok)
        drop_go(all.data, out);
    strbuf_release(&all);
    return ok;
}

/* Those that make tables are init's to print. */
static bool is_ddl(const char *name)
{
    static const char *const scripts[] = { "grants", "grants_schema",
                                           "schema_make", "source_make",
                                           "source_add" };
    size_t i;

    for (i = 0; i < ARRAY_LEN(scripts); i++)
        if (strcmp(scripts[i], name) == 0)
            return true;
    return name[0] >= '0' && name[0] <= '9';
}

const char *db_statement_name(const struct db *db, size_t index)
{
    const char *own = dialect_of(db->engine)->name, *name, *dialect;
    const char *before = "";
    size_t i;

    /* Variants of one name stand side by side. */
    for (i = 0; statement_file(i, &name, &dialect); i++) {
        if (is_ddl(name) || strcmp(name, before) == 0 ||
            (dialect[0] && strcmp(dialect, own) != 0))
            continue;
        before = name;
        if (index-- == 0)
            return name;
    }
    return NULL;
}

bool db_parameters(struct db *db, const char *statement, struct strbuf *out,
                   struct error *err)
{
    const char *text = statement_text(statement, db->engine);
    struct statement s;
    size_t i;

    if (!text)
        return no_script(db, statement, err);
    if (!statement_make(text, db->engine, &db->names, &s, err))
        return error_context(err, "statement %s", statement);
    for (i = 0; i < s.parameter_count; i++)
        strbuf_addf(out, "%s%s", i ? " " : "", s.parameters[i]);
    statement_release(&s);
    return true;
}
