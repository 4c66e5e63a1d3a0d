/*
 * upstream.c -- an endpoint that answers every POST with the same chat
 * completion after a fixed time, as fast as sockets allow, and a GET with how
 * many there were.  For benches:
 * tests use fake_provider, which can do much more and costs much more.
 */
#include "tests/bench/upstream.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST 1024
#define BUFFER 65536

struct connection {
    int fd; /* 0 = free */
    size_t have;
    double due; /* 0 = nothing owed */
    int is_get;
    char in[BUFFER];
};

static struct connection connections[MOST];
static char answer[8192];
static size_t answer_len;
static long asked;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void make_answer(size_t content)
{
    char body[8000];
    int n = snprintf(body, sizeof(body),
                     "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\","
                     "\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
                     "\"message\":{\"role\":\"assistant\",\"content\":\"%0*d\"}"
                     ",\"finish_reason\":\"stop\"}],\"usage\":{"
                     "\"prompt_tokens\":9,\"completion_tokens\":9,"
                     "\"total_tokens\":18}}",
                     (int)content, 0);

    answer_len =
        (size_t)snprintf(answer, sizeof(answer),
                         "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                         "Content-Length: %d\r\n\r\n%s",
                         n, body);
}

/* A whole request lies in the buffer: taken out of it. */
static int take_request(struct connection *c)
{
    char *end, *length;
    size_t whole;

    c->in[c->have] = '\0';
    end = strstr(c->in, "\r\n\r\n");
    c->is_get = !strncmp(c->in, "GET ", 4);
    length = end ? strcasestr(c->in, "content-length:") : NULL;
    if (!end || (!c->is_get && (!length || length > end)))
        return 0;
    whole = (size_t)(end + 4 - c->in) +
            (c->is_get ? 0 : strtoul(length + 15, NULL, 10));
    if (c->have < whole)
        return 0;
    memmove(c->in, c->in + whole, c->have - whole);
    c->have -= whole;
    return 1;
}

static void give_count(const struct connection *c)
{
    char body[100], text[300];
    int n = snprintf(body, sizeof(body),
                     "{\"object\":\"list\",\"data\":[],\"asked\":%ld}", asked);

    n = snprintf(text, sizeof(text),
                 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                 "Content-Length: %d\r\n\r\n%s",
                 n, body);
    if (write(c->fd, text, (size_t)n) != n)
        exit(1);
}

static void give(struct connection *c)
{
    c->due = 0;
    /* Whoever was killed has no use for it. */
    if (send(c->fd, answer, answer_len, MSG_NOSIGNAL) != (ssize_t)answer_len) {
        close(c->fd);
        c->fd = 0;
    }
}

static void readable(struct connection *c, double latency)
{
    ssize_t n = read(c->fd, c->in + c->have, BUFFER - 1 - c->have);

    if (n <= 0) {
        close(c->fd);
        c->fd = 0;
        return;
    }
    c->have += (size_t)n;
    if (!take_request(c))
        return;
    if (c->is_get) {
        give_count(c);
        return;
    }
    asked++;
    c->due = now() + latency;
    if (latency <= 0)
        give(c);
}

static void add(int epoll, int listener)
{
    struct epoll_event event = { .events = EPOLLIN };
    int fd = accept(listener, NULL, NULL), one = 1;
    struct connection *c = connections;

    while (c->fd)
        c++;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    *c = (struct connection){ .fd = fd };
    event.data.ptr = c;
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void serve(int listener, double latency)
{
    struct epoll_event event = { .events = EPOLLIN }, events[64];
    int epoll = epoll_create1(0), n, i;
    struct connection *c;

    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        n = epoll_wait(epoll, events, 64, latency > 0 ? 1 : -1);
        for (i = 0; i < n; i++)
            if (events[i].data.ptr)
                readable(events[i].data.ptr, latency);
            else
                add(epoll, listener);
        for (c = connections; latency > 0 && c < connections + MOST; c++)
            if (c->fd && c->due > 0 && c->due <= now())
                give(c);
    }
}

void upstream_start(struct upstream *u, double latency, size_t content)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t len = sizeof(at);
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&at, len) || listen(listener, 512) ||
        getsockname(listener, (struct sockaddr *)&at, &len)) {
        perror("upstream");
        exit(1);
    }
    snprintf(u->base_url, sizeof(u->base_url), "http://127.0.0.1:%d/v1",
             ntohs(at.sin_port));
    fflush(stdout);
    u->pid = fork();
    if (!u->pid) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        make_answer(content);
        serve(listener, latency);
    }
    close(listener);
}

void upstream_stop(struct upstream *u)
{
    kill(u->pid, SIGKILL);
}
