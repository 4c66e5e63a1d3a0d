/*
 * http_transfer.c -- one exchange: options, callbacks, outcome.
 */
#include <ctype.h>
#include <math.h>
#include <strings.h>

#include "provider/http_private.h"

#define MAX_HEADERS (256 * KIB)
#define SLOWEST 32L /* bytes a second */

/* -- callbacks -- */

struct header_field {
    const char *name;
    size_t offset; /* in struct transfer, or in struct http_response */
    size_t size;
    bool in_response;
};

#define OURS(name, member)                                                     \
    {                                                                          \
        name, offsetof(struct transfer, member),                               \
            sizeof(((struct transfer *)0)->member), false                      \
    }
#define TOLD(name, member)                                                     \
    {                                                                          \
        name, offsetof(struct http_response, member),                          \
            sizeof(((struct http_response *)0)->member), true                  \
    }

static const struct header_field header_fields[] = {
    OURS("retry-after-ms", retry_after_ms),
    OURS("retry-after", retry_after),
    OURS("date", date),
    TOLD("content-type", content_type),
    TOLD("x-request-id", request_id),
    TOLD("request-id", request_id),
    TOLD("etag", etag),
    TOLD("x-ratelimit-remaining-requests", left[0]),
    TOLD("x-ratelimit-remaining-tokens", left[1]),
    TOLD("x-ratelimit-reset-requests", reset[0]),
    TOLD("x-ratelimit-reset-tokens", reset[1]),
    TOLD("anthropic-ratelimit-requests-remaining", left[0]),
    TOLD("anthropic-ratelimit-tokens-remaining", left[1]),
    TOLD("anthropic-ratelimit-requests-reset", reset[0]),
    TOLD("anthropic-ratelimit-tokens-reset", reset[1]),
};

/* A new status line: what an interim answer said no longer counts. */
static void forget_headers(struct transfer *t)
{
    struct http_response *r = t->response;

    t->retry_after_ms[0] = t->retry_after[0] = t->date[0] = '\0';
    t->range_start = t->range_whole = -1;
    r->content_type[0] = r->request_id[0] = r->etag[0] = '\0';
    r->left[0][0] = r->left[1][0] = r->reset[0][0] = r->reset[1][0] = '\0';
    r->should_retry = -1;
}

static void keep_header(char *out, size_t size, const char *value, size_t len)
{
    size_t i;

    if (len >= size)
        len = size - 1;
    for (i = 0; i < len; i++) /* they end up in messages */
        out[i] = value[i] < 0x20 || value[i] > 0x7e ? '?' : value[i];
    out[len] = '\0';
}

/* "bytes 100-199/200"; "*" for what isn't known. */
static void read_range(struct transfer *t, const char *value)
{
    long long start, end, whole;

    if (sscanf(value, "bytes %lld-%lld/%lld", &start, &end, &whole) == 3) {
        t->range_start = start;
        t->range_whole = whole;
    } else if (sscanf(value, "bytes %lld-%lld/", &start, &end) == 2) {
        t->range_start = start;
    }
}

static void odd_header(struct transfer *t, const char *name, size_t name_len,
                       const char *value, size_t len)
{
    struct http_response *r = t->response;
    char text[96];

    if (t->wanted && name_len == strlen(t->wanted) &&
        !strncasecmp(name, t->wanted, name_len))
        keep_header(r->wanted, sizeof(r->wanted), value, len);
    if (name_len == 13 && !strncasecmp(name, "content-range", 13)) {
        keep_header(text, sizeof(text), value, len);
        read_range(t, text);
    } else if (name_len == 14 && !strncasecmp(name, "x-should-retry", 14)) {
        r->should_retry = len == 4 && !strncasecmp(value, "true", 4);
    }
}

static void take_header(struct transfer *t, const char *name, size_t name_len,
                        const char *value, size_t len)
{
    const struct header_field *f;
    char *base;

    for (f = header_fields; f < header_fields + ARRAY_LEN(header_fields); f++) {
        if (strlen(f->name) != name_len ||
            strncasecmp(f->name, name, name_len) != 0)
            continue;
        base = f->in_response ? (char *)t->response : (char *)t;
        keep_header(base + f->offset, f->size, value, len);
        return;
    }
    odd_header(t, name, name_len, value, len);
}

