/*
 * http_private.h -- what http.c, http_transfer.c and http_pool.c share.
 */
#ifndef PROVIDER_HTTP_PRIVATE_H
#define PROVIDER_HTTP_PRIVATE_H

#include <curl/curl.h>

#include "base/file.h"
#include "provider/http.h"

struct http {
    struct curl_slist *bare;  /* owned: no credentials */
    struct curl_slist *plain; /* owned: with the settings' headers */
    struct curl_slist *json;  /* owned: and a JSON content type */
    char *hosts;              /* owned: ",host,host:port," in lower case */
    char **secrets;           /* owned, and each of them */
    size_t secret_count;
    double connect_timeout, idle_timeout;
    CURL *easy;         /* http_send's own */
    char checked[1024]; /* the URL last found allowed */
    bool checked_loopback;
};

/* libcurl as a whole, once for the program. */
MUST_CHECK bool http_start(struct error *err);

/* Scheme, host and port of a URL. */
struct http_origin {
    char scheme[8];
    char host[256]; /* lower case, IPv6 in brackets */
    char port[8];
};

/* False for anything but http and https, and for a URL with credentials. */
MUST_CHECK bool http_origin(const char *url, struct http_origin *origin);
bool http_origin_equal(const struct http_origin *a,
                       const struct http_origin *b);
bool http_host_allowed(const struct http *h, const struct http_origin *origin);

/* A file on its way out. */
struct http_source {
    FILE *file;         /* owned */
    const char *prefix; /* borrowed */
    const char *suffix; /* borrowed; NULL: bytes as they are */
    size_t prefix_at, suffix_at;
    uint64_t left;   /* of the file */
    uint64_t length; /* of all */
    bool failed;     /* it became shorter meanwhile */
};

/* False when the file can't be read. */
MUST_CHECK bool http_source_open(struct http_source *s, const char *path,
                                 const char *prefix, const char *suffix);
void http_source_close(struct http_source *s);
/* A CURLOPT_READFUNCTION over a struct http_source. */
size_t http_source_read(char *out, size_t one, size_t n, void *context);

/* One exchange on an easy handle. */
struct transfer {
    struct http *http;              /* borrowed */
    CURL *easy;                     /* borrowed */
    struct http_response *response; /* borrowed */
    const volatile bool *stop;      /* borrowed */
    struct curl_slist *headers;     /* owned; NULL: the http's own are used */
    curl_mime *mime;                /* owned */
    struct http_source source;
    const char *wanted; /* borrowed: a header's name */
    const char *path;   /* borrowed: download_path */
    uint64_t resume_at;
    struct file_writer file;
    bool file_open;
    bool enough; /* an error page longer than anybody reads */
    size_t header_bytes;
    bool headers_ended; /* with the empty line */
    char retry_after_ms[32], retry_after[64], date[64];
    int64_t range_start, range_whole; /* Content-Range, -1 = none */
    struct error why;                 /* why a callback stopped it */
    char detail[CURL_ERROR_SIZE];
};

enum transfer_flag {
    TRANSFER_COPY = 1,  /* the body */
    TRANSFER_FRESH = 2, /* a connection of its own */
    TRANSFER_BARE = 4,  /* without credentials */
};

/* Sets the handle up; the response is made empty (its body keeps its
 * ceiling).  After a true, transfer_end() must be called. */
MUST_CHECK bool transfer_begin(struct transfer *t, struct http *h, CURL *easy,
                               const struct http_request *request,
                               unsigned flags, struct http_response *response,
                               struct error *err);
/* Reads the outcome and frees what begin made. */
MUST_CHECK bool transfer_end(struct transfer *t, CURLcode code,
                             struct error *err);

#endif
