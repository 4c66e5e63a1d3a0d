#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "db/odbc.h"

/* Columns of catalogue.sql, in its order. */
enum {
    COLUMN_SCHEMA,
    COLUMN_TABLE,
    COLUMN_NAME,
    COLUMN_TYPE,
    COLUMN_WIDTH,
    COLUMN_PRECISION,
    COLUMN_SCALE,
    COLUMN_NULLABLE,
    COLUMN_COMPUTED,
    COLUMN_COLLATION
};

enum trait {
    IS_TEXT = 1,
    IS_DATE = 2,
    IS_NUMBER = 4,
    COUNTS_UTF16 = 8,
    COUNTS_BYTES = 16,
    HAS_WIDTH = 32,     /* its cast names the width, (max) without one */
    HAS_PRECISION = 64, /* its cast names precision and scale */
    IS_BOOLEAN = 128,
};

/* What a type's word means.  Others (uuid, json, xml, bytes, arrays) refuse
 * most texts. */
static const struct {
    const char *word;
    unsigned traits;
} types[] = {
    { "nvarchar", IS_TEXT | COUNTS_UTF16 | HAS_WIDTH },
    { "nchar", IS_TEXT | COUNTS_UTF16 | HAS_WIDTH },
    { "varchar", IS_TEXT | COUNTS_BYTES | HAS_WIDTH },
    { "char", IS_TEXT | COUNTS_BYTES | HAS_WIDTH },
    { "character varying", IS_TEXT | HAS_WIDTH },
    { "character", IS_TEXT | HAS_WIDTH },
    { "bpchar", IS_TEXT | HAS_WIDTH },
    { "text", IS_TEXT },
    { "ntext", IS_TEXT | COUNTS_UTF16 },
    { "citext", IS_TEXT },
    { "clob", IS_TEXT },
    { "boolean", IS_BOOLEAN },
    { "bit", IS_BOOLEAN },
    { "date", IS_DATE },
    { "datetime", IS_DATE },
    { "datetime2", IS_DATE },
    { "smalldatetime", IS_DATE },
    { "datetimeoffset", IS_DATE },
    { "timestamp without time zone", IS_DATE },
    { "timestamp with time zone", IS_DATE },
    { "int", IS_NUMBER },
    { "integer", IS_NUMBER },
    { "bigint", IS_NUMBER },
    { "smallint", IS_NUMBER },
    { "tinyint", IS_NUMBER },
    { "real", IS_NUMBER },
    { "float", IS_NUMBER },
    { "double", IS_NUMBER },
    { "double precision", IS_NUMBER },
    { "money", IS_NUMBER },
    { "smallmoney", IS_NUMBER },
    { "numeric", IS_NUMBER | HAS_PRECISION },
    { "decimal", IS_NUMBER | HAS_PRECISION },
};

static unsigned traits_of(const struct db *db, const char *type)
{
    unsigned traits = 0;
    size_t i;

    for (i = 0; i < ARRAY_LEN(types); i++)
        if (strcmp(types[i].word, type) == 0)
            traits = types[i].traits;
    /* SQL Server's timestamp is a row version, the others' a time. */
    if (strcmp(type, "timestamp") == 0 && db->engine != DB_MSSQL)
        traits = IS_DATE;
    /* Elsewhere they count characters. */
    if (db->engine != DB_MSSQL)
        traits &= ~(unsigned)(COUNTS_UTF16 | COUNTS_BYTES);
    /* PostgreSQL's bit is a string of bits. */
    if (strcmp(type, "bit") == 0 && db->engine == DB_POSTGRESQL)
        traits = 0;
    /* SQLite: any type is fine, what it doesn't know is text. */
    if (db->engine == DB_SQLITE && (!traits || traits == IS_BOOLEAN))
        traits = IS_TEXT;
    return traits;
}

static int64_t number(const struct db_rows *row, size_t column)
{
    int64_t n = db_rows_integer(row, column);

    return n > 0 && n < 1000000000 ? n : 0;
}

/* "nvarchar(100)": SQLite keeps the width in the type's text. */
static void split_type(struct db_catalogue_column *c, const char *text)
{
    size_t len = strcspn(text, "("), i;

    while (len && text[len - 1] == ' ')
        len--;
    if (len >= sizeof(c->type))
        len = sizeof(c->type) - 1;
    for (i = 0; i < len; i++)
        c->type[i] =
            (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] | 0x20 : text[i]);
    c->type[len] = '\0';
    text += strcspn(text, "(");
    if (*text == '(' && c->width == 0)
        c->width = strtoll(text + 1, NULL, 10);
}

static void set_cast(const struct db *db, struct db_catalogue_column *c,
                     unsigned traits, const struct db_rows *row)
{
    size_t n = (size_t)snprintf(c->cast, sizeof(c->cast), "%s",
                                c->type[0] ? c->type : "text");
    char *end = c->cast + n;
    size_t room = sizeof(c->cast) - n;

    if (db->engine == DB_SQLITE || n >= sizeof(c->cast))
        return;
    if (traits & HAS_WIDTH && c->width > 0)
        snprintf(end, room, "(%lld)", (long long)c->width);
    else if (traits & HAS_WIDTH && db->engine == DB_MSSQL)
        snprintf(end, room, "(max)");
    else if (traits & HAS_PRECISION && number(row, COLUMN_PRECISION))
        snprintf(end, room, "(%lld,%lld)",
                 (long long)number(row, COLUMN_PRECISION),
                 (long long)number(row, COLUMN_SCALE));
}

