/*
 * floor -- the least work that building and collecting could be: the same
 * driver, the same rows, the same bytes, with nothing in between.
 *
 *   floor build CONNECTION FILE BYTES    read every resume, write BYTES to
 *                                        FILE in as many lines, sync
 *   floor collect CONNECTION FILE...     read the answers by json-c (line and
 *                                        content), update the rows by one
 *                                        prepared statement of as many
 *                                        columns, 200 rows a transaction
 *
 * Prints seconds.  No checks, no escaping, no dates: a bare loop.
 */
#include <fcntl.h>
#include <json-c/json.h>
#include <sql.h>
#include <sqlext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 200
#define BUFFER (1 << 20)

static SQLHDBC connection;

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void die(const char *what)
{
    fprintf(stderr, "floor: %s failed\n", what);
    exit(1);
}

static SQLHSTMT statement(void)
{
    SQLHSTMT s = NULL;

    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, connection, &s)))
        die("statement");
    return s;
}

static void run(const char *text)
{
    SQLHSTMT s = statement();
    SQLRETURN rc = SQLExecDirect(s, (SQLCHAR *)(uintptr_t)text, SQL_NTS);

    if (!SQL_SUCCEEDED(rc) && rc != SQL_NO_DATA)
        die(text);
    SQLFreeHandle(SQL_HANDLE_STMT, s);
}

static void connect_to(const char *text)
{
    SQLHENV env = NULL;

    SQLAllocHandle(SQL_HANDLE_ENV, NULL, &env);
    SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION,
                  (SQLPOINTER)(uintptr_t)SQL_OV_ODBC3, 0);
    SQLAllocHandle(SQL_HANDLE_DBC, env, &connection);
    if (!SQL_SUCCEEDED(SQLDriverConnect(connection, NULL,
                                        (SQLCHAR *)(uintptr_t)text, SQL_NTS,
                                        NULL, 0, NULL, SQL_DRIVER_NOPROMPT)))
        die("connection");
}

static long count_rows(void)
{
    SQLHSTMT s = statement();
    long n = 0;

    SQLExecDirect(s, (SQLCHAR *)"SELECT COUNT(*) FROM aicandidate", SQL_NTS);
    if (SQL_SUCCEEDED(SQLFetch(s)))
        SQLGetData(s, 1, SQL_C_SLONG, &n, 0, NULL);
    SQLFreeHandle(SQL_HANDLE_STMT, s);
    return n & 0xffffffff;
}

static char *line_of(size_t len)
{
    char *line = malloc(len + 1);

    if (!line)
        die("memory");
    memset(line, 'x', len);
    line[len - 1] = '\n';
    return line;
}

static void write_all(int fd, const char *data, size_t len)
{
    if (write(fd, data, len) != (ssize_t)len)
        die("write");
}

static void build(const char *path, double bytes)
{
    long rows = count_rows();
    size_t each = (size_t)(bytes / (double)rows), used = 0;
    char *line = line_of(each), *buffer = malloc(BUFFER);
    static char text[1 << 20];
    SQLHSTMT s = statement();
    SQLLEN len;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    SQLExecDirect(s,
                  (SQLCHAR *)"SELECT userid, markdownResume FROM aicandidate",
                  SQL_NTS);
    while (SQL_SUCCEEDED(SQLFetch(s))) {
        SQLGetData(s, 1, SQL_C_CHAR, text, sizeof(text), &len);
        SQLGetData(s, 2, SQL_C_CHAR, text, sizeof(text), &len);
        if (used + each > BUFFER) {
            write_all(fd, buffer, used);
            used = 0;
        }
        memcpy(buffer + used, line, each);
        used += each;
    }
    write_all(fd, buffer, used);
    if (fsync(fd) != 0)
        die("fsync");
    close(fd);
}

#define COLUMNS 80
static char columns[COLUMNS][64];
static size_t column_count;

/* Every text column of the table but the resume. */
static void read_columns(void)
{
    SQLHSTMT s = statement();
    char name[64];
    SQLLEN len;

    SQLExecDirect(s,
                  (SQLCHAR *)"SELECT name FROM pragma_table_info("
                             "'aicandidate') WHERE name NOT IN ('userid',"
                             "'markdownResume','LastProcessed',"
                             "'datelastmodified','LengthinUS')",
                  SQL_NTS);
    while (SQL_SUCCEEDED(SQLFetch(s)) && column_count < COLUMNS) {
        SQLGetData(s, 1, SQL_C_CHAR, name, sizeof(name), &len);
        memcpy(columns[column_count++], name, sizeof(name));
    }
    SQLFreeHandle(SQL_HANDLE_STMT, s);
}

