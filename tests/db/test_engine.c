/* What db/ promises, on each engine at hand: the same claims for all. */
#include "db/db.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/statements.h"
#include "tests/db/site.h"
#include "tests/folder.h"
#include "tests/tap.h"

static const char *extra(const char *name)
{
    static const char *const texts[][2] = {
        { "t_put", "INSERT INTO t (id, body) VALUES (:id, :body)" },
        { "t_put_late", "INSERT INTO t (id, body) VALUES (:id, :body)" },
        { "t_get", "SELECT body FROM t WHERE id = :id" },
        { "t_count", "SELECT COUNT(*) FROM t" },
        { "t_all", "SELECT id, body FROM t ORDER BY id" },
        { "t_touch", "UPDATE t SET body = body" },
        { "t_types", "SELECT CAST(:i AS bigint) + 1, CAST(:r AS float) * 2,"
                     " CAST(:t AS varchar(10)), CAST(:n AS varchar(10))" },
        { "t_whole", "SELECT {whole body} FROM t WHERE id = 91" },
        { "t_bad_select", "SELECT * FROM nowhere" },
        { "t_bad", "INSERT INTO nowhere VALUES (1)" },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(texts); i++)
        if (strcmp(texts[i][0], name) == 0)
            return texts[i][1];
    return NULL;
}

static struct error err;

static bool put(struct db *db, int64_t id, const char *body, size_t len)
{
    const struct db_value values[] = {
        db_text_len("body", body, len),
        db_integer("id", id),
    };

    return db_run(db, "t_put", values, ARRAY_LEN(values), NULL, &err);
}

struct expected {
    const char *body;
    size_t len;
    bool same;
};

static bool compare(void *context, const struct db_rows *row,
                    struct error *ignored)
{
    struct expected *e = context;
    size_t len;
    const char *text = db_rows_text(row, 0, &len);

    (void)ignored;
    e->same = text && len == e->len && memcmp(text, e->body, len) == 0;
    return true;
}

static bool comes_back(struct db *db, int64_t id, const char *body, size_t len)
{
    const struct db_value values[] = { db_integer("id", id) };
    struct expected e = { body, len, false };

    return db_each(db, "t_get", values, ARRAY_LEN(values), compare, &e, NULL,
                   &err) &&
           e.same;
}

static bool see_cut(void *context, const struct db_rows *row,
                    struct error *ignored)
{
    (void)ignored;
    *(bool *)context = db_rows_is_cut(row, 0);
    return true;
}

static bool is_cut(struct db *db, int64_t id)
{
    const struct db_value values[] = { db_integer("id", id) };
    bool cut = false;

    return db_each(db, "t_get", values, ARRAY_LEN(values), see_cut, &cut, NULL,
                   &err) &&
           cut;
}

static void text_comes_back_byte_for_byte(struct db *db)
{
    static const struct {
        const char *what, *body;
    } cases[] = {
        { "nothing", "" },
        { "quotes", "it's \"quoted\" ''twice''" },
        { "backslashes and newlines", "C:\\new\\table\nnext\r\n\tend\\" },
        { "CJK", "\xe4\xb8\xad\xe6\x96\x87\xe5\xb1\xa5\xe5\x8e\x86" },
        { "emoji",
          "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb \xf0\x9f\x98\x80" },
        { "what looks like a parameter", "? :name {brace} $1 %s" },
        { "statements", "'; DROP TABLE t; --" },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++)
        ok(put(db, (int64_t)i, cases[i].body, strlen(cases[i].body)) &&
               comes_back(db, (int64_t)i, cases[i].body, strlen(cases[i].body)),
           "%s", cases[i].what);
}

