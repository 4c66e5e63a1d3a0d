/*
 * HTTP over a server that misbehaves.
 */
#include <pthread.h>
#include <unistd.h>

#include "base/file.h"
#include "provider/http.h"
#include "tests/provider/fake/client.h"
#include "tests/tap.h"

static struct fake fake;
static char folder[64];
static const char *const key_header[] = {
    "Authorization: Bearer sk-very-secret-key"
};

static struct http *open_http(const char *hosts, double idle)
{
    struct http_settings s = { .allowed_hosts = hosts,
                               .headers = key_header,
                               .header_count = 1,
                               .idle_timeout = idle,
                               .connect_timeout = 10 };
    struct error err;
    struct http *h;

    ok(http_open(&h, &s, &err), "http opens");
    return h;
}

static char *address(const char *path)
{
    static char url[300];

    snprintf(url, sizeof(url), "%s%s", fake.base_url, path);
    return url;
}

/* One exchange with a fresh response; the caller releases its body. */
static bool send_once(struct http *h, const char *method, const char *path,
                      const char *body, struct http_response *response,
                      struct error *err)
{
    struct http_request request = { .method = method,
                                    .url = *path == '/' ? address(path) : path,
                                    .body = body,
                                    .body_len = body ? strlen(body) : 0,
                                    .timeout = 60 };

    error_clear(err);
    strbuf_init(&response->body, MIB);
    return http_send(h, &request, response, err);
}

/* -- H7, H9: what comes back -- */

static void an_answer_comes_with_its_headers(struct http *h)
{
    struct http_response r;
    struct error err;

    fake_script(&fake, "models@1 status=429 body=slow "
                       "header=\"Retry-After: 3\\r\\nx-should-retry: true\"");
    ok(send_once(h, "GET", "/models", NULL, &r, &err),
       "an answer is an answer");
    is_int(r.status, 429, "whatever its status");
    is_str(r.body.data, "slow", "with its body");
    is_int(r.retry_after, 3, "Retry-After is read");
    is_int(r.should_retry, 1, "x-should-retry is read");
    is_str(r.request_id, "req_fake", "the request's id is read");
    is_str(r.content_type, "application/json", "the type is read");
    ok(r.sent, "it was sent");
    strbuf_release(&r.body);
}

static void an_interim_answer_is_not_the_answer(struct http *h)
{
    struct http_response r;
    struct error err;

    fake_calm(&fake);
    fake_script(&fake, "models@1 interim=5");
    ok(send_once(h, "GET", "/models", NULL, &r, &err), "after 100 Continue");
    is_int(r.status, 200, "comes the real one");
    strbuf_release(&r.body);
}

static void odd_framing_is_fine_when_whole(struct http *h)
{
    static const char *const lines[] = { "models@1 chunked",
                                         "models@1 nolength" };
    struct http_response r;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(lines); i++) {
        fake_calm(&fake);
        fake_script(&fake, lines[i]);
        ok(send_once(h, "GET", "/models", NULL, &r, &err) &&
               strstr(r.body.data, "other-model"),
           "whole: %s", lines[i]);
        strbuf_release(&r.body);
    }
}

struct fault_case {
    const char *why, *script;
    enum error_kind kind;
    const char *code;
    bool sent;
};

static void transport_faults_are_told_apart(struct http *h)
{
    static const struct fault_case cases[] = {
        { "closed without a word", "models@1 drop", ERROR_RETRY, "network",
          true },
        { "reset", "models@1 reset", ERROR_RETRY, "network", true },
        { "cut in the status line", "models@1 cut=7", ERROR_RETRY, NULL, true },
        { "cut in the headers", "models@1 cut=40", ERROR_RETRY, "network",
          true },
        { "cut before the body", "models@1 cutbody=0", ERROR_RETRY, "network",
          true },
        { "cut in the body", "models@1 cutbody=30", ERROR_RETRY, "network",
          true },
        { "chunks cut short", "models@1 chunked cutbody=20", ERROR_RETRY,
          "network", true },
        { "headers without end", "models@1 flood=4000", ERROR_RETRY, NULL,
          true },
        { "interim answers without end", "models@1 interim=20000", ERROR_RETRY,
          NULL, true },
    };
    struct http_response r;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        fake_calm(&fake);
        fake_script(&fake, cases[i].script);
        ok(!send_once(h, "GET", "/models", NULL, &r, &err), "%s: refused",
           cases[i].why);
        is_int(err.kind, cases[i].kind, "%s: kind (%s)", cases[i].why,
               err.message);
        if (cases[i].code)
            is_str(err.code, cases[i].code, "%s: code", cases[i].why);
        is_int(r.sent, cases[i].sent, "%s: may have arrived", cases[i].why);
        is_int(err.exit, EXIT_PROVIDER, "%s: exit", cases[i].why);
        strbuf_release(&r.body);
    }
}

