#include "db/faults.h"

#include <string.h>

#define GONE FAULT_GONE
#define UNKNOWN FAULT_UNKNOWN
#define QUIET FAULT_QUIET
#define WAIT FAULT_WAIT

/* The driver manager's own, before any engine's. */
static const struct db_fault manager[] = {
    { "01000", 0, 0, "Can't open lib", ERROR_SETUP, "no_driver", GONE,
      "install the ODBC driver (Debian: libsqliteodbc, odbc-postgresql, "
      "tdsodbc)" },
    { "IM002", 0, 0, NULL, ERROR_SETUP, "no_driver", GONE,
      "odbcinst -q -d lists the drivers, odbcinst -q -s the data sources" },
    { "IM", 0, 0, NULL, ERROR_SETUP, "no_driver", GONE, NULL },
    { NULL, 0, 0, NULL, ERROR_NONE, NULL, 0, NULL },
};

#define NOT_UNIQUE                                                             \
    "an index of the table has the value already; where the id column "        \
    "itself is not unique, vitae doctor says so"

/* Native numbers are SQLite's result codes; SQLSTATE is always HY000. */
static const struct db_fault sqlite[] = {
    { NULL, 5, 6, NULL, ERROR_RETRY, "busy", 0, NULL },
    { NULL, 7, 0, NULL, ERROR_RETRY, "memory", 0, NULL },
    { NULL, 8, 0, NULL, ERROR_SETUP, "read_only", 0,
      "the file or its folder may not be written" },
    { NULL, 9, 0, NULL, ERROR_RETRY, "timeout", 0, NULL },
    { NULL, 10, 0, NULL, ERROR_SETUP, "io", GONE, "look at the disk" },
    { NULL, 11, 0, NULL, ERROR_SETUP, "corrupt", GONE,
      "restore it from a backup" },
    { NULL, 13, 0, NULL, ERROR_SETUP, "disk_full", 0, "make room on the disk" },
    { NULL, 14, 0, NULL, ERROR_SETUP, "no_database", GONE,
      "the file or its folder is missing or may not be opened" },
    { NULL, 15, 0, NULL, ERROR_RETRY, "busy", 0, NULL },
    { NULL, 17, 0, NULL, ERROR_RETRY, "schema", 0, NULL },
    { NULL, 18, 0, NULL, ERROR_REJECT, "too_long", QUIET, NULL },
    { NULL, 19, 0, "UNIQUE", ERROR_REJECT, "duplicate", 0, NOT_UNIQUE },
    { NULL, 19, 0, "unique", ERROR_REJECT, "duplicate", 0, NOT_UNIQUE },
    { NULL, 19, 0, NULL, ERROR_REJECT, "constraint", QUIET, NULL },
    { NULL, 20, 0, NULL, ERROR_REJECT, "type", QUIET, NULL },
    { NULL, 23, 0, NULL, ERROR_SETUP, "rights", 0, NULL },
    { NULL, 26, 0, NULL, ERROR_SETUP, "corrupt", GONE,
      "is that the right file?" },
    { NULL, 1, 0, "no such table", ERROR_SETUP, "no_table", 0,
      "run vitae init, or name the table in the settings" },
    { NULL, 1, 0, "no such column", ERROR_SETUP, "no_column", 0,
      "if source.where or source.order_by are set, look there first" },
    { NULL, 1, 0, "syntax error", ERROR_SETUP, "syntax", 0,
      "if source.where or source.order_by are set, look there first" },
    { NULL, 0, 0, NULL, ERROR_NONE, NULL, 0, NULL },
};

/* Native numbers say nothing; psqlodbc reports every failed connection as
 * 08001, so that the message has to tell. */
