/*
 * error.h -- one error value that says what to do next.
 *
 * Fixed size, on the caller's stack; nothing is allocated on the failure
 * path.  Functions return bool (true: it worked) and take the error last.
 * The function that fails sets it, callers may add context, whoever decides
 * what happens next logs it once; nobody logs on the way up.
 * Messages never hold resume text, answers or secrets.
 * The scope (item, batch, provider) follows from which function failed.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/base.h"

enum error_kind {
    ERROR_NONE,
    ERROR_RETRY,  /* may work later: timeout, 429, deadlock, no memory */
    ERROR_REJECT, /* never works for this input: refused, malformed */
    ERROR_SETUP,  /* an operator must act: bad key, no such table */
};

/* The program's exit codes (man page, README). */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_SOME_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_SETTINGS = 3,
    EXIT_DATABASE = 4,
    EXIT_PROVIDER = 5,
    EXIT_BUDGET = 6,
    EXIT_RUNNING = 10,
    EXIT_INTERRUPTED = 130,
};

struct error {
    enum error_kind kind;
    enum exit_code exit; /* what the program would end with; 0 = 1 */
    double retry_after;  /* seconds the other side asked for, 0 = none */
    long native;         /* the database's or HTTP's own number, 0 = none */
    char code[48];       /* a short stable word, "" = none */
    char message[512];   /* one sentence, UTF-8, no newline */
};

/* Sets kind and message, clears the rest.  Always false, so that failing
 * is one statement. */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The same, with the exit code of the failing part. */
bool error_exit(struct error *err, enum error_kind kind, enum exit_code code,
                const char *format, ...) PRINTF_LIKE(4, 5);

/* Puts "FORMAT: " before the message.  Always false. */
bool error_context(struct error *err, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* ERROR_RETRY, "out of memory".  Always false. */
bool error_memory(struct error *err);

/* Sets the code word; cut at its size. */
void error_code(struct error *err, const char *code);

void error_clear(struct error *err);

#endif
