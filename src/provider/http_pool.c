#include <math.h>

#include "base/clock.h"
#include "provider/http_private.h"

struct slot {
    struct transfer transfer;
    struct http_response response;
    CURL *easy;        /* owned */
    void *tag;         /* borrowed */
    struct slot *next; /* free ones */
    bool busy;
};

/* One slot more than the size: done() may submit while the slot that it is
 * told about is still in use. */
struct http_pool {
    struct http *http;  /* borrowed */
    CURLM *multi;       /* owned */
    struct slot *slots; /* owned */
    struct slot *idle;
    size_t size, flying;
    http_done *done;
    void *context; /* borrowed */
};

static void push(struct http_pool *pool, struct slot *slot)
{
    slot->busy = false;
    slot->next = pool->idle;
    pool->idle = slot;
}

static bool make_slots(struct http_pool *pool, size_t body_ceiling)
{
    struct slot *slot;

    pool->slots = calloc(pool->size + 1, sizeof(*pool->slots));
    if (!pool->slots)
        return false;
    for (slot = pool->slots; slot <= pool->slots + pool->size; slot++) {
        strbuf_init(&slot->response.body, body_ceiling);
        slot->easy = curl_easy_init();
        if (!slot->easy)
            return false;
        push(pool, slot);
    }
    return true;
}

bool http_pool_open(struct http_pool **out, struct http *h, size_t size,
                    size_t body_ceiling, http_done *done, void *context,
                    struct error *err)
{
    struct http_pool *pool = calloc(1, sizeof(*pool));

    *out = NULL;
    if (!pool)
        return error_memory(err);
    pool->http = h;
    pool->size = size ? size : 1;
    pool->done = done;
    pool->context = context;
    pool->multi = curl_multi_init();
    if (!pool->multi || !make_slots(pool, body_ceiling) ||
        curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS,
                          (long)pool->size + 1)) {
        http_pool_close(pool);
        return error_memory(err);
    }
    *out = pool;
    return true;
}

static void close_slot(struct http_pool *pool, struct slot *slot)
{
    struct error ignored;

    if (slot->busy) {
        curl_multi_remove_handle(pool->multi, slot->easy);
        if (!transfer_end(&slot->transfer, CURLE_ABORTED_BY_CALLBACK, &ignored))
            error_clear(&ignored);
    }
    if (slot->easy)
        curl_easy_cleanup(slot->easy);
    strbuf_release(&slot->response.body);
}

void http_pool_close(struct http_pool *pool)
{
    size_t i;

    if (!pool)
        return;
    for (i = 0; pool->slots && i <= pool->size; i++)
        close_slot(pool, &pool->slots[i]);
    curl_multi_cleanup(pool->multi);
    free(pool->slots);
    free(pool);
}

size_t http_pool_flying(const struct http_pool *pool)
{
    return pool->flying;
}

bool http_pool_submit(struct http_pool *pool,
                      const struct http_request *request, bool copy, void *tag,
                      struct error *err)
{
    struct slot *slot = pool->idle;

    if (pool->flying >= pool->size) {
        error_set(err, ERROR_RETRY, "the pool is full");
        error_code(err, "full");
        return false;
    }
    if (!transfer_begin(&slot->transfer, pool->http, slot->easy, request,
                        copy ? TRANSFER_COPY : 0, &slot->response, err))
        return false;
    slot->tag = tag;
    if (curl_easy_setopt(slot->easy, CURLOPT_PRIVATE, slot) ||
        curl_multi_add_handle(pool->multi, slot->easy)) {
        if (transfer_end(&slot->transfer, CURLE_OUT_OF_MEMORY, err))
            error_memory(err);
        return false;
    }
    pool->idle = slot->next;
    slot->busy = true;
    pool->flying++;
    return true;
}

static void finish(struct http_pool *pool, struct slot *slot, CURLcode code)
{
    struct error err;
    bool answered;

    curl_multi_remove_handle(pool->multi, slot->easy);
    answered = transfer_end(&slot->transfer, code, &err);
    pool->flying--;
    pool->done(pool->context, slot->tag, &slot->response,
               answered ? NULL : &err);
    push(pool, slot);
}

/* Tells the ends; how many. */
static size_t deliver(struct http_pool *pool)
{
    CURLMsg *message;
    struct slot *slot;
    size_t n = 0;
    int left;

    while ((message = curl_multi_info_read(pool->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        slot = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
        finish(pool, slot, message->data.result);
        n++;
    }
    return n;
}

bool http_pool_wait(struct http_pool *pool, double timeout, struct error *err)
{
    double end = clock_monotonic() + timeout;
    int running = 0;
    CURLMcode code;

    for (;;) {
        code = curl_multi_perform(pool->multi, &running);
        if (code == CURLM_OK && (deliver(pool) || !pool->flying))
            return true;
        timeout = end - clock_monotonic();
        if (code == CURLM_OK && timeout <= 0)
            return true;
        if (code == CURLM_OK)
            code = curl_multi_poll(pool->multi, NULL, 0,
                                   (int)ceil(fmin(timeout, 1) * 1000), NULL);
        if (code != CURLM_OK)
            return error_exit(err, ERROR_RETRY, EXIT_PROVIDER, "libcurl: %s",
                              curl_multi_strerror(code));
    }
}
