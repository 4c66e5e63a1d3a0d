#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARN] = "warn",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};

static struct {
    pthread_mutex_t lock;
    int fd;
    char *file; /* owned */
    enum log_level level;
    enum log_level terminal_level;
    bool json;
    size_t size;
    size_t max_size;
} state = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .fd = -1,
    .level = LOG_LEVEL_INFO,
    .terminal_level = LOG_LEVEL_WARN,
};

static int open_file(const char *file)
{
    return open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
                0600);
}

bool log_open(const struct log_settings *settings, struct error *err)
{
    struct stat st;

    log_close();
    state.level = settings->level;
    state.terminal_level = settings->terminal_level;
    state.json = settings->json;
    state.max_size = settings->max_size;
    if (!settings->file || !settings->file[0])
        return true;
    state.fd = open_file(settings->file);
    if (state.fd < 0)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "cannot write the log file %s: %s; choose another "
                          "with log.file=, or log.file= for none",
                          settings->file, strerror(errno));
    state.size = fstat(state.fd, &st) == 0 ? (size_t)st.st_size : 0;
    state.file = strdup(settings->file);
    if (!state.file)
        return error_memory(err);
    return true;
}

void log_close(void)
{
    if (state.fd >= 0)
        close(state.fd);
    state.fd = -1;
    free(state.file);
    state.file = NULL;
}

/* One line is one record: control characters would forge another. */
static void tame(char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            *s = ' ';
}

/* The detail as a JSON string's inside: quotes and backslashes escaped. */
static void json_inside(const char *in, char *out, size_t size)
{
    size_t n = 0;

    for (; *in && n + 3 < size; in++) {
        if (*in == '"' || *in == '\\')
            out[n++] = '\\';
        out[n++] = *in;
    }
    out[n] = '\0';
}

static void rotate(void)
{
    char old[4096];

    if (!state.max_size || state.size < state.max_size || !state.file)
        return;
    snprintf(old, sizeof(old), "%s.1", state.file);
    if (rename(state.file, old) != 0)
        return;
    close(state.fd);
    state.fd = open_file(state.file);
    state.size = 0;
}

static void write_file(const char *stamp, enum log_level level,
                       const char *event, const char *detail)
{
    char escaped[2048];
    char line[2304];
    ssize_t done;
    int len;

    if (state.json) {
        json_inside(detail, escaped, sizeof(escaped));
        len =
            snprintf(line, sizeof(line),
                     "{\"at\":\"%s\",\"level\":\"%s\",\"event\":\"%s\","
                     "\"pid\":%ld,\"detail\":\"%s\"}\n",
                     stamp, level_names[level], event, (long)getpid(), escaped);
    } else {
        len = snprintf(line, sizeof(line), "%s %-5s %s %s\n", stamp,
                       level_names[level], event, detail);
    }
    if (len < 0)
        return;
    if ((size_t)len >= sizeof(line))
        len = (int)sizeof(line) - 1;
    rotate();
    if (state.fd < 0)
        return;
    done = write(state.fd, line, (size_t)len);
    if (done > 0)
        state.size += (size_t)done;
}

void log_line(enum log_level level, const char *event, const char *format, ...)
{
    int saved = errno;
    char detail[1024];
    char stamp[CLOCK_TEXT];
    va_list args;

    va_start(args, format);
    vsnprintf(detail, sizeof(detail), format, args);
    va_end(args);
    tame(detail);
    clock_text(clock_system.now(&clock_system), stamp);
    pthread_mutex_lock(&state.lock);
    if (level <= state.level && state.fd >= 0)
        write_file(stamp, level, event, detail);
    if (level <= state.terminal_level)
        fprintf(stderr, "vitae: %s: %s\n", event, detail);
    pthread_mutex_unlock(&state.lock);
    errno = saved;
}