static size_t on_header(char *line, size_t one, size_t len, void *context)
{
    struct transfer *t = context;
    const char *colon, *end = line + len, *value;

    t->header_bytes += len;
    if (t->header_bytes > MAX_HEADERS) {
        error_exit(&t->why, ERROR_RETRY, EXIT_PROVIDER,
                   "the answer has more than %zu bytes of headers",
                   MAX_HEADERS);
        error_code(&t->why, "malformed");
        return 0;
    }
    if (len >= 5 && !memcmp(line, "HTTP/", 5)) {
        forget_headers(t);
        return len * one;
    }
    t->headers_ended = *line == '\r' || *line == '\n';
    colon = memchr(line, ':', len);
    if (!colon)
        return len * one;
    for (value = colon + 1; value < end && isspace((unsigned char)*value);)
        value++;
    while (end > value && isspace((unsigned char)end[-1]))
        end--;
    take_header(t, line, (size_t)(colon - line), value, (size_t)(end - value));
    return len * one;
}

/* The first bytes of a download: where in the file do they go? */
static bool open_file(struct transfer *t, long status)
{
    uint64_t at = 0;

    if (status == 206) {
        if (t->range_start < 0 || (uint64_t)t->range_start != t->resume_at) {
            error_exit(&t->why, ERROR_RETRY, EXIT_PROVIDER,
                       "the server sent another range than the one asked for");
            error_code(&t->why, "malformed");
            t->response->downloaded = 0;
            return false;
        }
        at = t->resume_at;
    }
    if (!file_append(&t->file, t->path, (off_t)at, &t->why))
        return false;
    t->response->downloaded = at;
    t->file_open = true;
    return true;
}

static size_t to_file(struct transfer *t, long status, const char *data,
                      size_t len)
{
    if (!t->file_open && !open_file(t, status))
        return 0;
    if (!file_add(&t->file, data, len, &t->why))
        return 0;
    t->response->downloaded += len;
    return len;
}

static size_t on_body(char *data, size_t one, size_t len, void *context)
{
    struct transfer *t = context;
    struct strbuf *body = &t->response->body;
    long status = 0;

    len *= one;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    if (t->path && (status == 200 || status == 206))
        return to_file(t, status, data, len);
    if (status >= 300 && body->len + len > body->ceiling) {
        t->enough = true;
        return 0;
    }
    strbuf_add(body, data, len);
    if (strbuf_ok(body))
        return len;
    error_exit(&t->why, ERROR_REJECT, EXIT_PROVIDER,
               "the answer is longer than %zu bytes", body->ceiling);
    error_code(&t->why, "answer_too_large");
    return 0;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c,
                       curl_off_t d)
{
    const struct transfer *t = context;

    (void)a, (void)b, (void)c, (void)d;
    return flag_is_set(t->stop);
}

/* -- setting up -- */

static void start_response(struct transfer *t)
{
    struct http_response *r = t->response;
    struct strbuf body = r->body;

    memset(r, 0, sizeof(*r));
    r->body = body;
    strbuf_clear(&r->body);
    r->whole = -1;
    r->downloaded = t->resume_at;
    forget_headers(t);
}

static bool is_loopback(const char *host)
{
    return !strcmp(host, "localhost") || !strcmp(host, "[::1]") ||
           !strncmp(host, "127.", 4);
}

static bool check_host(struct http *h, const char *url, struct error *err)
{
    struct http_origin origin;

    if (!strcmp(h->checked, url))
        return true;
    if (!http_origin(url, &origin)) {
        error_exit(err, ERROR_SETUP, EXIT_PROVIDER,
                   "not an http or https address without a password: check "
                   "base_url");
        error_code(err, "host");
        return false;
    }
    if (!http_host_allowed(h, &origin)) {
        error_exit(err, ERROR_SETUP, EXIT_PROVIDER,
                   "the host %s is not in allowed_hosts", origin.host);
        error_code(err, "host");
        return false;
    }
    h->checked_loopback = is_loopback(origin.host);
    snprintf(h->checked, sizeof(h->checked), "%s",
             strlen(url) < sizeof(h->checked) ? url : "");
    return true;
}

