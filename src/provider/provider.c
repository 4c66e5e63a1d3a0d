#include "provider/provider.h"

#include <stdarg.h>
#include <strings.h>

#include "base/digest.h"
#include "base/file.h"
#include "provider/call.h"
#include "provider/http_private.h"

const char *const answer_outcome_names[] = {
    "ok",    "cut",    "refused", "filtered",
    "empty", "failed", "expired", "malformed",
};

const char *const remote_status_names[] = {
    "unknown", "validating", "running",   "finalizing", "completed",
    "failed",  "expired",    "cancelled", "cancelling",
};

/* Words of OpenAI and Azure, Together, Groq, Mistral, Google, Anthropic. */
static const struct {
    const char *word;
    enum remote_status status;
} status_words[] = {
    { "validating", REMOTE_VALIDATING },
    { "pending", REMOTE_VALIDATING },
    { "queued", REMOTE_VALIDATING },
    { "in_progress", REMOTE_RUNNING },
    { "running", REMOTE_RUNNING },
    { "finalizing", REMOTE_FINALIZING },
    { "completed", REMOTE_COMPLETED },
    { "success", REMOTE_COMPLETED },
    { "succeeded", REMOTE_COMPLETED },
    { "partially_succeeded", REMOTE_COMPLETED },
    { "ended", REMOTE_COMPLETED },
    { "failed", REMOTE_FAILED },
    { "expired", REMOTE_EXPIRED },
    { "timeout_exceeded", REMOTE_EXPIRED },
    { "cancelled", REMOTE_CANCELLED },
    { "canceled", REMOTE_CANCELLED },
    { "cancelling", REMOTE_CANCELLING },
    { "canceling", REMOTE_CANCELLING },
    { "cancellation_requested", REMOTE_CANCELLING },
};

enum remote_status remote_status_of(const char *word)
{
    const char *google = strstr(word, "_STATE_");
    size_t i;

    if (google)
        word = google + strlen("_STATE_");
    for (i = 0; i < ARRAY_LEN(status_words); i++)
        if (!strcasecmp(word, status_words[i].word))
            return status_words[i].status;
    return REMOTE_UNKNOWN;
}

bool remote_is_final(enum remote_status status)
{
    return status == REMOTE_COMPLETED || status == REMOTE_FAILED ||
           status == REMOTE_EXPIRED || status == REMOTE_CANCELLED;
}

void answer_init(struct answer *a)
{
    memset(a, 0, sizeof(*a));
    strbuf_init(&a->content, 16 * MIB);
}

void answer_release(struct answer *a)
{
    strbuf_release(&a->content);
}

/* -- opening -- */

static bool refuse(struct error *err, const char *code, const char *format, ...)
    PRINTF_LIKE(3, 4);

static bool refuse(struct error *err, const char *code, const char *format, ...)
{
    char text[sizeof(err->message)];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    error_exit(err, ERROR_SETUP, EXIT_SETTINGS, "%s", text);
    error_code(err, code);
    return false;
}

static const struct provider_ops *find_ops(const char *name)
{
    const struct provider_ops *ops;
    size_t i;

    for (i = 0; (ops = provider_ops_at(i)); i++)
        if (!strcmp(ops->name, name))
            return ops;
    return NULL;
}

static bool unknown_name(const char *name, struct error *err)
{
    const struct provider_ops *ops;
    struct strbuf known;
    size_t i;

    strbuf_init(&known, 400);
    for (i = 0; (ops = provider_ops_at(i)); i++)
        strbuf_addf(&known, "%s%s", i ? ", " : "", ops->name);
    refuse(err, "provider", "there is no provider %.60s; known are %s", name,
           known.data);
    strbuf_release(&known);
    return false;
}

static bool set_base(struct provider *p, struct error *err)
{
    const char *base = p->settings->base_url;
    const char *usual = p->ops->default_base_url;
    struct http_origin origin, own;
    size_t len;

    if (!base || !*base)
        base = usual;
    if (!base)
        return refuse(err, "base_url", "provider %s needs base_url",
                      p->ops->name);
    len = strlen(base);
    while (len && base[len - 1] == '/')
        len--;
    if (len >= sizeof(p->base_url) || strpbrk(base, "?# ") ||
        strstr(base, ":///") || !http_origin(base, &origin))
        return refuse(err, "base_url",
                      "base_url %.100s is not an http or https address "
                      "(without key, password or question mark)",
                      strchr(base, '@') ? "(with a password)" : base);
    snprintf(p->base_url, sizeof(p->base_url), "%.*s", (int)len, base);
    snprintf(p->host, sizeof(p->host), "%s", origin.host);
    p->own =
        usual && http_origin(usual, &own) && http_origin_equal(&origin, &own);
    return true;
}