static const struct db_fault postgresql[] = {
    { "40P01", 0, 0, NULL, ERROR_RETRY, "deadlock", 0, NULL },
    { "40003", 0, 0, NULL, ERROR_RETRY, "lost", UNKNOWN, NULL },
    { "40", 0, 0, NULL, ERROR_RETRY, "serialization", 0, NULL },
    { "55P03", 0, 0, NULL, ERROR_RETRY, "lock_timeout", 0, NULL },
    { "57014", 0, 0, NULL, ERROR_RETRY, "timeout", 0, NULL },
    { "57P03", 0, 0, NULL, ERROR_RETRY, "starting", GONE | WAIT, NULL },
    { "57P", 0, 0, NULL, ERROR_RETRY, "lost", GONE | UNKNOWN, NULL },
    { "53300", 0, 0, NULL, ERROR_RETRY, "connections", GONE | WAIT, NULL },
    { "53100", 0, 0, NULL, ERROR_RETRY, "disk_full", 0,
      "make room on the server's disk" },
    { "53", 0, 0, NULL, ERROR_RETRY, "resources", 0, NULL },
    { "58", 0, 0, NULL, ERROR_RETRY, "io", 0, NULL },
    { "25006", 0, 0, NULL, ERROR_RETRY, "read_only", GONE,
      "the server is a standby or read-only" },
    { "25P02", 0, 0, NULL, ERROR_RETRY, "aborted", GONE, NULL },
    { "25P03", 0, 0, NULL, ERROR_RETRY, "lost", GONE | UNKNOWN, NULL },
    { "0A000", 0, 0, "cached plan", ERROR_RETRY, "schema", 0, NULL },
    /* A plan of before that psqlodbc forgot. */
    { "42P05", 0, 0, NULL, ERROR_RETRY, "lost", GONE, NULL },
    { "26000", 0, 0, NULL, ERROR_RETRY, "lost", GONE, NULL },
    { "23505", 0, 0, NULL, ERROR_REJECT, "duplicate", QUIET, NOT_UNIQUE },
    { "23", 0, 0, NULL, ERROR_REJECT, "constraint", QUIET, NULL },
    { "22001", 0, 0, NULL, ERROR_REJECT, "truncation", QUIET, NULL },
    { "22021", 0, 0, NULL, ERROR_REJECT, "encoding", QUIET, NULL },
    { "22P05", 0, 0, NULL, ERROR_REJECT, "encoding", QUIET, NULL },
    { "22", 0, 0, NULL, ERROR_REJECT, "type", QUIET, NULL },
    { "54000", 0, 0, NULL, ERROR_REJECT, "too_long", QUIET, NULL },
    { "42P01", 0, 0, NULL, ERROR_SETUP, "no_table", 0,
      "run vitae init, or name the table in the settings" },
    { "42703", 0, 0, NULL, ERROR_SETUP, "no_column", 0,
      "if source.where or source.order_by are set, look there first" },
    { "42501", 0, 0, NULL, ERROR_SETUP, "rights", 0,
      "vitae init --grants prints the rights that are needed" },
    { "42P07", 0, 0, NULL, ERROR_SETUP, "exists", 0, NULL },
    { "3D000", 0, 0, NULL, ERROR_SETUP, "no_database", GONE, NULL },
    { "3F000", 0, 0, NULL, ERROR_SETUP, "no_schema", 0, NULL },
    { "28", 0, 0, NULL, ERROR_SETUP, "login", GONE, NULL },
    { "42", 0, 0, NULL, ERROR_SETUP, "syntax", 0,
      "if source.where or source.order_by are set, look there first" },
    { "08001", 0, 0, "authentication failed", ERROR_SETUP, "login", GONE,
      NULL },
    { "08001", 0, 0, "no password", ERROR_SETUP, "login", GONE, NULL },
    { "08001", 0, 0, "role \"", ERROR_SETUP, "login", GONE, NULL },
    { "08001", 0, 0, "pg_hba.conf", ERROR_SETUP, "login", GONE,
      "the server's pg_hba.conf has no line for this host, user and "
      "encryption" },
    { "08001", 0, 0, "database \"", ERROR_SETUP, "no_database", GONE, NULL },
    { "08001", 0, 0, "certificate", ERROR_SETUP, "certificate", GONE, NULL },
    { "08001", 0, 0, "SSL", ERROR_SETUP, "encryption", GONE, NULL },
    { "08001", 0, 0, "starting up", ERROR_RETRY, "starting", GONE | WAIT,
      NULL },
    { "08001", 0, 0, "shutting down", ERROR_RETRY, "starting", GONE | WAIT,
      NULL },
    { "08001", 0, 0, "too many", ERROR_RETRY, "connections", GONE | WAIT,
      NULL },
    { "08001", 0, 0, "connection slots", ERROR_RETRY, "connections",
      GONE | WAIT, NULL },
    { "08001", 0, 0, NULL, ERROR_RETRY, "unreachable", GONE, NULL },
    { "HY000", 0, 0, "terminating connection", ERROR_RETRY, "lost",
      GONE | UNKNOWN, NULL },
    { "HY000", 0, 0, "server closed the connection", ERROR_RETRY, "lost",
      GONE | UNKNOWN, NULL },
    { "HY000", 0, 0, "SAVEPOINT failed", ERROR_RETRY, "lost", GONE | UNKNOWN,
      NULL },
    { "HY000", 0, 0, "no connection to the server", ERROR_RETRY, "lost",
      GONE | UNKNOWN, NULL },
    { NULL, 0, 0, NULL, ERROR_NONE, NULL, 0, NULL },
};

