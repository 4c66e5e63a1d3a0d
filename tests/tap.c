#include "tap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int count;
static int failed;

static void result(bool good, const char *name)
{
    const char *c;

    count++;
    if (!good)
        failed++;
    printf("%sok %d - ", good ? "" : "not ", count);
    /* '#' starts a directive in TAP. */
    for (c = name; *c; c++)
        putchar(*c == '\n' ? ' ' : *c == '#' ? '*' : *c);
    putchar('\n');
    fflush(stdout);
}

#define FORMAT_NAME(name)                                                      \
    do {                                                                       \
        va_list args;                                                          \
        va_start(args, format);                                                \
        vsnprintf(name, sizeof(name), format, args);                           \
        va_end(args);                                                          \
    } while (0)

bool tap_ok(bool good, const char *file, int line, const char *format, ...)
{
    char name[1024];

    FORMAT_NAME(name);
    result(good, name);
    if (!good)
        printf("# at %s:%d\n", file, line);
    return good;
}

bool tap_is_str(const char *got, const char *want, const char *file, int line,
                const char *format, ...)
{
    bool good = got == want || (got && want && strcmp(got, want) == 0);
    char name[1024];

    FORMAT_NAME(name);
    result(good, name);
    if (!good)
        printf("# at %s:%d\n#  got: %s\n# want: %s\n", file, line,
               got ? got : "(null)", want ? want : "(null)");
    return good;
}

bool tap_is_int(long long got, long long want, const char *file, int line,
                const char *format, ...)
{
    char name[1024];

    FORMAT_NAME(name);
    result(got == want, name);
    if (got != want)
        printf("# at %s:%d\n#  got: %lld\n# want: %lld\n", file, line, got,
               want);
    return got == want;
}

void tap_note(const char *format, ...)
{
    char text[1024];

    FORMAT_NAME(text);
    printf("# %s\n", text);
}

void tap_skip(const char *format, ...)
{
    char why[1024];

    FORMAT_NAME(why);
    count++;
    printf("ok %d # SKIP %s\n", count, why);
}

void tap_skip_all(const char *format, ...)
{
    char why[1024];

    FORMAT_NAME(why);
    printf("1..0 # SKIP %s\n", why);
    exit(0);
}

int tap_done(void)
{
    printf("1..%d\n", count);
    return failed ? 1 : 0;
}
