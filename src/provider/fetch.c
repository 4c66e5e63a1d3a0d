#include "provider/fetch.h"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "provider/address.h"
#include "provider/http_private.h"
#include "provider/robots.h"

#define AGENT "vitae"
#define MOST 32
#define SITES 256  /* whose robots.txt are kept */
#define ORIGIN 600 /* bytes of "https://host:port" */
#define ROBOTS_BYTES (512 * KIB)

/* A site's robots.txt. */
struct site {
    char origin[ORIGIN];
    bool refused; /* it can't be asked: nothing is fetched there */
    struct strbuf robots;
};

/* One exchange. */
struct visit {
    struct fetcher *fetcher;
    CURL *easy;
    struct fetch_page *page; /* NULL = idle */
    bool robots;             /* of a robots.txt */
    bool is_private;         /* an address within was refused */
    bool too_large, odd_type;
    size_t bytes; /* ceiling of the body */
};

struct fetcher {
    struct fetch_settings settings;
    CURLM *multi;
    struct visit visits[MOST];
    struct site *sites; /* owned */
    size_t site_count;
};

void fetch_page_init(struct fetch_page *page, const char *url)
{
    memset(page, 0, sizeof(*page));
    page->url = url;
    strbuf_init(&page->body, 64 * MIB);
}

void fetch_page_release(struct fetch_page *page)
{
    strbuf_release(&page->body);
}

/* -- one exchange -- */

static curl_socket_t open_socket(void *context, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
    struct visit *v = context;

    (void)purpose;
    if (!v->fetcher->settings.private_too &&
        !address_is_public(&address->addr)) {
        v->is_private = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC,
                  address->protocol);
}

static bool is_page(const char *type)
{
    static const char *const fine[] = { "text/html", "application/xhtml+xml",
                                        "text/plain" };
    size_t i, len = type ? strcspn(type, "; \t") : 0;

    for (i = 0; i < ARRAY_LEN(fine); i++)
        if (len == strlen(fine[i]) && !strncasecmp(type, fine[i], len))
            return true;
    return len == 0; /* not told: taken for HTML */
}

static size_t take_body(char *data, size_t one, size_t n, void *context)
{
    struct visit *v = context;
    struct strbuf *body = &v->page->body;
    char *type = NULL;

    curl_easy_getinfo(v->easy, CURLINFO_CONTENT_TYPE, &type);
    v->odd_type = !v->robots && !is_page(type);
    v->too_large = n > v->bytes - body->len;
    if (v->odd_type || v->too_large)
        return 0;
    strbuf_add(body, data, one * n);
    return strbuf_ok(body) ? n : 0;
}

static bool set_guards(struct visit *v)
{
    CURL *c = v->easy;

    return !curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") &&
           !curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") &&
           !curl_easy_setopt(c, CURLOPT_MAXREDIRS, 5L) &&
           !curl_easy_setopt(c, CURLOPT_PROXY, "") &&
           !curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket) &&
           !curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, v);
}

static bool set_up(struct visit *v, const char *url)
{
    long most = (long)(v->fetcher->settings.timeout * 1000);
    CURL *c = v->easy;

    curl_easy_reset(c);
    return set_guards(v) && !curl_easy_setopt(c, CURLOPT_URL, url) &&
           !curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L) &&
           !curl_easy_setopt(c, CURLOPT_USERAGENT, AGENT "/" PACKAGE_VERSION) &&
           !curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "") &&
           !curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) &&
           !curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 10L) &&
           !curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, most) &&
           !curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body) &&
           !curl_easy_setopt(c, CURLOPT_WRITEDATA, v) &&
           !curl_easy_setopt(c, CURLOPT_PRIVATE, v);
}

/* What went wrong, in words; "" = nothing. */
static void judge(const struct visit *v, CURLcode code, char *why, size_t size)
{
    long status = 0;

    curl_easy_getinfo(v->easy, CURLINFO_RESPONSE_CODE, &status);
    if (v->is_private && code != CURLE_OK)
        snprintf(why, size, "its address is not public");
    else if (v->too_large)
        snprintf(why, size, "it is larger than %zu bytes", v->bytes);
    else if (v->odd_type)
        snprintf(why, size, "it is neither HTML nor plain text");
    else if (code == CURLE_OPERATION_TIMEDOUT)
        snprintf(why, size, "it did not come within %g seconds",
                 v->fetcher->settings.timeout);
    else if (code != CURLE_OK)
        snprintf(why, size, "%s", curl_easy_strerror(code));
    else if (status != 200)
        snprintf(why, size, "the site answered %ld", status);
    else
        why[0] = '\0';
}