/* By native number: FreeTDS reports nearly all as 42000. */
static const struct db_fault mssql[] = {
    { NULL, 1205, 0, NULL, ERROR_RETRY, "deadlock", 0, NULL },
    { NULL, 3960, 0, NULL, ERROR_RETRY, "serialization", 0, NULL },
    { NULL, 3961, 0, NULL, ERROR_RETRY, "serialization", 0, NULL },
    { NULL, 3966, 0, NULL, ERROR_RETRY, "serialization", 0, NULL },
    { NULL, 41301, 41305, NULL, ERROR_RETRY, "serialization", 0, NULL },
    { NULL, 41325, 0, NULL, ERROR_RETRY, "serialization", 0, NULL },
    { NULL, 1222, 0, NULL, ERROR_RETRY, "lock_timeout", 0, NULL },
    /* claim_lock.mssql.sql */
    { NULL, 50000, 0, "no claim lock", ERROR_RETRY, "lock_timeout", 0, NULL },
    { NULL, 1204, 0, NULL, ERROR_RETRY, "resources", 0, NULL },
    { NULL, 601, 0, NULL, ERROR_RETRY, "serialization", 0, NULL },
    { NULL, 701, 0, NULL, ERROR_RETRY, "resources", 0, NULL },
    { NULL, 802, 0, NULL, ERROR_RETRY, "resources", 0, NULL },
    { NULL, 8628, 0, NULL, ERROR_RETRY, "resources", 0, NULL },
    { NULL, 8645, 0, NULL, ERROR_RETRY, "resources", 0, NULL },
    { NULL, 8651, 0, NULL, ERROR_RETRY, "resources", 0, NULL },
    { NULL, 10928, 10929, NULL, ERROR_RETRY, "throttled", GONE | WAIT, NULL },
    { NULL, 40501, 0, NULL, ERROR_RETRY, "throttled", GONE | WAIT, NULL },
    { NULL, 49918, 49920, NULL, ERROR_RETRY, "throttled", GONE | WAIT, NULL },
    { NULL, 40143, 0, NULL, ERROR_RETRY, "failover", GONE | UNKNOWN | WAIT,
      NULL },
    { NULL, 40197, 0, NULL, ERROR_RETRY, "failover", GONE | UNKNOWN | WAIT,
      NULL },
    { NULL, 40540, 0, NULL, ERROR_RETRY, "failover", GONE | UNKNOWN | WAIT,
      NULL },
    { NULL, 40613, 0, NULL, ERROR_RETRY, "failover", GONE | WAIT, NULL },
    { NULL, 4221, 0, NULL, ERROR_RETRY, "failover", GONE | WAIT, NULL },
    /* A missing database, or one that is not open yet after a failover. */
    { NULL, 4060, 0, NULL, ERROR_RETRY, "no_database", GONE | WAIT,
      "is its name right, and may this login open it?" },
    /* Availability groups: not the primary, not joined, not synchronised. */
    { NULL, 976, 979, NULL, ERROR_RETRY, "failover", GONE | WAIT, NULL },
    { NULL, 981, 983, NULL, ERROR_RETRY, "failover", GONE | WAIT, NULL },
    { NULL, 35250, 0, NULL, ERROR_RETRY, "failover", GONE | WAIT, NULL },
    { NULL, 921, 927, NULL, ERROR_RETRY, "offline", GONE | WAIT,
      "the database is recovering, restoring or suspect" },
    { NULL, 942, 0, NULL, ERROR_RETRY, "offline", GONE | WAIT,
      "the database is offline" },
    { NULL, 5063, 0, NULL, ERROR_RETRY, "read_only", GONE, NULL },
    { NULL, 3906, 0, NULL, ERROR_RETRY, "read_only", GONE,
      "the database is read-only" },
    { NULL, 9002, 0, NULL, ERROR_RETRY, "disk_full", 0,
      "the transaction log is full: back it up or let it grow" },
    { NULL, 1105, 0, NULL, ERROR_RETRY, "disk_full", 0,
      "a file group is full" },
    { NULL, 1101, 0, NULL, ERROR_RETRY, "disk_full", 0,
      "a file group is full" },
    { NULL, 40544, 0, NULL, ERROR_SETUP, "disk_full", 0,
      "the database has reached its size quota" },
    { NULL, 6005, 6006, NULL, ERROR_RETRY, "lost", GONE | UNKNOWN | WAIT,
      NULL },
    { NULL, 17142, 0, NULL, ERROR_RETRY, "starting", GONE | WAIT, NULL },
    { NULL, 17187, 17188, NULL, ERROR_RETRY, "starting", GONE | WAIT, NULL },
    { NULL, 17809, 0, NULL, ERROR_RETRY, "connections", GONE | WAIT, NULL },
    { NULL, 596, 0, NULL, ERROR_RETRY, "lost", GONE | UNKNOWN, NULL },
    { NULL, 233, 0, NULL, ERROR_RETRY, "lost", GONE | UNKNOWN, NULL },
    { NULL, 64, 0, NULL, ERROR_RETRY, "lost", GONE | UNKNOWN, NULL },
    { NULL, 10053, 10061, NULL, ERROR_RETRY, "lost", GONE | UNKNOWN, NULL },
    { NULL, 2627, 0, NULL, ERROR_REJECT, "duplicate", QUIET, NOT_UNIQUE },
    { NULL, 2601, 0, NULL, ERROR_REJECT, "duplicate", QUIET, NOT_UNIQUE },
    { NULL, 547, 0, NULL, ERROR_REJECT, "constraint", QUIET, NULL },
    { NULL, 515, 0, NULL, ERROR_REJECT, "constraint", QUIET, NULL },
    { NULL, 8152, 0, NULL, ERROR_REJECT, "truncation", QUIET, NULL },
    { NULL, 2628, 0, NULL, ERROR_REJECT, "truncation", QUIET, NULL },
    { NULL, 220, 0, NULL, ERROR_REJECT, "type", QUIET, NULL },
    { NULL, 241, 245, NULL, ERROR_REJECT, "type", QUIET, NULL },
    { NULL, 248, 0, NULL, ERROR_REJECT, "type", QUIET, NULL },
    { NULL, 8114, 8115, NULL, ERROR_REJECT, "type", QUIET, NULL },
    { NULL, 8169, 8170, NULL, ERROR_REJECT, "type", QUIET, NULL },
    { NULL, 13608, 13614, NULL, ERROR_REJECT, "type", QUIET, NULL },
    /* An iconv failure leaves FreeTDS's connection unusable. */
    { NULL, 2402, 2403, NULL, ERROR_REJECT, "encoding", GONE | QUIET, NULL },
    { NULL, 208, 0, NULL, ERROR_SETUP, "no_table", 0,
      "run vitae init, or name the table in the settings" },
    { NULL, 207, 0, NULL, ERROR_SETUP, "no_column", 0,
      "if source.where or source.order_by are set, look there first" },
    { NULL, 229, 230, NULL, ERROR_SETUP, "rights", 0,
      "vitae init --grants prints the rights that are needed" },
    { NULL, 262, 0, NULL, ERROR_SETUP, "rights", 0, NULL },
    { NULL, 916, 0, NULL, ERROR_SETUP, "rights", GONE,
      "this login may not open that database" },
    { NULL, 2714, 0, NULL, ERROR_SETUP, "exists", 0, NULL },
    { NULL, 2760, 0, NULL, ERROR_SETUP, "no_schema", 0, NULL },
    { NULL, 102, 0, NULL, ERROR_SETUP, "syntax", 0,
      "if source.where or source.order_by are set, look there first" },
    { NULL, 18452, 18488, NULL, ERROR_SETUP, "login", GONE, NULL },
    { NULL, 40532, 0, NULL, ERROR_SETUP, "login", GONE, NULL },
    /* FreeTDS's own. */
    { NULL, 20002, 0, NULL, ERROR_RETRY, "unreachable", GONE,
      "no TLS there, or no certificate that is trusted? see "
      "database.encrypt, ca_file and trust_certificate" },
    { NULL, 20003, 0, NULL, ERROR_RETRY, "timeout", GONE | UNKNOWN, NULL },
    { NULL, 20004, 20006, NULL, ERROR_RETRY, "lost", GONE | UNKNOWN, NULL },
    { NULL, 20008, 20009, NULL, ERROR_RETRY, "unreachable", GONE, NULL },
    { NULL, 20012, 20013, NULL, ERROR_SETUP, "unreachable", GONE,
      "the server's name is not known" },
    { NULL, 20017, 0, NULL, ERROR_RETRY, "lost", GONE | UNKNOWN, NULL },
    { NULL, 20047, 0, NULL, ERROR_RETRY, "lost", GONE | UNKNOWN, NULL },
    /* Microsoft's driver. */
    { "40001", 0, 0, NULL, ERROR_RETRY, "deadlock", 0, NULL },
    { "08001", 0, 0, "certificate", ERROR_SETUP, "certificate", GONE, NULL },
    { "08001", 0, 0, NULL, ERROR_RETRY, "unreachable", GONE, NULL },
    { "22", 0, 0, NULL, ERROR_REJECT, "type", QUIET, NULL },
    { "23", 0, 0, NULL, ERROR_REJECT, "constraint", QUIET, NULL },
    { "24000", 0, 0, NULL, ERROR_RETRY, "state", GONE, NULL },
    { NULL, 0, 0, NULL, ERROR_NONE, NULL, 0, NULL },
};

