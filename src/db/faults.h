/*
 * faults.h -- what an engine's error means, as one table.
 *
 * By engine, SQLSTATE, native number and, where a driver gives neither, a
 * word of its message (facts measured in November 2026: libsqliteodbc
 * 0.9998, psqlodbc 13.02, FreeTDS 1.3.17; SQL Server's numbers are read).
 */
#ifndef DB_FAULTS_H
#define DB_FAULTS_H

#include "db/db.h"

enum {
    FAULT_GONE = 1,    /* the connection is of no more use */
    FAULT_UNKNOWN = 2, /* the statement may have been applied */
    FAULT_QUIET = 4,   /* the message may quote values */
    FAULT_WAIT = 8,    /* the server asks to come back: try to connect again */
};

struct db_fault {
    const char *state; /* SQLSTATE, or its class of two; NULL = any */
    long first, last;  /* native numbers; 0, 0 = any; last 0 = first */
    const char *word;  /* in the message; NULL = any */
    enum error_kind kind;
    const char *code;
    unsigned flags;
    const char *cure; /* what an operator can do; NULL = nothing more */
};

/* Never NULL: what is not known is ERROR_SETUP "database". */
const struct db_fault *fault_find(enum db_engine engine, const char *state,
                                  long native, const char *message);

/* Is that the fault of what is not known? */
bool fault_is_known(const struct db_fault *fault);

#endif