static void what_is_no_text_is_refused(struct db *db)
{
    static const struct {
        const char *what, *body;
        size_t len;
    } bad[] = {
        { "a byte of its own", "abc\xff", 4 },
        { "a sequence cut short", "abc\xe2\x82", 5 },
        { "a surrogate", "\xed\xa0\x80", 3 },
        { "overlong", "\xc0\xaf", 2 },
        { "a NUL", "a\0b", 3 },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(bad); i++)
        ok(!put(db, 90, bad[i].body, bad[i].len) && err.kind == ERROR_REJECT &&
               strcmp(err.code, "encoding") == 0,
           "%s is refused: %s", bad[i].what, err.message);
    ok(!comes_back(db, 90, "", 0) && put(db, 90, "x", 1),
       "and the connection goes on");
}

/* By others: SQLite takes anything for a text. */
static void a_nul_does_not_end_a_text(struct db *db)
{
    static const struct {
        const char *what, *stored, *want;
        size_t len;
    } cases[] = {
        { "a text with NULs", "CAST(x'610062C3A900' AS text)", "a\0b\xc3\xa9\0",
          6 },
        { "a blob", "x'C3A9'", "\xc3\xa9", 2 },
        { "a blob with a NUL", "x'6100'", "a\0", 2 },
        { "nothing but a NUL", "CAST(x'00' AS text)", "\0", 1 },
        { "bytes that are no text", "CAST(x'61FF62' AS text)",
          "a\xff"
          "b",
          3 },
        { "an empty text", "''", "", 0 },
        { "a number", "17", "17", 2 },
        { "what looks like the packed form", "char(1) || 'hex:x'", "\1hex:x",
          6 },
    };
    size_t i;

    for (i = 0; db_engine(db) == DB_SQLITE && i < ARRAY_LEN(cases); i++) {
        struct expected e = { cases[i].want, cases[i].len, false };
        char sql[200];

        snprintf(sql, sizeof(sql), "REPLACE INTO t VALUES (91, %s)",
                 cases[i].stored);
        site_exec(db, sql);
        ok(db_each(db, "t_whole", NULL, 0, compare, &e, NULL, &err) && e.same,
           "%s comes whole", cases[i].what);
    }
}

static void five_megabytes_come_back(struct db *db)
{
    /* Three bytes a character, so that a chunk's end falls within one. */
    static const char pattern[] = "\xe2\x82\xac-\xf0\x9f\x98\x80";
    size_t len = 5 * 1024 * 1024, i;
    char *body = malloc(len);

    for (i = 0; i < len; i++)
        body[i] = pattern[i % (sizeof(pattern) - 1)];
    ok(put(db, 100, body, len) && comes_back(db, 100, body, len),
       "five megabytes, cut within characters by the driver");
    db_set_text_ceiling(db, 1024 * 1024);
    ok(!comes_back(db, 100, body, len) && err.kind == ERROR_REJECT &&
           strcmp(err.code, "too_long") == 0,
       "more than the ceiling is refused: %s", err.message);
    db_set_text_cut(db, true);
    ok(is_cut(db, 100), "or cut, where that is asked for");
    db_set_text_cut(db, false);
    db_set_text_ceiling(db, 64 * 1024 * 1024);
    ok(comes_back(db, 100, body, len), "and the connection goes on");
    free(body);
}

static bool read_types(void *context, const struct db_rows *row,
                       struct error *ignored)
{
    (void)context;
    (void)ignored;
    is_int(db_rows_integer(row, 0), 9007199254740994, "an integer of 54 bits");
    ok(db_rows_real(row, 1) == 0.5, "a real number");
    is_str(db_rows_text(row, 2, NULL), "text", "text");
    ok(db_rows_is_null(row, 3) && !db_rows_text(row, 3, NULL), "NULL");
    is_int((long long)db_rows_columns(row), 4, "four columns");
    return true;
}

static void values_have_types(struct db *db)
{
    const struct db_value values[] = {
        db_real("r", 0.25),
        db_null("n"),
        db_text("t", "text"),
        db_integer("i", 9007199254740993),
        db_text("nobody_asks_for", "this"),
    };

    ok(db_each(db, "t_types", values, ARRAY_LEN(values), read_types, NULL, NULL,
               &err),
       "the order of the values is no matter");
    ok(!db_each(db, "t_types", values, 2, read_types, NULL, NULL, &err) &&
           strstr(err.message, ":i"),
       "a missing one is named: %s", err.message);
}