/* What SQLSTATE says on every engine. */
static const struct db_fault common[] = {
    { "HYT00", 0, 0, NULL, ERROR_RETRY, "timeout", GONE | UNKNOWN, NULL },
    { "HYT01", 0, 0, NULL, ERROR_RETRY, "timeout", GONE | UNKNOWN, NULL },
    { "08", 0, 0, NULL, ERROR_RETRY, "lost", GONE | UNKNOWN, NULL },
    { "40", 0, 0, NULL, ERROR_RETRY, "serialization", 0, NULL },
    { "HY001", 0, 0, NULL, ERROR_RETRY, "memory", 0, NULL },
    { "HY014", 0, 0, NULL, ERROR_RETRY, "memory", 0, NULL },
    { "22", 0, 0, NULL, ERROR_REJECT, "type", QUIET, NULL },
    { "23", 0, 0, NULL, ERROR_REJECT, "constraint", QUIET, NULL },
    { "28", 0, 0, NULL, ERROR_SETUP, "login", GONE, NULL },
    { "42S02", 0, 0, NULL, ERROR_SETUP, "no_table", 0,
      "run vitae init, or name the table in the settings" },
    { "42S22", 0, 0, NULL, ERROR_SETUP, "no_column", 0, NULL },
    { NULL, 0, 0, NULL, ERROR_SETUP, "database", 0, NULL },
};

