#include "db/faults.h"

#include <string.h>

#include "tests/tap.h"

static const struct {
    const char *why;
    enum db_engine engine;
    const char *state;
    long native;
    const char *message;
    enum error_kind kind;
    const char *code;
    unsigned flags; /* that must be set */
} cases[] = {
    { "busy", DB_SQLITE, "HY000", 5, "", ERROR_RETRY, "busy", 0 },
    { "locked within", DB_SQLITE, "HY000", 6, "", ERROR_RETRY, "busy", 0 },
    { "a duplicate", DB_SQLITE, "HY000", 19, "UNIQUE constraint failed: t.id",
      ERROR_REJECT, "duplicate", 0 },
    { "another constraint", DB_SQLITE, "HY000", 19,
      "NOT NULL constraint failed: t.id", ERROR_REJECT, "constraint", 0 },
    { "a full disk", DB_SQLITE, "HY000", 13, "", ERROR_SETUP, "disk_full", 0 },
    { "a bad path", DB_SQLITE, "HY000", 14, "", ERROR_SETUP, "no_database", 0 },
    { "not a database", DB_SQLITE, "HY000", 26, "", ERROR_SETUP, "corrupt", 0 },
    { "no table", DB_SQLITE, "HY000", 1, "no such table: x", ERROR_SETUP,
      "no_table", 0 },
    { "no column", DB_SQLITE, "HY000", 1, "no such column: x", ERROR_SETUP,
      "no_column", 0 },

    { "deadlock", DB_POSTGRESQL, "40P01", 1, "", ERROR_RETRY, "deadlock", 0 },
    { "serialization", DB_POSTGRESQL, "40001", 1, "", ERROR_RETRY,
      "serialization", 0 },
    { "lock timeout", DB_POSTGRESQL, "55P03", 1, "", ERROR_RETRY,
      "lock_timeout", 0 },
    { "statement timeout", DB_POSTGRESQL, "57014", 1, "", ERROR_RETRY,
      "timeout", 0 },
    { "terminated", DB_POSTGRESQL, "57P01", 1, "", ERROR_RETRY, "lost",
      FAULT_GONE | FAULT_UNKNOWN },
    { "starting up", DB_POSTGRESQL, "57P03", 1, "", ERROR_RETRY, "starting",
      FAULT_WAIT },
    { "gone", DB_POSTGRESQL, "08S01", 35, "", ERROR_RETRY, "lost",
      FAULT_GONE | FAULT_UNKNOWN },
    { "refused", DB_POSTGRESQL, "08001", 101, "Connection refused", ERROR_RETRY,
      "unreachable", FAULT_GONE },
    { "a wrong password", DB_POSTGRESQL, "08001", 101,
      "FATAL:  password authentication failed for user \"x\"", ERROR_SETUP,
      "login", FAULT_GONE },
    { "a wrong database", DB_POSTGRESQL, "08001", 101,
      "FATAL:  database \"x\" does not exist", ERROR_SETUP, "no_database",
      FAULT_GONE },
    { "no slot", DB_POSTGRESQL, "08001", 101,
      "FATAL:  sorry, too many clients already", ERROR_RETRY, "connections",
      FAULT_WAIT },
    { "a duplicate", DB_POSTGRESQL, "23505", 1, "", ERROR_REJECT, "duplicate",
      FAULT_QUIET },
    { "truncation", DB_POSTGRESQL, "22001", 1, "", ERROR_REJECT, "truncation",
      FAULT_QUIET },
    { "bad bytes", DB_POSTGRESQL, "22021", 1, "", ERROR_REJECT, "encoding",
      FAULT_QUIET },
    { "no room", DB_POSTGRESQL, "53100", 1, "", ERROR_RETRY, "disk_full", 0 },
    { "a standby", DB_POSTGRESQL, "25006", 1, "", ERROR_RETRY, "read_only",
      FAULT_GONE },
    { "no table", DB_POSTGRESQL, "42P01", 1, "", ERROR_SETUP, "no_table", 0 },
    { "no column", DB_POSTGRESQL, "42703", 1, "", ERROR_SETUP, "no_column", 0 },
    { "no right", DB_POSTGRESQL, "42501", 1, "", ERROR_SETUP, "rights", 0 },

    { "deadlock, not 40001", DB_MSSQL, "42000", 1205, "", ERROR_RETRY,
      "deadlock", 0 },
    { "deadlock by Microsoft's driver", DB_MSSQL, "40001", 1205, "",
      ERROR_RETRY, "deadlock", 0 },
    { "no lock for a claim", DB_MSSQL, "42000", 50000,
      "[FreeTDS][SQL Server]no claim lock", ERROR_RETRY, "lock_timeout", 0 },
    { "snapshot conflict", DB_MSSQL, "42000", 3960, "", ERROR_RETRY,
      "serialization", 0 },
    { "lock timeout", DB_MSSQL, "42000", 1222, "", ERROR_RETRY, "lock_timeout",
      0 },
    { "query timeout", DB_MSSQL, "HYT00", 0, "Timeout expired", ERROR_RETRY,
      "timeout", FAULT_GONE | FAULT_UNKNOWN },
    { "unexpected EOF", DB_MSSQL, "01000", 20017, "", ERROR_RETRY, "lost",
      FAULT_GONE | FAULT_UNKNOWN },
    { "then the link", DB_MSSQL, "08S01", 20006, "", ERROR_RETRY, "lost",
      FAULT_GONE },
    { "the server is down", DB_MSSQL, "08S01", 20009, "", ERROR_RETRY,
      "unreachable", FAULT_GONE },
    { "throttled", DB_MSSQL, "42000", 40501, "", ERROR_RETRY, "throttled",
      FAULT_WAIT },
    { "throttled too", DB_MSSQL, "42000", 10929, "", ERROR_RETRY, "throttled",
      FAULT_WAIT },
    { "failover", DB_MSSQL, "42000", 40613, "", ERROR_RETRY, "failover",
      FAULT_WAIT },
    { "cannot open the database", DB_MSSQL, "42000", 4060, "", ERROR_RETRY,
      "no_database", FAULT_WAIT },
    { "not the primary", DB_MSSQL, "42000", 976, "", ERROR_RETRY, "failover",
      FAULT_WAIT },
    { "nor synchronised", DB_MSSQL, "42000", 983, "", ERROR_RETRY, "failover",
      FAULT_WAIT },
    { "read-only", DB_MSSQL, "42000", 3906, "", ERROR_RETRY, "read_only", 0 },
    { "the log is full", DB_MSSQL, "42000", 9002, "", ERROR_RETRY, "disk_full",
      0 },
    { "a duplicate key", DB_MSSQL, "23000", 2627, "", ERROR_REJECT, "duplicate",
      FAULT_QUIET },
    { "in an index", DB_MSSQL, "23000", 2601, "", ERROR_REJECT, "duplicate",
      FAULT_QUIET },
    { "truncation", DB_MSSQL, "22001", 8152, "", ERROR_REJECT, "truncation",
      FAULT_QUIET },
    { "truncation with its value", DB_MSSQL, "42000", 2628, "", ERROR_REJECT,
      "truncation", FAULT_QUIET },
    { "a conversion", DB_MSSQL, "22018", 245, "", ERROR_REJECT, "type",
      FAULT_QUIET },
    { "a character that the client cannot convert", DB_MSSQL, "HY000", 2402, "",
      ERROR_REJECT, "encoding", FAULT_GONE },
    { "no table", DB_MSSQL, "42S02", 208, "", ERROR_SETUP, "no_table", 0 },
    { "a wrong password", DB_MSSQL, "28000", 18456, "", ERROR_SETUP, "login",
      FAULT_GONE },

    { "no driver", DB_SQLITE, "01000", 0, "Can't open lib 'x' : file not found",
      ERROR_SETUP, "no_driver", 0 },
    { "no data source", DB_MSSQL, "IM002", 0, "Data source name not found",
      ERROR_SETUP, "no_driver", 0 },
    { "what nobody knows", DB_MSSQL, "HY000", 99999, "odd", ERROR_SETUP,
      "database", 0 },
};

static void errors_have_a_meaning(void)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        const struct db_fault *f = fault_find(
            cases[i].engine, cases[i].state, cases[i].native, cases[i].message);

        ok(f->kind == cases[i].kind && strcmp(f->code, cases[i].code) == 0 &&
               (f->flags & cases[i].flags) == cases[i].flags,
           "%d: %s (%s/%ld: %s)", (int)cases[i].engine, cases[i].why,
           cases[i].state, cases[i].native, f->code);
    }
}

int main(void)
{
    errors_have_a_meaning();
    ok(!fault_is_known(fault_find(DB_SQLITE, "HY000", 0, "")) &&
           fault_is_known(fault_find(DB_SQLITE, "HY000", 5, "")),
       "what is known is told from what is not");
    return tap_done();
}
