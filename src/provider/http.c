#include "provider/http.h"

#include <ctype.h>
#include <pthread.h>

#include "base/text.h"
#include "provider/http_private.h"

#define MAX_HOPS 3

/* Headers whose value is a secret. */
static const char *const secret_headers[] = { "authorization", "api-key",
                                              "x-api-key", "x-goog-api-key" };

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_started;

static void start_curl(void)
{
    curl_started = curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* -- which hosts -- */

static void lower(char *s)
{
    for (; *s; s++)
        *s = (char)tolower((unsigned char)*s);
}

/* Copies one part of a URL; false when it is absent or too long. */
static bool url_part(CURLU *url, CURLUPart part, char *out, size_t size)
{
    char *text = NULL;
    bool fits;

    if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK)
        return false;
    fits = strlen(text) < size;
    if (fits)
        memcpy(out, text, strlen(text) + 1);
    curl_free(text);
    return fits;
}

static bool url_has_user(CURLU *url)
{
    char *text = NULL;
    bool has = curl_url_get(url, CURLUPART_USER, &text, 0) != CURLUE_NO_USER;

    curl_free(text);
    return has;
}

bool http_origin(const char *text, struct http_origin *origin)
{
    CURLU *url = curl_url();
    bool good;

    if (!url)
        return false;
    good = curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
           url_part(url, CURLUPART_SCHEME, origin->scheme,
                    sizeof(origin->scheme)) &&
           url_part(url, CURLUPART_HOST, origin->host, sizeof(origin->host)) &&
           url_part(url, CURLUPART_PORT, origin->port, sizeof(origin->port)) &&
           !url_has_user(url);
    curl_url_cleanup(url);
    if (!good)
        return false;
    lower(origin->host);
    return !strcmp(origin->scheme, "https") || !strcmp(origin->scheme, "http");
}

bool http_origin_equal(const struct http_origin *a, const struct http_origin *b)
{
    return !strcmp(a->scheme, b->scheme) && !strcmp(a->host, b->host) &&
           !strcmp(a->port, b->port);
}

bool http_host_allowed(const struct http *h, const struct http_origin *origin)
{
    char entry[300];

    snprintf(entry, sizeof(entry), ",%s,", origin->host);
    if (strstr(h->hosts, entry))
        return true;
    snprintf(entry, sizeof(entry), ",%s:%s,", origin->host, origin->port);
    return strstr(h->hosts, entry) != NULL;
}

/* "A.example, b" becomes ",a.example,b,". */
static char *host_list(const char *hosts)
{
    char *list = malloc(strlen(hosts) + 3);
    size_t n = 0;

    if (!list)
        return NULL;
    list[n++] = ',';
    for (; *hosts; hosts++)
        if (!isspace((unsigned char)*hosts))
            list[n++] = (char)tolower((unsigned char)*hosts);
    list[n++] = ',';
    list[n] = '\0';
    return list;
}

/* -- opening -- */

static bool add_header(struct curl_slist **list, const char *header)
{
    struct curl_slist *longer = curl_slist_append(*list, header);

    if (longer)
        *list = longer;
    return longer != NULL;
}

/* Keeps the last word of a secret header, to blot it out of answers. */
static bool keep_secret(struct http *h, const char *header)
{
    const char *value = strchr(header, ':');
    size_t i;

    if (!value)
        return true;
    for (i = 0; i < ARRAY_LEN(secret_headers); i++)
        if (strlen(secret_headers[i]) == (size_t)(value - header) &&
            !strncasecmp(header, secret_headers[i], (size_t)(value - header)))
            break;
    if (i == ARRAY_LEN(secret_headers))
        return true;
    value = strrchr(value, ' ');
    if (!value || strlen(value) < 5) /* too short to be told from words */
        return true;
    h->secrets[h->secret_count] = strdup(value + 1);
    return h->secrets[h->secret_count] && ++h->secret_count;
}

static bool copy_headers(struct http *h, const struct http_settings *s)
{
    size_t i;

    h->secrets = calloc(s->header_count + 1, sizeof(*h->secrets));
    /* Empty: curl would wait a second for "100 Continue". */
    if (!h->secrets || !add_header(&h->bare, "Expect:") ||
        !add_header(&h->plain, "Expect:") || !add_header(&h->json, "Expect:") ||
        !add_header(&h->json, "Content-Type: application/json"))
        return false;
    for (i = 0; i < s->header_count; i++)
        if (!add_header(&h->plain, s->headers[i]) ||
            !add_header(&h->json, s->headers[i]) ||
            !keep_secret(h, s->headers[i]))
            return false;
    return true;
}