static void an_answer_too_long_is_not_kept(struct http *h)
{
    struct http_request request = { .method = "GET",
                                    .url = address("/models") };
    struct http_response r;
    struct error err;

    fake_calm(&fake);
    strbuf_init(&r.body, 20);
    ok(!http_send(h, &request, &r, &err), "longer than the ceiling");
    is_str(err.code, "answer_too_large", "is said so");
    is_int(err.kind, ERROR_REJECT, "asking again won't shorten it");
    fake_script(&fake, "models@1 status=500 body=\"a very long error page of "
                       "somebody\"");
    ok(http_send(h, &request, &r, &err), "an error page may be cut");
    is_int(r.status, 500, "the status says enough");
    strbuf_release(&r.body);
}

/* -- H5: time -- */

static void each_wait_has_its_limit(void)
{
    struct http *h = open_http("127.0.0.1", 1);
    struct http_request request = { .method = "GET",
                                    .url = address("/models"),
                                    .timeout = 0.3 };
    struct http_response r;
    struct error err;

    strbuf_init(&r.body, MIB);
    fake_calm(&fake);
    fake_script(&fake, "models@1-2 stall=60\nmodels@3 slow=5");
    ok(!http_send(h, &request, &r, &err), "a total limit");
    is_str(err.code, "timeout", "is a timeout");
    ok(r.seconds < 60, "kept: %.1f s", r.seconds);
    ok(r.sent, "the request had gone");
    request.timeout = 0;
    ok(!http_send(h, &request, &r, &err), "no byte for long");
    is_str(err.code, "timeout", "is a timeout");
    ok(!http_send(h, &request, &r, &err), "a trickle");
    is_str(err.code, "timeout", "is a timeout");
    strbuf_release(&r.body);
    http_close(h);
}

static volatile bool stop;

static void *stop_soon(void *nothing)
{
    usleep(100000);
    flag_set(&stop, true);
    return nothing;
}

static void a_stop_is_obeyed(struct http *h)
{
    struct http_request request = { .method = "GET",
                                    .url = address("/models"),
                                    .stop = &stop };
    struct http_response r;
    struct error err;
    pthread_t thread;

    fake_calm(&fake);
    fake_script(&fake, "models@1 stall=60");
    strbuf_init(&r.body, MIB);
    if (pthread_create(&thread, NULL, stop_soon, NULL))
        return;
    ok(!http_send(h, &request, &r, &err), "stopped");
    is_str(err.code, "stopped", "and said so");
    ok(r.seconds < 60, "soon: %.1f s", r.seconds);
    pthread_join(thread, NULL);
    stop = false;
    strbuf_release(&r.body);
}

/* -- H1, H8: where to -- */

static void only_allowed_hosts_are_talked_to(struct http *h)
{
    static const char *const urls[] = {
        "http://localhost:9/v1",
        "https://evil.example/v1",
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "http://user:pw@127.0.0.1:9/v1",
        "not an address",
        "",
    };
    struct http_response r;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(urls); i++) {
        ok(!send_once(h, "GET", urls[i], NULL, &r, &err), "refused: %s",
           urls[i]);
        is_str(err.code, "host", "by its host: %s", urls[i]);
        is_int(err.kind, ERROR_SETUP, "an operator must act: %s", urls[i]);
        ok(!r.sent, "nothing left: %s", urls[i]);
        strbuf_release(&r.body);
    }
}