static bool append(struct curl_slist **list, const char *header)
{
    struct curl_slist *longer = curl_slist_append(*list, header);

    if (longer)
        *list = longer;
    return longer != NULL;
}

/* An empty POST says JSON too, as the vendors' clients do. */
static const struct curl_slist *shared_headers(
    const struct http *h, const struct http_request *request, unsigned flags)
{
    if (flags & TRANSFER_BARE)
        return h->bare;
    if (request->body)
        return h->json;
    if (!strcmp(request->method, "POST") && !request->field_count &&
        !request->body_path)
        return h->json;
    return h->plain;
}

/* The shared list, or one of our own where the request has more. */
static const struct curl_slist *pick_headers(struct transfer *t,
                                             const struct http_request *request,
                                             unsigned flags)
{
    const struct curl_slist *base = shared_headers(t->http, request, flags);
    size_t i;

    if (!request->header_count || flags & TRANSFER_BARE)
        return base;
    for (i = 0; i < request->header_count; i++)
        if (!append(&t->headers, request->headers[i]))
            return NULL;
    for (; base; base = base->next)
        if (!append(&t->headers, base->data))
            return NULL;
    return t->headers;
}

static bool add_file(curl_mime *mime, const struct http_request *request)
{
    curl_mimepart *part = curl_mime_addpart(mime);

    return part && !curl_mime_name(part, "file") &&
           !curl_mime_filedata(part, request->upload_path) &&
           !curl_mime_filename(part, request->upload_name) &&
           !curl_mime_type(part, "application/jsonl");
}

static bool set_form(struct transfer *t, const struct http_request *request)
{
    curl_mimepart *part;
    size_t i;

    t->mime = curl_mime_init(t->easy);
    if (!t->mime)
        return false;
    for (i = 0; i < request->field_count; i++) {
        part = curl_mime_addpart(t->mime);
        if (!part || curl_mime_name(part, request->fields[2 * i]) ||
            curl_mime_data(part, request->fields[2 * i + 1],
                           CURL_ZERO_TERMINATED))
            return false;
    }
    if (request->upload_path && !add_file(t->mime, request))
        return false;
    return !curl_easy_setopt(t->easy, CURLOPT_MIMEPOST, t->mime);
}

static bool set_source(struct transfer *t, const struct http_request *request)
{
    bool put = !strcmp(request->method, "PUT");
    CURL *c = t->easy;

    return http_source_open(&t->source, request->body_path, request->body,
                            request->joined) &&
           !curl_easy_setopt(c, put ? CURLOPT_UPLOAD : CURLOPT_POST, 1L) &&
           !curl_easy_setopt(
               c, put ? CURLOPT_INFILESIZE_LARGE : CURLOPT_POSTFIELDSIZE_LARGE,
               (curl_off_t)t->source.length) &&
           !curl_easy_setopt(c, CURLOPT_READFUNCTION, http_source_read) &&
           !curl_easy_setopt(c, CURLOPT_READDATA, &t->source);
}

static bool set_body(struct transfer *t, const struct http_request *request,
                     unsigned flags)
{
    CURL *c = t->easy;

    if (!strcmp(request->method, "GET"))
        return !curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
    if (request->field_count)
        return set_form(t, request);
    if (request->body_path)
        return set_source(t, request);
    if (strcmp(request->method, "POST") != 0)
        return !curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, request->method);
    return !curl_easy_setopt(c, CURLOPT_POST, 1L) &&
           !curl_easy_setopt(
               c, CURLOPT_POSTFIELDSIZE_LARGE,
               (curl_off_t)(request->body ? request->body_len : 0)) &&
           !curl_easy_setopt(c,
                             flags & TRANSFER_COPY ? CURLOPT_COPYPOSTFIELDS
                                                   : CURLOPT_POSTFIELDS,
                             request->body ? request->body : "");
}

static bool set_limits(struct transfer *t, const struct http_request *request)
{
    CURL *c = t->easy;

    if (curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
                         (long)(t->http->connect_timeout * 1000)))
        return false;
    if (request->timeout > 0)
        return !curl_easy_setopt(c, CURLOPT_TIMEOUT_MS,
                                 (long)(request->timeout * 1000) + 1);
    return !curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, SLOWEST) &&
           !curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME,
                             (long)t->http->idle_timeout + 1);
}

