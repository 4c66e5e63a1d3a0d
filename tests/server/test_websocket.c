#include "server/websocket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/tap.h"

#define LONG 1000000 /* bytes of a message: more than a socket holds */
#define CEILING_MS 120000

/* -- a client, and what the server tells it -- */

/* What was said by a server till it closed the connection. */
struct told {
    size_t texts, pings;
    size_t longest; /* of the texts */
    char last[64];  /* the last text's beginning */
    int close;      /* code, 0 = without one, -1 = no close frame */
    bool ended;     /* the connection was closed */
};

static _Atomic int closed, sources;

static void close_fd(void *handle)
{
    close((int)(intptr_t)handle);
    closed++;
}

struct script {
    int left; /* messages; -1 = none for ever */
    bool is_long;
};

static bool next(void *context, struct strbuf *out)
{
    struct script *s = context;
    char *room;

    if (s->left < 0)
        return true;
    if (s->is_long) {
        room = strbuf_room(out, LONG);
        memset(room, 'x', LONG);
        strbuf_grown(out, LONG);
    } else if (s->left > 0) {
        strbuf_addf(out, "{\"left\":%d}", s->left);
    }
    return --s->left > 0;
}

static void end(void *context)
{
    free(context);
    sources--;
}

/* A connection to w; the client's end. */
static int join(struct websockets *w, int messages, bool is_long,
                const char *early, size_t early_len)
{
    struct script *script = calloc(1, sizeof(*script));
    struct event_source source = { next, end, script };
    struct websocket_connection c = { .early = early,
                                      .early_len = early_len,
                                      .close = close_fd };
    int ends[2];

    if (!script || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return -1;
    sources++;
    script->left = messages;
    script->is_long = is_long;
    c.fd = ends[0];
    c.handle = (void *)(intptr_t)ends[0];
    if (!websockets_reserve(w)) {
        end(script);
        close(ends[0]);
        close(ends[1]);
        return -1;
    }
    websockets_add(w, &c, &source);
    return ends[1];
}

/* Exactly len bytes; false = the end. */
static bool hear(int fd, void *to, size_t len)
{
    char *at = to;
    ssize_t n;

    while (len) {
        struct pollfd p = { .fd = fd, .events = POLLIN };

        if (poll(&p, 1, CEILING_MS) != 1)
            return false;
        n = recv(fd, at, len, 0);
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

/* One frame of the server's: its opcode, or -1. */
static int hear_frame(int fd, char *payload, size_t size, size_t *len)
{
    unsigned char head[2], more[8];
    size_t i, bytes = 0;

    if (!hear(fd, head, 2) || head[1] & 0x80)
        return -1;
    *len = head[1];
    if (*len > 125)
        bytes = *len == 126 ? 2 : 8;
    if (bytes) {
        if (!hear(fd, more, bytes))
            return -1;
        for (*len = 0, i = 0; i < bytes; i++)
            *len = *len << 8 | more[i];
    }
    if (*len >= size || !hear(fd, payload, *len))
        return -1;
    payload[*len] = '\0';
    return head[0] & 0x80 ? head[0] & 15 : -1;
}

static void hear_all(int fd, struct told *t)
{
    static char payload[LONG + 1];
    size_t len;
    int op;

    *t = (struct told){ .close = -1 };
    while ((op = hear_frame(fd, payload, sizeof(payload), &len)) >= 0) {
        t->texts += op == 1;
        t->pings += op == 9;
        if (op == 1 && len > t->longest)
            t->longest = len;
        if (op == 1)
            snprintf(t->last, sizeof(t->last), "%.60s", payload);
        if (op == 8)
            t->close = len < 2 ? 0
                               : (unsigned char)payload[0] << 8 |
                                     (unsigned char)payload[1];
    }
    t->ended = recv(fd, payload, 1, MSG_DONTWAIT) == 0 || errno == ECONNRESET;
}

static void speak(int fd, const char *bytes, size_t len)
{
    (void)send(fd, bytes, len, MSG_NOSIGNAL);
}

#define MASK "\0\0\0\0"
#define BYTES(text) text, sizeof(text) - 1
#define BYE "\x88\x82" MASK "\x03\xe8"

static void wait_for(_Atomic int *count, int want)
{
    struct timespec t = { 0, 10000000 };
    int i;

    for (i = 0; i < CEILING_MS / 10 && *count != want; i++)
        nanosleep(&t, NULL);
}

/* -- tests -- */

static void a_source_is_told_to_its_end(struct websockets *w)
{
    int fd = join(w, 3, false, NULL, 0);
    struct told t;

    shutdown(fd, SHUT_WR); /* says nothing at all */
    close(fd);
    fd = join(w, 3, false, NULL, 0);
    hear_all(fd, &t);
    is_int((int)t.texts, 3, "each message is a text");
    is_str(t.last, "{\"left\":1}", "in their order");
    is_int(t.close, 1000, "then it is closed");
    ok(t.ended, "and ended, though the client doesn't answer");
    close(fd);
    fd = join(w, 1, true, NULL, 0);
    hear_all(fd, &t);
    is_int((int)t.longest, LONG, "a long one comes whole");
    close(fd);
}

static void what_the_protocol_forbids_ends_it(struct websockets *w)
{
    static const struct {
        const char *bytes;
        size_t len;
        int close;
        const char *why;
    } cases[] = {
        { BYTES(BYE), 1000, "a close is answered with its code" },
        { BYTES("\x88\x80" MASK), 0, "one without a code likewise" },
        { BYTES("\x81\x82" MASK "hi" BYE), 1000, "what it says is no matter" },
        { BYTES("\x01\x82" MASK "hi\x80\x80" MASK BYE), 1000, "in pieces" },
        { BYTES("\x89\x82" MASK "hi" BYE), 1000, "a ping" },
        { BYTES("\x81\x02hi"), 1002, "no mask" },
        { BYTES("\xc1\x82" MASK "hi"), 1002, "a reserved bit" },
        { BYTES("\x83\x82" MASK "hi"), 1002, "a reserved opcode" },
        { BYTES("\x80\x82" MASK "hi"), 1002, "the rest of nothing" },
        { BYTES("\x01\x81" MASK "h\x81\x81" MASK "i"), 1002,
          "a message within another" },
        { BYTES("\x09\x82" MASK "hi"), 0, "a ping in pieces" },
        { BYTES("\x89\xfe\x01\x00" MASK), 0, "a ping of 256 bytes" },
        { BYTES("\x81\xfe\x00\x01" MASK "x"), 0, "a length in too many bytes" },
        { BYTES("\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff" MASK), 0,
          "a length below nothing" },
        { BYTES("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff" MASK "x"), 1009,
          "a length beyond all memory" },
        { BYTES("\x82\xfe\x10\x01" MASK "x"), 1009,
          "a byte more than is heard" },
        { BYTES("\x81\x82" MASK "\xc3\x28"), 1007, "text that is no UTF-8" },
        { BYTES("\x88\x82" MASK "\x03\xee"), 1002, "a code nobody may send" },
        { BYTES("GET / HTTP/1.1\r\n\r\n"), 1002, "HTTP" },
    };
    struct told t;
    size_t i;
    int fd;

    for (i = 0; i < 2 * ARRAY_LEN(cases); i++) {
        const char *bytes = cases[i / 2].bytes;
        bool early = i % 2; /* came with the handshake */

        fd = early ? join(w, -1, false, bytes, cases[i / 2].len)
                   : join(w, -1, false, NULL, 0);
        if (!early)
            speak(fd, bytes, cases[i / 2].len);
        hear_all(fd, &t);
        is_int(t.close, cases[i / 2].close, "%s%s", cases[i / 2].why,
               early ? ", at once" : "");
        ok(t.ended, "%s: ended", cases[i / 2].why);
        close(fd);
    }
}

static void pings_are_answered(struct websockets *w)
{
    int fd = join(w, -1, false, BYTES("\x89\x82" MASK "hi"));
    char payload[200];
    size_t len;

    is_int(hear_frame(fd, payload, sizeof(payload), &len), 10, "a pong");
    is_str(payload, "hi", "with what the ping says");
    close(fd);
}

/* It would hold an answer to each. */
static void who_asks_and_does_not_listen_is_not_heard(struct websockets *w)
{
    static char pings[65520];
    int fd = join(w, -1, false, NULL, 0);
    size_t sent = 0, i;
    struct told t;
    ssize_t n;

    for (i = 0; i < sizeof(pings); i += 6)
        memcpy(pings + i, "\x89\x80" MASK, 6);
    do {
        n = send(fd, pings, sizeof(pings), MSG_DONTWAIT | MSG_NOSIGNAL);
        sent += n > 0 ? (size_t)n : 0;
    } while (n > 0 && sent < 64 * MIB);
    ok(sent < 64 * MIB, "after %zu KiB it has to wait", sent / KIB);
    close(fd);
    fd = join(w, 2, false, NULL, 0);
    hear_all(fd, &t);
    is_int((int)t.texts, 2, "others are told all the same");
    close(fd);
}

/* Frames by chance, and whole ones with a byte changed. */
static void anything_may_come(struct websockets *w)
{
    static const char good[] = "\x81\x85" MASK "hello\x89\x82" MASK "hi" BYE;
    uint64_t chance = 88172645463325252U;
    char bytes[200];
    struct told t;
    int i, ended = 0, fd;
    size_t k;

    for (i = 0; i < 400; i++) {
        for (k = 0; k < sizeof(bytes); k++) {
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            bytes[k] = (char)chance;
        }
        if (i % 2)
            memcpy(bytes, good, sizeof(good) - 1);
        if (i % 2)
            bytes[chance % (sizeof(good) - 1)] ^= (char)(1 << chance % 7);
        fd = join(w, -1, false, NULL, 0);
        speak(fd, bytes, sizeof(bytes));
        shutdown(fd, SHUT_WR);
        hear_all(fd, &t);
        ended += t.ended;
        close(fd);
    }
    is_int(ended, 400, "each connection ends");
}

static void only_so_many_may_come(void)
{
    struct websocket_settings settings = { .most = 2 };
    struct websockets *w;
    struct error err;
    struct told t;
    int a, b, before = closed;

    ok(websockets_open(&w, &settings, &err), "room for two");
    a = join(w, -1, false, NULL, 0);
    b = join(w, -1, false, NULL, 0);
    ok(a >= 0 && b >= 0, "two come");
    is_int(join(w, -1, false, NULL, 0), -1, "a third may not");
    close(a);
    wait_for(&closed, before + 1);
    while ((a = join(w, -1, false, NULL, 0)) < 0)
        ; /* it is counted out a moment later */
    ok(a >= 0, "when one has gone, another may");
    websockets_quit(w);
    hear_all(a, &t);
    is_int(t.close, 1001, "at the end they are told");
    ok(t.ended, "and closed");
    ok(!websockets_reserve(w), "no one else may come");
    websockets_close(w);
    is_int(closed, before + 3, "each is closed once");
    close(a);
    close(b);
}

static void who_is_silent_is_asked(void)
{
    struct websocket_settings settings = { .most = 5, .ping = 0.01 };
    struct websockets *w;
    struct error err;
    char payload[200];
    size_t len;
    int fd, i, op = 9;
    struct told t;

    ok(websockets_open(&w, &settings, &err), "one that asks soon");
    fd = join(w, -1, false, NULL, 0);
    for (i = 0; i < 3 && op == 9; i++) {
        op = hear_frame(fd, payload, sizeof(payload), &len);
        speak(fd, BYTES("\x8a\x80" MASK));
    }
    is_int(op, 9, "pings");
    speak(fd, BYTES(BYE));
    hear_all(fd, &t);
    is_int(t.close, 1000, "who answers stays till it goes");
    close(fd);
    websockets_close(w);

    settings.patience = 0.1;
    ok(websockets_open(&w, &settings, &err), "one of little patience");
    fd = join(w, -1, false, NULL, 0);
    hear_all(fd, &t);
    ok(t.ended && t.pings > 0, "who doesn't answer is let go");
    close(fd);
    websockets_close(w);
}

int main(void)
{
    struct websocket_settings settings = { .most = 10 };
    struct websockets *w;
    struct error err;

    ok(websockets_open(&w, &settings, &err), "open");
    if (!websockets_are_built) {
        ok(!websockets_reserve(w), "without libwslay there is no room");
        websockets_close(w);
        return tap_done();
    }
    a_source_is_told_to_its_end(w);
    what_the_protocol_forbids_ends_it(w);
    pings_are_answered(w);
    who_asks_and_does_not_listen_is_not_heard(w);
    anything_may_come(w);
    websockets_close(w);
    only_so_many_may_come();
    who_is_silent_is_asked();
    is_int(sources, 0, "each source is ended once");
    return tap_done();
}