static void a_host_may_be_allowed_with_its_port(void)
{
    struct http_response r;
    struct error err;
    char hosts[64];
    struct http *h;

    fake_calm(&fake);
    snprintf(hosts, sizeof(hosts), "A.example , 127.0.0.1:%d", fake.port);
    h = open_http(hosts, 60);
    ok(send_once(h, "GET", "/models", NULL, &r, &err), "the port is right");
    strbuf_release(&r.body);
    ok(!send_once(h, "GET", "http://127.0.0.1:1/v1", NULL, &r, &err) &&
           !strcmp(err.code, "host"),
       "another port is another matter");
    strbuf_release(&r.body);
    http_close(h);
}

static void nobody_there_means_nothing_sent(struct http *h)
{
    struct http_response r;
    struct error err;

    ok(!send_once(h, "POST", "http://127.0.0.1:1/v1", "{}", &r, &err),
       "nobody listens");
    is_str(err.code, "network", "the network");
    is_int(err.kind, ERROR_RETRY, "may come back");
    ok(!r.sent, "surely not sent");
    ok(strstr(err.message, "base_url"), "the cure: %s", err.message);
    strbuf_release(&r.body);
}

static void redirects_are_not_followed(struct http *h)
{
    struct fake other;
    struct http_response r;
    struct error err;
    char line[200];

    fake_start(&other, NULL);
    fake_calm(&fake);
    snprintf(line, sizeof(line),
             "any@1-2 status=307 header=\"Location: %s/models\"",
             other.base_url);
    fake_script(&fake, line);
    ok(send_once(h, "GET", "/models", NULL, &r, &err), "an answer");
    is_int(r.status, 307, "the redirect itself");
    strbuf_release(&r.body);
    ok(send_once(h, "POST", "/batches", "{}", &r, &err), "a POST likewise");
    is_int(r.status, 307, "the redirect itself");
    strbuf_release(&r.body);
    fake_stop(&other);
}

/* -- downloads -- */

static bool download(struct http *h, const char *path, uint64_t at,
                     struct http_response *r, struct error *err)
{
    static char file[128];
    struct http_request request = { .method = "GET",
                                    .url = address(path),
                                    .download_path = file,
                                    .resume_at = at };

    snprintf(file, sizeof(file), "%s/got", folder);
    strbuf_init(&r->body, MIB);
    return http_send(h, &request, r, err);
}

static char *content_of(const char *name)
{
    static char text[4096];
    char path[128];
    struct strbuf b;
    struct error err;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    strbuf_init(&b, sizeof(text) - 1);
    snprintf(text, sizeof(text), "%s",
             file_read(path, &b, &err) ? b.data : "(absent)");
    strbuf_release(&b);
    return text;
}

static void upload(struct http *h, const char *text)
{
    static const char *const fields[] = { "purpose", "batch" };
    char path[128];
    struct http_request request = { .method = "POST",
                                    .url = address("/files"),
                                    .upload_path = path,
                                    .upload_name = "x.jsonl",
                                    .fields = fields,
                                    .field_count = 1 };
    struct http_response r;
    struct error err;

    snprintf(path, sizeof(path), "%s/in.jsonl", folder);
    ok(file_write(path, text, strlen(text), &err), "a file to send");
    strbuf_init(&r.body, MIB);
    ok(http_send(h, &request, &r, &err) && r.status == 200,
       "is sent as a form: %s", r.body.data);
    strbuf_release(&r.body);
}

static void a_file_goes_there_and_back(struct http *h)
{
    struct http_response r;
    struct error err;

    fake_calm(&fake);
    upload(h, "0123456789abcdefghij\n");
    ok(download(h, "/files/file-000001/content", 0, &r, &err), "comes back");
    is_str(content_of("got"), "0123456789abcdefghij\n", "as it was");
    is_int(r.whole, 21, "its length was told");
    is_int(r.downloaded, 21, "and came");
    is_str(r.etag, "\"file-000001\"", "with its tag");
    strbuf_release(&r.body);
}

static void a_broken_download_is_taken_up(struct http *h)
{
    struct http_response r;
    struct error err;

    fake_calm(&fake);
    fake_script(&fake, "download@1 cutbody=8");
    ok(!download(h, "/files/file-000001/content", 0, &r, &err), "breaks");
    is_int(r.downloaded, 8, "so much came");
    is_str(content_of("got"), "01234567", "and lies in the file");
    strbuf_release(&r.body);
    ok(download(h, "/files/file-000001/content", 8, &r, &err), "goes on");
    is_int(r.status, 206, "where it stopped");
    is_int(r.whole, 21, "the whole is told");
    is_str(content_of("got"), "0123456789abcdefghij\n", "and is whole");
    strbuf_release(&r.body);
}