static bool set_callbacks(struct transfer *t)
{
    CURL *c = t->easy;

    if (t->stop &&
        (curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) ||
         curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress) ||
         curl_easy_setopt(c, CURLOPT_XFERINFODATA, t)))
        return false;
    return !curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header) &&
           !curl_easy_setopt(c, CURLOPT_HEADERDATA, t) &&
           !curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body) &&
           !curl_easy_setopt(c, CURLOPT_WRITEDATA, t) &&
           !curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->detail);
}

static bool set_range(struct transfer *t)
{
    char range[32];

    if (!t->path || !t->resume_at)
        return true;
    snprintf(range, sizeof(range), "%llu-", (unsigned long long)t->resume_at);
    return !curl_easy_setopt(t->easy, CURLOPT_RANGE, range);
}

/* HTTP/1.1 only: one request a connection at a time keeps framing simple
 * and costs nothing at the concurrency of batches. */
static bool set_connection(struct transfer *t, unsigned flags)
{
    CURL *c = t->easy;

    if (t->http->checked_loopback && curl_easy_setopt(c, CURLOPT_PROXY, ""))
        return false;
    if (flags & TRANSFER_FRESH &&
        curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L))
        return false;
    return !curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") &&
           !curl_easy_setopt(c, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) &&
           !curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) &&
           !curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L) &&
           !curl_easy_setopt(c, CURLOPT_USERAGENT, "vitae/" PACKAGE_VERSION);
}

static bool set_options(struct transfer *t, const struct http_request *request,
                        unsigned flags)
{
    const struct curl_slist *headers = pick_headers(t, request, flags);

    return headers && !curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, headers) &&
           !curl_easy_setopt(t->easy, CURLOPT_URL, request->url) &&
           set_connection(t, flags) && set_callbacks(t) &&
           set_limits(t, request) && set_range(t) &&
           set_body(t, request, flags);
}

static void release(struct transfer *t)
{
    curl_easy_setopt(t->easy, CURLOPT_MIMEPOST, NULL);
    curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, NULL);
    curl_mime_free(t->mime);
    curl_slist_free_all(t->headers);
    http_source_close(&t->source);
    t->mime = NULL;
    t->headers = NULL;
}

bool transfer_begin(struct transfer *t, struct http *h, CURL *easy,
                    const struct http_request *request, unsigned flags,
                    struct http_response *response, struct error *err)
{
    memset(t, 0, sizeof(*t));
    t->http = h;
    t->easy = easy;
    t->response = response;
    t->stop = request->stop;
    t->path = request->download_path;
    t->wanted = request->wanted;
    t->resume_at = request->resume_at;
    start_response(t);
    if (!check_host(h, request->url, err))
        return false;
    curl_easy_reset(easy);
    if (set_options(t, request, flags))
        return true;
    release(t);
    return error_memory(err);
}

/* -- the outcome -- */

struct curl_meaning {
    CURLcode curl;
    enum error_kind kind;
    const char *code;
    const char *cure;
};

/* All others: ERROR_RETRY, "network". */
static const struct curl_meaning meanings[] = {
    { CURLE_OPERATION_TIMEDOUT, ERROR_RETRY, "timeout", "" },
    { CURLE_ABORTED_BY_CALLBACK, ERROR_RETRY, "stopped", "" },
    { CURLE_UNSUPPORTED_PROTOCOL, ERROR_RETRY, "malformed", "" },
    { CURLE_WEIRD_SERVER_REPLY, ERROR_RETRY, "malformed", "" },
    { CURLE_URL_MALFORMAT, ERROR_SETUP, "host", ": check base_url" },
    { CURLE_PEER_FAILED_VERIFICATION, ERROR_SETUP, "certificate",
      ": the server's certificate is not trusted (right host? clock? the "
      "system's CA certificates?)" },
    { CURLE_SSL_CERTPROBLEM, ERROR_SETUP, "certificate", "" },
    { CURLE_SSL_CACERT_BADFILE, ERROR_SETUP, "certificate",
      ": the system's CA certificates can't be read (Debian package "
      "ca-certificates)" },
    { CURLE_SSL_ISSUER_ERROR, ERROR_SETUP, "certificate", "" },
    { CURLE_COULDNT_RESOLVE_HOST, ERROR_RETRY, "network",
      ": check base_url and the network" },
    { CURLE_COULDNT_CONNECT, ERROR_RETRY, "network",
      ": is the server running, base_url right?" },
    { CURLE_READ_ERROR, ERROR_SETUP, "disk", ": can't read the file to send" },
};