static void a_value_may_change_its_type(struct db *db)
{
    const struct db_value text[] = { db_integer("id", 200),
                                     db_text("body", "x") };
    const struct db_value null[] = { db_integer("id", 201), db_null("body") };
    const struct db_value number[] = { db_integer("id", 202),
                                       db_integer("body", 7) };

    ok(db_run(db, "t_put", text, 2, NULL, &err) &&
           db_run(db, "t_put", null, 2, NULL, &err) &&
           db_run(db, "t_put", number, 2, NULL, &err) &&
           db_run(db, "t_put",
                  (struct db_value[]){ db_integer("id", 203),
                                       db_text("body", "y") },
                  2, NULL, &err),
       "text, NULL, number, text on one statement");
    is_str(site_get(db, "SELECT body FROM t WHERE id = 200"), "x", "text");
    is_str(site_get(db, "SELECT body FROM t WHERE id = 201"), "NULL", "NULL");
    is_str(site_get(db, "SELECT body FROM t WHERE id = 202"), "7", "a number");
    is_str(site_get(db, "SELECT body FROM t WHERE id = 203"), "y", "text");
}

/* SQL Server cuts a value to the size its parameter was declared with. */
static void a_text_after_a_null_is_whole(struct db *db)
{
    static const char *const bodies[] = { NULL, "whole",
                                          "\xe4\xb8\xad\xe6\x96\x87", NULL,
                                          "whole again" };
    size_t i;

    for (i = 0; i < ARRAY_LEN(bodies); i++) {
        const struct db_value values[] = {
            db_integer("id", (int64_t)(210 + i)),
            db_text("body", bodies[i]),
        };

        ok(db_run(db, "t_put_late", values, 2, NULL, &err), "put %s",
           bodies[i] ? bodies[i] : "NULL");
    }
    is_str(site_get(db, "SELECT body FROM t WHERE id = 211"), "whole",
           "the first text after a NULL");
    is_str(site_get(db, "SELECT body FROM t WHERE id = 212"), bodies[2],
           "a wide one after it");
    is_str(site_get(db, "SELECT body FROM t WHERE id = 214"), "whole again",
           "a text after another NULL");
}

static bool ignore(void *context, const struct db_rows *row,
                   struct error *ignored)
{
    (void)context;
    (void)row;
    (void)ignored;
    return true;
}

static void a_duplicate_is_refused(struct db *db)
{
    ok(!put(db, 0, "again", 5), "a duplicate key is refused");
    ok(err.kind == ERROR_REJECT && strcmp(err.code, "duplicate") == 0 &&
           err.exit == EXIT_DATABASE && !strstr(err.message, "again"),
       "as a fault of the row: %s", err.message);
    ok(!db_run(db, "t_bad", NULL, 0, NULL, &err) && err.kind == ERROR_SETUP &&
           strcmp(err.code, "no_table") == 0 &&
           strstr(err.message, "vitae init"),
       "a missing table is an operator's: %s", err.message);
    ok(!db_each(db, "t_bad_select", NULL, 0, compare, NULL, NULL, &err) &&
           strcmp(err.code, "no_table") == 0,
       "so it is to read");
    ok(db_each(db, "t_count", NULL, 0, ignore, NULL, NULL, &err),
       "and the connection goes on");
    ok(!db_run(db, "nonsense", NULL, 0, NULL, &err) &&
           strstr(err.message, "nonsense"),
       "so is a statement that there is not: %s", err.message);
}

struct twice {
    int runs, fail_first;
    bool swallow;
};

static bool twice_body(struct db *db, void *context, struct error *error)
{
    struct twice *t = context;
    struct error ignored;

    t->runs++;
    if (!put(db, 300 + t->runs, "x", 1)) {
        *error = err;
        return false;
    }
    if (t->runs <= t->fail_first) {
        if (!db_run(db, "t_bad", NULL, 0, NULL, &ignored))
            *error = ignored;
        return t->swallow;
    }
    return true;
}