/* A header's value: printable, no blanks. */
static bool key_is_sane(const char *key)
{
    for (; *key; key++)
        if (*key <= ' ' || *key > '~')
            return false;
    return true;
}

static bool read_key_file(const char *path, struct strbuf *out,
                          struct error *err)
{
    if (!file_read(path, out, err)) {
        err->kind = ERROR_SETUP;
        err->exit = EXIT_SETTINGS;
        return error_context(err, "api_key_file");
    }
    while (out->len && strchr(" \t\r\n", out->data[out->len - 1]))
        strbuf_cut(out, out->len - 1);
    if (!out->len)
        return refuse(err, "bad_key", "api_key_file %.200s is empty", path);
    return true;
}

static bool load_key(struct provider *p, struct strbuf *key, struct error *err)
{
    const struct provider_settings *s = p->settings;

    if (s->api_key && *s->api_key)
        strbuf_adds(key, s->api_key);
    else if (s->api_key_file && *s->api_key_file &&
             !read_key_file(s->api_key_file, key, err))
        return false;
    if (!key->len)
        return true;
    if (!key_is_sane(key->data))
        return refuse(err, "bad_key",
                      "the key of provider %s holds a blank or an odd "
                      "character: copied whole?",
                      p->ops->name);
    p->key = strdup(key->data);
    return p->key || error_memory(err);
}

static bool set_key(struct provider *p, struct error *err)
{
    struct strbuf key;
    char hex[DIGEST_HEX];
    bool good;

    strbuf_init(&key, 16 * KIB);
    good = load_key(p, &key, err);
    if (good && p->key) {
        digest_of(p->key, strlen(p->key), hex);
        snprintf(p->account, sizeof(p->account), "%.16s", hex);
    }
    if (key.len)
        explicit_bzero(key.data, key.len);
    strbuf_release(&key);
    return good;
}

/* key_format holds one %s. */
static void write_key(struct strbuf *out, const char *key_format,
                      const char *key)
{
    const char *gap = strstr(key_format, "%s");

    strbuf_add(out, key_format, (size_t)(gap - key_format));
    strbuf_adds(out, key);
    strbuf_adds(out, gap + 2);
}

/* Behind the ones before it, in one buffer; the last one's place. */
static size_t keep(struct strbuf *kept, size_t *places, size_t n,
                   const char *name, const char *value)
{
    if (!value || !*value || (name && !key_is_sane(value)))
        return n;
    places[n] = kept->len;
    strbuf_adds(kept, name ? name : "");
    strbuf_adds(kept, value);
    strbuf_addc(kept, '\0');
    return n + 1;
}

/* Appends "x-api-key: KEY" and its end. */
static void keep_key(struct strbuf *kept, const char *format, const char *key)
{
    write_key(kept, format, key);
    strbuf_addc(kept, '\0');
}

static size_t headers_as(const struct provider *p, const char *key_format,
                         const char *other, struct strbuf *kept,
                         const char **headers)
{
    const struct provider_settings *set = p->settings;
    size_t places[PROVIDER_HEADERS], n = 0, i;

    if (p->key) {
        places[n++] = kept->len;
        keep_key(kept, key_format, p->key);
    }
    n = keep(kept, places, n, NULL, other);
    n = keep(kept, places, n, "OpenAI-Organization: ", set->organization);
    n = keep(kept, places, n, "OpenAI-Project: ", set->project);
    for (i = 0; strbuf_ok(kept) && i < n; i++)
        headers[i] = kept->data + places[i];
    return strbuf_ok(kept) ? n : 0;
}

/* How the key is sent: one %s. */
static const char *key_header_of(const struct provider *p)
{
    const struct provider_ops *ops = p->base ? p->base : p->ops;

    return ops->key_header ? ops->key_header : "Authorization: Bearer %s";
}

size_t provider_headers(const struct provider *p, struct strbuf *kept,
                        const char **headers)
{
    const struct provider_ops *ops = p->base ? p->base : p->ops;

    return headers_as(p, key_header_of(p), ops->header, kept, headers);
}

