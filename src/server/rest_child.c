/*
 * rest_child.c -- the process that works on a job: `vitae run`.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/file.h"
#include "server/rest_private.h"

#define ARGUMENTS 128

struct command {
    const char *argv[ARGUMENTS + 1];
    size_t count;
    char input[STATE_PATH], out[STATE_PATH], log[STATE_PATH];
    char log_setting[STATE_PATH + 16];
};

static void add(struct command *c, const char *argument)
{
    if (c->count < ARGUMENTS)
        c->argv[c->count++] = argument;
}

static void compose(const struct rest_settings *s, const struct state *st,
                    const struct rest_job *job, struct command *c)
{
    char data[STATE_PATH];
    size_t i;

    rest_path(st, job->id, rest_input_names[job->kind], c->input);
    rest_path(st, job->id, "out", c->out);
    rest_path(st, job->id, "output.txt", c->log);
    rest_path(st, job->id, "out/job.db", data);
    add(c, s->program);
    add(c, "run");
    add(c, c->input);
    add(c, "--out");
    add(c, c->out);
    add(c, "--name");
    add(c, job->name);
    /* Made by a process that died before it had begun: begin anew. */
    add(c, file_exists(data) ? "--resume" : "--force");
    add(c, "--skip-bad");
    add(c, "--quiet");
    for (i = 0; s->arguments && s->arguments[i]; i++)
        add(c, s->arguments[i]);
    rest_path(st, job->id, "vitae.log", data);
    snprintf(c->log_setting, sizeof(c->log_setting), "log.file=%s", data);
    add(c, "--set");
    add(c, c->log_setting);
    c->argv[c->count] = NULL;
}

/* After fork(): only what a signal handler may do. */
static void become(const struct command *c, pid_t parent)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int log = open(c->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
    if (getppid() != parent || null < 0 || log < 0 || dup2(null, 0) < 0 ||
        dup2(log, 1) < 0 || dup2(log, 2) < 0)
        _exit(127);
    setpgid(0, 0);
    execv(c->argv[0], (char *const *)c->argv);
    _exit(127);
}

bool rest_child_start(const struct rest_settings *settings,
                      const struct state *st, const struct rest_job *job,
                      pid_t *pid, struct error *err)
{
    struct command c = { .count = 0 };
    pid_t parent = getpid();

    compose(settings, st, job, &c);
    if (c.count == ARGUMENTS)
        return error_set(err, ERROR_SETUP, "too many arguments for a job");
    *pid = fork();
    if (*pid == 0)
        become(&c, parent);
    return *pid > 0 ||
           error_set(err, ERROR_RETRY, "cannot start a process for %s: %s",
                     job->id, strerror(errno));
}

bool rest_child_ended(pid_t pid, int *code)
{
    int status;
    pid_t got = waitpid(pid, &status, WNOHANG);

    if (got == 0 || (got < 0 && errno == EINTR))
        return false;
    *code = got < 0             ? 127
            : WIFEXITED(status) ? WEXITSTATUS(status)
                                : 128 + WTERMSIG(status);
    return true;
}

void rest_child_stop(pid_t pid)
{
    kill(pid, SIGTERM);
}
