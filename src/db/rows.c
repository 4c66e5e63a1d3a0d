#include <stdlib.h>
#include <string.h>

#include "db/odbc.h"

#define CELL_FIRST 256
#define NAME_MAX_BYTES 600

static bool describe_column(struct db *db, struct prepared *p, size_t i,
                            struct error *err)
{
    SQLCHAR name[NAME_MAX_BYTES];
    SQLSMALLINT len, type, digits, nullable;
    SQLULEN size;

    if (!odbc_ok(SQLDescribeCol(p->handle, (SQLUSMALLINT)(i + 1), name,
                                sizeof(name), &len, &type, &size, &digits,
                                &nullable)))
        return odbc_fail_prepared(db, p, err);
    p->column_names[i] = strdup((const char *)name);
    p->cells[i].size = CELL_FIRST;
    p->cells[i].data = malloc(CELL_FIRST);
    return (p->column_names[i] && p->cells[i].data) || error_memory(err);
}

static bool describe(struct db *db, struct prepared *p, struct error *err)
{
    SQLSMALLINT count = 0;
    size_t i;

    if (p->described)
        return true;
    if (!odbc_ok(SQLNumResultCols(p->handle, &count)))
        return odbc_fail_prepared(db, p, err);
    p->column_names = calloc((size_t)count + 1, sizeof(*p->column_names));
    p->cells = calloc((size_t)count + 1, sizeof(*p->cells));
    if (!p->column_names || !p->cells)
        return error_memory(err);
    p->column_count = (size_t)count;
    for (i = 0; i < p->column_count; i++)
        if (!describe_column(db, p, i, err))
            return false;
    p->described = true;
    return true;
}

bool odbc_open_rows(struct db *db, struct prepared *p, struct error *err)
{
    if (!describe(db, p, err)) {
        odbc_forget(db, p);
        return false;
    }
    db->rows.db = db;
    db->rows.prepared = p;
    db->rows.ended = false;
    return true;
}

static bool too_long(const struct db_rows *rows, size_t column,
                     struct error *err)
{
    error_exit(err, ERROR_REJECT, EXIT_DATABASE,
               "the text in column %s is longer than %zu bytes",
               rows->prepared->column_names[column], rows->db->text_ceiling);
    error_code(err, "too_long");
    return false;
}

/* Room for more bytes and a NUL after what is there. */
static bool cell_room(const struct db_rows *rows, size_t column, size_t more,
                      struct error *err)
{
    struct cell *cell = &rows->prepared->cells[column];
    size_t size = cell->size;
    char *grown;

    if (cell->len + more > rows->db->text_ceiling)
        return too_long(rows, column, err);
    if (cell->len + more < cell->size)
        return true;
    while (size <= cell->len + more)
        size *= 2;
    grown = realloc(cell->data, size);
    if (!grown)
        return error_memory(err);
    cell->data = grown;
    cell->size = size;
    return true;
}

/*
 * How many bytes a full buffer got.  Drivers that cut within a character
 * fill all but the NUL's byte; one that doesn't (Microsoft's) ends up to
 * three bytes before.  The mark set there before the call tells.
 */
#define MARK 4

static size_t filled(const char *buffer, size_t room)
{
    size_t n = room - 1;
    size_t least = room > MARK ? room - MARK : 0;

    while (n > least && buffer[n] != '\0')
        n--;
    return n;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 55 : -1;
}

/* What {whole} of SQLite sends for a text that holds NULs (dialect.c). */
static void unpack(struct cell *cell)
{
    static const char mark[] = "\1hex:";
    const size_t skip = sizeof(mark) - 1;
    size_t i;

    if (cell->len < skip || memcmp(cell->data, mark, skip) != 0)
        return;
    for (i = skip; i < cell->len; i++)
        if (hex_digit(cell->data[i]) < 0)
            return;
    for (i = 0; skip + 2 * i + 1 < cell->len; i++)
        cell->data[i] = (char)(hex_digit(cell->data[skip + 2 * i]) << 4 |
                               hex_digit(cell->data[skip + 2 * i + 1]));
    cell->len = i;
    cell->data[i] = '\0';
}