static void copy(char *out, size_t size, const struct db_rows *row,
                 size_t column)
{
    const char *text = db_rows_text(row, column, NULL);

    snprintf(out, size, "%s", text ? text : "");
}

static void read_column(const struct db *db, const struct db_rows *row,
                        struct db_catalogue_column *c)
{
    const char *type = db_rows_text(row, COLUMN_TYPE, NULL);
    unsigned traits;

    memset(c, 0, sizeof(*c));
    copy(c->name, sizeof(c->name), row, COLUMN_NAME);
    copy(c->collation, sizeof(c->collation), row, COLUMN_COLLATION);
    c->width = number(row, COLUMN_WIDTH);
    split_type(c, type ? type : "");
    traits = traits_of(db, c->type);
    set_cast(db, c, traits, row);
    if (!(traits & IS_TEXT))
        c->width = 0;
    c->is_text = (traits & IS_TEXT) != 0;
    c->is_date = (traits & IS_DATE) != 0;
    c->is_number = (traits & IS_NUMBER) != 0;
    c->is_boolean = (traits & IS_BOOLEAN) != 0;
    c->utf16_width = (traits & COUNTS_UTF16) != 0;
    c->byte_width = (traits & COUNTS_BYTES) != 0;
    c->is_nullable = db_rows_integer(row, COLUMN_NULLABLE) != 0;
    c->is_computed = db_rows_integer(row, COLUMN_COMPUTED) != 0;
}

struct listing {
    struct db *db;
    struct db_catalogue_column *columns; /* owned */
    size_t count;
    struct strbuf real; /* the table's name, quoted where it must be */
};

/* As dialect_split() reads it. */
static void add_real(struct listing *l, const char *part)
{
    if (l->real.len)
        strbuf_addc(&l->real, '.');
    strbuf_addc(&l->real, '"');
    for (; part && *part; part++) {
        strbuf_addc(&l->real, *part);
        if (*part == '"')
            strbuf_addc(&l->real, '"');
    }
    strbuf_addc(&l->real, '"');
}

static bool add_column(void *context, const struct db_rows *row,
                       struct error *err)
{
    struct listing *l = context;
    struct db_catalogue_column *grown = realloc(
        l->columns, (l->count + 1) * sizeof(struct db_catalogue_column));

    if (!grown)
        return error_memory(err);
    l->columns = grown;
    if (l->count == 0) {
        /* SQLite's main is where a name without a schema is looked for;
         * an index on it may not be written with one. */
        if (l->db->engine != DB_SQLITE)
            add_real(l, db_rows_text(row, COLUMN_SCHEMA, NULL));
        add_real(l, db_rows_text(row, COLUMN_TABLE, NULL));
    }
    read_column(l->db, row, &l->columns[l->count++]);
    return true;
}

static bool remember(struct db *db, const char *asked, const char *real,
                     struct error *err)
{
    struct known_table *grown =
        realloc(db->tables, (db->table_count + 1) * sizeof(*grown));
    size_t i;

    if (!grown)
        return error_memory(err);
    db->tables = grown;
    for (i = 0; i < db->table_count; i++)
        if (strcmp(grown[i].asked, asked) == 0)
            break;
    if (i == db->table_count) {
        grown[i].asked = strdup(asked);
        grown[i].real = NULL;
        if (!grown[i].asked)
            return error_memory(err);
        db->table_count++;
    }
    free(grown[i].real);
    grown[i].real = strdup(real);
    return grown[i].real || error_memory(err);
}

static bool list(struct listing *l, const char *schema, const char *table,
                 struct error *err)
{
    const struct db_value values[] = {
        db_text("schema", schema),
        db_text("table", table),
    };

    return db_each(l->db, "catalogue", values, ARRAY_LEN(values), add_column, l,
                   NULL, err);
}

static bool not_there(const struct db *db, const char *table, struct error *err)
{
    error_exit(err, ERROR_SETUP, EXIT_DATABASE,
               "%s has no table %s (or this login may not see it); name it "
               "with source.table=, or vitae init --make-table makes "
               "it",
               dialect_of(db->engine)->title, table);
    error_code(err, "no_table");
    return false;
}

bool db_catalogue(struct db *db, const char *table,
                  struct db_catalogue_column **columns, size_t *count,
                  struct error *err)
{
    struct listing l = { .db = db };
    struct strbuf split;
    size_t parts[4], n;
    bool ok;

    strbuf_init(&split, 8 * KIB);
    strbuf_init(&l.real, 8 * KIB);
    ok = dialect_split(table, &split, parts, &n, err) &&
         list(&l, n > 1 ? split.data + parts[n - 2] : "",
              split.data + parts[n - 1], err) &&
         (l.count || not_there(db, table, err)) &&
         remember(db, table, l.real.data, err);
    strbuf_release(&split);
    strbuf_release(&l.real);
    if (!ok) {
        free(l.columns);
        l.columns = NULL;
        l.count = 0;
    }
    *columns = l.columns;
    *count = l.count;
    return ok;
}
