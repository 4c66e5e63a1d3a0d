/* http_head.c -- whether a request's head can be trusted. */
#include <string.h>
#include <strings.h>

#include "server/http_check.h"
#include "server/http_parts.h"

#define HEAD_MOST (32 * KIB)
#define URL_MOST (8 * KIB)

/* The request line has come; nothing else is known yet. */
void *head_url(void *context, const char *url, struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct wire *wire = info ? info->socket_context : NULL;
    const unsigned char *s = (const unsigned char *)url;

    (void)context;
    if (!wire)
        return NULL;
    while (*s > ' ' && *s != 127)
        s++;
    wire->url_is_torn = *s;
    wire->url = strlen(url);
    return NULL;
}

struct counting {
    unsigned hosts, lengths, encodings;
    bool chunked;
};

static enum MHD_Result count_header(void *context, enum MHD_ValueKind kind,
                                    const char *name, const char *value)
{
    struct counting *c = context;

    (void)kind;
    c->hosts += !strcasecmp(name, "Host");
    c->lengths += !strcasecmp(name, "Content-Length");
    if (!strcasecmp(name, "Transfer-Encoding")) {
        c->encodings++;
        c->chunked = value && !strcasecmp(value, "chunked");
    }
    return MHD_YES;
}

/* Why the framing can't be trusted, or NULL. */
static const char *framing_fault(const struct exchange *x)
{
    struct counting c = { 0 };
    const char *length = exchange_header(x, "Content-Length");

    MHD_get_connection_values(x->connection, MHD_HEADER_KIND, count_header, &c);
    if (c.hosts != 1)
        return "There must be one Host header.";
    if (c.lengths > 1)
        return "There is more than one Content-Length header.";
    if (c.lengths && c.encodings)
        return "There are both Content-Length and Transfer-Encoding.";
    if (c.encodings > 1 || (c.encodings && !c.chunked))
        return "The Transfer-Encoding is none that is understood.";
    if (length && (!*length || strlen(length) > 18 ||
                   length[strspn(length, "0123456789")]))
        return "The Content-Length is no number.";
    return NULL;
}

static size_t head_size(const struct exchange *x)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        x->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

    return info ? info->header_size : 0;
}

/* Within the library's own limits, so that it is told in the site's form. */
static bool check_size(struct exchange *x)
{
    if (x->wire->url > URL_MOST)
        exchange_refuse(x, 414, "uri_too_long",
                        "The URL is longer than 8 KiB.");
    else if (head_size(x) > HEAD_MOST)
        exchange_refuse(x, 431, "headers_too_large",
                        "The headers are larger than 32 KiB.");
    else if (x->wire->url_is_torn)
        exchange_refuse(x, 400, "bad_framing", "There is a blank in the URL.");
    return !x->response;
}

static bool check_framing(struct exchange *x)
{
    const char *fault = framing_fault(x);

    if (fault)
        exchange_refuse(x, 400, "bad_framing", fault);
    return !fault;
}

static bool check_names(struct exchange *x)
{
    const char *host = exchange_header(x, "Host");
    const char *origin = exchange_header(x, "Origin");

    if (!host_is_sane(host)) {
        exchange_refuse(x, 400, "bad_host", "The Host header is no host.");
    } else if (x->server->local && !host_is_local(host)) {
        exchange_refuse(
            x, 403, "foreign_host",
            "This server listens on loopback and answers to localhost, "
            "127.0.0.1 and [::1] only.");
    } else if (origin && !origin_is_own(origin, host)) {
        exchange_refuse(x, 403, "foreign_origin",
                        "Pages of other sites may not use this server.");
    }
    return !x->response;
}

bool head_is_fine(struct exchange *x)
{
    return check_size(x) && check_framing(x) && check_names(x);
}
