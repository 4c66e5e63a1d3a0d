/*
 * delay_proxy -- a TCP proxy on the loopback that delays, or swallows.
 *
 *   delay_proxy PORT [MILLISECONDS]
 *
 * Listens on 127.0.0.1 on a free port, which it prints, and passes all on to
 * 127.0.0.1:PORT, each byte MILLISECONDS after it came (one way; a round
 * trip takes twice that).  While SIGUSR1 was the last signal nothing passes
 * and nothing is closed, as if the network had gone; SIGUSR2 ends that.
 * Dies with its parent.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PAIRS 200
#define PIECES 256
#define PIECE 65536

struct piece {
    double due;
    size_t len, sent;
    char *data;
};

/* One direction: a ring of what is on its way. */
struct way {
    int from, to;
    struct piece pieces[PIECES];
    size_t head, count;
    bool ended;
};

static struct way *ways[2 * PAIRS];
static size_t way_count;
static double delay;
static volatile sig_atomic_t frozen;

static void on_signal(int number)
{
    frozen = number == SIGUSR1;
}

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void die(const char *what)
{
    fprintf(stderr, "delay_proxy: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct sockaddr_in local(int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port) };

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

static void add_way(int from, int to)
{
    struct way *w = calloc(1, sizeof(*w));

    if (!w)
        die("memory");
    w->from = from;
    w->to = to;
    ways[way_count++] = w;
}

static void accept_one(int listener, int port)
{
    struct sockaddr_in a = local(port);
    int one = 1, client, server;

    client = accept(listener, NULL, NULL);
    server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client < 0 || server < 0)
        return;
    if (way_count + 2 > 2 * PAIRS ||
        connect(server, (struct sockaddr *)&a, sizeof(a)) != 0) {
        close(client);
        close(server);
        return;
    }
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    add_way(client, server);
    add_way(server, client);
}

static void take(struct way *w)
{
    struct piece *p = &w->pieces[(w->head + w->count) % PIECES];
    ssize_t n;

    p->data = malloc(PIECE);
    n = p->data ? recv(w->from, p->data, PIECE, MSG_DONTWAIT) : -1;
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        free(p->data);
        return;
    }
    if (n <= 0) {
        free(p->data);
        p->data = NULL;
        n = 0;
        w->ended = true;
    }
    p->len = (size_t)n;
    p->sent = 0;
    p->due = now() + delay;
    w->count++;
}

/* What is due goes; an empty piece ends the direction. */
static void pass(struct way *w)
{
    while (w->count && w->pieces[w->head].due <= now()) {
        struct piece *p = &w->pieces[w->head];

        while (p->sent < p->len) {
            ssize_t n = send(w->to, p->data + p->sent, p->len - p->sent,
                             MSG_NOSIGNAL | MSG_DONTWAIT);

            if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
            p->sent = n < 0 ? p->len : p->sent + (size_t)n;
        }
        if (!p->len)
            shutdown(w->to, SHUT_WR);
        free(p->data);
        p->data = NULL;
        w->head = (w->head + 1) % PIECES;
        w->count--;
    }
}

static bool is_over(const struct way *w)
{
    return w->ended && !w->count;
}

/* Pairs stand side by side; both sockets close when both directions end. */
static void drop_ended(void)
{
    size_t i;

    for (i = 0; i + 1 < way_count; i += 2) {
        if (!is_over(ways[i]) || !is_over(ways[i + 1]))
            continue;
        close(ways[i]->from);
        close(ways[i]->to);
        free(ways[i]);
        free(ways[i + 1]);
        way_count -= 2;
        ways[i] = ways[way_count];
        ways[i + 1] = ways[way_count + 1];
        return;
    }
}

/* Until the next piece is due; a piece that waits for room is looked at
 * every millisecond. */
static struct timespec patience(void)
{
    double wait = 1, at = now();
    struct timespec ts;
    size_t i;

    for (i = 0; i < way_count; i++)
        if (ways[i]->count) {
            double due = ways[i]->pieces[ways[i]->head].due - at;

            wait = due > 0 ? (due < wait ? due : wait) : 0.001;
        }
    ts.tv_sec = (time_t)wait;
    ts.tv_nsec = (long)((wait - (double)ts.tv_sec) * 1e9);
    return ts;
}

static void turn(int listener, int port)
{
    struct pollfd fds[2 * PAIRS + 1];
    struct timespec ts = frozen ? (struct timespec){ 0, 10000000 } : patience();
    size_t i, n = way_count;

    fds[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
    for (i = 0; i < n; i++)
        fds[i + 1] =
            (struct pollfd){ .fd = ways[i]->ended || ways[i]->count == PIECES
                                       ? -1
                                       : ways[i]->from,
                             .events = POLLIN };
    if (frozen) {
        nanosleep(&ts, NULL);
        return;
    }
    if (ppoll(fds, n + 1, &ts, NULL) < 0)
        return;
    for (i = 0; i < n; i++) {
        if (fds[i + 1].revents)
            take(ways[i]);
        pass(ways[i]);
    }
    drop_ended();
    if (fds[0].revents)
        accept_one(listener, port);
}

int main(int argc, char **argv)
{
    struct sockaddr_in a = local(0);
    socklen_t len = sizeof(a);
    int port = argc > 1 ? atoi(argv[1]) : 0;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_TIMERSLACK, 1);
    delay = argc > 2 ? atof(argv[2]) / 1000 : 0;
    signal(SIGUSR1, on_signal);
    signal(SIGUSR2, on_signal);
    if (listener < 0 || bind(listener, (struct sockaddr *)&a, sizeof(a)) ||
        listen(listener, 64) ||
        getsockname(listener, (struct sockaddr *)&a, &len))
        die("listen");
    printf("%d\n", ntohs(a.sin_port));
    fflush(stdout);
    for (;;)
        turn(listener, port);
}