static void a_transaction_is_all_or_nothing(struct db *db)
{
    struct twice t = { 0, 1, false };

    ok(!db_transaction(db, "test", twice_body, &t, NULL, &err) &&
           err.kind == ERROR_SETUP,
       "a body that fails fails: %s", err.message);
    is_str(site_get(db, "SELECT COUNT(*) FROM t WHERE id > 300"), "0",
           "and leaves nothing");
    t = (struct twice){ 0, 1, true };
    ok(!db_transaction(db, "test", twice_body, &t, NULL, &err),
       "a failure that the body overlooks counts all the same");
    is_str(site_get(db, "SELECT COUNT(*) FROM t WHERE id > 300"), "0",
           "and leaves nothing");
    t = (struct twice){ 0, 0, false };
    ok(db_transaction(db, "test", twice_body, &t, NULL, &err), "else it stays");
    is_str(site_get(db, "SELECT COUNT(*) FROM t WHERE id > 300"), "1",
           "all of it");
    is_int(t.runs, 1, "the body ran once");
}

static bool own_error(struct db *db, void *context, struct error *error)
{
    (void)db;
    ++*(int *)context;
    return error_set(error, ERROR_RETRY, "the body's own");
}

static void a_body_s_own_error_is_not_retried(struct db *db)
{
    int runs = 0;

    ok(!db_transaction(db, "test", own_error, &runs, NULL, &err),
       "it fails at once");
    is_int(runs, 1, "even when its kind is RETRY");
}

static void one_result_at_a_time(struct db *db)
{
    struct db_rows *rows, *other;
    bool more = false;

    ok(db_query(db, "t_all", NULL, 0, &rows, &err) &&
           db_rows_next(rows, &more, &err) && more,
       "a result is open");
    is_str(db_rows_name(rows, 1), "body", "its columns have names");
    ok(!db_query(db, "t_count", NULL, 0, &other, &err) && !other,
       "a second is refused: %s", err.message);
    db_rows_close(rows);
    ok(db_query(db, "t_count", NULL, 0, &rows, &err),
       "after closing it is not");
    db_rows_close(rows);
    db_rows_close(rows);
    db_rows_close(NULL);
}

static void changes_are_counted(struct db *db)
{
    int64_t changed = -1;

    ok(db_run(db, "t_touch", NULL, 0, &changed, &err), "an UPDATE runs");
    is_str(site_get(db, "SELECT COUNT(*) FROM t"),
           db_engine(db) == DB_SQLITE ? "20" : "19", "on all rows");
    is_int(changed, db_engine(db) == DB_SQLITE ? 20 : 19, "and counts them");
}

static void check_engine(enum db_engine engine)
{
    struct db *db = site_open(engine);

    if (!db) {
        site_missing(engine);
        return;
    }
    tap_note("%s", db_description(db));
    is_int(db_engine(db), engine, "it is what it says");
    site_exec(db, engine == DB_MSSQL
                      ? "CREATE TABLE t (id bigint PRIMARY KEY,"
                        " body nvarchar(max))"
                      : "CREATE TABLE t (id bigint PRIMARY KEY, body text)");
    text_comes_back_byte_for_byte(db);
    what_is_no_text_is_refused(db);
    a_nul_does_not_end_a_text(db);
    a_text_after_a_null_is_whole(db);
    five_megabytes_come_back(db);
    values_have_types(db);
    a_value_may_change_its_type(db);
    a_duplicate_is_refused(db);
    a_transaction_is_all_or_nothing(db);
    a_body_s_own_error_is_not_retried(db);
    one_result_at_a_time(db);
    changes_are_counted(db);
    /* SQLite refuses that as long as a SELECT of before still runs. */
    ok(site_exec(db, "DROP TABLE t"), "nothing is left open");
    db_close(db);
}

int main(int argc, char **argv)
{
    (void)argc;
    site_with_postgres(argv, true);
    folder_enter();
    statement_extra = extra;
    check_engine(DB_SQLITE);
    check_engine(DB_POSTGRESQL);
    check_engine(DB_MSSQL);
    return tap_done();
}
