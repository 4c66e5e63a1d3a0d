/*
 * Certificates are checked (H1): a server that signs for itself gets no
 * request, and so no key.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "provider/http.h"
#include "tests/provider/fake/client.h"
#include "tests/tap.h"

static char folder[64];

/* Runs openssl; its standard output goes to out (-1: nowhere). */
static pid_t start(const char *const *argv, int out)
{
    pid_t pid = fork();

    if (pid)
        return pid;
    if (chdir(folder) || !freopen("/dev/null", "w", stderr))
        _exit(127);
    if (out >= 0)
        dup2(out, 1);
    else if (!freopen("/dev/null", "w", stdout))
        _exit(127);
    execvp(argv[0], (char **)(uintptr_t)argv);
    _exit(127);
}

static bool make_certificate(void)
{
    static const char *const argv[] = {
        "openssl",  "req",           "-x509",   "-newkey",
        "rsa:2048", "-nodes",        "-keyout", "key",
        "-out",     "cert",          "-days",   "2",
        "-subj",    "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
        NULL
    };
    int status = 1;

    waitpid(start(argv, -1), &status, 0);
    return status == 0;
}

static pid_t start_server(int *port)
{
    static const char *const argv[] = { "openssl",     "s_server", "-accept",
                                        "127.0.0.1:0", "-key",     "key",
                                        "-cert",       "cert",     "-www",
                                        NULL };
    int out[2];
    char line[200];
    FILE *from;
    pid_t pid;

    *port = 0;
    if (pipe(out))
        return -1;
    pid = start(argv, out[1]);
    close(out[1]);
    from = fdopen(out[0], "r");
    while (from && !*port && fgets(line, sizeof(line), from))
        if (!strncmp(line, "ACCEPT ", 7) && strrchr(line, ':'))
            *port = (int)strtol(strrchr(line, ':') + 1, NULL, 10);
    if (from)
        fclose(from);
    return pid;
}

static void refused(struct http *h, int port, enum error_kind kind,
                    const char *code, const char *why)
{
    char url[80];
    struct http_request request = {
        .method = "POST", .url = url, .body = "{}", .body_len = 2, .timeout = 10
    };
    struct http_response r;
    struct error err;

    snprintf(url, sizeof(url), "https://127.0.0.1:%d/v1", port);
    strbuf_init(&r.body, MIB);
    ok(!http_send(h, &request, &r, &err), "%s: refused", why);
    is_int(err.kind, kind, "%s: kind", why);
    is_str(err.code, code, "%s: code (%s)", why, err.message);
    ok(!r.sent, "%s: nothing was sent", why);
    strbuf_release(&r.body);
}

int main(void)
{
    static const char *const header[] = { "Authorization: Bearer sk-secret" };
    struct http_settings s = { .allowed_hosts = "127.0.0.1",
                               .headers = header,
                               .header_count = 1 };
    struct fake fake;
    struct error err;
    struct http *h;
    char path[128];
    pid_t server;
    int port;

    snprintf(folder, sizeof(folder), "/tmp/test_tls.XXXXXX");
    if (!mkdtemp(folder))
        return 1;
    if (!make_certificate())
        tap_skip_all("openssl is not there to make a certificate");
    server = start_server(&port);
    fake_start(&fake, NULL);
    ok(http_open(&h, &s, &err), "http opens");
    refused(h, port, ERROR_SETUP, "certificate", "signed by itself");
    refused(h, fake.port, ERROR_RETRY, "timeout", "no TLS at all");
    http_close(h);
    fake_stop(&fake);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    snprintf(path, sizeof(path), "%s/key", folder);
    unlink(path);
    snprintf(path, sizeof(path), "%s/cert", folder);
    unlink(path);
    rmdir(folder);
    return tap_done();
}
