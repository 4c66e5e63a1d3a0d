#include "provider/models.h"

#include <json-c/json.h>

#include "provider/call.h"

/* OpenAI and Anthropic: data[].id; Gemini: models[].name, "models/NAME"; an
 * array without a frame (Together). */
static bool add_name(struct model_list *list, const struct json_object *one)
{
    char *name = list->names[list->count];

    read_text(one, "id", name, sizeof(list->names[0]));
    if (!name[0])
        read_text(one, "name", name, sizeof(list->names[0]));
    if (!strncmp(name, "models/", 7))
        memmove(name, name + 7, strlen(name + 7) + 1);
    list->count += name[0] != '\0';
    return list->count < MODELS_MOST;
}

static bool read_list(struct json_object *answer, struct model_list *list,
                      struct error *err)
{
    struct json_object *found = answer;
    size_t i, n;

    if (!json_object_is_type(found, json_type_array))
        found = json_get(answer, "data");
    if (!json_object_is_type(found, json_type_array))
        found = json_get(answer, "models");
    n = json_object_is_type(found, json_type_array)
            ? json_object_array_length(found)
            : 0;
    list->names =
        calloc((n < MODELS_MOST ? n : MODELS_MOST) + 1, sizeof(*list->names));
    if (!list->names)
        return error_memory(err);
    for (i = 0; i < n; i++)
        if (!add_name(list, json_object_array_get_idx(found, i)))
            break;
    return true;
}

bool models_list(struct provider *p, struct model_list *list, struct error *err)
{
    struct call c = { .what = "listing the models", .method = "GET" };
    struct json_object *answer;
    char *url;
    bool ok;

    memset(list, 0, sizeof(*list));
    if (!provider_ready(p, err))
        return false;
    url = call_url(p, "/models", NULL, err);
    if (!url)
        return false;
    c.url = url;
    answer = call_json(p, &c, err);
    free(url);
    /* It answers, but knows no such list. */
    if (!answer && (c.status == 404 || c.status == 405 || c.status == 501)) {
        error_clear(err);
        return true;
    }
    if (!answer)
        return false;
    ok = read_list(answer, list, err);
    json_free(answer);
    return ok;
}

void models_release(struct model_list *list)
{
    free(list->names);
    memset(list, 0, sizeof(*list));
}

bool models_hold(const struct model_list *list, const char *name)
{
    size_t i, len = strlen(name);

    for (i = 0; i < list->count; i++)
        if (!strncmp(list->names[i], name, len) &&
            (!list->names[i][len] || !strcmp(list->names[i] + len, ":latest")))
            return true;
    return false;
}
