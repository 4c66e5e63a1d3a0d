#include "server/upstream_ask.h"

#include <string.h>

#include "base/json.h"

#define ANSWER_MOST (4 * MIB)
#define ASK_SECONDS 10.0

struct asking {
    struct http *http;
    const char *base, *header;
    const volatile bool *stop;
    long status;
};

void upstream_host(const char *base, struct strbuf *out)
{
    const char *at = strstr(base, "://");
    size_t len;

    at = at ? at + 3 : base;
    len = *at == '[' ? strcspn(at, "]") + 1 : strcspn(at, ":/");
    strbuf_addf(out, "%s%.*s", out->len ? "," : "", (int)len, at);
}

void upstream_facts_release(struct upstream_facts *facts)
{
    free(facts->models);
    *facts = (struct upstream_facts){ 0 };
}

/* The answer as JSON; NULL with 200 it isn't, or another status (no error),
 * or no answer at all (err, status 0). */
static struct json_object *get(struct asking *a, const char *base,
                               const char *path, struct error *err)
{
    struct http_response response = { 0 };
    struct http_request request = { .method = "GET",
                                    .timeout = ASK_SECONDS,
                                    .stop = a->stop };
    struct json_object *object = NULL;
    struct error ignored;
    char url[1200];

    a->status = 0;
    snprintf(url, sizeof(url), "%s%s", base, path);
    request.url = url;
    request.headers = &a->header;
    request.header_count = a->header != NULL;
    strbuf_init(&response.body, ANSWER_MOST);
    if (http_send(a->http, &request, &response, err)) {
        a->status = response.status;
        if (response.status == 200)
            object =
                json_parse(response.body.data, response.body.len, &ignored);
        else
            http_failure(&response, "the upstream", err);
    }
    strbuf_release(&response.body);
    return object;
}

/* The same beside "/v1"; what goes wrong there doesn't matter. */
static struct json_object *get_beside(struct asking *a, const char *path)
{
    size_t len = strlen(a->base);
    char root[1024];
    struct error ignored;

    if (len >= 3 && !strcmp(a->base + len - 3, "/v1"))
        len -= 3;
    snprintf(root, sizeof(root), "%.*s", (int)len, a->base);
    return get(a, root, path, &ignored);
}

static void copy(const struct json_object *from, const char *name, char *out,
                 size_t size)
{
    const char *text = json_get_text(from, name);

    snprintf(out, size, "%s", text ? text : "");
}

static void add_model(struct upstream_facts *facts,
                      const struct json_object *one)
{
    struct upstream_model *m = &facts->models[facts->count];

    copy(one, "id", m->name, sizeof(m->name));
    copy(one, "owned_by", m->owner, sizeof(m->owner));
    m->created = json_get_integer(one, "created", 0);
    m->context = json_get_integer(one, "max_model_len", 0);
    facts->any_name = facts->any_name || !strcmp(m->owner, "llamacpp");
    facts->count += *m->name != '\0';
}

static bool read_models(struct json_object *answer,
                        struct upstream_facts *facts, struct error *err)
{
    struct json_object *list = json_get(answer, "data");
    size_t n = json_object_is_type(list, json_type_array)
                   ? json_object_array_length(list)
                   : 0;
    size_t i;

    n = n < UPSTREAM_MODELS ? n : UPSTREAM_MODELS;
    facts->models = calloc(n + 1, sizeof(*facts->models));
    if (!facts->models)
        return error_memory(err);
    for (i = 0; i < n; i++)
        add_model(facts, json_object_array_get_idx(list, i));
    facts->any_name = facts->any_name && facts->count == 1;
    return true;
}

/* -- contexts -- */

static void ask_llama(struct asking *a, struct upstream_facts *facts)
{
    struct json_object *answer = get_beside(a, "/props");
    struct json_object *usual = json_get(answer, "default_generation_settings");

    facts->context = json_get_integer(usual, "n_ctx", 0);
    facts->slots = json_get_integer(answer, "total_slots", 0);
    json_free(answer);
}

/* The member of the entry of that name, in each model. */
static void note_contexts(struct json_object *list, const char *name,
                          const char *member, struct upstream_facts *facts)
{
    size_t n = json_object_is_type(list, json_type_array)
                   ? json_object_array_length(list)
                   : 0;
    const struct json_object *one;
    const char *text;
    size_t i, k;

    for (i = 0; i < n; i++) {
        one = json_object_array_get_idx(list, i);
        text = json_get_text(one, name);
        facts->vram += json_get_integer(one, "size_vram", 0);
        for (k = 0; text && k < facts->count; k++)
            if (!strcmp(facts->models[k].name, text))
                facts->models[k].context = json_get_integer(one, member, 0);
    }
}

static void ask_ollama(struct asking *a, struct upstream_facts *facts)
{
    struct json_object *answer = get_beside(a, "/api/ps");

    note_contexts(json_get(answer, "models"), "name", "context_length", facts);
    json_free(answer);
}

static void ask_lm_studio(struct asking *a, struct upstream_facts *facts)
{
    struct json_object *answer = get_beside(a, "/api/v0/models");

    note_contexts(json_get(answer, "data"), "id", "loaded_context_length",
                  facts);
    json_free(answer);
}

static bool knows_a_context(const struct upstream_facts *facts)
{
    size_t i;

    for (i = 0; i < facts->count; i++)
        if (facts->models[i].context > 0)
            return true;
    return facts->context > 0;
}

bool upstream_ask(struct http *http, const char *base, const char *header,
                  const volatile bool *stop, struct upstream_facts *out,
                  struct error *err)
{
    static void (*const ways[])(struct asking *, struct upstream_facts *) = {
        ask_llama, ask_ollama, ask_lm_studio
    };
    struct asking a = { http, base, header, stop, 0 };
    struct json_object *answer;
    bool ok = true;
    size_t i;

    *out = (struct upstream_facts){ 0 };
    error_clear(err);
    answer = get(&a, base, "/models", err);
    if (answer)
        ok = read_models(answer, out, err);
    else
        ok = a.status == 200 || a.status == 404 || a.status == 405 ||
             a.status == 501;
    json_free(answer);
    for (i = 0; ok && i < ARRAY_LEN(ways) && !knows_a_context(out); i++)
        ways[i](&a, out);
    return ok;
}
