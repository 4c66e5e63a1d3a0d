#include "runner/request.h"

#define LONGEST_ID 1024

static const struct json_limits limits = { UINT32_MAX - 1, 1000000, 64 };

static const struct {
    const char *url;
    const char *wanted;
} urls[] = {
    { "/chat/completions", "choices" },
    { "/completions", "choices" },
    { "/embeddings", "data" },
    { "/responses", "output" },
};

/* -- reading -- */

/* Always false. */
static bool fault(struct request *out, const char *code, const char *param,
                  const char *why)
{
    out->fault = why;
    out->code = code;
    out->param = param;
    return false;
}

static bool read_id(const struct json_node *id, struct request *out)
{
    if (!json_is(id, JSON_STRING) || !id->len)
        return fault(out, "missing_required_parameter", "custom_id",
                     "it has no custom_id");
    if (id->len > LONGEST_ID)
        return fault(out, "invalid_request", "custom_id",
                     "its custom_id is too long");
    out->custom_id = id->text;
    out->custom_id_len = id->len;
    return true;
}

static bool read_method(const struct json_node *method, struct request *out)
{
    return !method || json_equals(method, "POST") ||
           fault(out, "invalid_method", "method", "its method is not POST");
}

static bool read_url(const struct json_node *url, struct request *out)
{
    char full[64];
    size_t i;

    for (i = 0; i < ARRAY_LEN(urls); i++) {
        snprintf(full, sizeof(full), "/v1%s", urls[i].url);
        if (!json_equals(url, full) && !json_equals(url, urls[i].url))
            continue;
        out->path = urls[i].url;
        out->wanted = urls[i].wanted;
        return true;
    }
    return fault(out, "invalid_url", "url", "its url is none that is known");
}

static uint64_t group_of(const struct json_node *body,
                         const struct hash_key *key)
{
    const struct json_node *first = json_first(json_member(body, "messages"));
    const struct json_node *role = json_member(first, "role");
    const struct json_node *model = json_member(body, "model"), *content;
    uint64_t parts[2];

    content = json_equals(role, "system") || json_equals(role, "developer")
                  ? json_member(first, "content")
                  : json_member(body, "instructions");
    if (!content)
        return 0;
    parts[0] = hash_bytes(key, content->text, content->len);
    parts[1] = model ? hash_bytes(key, model->text, model->len) : 0;
    return hash_bytes(key, parts, sizeof(parts)) | 1;
}

static bool read_body(const struct json_node *body, struct request *out)
{
    const struct json_node *model = json_member(body, "model");

    if (!json_is(body, JSON_OBJECT))
        return fault(out, "missing_required_parameter", "body",
                     "it has no body");
    if (json_is(json_member(body, "stream"), JSON_TRUE))
        return fault(out, "invalid_request", "body",
                     "its body asks for a stream");
    out->body = body->text;
    out->body_len = body->len;
    out->max_tokens = json_member_integer(body, "max_completion_tokens", 0);
    if (out->max_tokens <= 0)
        out->max_tokens = json_member_integer(body, "max_tokens", 0);
    if (out->max_tokens < 0)
        out->max_tokens = 0;
    if (json_is(model, JSON_STRING)) {
        out->model = model->text;
        out->model_len = model->len;
    }
    return true;
}

bool request_read(struct json_doc *doc, const char *line, size_t len,
                  const struct hash_key *key, struct request *out,
                  struct error *err)
{
    const struct json_node *root, *body;

    *out = (struct request){ 0 };
    root = json_read(doc, line, len, &limits, err);
    if (!root && err->kind == ERROR_RETRY)
        return false;
    body = json_member(root, "body");
    if (!json_is(root, JSON_OBJECT))
        (void)fault(out, "invalid_json_line", NULL,
                    root ? "it is no JSON object" : "it is not JSON");
    else if (read_id(json_member(root, "custom_id"), out) &&
             read_method(json_member(root, "method"), out) &&
             read_url(json_member(root, "url"), out) && read_body(body, out) &&
             key)
        out->group = group_of(body, key);
    return true;
}

/* -- ids -- */

/* The id itself; *buffer is initialised and holds it when it was escaped. */
static const char *unescaped(const char *text, size_t *len,
                             struct strbuf *buffer)
{
    struct json_node node = { .text = text,
                              .len = (uint32_t)*len,
                              .kind = JSON_STRING,
                              .escaped = true };

    strbuf_init(buffer, 4 * KIB);
    if (!memchr(text, '\\', *len) || !json_string(&node, buffer))
        return text;
    *len = buffer->len;
    return buffer->data;
}

uint64_t custom_id_hash(const struct hash_key *key, const char *escaped,
                        size_t len)
{
    struct strbuf buffer;
    const char *id = unescaped(escaped, &len, &buffer);
    uint64_t hash = hash_bytes(key, id, len);

    strbuf_release(&buffer);
    return hash;
}

bool custom_id_equal(const char *a, size_t a_len, const char *b, size_t b_len)
{
    struct strbuf a_buffer, b_buffer;
    bool equal;

    a = unescaped(a, &a_len, &a_buffer);
    b = unescaped(b, &b_len, &b_buffer);
    equal = a_len == b_len && !memcmp(a, b, a_len);
    strbuf_release(&a_buffer);
    strbuf_release(&b_buffer);
    return equal;
}
