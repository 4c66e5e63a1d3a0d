#include "server/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/folder.h"
#include "tests/tap.h"

#define BIG (32 * MIB)
#define PATIENCE 120000 /* milliseconds, then it is taken for never */

static struct http_server *server;
static int port;

/* -- a small site -- */

static void refuse(struct exchange *x, unsigned status, const char *code,
                   const char *message)
{
    struct strbuf out;

    (void)message;
    strbuf_init(&out, KIB);
    strbuf_adds(&out, code);
    exchange_reply(x, status, "text/plain", &out);
    strbuf_release(&out);
}

static bool admit(struct exchange *x)
{
    (void)x;
    return true;
}

static void say(struct exchange *x, const char *text)
{
    struct strbuf out;

    strbuf_init(&out, MIB);
    strbuf_adds(&out, text);
    exchange_reply(x, 200, "text/plain", &out);
    strbuf_release(&out);
}

static void hello(struct exchange *x)
{
    say(x, "hello");
}

static void echo(struct exchange *x)
{
    say(x, exchange_body(x)->data);
}

static void big(struct exchange *x)
{
    int fd = open("big", O_RDONLY | O_CLOEXEC);

    exchange_reply_file(x, 200, "text/plain", fd, 0, BIG);
}

static bool tick(void *context, struct strbuf *out)
{
    int *left = context;

    if (*left && --*left % 2) /* or nothing new */
        strbuf_adds(out, "tick");
    return *left > 0;
}

static void end(void *context)
{
    free(context);
}

static void stream(struct exchange *x)
{
    int *left = malloc(sizeof(*left));
    struct event_source source = { tick, end, left };

    *left = strcmp(exchange_param(x), "endless") == 0 ? 1000000 : 4;
    exchange_reply_events(x, "clock", &source);
}

static void *later(void *context)
{
    struct timespec t = { 0, 50000000 };

    nanosleep(&t, NULL);
    say(context, "later");
    exchange_resume(context);
    return NULL;
}

static void elsewhere(struct exchange *x)
{
    pthread_t thread;

    exchange_suspend(x);
    if (pthread_create(&thread, NULL, later, x) == 0)
        pthread_detach(thread);
}

static _Atomic long form_bytes;
static _Atomic int form_open;

static bool part(struct exchange *x, const struct http_part *p)
{
    if (!*exchange_own(x)) {
        *exchange_own(x) = server;
        form_bytes = 0;
        form_open++;
    }
    form_bytes += (long)p->len;
    return true;
}

static void done(struct exchange *x)
{
    if (*exchange_own(x))
        form_open--;
}

static void form(struct exchange *x)
{
    char text[32];

    snprintf(text, sizeof(text), "form %ld", (long)form_bytes);
    say(x, text);
}

static const struct http_route routes[] = {
    { "GET", "/hello", BODY_NONE, 0, true, hello },
    { "POST", "/echo", BODY_MEMORY, 1000, true, echo },
    { "GET", "/big", BODY_NONE, 0, true, big },
    { "GET", "/stream/{id}", BODY_NONE, 0, true, stream },
    { "GET", "/later", BODY_NONE, 0, true, elsewhere },
    { "POST", "/form", BODY_FORM, 0, true, form },
};
static const struct http_site site = {
    .routes = routes,
    .route_count = ARRAY_LEN(routes),
    .most_form = 100000,
    .refuse = refuse,
    .admit = admit,
    .part = part,
    .done = done,
};

/* -- a client of plain bytes -- */

static int dial(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
        tap_note("connect: %s", strerror(errno));
    return fd;
}

/* What comes until the other side closes, or nothing more for a long time;
 * *closed tells which. */
static size_t hear(int fd, char *out, size_t size, bool *closed)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    size_t len = 0;
    ssize_t n = 1;

    *closed = false;
    while (len + 1 < size && poll(&p, 1, PATIENCE) == 1) {
        n = recv(fd, out + len, size - 1 - len, 0);
        if (n <= 0) {
            *closed = true;
            break;
        }
        len += (size_t)n;
    }
    out[len] = '\0';
    return len;
}

