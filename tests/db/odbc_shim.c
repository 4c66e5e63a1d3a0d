/*
 * odbc_shim.c -- makes the n-th statement that a program sends by ODBC fail.
 *
 *   LD_PRELOAD=.../tests/db/odbc_shim.so ODBC_SHIM_AT=7 vitae --submit
 *
 * SQLExecute and SQLExecDirect are counted from 1, over all connections of
 * the process (session settings, BEGIN, COMMIT and ROLLBACK too).
 *
 *   ODBC_SHIM_COUNT=FILE   writes the number of calls there at the end
 *   ODBC_SHIM_SECONDS=FILE writes there how long the calls took: a line for
 *                          each text, SECONDS CALLS TEXT (its first bytes)
 *   ODBC_SHIM_AT=N         the call that fails (none without it)
 *   ODBC_SHIM_TIMES=K      so many in a row (default 1; 0 = all from there)
 *   ODBC_SHIM_ONLY=commit  counts only COMMITs
 *   ODBC_SHIM_HOW=
 *     refuse       (default) not executed; the error is all that happens
 *     rolled_back  not executed; the server has rolled the transaction back
 *     lost_before  not executed, rolled back, the connection is gone
 *     lost_after   executed, but the client is told that it failed, and the
 *                  connection is gone: a commit that did happen
 *   ODBC_SHIM_FAULT=STATE/NATIVE[/MESSAGE]   default 08S01/0; others:
 *     HY000/5/database is locked (SQLite), 40001/0, 40P01/0, 55P03/0,
 *     42000/1205, 42000/1222, HYT00/0
 *
 * A connection that is gone answers every call with 08S01 and
 * SQL_ATTR_CONNECTION_DEAD with "dead" until it is freed.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tests/db/odbc_shim.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sql.h>
#include <sqlext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* POSIX lets a function be reached by dlsym; ISO C knows no such cast. */
#define REAL(name) (__extension__(__typeof__(&name)) real(#name))
#define GONE_MAX 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct shim_plan plan;
static long count;
static bool is_timed;
static SQLHDBC gone[GONE_MAX];
static size_t gone_count;
/* The handle whose last call failed by us, and the record for it. */
static SQLHANDLE failed;
static char failed_state[6];
static long failed_native;
static const char *failed_message;

static void *real(const char *name)
{
    void *f = dlsym(RTLD_NEXT, name);

    if (!f) {
        fprintf(stderr, "odbc_shim: no %s\n", name);
        abort();
    }
    return f;
}

void shim_set(const struct shim_plan *wanted)
{
    pthread_mutex_lock(&lock);
    plan = *wanted;
    count = 0;
    pthread_mutex_unlock(&lock);
}

long shim_count(void)
{
    return count;
}

static void read_fault(const char *text)
{
    char *rest;

    snprintf(plan.state, sizeof(plan.state), "%.5s", text);
    text = strchr(text, '/');
    if (!text)
        return;
    plan.native = strtol(text + 1, &rest, 10);
    if (*rest == '/')
        snprintf(plan.message, sizeof(plan.message), "%s", rest + 1);
}

__attribute__((constructor)) static void read_environment(void)
{
    static const char *const hows[] = { "refuse", "rolled_back", "lost_before",
                                        "lost_after" };
    const char *at = getenv("ODBC_SHIM_AT");
    const char *times = getenv("ODBC_SHIM_TIMES");
    const char *how = getenv("ODBC_SHIM_HOW");
    const char *only = getenv("ODBC_SHIM_ONLY");
    const char *fault = getenv("ODBC_SHIM_FAULT");
    size_t i;

    is_timed = getenv("ODBC_SHIM_SECONDS") != NULL;
    plan.at = at ? strtol(at, NULL, 10) : 0;
    plan.times = times ? strtol(times, NULL, 10) : 1;
    plan.commits_only = only && strcmp(only, "commit") == 0;
    for (i = 0; how && i < sizeof(hows) / sizeof(hows[0]); i++)
        if (strcmp(how, hows[i]) == 0)
            plan.how = (enum shim_how)i;
    read_fault(fault ? fault : "08S01/0");
}

__attribute__((destructor)) static void write_count(void)
{
    const char *path = getenv("ODBC_SHIM_COUNT");
    FILE *f = path ? fopen(path, "w") : NULL;

    if (!f)
        return;
    fprintf(f, "%ld\n", count);
    fclose(f);
}

/* -- how long calls take -- */

#define TEXTS 200
#define TEXT_BYTES 60

