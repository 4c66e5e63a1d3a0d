#include "server/upstreams.h"

#include <pthread.h>
#include <string.h>

#include "base/condition.h"
#include "base/file.h"
#include "base/log.h"
#include "extract/tokens.h"
#include "runner/request.h"
#include "server/upstream_ask.h"

#define WELL_EVERY 30.0
#define DOWN_EVERY 2.0
#define MARGIN 1.2    /* another vocabulary may need so many fewer tokens */
#define LEAST_BYTES 2 /* a token has at least about so many */
#define MODEL_TEXT 256

struct upstream {
    char base[1024];
    char *header; /* owned: with its key, NULL = none */
    struct upstream_facts facts;
    bool tried, asked, well; /* asked: successfully, once at least */
    double due;              /* monotonic */
};

struct upstreams {
    struct upstream_settings settings; /* texts borrowed */
    struct clock *clock;               /* borrowed */
    struct upstream *list;             /* owned */
    const char **headers;              /* owned */
    size_t count;
    struct strbuf hosts;
    struct fleet *fleet; /* borrowed */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    bool watching;
    volatile bool quit;
    struct vocab *vocab;           /* owned; NULL = none installed */
    struct token_counter *counter; /* owned; under counting */
    struct json_doc *doc;          /* owned; under counting */
    pthread_mutex_t counting;
};

/* -- keys -- */

static bool bad_line(const struct upstreams *u, uint64_t number,
                     const char *why, struct error *err)
{
    return error_exit(err, ERROR_SETUP, EXIT_SETTINGS, "%.300s, line %llu: %s",
                      u->settings.key_file, (unsigned long long)number, why);
}

static bool is_for(const struct upstream *one, const char *url, size_t len)
{
    while (len && url[len - 1] == '/')
        len--;
    return strlen(one->base) == len && !strncmp(one->base, url, len);
}

static bool set_key(struct upstream *one, const char *key, struct error *err)
{
    size_t size = strlen(key) + 32;

    free(one->header);
    one->header = malloc(size);
    if (!one->header)
        return error_memory(err);
    snprintf(one->header, size, "Authorization: Bearer %s", key);
    return true;
}

/* "KEY" or "URL KEY". */
static bool take_line(struct upstreams *u, char *line, uint64_t number,
                      struct error *err)
{
    char *first = line + strspn(line, " \t"), *key;
    size_t len = strcspn(first, " \t"), i, found = 0;

    if (!*first || *first == '#')
        return true;
    key = first + len;
    key += strspn(key, " \t");
    if (*key && key[strcspn(key, " \t")])
        return bad_line(u, number, "a line is KEY or URL KEY", err);
    for (i = 0; i < u->count; i++) {
        if (*key && !is_for(&u->list[i], first, len))
            continue;
        found++;
        if ((*key || !u->list[i].header) &&
            !set_key(&u->list[i], *key ? key : first, err))
            return false;
    }
    return found || bad_line(u, number, "no upstream has that address", err);
}

static bool read_keys(struct upstreams *u, struct error *err)
{
    struct file_lines lines;
    bool too_long, ok;
    char *line = NULL;
    size_t len;

    if (!u->settings.key_file)
        return true;
    ok = file_lines_open(&lines, u->settings.key_file, 4 * KIB, err);
    while (ok && file_lines_next(&lines, &line, &len, &too_long, err)) {
        if (!line && !too_long)
            break;
        ok = line ? take_line(u, line, lines.number, err)
                  : bad_line(u, lines.number, "it is too long", err);
        if (line)
            explicit_bzero(line, len);
    }
    file_lines_close(&lines);
    return ok;
}

/* -- opening -- */

/* One that can never answer is a slip, not an upstream that is down. */
static bool is_address(const char *base, struct error *err)
{
    return strncmp(base, "http://", 7) == 0 ||
           strncmp(base, "https://", 8) == 0 ||
           error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                      "serve.upstream: %.200s does not begin with http:// or "
                      "https://",
                      base);
}