static int status_of(const char *answer)
{
    int status = 0;

    if (sscanf(answer, "HTTP/1.1 %d", &status) != 1)
        status = 0;
    return status;
}

static void ask(const char *request, char *out, size_t size, bool *closed)
{
    int fd = dial();

    if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
        tap_note("send: %s", strerror(errno));
    hear(fd, out, size, closed);
    close(fd);
}

/* -- claims -- */

static void what_can_be_understood_in_two_ways_is_refused(void)
{
    static const struct {
        const char *request;
        int status; /* 0 = closed without a word */
        const char *body, *why;
    } cases[] = {
        { "GET /hello HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n\r\n",
          200, "hello", "a plain request is answered" },
        { "HEAD /hello HTTP/1.1\r\nConnection: close\r\nHost: "
          "localhost\r\n\r\n",
          200, "", "HEAD too" },
        { "GET /hello HTTP/1.1\r\n\r\n", 400, "bad_framing", "no Host" },
        { "GET /hello HTTP/1.0\r\n\r\n", 400, "bad_framing", "nor in 1.0" },
        { "GET /hello you HTTP/1.1\r\nHost: localhost\r\n\r\n", 400,
          "bad_framing", "a blank in the URL" },
        { "GET /hello HTTP/1.1\r\nConnection: close\r\nHost: "
          "localhost\r\nHost: localhost\r\n\r\n",
          400, "bad_framing", "two Hosts" },
        { "GET /hello HTTP/1.1\r\nConnection: close\r\nHost: "
          "evil.example\r\n\r\n",
          403, "foreign_host", "a name that was rebound to us" },
        { "GET /hello HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n"
          "Origin: http://evil.example\r\n\r\n",
          403, "foreign_origin", "a page of another site" },
        { "GET /hello HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n"
          "Origin: http://localhost\r\n\r\n",
          200, "hello", "our own page" },
        { "POST /echo HTTP/1.1\r\nConnection: close\r\nHost: "
          "localhost\r\nContent-Length: 2\r\n"
          "Content-Length: 2\r\n\r\nab",
          400, "", "two lengths" },
        { "POST /echo HTTP/1.1\r\nConnection: close\r\nHost: "
          "localhost\r\nContent-Length: 2\r\n"
          "Content-Length: 20\r\n\r\nab",
          400, "", "two lengths that differ" },
        { "POST /echo HTTP/1.1\r\nConnection: close\r\nHost: "
          "localhost\r\nContent-Length: 2\r\n"
          "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
          400, "", "a length and chunks" },
        { "POST /echo HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n"
          "Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
          400, "", "an encoding that isn't understood" },
        { "POST /echo HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n"
          "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
          200, "ab", "chunks alone are fine" },
        { "POST /echo HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n"
          "Content-Length: -1\r\n\r\n",
          400, "", "a negative length" },
        { "POST /echo HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n"
          "Content-Length: 18446744073709551617\r\n\r\n",
          -1, "", "a length beyond 2^64" },
        { "POST /echo HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n"
          "Content-Length: 2000000\r\n\r\n",
          413, "too_large", "too large, told before it comes" },
        { "GET /nowhere HTTP/1.1\r\nConnection: close\r\nHost: "
          "localhost\r\n\r\n",
          404, "unknown_url", "no such address" },
        { "DELETE /hello HTTP/1.1\r\nConnection: close\r\nHost: "
          "localhost\r\n\r\n",
          405, "method_not_allowed", "not with this method" },
        { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", -1, "", "HTTP/2" },
        { "\x16\x03\x01\x02\x01\x01\r\n\r\n", -1, "", "TLS" },
        { "nonsense\r\n\r\n", -1, "", "no HTTP" },
        { "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"
          "GET /hello HTTP/1.1\r\nConnection: close\r\nHost: "
          "evil.example\r\n\r\n",
          200, "foreign_host", "each of two in one packet is looked at" },
    };
    char answer[8192];
    bool closed;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        int status;

        ask(cases[i].request, answer, sizeof(answer), &closed);
        status = status_of(answer);
        if (cases[i].status < 0)
            ok(status != 200, "%s (%d)", cases[i].why, status);
        else
            is_int(status, cases[i].status, "%s", cases[i].why);
        if (*cases[i].body)
            ok(strstr(answer, cases[i].body), "%s: says %s", cases[i].why,
               cases[i].body);
        ok(!strstr(answer, "Access-Control"), "%s: no CORS header",
           cases[i].why);
    }
    ask("GET /hello HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n\r\n",
        answer, sizeof(answer), &closed);
    is_int(status_of(answer), 200, "and the server is still there");
}