static struct {
    char text[TEXT_BYTES];
    double seconds;
    long calls;
} texts[TEXTS];

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* The row of a text, its comments left out; the last is for all others. */
static size_t text_of(const SQLCHAR *sql)
{
    const char *s = (const char *)sql;
    size_t i;

    while (strncmp(s, "--", 2) == 0 && strchr(s, '\n'))
        s = strchr(s, '\n') + 1;
    for (i = 0; i < TEXTS - 1 && texts[i].text[0]; i++)
        if (strncmp(texts[i].text, s, TEXT_BYTES - 1) == 0)
            return i;
    snprintf(texts[i].text, TEXT_BYTES, "%s", s);
    return i;
}

__attribute__((destructor)) static void write_seconds(void)
{
    const char *path = getenv("ODBC_SHIM_SECONDS");
    FILE *f = path ? fopen(path, "w") : NULL;
    size_t i;
    char *c;

    if (!f)
        return;
    for (i = 0; i < TEXTS && texts[i].text[0]; i++) {
        for (c = texts[i].text; *c; c++)
            if (*c == '\n')
                *c = ' ';
        fprintf(f, "%.6f %ld %s\n", texts[i].seconds, texts[i].calls,
                texts[i].text);
    }
    fclose(f);
}

static bool is_gone(SQLHDBC dbc)
{
    size_t i;

    for (i = 0; i < gone_count; i++)
        if (gone[i] == dbc)
            return true;
    return false;
}

/* Statements and their connections. */
static struct {
    SQLHSTMT stmt;
    SQLHDBC dbc;
    bool commits; /* its prepared text is a COMMIT */
    size_t text;  /* and where its time is summed */
} statements[4096];

