/*
 * odbc_shim.h -- for a test that is linked with odbc_shim.c: the plan by a
 * call instead of the environment.  See there.
 */
#ifndef TESTS_DB_ODBC_SHIM_H
#define TESTS_DB_ODBC_SHIM_H

#include <stdbool.h>

enum shim_how {
    SHIM_REFUSE,      /* not executed; the error is all that happens */
    SHIM_ROLLED_BACK, /* the same, and the server has rolled back */
    SHIM_LOST_BEFORE, /* not executed, rolled back, the connection is gone */
    SHIM_LOST_AFTER,  /* executed; the answer and the connection are lost */
};

struct shim_plan {
    long at;           /* the first call that fails, from 1; 0 = none */
    long times;        /* how many in a row; 0 = all that follow */
    bool commits_only; /* count only COMMITs */
    enum shim_how how;
    char state[6]; /* SQLSTATE */
    long native;
    char message[100];
};

/* Begins counting anew. */
void shim_set(const struct shim_plan *plan);
/* Calls counted so far. */
long shim_count(void);

#endif