static bool transport_failure(const struct transfer *t, CURLcode code,
                              struct error *err)
{
    static const struct curl_meaning other = { CURLE_OK, ERROR_RETRY, "network",
                                               "" };
    const struct curl_meaning *m = &other;
    size_t i;

    if (code == CURLE_OUT_OF_MEMORY)
        return error_memory(err);
    if (t->source.failed)
        code = CURLE_READ_ERROR;
    for (i = 0; i < ARRAY_LEN(meanings); i++)
        if (meanings[i].curl == code)
            m = &meanings[i];
    error_exit(err, m->kind, EXIT_PROVIDER, "%s%s",
               t->detail[0] ? t->detail : curl_easy_strerror(code), m->cure);
    error_code(err, m->code);
    return false;
}

/* curl counts the bytes of the request that it handed to the kernel. */
static void read_outcome(struct transfer *t)
{
    struct http_response *r = t->response;
    curl_off_t us = 0, length = -1;
    char *target = NULL;
    long sent = 0;

    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &r->status);
    curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &target);
    if (target && strlen(target) < sizeof(r->location))
        memcpy(r->location, target, strlen(target) + 1);
    curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &sent);
    curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &us);
    curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    r->sent = sent > 0;
    r->seconds = (double)us / 1e6;
    r->retry_after =
        http_retry_after(t->retry_after_ms[0] ? t->retry_after_ms : NULL,
                         t->retry_after[0] ? t->retry_after : NULL,
                         t->date[0] ? t->date : NULL, (double)time(NULL));
    r->rate_wait =
        fmax(http_rate_wait(r->left[0], r->reset[0], (double)time(NULL)),
             http_rate_wait(r->left[1], r->reset[1], (double)time(NULL)));
    if (r->status == 206)
        r->whole = t->range_whole;
    else if (length >= 0)
        r->whole = length;
}

/* An empty file is a file too; a broken one keeps what came. */
static bool end_file(struct transfer *t, CURLcode code, struct error *err)
{
    if (!t->path)
        return true;
    if (!t->file_open && code == CURLE_OK && t->response->status == 200 &&
        !open_file(t, 200)) {
        *err = t->why;
        return false;
    }
    if (!t->file_open)
        return true;
    t->file_open = false;
    if (file_commit(&t->file, err))
        return true;
    file_abandon(&t->file);
    return false;
}

/* A server may echo the key in its complaint. */
static void blot_secrets(const struct http *h, struct strbuf *body)
{
    size_t i, n;
    char *at;

    for (i = 0; i < h->secret_count; i++) {
        n = strlen(h->secrets[i]);
        for (at = body->data; (at = strstr(at, h->secrets[i])); at += n)
            memset(at, '*', n);
    }
}

/* libcurl (7.88) takes a connection that closes amid the headers for an
 * answer without a body. */
static CURLcode true_outcome(const struct transfer *t, CURLcode code)
{
    return code == CURLE_OK && !t->headers_ended ? CURLE_GOT_NOTHING : code;
}

bool transfer_end(struct transfer *t, CURLcode code, struct error *err)
{
    bool stored;

    code = true_outcome(t, code);
    read_outcome(t);
    stored = end_file(t, code, err);
    release(t);
    if (t->response->status >= 300)
        blot_secrets(t->http, &t->response->body);
    if (t->why.kind != ERROR_NONE) {
        *err = t->why;
        return false;
    }
    if (!stored)
        return false;
    if (code == CURLE_OK || t->enough)
        return true;
    return transport_failure(t, code, err);
}