static bool take_urls(struct upstreams *u, struct error *err)
{
    struct endpoints e = { 0 };
    bool ok = endpoints_open(&e, u->settings.urls, 1, 1, 1, err);
    size_t i;

    if (ok) {
        u->list = calloc(e.count, sizeof(*u->list));
        u->headers = calloc(e.count, sizeof(*u->headers));
        ok = (u->list && u->headers) || error_memory(err);
    }
    for (i = 0; ok && i < e.count; i++) {
        memcpy(u->list[i].base, e.list[i].base, sizeof(u->list[i].base));
        ok = is_address(u->list[i].base, err);
    }
    if (ok)
        u->count = e.count;
    endpoints_close(&e);
    return ok;
}

static void open_counter(struct upstreams *u)
{
    struct error err;

    u->doc = json_doc_new();
    if (vocab_open(&u->vocab, "o200k_base", &err))
        u->counter = token_counter_new(u->vocab);
    else
        log_warn("contexts_unchecked", "reason=%s", err.message);
}

bool upstreams_open(struct upstreams **out, const struct upstream_settings *s,
                    struct clock *clock, struct error *err)
{
    struct upstreams *u = calloc(1, sizeof(*u));
    size_t i;

    *out = u;
    if (!u)
        return error_memory(err);
    u->settings = *s;
    u->clock = clock;
    pthread_mutex_init(&u->lock, NULL);
    pthread_mutex_init(&u->counting, NULL);
    condition_init(&u->wake);
    strbuf_init(&u->hosts, 64 * KIB);
    if (!take_urls(u, err) || !read_keys(u, err))
        return false;
    for (i = 0; i < u->count; i++) {
        u->headers[i] = u->list[i].header;
        upstream_host(u->list[i].base, &u->hosts);
    }
    open_counter(u);
    return true;
}

void upstreams_close(struct upstreams *u)
{
    size_t i;

    if (!u)
        return;
    upstreams_quit(u);
    for (i = 0; i < u->count; i++) {
        if (u->list[i].header)
            explicit_bzero(u->list[i].header, strlen(u->list[i].header));
        free(u->list[i].header);
        upstream_facts_release(&u->list[i].facts);
    }
    free(u->list);
    free(u->headers);
    strbuf_release(&u->hosts);
    token_counter_free(u->counter);
    vocab_close(u->vocab);
    json_doc_free(u->doc);
    pthread_mutex_destroy(&u->lock);
    pthread_mutex_destroy(&u->counting);
    pthread_cond_destroy(&u->wake);
    free(u);
}

/* -- watching -- */

static double monotonic(const struct upstreams *u)
{
    return u->clock->monotonic(u->clock);
}

static void note(struct upstreams *u, size_t i, bool well,
                 struct upstream_facts *facts, const struct error *why)
{
    struct upstream *one = &u->list[i];
    bool news;

    pthread_mutex_lock(&u->lock);
    news = !one->asked || one->well != well;
    if (well) {
        upstream_facts_release(&one->facts);
        one->facts = *facts;
        *facts = (struct upstream_facts){ 0 };
    }
    one->tried = true;
    one->asked = one->asked || well;
    one->well = well;
    one->due = monotonic(u) + (well ? WELL_EVERY : DOWN_EVERY);
    pthread_mutex_unlock(&u->lock);
    upstream_facts_release(facts);
    if (news && well)
        log_info("upstream_well", "url=%s models=%zu context=%lld", one->base,
                 one->facts.count, (long long)one->facts.context);
    else if (news && why)
        log_warn("upstream_down", "url=%s reason=%s", one->base, why->message);
    if (well)
        fleet_is_well(u->fleet, i);
}

/* The next that is due; false: *wait seconds to go. */
static bool next_due(struct upstreams *u, size_t *i, double *wait)
{
    double now = monotonic(u);
    size_t k;

    *i = 0;
    for (k = 1; k < u->count; k++)
        if (u->list[k].due < u->list[*i].due)
            *i = k;
    *wait = u->list[*i].due - now;
    return *wait <= 0;
}

