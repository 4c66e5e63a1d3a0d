#include "provider/http.h"
#include "tests/provider/fake/client.h"
#include "tests/tap.h"

static struct fake fake;
static char chat_url[100];

/* What done() saw. */
struct seen {
    struct http_pool *pool;
    int ends, answers, failures, statuses[6];
    int to_send; /* more, from within done() */
    char tags[64];
    struct error last;
};

static const char body[] = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
                           "\"content\":\"@@answer {}\"}]}";

static struct http_request chat_request(void)
{
    struct http_request r = { .method = "POST",
                              .url = chat_url,
                              .body = body,
                              .body_len = sizeof(body) - 1,
                              .timeout = 60 };

    return r;
}

static void on_done(void *context, void *tag, struct http_response *response,
                    const struct error *err)
{
    struct seen *seen = context;
    struct http_request request = chat_request();
    struct error ignored;

    seen->ends++;
    if (tag)
        ++*(char *)tag;
    if (err) {
        seen->failures++;
        seen->last = *err;
    } else {
        seen->answers++;
        seen->statuses[response->status / 100]++;
        if (response->status == 200 && !strstr(response->body.data, "choices"))
            seen->failures += 1000;
    }
    if (seen->to_send) {
        seen->to_send--;
        if (!http_pool_submit(seen->pool, &request, false, NULL, &ignored))
            seen->failures += 1000;
    }
}

static struct http *open_http(void)
{
    struct http_settings s = { .allowed_hosts = "127.0.0.1" };
    struct error err;
    struct http *h;

    ok(http_open(&h, &s, &err), "http opens");
    return h;
}

static void drain(struct http_pool *pool)
{
    struct error err;
    int rounds;

    for (rounds = 0; http_pool_flying(pool) && rounds < 5000; rounds++)
        if (!http_pool_wait(pool, 1, &err))
            break;
    is_int(http_pool_flying(pool), 0, "all ended");
}

static void many_fly_at_once(struct http *h)
{
    struct seen seen = { .to_send = 92 };
    struct http_request request = chat_request();
    struct error err;
    int i;

    fake_script(&fake, "set latency=0.05");
    ok(http_pool_open(&seen.pool, h, 8, MIB, on_done, &seen, &err), "opens");
    for (i = 0; i < 8; i++)
        ok(http_pool_submit(seen.pool, &request, false, &seen.tags[i], &err),
           "request %d leaves", i);
    ok(!http_pool_submit(seen.pool, &request, false, NULL, &err),
       "no more than its size");
    is_str(err.code, "full", "it is full");
    is_int(http_pool_flying(seen.pool), 8, "eight fly");
    drain(seen.pool);
    is_int(seen.ends, 100, "done() is told each end, its own sends too");
    is_int(seen.statuses[2], 100, "each a 200");
    is_int(seen.failures, 0, "with its body");
    for (i = 0; i < 8; i++)
        is_int(seen.tags[i], 1, "tag %d came back once", i);
    is_int(fake_number(&fake, "most_in_flight"), 8, "eight at once, no more");
    http_pool_close(seen.pool);
    fake_script(&fake, "set latency=0");
}

static void a_body_may_be_copied(struct http *h)
{
    struct seen seen = { .to_send = 0 };
    struct http_request request = chat_request();
    char mine[sizeof(body)];
    struct error err;

    ok(http_pool_open(&seen.pool, h, 2, MIB, on_done, &seen, &err), "opens");
    memcpy(mine, body, sizeof(mine));
    request.body = mine;
    ok(http_pool_submit(seen.pool, &request, true, NULL, &err), "leaves");
    memset(mine, 'x', sizeof(mine));
    drain(seen.pool);
    is_int(seen.statuses[2], 1, "ours may change meanwhile");
    http_pool_close(seen.pool);
}

static void one_failure_stays_alone(struct http *h)
{
    struct seen seen = { .to_send = 0 };
    struct http_request request = chat_request();
    struct error err;
    int i;

    fake_script(&fake, "chat@2 status=503 html\nchat@3 cutbody=5\n"
                       "chat@4 status=200 body=\"not json\"");
    ok(http_pool_open(&seen.pool, h, 6, MIB, on_done, &seen, &err), "opens");
    for (i = 0; i < 6; i++)
        if (!http_pool_submit(seen.pool, &request, false, NULL, &err))
            break;
    drain(seen.pool);
    is_int(seen.ends, 6, "six ends");
    is_int(seen.statuses[5], 1, "one 503");
    is_int(seen.failures % 1000, 1, "one broken line");
    is_int(seen.last.kind, ERROR_RETRY, "worth another try");
    http_pool_close(seen.pool);
    fake_calm(&fake);
}

static void an_answer_has_a_ceiling(struct http *h)
{
    struct seen seen = { .to_send = 0 };
    struct http_request request = chat_request();
    struct error err;

    ok(http_pool_open(&seen.pool, h, 1, 50, on_done, &seen, &err), "opens");
    ok(http_pool_submit(seen.pool, &request, false, NULL, &err), "leaves");
    drain(seen.pool);
    is_str(seen.last.code, "answer_too_large", "the ceiling holds");
    http_pool_close(seen.pool);
}

static void a_wait_is_no_longer_than_told(struct http *h)
{
    struct seen seen = { .to_send = 0 };
    struct http_request request = chat_request();
    struct error err;
    int i;

    fake_script(&fake, "chat@1-2 stall=600");
    ok(http_pool_open(&seen.pool, h, 4, MIB, on_done, &seen, &err), "opens");
    request.timeout = 0;
    ok(http_pool_submit(seen.pool, &request, false, NULL, &err), "leaves");
    ok(http_pool_wait(seen.pool, 0.1, &err), "waits and comes back");
    is_int(seen.ends, 0, "nothing ended");
    request.timeout = 0.2;
    ok(http_pool_submit(seen.pool, &request, false, NULL, &err), "leaves");
    for (i = 0; i < 60 && !seen.ends; i++)
        if (!http_pool_wait(seen.pool, 1, &err))
            break;
    is_int(seen.failures, 1, "one ran out of its own time");
    is_str(seen.last.code, "timeout", "a timeout");
    is_int(http_pool_flying(seen.pool), 1, "the other still flies");
    http_pool_close(seen.pool);
    ok(true, "and is dropped with the pool");
    fake_calm(&fake);
}

static void a_host_not_allowed_never_flies(struct http *h)
{
    struct seen seen = { .to_send = 0 };
    struct http_request request = chat_request();
    struct error err;

    ok(http_pool_open(&seen.pool, h, 1, MIB, on_done, &seen, &err), "opens");
    request.url = "https://evil.example/v1";
    ok(!http_pool_submit(seen.pool, &request, false, NULL, &err), "refused");
    is_str(err.code, "host", "by its host");
    is_int(http_pool_flying(seen.pool), 0, "nothing flies");
    request.url = chat_url;
    ok(http_pool_submit(seen.pool, &request, false, NULL, &err),
       "its place is free for another");
    drain(seen.pool);
    http_pool_close(seen.pool);
    http_pool_close(NULL);
}

int main(void)
{
    struct http *h;

    fake_start(&fake, NULL);
    snprintf(chat_url, sizeof(chat_url), "%s/chat/completions", fake.base_url);
    h = open_http();
    many_fly_at_once(h);
    a_body_may_be_copied(h);
    one_failure_stays_alone(h);
    an_answer_has_a_ceiling(h);
    a_wait_is_no_longer_than_told(h);
    a_host_not_allowed_never_flies(h);
    http_close(h);
    fake_stop(&fake);
    return tap_done();
}