static const struct db_fault *const engines[] = {
    [DB_SQLITE] = sqlite, [DB_POSTGRESQL] = postgresql, [DB_MSSQL] = mssql
};

static bool matches(const struct db_fault *f, const char *state, long native,
                    const char *message)
{
    long last = f->last ? f->last : f->first;

    return (!f->state || strncmp(state, f->state, strlen(f->state)) == 0) &&
           (!f->first || (native >= f->first && native <= last)) &&
           (!f->word || strstr(message, f->word));
}

/* The row, or the table's last one. */
static const struct db_fault *look(const struct db_fault *f, const char *state,
                                   long native, const char *message)
{
    while (f->kind != ERROR_NONE && f->code &&
           !matches(f, state, native, message))
        f++;
    return f;
}

const struct db_fault *fault_find(enum db_engine engine, const char *state,
                                  long native, const char *message)
{
    const struct db_fault *tables[] = { manager, engines[engine], common };
    size_t i;

    for (i = 0; i < ARRAY_LEN(tables); i++) {
        const struct db_fault *f = look(tables[i], state, native, message);

        if (f->kind != ERROR_NONE)
            return f;
    }
    return &common[ARRAY_LEN(common) - 1];
}

bool fault_is_known(const struct db_fault *fault)
{
    return fault != &common[ARRAY_LEN(common) - 1];
}