static void sleep_for(struct upstreams *u, double seconds)
{
    pthread_mutex_lock(&u->lock);
    if (!flag_is_set(&u->quit))
        condition_wait(&u->wake, &u->lock, seconds);
    pthread_mutex_unlock(&u->lock);
}

static void *watch(void *context)
{
    struct upstreams *u = context;
    struct http_settings s = { .allowed_hosts = u->hosts.data,
                               .connect_timeout = 5 };
    struct upstream_facts facts;
    struct http *http = NULL;
    struct error err;
    double wait;
    size_t i;
    bool ok;

    if (!http_open(&http, &s, &err)) {
        log_failure("upstreams_unwatched", "reason=%s", err.message);
        return NULL;
    }
    while (!flag_is_set(&u->quit)) {
        if (!next_due(u, &i, &wait)) {
            sleep_for(u, wait);
            continue;
        }
        ok = upstream_ask(http, u->list[i].base, u->list[i].header, &u->quit,
                          &facts, &err);
        if (!flag_is_set(&u->quit))
            note(u, i, ok, &facts, ok ? NULL : &err);
        else
            upstream_facts_release(&facts);
    }
    http_close(http);
    return NULL;
}

bool upstreams_watch(struct upstreams *u, struct fleet *fleet,
                     struct error *err)
{
    u->fleet = fleet;
    if (pthread_create(&u->thread, NULL, watch, u) != 0)
        return error_set(err, ERROR_RETRY, "cannot start another thread");
    u->watching = true;
    return true;
}

void upstreams_quit(struct upstreams *u)
{
    if (!u || !u->watching)
        return;
    pthread_mutex_lock(&u->lock);
    flag_set(&u->quit, true);
    pthread_cond_broadcast(&u->wake);
    pthread_mutex_unlock(&u->lock);
    pthread_join(u->thread, NULL);
    u->watching = false;
}

/* -- looking -- */

size_t upstreams_count(const struct upstreams *u)
{
    return u->count;
}

const char *upstreams_base(const struct upstreams *u, size_t i)
{
    return u->list[i].base;
}

const char *const *upstreams_headers(const struct upstreams *u)
{
    return u->headers;
}

/* Out of JSON's escapes; false: too long to be a name. */
static bool plain(const char *model, size_t len, char *out)
{
    struct json_node node = { .text = model,
                              .len = (uint32_t)len,
                              .kind = JSON_STRING,
                              .escaped = memchr(model, '\\', len) != NULL };
    struct strbuf text;
    bool ok;

    strbuf_init(&text, MODEL_TEXT);
    ok = len < MODEL_TEXT && json_string(&node, &text);
    snprintf(out, MODEL_TEXT, "%s", ok ? text.data : "");
    strbuf_release(&text);
    return ok && *out;
}

/* Locked by the caller. */
static bool serves(const struct upstream *one, const char *name,
                   int64_t *context)
{
    size_t len = strlen(name), i;
    const struct upstream_model *m;

    *context = one->facts.context;
    if (!one->asked || !one->facts.count)
        return true;
    for (i = 0; i < one->facts.count; i++) {
        m = &one->facts.models[i];
        if (strncmp(m->name, name, len) != 0 ||
            (m->name[len] && strcmp(m->name + len, ":latest") != 0))
            continue;
        if (m->context > 0)
            *context = m->context;
        return true;
    }
    /* One model that is served under whatever name (llama-server). */
    return one->facts.any_name;
}

bool upstreams_serve(struct upstreams *u, size_t i, const char *model,
                     size_t len)
{
    char name[MODEL_TEXT];
    int64_t context;
    bool has;

    if (!plain(model, len, name))
        return false;
    pthread_mutex_lock(&u->lock);
    has = serves(&u->list[i], name, &context);
    pthread_mutex_unlock(&u->lock);
    return has;
}