static void heads_have_their_limits(void)
{
    static const struct {
        size_t url, header;
        int status;
        const char *body, *why;
    } cases[] = {
        { 8 * KIB - 10, 1, 200, "hello", "a URL of nearly 8 KiB" },
        { 9 * KIB, 1, 414, "uri_too_long", "a URL of 9 KiB" },
        { 60 * KIB, 1, 414, "uri_too_long", "a URL of 60 KiB" },
        { 1, 31 * KIB, 200, "hello", "a header of 31 KiB" },
        { 1, 33 * KIB, 431, "headers_too_large", "a header of 33 KiB" },
        { 1, 48 * KIB, 431, "headers_too_large", "a header of 48 KiB" },
        /* The library's own. */
        { 80 * KIB, 1, 414, "", "a URL of 80 KiB" },
        { 1, 80 * KIB, 431, "", "a header of 80 KiB" },
    };
    static char request[200 * KIB], answer[8192], fill[80 * KIB];
    bool closed;
    size_t i;

    memset(fill, 'x', sizeof(fill));
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        snprintf(request, sizeof(request),
                 "GET /hello?%.*s HTTP/1.1\r\nConnection: close\r\n"
                 "Host: localhost\r\nX: %.*s\r\n\r\n",
                 (int)cases[i].url, fill, (int)cases[i].header, fill);
        ask(request, answer, sizeof(answer), &closed);
        is_int(status_of(answer), cases[i].status, "%s", cases[i].why);
        ok(strstr(answer, cases[i].body), "%s: says %s", cases[i].why,
           cases[i].body);
    }
}

static void a_body_in_chunks_has_its_limit_too(void)
{
    char answer[4096], chunk[1100];
    int fd = dial(), i;
    bool closed;

    snprintf(chunk, sizeof(chunk),
             "POST /echo HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n"
             "Transfer-Encoding: chunked\r\n\r\n");
    send(fd, chunk, strlen(chunk), MSG_NOSIGNAL);
    memset(chunk, 'x', sizeof(chunk));
    memcpy(chunk, "400\r\n", 5);
    memcpy(chunk + 5 + 1024, "\r\n", 3);
    for (i = 0; i < 2; i++)
        send(fd, chunk, 5 + 1024 + 2, MSG_NOSIGNAL);
    send(fd, "0\r\n\r\n", 5, MSG_NOSIGNAL);
    hear(fd, answer, sizeof(answer), &closed);
    is_int(status_of(answer), 413, "2048 bytes where 1000 are allowed");
    close(fd);
}

/* Text, then one letter, a byte now and then: the library's own limit is on
 * silence only. */
static bool trickles_till_closed(int fd, const char *text)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    char answer[4096];
    int i;

    for (i = 0; i < 800; i++) {
        send(fd, *text ? text++ : "x", 1, MSG_NOSIGNAL);
        if (poll(&p, 1, 100) == 1 && recv(fd, answer, sizeof(answer), 0) <= 0)
            return true;
    }
    return false;
}