bool http_start(struct error *err)
{
    if (pthread_once(&curl_once, start_curl) || curl_started)
        return error_exit(err, ERROR_SETUP, EXIT_PROVIDER,
                          "libcurl does not start");
    return true;
}

bool http_open(struct http **out, const struct http_settings *s,
               struct error *err)
{
    struct http *h;

    *out = NULL;
    if (!http_start(err))
        return false;
    h = calloc(1, sizeof(*h));
    if (!h)
        return error_memory(err);
    h->connect_timeout = s->connect_timeout > 0 ? s->connect_timeout : 10;
    h->idle_timeout = s->idle_timeout > 0 ? s->idle_timeout : 120;
    h->hosts = host_list(s->allowed_hosts ? s->allowed_hosts : "");
    h->easy = curl_easy_init();
    if (!h->hosts || !h->easy || !copy_headers(h, s)) {
        http_close(h);
        return error_memory(err);
    }
    *out = h;
    return true;
}

/* Secrets don't stay in freed memory. */
static void wipe(char *s)
{
    if (s)
        explicit_bzero(s, strlen(s));
}

static void free_headers(struct curl_slist *list)
{
    struct curl_slist *at;

    for (at = list; at; at = at->next)
        wipe(at->data);
    curl_slist_free_all(list);
}

void http_close(struct http *h)
{
    size_t i;

    if (!h)
        return;
    if (h->easy)
        curl_easy_cleanup(h->easy);
    free_headers(h->bare);
    free_headers(h->plain);
    free_headers(h->json);
    for (i = 0; i < h->secret_count; i++) {
        wipe(h->secrets[i]);
        free(h->secrets[i]);
    }
    free(h->secrets);
    free(h->hosts);
    free(h);
}

/* -- one request -- */

static bool exchange(struct http *h, const struct http_request *request,
                     unsigned flags, struct http_response *response,
                     struct error *err)
{
    struct transfer t;

    if (!transfer_begin(&t, h, h->easy, request, flags, response, err))
        return false;
    return transfer_end(&t, curl_easy_perform(h->easy), err);
}

static bool is_sent_on(const struct http_request *request,
                       const struct http_response *response)
{
    return request->download_path && response->location[0] &&
           response->status >= 301 && response->status <= 308 &&
           response->status != 304;
}

/* The key stays with its origin; nothing goes from https to http. */
static bool may_follow(const struct http *h, const char *from, const char *to,
                       unsigned *flags, struct error *err)
{
    struct http_origin a, b;

    if (!http_origin(from, &a) || !http_origin(to, &b))
        return error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
                          "a download was sent on to an address that is none");
    if (http_origin_equal(&a, &b))
        return true;
    if (!http_host_allowed(h, &b) ||
        (!strcmp(a.scheme, "https") && strcmp(b.scheme, "https") != 0)) {
        error_exit(err, ERROR_SETUP, EXIT_PROVIDER,
                   "a download was sent on to %s://%s, which is not allowed: "
                   "if that is right, add it to allowed_hosts",
                   b.scheme, b.host);
        error_code(err, "host");
        return false;
    }
    *flags |= TRANSFER_BARE;
    return true;
}

bool http_send(struct http *h, const struct http_request *request,
               struct http_response *response, struct error *err)
{
    struct http_request hop = *request;
    unsigned flags = *request->method == 'P' ? TRANSFER_FRESH : 0;
    char from[sizeof(response->location)];
    int hops;

    if (request->bare)
        flags |= TRANSFER_BARE;
    for (hops = 0; hops <= MAX_HOPS; hops++) {
        if (!exchange(h, &hop, flags, response, err))
            return false;
        if (!is_sent_on(&hop, response))
            return true;
        if (!may_follow(h, hop.url, response->location, &flags, err))
            return false;
        memcpy(from, response->location, sizeof(from));
        hop.url = from;
    }
    return error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
                      "a download was sent on more than %d times", MAX_HOPS);
}
