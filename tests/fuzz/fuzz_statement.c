/*
 * Text of SQL from files and settings: as many ? as parameters and none
 * else, quotes that close; a quoted name is one token whatever is in it; a
 * script's parts come in order; a password in a connection string comes out
 * as it went in and changes nothing beside it.
 */
#include "db/attributes.h"
#include "db/connect.h"
#include "db/dialect.h"
#include "db/scan.h"
#include "db/script.h"
#include "db/statement.h"
#include "tests/fuzz/fuzz.h"

static struct names names;
static struct error err;

static void set_up(const char *fragment)
{
    static const struct db_column columns[] = {
        { "First Name", "FirstName", "nvarchar(100)", 0 },
        { "Email", "Email", "nvarchar(255)", 1 },
    };

    fuzz_check(names_set(&names, "where", fragment, true, &err));
    if (names.name_count > 1)
        return;
    fuzz_check(names_set(&names, "item", "\"item\"", false, &err));
    fuzz_check(names_set_list(&names, "values", columns, 2, &err));
}

static void parameters_are_counted(const struct statement *s,
                                   enum db_engine engine)
{
    size_t len = strlen(s->sql), i, length, marks = 0;
    bool open = false;

    for (i = 0; i < len; i += length) {
        enum sql_token token =
            sql_scan(s->sql + i, len - i, engine, &length, &open);

        fuzz_check(length > 0 && !open);
        fuzz_check(token != SQL_TOKEN_COMMENT);
        marks += token == SQL_TOKEN_CODE && s->sql[i] == '?';
    }
    fuzz_check(marks == s->parameter_count);
    for (i = 0; i < s->parameter_count; i++)
        fuzz_check(s->parameters[i][0] && !strchr(s->parameters[i], ':'));
}

static void a_statement_is_sound(const char *text, enum db_engine engine)
{
    struct statement s;

    if (!statement_make(text, engine, &names, &s, &err)) {
        fuzz_check(err.kind == ERROR_SETUP && err.message[0] && !s.sql);
        return;
    }
    parameters_are_counted(&s, engine);
    statement_release(&s);
}

static void a_name_is_one_token(const char *text, enum db_engine engine)
{
    struct strbuf out;
    size_t length;
    bool open;

    strbuf_init(&out, MIB);
    if (dialect_quote(engine, text, &out, &err)) {
        fuzz_check(sql_scan(out.data, out.len, engine, &length, &open) ==
                   SQL_TOKEN_QUOTED);
        fuzz_check(length == out.len && !open);
    }
    strbuf_clear(&out);
    (void)!dialect_quote_dotted(engine, text, &out, &err);
    strbuf_release(&out);
}

static void a_script_has_an_order(const char *text, enum db_engine engine)
{
    const char *from, *end = text;
    size_t at = 0, len, before = 0;

    while (script_next(text, engine, &at, &from, &len)) {
        fuzz_check(at > before && len > 0);
        fuzz_check(from >= end && from + len <= text + strlen(text));
        end = from + len;
        before = at;
    }
}

static void a_password_stays_one(const char *text)
{
    const struct db_settings s = { .server = (char *)"host",
                                   .database = (char *)"d",
                                   .password = (char *)text };
    enum db_engine engine;
    struct strbuf string, value;
    bool known;

    strbuf_init(&string, 32 * KIB);
    strbuf_init(&value, 32 * KIB);
    if (text[0] && connect_string(&s, &string, &engine, &known, &err)) {
        fuzz_check(attributes_value(string.data, "PWD", &value));
        fuzz_check(strcmp(value.data, text) == 0);
        strbuf_clear(&value);
        fuzz_check(attributes_value(string.data, "APP", &value) &&
                   strcmp(value.data, "vitae") == 0);
    }
    strbuf_release(&string);
    strbuf_release(&value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    int engine;

    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    set_up(text);
    for (engine = 0; engine < DB_ENGINES; engine++) {
        a_statement_is_sound(text, (enum db_engine)engine);
        a_statement_is_sound("SELECT {where} FROM {item}",
                             (enum db_engine)engine);
        a_name_is_one_token(text, (enum db_engine)engine);
        a_script_has_an_order(text, (enum db_engine)engine);
    }
    a_password_stays_one(text);
    free(text);
    return 0;
}
