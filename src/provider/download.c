/*
 * download.c -- a file that is whole or absent, over a line that breaks.
 *
 * The parts go to PATH.part.  Taking up is done within one call only, by
 * Range with If-Range where the server gave an ETag, and only while the
 * length it tells stays the same; a new process begins again.
 */
#include <errno.h>
#include <libgen.h>

#include "base/file.h"
#include "base/retry.h"
#include "provider/call.h"

static const struct retry_policy breaks = {
    .attempts = 6, .base = 1, .cap = 30, .ask_cap = 900
};

/* A longer wait is the caller's, who holds no connection meanwhile. */
#define LONGEST_WAIT 30

struct download {
    struct provider *provider;
    const char *what, *url;
    const char *path;
    char *part; /* owned */
    const volatile bool *stop;
    uint64_t have;
    int64_t whole; /* -1 = not told */
    char condition[160];
    int tried;
};

static void keep_etag(struct download *d, const struct http_response *r)
{
    d->condition[0] = '\0';
    if (r->etag[0] == '"') /* weak ones don't do for ranges */
        snprintf(d->condition, sizeof(d->condition), "If-Range: %s", r->etag);
}

/* Judges what came; true: it is whole. */
static bool judge(struct download *d, const struct http_response *r,
                  struct error *err)
{
    if (r->status != 200 && r->status != 206) {
        if (r->status == 416) /* what we have is longer than theirs */
            d->have = 0;
        http_failure(r, d->what, err);
        if (r->status == 416)
            err->kind = ERROR_RETRY;
        return false;
    }
    if (r->status == 206 && d->whole >= 0 && r->whole >= 0 &&
        r->whole != d->whole) {
        d->have = 0;
        error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
                   "%s: the file changed meanwhile", d->what);
        error_code(err, "malformed");
        return false;
    }
    if (r->whole >= 0 && r->downloaded != (uint64_t)r->whole) {
        error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
                   "%s: %llu bytes came of %lld", d->what,
                   (unsigned long long)r->downloaded, (long long)r->whole);
        error_code(err, "network");
        return false;
    }
    return true;
}

static bool try_once(struct download *d, struct error *err)
{
    const char *headers[] = { d->condition };
    struct http_request request = {
        .method = "GET",
        .url = d->url,
        .download_path = d->part,
        .resume_at = d->have,
        .headers = headers,
        .header_count = d->have && d->condition[0],
        .stop = d->stop,
    };
    struct http_response response;
    uint64_t had = d->have;
    bool answered, good;

    strbuf_init(&response.body, 64 * KIB);
    answered = http_send(d->provider->http, &request, &response, err);
    if (response.status == 200 || response.status == 206) {
        d->have = response.downloaded;
        if (response.status == 200)
            d->whole = response.whole;
        keep_etag(d, &response);
    }
    if (d->have > had)
        d->tried = 0;
    good =
        answered ? judge(d, &response, err) : error_context(err, "%s", d->what);
    strbuf_release(&response.body);
    return good;
}

static bool fetch(struct download *d, struct error *err)
{
    struct clock *clock = d->provider->clock;
    double delay;

    while (!try_once(d, err)) {
        if (err->kind != ERROR_RETRY || !strcmp(err->code, "stopped") ||
            err->retry_after > LONGEST_WAIT)
            return false;
        delay = retry_delay(&breaks, ++d->tried, err->retry_after, 0.5);
        if (delay < 0)
            return false;
        clock->sleep(clock, delay, d->stop);
        if (flag_is_set(d->stop))
            return false;
    }
    return true;
}

static bool publish(struct download *d, struct error *err)
{
    char *copy;
    bool good;

    if (rename(d->part, d->path)) {
        error_exit(err, ERROR_SETUP, EXIT_SETTINGS, "renaming to %.200s: %s",
                   d->path, strerror(errno));
        error_code(err, "disk");
        return false;
    }
    copy = strdup(d->path); /* dirname() cuts its argument */
    if (!copy)
        return error_memory(err);
    good = file_sync_folder(dirname(copy), err);
    free(copy);
    return good;
}

bool call_download(struct provider *self, const char *what, const char *url,
                   const char *path, const struct provider_watch *watch,
                   struct error *err)
{
    struct download d = {
        .provider = self,
        .what = what,
        .url = url,
        .path = path,
        .stop = watch ? watch->stop : NULL,
        .whole = -1,
    };
    struct error ignored;
    bool good;

    d.part = malloc(strlen(path) + sizeof(".part"));
    if (!d.part)
        return error_memory(err);
    snprintf(d.part, strlen(path) + sizeof(".part"), "%s.part", path);
    good = file_remove(d.part, err) && fetch(&d, err) && publish(&d, err);
    if (!good && !file_remove(d.part, &ignored))
        error_clear(&ignored);
    free(d.part);
    return good;
}