bool upstreams_know(struct upstreams *u, const char *model, size_t len)
{
    size_t i;

    for (i = 0; i < u->count; i++)
        if (upstreams_serve(u, i, model, len))
            return true;
    return false;
}

bool upstreams_were_tried(struct upstreams *u)
{
    bool tried = true;
    size_t i;

    pthread_mutex_lock(&u->lock);
    for (i = 0; i < u->count; i++)
        tried = tried && u->list[i].tried;
    pthread_mutex_unlock(&u->lock);
    return tried;
}

bool upstream_is_well(struct upstreams *u, size_t i)
{
    bool well;

    pthread_mutex_lock(&u->lock);
    well = u->list[i].well;
    pthread_mutex_unlock(&u->lock);
    return well;
}

/* The longest context of those that have the model, 0 = unknown. */
static int64_t longest_context(struct upstreams *u, const char *model,
                               size_t len)
{
    int64_t longest = 0, one;
    char name[MODEL_TEXT];
    bool unknown = false;
    size_t i;

    if (u->settings.context > 0)
        return u->settings.context;
    if (!plain(model, len, name))
        return 0;
    pthread_mutex_lock(&u->lock);
    for (i = 0; i < u->count; i++) {
        if (!serves(&u->list[i], name, &one))
            continue;
        unknown = unknown || one <= 0;
        longest = one > longest ? one : longest;
    }
    pthread_mutex_unlock(&u->lock);
    return unknown ? 0 : longest;
}

/* -- too long -- */

/* False without memory. */
static bool add_text(const struct json_node *node, struct strbuf *out)
{
    return !json_is(node, JSON_STRING) || json_string(node, out);
}

/* The texts that a model reads: content, or the texts of its parts. */
static bool add_texts(const struct json_node *node, struct strbuf *out)
{
    const struct json_node *one, *content, *part;
    bool ok = add_text(node, out);

    for (one = json_is(node, JSON_ARRAY) ? json_first(node) : NULL; one && ok;
         one = json_next(one)) {
        content = json_member(one, "content");
        ok = add_text(content ? content : one, out);
        for (part = json_is(content, JSON_ARRAY) ? json_first(content) : NULL;
             part && ok; part = json_next(part))
            ok = add_text(json_member(part, "text"), out);
        strbuf_addc(out, '\n');
    }
    return ok;
}

static size_t count_texts(struct upstreams *u, const struct request *request,
                          size_t limit)
{
    static const char *const members[] = { "messages", "instructions",
                                           "prompt" };
    static const struct json_limits limits = { UINT32_MAX - 1, 1000000, 64 };
    const struct json_node *body, *input;
    struct strbuf text;
    struct error ignored;
    size_t tokens = 0, i;
    bool ok = true;

    strbuf_init(&text, request->body_len + KIB);
    pthread_mutex_lock(&u->counting);
    body =
        json_read(u->doc, request->body, request->body_len, &limits, &ignored);
    input = json_member(body, "input");
    for (i = 0; ok && i < ARRAY_LEN(members); i++)
        ok = add_texts(json_member(body, members[i]), &text);
    /* A list of inputs is several texts, each with the whole context. */
    if (ok &&
        (json_is(input, JSON_STRING) || json_member(json_first(input), "role")))
        ok = add_texts(input, &text);
    if (ok && strbuf_ok(&text) &&
        tokens_exceed(u->counter, text.data, text.len, limit))
        tokens = tokens_count(u->counter, text.data, text.len);
    pthread_mutex_unlock(&u->counting);
    strbuf_release(&text);
    return tokens;
}