static void a_server_without_ranges_begins_again(struct http *h)
{
    struct http_response r;
    struct error err;

    fake_script(&fake, "set ranges=0");
    ok(download(h, "/files/file-000001/content", 8, &r, &err), "all of it");
    is_int(r.status, 200, "with a 200");
    is_str(content_of("got"), "0123456789abcdefghij\n", "not doubled");
    strbuf_release(&r.body);
    fake_script(&fake, "set ranges=1");
}

static void a_wrong_range_is_refused(struct http *h)
{
    struct http_response r;
    struct error err;

    fake_calm(&fake);
    fake_script(&fake, "download@1 status=206 body=XYZ "
                       "header=\"Content-Range: bytes 0-2/21\"");
    ok(!download(h, "/files/file-000001/content", 8, &r, &err), "refused");
    is_str(err.code, "malformed", "as malformed");
    is_int(r.downloaded, 0, "nothing of it counts");
    strbuf_release(&r.body);
}

static void an_error_page_is_not_the_file(struct http *h)
{
    struct http_response r;
    struct error err;

    fake_calm(&fake);
    fake_script(&fake, "download@1 status=502 html");
    ok(download(h, "/files/file-000001/content", 0, &r, &err), "an answer");
    ok(strstr(r.body.data, "Bad Gateway"), "whose body is in memory");
    is_str(content_of("got"), "0123456789abcdefghij\n",
           "and the file as it was");
    strbuf_release(&r.body);
}

static void redirect_download(const char *to)
{
    char line[400];

    fake_calm(&fake);
    snprintf(line, sizeof(line),
             "download@1 status=302 header=\"Location: %s\"", to);
    fake_script(&fake, line);
}

static void a_download_follows_its_own_host(struct http *h)
{
    struct http_response r;
    struct error err;

    redirect_download(address("/files/file-000001/content"));
    ok(download(h, "/files/file-000001/content", 0, &r, &err), "followed");
    is_int(r.status, 200, "to the file");
    strbuf_release(&r.body);
}

static void a_download_carries_no_key_elsewhere(void)
{
    struct fake other;
    struct http_response r;
    struct error err;
    char url[100], hosts[100];
    struct http *h = open_http("127.0.0.1", 60);

    fake_start(&other, "--set", "key=sk-very-secret-key", NULL);
    snprintf(url, sizeof(url), "%s/models", other.base_url);
    redirect_download(url);
    ok(download(h, "/files/file-000001/content", 0, &r, &err),
       "another port is another origin, of an allowed host");
    is_int(r.status, 401, "followed without the key");
    strbuf_release(&r.body);
    http_close(h);
    snprintf(hosts, sizeof(hosts), "127.0.0.1:%d", fake.port);
    h = open_http(hosts, 60);
    redirect_download(url);
    ok(!download(h, "/files/file-000001/content", 0, &r, &err),
       "a host that isn't allowed is not followed");
    is_int(err.kind, ERROR_SETUP, "an operator decides");
    ok(strstr(err.message, "allowed_hosts"), "by allowed_hosts");
    strbuf_release(&r.body);
    http_close(h);
    fake_stop(&other);
}

static void a_redirect_loop_ends(struct http *h)
{
    struct http_response r;
    struct error err;
    char line[400];

    fake_calm(&fake);
    snprintf(line, sizeof(line), "download status=302 header=\"Location: %s\"",
             address("/files/file-000001/content"));
    fake_script(&fake, line);
    ok(!download(h, "/files/file-000001/content", 0, &r, &err), "it ends");
    ok(fake_number(&fake, "downloads") < 100, "soon");
    strbuf_release(&r.body);
    fake_calm(&fake);
}

/* -- H10, H11: connections -- */

