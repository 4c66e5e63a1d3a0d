/*
 * fake_provider -- a scripted LLM provider for tests and benches.
 *
 *   fake_provider [--port N] [--script FILE] [--set NAME=VALUE]...
 *                 [--fault 'LINE']... [--die-with-parent]
 *
 * Listens on 127.0.0.1 (an ephemeral port unless told), prints its base URL,
 * "http://127.0.0.1:PORT/v1", as the first line of standard output, and runs
 * until killed.  Single-threaded, a poll loop on plain sockets.  What it
 * knows is gone with it: kill vitae as often as you like, not the fake.
 *
 * API:      OpenAI's files, batches, chat completions and models (Azure's,
 *           Groq's and Together's likewise), Mistral's batch jobs, Gemini's
 *           files and batches (under /v1beta), Anthropic's message batches;
 *           with or without "/v1".
 * Control:  GET /ledger     what was taken and would be billed, as JSON:
 *                           {"uploads","creates","lists","polls",...,
 *                            "accepted","billed","in_flight",
 *                            "most_in_flight",
 *                            "requests":{CUSTOM_ID:{"accepted","billed"}}}
 *           GET /ledger?brief=1   without "requests"
 *           PUT /script     script lines, added
 *           DELETE /script  no more faults (settings stay)
 *
 * Answers.  The user's text may hold a directive on a line of its own:
 *   @@answer {JSON}   that is the content     @@raw TEXT    likewise, any text
 *   @@empty           no content              @@refuse      a refusal
 *   @@length          cut, finish_reason length
 *   @@filter          finish_reason content_filter
 *   @@missing         no line in the output   @@status N [MESSAGE]
 *   @@once N [MESSAGE]   fails so the first time this text is asked
 * Without one the content is the smallest that the request's schema allows.
 *
 * Settings (--set, or "set NAME=VALUE" in a script): struct fake_settings in
 * fake.h.  The usual ones: polls=N (a batch ends at its N-th look, default
 * 2), end=completed|expired|failed|cancelled|stuck, lag=N, missing=N,
 * list=newest|oldest|mixed, page=N, duplicate=N, garble=N, fail=N (each N-th
 * line), unknown=N, blank=1, shape=openai|azure|together, latency=S, hold=N
 * (chat answers that go, then none until it is set anew; -1: all), rpm=N,
 * busy=N, token_limit=N, key=K, tokenizer=llama|vllm, models=1 (the list tells
 * of one).
 *
 * Faults (--fault, or a line in a script):  OP[@N[-M|+]] WORD...
 *   OP: upload (Gemini: start, upload; Together: upload, bytes, confirm)
 *       files file delete download create list poll cancel models model chat,
 *       or any; @N counts its calls from when the line was added
 *   drop      closed without a word, nothing done     reset   with RST
 *   lose      done, then closed without a word
 *   status=N  told instead of doing it; "after status=N": done and told
 *   body=TEXT type=TYPE header="Name: value" html     what else is told
 *   cut=N     N bytes of the whole answer, then closed
 *   cutbody=N N bytes of its body                     slow=N  bytes a second
 *   stall=S   S seconds before the answer (done at once)
 *   flood=N   N junk headers       interim=N  N "100 Continue" first
 *   double    a bogus second answer behind it
 *   nolength  ended by closing     chunked
 * Words with blanks go in "...", with \n \r \" \\ understood.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/provider/fake/store.h"

#define MOST_CONNECTIONS 1100
#define SPOOL_FROM (4 * MIB)

enum state { HEAD, BODY, WAITING, SENDING, CLOSED };

struct connection {
    int fd;
    enum state state;
    struct strbuf in; /* bytes not used yet */
    size_t head_len;
    struct fake_request request;
    struct strbuf head; /* of the request, NUL-terminated */
    struct strbuf body;
    bool chunked, chunk_data;
    uint64_t left; /* of the body or of the chunk */
    struct fake_reply reply;
    struct strbuf out;
    size_t out_at;
    uint64_t allowed; /* bytes that may still be sent */
    long slow;
    double due;
    bool close_after, reset, is_chat;
};

