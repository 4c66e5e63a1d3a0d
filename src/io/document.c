#include "io/document.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#define TOOL_SECONDS 60.0
#define TOOL_MEMORY ((rlim_t)1 << 30)

struct kind {
    const char *suffix;
    const char *tool;    /* NULL = the file is the text */
    const char *package; /* of the tool */
    const char *before;  /* arguments: before FILE after */
    const char *after;
};

static const struct kind kinds[] = {
    { ".txt", NULL, NULL, NULL, NULL },
    { ".md", NULL, NULL, NULL, NULL },
    { ".markdown", NULL, NULL, NULL, NULL },
    { ".pdf", "pdftotext", "poppler-utils", "-layout", "-" },
    { ".docx", "docx2txt", "docx2txt", NULL, "-" },
};

static const struct kind *find_kind(const char *path)
{
    size_t len = strlen(path), n, i;

    for (i = 0; i < ARRAY_LEN(kinds); i++) {
        n = strlen(kinds[i].suffix);
        if (len > n && ascii_equal_nocase(path + len - n, kinds[i].suffix))
            return &kinds[i];
    }
    return NULL;
}

bool document_is_known(const char *path)
{
    return find_kind(path) != NULL;
}

static void run_tool(const struct kind *kind, const char *path, int out)
{
    const struct rlimit memory = { TOOL_MEMORY, TOOL_MEMORY };
    const char *argv[5];
    size_t n = 0;
    int null = open("/dev/null", O_RDWR);

    argv[n++] = kind->tool;
    if (kind->before)
        argv[n++] = kind->before;
    argv[n++] = path;
    if (kind->after)
        argv[n++] = kind->after;
    argv[n] = NULL;
    setrlimit(RLIMIT_AS, &memory);
    dup2(null, 0);
    dup2(out, 1);
    dup2(null, 2);
    execvp(kind->tool, (char *const *)(uintptr_t)argv);
    _exit(127);
}

/* Reads all the tool says, within the time. */
static bool gather(int fd, struct strbuf *out)
{
    double end = clock_system.monotonic(&clock_system) + TOOL_SECONDS;
    struct pollfd p = { .fd = fd, .events = POLLIN };
    double left;
    char *room;
    ssize_t n;

    for (;;) {
        left = end - clock_system.monotonic(&clock_system);
        if (left <= 0 || !strbuf_ok(out))
            return false;
        if (poll(&p, 1, (int)(left * 1000) + 1) < 0 && errno != EINTR)
            return false;
        if (!p.revents)
            continue;
        room = strbuf_room(out, 64 * KIB);
        if (!room)
            return false;
        n = read(fd, room, 64 * KIB);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        strbuf_grown(out, (size_t)n);
    }
}

/* Runs the tool and gathers what it says; its exit status, -1 when it was
 * killed or couldn't be started. */
static int run(const struct kind *kind, const char *path, struct strbuf *out)
{
    int pipes[2], status = 0;
    bool whole;
    pid_t pid;

    if (pipe(pipes) != 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        close(pipes[0]);
        run_tool(kind, path, pipes[1]);
    }
    close(pipes[1]);
    whole = pid > 0 && gather(pipes[0], out);
    close(pipes[0]);
    if (pid < 0)
        return -1;
    if (!whole)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return whole && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool by_tool(const struct kind *kind, const char *path,
                    struct strbuf *out, struct error *err)
{
    char safe[4096];
    int status;

    /* A name that begins with a dash is not an option. */
    snprintf(safe, sizeof(safe), "%s%s", path[0] == '-' ? "./" : "", path);
    status = run(kind, safe, out);
    if (status == 127)
        return error_set(err, ERROR_SETUP, "%s needs %s: apt-get install %s",
                         path, kind->tool, kind->package);
    if (status != 0)
        return error_set(err, ERROR_REJECT, "%s cannot make text of %s",
                         kind->tool, path);
    return true;
}

bool document_text(const char *path, struct strbuf *out, struct error *err)
{
    const struct kind *kind = find_kind(path);
    size_t before = out->len;

    if (!kind)
        return error_set(err, ERROR_REJECT,
                         "%s is none of .txt, .md, .pdf, .docx", path);
    if (kind->tool ? !by_tool(kind, path, out, err)
                   : !file_read(path, out, err))
        return false;
    if (text_is_blank(out->data + before, out->len - before))
        return error_set(err, ERROR_REJECT, "%s holds no text", path);
    return true;
}
