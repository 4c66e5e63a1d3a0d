#include "tests/provider/fake/client.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
    printf("Bail out! %s\n", what);
    exit(1);
}

void fake_start(struct fake *f, ...)
{
    const char *folder = getenv("builddir");
    const char *argv[64];
    char path[4096];
    va_list args;
    int out[2], n = 2;
    FILE *from;

    snprintf(path, sizeof(path), "%s/tests/provider/fake_provider",
             folder ? folder : ".");
    argv[0] = path;
    argv[1] = "--die-with-parent";
    va_start(args, f);
    while (n < 63 && (argv[n] = va_arg(args, const char *)))
        n++;
    argv[n] = NULL;
    va_end(args);
    if (pipe(out) || (f->pid = fork()) < 0)
        die("cannot start fake_provider");
    if (!f->pid) {
        dup2(out[1], 1);
        close(out[0]);
        close(out[1]);
        execv(path, (char **)(uintptr_t)argv);
        _exit(127);
    }
    close(out[1]);
    from = fdopen(out[0], "r");
    if (!from || fscanf(from, "%63s", f->base_url) != 1 ||
        sscanf(f->base_url, "http://127.0.0.1:%d/", &f->port) != 1)
        die("fake_provider does not start");
    fclose(from);
}

void fake_stop(struct fake *f)
{
    kill(f->pid, SIGKILL);
    waitpid(f->pid, NULL, 0);
}

static int reach(const struct fake *f)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)f->port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)))
        die("fake_provider is gone");
    return fd;
}

int fake_ask(const struct fake *f, const char *method, const char *path,
             const char *body, struct strbuf *out)
{
    struct strbuf text;
    int fd = reach(f), status = 0;
    char block[65536];
    const char *start;
    ssize_t n;

    strbuf_init(&text, 256 * MIB);
    strbuf_addf(&text,
                "%s %s HTTP/1.1\r\nHost: fake\r\nConnection: close\r\n"
                "Content-Length: %zu\r\n\r\n%s",
                method, path, body ? strlen(body) : 0, body ? body : "");
    if (send(fd, text.data, text.len, MSG_NOSIGNAL) != (ssize_t)text.len)
        die("fake_provider doesn't listen");
    strbuf_clear(&text);
    while ((n = recv(fd, block, sizeof(block), 0)) > 0)
        strbuf_add(&text, block, (size_t)n);
    close(fd);
    start = strstr(text.data, "\r\n\r\n");
    if (sscanf(text.data, "HTTP/1.1 %d", &status) != 1)
        status = 0;
    if (out && start)
        strbuf_adds(out, start + 4);
    strbuf_release(&text);
    return status;
}

void fake_script(const struct fake *f, const char *lines)
{
    if (fake_ask(f, "PUT", "/script", lines, NULL) != 200)
        die("fake_provider takes no script");
}

void fake_calm(const struct fake *f)
{
    if (fake_ask(f, "DELETE", "/script", NULL, NULL) != 200)
        die("fake_provider takes no script");
}

long fake_number(const struct fake *f, const char *name)
{
    struct strbuf ledger;
    char label[80];
    const char *at;
    long n = -1;

    strbuf_init(&ledger, MIB);
    fake_ask(f, "GET", "/ledger?brief=1", NULL, &ledger);
    snprintf(label, sizeof(label), "\"%s\":", name);
    at = strstr(ledger.data, label);
    if (at)
        n = strtol(at + strlen(label), NULL, 10);
    strbuf_release(&ledger);
    return n;
}

long fake_accepted(const struct fake *f, const char *custom_id)
{
    struct strbuf ledger;
    char label[200];
    const char *at;
    long n = 0;

    strbuf_init(&ledger, 256 * MIB);
    fake_ask(f, "GET", "/ledger", NULL, &ledger);
    snprintf(label, sizeof(label), "\"%s\":{\"accepted\":", custom_id);
    at = strstr(ledger.data, label);
    if (at)
        n = strtol(at + strlen(label), NULL, 10);
    strbuf_release(&ledger);
    return n;
}