static void who_is_slow_is_let_go(void)
{
    char answer[4096];
    int fd = dial();
    bool closed;

    ok(trickles_till_closed(fd, "GET /hello HTTP/1.1\r\nHost: local"),
       "a head that trickles");
    close(fd);

    fd = dial();
    hear(fd, answer, sizeof(answer), &closed);
    ok(closed, "a connection without a word");
    close(fd);

    fd = dial();
    snprintf(answer, sizeof(answer),
             "POST /echo HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n"
             "Content-Length: 900\r\n\r\n");
    send(fd, answer, strlen(answer), MSG_NOSIGNAL);
    ok(trickles_till_closed(fd, ""), "a body that trickles");
    close(fd);
}

static void who_reads_slowly_is_let_go(void)
{
    static const char request[] =
        "GET /big HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n\r\n";
    int fd = dial();
    static char bytes[MIB];
    struct timespec t = { 0, 50000000 };
    size_t got = 0;
    ssize_t n = 1;
    int i;

    send(fd, request, strlen(request), MSG_NOSIGNAL);
    /* The buffers between us hold some MB, which count as sent: the rate
     * shows after a while only. */
    for (i = 0; i < 60 && n > 0; i++) {
        nanosleep(&t, NULL);
        n = recv(fd, bytes, 16, 0);
        got += n > 0 ? (size_t)n : 0;
    }
    /* What is left in the buffers, then the end. */
    while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
        got += (size_t)n;
    ok(got > 0 && got < BIG, "a download that stands still (%zu)", got);
    close(fd);
}

static void a_stream_goes_on_till_its_end(void)
{
    char answer[4096];
    bool closed;
    const char *first;

    ask("GET /stream/short HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n"
        "\r\n",
        answer, sizeof(answer), &closed);
    first = strstr(answer, "event: clock\ndata: tick\n\n");
    ok(first && strstr(first + 1, "event: clock\ndata: tick\n\n"),
       "two events, some ticks apart");
    ok(closed, "then it ends");
}

static void another_thread_replies(void)
{
    char answer[4096];
    bool closed;

    ask("GET /later HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n\r\n",
        answer, sizeof(answer), &closed);
    ok(status_of(answer) == 200 && strstr(answer, "later"), "by and by");
}

static void forms_are_whole_or_refused(void)
{
    static const struct {
        const char *type, *body;
        int status;
        const char *says, *why;
    } cases[] = {
        { "multipart/form-data; boundary=bo",
          "--bo\r\nContent-Disposition: form-data; name=\"file\"; "
          "filename=\"../../etc/passwd\"\r\n\r\nabc\r\n--bo--\r\n",
          200, "form 3", "a whole one" },
        { "multipart/form-data; boundary=bo",
          "--bo\r\nContent-Disposition: form-data; name=\"file\"; "
          "filename=\"x\"\r\n\r\n--\r\n-bo\r\n--\r\n--bo--\r\n",
          200, "form 11", "what looks like the boundary inside" },
        { "multipart/form-data; boundary=bo",
          "--bo\r\nContent-Disposition: form-data; name=\"file\"; "
          "filename=\"x\"\r\n\r\nabc",
          400, "bad_form", "no last boundary" },
        { "multipart/form-data", "--bo\r\n\r\n--bo--\r\n", 400, "bad_form",
          "no boundary told" },
        { "application/json", "{}", 400, "bad_form", "no form" },
    };
    char answer[4096], request[2048];
    bool closed;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        snprintf(
            request, sizeof(request),
            "POST /form HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n"
            "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
            cases[i].type, strlen(cases[i].body), cases[i].body);
        ask(request, answer, sizeof(answer), &closed);
        is_int(status_of(answer), cases[i].status, "%s", cases[i].why);
        ok(strstr(answer, cases[i].says), "%s: %s", cases[i].why,
           cases[i].says);
    }
}

