/*
 * crash_shim.c -- LD_PRELOAD: kill or hurt the process at the n-th effect.
 *
 * Every call that changes the world outside the process is a point: write,
 * pwrite, writev, fsync, fdatasync, rename, unlink, ftruncate, send, connect,
 * and every statement that goes to a database (SQLExecute, SQLExecDirect).
 * Writes to descriptors 0, 1 and 2 don't count.
 *
 *   SHIM_AT=N      act at point N (from 1); without it only count
 *   SHIM_DO=kill   die before the call (default)
 *           after  do the call, then die
 *           short  write half, then die
 *           eio    the call fails with EIO, once
 *           enospc the call fails with ENOSPC, once
 *   SHIM_FULL=FILE   while FILE exists, the disk is full: no write to a
 *                    plain file works
 *   SHIM_CALL=NAME   points are only calls of this name; alone: the first one
 *   SHIM_HOST=NAME   what gethostname() tells
 *   SHIM_COUNT=FILE  at exit, how many points there were
 *   SHIM_LOG=FILE    a line for each point: its number and name
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum action { KILL, AFTER, SHORT, FAIL_EIO, FAIL_ENOSPC };

static long at, count;
static enum action action;
static const char *count_file, *log_file, *full_file, *only;
static int inside;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void note(const char *name)
{
    char line[64];
    int fd, len;

    if (!log_file)
        return;
    inside = 1;
    len = snprintf(line, sizeof(line), "%ld %s\n", count, name);
    fd = open(log_file, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd >= 0) {
        if (REAL(write)(fd, line, (size_t)len) < 0)
            _exit(99);
        close(fd);
    }
    inside = 0;
}

__attribute__((constructor)) static void begin(void)
{
    const char *what = getenv("SHIM_DO");
    const char *where = getenv("SHIM_AT");

    at = where ? strtol(where, NULL, 10) : 0;
    only = getenv("SHIM_CALL");
    if (only && !where)
        at = 1;
    count_file = getenv("SHIM_COUNT");
    log_file = getenv("SHIM_LOG");
    full_file = getenv("SHIM_FULL");
    if (what)
        action = !strcmp(what, "after")    ? AFTER
                 : !strcmp(what, "short")  ? SHORT
                 : !strcmp(what, "eio")    ? FAIL_EIO
                 : !strcmp(what, "enospc") ? FAIL_ENOSPC
                                           : KILL;
}

__attribute__((destructor)) static void end(void)
{
    FILE *f;

    inside = 1;
    f = count_file ? fopen(count_file, "w") : NULL;
    if (f) {
        fprintf(f, "%ld\n", count);
        fclose(f);
    }
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* True when this is the chosen point and the caller has to act. */
static int chosen(const char *name)
{
    int mine;

    if (inside || (only && strcmp(only, name) != 0))
        return 0;
    pthread_mutex_lock(&lock);
    count++;
    mine = at && count == at;
    note(name);
    pthread_mutex_unlock(&lock);
    if (mine && action == KILL)
        die();
    return mine;
}

#define FAIL_IF_CHOSEN(mine, value)                                            \
    do {                                                                       \
        if ((mine) && (action == FAIL_EIO || action == FAIL_ENOSPC)) {         \
            errno = action == FAIL_EIO ? EIO : ENOSPC;                         \
            return value;                                                      \
        }                                                                      \
    } while (0)

#define POINT(name, value, call)                                               \
    do {                                                                       \
        int mine = chosen(name);                                               \
        FAIL_IF_CHOSEN(mine, value);                                           \
        result = call;                                                         \
        if (mine)                                                              \
            die();                                                             \
        return result;                                                         \
    } while (0)

static int is_full(int fd)
{
    struct stat st;

    return full_file && access(full_file, F_OK) == 0 && fstat(fd, &st) == 0 &&
           S_ISREG(st.st_mode);
}

ssize_t write(int fd, const void *data, size_t n)
{
    ssize_t result;
    int mine;

    if (fd <= 2 || inside)
        return REAL(write)(fd, data, n);
    if (is_full(fd)) {
        errno = ENOSPC;
        return -1;
    }
    mine = chosen("write");
    FAIL_IF_CHOSEN(mine, -1);
    result = REAL(write)(fd, data, mine && action == SHORT ? n / 2 : n);
    if (mine)
        die();
    return result;
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t offset)
{
    ssize_t result;
    int mine = chosen("pwrite");

    FAIL_IF_CHOSEN(mine, -1);
    result =
        REAL(pwrite)(fd, data, mine && action == SHORT ? n / 2 : n, offset);
    if (mine)
        die();
    return result;
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t offset)
{
    return pwrite(fd, data, n, (off_t)offset);
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
    ssize_t result;

    if (fd <= 2)
        return REAL(writev)(fd, v, n);
    POINT("writev", -1, REAL(writev)(fd, v, n));
}

int fsync(int fd)
{
    int result;

    POINT("fsync", -1, REAL(fsync)(fd));
}

int fdatasync(int fd)
{
    int result;

    POINT("fdatasync", -1, REAL(fdatasync)(fd));
}

int rename(const char *from, const char *to)
{
    int result;

    POINT("rename", -1, REAL(rename)(from, to));
}

int unlink(const char *path)
{
    int result;

    POINT("unlink", -1, REAL(unlink)(path));
}

int ftruncate(int fd, off_t length)
{
    int result;

    POINT("ftruncate", -1, REAL(ftruncate)(fd, length));
}

int ftruncate64(int fd, off64_t length)
{
    return ftruncate(fd, (off_t)length);
}

ssize_t send(int fd, const void *data, size_t n, int flags)
{
    ssize_t result;

    POINT("send", -1, REAL(send)(fd, data, n, flags));
}

int connect(int fd, const struct sockaddr *address, socklen_t len)
{
    int result;

    POINT("connect", -1, REAL(connect)(fd, address, len));
}

int gethostname(char *name, size_t size)
{
    const char *host = getenv("SHIM_HOST");

    if (!host)
        return REAL(gethostname)(name, size);
    snprintf(name, size, "%s", host);
    return 0;
}

/* The driver manager's calls, without its headers: a statement handle and
 * its text. */
short SQLExecute(void *statement);
short SQLExecDirect(void *statement, unsigned char *text, int len);

short SQLExecute(void *statement)
{
    short result;

    POINT("SQLExecute", -1, REAL(SQLExecute)(statement));
}

short SQLExecDirect(void *statement, unsigned char *text, int len)
{
    short result;

    POINT("SQLExecDirect", -1, REAL(SQLExecDirect)(statement, text, len));
}