static void keep_facts(struct visit *v)
{
    struct fetch_page *page = v->page;
    char *text = NULL;

    curl_easy_getinfo(v->easy, CURLINFO_CONTENT_TYPE, &text);
    snprintf(page->type, sizeof(page->type), "%s", text ? text : "");
    text = NULL;
    curl_easy_getinfo(v->easy, CURLINFO_EFFECTIVE_URL, &text);
    snprintf(page->at, sizeof(page->at), "%s", text ? text : "");
}

/* -- robots.txt -- */

static bool origin_of(const char *url, char *out, size_t size)
{
    struct http_origin o;

    return http_origin(url, &o) &&
           (size_t)snprintf(out, size, "%s://%s:%s", o.scheme, o.host, o.port) <
               size;
}

static struct site *site_of(struct fetcher *f, const char *origin)
{
    size_t i;

    for (i = 0; i < f->site_count; i++)
        if (strcmp(f->sites[i].origin, origin) == 0)
            return &f->sites[i];
    return NULL;
}

static void forget_sites(struct fetcher *f)
{
    while (f->site_count)
        strbuf_release(&f->sites[--f->site_count].robots);
}

/* A site without robots.txt (4xx) allows all; one that can't be asked for it
 * (5xx) is left alone; of a long one the beginning counts (RFC 9309, 2.3 and
 * 2.5).  Where nobody answers, the page itself meets that, and says why. */
static void keep_robots(struct fetcher *f, const char *origin,
                        const struct visit *v, CURLcode code)
{
    struct site *site;
    long status = 0;

    if (site_of(f, origin))
        return;
    if (f->site_count == SITES)
        forget_sites(f);
    site = &f->sites[f->site_count++];
    snprintf(site->origin, sizeof(site->origin), "%s", origin);
    strbuf_init(&site->robots, ROBOTS_BYTES);
    curl_easy_getinfo(v->easy, CURLINFO_RESPONSE_CODE, &status);
    site->refused = code == CURLE_OK && status >= 500;
    if (status == 200 && (code == CURLE_OK || v->too_large))
        strbuf_add(&site->robots, v->page->body.data, v->page->body.len);
}

/* From the slash after the host on. */
static const char *path_of(const char *url)
{
    const char *host = strstr(url, "://");
    const char *slash = host ? strpbrk(host + 3, "/?#") : NULL;

    return slash && *slash == '/' ? slash : "/";
}

static bool is_allowed(struct fetcher *f, const char *origin,
                       struct fetch_page *page)
{
    const struct site *site = site_of(f, origin);

    if (!site ||
        (!site->refused && robots_allow(site->robots.data, site->robots.len,
                                        AGENT, path_of(page->url))))
        return true;
    snprintf(page->why, sizeof(page->why), "%s",
             site->refused ? "the site's robots.txt can't be had"
                           : "the site's robots.txt forbids it");
    return false;
}

/* -- many at once -- */

/* Pages that wait, are under way, are done. */
struct round {
    struct fetch_page *pages;
    size_t count, next, done;
};

static bool start(struct visit *v, struct fetch_page *page, bool robots,
                  const char *origin)
{
    char url[ORIGIN + 16];

    snprintf(url, sizeof(url), "%s/robots.txt", origin);
    v->page = page;
    v->robots = robots;
    v->is_private = v->too_large = v->odd_type = false;
    v->bytes = robots ? ROBOTS_BYTES : (size_t)v->fetcher->settings.page_bytes;
    strbuf_clear(&page->body);
    if (set_up(v, robots ? url : page->url) &&
        !curl_multi_add_handle(v->fetcher->multi, v->easy))
        return true;
    snprintf(page->why, sizeof(page->why), "libcurl would not");
    v->page = NULL;
    return false;
}

/* The next page that waits, on an idle handle; it may be refused at once. */
static void begin(struct fetcher *f, struct visit *v, struct round *r)
{
    struct fetch_page *page = &r->pages[r->next++];
    char origin[ORIGIN];

    if (!origin_of(page->url, origin, sizeof(origin)))
        snprintf(page->why, sizeof(page->why),
                 "it is no http or https address, or holds a password");
    else if (!f->settings.all_robots && !site_of(f, origin)) {
        if (start(v, page, true, origin))
            return;
    } else if (is_allowed(f, origin, page) && start(v, page, false, origin)) {
        return;
    }
    r->done++;
}