static void who_leaves_early_leaves_nothing(void)
{
    static const char whole[] =
        "POST /form HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n"
        "Content-Type: multipart/form-data; boundary=bo\r\n"
        "Content-Length: 95\r\n\r\n"
        "--bo\r\nContent-Disposition: form-data; name=\"file\"; "
        "filename=\"x.jsonl\"\r\n\r\n0123456789\r\n--bo--\r\n";
    struct timespec t = { 0, 100000000 };
    size_t i;

    for (i = 1; i < strlen(whole); i += 3) {
        int fd = dial();

        send(fd, whole, i, MSG_NOSIGNAL);
        close(fd);
    }
    for (i = 0; i < PATIENCE / 100 && form_open; i++)
        nanosleep(&t, NULL);
    is_int(form_open, 0, "each of %zu was told to be over", strlen(whole) / 3);
}

static void it_ends_with_streams_open(void)
{
    char answer[4096];
    int fd = dial();
    bool closed;
    static const char request[] = "GET /stream/endless HTTP/1.1\r\nConnection: "
                                  "close\r\nHost: localhost\r\n\r\n";

    send(fd, request, strlen(request), MSG_NOSIGNAL);
    answer[recv(fd, answer, sizeof(answer) - 1, 0)] = '\0';
    is_int(status_of(answer), 200, "a stream is open");
    http_server_close(server);
    server = NULL;
    hear(fd, answer, sizeof(answer), &closed);
    ok(closed, "and closed with the server");
    close(fd);
}

static void only_loopback_is_local(void)
{
    static const struct {
        const char *listen;
        bool good, local;
    } cases[] = {
        { "127.0.0.1:4080", true, true },   { "localhost:1", true, true },
        { "[::1]:4080", true, true },       { "127.9.9.9:80", true, true },
        { "0.0.0.0:4080", true, false },    { "[::]:4080", true, false },
        { "192.0.2.1:4080", true, false },  { "4080", false, false },
        { "127.0.0.1", false, false },      { "127.0.0.1:", false, false },
        { "example.com:80", false, false }, { "127.0.0.1:http", false, false },
        { ":4080", false, false },
    };
    struct error err;
    bool local, good;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        local = false;
        good = listen_is_local(cases[i].listen, &local, &err);
        ok(good == cases[i].good && local == cases[i].local, "%s",
           cases[i].listen);
    }
}

static void make_big(void)
{
    static char block[MIB];
    struct file_writer w;
    struct error err;
    bool good = file_create(&w, "big", &err);
    size_t i;

    for (i = 0; good && i < BIG / sizeof(block); i++)
        good = file_add(&w, block, sizeof(block), &err);
    ok(good && file_commit(&w, &err), "there is a big file");
}

static void open_server(const struct http_server_settings *settings)
{
    struct error err;

    http_server_close(server);
    ok(http_server_open(&server, settings, &site, &err), "the server opens");
    port = (int)strtol(strrchr(http_server_url(server), ':') + 1, NULL, 10);
}

int main(void)
{
    static const struct http_server_settings patient = { .listen =
                                                             "127.0.0.1:0",
                                                         .threads = 2,
                                                         .head_seconds = 60,
                                                         .grace = 60,
                                                         .slowest = 1 };
    static const struct http_server_settings strict = { .listen = "127.0.0.1:0",
                                                        .threads = 2,
                                                        .head_seconds = 1,
                                                        .grace = 0.5,
                                                        .slowest = 100000000 };

    folder_enter();
    make_big();
    open_server(&patient);
    only_loopback_is_local();
    what_can_be_understood_in_two_ways_is_refused();
    heads_have_their_limits();
    a_body_in_chunks_has_its_limit_too();
    forms_are_whole_or_refused();
    who_leaves_early_leaves_nothing();
    another_thread_replies();
    a_stream_goes_on_till_its_end();
    open_server(&strict);
    who_is_slow_is_let_go();
    who_reads_slowly_is_let_go();
    open_server(&patient);
    it_ends_with_streams_open();
    return tap_done();
}