static SQLHSTMT prepare_update(void)
{
    static char text[COLUMNS * 80];
    size_t n = 0, i;
    SQLHSTMT s = statement();

    n += (size_t)snprintf(text, sizeof(text),
                          "UPDATE aicandidate SET LastProcessed ="
                          " strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')");
    for (i = 0; i < column_count; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, ", \"%s\" = ?",
                              columns[i]);
    snprintf(text + n, sizeof(text) - n, " WHERE userid = ?");
    if (!SQL_SUCCEEDED(SQLPrepare(s, (SQLCHAR *)text, SQL_NTS)))
        die("prepare");
    return s;
}

/* The strings of an answer, in the order they come, into the columns. */
static size_t gather(struct json_object *o, const char **values, size_t n)
{
    if (n >= column_count || !o)
        return n;
    if (json_object_is_type(o, json_type_object)) {
        json_object_object_foreach(o, key, inner)
        {
            (void)key;
            n = gather(inner, values, n);
        }
        return n;
    }
    if (json_object_is_type(o, json_type_array)) {
        size_t i, count = json_object_array_length(o);

        for (i = 0; i < count; i++)
            n = gather(json_object_array_get_idx(o, i), values, n);
        return n;
    }
    values[n] = json_object_get_string(o);
    return n + 1;
}

static void update(SQLHSTMT s, const char *id, const char **values, size_t n)
{
    static SQLLEN lens[COLUMNS + 1];
    SQLUSMALLINT i;

    for (i = 0; i < column_count; i++) {
        const char *v = i < n && values[i] ? values[i] : "";

        lens[i] = i < n ? (SQLLEN)strlen(v) : SQL_NULL_DATA;
        SQLBindParameter(s, (SQLUSMALLINT)(i + 1), SQL_PARAM_INPUT, SQL_C_CHAR,
                         SQL_VARCHAR, 255, 0, (SQLPOINTER)(uintptr_t)v, 0,
                         &lens[i]);
    }
    lens[i] = (SQLLEN)strlen(id);
    SQLBindParameter(s, (SQLUSMALLINT)(i + 1), SQL_PARAM_INPUT, SQL_C_CHAR,
                     SQL_VARCHAR, 32, 0, (SQLPOINTER)(uintptr_t)id, 0,
                     &lens[i]);
    if (SQLExecute(s) == SQL_ERROR) {
        SQLCHAR why[256] = "", state[8];

        SQLGetDiagRec(SQL_HANDLE_STMT, s, 1, state, NULL, why, sizeof(why),
                      NULL);
        die((const char *)why);
    }
}

static void one_answer(SQLHSTMT s, struct json_tokener *tok, const char *line,
                       size_t len)
{
    const char *values[COLUMNS];
    struct json_object *outer, *inner, *o = NULL;
    const char *content, *id;

    json_tokener_reset(tok);
    outer = json_tokener_parse_ex(tok, line, (int)len);
    json_object_object_get_ex(outer, "custom_id", &o);
    id = json_object_get_string(o);
    json_object_object_get_ex(outer, "response", &o);
    json_object_object_get_ex(o, "body", &o);
    json_object_object_get_ex(o, "choices", &o);
    o = json_object_array_get_idx(o, 0);
    json_object_object_get_ex(o, "message", &o);
    json_object_object_get_ex(o, "content", &o);
    content = json_object_get_string(o);
    inner = json_tokener_parse(content);
    update(s, strchr(id, '_') + 1, values, gather(inner, values, 0));
    json_object_put(inner);
    json_object_put(outer);
}

static void collect(int count, char **files)
{
    struct json_tokener *tok = json_tokener_new();
    SQLHSTMT s;
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    long rows = 0;
    int i;

    read_columns();
    s = prepare_update();
    run("BEGIN IMMEDIATE");
    for (i = 0; i < count; i++) {
        FILE *f = fopen(files[i], "r");

        if (!f)
            die(files[i]);
        while ((len = getline(&line, &size, f)) > 0) {
            one_answer(s, tok, line, (size_t)len);
            if (++rows % CHUNK == 0) {
                run("COMMIT");
                run("BEGIN IMMEDIATE");
            }
        }
        fclose(f);
    }
    run("COMMIT");
    free(line);
    json_tokener_free(tok);
}

int main(int argc, char **argv)
{
    double begun;

    if (argc < 4)
        return 2;
    connect_to(argv[2]);
    begun = now();
    if (strcmp(argv[1], "build") == 0 && argc == 5)
        build(argv[3], strtod(argv[4], NULL));
    else if (strcmp(argv[1], "collect") == 0)
        collect(argc - 3, argv + 3);
    else
        return 2;
    printf("%.3f\n", now() - begun);
    return 0;
}