bool upstreams_allow(struct upstreams *u, const struct request *request,
                     char *why, size_t size, const char **code)
{
    int64_t context =
        request->model ? longest_context(u, request->model, request->model_len)
                       : u->settings.context;
    size_t tokens = 0;

    if (context <= 0)
        return true;
    if (request->max_tokens >= context) {
        snprintf(why, size,
                 "it asks for %lld tokens of answer, the model's context "
                 "holds %lld",
                 (long long)request->max_tokens, (long long)context);
    } else {
        if (u->counter && u->doc &&
            request->body_len / LEAST_BYTES > (size_t)context)
            tokens =
                count_texts(u, request, (size_t)((double)context * MARGIN));
        if (!tokens)
            return true;
        snprintf(why, size,
                 "it is %zu tokens long (counted as o200k_base), the model's "
                 "context holds %lld",
                 tokens, (long long)context);
    }
    *code = "context_length_exceeded";
    return false;
}

/* -- telling -- */

static bool told_before(const struct upstreams *u, size_t upstream,
                        const char *name)
{
    size_t i, k;

    for (i = 0; i < upstream; i++)
        for (k = 0; k < u->list[i].facts.count; k++)
            if (!strcmp(u->list[i].facts.models[k].name, name))
                return true;
    return false;
}

void upstreams_write_models(struct upstreams *u, struct jsonw *w)
{
    const struct upstream_model *m;
    size_t i, k;

    jsonw_object(w, NULL);
    jsonw_text(w, "object", "list");
    jsonw_array(w, "data");
    pthread_mutex_lock(&u->lock);
    for (i = 0; i < u->count; i++)
        for (k = 0; k < u->list[i].facts.count; k++) {
            m = &u->list[i].facts.models[k];
            if (told_before(u, i, m->name))
                continue;
            jsonw_object(w, NULL);
            jsonw_text(w, "id", m->name);
            jsonw_text(w, "object", "model");
            jsonw_integer(w, "created", m->created);
            jsonw_text(w, "owned_by", *m->owner ? m->owner : "local");
            if (m->context > 0)
                jsonw_integer(w, "max_model_len", m->context);
            jsonw_end_object(w);
        }
    pthread_mutex_unlock(&u->lock);
    jsonw_end_array(w);
    jsonw_end_object(w);
}

static void write_gauge(struct upstreams *u, struct strbuf *out,
                        const char *name, const char *help,
                        int64_t (*value)(const struct upstream *one,
                                         const struct fleet_state *f))
{
    struct fleet_state f;
    int64_t v;
    size_t i;

    strbuf_addf(out,
                "# HELP vitae_serve_upstream_%s %s\n"
                "# TYPE vitae_serve_upstream_%s gauge\n",
                name, help, name);
    for (i = 0; i < u->count; i++) {
        fleet_look(u->fleet, i, &f);
        pthread_mutex_lock(&u->lock);
        v = value(&u->list[i], &f);
        pthread_mutex_unlock(&u->lock);
        if (v >= 0)
            strbuf_addf(out, "vitae_serve_upstream_%s{url=\"%s\"} %lld\n", name,
                        u->list[i].base, (long long)v);
    }
}

static int64_t is_up(const struct upstream *one, const struct fleet_state *f)
{
    return one->well && !f->troubled;
}

static int64_t flying(const struct upstream *one, const struct fleet_state *f)
{
    (void)one;
    return f->flying;
}

static int64_t room(const struct upstream *one, const struct fleet_state *f)
{
    (void)one;
    return f->room;
}

static int64_t context(const struct upstream *one, const struct fleet_state *f)
{
    (void)f;
    return one->facts.context > 0 ? one->facts.context : -1;
}

static int64_t vram(const struct upstream *one, const struct fleet_state *f)
{
    (void)f;
    return one->facts.vram > 0 ? one->facts.vram : -1;
}

void upstreams_write_metrics(struct upstreams *u, struct strbuf *out)
{
    write_gauge(u, out, "up", "1 = it answers", is_up);
    write_gauge(u, out, "requests_in_flight", "being asked now", flying);
    write_gauge(u, out, "concurrency", "how many at once it bears now", room);
    write_gauge(u, out, "context_tokens", "where it tells", context);
    write_gauge(u, out, "vram_bytes", "of loaded models, where it tells", vram);
}
