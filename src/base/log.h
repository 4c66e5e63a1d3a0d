/*
 * log.h -- one event, one line, at the boundary.
 *
 * log_info("batch_moved", "batch=%s from=%s to=%s", ...): a constant event
 * word, then key=value text.  Written by whoever decides what happens next.
 * Goes to standard error (unless quiet) and to the log file of the settings,
 * as text or JSON lines.  errno survives.  Keys, prompts, answers and resume
 * text are never values.  A full or broken log file never stops the work.
 * Safe from several threads.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/error.h"

enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARN,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG
};

struct log_settings {
    const char *file; /* borrowed; NULL or "" = none */
    enum log_level level;
    enum log_level terminal_level; /* for standard error */
    bool json;
    size_t max_size; /* the file is renamed to FILE.1 beyond it, 0 = never */
};

/* Opens the log.  Not being able to is an error of the settings. */
MUST_CHECK bool log_open(const struct log_settings *settings,
                         struct error *err);
void log_close(void);

void log_line(enum log_level level, const char *event, const char *format, ...)
    PRINTF_LIKE(3, 4);

#define log_failure(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