static size_t slot_of(SQLHSTMT stmt)
{
    size_t i;

    for (i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
        if (statements[i].stmt == stmt)
            return i;
    return 0;
}

static void record(SQLHANDLE handle, const char *state, long native,
                   const char *message)
{
    failed = handle;
    snprintf(failed_state, sizeof(failed_state), "%s", state);
    failed_native = native;
    failed_message = message;
}

static SQLRETURN refuse_gone(SQLHANDLE handle)
{
    record(handle, "08S01", 0, "[shim]the connection is gone");
    return SQL_ERROR;
}

/* As a server does by itself. */
static void roll_back(SQLHDBC dbc)
{
    SQLHSTMT stmt;

    if (REAL(SQLAllocHandle)(SQL_HANDLE_STMT, dbc, &stmt) != SQL_SUCCESS)
        return;
    REAL(SQLExecDirect)(stmt, (SQLCHAR *)"ROLLBACK", SQL_NTS);
    REAL(SQLFreeHandle)(SQL_HANDLE_STMT, stmt);
}

static bool is_commit(const SQLCHAR *sql)
{
    return sql && strncasecmp((const char *)sql, "COMMIT", 6) == 0;
}

/* Counts a call; is it one that is to fail? */
static bool is_due(bool commit)
{
    if (plan.commits_only && !commit)
        return false;
    count++;
    return plan.at > 0 && count >= plan.at &&
           (plan.times == 0 || count < plan.at + plan.times);
}

/* Does what the plan says instead of the call. */
static SQLRETURN fail(SQLHSTMT stmt, SQLRETURN (*call)(SQLHSTMT, SQLCHAR *),
                      SQLCHAR *sql)
{
    SQLHDBC dbc = statements[slot_of(stmt)].dbc;

    if (plan.how == SHIM_LOST_AFTER)
        call(stmt, sql);
    if (plan.how == SHIM_LOST_AFTER || plan.how == SHIM_LOST_BEFORE ||
        plan.how == SHIM_ROLLED_BACK)
        /* After a COMMIT there is nothing to roll back; a statement within
         * a transaction goes with its connection. */
        roll_back(dbc);
    if ((plan.how == SHIM_LOST_AFTER || plan.how == SHIM_LOST_BEFORE) &&
        gone_count < GONE_MAX)
        gone[gone_count++] = dbc;
    record(stmt, plan.state, plan.native,
           plan.message[0] ? plan.message : "[shim]a fault of the test's");
    return SQL_ERROR;
}

static SQLRETURN execute(SQLHSTMT stmt, SQLCHAR *sql)
{
    (void)sql;
    return REAL(SQLExecute)(stmt);
}

static SQLRETURN execute_direct(SQLHSTMT stmt, SQLCHAR *sql)
{
    return REAL(SQLExecDirect)(stmt, sql, SQL_NTS);
}

static SQLRETURN counted(SQLHSTMT stmt, SQLRETURN (*call)(SQLHSTMT, SQLCHAR *),
                         SQLCHAR *sql, bool commit)
{
    SQLRETURN rc;
    double begun = is_timed ? now() : 0;
    size_t text;

    pthread_mutex_lock(&lock);
    if (failed == stmt)
        failed = NULL;
    if (is_gone(statements[slot_of(stmt)].dbc))
        rc = refuse_gone(stmt);
    else if (is_due(commit))
        rc = fail(stmt, call, sql);
    else
        rc = SQL_STILL_EXECUTING;
    pthread_mutex_unlock(&lock);
    if (rc == SQL_STILL_EXECUTING)
        rc = call(stmt, sql);
    if (is_timed) {
        pthread_mutex_lock(&lock);
        text = sql ? text_of(sql) : statements[slot_of(stmt)].text;
        texts[text].seconds += now() - begun;
        texts[text].calls++;
        pthread_mutex_unlock(&lock);
    }
    return rc;
}

SQLRETURN SQLExecute(SQLHSTMT stmt)
{
    return counted(stmt, execute, NULL, statements[slot_of(stmt)].commits);
}

SQLRETURN SQLExecDirect(SQLHSTMT stmt, SQLCHAR *sql, SQLINTEGER len)
{
    (void)len;
    return counted(stmt, execute_direct, sql, is_commit(sql));
}

SQLRETURN SQLPrepare(SQLHSTMT stmt, SQLCHAR *sql, SQLINTEGER len)
{
    size_t slot = slot_of(stmt);

    statements[slot].commits = is_commit(sql);
    statements[slot].text = is_timed ? text_of(sql) : 0;
    if (is_gone(statements[slot].dbc))
        return refuse_gone(stmt);
    return REAL(SQLPrepare)(stmt, sql, len);
}

SQLRETURN SQLAllocHandle(SQLSMALLINT type, SQLHANDLE input, SQLHANDLE *output)
{
    SQLRETURN rc;
    size_t slot;

    if (type == SQL_HANDLE_STMT && is_gone(input))
        return refuse_gone(input);
    rc = REAL(SQLAllocHandle)(type, input, output);
    if (type == SQL_HANDLE_STMT && SQL_SUCCEEDED(rc)) {
        pthread_mutex_lock(&lock);
        slot = slot_of(NULL);
        statements[slot].stmt = *output;
        statements[slot].dbc = input;
        statements[slot].commits = false;
        pthread_mutex_unlock(&lock);
    }
    return rc;
}

static void forget(SQLHANDLE handle)
{
    size_t i;

    for (i = 0; i < gone_count; i++)
        if (gone[i] == handle)
            gone[i] = gone[--gone_count];
    for (i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
        if (statements[i].stmt == handle || statements[i].dbc == handle)
            memset(&statements[i], 0, sizeof(statements[i]));
    if (failed == handle)
        failed = NULL;
}

SQLRETURN SQLFreeHandle(SQLSMALLINT type, SQLHANDLE handle)
{
    pthread_mutex_lock(&lock);
    forget(handle);
    pthread_mutex_unlock(&lock);
    return REAL(SQLFreeHandle)(type, handle);
}

SQLRETURN SQLGetConnectAttr(SQLHDBC dbc, SQLINTEGER attribute, SQLPOINTER value,
                            SQLINTEGER size, SQLINTEGER *len)
{
    if (attribute == SQL_ATTR_CONNECTION_DEAD && is_gone(dbc)) {
        *(SQLUINTEGER *)value = SQL_CD_TRUE;
        return SQL_SUCCESS;
    }
    return REAL(SQLGetConnectAttr)(dbc, attribute, value, size, len);
}

SQLRETURN SQLGetDiagRec(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT number,
                        SQLCHAR *state, SQLINTEGER *native, SQLCHAR *message,
                        SQLSMALLINT size, SQLSMALLINT *len)
{
    if (handle != failed || !handle)
        return REAL(SQLGetDiagRec)(type, handle, number, state, native, message,
                                   size, len);
    if (number != 1)
        return SQL_NO_DATA;
    snprintf((char *)state, 6, "%s", failed_state);
    *native = (SQLINTEGER)failed_native;
    snprintf((char *)message, (size_t)size, "%s", failed_message);
    if (len)
        *len = (SQLSMALLINT)strlen((char *)message);
    return SQL_SUCCESS;
}
