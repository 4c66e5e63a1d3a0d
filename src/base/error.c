#include "base/error.h"

#include <stdarg.h>

#include "base/strbuf.h"

static void clear_but_message(struct error *err, enum error_kind kind)
{
    err->kind = kind;
    err->exit = EXIT_DONE;
    err->retry_after = 0;
    err->native = 0;
    err->code[0] = '\0';
}

/* Control characters in a message would forge log lines or drive a
 * terminal. */
static void tame(char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            *s = ' ';
}

bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    va_list args;

    clear_but_message(err, kind);
    va_start(args, format);
    vsnprintf(err->message, sizeof(err->message), format, args);
    va_end(args);
    utf8_trim_cut(err->message);
    tame(err->message);
    return false;
}

bool error_exit(struct error *err, enum error_kind kind, enum exit_code code,
                const char *format, ...)
{
    va_list args;

    clear_but_message(err, kind);
    err->exit = code;
    va_start(args, format);
    vsnprintf(err->message, sizeof(err->message), format, args);
    va_end(args);
    utf8_trim_cut(err->message);
    tame(err->message);
    return false;
}

bool error_context(struct error *err, const char *format, ...)
{
    char old[sizeof(err->message)];
    char prefix[sizeof(err->message)];
    va_list args;

    memcpy(old, err->message, sizeof(old));
    va_start(args, format);
    vsnprintf(prefix, sizeof(prefix), format, args);
    va_end(args);
    snprintf(err->message, sizeof(err->message), "%.200s: %.300s", prefix, old);
    utf8_trim_cut(err->message);
    tame(err->message);
    return false;
}

bool error_memory(struct error *err)
{
    return error_set(err, ERROR_RETRY, "out of memory");
}

void error_code(struct error *err, const char *code)
{
    snprintf(err->code, sizeof(err->code), "%s", code ? code : "");
    utf8_trim_cut(err->code);
}

void error_clear(struct error *err)
{
    clear_but_message(err, ERROR_NONE);
    err->message[0] = '\0';
}
