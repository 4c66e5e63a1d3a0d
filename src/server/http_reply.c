#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "server/http_parts.h"

#define BLOCK (128 * KIB)

void *exchange_site(struct exchange *x)
{
    return x->server->site->context;
}

void **exchange_own(struct exchange *x)
{
    return &x->own;
}

const struct http_route *exchange_route(const struct exchange *x)
{
    return x->route;
}

const char *exchange_param(const struct exchange *x)
{
    return x->param;
}

const char *exchange_query(const struct exchange *x, const char *name)
{
    return MHD_lookup_connection_value(x->connection, MHD_GET_ARGUMENT_KIND,
                                       name);
}

const char *exchange_header(const struct exchange *x, const char *name)
{
    return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

struct strbuf *exchange_body(struct exchange *x)
{
    return &x->body;
}

bool exchange_replied(const struct exchange *x)
{
    return x->response != NULL;
}

/* -- replies -- */

void exchange_add_header(struct exchange *x, const char *name,
                         const char *value)
{
    if (x->response)
        MHD_add_response_header(x->response, name, value);
}

void exchange_set_reply(struct exchange *x, unsigned status, const char *type,
                        struct MHD_Response *response)
{
    char id[32];

    x->response = response;
    x->status = status;
    snprintf(id, sizeof(id), "req_%llu", (unsigned long long)x->number);
    exchange_add_header(x, "Content-Type", type);
    exchange_add_header(x, "X-Content-Type-Options", "nosniff");
    exchange_add_header(x, "Cache-Control", "no-store");
    exchange_add_header(x, "x-request-id", id);
}

void exchange_reply(struct exchange *x, unsigned status, const char *type,
                    const struct strbuf *body)
{
    static char nothing[1];
    size_t len = body ? body->len : 0;

    if (x->response)
        return;
    exchange_set_reply(
        x, status, type,
        MHD_create_response_from_buffer(len, len ? body->data : nothing,
                                        MHD_RESPMEM_MUST_COPY));
}

void exchange_refuse(struct exchange *x, unsigned status, const char *code,
                     const char *message)
{
    x->server->site->refuse(x, status, code, message);
}

/* A file, read by us, so that the watchman sees how fast it goes. */
struct sending {
    int fd;
    uint64_t from;
    struct http_server *server;
    struct wire *wire;
};

static ssize_t send_block(void *context, uint64_t at, char *out, size_t size)
{
    struct sending *s = context;
    ssize_t n;

    do
        n = pread(s->fd, out, size, (off_t)(s->from + at));
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    wire_moved(s->server, s->wire, (size_t)n);
    return n;
}

static void send_end(void *context)
{
    struct sending *s = context;

    close(s->fd);
    free(s);
}

void exchange_reply_file(struct exchange *x, unsigned status, const char *type,
                         int fd, uint64_t from, uint64_t len)
{
    struct sending *s = malloc(sizeof(*s));

    if (!s || x->response) {
        free(s);
        close(fd);
        return;
    }
    *s = (struct sending){ fd, from, x->server, x->wire };
    exchange_set_reply(
        x, status, type,
        MHD_create_response_from_callback(len, BLOCK, send_block, s, send_end));
    if (!x->response)
        send_end(s);
}

/* -- another thread's replies -- */

void exchange_suspend(struct exchange *x)
{
    x->suspended = true;
    wire_phase(x->server, x->wire, PHASE_WORK);
    MHD_suspend_connection(x->connection);
}

void exchange_resume(struct exchange *x)
{
    MHD_resume_connection(x->connection);
}
