#include "provider/count.h"

#include <json-c/json.h>

#include "base/jsonw.h"
#include "provider/call.h"

#define BODY_MOST (96 * MIB)

/* By the manuals of llama-server, vLLM and SGLang. */
const struct count_way count_openai[COUNT_WAYS] = {
    { "/tokenize", true, false, "\"content\":", "", "tokens" },
    { "/tokenize", true, true, "\"prompt\":", "", "count" },
};

const struct count_way count_gemini[COUNT_WAYS] = {
    { "/models/%s:countTokens", false, false,
      "\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":", "}]}]",
      "totalTokens" },
};

const struct count_way count_anthropic[COUNT_WAYS] = {
    { "/messages/count_tokens", false, true,
      "\"messages\":[{\"role\":\"user\",\"content\":", "}]", "input_tokens" },
};

static const struct count_way *way_of(const struct provider *p)
{
    const struct count_way *ways = p->ops->counts;

    /* The provider's own API has no such route: only lookalikes may. */
    if (!ways || (ways == count_openai && p->own))
        return NULL;
    ways += p->count_way;
    return ways->path ? ways : NULL;
}

bool count_is_possible(const struct provider *p)
{
    return way_of(p) != NULL;
}

static bool refuse(struct error *err)
{
    error_exit(err, ERROR_SETUP, EXIT_PROVIDER,
               "the endpoint tells no token counts: they are estimated");
    error_code(err, "no_tokenizer");
    return false;
}

static char *address(const struct provider *p, const struct count_way *way,
                     const char *model, struct error *err)
{
    const char *slash = strrchr(p->base_url, '/');
    size_t root = strlen(p->base_url);
    struct strbuf url;
    char *text;

    if (!way->at_root)
        return call_url(p, way->path, model, err);
    if (slash && !strcmp(slash, "/v1"))
        root = (size_t)(slash - p->base_url);
    strbuf_init(&url, 4 * KIB);
    strbuf_add(&url, p->base_url, root);
    strbuf_adds(&url, way->path);
    text = strbuf_take(&url);
    strbuf_release(&url);
    if (!text)
        error_memory(err);
    return text;
}

static void write_body(const struct count_way *way, const char *model,
                       const char *text, size_t len, struct strbuf *out)
{
    strbuf_addc(out, '{');
    if (way->names_model) {
        strbuf_adds(out, "\"model\":");
        jsonw_quote(out, model, strlen(model));
        strbuf_addc(out, ',');
    }
    strbuf_adds(out, way->before);
    jsonw_quote(out, text, len);
    strbuf_adds(out, way->after);
    strbuf_addc(out, '}');
}

static bool read_tokens(struct json_object *answer, const char *member,
                        int64_t *tokens)
{
    struct json_object *value = json_get(answer, member);

    *tokens = json_object_is_type(value, json_type_array)
                  ? (int64_t)json_object_array_length(value)
                  : read_count(answer, member, -1);
    return *tokens >= 0;
}

/* What says that the route isn't there, or wants another shape. */
static bool is_another_way(long status)
{
    return status == 400 || status == 404 || status == 405 || status == 422 ||
           status == 501;
}

static bool ask(struct provider *p, const struct count_way *way,
                const struct strbuf *body, const char *url, bool *other,
                int64_t *tokens, struct error *err)
{
    struct call c = { .what = "counting tokens",
                      .method = "POST",
                      .url = url,
                      .body = body->data,
                      .body_len = body->len };
    struct json_object *answer = call_json(p, &c, err);
    bool good = answer && read_tokens(answer, way->member, tokens);

    /* An answer without the number is no tokenizer's. */
    *other = answer ? !good : is_another_way(c.status);
    json_free(answer);
    return good;
}

static bool try_way(struct provider *p, const struct count_way *way,
                    const char *text, size_t len, bool *other, int64_t *tokens,
                    struct error *err)
{
    const char *model = p->settings->model ? p->settings->model : "";
    char *url = address(p, way, model, err);
    struct strbuf body;
    bool good = false;

    *other = false;
    if (!url)
        return false;
    strbuf_init(&body, BODY_MOST);
    write_body(way, model, text, len, &body);
    if (strbuf_ok(&body))
        good = ask(p, way, &body, url, other, tokens, err);
    else
        error_memory(err);
    strbuf_release(&body);
    free(url);
    return good;
}

bool count_tokens(struct provider *p, const char *text, size_t len,
                  int64_t *tokens, struct error *err)
{
    const struct count_way *way;
    bool other;

    while ((way = way_of(p))) {
        if (try_way(p, way, text, len, &other, tokens, err)) {
            p->counted = true;
            return true;
        }
        /* One that has counted before refuses this text, not the way. */
        if (!other || p->counted)
            return false;
        p->count_way++;
    }
    return refuse(err);
}
