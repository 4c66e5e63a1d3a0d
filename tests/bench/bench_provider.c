/*
 * Providers: lines built and answers read (floors: the same text escaped,
 * the same line read by json_read), and the pool's requests against the fake
 * on loopback (floor: bare sockets that send the same bytes and read the
 * same answers; processor time of this process only).
 */
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/jsonw.h"
#include "provider/anthropic.h"
#include "provider/gemini.h"
#include "provider/http.h"
#include "provider/openai.h"
#include "tests/bench/bench.h"
#include "tests/provider/fake/client.h"

#define LINES 500
#define TEXT_LEN 6144
#define ANSWER_LEN 2400
#define REQUESTS 4000
#define FLYING 64

static char text[TEXT_LEN + 1];
static char content[2 * ANSWER_LEN + 1]; /* JSON in JSON */

/* A quote or a newline in fifty bytes, as resumes and answers have. */
static void fill(char *out, size_t len, bool escaped)
{
    static const char words[] = "lead engineer at a company of some size, in "
                                "2019 and later; ";
    size_t i, n = 0;

    for (i = 0; n + 2 < len; i++) {
        if (i % 50 == 49 && escaped) {
            out[n++] = '\\';
            out[n++] = '"';
        } else {
            out[n++] = i % 50 == 49 ? '\n' : words[i % (sizeof(words) - 1)];
        }
    }
    out[n] = '\0';
}

/* -- lines out -- */

static struct request_template template;
static struct strbuf out;

static void escape_texts(void *context)
{
    int i;

    (void)context;
    strbuf_clear(&out);
    for (i = 0; i < LINES; i++)
        jsonw_escape(&out, text, strlen(text));
    bench_sink += out.len;
}

static void build_lines(void *context)
{
    int i;

    (void)context;
    strbuf_clear(&out);
    for (i = 0; i < LINES; i++)
        request_line(&template, "unified_123456", text, strlen(text), &out);
    bench_sink += out.len;
}

static void bench_lines(void)
{
    static const struct request_profile r = { .model = "m", .system = "s" };
    struct error err;
    double floor;

    request_template_init(&template);
    strbuf_init(&out, 64 * MIB);
    if (!openai_prepare_local(NULL, &r, &template, &err))
        abort();
    bench_title("request lines of 6 KB");
    floor =
        bench_run("escape the text", escape_texts, NULL, LINES * strlen(text));
    bench_floor("escaping", floor, LINES * strlen(text));
    bench_run("request_line", build_lines, NULL, LINES * strlen(text));
    request_template_release(&template);
    strbuf_release(&out);
}

/* -- lines in -- */

struct decoding {
    const struct provider_ops *ops;
    char line[4 * ANSWER_LEN];
    size_t len;
    struct json_doc *doc;
    struct answer answer;
};

static void read_lines(void *context)
{
    struct decoding *d = context;
    struct error err;
    int i;

    for (i = 0; i < LINES; i++)
        bench_sink += json_read(d->doc, d->line, d->len, &json_limits_default,
                                &err) != NULL;
}

static void decode_lines(void *context)
{
    struct decoding *d = context;
    struct error err;
    int i;

    for (i = 0; i < LINES; i++)
        if (!d->ops->decode(NULL, d->doc, d->line, d->len, &d->answer, &err) ||
            d->answer.outcome != ANSWER_OK)
            abort();
    bench_sink += d->answer.content.len;
}

static void bench_decoding(const struct provider_ops *ops, const char *before,
                           const char *after)
{
    static struct decoding d;
    double floor;

    d.ops = ops;
    d.doc = json_doc_new();
    answer_init(&d.answer);
    d.len = (size_t)snprintf(d.line, sizeof(d.line), "%s%s%s", before, content,
                             after);
    bench_title(ops->name);
    bench_floor("", 0, 0);
    floor = bench_run("json_read", read_lines, &d, LINES * d.len);
    bench_floor("json_read", floor, LINES * d.len);
    bench_run("decode", decode_lines, &d, LINES * d.len);
    answer_release(&d.answer);
    json_doc_free(d.doc);
}

static void bench_answers(void)
{
    bench_decoding(
        &provider_openai,
        "{\"id\":\"batch_req_1\",\"custom_id\":\"unified_1\",\"response\":{"
        "\"status_code\":200,\"request_id\":\"r\",\"body\":{\"id\":\"c\","
        "\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\","
        "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
        "\"content\":\"",
        "\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
        "\"usage\":{\"prompt_tokens\":1400,\"completion_tokens\":600,"
        "\"total_tokens\":2000,\"prompt_tokens_details\":{\"cached_tokens\":0}"
        "}}},\"error\":null}");
    bench_decoding(&provider_gemini,
                   "{\"key\":\"unified_1\",\"response\":{\"candidates\":[{"
                   "\"content\":{\"parts\":[{\"text\":\"",
                   "\"}],\"role\":\"model\"},\"finishReason\":\"STOP\"}],"
                   "\"usageMetadata\":{\"promptTokenCount\":1400,"
                   "\"candidatesTokenCount\":600}}}");
    bench_decoding(&provider_anthropic,
                   "{\"custom_id\":\"unified_1\",\"result\":{\"type\":"
                   "\"succeeded\",\"message\":{\"content\":[{\"type\":\"text\","
                   "\"text\":\"",
                   "\"}],\"stop_reason\":\"end_turn\",\"usage\":{"
                   "\"input_tokens\":1400,\"output_tokens\":600}}}}");
}

