#include "provider/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define SECONDS 60.0
#define LOOK_EVERY 0.05
/* Open files beyond are rare, and closed by nobody. */
#define FILES_MOST 4096

bool hook_check(const char *path, struct error *err)
{
    return (path[0] == '/' && access(path, X_OK) == 0) ||
           error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                      "notify.command must be the absolute path of a program "
                      "that may be run: %.200s",
                      path);
}

/* What programs need of an environment that may hold keys and passwords. */
static const char *const told[] = { "HOME=", "LANG=",   "LC_ALL=", "LC_CTYPE=",
                                    "PATH=", "TMPDIR=", "TZ=",     "USER=" };
#define TOLD_MOST (ARRAY_LEN(told) + 1)

static void keep_told(char **kept)
{
    size_t i, n = 0;
    char **e;

    for (i = 0; i < ARRAY_LEN(told); i++)
        for (e = environ; *e; e++)
            if (strncmp(*e, told[i], strlen(told[i])) == 0) {
                kept[n++] = *e;
                break;
            }
    kept[n] = NULL;
}

/* After fork(): only what a signal handler may do.  What it starts may live
 * longer than we do, and must not hold our sockets. */
static void become(const char *path, const char *type, char **env, int in)
{
    const char *const argv[] = { path, type, NULL };
    const struct sigaction usual = { .sa_handler = SIG_DFL };
    int fd;

    sigaction(SIGPIPE, &usual, NULL);
    setpgid(0, 0);
    if (dup2(in, 0) < 0 || dup2(2, 1) < 0)
        _exit(127);
    for (fd = 3; fd < FILES_MOST; fd++)
        close(fd);
    execve(path, (char *const *)(uintptr_t)argv, env);
    _exit(127);
}

/* A pipe that holds the event and its end; -1 with errno. */
static int pipe_with(const struct strbuf *event)
{
    int ends[2];
    bool whole;

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return -1;
    whole = write(ends[1], event->data, event->len) == (ssize_t)event->len &&
            fcntl(ends[0], F_SETFL, 0) == 0;
    close(ends[1]);
    if (whole)
        return ends[0];
    close(ends[0]);
    errno = EFBIG;
    return -1;
}

/* Its exit status; 128 and the signal; -1: it took too long, or we stop. */
static int await(pid_t pid, const volatile bool *stop)
{
    struct clock *clock = &clock_system;
    double end = clock->monotonic(clock) + SECONDS;
    int status = 0;
    pid_t got;

    while ((got = waitpid(pid, &status, WNOHANG)) == 0 ||
           (got < 0 && errno == EINTR)) {
        if (flag_is_set(stop) || clock->monotonic(clock) > end) {
            kill(-pid, SIGKILL);
            kill(pid, SIGKILL); /* it may have no group yet */
            while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
            return -1;
        }
        clock->sleep(clock, LOOK_EVERY, stop);
    }
    if (got < 0)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool hook_run(const char *path, const char *type, const struct strbuf *event,
              const volatile bool *stop, struct error *err)
{
    const struct sigaction usual = { .sa_handler = SIG_DFL };
    char *env[TOLD_MOST];
    int in = pipe_with(event);
    int status;
    pid_t pid;

    if (in < 0)
        return error_set(err, ERROR_RETRY, "%.200s: %s", path, strerror(errno));
    /* Whoever ignores it when he starts us would get no exit status. */
    sigaction(SIGCHLD, &usual, NULL);
    keep_told(env);
    pid = fork();
    if (pid == 0)
        become(path, type, env, in);
    close(in);
    if (pid < 0)
        return error_set(err, ERROR_RETRY, "%.200s: %s", path, strerror(errno));
    status = await(pid, stop);
    if (status == 0)
        return true;
    if (status < 0)
        return error_set(err, ERROR_RETRY, "%.200s took over a minute", path);
    return error_set(err, ERROR_RETRY, "%.200s ended with %d", path, status);
}