static struct connection *connections[MOST_CONNECTIONS];
static size_t connection_count;

/* -- routes -- */

/* Matches "/files/x/content" against its pattern; id is the "*", which may be
 * a part of a segment (before ":cancel"). */
static bool path_matches(const char *path, const char *pattern, char *id,
                         size_t size)
{
    const char *star = strchr(pattern, '*');
    size_t before, after, len = strlen(path);

    id[0] = '\0';
    if (!star)
        return !strcmp(path, pattern);
    before = (size_t)(star - pattern);
    after = strlen(star + 1);
    if (len <= before + after || strncmp(path, pattern, before) != 0 ||
        strcmp(path + len - after, star + 1) != 0)
        return false;
    len -= before + after;
    if (memchr(path + before, '/', len) || memchr(path + before, ':', len))
        return false;
    snprintf(id, size, "%.*s", (int)len, path + before);
    fake_unescape(id);
    return true;
}

static const struct fake_route *find_route(const struct fake_request *r,
                                           char *id, size_t size)
{
    static const struct fake_route *const tables[] = {
        fake_chat_routes,    fake_file_routes,   fake_openai_routes,
        fake_mistral_routes, fake_gemini_routes, fake_anthropic_routes,
    };
    const struct fake_route *route;
    size_t i;

    for (i = 0; i < ARRAY_LEN(tables); i++)
        for (route = tables[i]; route->op; route++)
            if (!strcmp(route->method, r->method) &&
                path_matches(r->path, route->path, id, size))
                return route;
    return NULL;
}

static void add_script(const char *text)
{
    char line[65536];
    size_t n;

    for (; *text; text += n + (text[n] == '\n')) {
        n = strcspn(text, "\n");
        snprintf(line, sizeof(line), "%.*s", (int)n, text);
        if (!fake_script_line(line))
            fprintf(stderr, "fake_provider: not understood: %s\n", line);
    }
}

static bool control(struct connection *c)
{
    const struct fake_request *r = &c->request;
    char brief[8];
    struct strbuf *out = &c->reply.body;

    if (!strcmp(r->path, "/ledger")) {
        fake_query(r, "brief", brief, sizeof(brief));
        fake_ledger_json(out);
        if (brief[0] && strstr(out->data, ",\"requests\"")) {
            strbuf_cut(
                out, (size_t)(strstr(out->data, ",\"requests\"") - out->data));
            strbuf_adds(out, "}\n");
        }
    } else if (!strcmp(r->path, "/script") && !strcmp(r->method, "PUT")) {
        add_script(c->body.data);
    } else if (!strcmp(r->path, "/script") && !strcmp(r->method, "DELETE")) {
        fake_script_clear();
    } else if (strcmp(r->path, "/health") != 0) {
        return false;
    }
    return true;
}

static bool may_enter(const struct fake_request *r)
{
    static const char *const headers[] = { "api-key", "x-api-key",
                                           "x-goog-api-key" };
    char given[256], wanted[256];
    size_t i;

    if (!fake_settings.key[0])
        return true;
    fake_header(r, "authorization", given, sizeof(given));
    snprintf(wanted, sizeof(wanted), "Bearer %s", fake_settings.key);
    if (!strcmp(given, wanted))
        return true;
    for (i = 0; i < ARRAY_LEN(headers); i++) {
        fake_header(r, headers[i], given, sizeof(given));
        if (!strcmp(given, fake_settings.key))
            return true;
    }
    return false;
}

/* -- replies -- */

static void add_junk(const struct fake_fault *fault, struct strbuf *out)
{
    long i;

    for (i = 0; fault && i < fault->flood; i++)
        strbuf_addf(out, "X-Junk-%ld: %090ld\r\n", i, i);
    if (fault && fault->header[0])
        strbuf_addf(out, "%s\r\n", fault->header);
}

