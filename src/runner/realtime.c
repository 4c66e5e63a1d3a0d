#include "runner/realtime.h"

#include "runner/local.h"

/* What stands in a line in place of a batch line's own members. */
#define LINE_BEGIN "{\"custom_id\":\""
#define LINE_MIDDLE                                                            \
    "\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":"

/* head: {"key":"    middle: ","request":{...    */
static bool rewrite(const struct provider_single *single,
                    struct request_template *t, struct error *err)
{
    char name[64];
    struct strbuf middle;
    const char *at;
    bool good;

    snprintf(name, sizeof(name), "\"%s\":\"", single->id);
    good = strstr(t->head.data, name) != NULL;
    snprintf(name, sizeof(name), "\"%s\":", single->body);
    at = strstr(t->middle.data, name);
    if (!good || !at)
        return error_set(err, ERROR_SETUP,
                         "the provider's lines can't be asked one by one");
    strbuf_init(&middle, 16 * MIB);
    strbuf_adds(&middle, LINE_MIDDLE);
    strbuf_adds(&middle, at + strlen(name));
    strbuf_clear(&t->head);
    strbuf_adds(&t->head, LINE_BEGIN);
    strbuf_release(&t->middle);
    t->middle = middle;
    return (strbuf_ok(&t->middle) && strbuf_ok(&t->head)) || error_memory(err);
}

bool realtime_prepare(const struct provider *self,
                      const struct request_profile *profile,
                      struct request_template *t, struct error *err)
{
    return self->base->prepare(self, profile, t, err) &&
           rewrite(self->base->single, t, err);
}

/* "models/x" is said as well. */
static bool is_model_name(const char *model)
{
    return *model && strspn(model, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
                                   "qrstuvwxyz0123456789-._@") == strlen(model);
}

bool realtime_path(const struct provider *self, struct strbuf *out,
                   struct error *err)
{
    const char *model = self->settings->model ? self->settings->model : "";
    const char *path = self->base ? self->base->single->path : "";
    const char *gap = strstr(path, "%s");

    if (strncmp(model, "models/", 7) == 0)
        model += 7;
    if (gap && !is_model_name(model))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "provider.model %.100s is no name of a model", model);
    strbuf_add(out, path, gap ? (size_t)(gap - path) : strlen(path));
    if (gap) {
        strbuf_adds(out, model);
        strbuf_adds(out, gap + 2);
    }
    if (*path && self->query[0])
        strbuf_addf(out, "?%s", self->query);
    return strbuf_ok(out) || error_memory(err);
}

void realtime_register(void)
{
    provider_register(&provider_local);
    provider_register_runner(&provider_realtime);
}