static void a_post_is_never_repeated_by_the_library(struct http *h)
{
    struct http_response r;
    struct error err;
    long before;

    fake_calm(&fake);
    ok(send_once(h, "GET", "/models", NULL, &r, &err),
       "a connection is there for reuse");
    strbuf_release(&r.body);
    before = fake_number(&fake, "chats");
    fake_script(&fake, "chat@1 lose");
    ok(!send_once(h, "POST", "/chat/completions", "{\"model\":\"m\"}", &r,
                  &err),
       "the answer is lost");
    ok(r.sent, "it may have arrived");
    strbuf_release(&r.body);
    is_int(fake_number(&fake, "chats") - before, 1, "it did, once");
}

static void a_get_on_a_dead_connection_is_repeated(struct http *h)
{
    struct http_response r;
    struct error err;

    fake_calm(&fake);
    ok(send_once(h, "GET", "/models", NULL, &r, &err), "once");
    strbuf_release(&r.body);
    fake_script(&fake, "models@1 drop");
    ok(send_once(h, "GET", "/models", NULL, &r, &err),
       "a reused connection that dies is not the caller's worry");
    strbuf_release(&r.body);
}

static void a_second_answer_belongs_to_nobody(struct http *h)
{
    struct http_response r;
    struct error err;
    int i;

    fake_calm(&fake);
    fake_script(&fake, "models@1+ double");
    for (i = 0; i < 3; i++) {
        ok(send_once(h, "GET", "/models", NULL, &r, &err) &&
               strstr(r.body.data, "other-model"),
           "answer %d is the one to its own question", i + 1);
        strbuf_release(&r.body);
    }
}

/* -- I8: secrets -- */

static void an_echoed_key_is_blotted_out(struct http *h)
{
    struct http_response r;
    struct error err;

    fake_calm(&fake);
    fake_script(&fake, "models@1 status=401 body=\"{\\\"error\\\":{"
                       "\\\"message\\\":\\\"Incorrect API key provided: "
                       "sk-very-secret-key.\\\"}}\"");
    ok(send_once(h, "GET", "/models", NULL, &r, &err), "they echo the key");
    ok(!strstr(r.body.data, "secret"), "it is gone: %s", r.body.data);
    http_failure(&r, "asking", &err);
    ok(strstr(err.message, "Incorrect API key") &&
           !strstr(err.message, "secret"),
       "and from the message: %s", err.message);
    strbuf_release(&r.body);
}

static void a_proxy_is_not_asked_for_loopback(struct http *h)
{
    struct http_response r;
    struct error err;

    fake_calm(&fake);
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("all_proxy", "http://127.0.0.1:1", 1);
    ok(send_once(h, "GET", "/models", NULL, &r, &err), "straight there");
    strbuf_release(&r.body);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
}

int main(void)
{
    struct http *h;

    snprintf(folder, sizeof(folder), "/tmp/test_http.XXXXXX");
    if (!mkdtemp(folder))
        return 1;
    fake_start(&fake, NULL);
    h = open_http("127.0.0.1", 60);
    an_answer_comes_with_its_headers(h);
    an_interim_answer_is_not_the_answer(h);
    odd_framing_is_fine_when_whole(h);
    transport_faults_are_told_apart(h);
    an_answer_too_long_is_not_kept(h);
    each_wait_has_its_limit();
    a_stop_is_obeyed(h);
    only_allowed_hosts_are_talked_to(h);
    a_host_may_be_allowed_with_its_port();
    nobody_there_means_nothing_sent(h);
    redirects_are_not_followed(h);
    a_file_goes_there_and_back(h);
    a_broken_download_is_taken_up(h);
    a_server_without_ranges_begins_again(h);
    a_wrong_range_is_refused(h);
    an_error_page_is_not_the_file(h);
    a_download_follows_its_own_host(h);
    a_download_carries_no_key_elsewhere();
    a_redirect_loop_ends(h);
    a_post_is_never_repeated_by_the_library(h);
    a_get_on_a_dead_connection_is_repeated(h);
    a_second_answer_belongs_to_nobody(h);
    an_echoed_key_is_blotted_out(h);
    a_proxy_is_not_asked_for_loopback(h);
    http_close(h);
    fake_stop(&fake);
    {
        char command[128];

        snprintf(command, sizeof(command), "%s/got", folder);
        unlink(command);
        snprintf(command, sizeof(command), "%s/in.jsonl", folder);
        unlink(command);
        rmdir(folder);
    }
    return tap_done();
}
