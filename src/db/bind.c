#include "db/odbc.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Longer text is not copied but bound where it lies. */
#define COPY_MAX (64 * KIB)
#define VARCHAR_MAX 8000 /* SQL Server's */
#define NVARCHAR_MAX 4000

static const struct db_value *find_value(const struct db_value *values,
                                         size_t count, const char *name,
                                         size_t *hint)
{
    size_t i;

    /* The same call of the same statement brings them in the same order. */
    if (*hint < count && strcmp(values[*hint].name, name) == 0)
        return &values[*hint];
    for (i = 0; i < count; i++)
        if (strcmp(values[i].name, name) == 0) {
            *hint = i;
            return &values[i];
        }
    return NULL;
}

static bool is_ascii(const char *s, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        if ((unsigned char)s[i] >= 0x80)
            return false;
    return true;
}

/*
 * SQL Server: ASCII goes as varchar, which compares with varchar and
 * nvarchar columns without spoiling an index; other text as nvarchar; what
 * is longer as a LONG type, since FreeTDS 1.3.17 cuts SQL_WVARCHAR at 4000
 * units and reports success.
 */
static SQLSMALLINT text_type(const struct db *db, const char *s, size_t len,
                             SQLULEN *size)
{
    const struct dialect *d = dialect_of(db->engine);

    *size = len ? len : 1;
    if (!d->wide_text)
        return SQL_VARCHAR;
    if (len <= VARCHAR_MAX && is_ascii(s, len)) {
        *size = VARCHAR_MAX;
        return SQL_VARCHAR;
    }
    *size = NVARCHAR_MAX;
    if (len <= d->inline_text)
        return SQL_WVARCHAR;
    *size = 0x3fffffff;
    return SQL_WLONGVARCHAR;
}

static bool bind_at(struct db *db, struct prepared *p, size_t i,
                    SQLSMALLINT c_type, SQLSMALLINT sql_type, SQLULEN size,
                    const void *at, struct error *err)
{
    struct parameter *to = &p->parameters[i];

    if (to->c_type == c_type && to->sql_type == sql_type && to->bound == at &&
        at != NULL)
        return true;
    to->c_type = c_type;
    to->sql_type = sql_type;
    to->bound = at;
    if (!odbc_ok(SQLBindParameter(p->handle, (SQLUSMALLINT)(i + 1),
                                  SQL_PARAM_INPUT, c_type, sql_type, size, 0,
                                  (SQLPOINTER)at, 0, &to->indicator)))
        return odbc_fail_prepared(db, p, err);
    return true;
}

static bool reserve(struct parameter *to, size_t len)
{
    size_t room = to->room ? to->room : 64;
    char *grown;

    if (len < to->room)
        return true;
    while (room <= len)
        room *= 2;
    grown = realloc(to->buffer, room);
    if (!grown)
        return false;
    to->buffer = grown;
    to->room = room;
    /* Moved: it has to be bound again. */
    to->bound = NULL;
    return true;
}

/* libsqliteodbc stores what is no text, and ends it at a NUL; PostgreSQL
 * refuses both; FreeTDS loses its connection over it. */
static bool check_text(const struct prepared *p, const struct db_value *v,
                       struct error *err)
{
    if (utf8_valid(v->text, v->len) &&
        (v->len == 0 || !memchr(v->text, '\0', v->len)))
        return true;
    error_exit(err, ERROR_REJECT, EXIT_DATABASE,
               "statement %s: the value of :%s is not valid UTF-8 or holds a "
               "NUL",
               p->name, v->name);
    error_code(err, "encoding");
    return false;
}

static bool bind_text(struct db *db, struct prepared *p, size_t i,
                      const struct db_value *v, struct error *err)
{
    struct parameter *to = &p->parameters[i];
    SQLULEN size;
    SQLSMALLINT type = text_type(db, v->text, v->len, &size);

    if (!check_text(p, v, err))
        return false;
    to->indicator = (SQLLEN)v->len;
    if (v->len > COPY_MAX) {
        /* The address may come again with other bytes of another length. */
        to->bound = NULL;
        return bind_at(db, p, i, SQL_C_CHAR, type, size, v->text, err);
    }
    if (!reserve(to, v->len))
        return error_memory(err);
    if (v->len)
        memcpy(to->buffer, v->text, v->len);
    to->buffer[v->len] = '\0';
    return bind_at(db, p, i, SQL_C_CHAR, type, size, to->buffer, err);
}

static bool bind_null(struct db *db, struct prepared *p, size_t i,
                      struct error *err)
{
    struct parameter *to = &p->parameters[i];

    to->indicator = SQL_NULL_DATA;
    /* Whatever it was bound as before has a NULL too. */
    if (to->bound)
        return true;
    if (!reserve(to, 1))
        return error_memory(err);
    /* The size that a text has later: SQL Server would cut it to this one. */
    return bind_at(db, p, i, SQL_C_CHAR, SQL_VARCHAR,
                   dialect_of(db->engine)->wide_text ? VARCHAR_MAX : 1,
                   to->buffer, err);
}

static bool bind_one(struct db *db, struct prepared *p, size_t i,
                     const struct db_value *v, struct error *err)
{
    struct parameter *to = &p->parameters[i];

    switch (v->type) {
    case DB_TEXT: return bind_text(db, p, i, v, err);
    case DB_INTEGER:
        to->integer = v->integer;
        to->indicator = 0;
        return bind_at(db, p, i, SQL_C_SBIGINT, SQL_BIGINT, 0, &to->integer,
                       err);
    case DB_REAL:
        to->real = v->real;
        to->indicator = 0;
        return bind_at(db, p, i, SQL_C_DOUBLE, SQL_DOUBLE, 0, &to->real, err);
    case DB_NULL: break;
    }
    return bind_null(db, p, i, err);
}

bool odbc_bind(struct db *db, struct prepared *p, const struct db_value *values,
               size_t count, struct error *err)
{
    size_t i;

    for (i = 0; i < p->statement.parameter_count; i++) {
        const char *name = p->statement.parameters[i];
        const struct db_value *v =
            find_value(values, count, name, &p->parameters[i].hint);

        if (!v)
            return error_exit(err, ERROR_SETUP, EXIT_DATABASE,
                              "statement %s: no value for :%s", p->name, name);
        if (!bind_one(db, p, i, v, err))
            return false;
    }
    return true;
}

struct db_value db_text(const char *name, const char *s)
{
    return s ? db_text_len(name, s, strlen(s)) : db_null(name);
}

struct db_value db_text_len(const char *name, const char *s, size_t len)
{
    return (struct db_value){
        .name = name, .type = DB_TEXT, .text = s, .len = len
    };
}

struct db_value db_integer(const char *name, int64_t value)
{
    return (
        struct db_value){ .name = name, .type = DB_INTEGER, .integer = value };
}

struct db_value db_real(const char *name, double value)
{
    return (struct db_value){ .name = name, .type = DB_REAL, .real = value };
}

struct db_value db_null(const char *name)
{
    return (struct db_value){ .name = name, .type = DB_NULL };
}