static void fill(struct fetcher *f, struct round *r)
{
    int64_t i;

    for (i = 0; i < f->settings.concurrency; i++)
        while (!f->visits[i].page && r->next < r->count)
            begin(f, &f->visits[i], r);
}

/* True: the page itself is under way, on the same handle. */
static bool finish_robots(struct fetcher *f, struct visit *v, CURLcode code)
{
    struct fetch_page *page = v->page;
    char origin[ORIGIN];
    bool known = origin_of(page->url, origin, sizeof(origin));

    if (known)
        keep_robots(f, origin, v, code);
    v->page = NULL;
    if (known && is_allowed(f, origin, page) && start(v, page, false, origin))
        return true;
    strbuf_clear(&page->body);
    return false;
}

static void finish_page(struct visit *v, CURLcode code)
{
    struct fetch_page *page = v->page;

    keep_facts(v);
    judge(v, code, page->why, sizeof(page->why));
    if (page->why[0])
        strbuf_clear(&page->body);
    v->page = NULL;
}

static void finish(struct fetcher *f, struct visit *v, CURLcode code,
                   struct round *r)
{
    curl_multi_remove_handle(f->multi, v->easy);
    if (v->robots) {
        if (finish_robots(f, v, code))
            return;
    } else {
        finish_page(v, code);
    }
    r->done++;
}

static void deliver(struct fetcher *f, struct round *r)
{
    struct visit *v = NULL;
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(f->multi, &left)))
        if (message->msg == CURLMSG_DONE &&
            !curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &v) && v)
            finish(f, v, message->data.result, r);
}

static void drop_all(struct fetcher *f)
{
    size_t i;

    for (i = 0; i < MOST; i++)
        if (f->visits[i].page) {
            curl_multi_remove_handle(f->multi, f->visits[i].easy);
            f->visits[i].page = NULL;
        }
}

bool fetch_pages(struct fetcher *f, struct fetch_page *pages, size_t count,
                 const volatile bool *stop, struct error *err)
{
    struct round r = { pages, count, 0, 0 };
    CURLMcode code = CURLM_OK;
    int running;

    for (;;) {
        fill(f, &r);
        if (r.done == count)
            return true;
        if (flag_is_set(stop))
            break;
        code = curl_multi_perform(f->multi, &running);
        deliver(f, &r);
        fill(f, &r);
        if (code == CURLM_OK && r.done < count)
            code = curl_multi_poll(f->multi, NULL, 0, 200, NULL);
        if (code != CURLM_OK)
            break;
    }
    drop_all(f);
    if (code != CURLM_OK)
        return error_exit(err, ERROR_RETRY, EXIT_PROVIDER, "libcurl: %s",
                          curl_multi_strerror(code));
    error_exit(err, ERROR_RETRY, EXIT_INTERRUPTED, "stopped");
    error_code(err, "stopped");
    return false;
}

/* -- opening -- */

static bool open_handles(struct fetcher *f)
{
    int64_t i;

    f->multi = curl_multi_init();
    f->sites = calloc(SITES, sizeof(*f->sites));
    if (!f->multi || !f->sites ||
        curl_multi_setopt(f->multi, CURLMOPT_MAX_HOST_CONNECTIONS, 2L))
        return false;
    for (i = 0; i < f->settings.concurrency; i++) {
        f->visits[i].fetcher = f;
        f->visits[i].easy = curl_easy_init();
        if (!f->visits[i].easy)
            return false;
    }
    return true;
}

bool fetch_open(struct fetcher **out, const struct fetch_settings *settings,
                struct error *err)
{
    struct fetcher *f;

    *out = NULL;
    if (!http_start(err))
        return false;
    f = calloc(1, sizeof(*f));
    if (!f)
        return error_memory(err);
    f->settings = *settings;
    if (f->settings.concurrency <= 0)
        f->settings.concurrency = 8;
    if (f->settings.concurrency > MOST)
        f->settings.concurrency = MOST;
    if (f->settings.page_bytes <= 0)
        f->settings.page_bytes = 2 * MIB;
    if (f->settings.timeout <= 0)
        f->settings.timeout = 30;
    if (open_handles(f)) {
        *out = f;
        return true;
    }
    fetch_close(f);
    return error_memory(err);
}

void fetch_close(struct fetcher *f)
{
    size_t i;

    if (!f)
        return;
    if (f->multi)
        drop_all(f);
    for (i = 0; i < MOST; i++)
        curl_easy_cleanup(f->visits[i].easy);
    curl_multi_cleanup(f->multi);
    if (f->sites)
        forget_sites(f);
    free(f->sites);
    free(f);
}