static void add_body(struct connection *c, bool chunked)
{
    const struct fake_reply *r = &c->reply;

    if (chunked)
        strbuf_addf(&c->out, "%zx\r\n", r->body.len);
    strbuf_add(&c->out, r->body.data, r->body.len);
    if (chunked)
        strbuf_adds(&c->out, "\r\n0\r\n\r\n");
}

static void render(struct connection *c, const struct fake_fault *fault)
{
    struct fake_reply *r = &c->reply;
    unsigned actions = fault ? fault->actions : 0;
    bool chunked = actions & FAKE_CHUNKED && r->file < 0;
    size_t head;
    long i;

    for (i = 0; fault && i < fault->interim; i++)
        strbuf_adds(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
    strbuf_addf(&c->out, "HTTP/1.1 %d Said\r\nContent-Type: %s\r\n", r->status,
                fault && fault->type[0] ? fault->type : r->type);
    strbuf_adds(&c->out, "x-request-id: req_fake\r\n");
    strbuf_add(&c->out, r->headers.data, r->headers.len);
    add_junk(fault, &c->out);
    if (chunked)
        strbuf_adds(&c->out, "Transfer-Encoding: chunked\r\n");
    else if (!(actions & FAKE_NOLENGTH))
        strbuf_addf(
            &c->out, "Content-Length: %lld\r\n",
            (long long)(r->file >= 0 ? r->file_len : (off_t)r->body.len));
    if (actions & FAKE_NOLENGTH)
        c->close_after = true;
    strbuf_adds(&c->out, "\r\n");
    head = c->out.len;
    if (r->file < 0)
        add_body(c, chunked);
    if (actions & FAKE_DOUBLE)
        strbuf_adds(&c->out,
                    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull");
    c->allowed = UINT64_MAX;
    if (fault && fault->cut >= 0)
        c->allowed = (uint64_t)fault->cut;
    else if (fault && fault->cut_body >= 0)
        c->allowed = head + (uint64_t)fault->cut_body;
}

static void spoil(struct connection *c, const struct fake_fault *fault)
{
    if (fault->status)
        c->reply.status = fault->status;
    if (fault->body || fault->status) {
        if (c->reply.file >= 0)
            close(c->reply.file);
        c->reply.file = -1;
        strbuf_clear(&c->reply.body);
        strbuf_adds(&c->reply.body, fault->body ? fault->body : "");
    }
}

static void finish_request(struct connection *c, const struct fake_fault *fault)
{
    unsigned actions = fault ? fault->actions : 0;

    if (fault && !(actions & FAKE_LOSE))
        spoil(c, fault);
    strbuf_clear(&c->out);
    c->out_at = 0;
    render(c, fault);
    c->due = fake_now() + c->reply.wait + (fault ? fault->stall : 0);
    c->slow = fault ? fault->slow : 0;
    if (actions & (FAKE_DROP | FAKE_RESET | FAKE_LOSE))
        c->allowed = 0;
    c->reset = actions & FAKE_RESET;
    c->state = WAITING;
}

static bool too_many_jobs(void)
{
    long open = 0;
    size_t i;

    for (i = 0; fake_settings.jobs && i < fake_batch_count; i++) {
        fake_batch_advance(fake_batches[i], false);
        open += !fake_batch_ended(fake_batches[i]);
    }
    return fake_settings.jobs && open >= fake_settings.jobs;
}

static void answer(struct connection *c)
{
    char id[512];
    const struct fake_route *route = find_route(&c->request, id, sizeof(id));
    const struct fake_fault *fault = route ? fake_script_next(route->op) : NULL;
    bool skip = fault && !(fault->actions & FAKE_AFTER) &&
                (fault->status || fault->actions & (FAKE_DROP | FAKE_RESET));

    c->is_chat = route && !strcmp(route->op, "chat");
    if (c->is_chat && ++fake_ledger.in_flight > fake_ledger.most_in_flight)
        fake_ledger.most_in_flight = fake_ledger.in_flight;
    c->reply.wait = route ? fake_settings.think : 0;
    if (!route && control(c))
        ;
    else if (!route)
        fake_error(&c->reply, 404, "invalid_request_error", NULL,
                   "Unknown path");
    else if (!route->no_key && !may_enter(&c->request))
        fake_error(&c->reply, 401, "invalid_request_error", "invalid_api_key",
                   "Incorrect API key provided.");
    else if (!skip && !strcmp(route->op, "create") && too_many_jobs())
        fake_error(&c->reply, 429, "RESOURCE_EXHAUSTED", NULL,
                   "You exceeded your current quota of active jobs.");
    else if (!skip)
        route->handle(&c->request, id, &c->reply);
    finish_request(c, fault);
}

static void run_request(struct connection *c)
{
    char connection[32];

    if (c->request.spool >= 0) {
        c->request.body = fake_map(c->request.spool, &c->request.body_len);
    } else {
        c->request.body = c->body.data;
        c->request.body_len = c->body.len;
    }
    fake_header(&c->request, "connection", connection, sizeof(connection));
    c->close_after = !strcasecmp(connection, "close");
    c->reply.status = 200;
    c->reply.type = "application/json";
    c->reply.file = -1;
    c->reply.wait = 0;
    strbuf_clear(&c->reply.headers);
    strbuf_clear(&c->reply.body);
    answer(c);
    if (c->request.spool >= 0) {
        fake_unmap(c->request.body, c->request.body_len);
        close(c->request.spool);
        c->request.spool = -1;
    }
}

/* -- reading -- */

static void eat(struct connection *c, size_t n)
{
    memmove(c->in.data, c->in.data + n, c->in.len - n);
    strbuf_cut(&c->in, c->in.len - n);
}

static void body_add(struct connection *c, size_t n)
{
    if (c->request.spool >= 0)
        fake_write(c->request.spool, c->in.data, n);
    else
        strbuf_add(&c->body, c->in.data, n);
    eat(c, n);
}

static void parse_target(struct fake_request *r, const char *target)
{
    const char *mark = strchr(target, '?');
    size_t n = mark ? (size_t)(mark - target) : strlen(target);

    const char *version = strstr(target, "/v1/"); /* Groq: "/openai/v1/" */

    if (version && (!mark || version < mark)) {
        n -= (size_t)(version + 3 - target);
        target = version + 3;
    }
    snprintf(r->path, sizeof(r->path), "%.*s", (int)n, target);
    snprintf(r->query, sizeof(r->query), "%s", mark ? mark + 1 : "");
}

/* True when a whole head was there. */
static bool read_head(struct connection *c)
{
    const char *end = memmem(c->in.data, c->in.len, "\r\n\r\n", 4);
    char target[2048], value[128];

    if (!end)
        return false;
    strbuf_clear(&c->head);
    strbuf_add(&c->head, c->in.data, (size_t)(end + 4 - c->in.data));
    eat(c, c->head.len);
    c->request.head = c->head.data;
    if (sscanf(c->head.data, "%7s %2047s", c->request.method, target) != 2) {
        c->state = CLOSED;
        return false;
    }
    parse_target(&c->request, target);
    fake_header(&c->request, "transfer-encoding", value, sizeof(value));
    c->chunked = !strcasecmp(value, "chunked");
    c->chunk_data = false;
    fake_header(&c->request, "content-length", value, sizeof(value));
    c->left = c->chunked ? 0 : strtoull(value, NULL, 10);
    strbuf_clear(&c->body);
    c->request.spool = -1;
    if (c->left > SPOOL_FROM || !strcmp(c->request.path, "/files"))
        if (*c->request.method == 'P')
            c->request.spool = fake_temporary();
    fake_header(&c->request, "expect", value, sizeof(value));
    if (value[0] && write(c->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25) != 25)
        c->state = CLOSED;
    else
        c->state = BODY;
    return true;
}

/* True when the body is whole. */
static bool read_chunks(struct connection *c)
{
    const char *end;
    size_t n;

    for (;;) {
        if (c->chunk_data) {
            n = c->left < c->in.len ? (size_t)c->left : c->in.len;
            body_add(c, n);
            c->left -= n;
            if (c->left || c->in.len < 2)
                return false;
            eat(c, 2);
            c->chunk_data = false;
        }
        end = memmem(c->in.data, c->in.len, "\r\n", 2);
        if (!end)
            return false;
        c->left = strtoull(c->in.data, NULL, 16);
        if (!c->left && c->in.len < (size_t)(end + 4 - c->in.data))
            return false;
        eat(c, (size_t)(end + (c->left ? 2 : 4) - c->in.data));
        if (!c->left)
            return true;
        c->chunk_data = true;
    }
}

static bool read_body(struct connection *c)
{
    size_t n;

    if (c->chunked)
        return read_chunks(c);
    n = c->left < c->in.len ? (size_t)c->left : c->in.len;
    body_add(c, n);
    c->left -= n;
    return !c->left;
}

static void consume(struct connection *c)
{
    if (c->state == HEAD && !read_head(c))
        return;
    if (c->state == BODY && read_body(c))
        run_request(c);
}

static void on_readable(struct connection *c)
{
    char *room = strbuf_room(&c->in, 256 * KIB);
    ssize_t n;

    if (!room)
        fake_die("input");
    n = recv(c->fd, room, 256 * KIB, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        c->state = CLOSED;
        return;
    }
    strbuf_grown(&c->in, (size_t)n);
    consume(c);
}

/* -- sending -- */

static void after_send(struct connection *c)
{
    if (c->is_chat)
        fake_ledger.in_flight--;
    c->is_chat = false;
    if (c->reply.file >= 0)
        close(c->reply.file);
    c->reply.file = -1;
    c->state = c->close_after ? CLOSED : HEAD;
    if (c->state == HEAD && c->in.len)
        consume(c);
}

static ssize_t send_some(struct connection *c, size_t most)
{
    size_t n = c->out.len - c->out_at;

    if (n) {
        n = n < most ? n : most;
        return send(c->fd, c->out.data + c->out_at, n, MSG_NOSIGNAL);
    }
    n = (size_t)c->reply.file_len < most ? (size_t)c->reply.file_len : most;
    return sendfile(c->fd, c->reply.file, &(off_t){ c->reply.file_at }, n);
}

static bool all_sent(const struct connection *c)
{
    return c->out_at == c->out.len && (c->reply.file < 0 || !c->reply.file_len);
}

static void on_writable(struct connection *c)
{
    size_t most = c->allowed < MIB ? (size_t)c->allowed : MIB;
    ssize_t n;

    if (all_sent(c)) {
        after_send(c);
        return;
    }
    if (!most) {
        c->close_after = true;
        after_send(c);
        return;
    }
    if (c->slow && most > (size_t)(c->slow / 10 + 1))
        most = (size_t)(c->slow / 10 + 1);
    n = send_some(c, most);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        c->close_after = true;
        after_send(c);
        return;
    }
    c->allowed -= (uint64_t)n;
    if (c->out_at < c->out.len) {
        c->out_at += (size_t)n;
    } else {
        c->reply.file_at += n;
        c->reply.file_len -= n;
    }
    if (c->slow) {
        c->due = fake_now() + 0.1;
        c->state = WAITING;
    } else if (all_sent(c)) {
        after_send(c);
    }
}

/* -- connections -- */

static void open_connection(int listener)
{
    struct connection *c;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return;
    if (connection_count == MOST_CONNECTIONS) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
    c = calloc(1, sizeof(*c));
    if (!c)
        fake_die("memory");
    c->fd = fd;
    c->request.spool = c->reply.file = -1;
    strbuf_init(&c->in, 64 * MIB);
    strbuf_init(&c->head, MIB);
    strbuf_init(&c->body, 64 * MIB);
    strbuf_init(&c->out, 256 * MIB);
    strbuf_init(&c->reply.headers, MIB);
    strbuf_init(&c->reply.body, 256 * MIB);
    connections[connection_count++] = c;
}

static void close_connection(size_t i)
{
    struct connection *c = connections[i];
    struct linger hard = { .l_onoff = 1, .l_linger = 0 };

    if (c->is_chat)
        fake_ledger.in_flight--;
    if (c->reset)
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    close(c->fd);
    if (c->request.spool >= 0)
        close(c->request.spool);
    if (c->reply.file >= 0)
        close(c->reply.file);
    strbuf_release(&c->in);
    strbuf_release(&c->head);
    strbuf_release(&c->body);
    strbuf_release(&c->out);
    strbuf_release(&c->reply.headers);
    strbuf_release(&c->reply.body);
    free(c);
    connections[i] = connections[--connection_count];
}

/* fake_settings.hold counts down. */
static bool may_go(const struct connection *c)
{
    if (!c->is_chat || fake_settings.hold < 0)
        return true;
    if (!fake_settings.hold)
        return false;
    fake_settings.hold--;
    return true;
}

/* What to watch; returns the milliseconds until somebody is due. */
static int gather(struct pollfd *fds, int listener)
{
    double now = fake_now(), soonest = 3600;
    struct connection *c;
    size_t i;

    fds[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
    for (i = 0; i < connection_count; i++) {
        c = connections[i];
        if (c->state == WAITING && c->due <= now && may_go(c))
            c->state = SENDING;
        if (c->state == WAITING && c->due > now && c->due - now < soonest)
            soonest = c->due - now;
        /* While one waits its closing matters too: POLLHUP comes anyway. */
        fds[i + 1] =
            (struct pollfd){ .fd = c->fd,
                             .events = c->state == SENDING   ? POLLOUT
                                       : c->state == WAITING ? POLLRDHUP
                                                             : POLLIN };
    }
    return (int)(soonest * 1000) + 1;
}

static void serve(struct connection *c, short events)
{
    if (c->state == WAITING && events & (POLLRDHUP | POLLHUP | POLLERR))
        c->state = CLOSED;
    else if (c->state == SENDING && events)
        on_writable(c);
    else if ((c->state == HEAD || c->state == BODY) && events)
        on_readable(c);
    if (c->state == WAITING && c->due <= fake_now() && may_go(c))
        c->state = SENDING; /* the usual case: no waiting for the next turn */
    if (c->state == SENDING && !c->slow)
        on_writable(c);
}

static void loop(int listener)
{
    static struct pollfd fds[MOST_CONNECTIONS + 1];
    size_t i, n;
    int wait;

    for (;;) {
        wait = gather(fds, listener);
        n = connection_count;
        if (poll(fds, n + 1, wait) < 0 && errno != EINTR)
            fake_die("poll");
        for (i = 0; i < n; i++)
            serve(connections[i], fds[i + 1].revents);
        for (i = connection_count; i-- > 0;)
            if (connections[i]->state == CLOSED)
                close_connection(i);
        if (fds[0].revents)
            open_connection(listener);
    }
}

static int listen_on(long port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port) };
    socklen_t len = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) ||
        bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 512) ||
        getsockname(fd, (struct sockaddr *)&at, &len))
        fake_die("listen");
    printf("http://127.0.0.1:%d/v1\n", ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

static void read_script(const char *path)
{
    struct strbuf text;
    struct error err;

    strbuf_init(&text, 16 * MIB);
    if (!file_read(path, &text, &err))
        fake_die(path);
    add_script(text.data);
    strbuf_release(&text);
}

int main(int argc, char **argv)
{
    long port = 0;
    int i;

    signal(SIGPIPE, SIG_IGN);
    for (i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";

        if (!strcmp(argv[i], "--die-with-parent")) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            continue;
        }
        i++;
        if (!strcmp(argv[i - 1], "--port"))
            port = strtol(value, NULL, 10);
        else if (!strcmp(argv[i - 1], "--script"))
            read_script(value);
        else if (!strcmp(argv[i - 1], "--fault"))
            add_script(value);
        else if (strcmp(argv[i - 1], "--set") != 0 || !fake_set(value)) {
            fprintf(stderr, "fake_provider: what is %s %s?\n", argv[i - 1],
                    value);
            return 2;
        }
    }
    loop(listen_on(port));
}
