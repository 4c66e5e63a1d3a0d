/*
 * openai_check.c -- does the key work, is the model there?  Spends nothing.
 */
#include <json-c/json.h>

#include "provider/call.h"
#include "provider/openai.h"

static const char *model_of(const struct provider *self)
{
    return self->settings->model ? self->settings->model : "";
}

static bool no_model(const char *model, const char *others, struct error *err)
{
    error_exit(err, ERROR_SETUP, EXIT_PROVIDER,
               "there is no model %.80s%s%.200s: set model", model,
               *others ? "; there are " : "", others);
    error_code(err, "model");
    return false;
}

/* "name" also means "name:latest" (Ollama). */
static bool same_model(const char *id, const char *model)
{
    size_t len = strlen(model);

    return !strncmp(id, model, len) &&
           (!id[len] || !strcmp(id + len, ":latest"));
}

static bool look_for(struct provider *self, struct json_object *list,
                     struct strbuf *report, struct error *err)
{
    size_t i, n = json_object_array_length(list);
    struct strbuf others;
    char id[REMOTE_ID];
    bool there = false;

    strbuf_init(&others, 300);
    for (i = 0; i < n; i++) {
        read_text(json_object_array_get_idx(list, i), "id", id, sizeof(id));
        there = there || same_model(id, model_of(self));
        strbuf_addf(&others, "%s%.60s", i ? ", " : "", id);
    }
    if (there)
        strbuf_addf(report, "model %s is there\n", model_of(self));
    else if (n <= 1) /* llama-server: one model, whatever it is called */
        strbuf_addf(report,
                    "the server has %s, not %s; servers of one model usually "
                    "ignore the name\n",
                    n ? others.data : "no list of models", model_of(self));
    else
        no_model(model_of(self), others.data, err);
    strbuf_release(&others);
    return there || n <= 1;
}

static bool check_list(struct provider *self, struct strbuf *report,
                       struct error *err)
{
    struct call c = { .what = "listing the models", .method = "GET" };
    char *url = call_url(self, "/models", NULL, err);
    struct json_object *answer, *list;
    bool good;

    if (!url)
        return false;
    c.url = url;
    answer = call_json(self, &c, err);
    free(url);
    if (!answer)
        return false;
    list = json_object_is_type(answer, json_type_array)
               ? answer
               : json_get(answer, "data");
    if (json_object_is_type(list, json_type_array)) {
        good = look_for(self, list, report, err);
    } else {
        strbuf_adds(report, "the server answers, but lists no models\n");
        good = true;
    }
    json_free(answer);
    return good;
}

static void warn_plain(const struct provider *self, struct strbuf *report)
{
    if (self->key && !strncmp(self->base_url, "http:", 5) &&
        strcmp(self->host, "localhost") != 0 &&
        strcmp(self->host, "[::1]") != 0 && strncmp(self->host, "127.", 4) != 0)
        strbuf_addf(report,
                    "warning: the key goes to %s without encryption (http)\n",
                    self->host);
}

bool openai_check(struct provider *self, struct strbuf *report,
                  struct error *err)
{
    if (!provider_ready(self, err))
        return false;
    warn_plain(self, report);
    return self->own ? call_check_model(self, "/models/%s", model_of(self),
                                        report, err)
                     : check_list(self, report, err);
}