/* -- over the wire -- */

static struct fake fake;
static struct strbuf body, wire;

static void write_request(void)
{
    strbuf_init(&body, MIB);
    strbuf_init(&wire, MIB);
    strbuf_adds(&body, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
                       "\"content\":\"");
    jsonw_escape(&body, text, TEXT_LEN - ANSWER_LEN);
    strbuf_addf(&body, "\\n@@raw %.1500s\"}]}", content);
    strbuf_addf(&wire,
                "POST /v1/chat/completions HTTP/1.1\r\nHost: fake\r\n"
                "Content-Type: application/json\r\nContent-Length: %zu\r\n"
                "\r\n",
                body.len);
    strbuf_add(&wire, body.data, body.len);
}

static int reach(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)fake.port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)))
        abort();
    return fd;
}

static void ask(int fd)
{
    if (send(fd, wire.data, wire.len, MSG_NOSIGNAL) != (ssize_t)wire.len)
        abort();
}

/* One whole answer at a time fits the buffer. */
static bool read_answer(int fd, struct strbuf *in)
{
    const char *end, *length;
    ssize_t n = recv(fd, strbuf_room(in, 64 * KIB), 64 * KIB, 0);

    if (n <= 0)
        abort();
    strbuf_grown(in, (size_t)n);
    end = strstr(in->data, "\r\n\r\n");
    length = strstr(in->data, "Content-Length: ");
    return end && length &&
           in->len >=
               (size_t)(end + 4 - in->data) + strtoul(length + 16, NULL, 10);
}

static void by_sockets(void *context)
{
    struct pollfd fds[FLYING];
    struct strbuf in[FLYING];
    int i, sent = FLYING, done = 0;

    (void)context;
    for (i = 0; i < FLYING; i++) {
        strbuf_init(&in[i], MIB);
        fds[i] = (struct pollfd){ .fd = reach(), .events = POLLIN };
        ask(fds[i].fd);
    }
    while (done < REQUESTS) {
        poll(fds, FLYING, -1);
        for (i = 0; i < FLYING; i++) {
            if (!fds[i].revents || !read_answer(fds[i].fd, &in[i]))
                continue;
            strbuf_clear(&in[i]);
            done++;
            if (sent++ < REQUESTS)
                ask(fds[i].fd);
        }
    }
    for (i = 0; i < FLYING; i++) {
        close(fds[i].fd);
        strbuf_release(&in[i]);
    }
}

struct flight {
    struct http_pool *pool;
    struct http_request request;
    int to_send, done;
};

static void on_done(void *context, void *tag, struct http_response *response,
                    const struct error *failure)
{
    struct flight *f = context;
    struct error err;

    (void)tag;
    if (failure || response->status != 200)
        abort();
    f->done++;
    if (f->to_send-- > 0 &&
        !http_pool_submit(f->pool, &f->request, false, NULL, &err))
        abort();
}

static void by_pool(void *context)
{
    struct flight f = { .to_send = REQUESTS - FLYING };
    char url[100];
    struct error err;
    int i;

    snprintf(url, sizeof(url), "%s/chat/completions", fake.base_url);
    f.request = (struct http_request){ .method = "POST",
                                       .url = url,
                                       .body = body.data,
                                       .body_len = body.len,
                                       .timeout = 60 };
    if (!http_pool_open(&f.pool, context, FLYING, MIB, on_done, &f, &err))
        abort();
    for (i = 0; i < FLYING; i++)
        if (!http_pool_submit(f.pool, &f.request, false, NULL, &err))
            abort();
    while (f.done < REQUESTS)
        if (!http_pool_wait(f.pool, 1, &err))
            abort();
    http_pool_close(f.pool);
}

static void bench_pool(void)
{
    struct http_settings s = { .allowed_hosts = "127.0.0.1" };
    struct error err;
    struct http *h;
    double floor, ours;

    fake_start(&fake, NULL);
    write_request();
    if (!http_open(&h, &s, &err))
        abort();
    bench_title("4,000 chats of 6 KB, 64 in flight");
    bench_floor("", 0, 0);
    floor = bench_run("bare sockets", by_sockets, NULL, REQUESTS * wire.len);
    bench_floor("bare sockets", floor, REQUESTS * wire.len);
    ours = bench_run("http_pool", by_pool, h, REQUESTS * wire.len);
    printf("%.1f us of processor time a request, bare %.1f us\n",
           ours / REQUESTS * 1e6, floor / REQUESTS * 1e6);
    http_close(h);
    fake_stop(&fake);
    strbuf_release(&body);
    strbuf_release(&wire);
}

int main(void)
{
    fill(text, sizeof(text), false);
    fill(content, ANSWER_LEN, true);
    bench_lines();
    bench_answers();
    bench_pool();
    return 0;
}