bool provider_http(struct provider *p, const char *key_format,
                   const char *other, struct error *err)
{
    const struct provider_settings *set = p->settings;
    const char *headers[PROVIDER_HEADERS];
    struct http_settings s = {
        .allowed_hosts = set->allowed_hosts && *set->allowed_hosts
                             ? set->allowed_hosts
                             : p->host,
        .headers = headers,
        .idle_timeout = set->idle_timeout,
    };
    struct strbuf kept;
    bool good;

    strbuf_init(&kept, 64 * KIB);
    s.header_count = headers_as(p, key_format, other, &kept, headers);
    good = http_open(&p->http, &s, err);
    if (kept.len)
        explicit_bzero(kept.data, kept.len);
    strbuf_release(&kept);
    return good;
}

static bool open_plain(struct provider *p, struct error *err)
{
    return provider_http(p, key_header_of(p), p->ops->header, err);
}

/* What can be asked one by one is asked by the runner. */
static bool become_realtime(struct provider *p, struct error *err)
{
    const struct provider_ops *runner = provider_runner();

    if (p->settings->mode != PROVIDER_MODE_REALTIME ||
        p->ops->caps & PROVIDER_RUNS_HERE)
        return true;
    if (!runner || !p->ops->single)
        return refuse(err, "mode", "provider %s has no realtime mode",
                      p->ops->name);
    p->base = p->ops;
    p->shown = *runner;
    p->shown.name = p->base->name;
    p->shown.default_base_url = p->base->default_base_url;
    p->shown.needs_key = p->base->needs_key;
    p->shown.dialect = p->base->dialect;
    p->shown.counts = p->base->counts;
    p->shown.check = p->base->check;
    p->shown.close = p->base->close;
    p->ops = &p->shown;
    return true;
}

bool provider_open(struct provider **out,
                   const struct provider_settings *settings,
                   struct clock *clock, struct error *err)
{
    const char *name = settings->name ? settings->name : "openai";
    const struct provider_ops *ops = find_ops(name);
    struct provider *p;

    *out = NULL;
    if (!ops)
        return unknown_name(name, err);
    p = calloc(1, sizeof(*p));
    if (!p)
        return error_memory(err);
    p->ops = ops;
    p->settings = settings;
    p->clock = clock;
    if (!set_base(p, err) || !set_key(p, err) ||
        !(ops->open ? ops->open : open_plain)(p, err) ||
        !become_realtime(p, err)) {
        provider_close(p);
        return false;
    }
    *out = p;
    return true;
}

void provider_close(struct provider *p)
{
    if (!p)
        return;
    if (p->ops->close)
        p->ops->close(p);
    http_close(p->http);
    if (p->key)
        explicit_bzero(p->key, strlen(p->key));
    free(p->key);
    free(p);
}

/* How keys begin, where that tells whose they are; the longest first. */
static const struct {
    const char *begins, *provider;
} key_marks[] = {
    { "sk-ant-", "anthropic" },
    { "sk-proj-", "openai" },
    { "AIza", "gemini" },
    { "gsk_", "groq" },
};

/* At a provider's own address only: others are given any key. */
static bool is_anothers_key(const struct provider *p, const char **whose)
{
    const char *name = p->ops->name;
    size_t i;

    for (i = 0; p->own && p->key && i < ARRAY_LEN(key_marks); i++) {
        if (strncmp(p->key, key_marks[i].begins, strlen(key_marks[i].begins)) !=
            0)
            continue;
        *whose = key_marks[i].provider;
        return strcmp(*whose, name) != 0 &&
               !(!strcmp(*whose, "openai") && !strcmp(name, "responses"));
    }
    return false;
}

bool provider_ready(const struct provider *p, struct error *err)
{
    const char *whose;

    if (is_anothers_key(p, &whose))
        return refuse(err, "bad_key",
                      "the key begins like one of %s and is no key of %s: "
                      "set the right variable or api_key_file",
                      whose, p->ops->name);
    if (p->key || !p->ops->needs_key || !p->own)
        return true;
    return refuse(err, "bad_key",
                  "provider %s needs a key: set %s in the environment or "
                  "api_key_file in the settings",
                  p->ops->name,
                  p->settings->key_variable ? p->settings->key_variable
                                            : "VITAE_PROVIDER_API_KEY");
}
