/*
 * tap.h -- the Test Anything Protocol, in one line per claim.
 *
 * A test is a main() of calls to functions named as sentences; it returns
 * tap_done(), so that a crash after the last line is not taken for success.
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdbool.h>
#include <stddef.h>

#define ok(condition, ...)                                                     \
    tap_ok(!!(condition), __FILE__, __LINE__, __VA_ARGS__)
#define is_str(got, want, ...)                                                 \
    tap_is_str((got), (want), __FILE__, __LINE__, __VA_ARGS__)
#define is_int(got, want, ...)                                                 \
    tap_is_int((long long)(got), (long long)(want), __FILE__, __LINE__,        \
               __VA_ARGS__)

bool tap_ok(bool good, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool tap_is_str(const char *got, const char *want, const char *file, int line,
                const char *format, ...) __attribute__((format(printf, 5, 6)));
bool tap_is_int(long long got, long long want, const char *file, int line,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A remark, shown beside the results. */
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One claim not tested, and why. */
void tap_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The whole file not tested: prints the plan and exits 0. */
void tap_skip_all(const char *format, ...)
    __attribute__((format(printf, 1, 2), noreturn));

/* Prints the plan; the exit status of main(). */
int tap_done(void);

#endif
