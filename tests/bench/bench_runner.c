/*
 * bench_runner -- the runner against endpoints of fixed latency.
 *
 *   bench_runner [REQUESTS]
 *
 * The floor is the HTTP client alone: the same requests and answers through
 * the same pool, nothing read, parsed or written.  Rates are of this
 * machine and its load; what counts are the ratios and the CPU time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "provider/http.h"
#include "runner/runner.h"
#include "tests/bench/upstream.h"

#define CONCURRENCY 64
#define TEXT 6000
#define CONTENT 2000

static void die(const struct error *err)
{
    printf("%s\n", err->message);
    exit(1);
}

struct cost {
    double wall, cpu;
};

static double cpu_time(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct cost cost_now(void)
{
    struct cost c = { clock_system.monotonic(&clock_system), cpu_time() };

    return c;
}

static struct cost since(struct cost begin)
{
    struct cost end = cost_now();

    end.wall -= begin.wall;
    end.cpu -= begin.cpu;
    return end;
}

static void print(const char *name, struct cost c, long n)
{
    printf("%-34s %8.0f req/s  %6.1f us CPU a request\n", name,
           (double)n / c.wall, c.cpu * 1e6 / (double)n);
}

static void make_body(struct strbuf *out, long number, int text)
{
    strbuf_addf(out,
                "{\"model\":\"m\",\"messages\":[{\"role\":\"system\","
                "\"content\":\"%0900d\"},{\"role\":\"user\",\"content\":"
                "\"%0*ld\"}]}",
                0, text, number);
}

static void make_input(const char *path, long n, int text)
{
    struct file_writer w;
    struct strbuf line;
    struct error err;
    long i;

    strbuf_init(&line, MIB);
    if (!file_create(&w, path, &err))
        die(&err);
    for (i = 0; i < n; i++) {
        strbuf_clear(&line);
        strbuf_addf(&line,
                    "{\"custom_id\":\"unified_%ld\",\"method\":\"POST\","
                    "\"url\":\"/v1/chat/completions\",\"body\":",
                    i);
        make_body(&line, i, text);
        strbuf_adds(&line, "}\n");
        if (!file_add(&w, line.data, line.len, &err))
            die(&err);
    }
    if (!file_commit(&w, &err))
        die(&err);
    strbuf_release(&line);
}

/* -- the floor -- */

struct floor {
    struct http_pool *pool;
    struct http_request request;
    long left;
};

static void on_done(void *context, void *tag, struct http_response *response,
                    const struct error *failure)
{
    struct floor *f = context;
    struct error err;

    (void)tag;
    if (failure || response->status != 200)
        exit(1);
    if (f->left-- > 0 &&
        !http_pool_submit(f->pool, &f->request, false, NULL, &err))
        die(&err);
}

static struct cost floor_cost(const char *base_url, long n)
{
    struct http_settings settings = { .allowed_hosts = "127.0.0.1" };
    struct floor f = { .left = n - CONCURRENCY };
    struct strbuf body;
    struct http *http;
    struct cost begin;
    struct error err;
    char url[100];
    int i;

    strbuf_init(&body, MIB);
    make_body(&body, 0, TEXT);
    snprintf(url, sizeof(url), "%s/chat/completions", base_url);
    f.request = (struct http_request){ .method = "POST",
                                       .url = url,
                                       .body = body.data,
                                       .body_len = body.len,
                                       .timeout = 60 };
    if (!http_open(&http, &settings, &err) ||
        !http_pool_open(&f.pool, http, CONCURRENCY, MIB, on_done, &f, &err))
        die(&err);
    begin = cost_now();
    for (i = 0; i < CONCURRENCY; i++)
        if (!http_pool_submit(f.pool, &f.request, false, NULL, &err))
            die(&err);
    while (http_pool_flying(f.pool))
        if (!http_pool_wait(f.pool, 1, &err))
            die(&err);
    begin = since(begin);
    http_pool_close(f.pool);
    http_close(http);
    strbuf_release(&body);
    return begin;
}

/* -- the runner -- */

static struct cost run(const char *base_url, struct runner_result *result)
{
    struct runner_settings s = { .base_url = base_url,
                                 .concurrency = CONCURRENCY };
    struct cost begin = cost_now();
    struct error err;

    if (!runner_run(&s, "in.jsonl", "out.jsonl", "err.jsonl", NULL,
                    &clock_system, result, &err))
        die(&err);
    return since(begin);
}

static void fixed_latency(double latency, long n)
{
    struct runner_result result;
    struct upstream u;
    struct cost floor, c;
    double ideal = (double)n / CONCURRENCY * latency;

    make_input("in.jsonl", n, TEXT);
    upstream_start(&u, latency, CONTENT);
    floor = floor_cost(u.base_url, n);
    print("50 ms, HTTP client alone", floor, n);
    printf("%-34s %8.1f %% of the ideal rate\n", "", ideal / floor.wall * 100);
    c = run(u.base_url, &result);
    upstream_stop(&u);
    print("50 ms, runner, durable", c, n);
    printf("%-34s %8.1f %% of the ideal rate\n", "", ideal / c.wall * 100);
    unlink("out.jsonl");
}

static void instant(long n)
{
    struct runner_result result;
    struct cost floor, c;
    struct upstream u;

    make_input("in.jsonl", n, TEXT);
    upstream_start(&u, 0, CONTENT);
    floor = floor_cost(u.base_url, n);
    print("instant, HTTP client alone", floor, n);
    c = run(u.base_url, &result);
    print("instant, runner, durable", c, n);
    printf("%-34s %8.2f times the client's CPU\n", "", c.cpu / floor.cpu);
    c = run(u.base_url, &result);
    upstream_stop(&u);
    printf("%-34s %8.2f s to see that all is done (%lld asked)\n", "again",
           c.wall, (long long)result.asked);
    unlink("out.jsonl");
}

/* What a plan of a million lines takes: memory, and time till the first. */
static void million(void)
{
    struct provider_watch watch;
    volatile bool stop = false;
    struct runner_settings s = { .base_url = "http://127.0.0.1:9/v1",
                                 .patience = 0.01 };
    struct runner_result result;
    struct rusage usage;
    struct cost c;
    struct error err;

    watch = (struct provider_watch){ .stop = &stop };
    make_input("in.jsonl", 1000000, 10);
    c = cost_now();
    if (runner_run(&s, "in.jsonl", "out.jsonl", "err.jsonl", &watch,
                   &clock_system, &result, &err))
        die(&err);
    c = since(c);
    getrusage(RUSAGE_SELF, &usage);
    printf("%-34s %8.2f s CPU to plan, %.1f MB resident at most\n",
           "1,000,000 lines", c.cpu, (double)usage.ru_maxrss / 1024);
}

int main(int argc, char **argv)
{
    long n = argc > 1 ? strtol(argv[1], NULL, 10) : 20000;
    char folder[] = "/tmp/bench_runner.XXXXXX";

    if (!mkdtemp(folder) || chdir(folder))
        return 1;
    printf("The runner: requests of %d bytes, answers of %d\n", TEXT + 1000,
           CONTENT + 200);
    instant(n);
    fixed_latency(0.05, n / 2);
    million();
    unlink("in.jsonl");
    if (chdir("/") || rmdir(folder))
        return 1;
    return 0;
}