static bool get_cell(struct db_rows *rows, size_t column, struct error *err)
{
    struct prepared *p = rows->prepared;
    struct cell *cell = &p->cells[column];
    SQLLEN indicator;
    SQLRETURN rc;
    size_t room, got, more;

    cell->is_cut = false;
    for (cell->len = 0;;) {
        room = cell->size - cell->len;
        memset(cell->data + cell->size - MARK, 0x7f, MARK);
        indicator = 0;
        rc = SQLGetData(p->handle, (SQLUSMALLINT)(column + 1), SQL_C_CHAR,
                        cell->data + cell->len, (SQLLEN)room, &indicator);
        if (rc == SQL_NO_DATA)
            break;
        if (!odbc_ok(rc))
            return odbc_fail_prepared(rows->db, p, err);
        cell->is_null = indicator == SQL_NULL_DATA;
        if (cell->is_null)
            break;
        if (indicator >= 0 && (size_t)indicator < room) {
            cell->len += (size_t)indicator;
            break;
        }
        got = filled(cell->data + cell->len, room);
        cell->len += got;
        /* The rest at once where the driver tells how much. */
        more = indicator >= 0 ? (size_t)indicator - got : cell->size;
        cell->is_cut =
            rows->db->cuts_texts && cell->len + more > rows->db->text_ceiling;
        if (cell->is_cut)
            break;
        if (!cell_room(rows, column, more, err))
            return false;
    }
    cell->data[cell->len] = '\0';
    if (rows->db->engine == DB_SQLITE)
        unpack(cell);
    if (cell->len <= rows->db->text_ceiling)
        return true;
    cell->is_cut = rows->db->cuts_texts;
    return cell->is_cut || too_long(rows, column, err);
}

/* libsqliteodbc 0.9998 with StepAPI=1 leaves a SELECT running that is closed
 * before its last row: its read lock would stay. */
static void close_midway(struct db_rows *rows)
{
    struct prepared *p = rows->prepared;

    if (rows->db->engine == DB_SQLITE || rows->db->is_gone) {
        odbc_forget(rows->db, p);
    } else {
        odbc_watch(rows->db);
        SQLFreeStmt(p->handle, SQL_CLOSE);
        odbc_unwatch(rows->db);
    }
}

static bool fail_rows(struct db_rows *rows)
{
    rows->ended = true;
    close_midway(rows);
    return false;
}

bool db_rows_next(struct db_rows *rows, bool *more, struct error *err)
{
    struct prepared *p = rows->prepared;
    SQLRETURN rc;
    size_t i;

    *more = false;
    if (rows->ended || !p)
        return true;
    odbc_watch(rows->db);
    rc = p->column_count ? SQLFetch(p->handle) : SQL_NO_DATA;
    odbc_unwatch(rows->db);
    if (rc == SQL_NO_DATA) {
        rows->ended = true;
        /* What follows the rows may still fail. */
        return odbc_drain(rows->db, p, NULL, err);
    }
    if (!odbc_ok(rc)) {
        odbc_fail_prepared(rows->db, p, err);
        return fail_rows(rows);
    }
    for (i = 0; i < p->column_count; i++)
        if (!get_cell(rows, i, err))
            return fail_rows(rows);
    *more = true;
    return true;
}

void db_rows_close(struct db_rows *rows)
{
    if (!rows || !rows->prepared)
        return;
    if (!rows->ended)
        close_midway(rows);
    rows->prepared = NULL;
}

size_t db_rows_columns(const struct db_rows *rows)
{
    return rows->prepared ? rows->prepared->column_count : 0;
}

static const struct cell *cell_at(const struct db_rows *rows, size_t column)
{
    static const struct cell none = { .is_null = true };

    return column < db_rows_columns(rows) ? &rows->prepared->cells[column]
                                          : &none;
}

const char *db_rows_name(const struct db_rows *rows, size_t column)
{
    return column < db_rows_columns(rows) ? rows->prepared->column_names[column]
                                          : "";
}

bool db_rows_is_cut(const struct db_rows *rows, size_t column)
{
    return cell_at(rows, column)->is_cut;
}

const char *db_rows_text(const struct db_rows *rows, size_t column, size_t *len)
{
    const struct cell *cell = cell_at(rows, column);

    if (len)
        *len = cell->is_null ? 0 : cell->len;
    return cell->is_null ? NULL : cell->data;
}

int64_t db_rows_integer(const struct db_rows *rows, size_t column)
{
    const struct cell *cell = cell_at(rows, column);

    return cell->is_null ? 0 : strtoll(cell->data, NULL, 10);
}

double db_rows_real(const struct db_rows *rows, size_t column)
{
    const struct cell *cell = cell_at(rows, column);

    return cell->is_null ? 0 : strtod(cell->data, NULL);
}

bool db_rows_is_null(const struct db_rows *rows, size_t column)
{
    return cell_at(rows, column)->is_null;
}
