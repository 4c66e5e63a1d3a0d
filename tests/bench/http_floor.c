/*
 * http_floor.c -- what bench_serve.py compares with, and its client.
 *
 *   http_floor serve BYTES           libmicrohttpd alone, set up as vitae
 *                                    serve is: prints its port
 *   http_floor ask PORT PATH N SECONDS
 *                                    N connections ask again and again:
 *                                    prints replies a second
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST 256
#define THREADS 4

static struct MHD_Response *reply;

static enum MHD_Result answer(void *context, struct MHD_Connection *connection,
                              const char *url, const char *method,
                              const char *version, const char *data,
                              size_t *size, void **own)
{
    static int seen;

    (void)context, (void)url, (void)method, (void)version, (void)data;
    (void)size;
    if (!*own) {
        *own = &seen;
        return MHD_YES;
    }
    return MHD_queue_response(connection, 200, reply);
}

static int serve(size_t bytes)
{
    const union MHD_DaemonInfo *info;
    struct MHD_Daemon *daemon;
    struct sockaddr_in here = { .sin_family = AF_INET };
    char *body = malloc(bytes + 1);

    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!body)
        return 1;
    memset(body, 'x', bytes);
    reply = MHD_create_response_from_buffer(bytes, body, MHD_RESPMEM_MUST_FREE);
    MHD_add_response_header(reply, "Content-Type", "application/json");
    daemon =
        MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer,
                         NULL, MHD_OPTION_SOCK_ADDR, &here,
                         MHD_OPTION_THREAD_POOL_SIZE, THREADS, MHD_OPTION_END);
    info =
        daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    if (!info)
        return 1;
    printf("%u\n", info->port);
    fflush(stdout);
    for (;;)
        pause();
}

/* -- the client -- */

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct line {
    char text[16384];
    size_t len;
};

static void die(const char *what)
{
    fprintf(stderr, "http_floor: %s\n", what);
    exit(1);
}

static int dial(int port)
{
    struct sockaddr_in to = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

    to.sin_port = htons((uint16_t)port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
        die("nobody listens");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    return fd;
}

static void put(int fd, const char *request)
{
    if (write(fd, request, strlen(request)) != (ssize_t)strlen(request))
        die("the connection broke");
}

/* Whether a whole reply is there; it is taken out. */
static int take(int fd, struct line *l)
{
    ssize_t n = read(fd, l->text + l->len, sizeof(l->text) - 1 - l->len);
    const char *end, *length;

    if (n <= 0)
        die("the connection ended");
    l->len += (size_t)n;
    l->text[l->len] = '\0';
    end = strstr(l->text, "\r\n\r\n");
    if (!end)
        return 0;
    if (strncmp(l->text, "HTTP/1.1 200", 12) != 0)
        die("a reply isn't 200");
    length = strcasestr(l->text, "content-length:");
    if (!length || length > end)
        die("a reply without a length");
    if (l->len < (size_t)(end + 4 - l->text) + strtoul(length + 15, NULL, 10))
        return 0;
    l->len = 0;
    return 1;
}

static int ask(int port, const char *path, int n, double seconds)
{
    static struct line lines[MOST];
    struct pollfd fds[MOST];
    double began = now();
    char request[1024];
    long replies = 0;
    int i;

    n = n < MOST ? n : MOST;
    snprintf(request, sizeof(request),
             "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
    for (i = 0; i < n; i++) {
        fds[i] = (struct pollfd){ .fd = dial(port), .events = POLLIN };
        put(fds[i].fd, request);
    }
    while (now() < began + seconds) {
        if (poll(fds, (nfds_t)n, 100) < 0)
            die("poll failed");
        for (i = 0; i < n; i++)
            if (fds[i].revents && take(fds[i].fd, &lines[i])) {
                replies++;
                put(fds[i].fd, request);
            }
    }
    printf("%.1f\n", (double)replies / (now() - began));
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "serve"))
        return serve(strtoul(argv[2], NULL, 10));
    if (argc == 6 && !strcmp(argv[1], "ask"))
        return ask(atoi(argv[2]), argv[3], atoi(argv[4]),
                   strtod(argv[5], NULL));
    return 2;
}
