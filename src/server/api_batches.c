#include <json-c/json_object_iterator.h>
#include <string.h>

#include "base/json.h"
#include "server/api.h"

#define MOST_PAIRS 16
#define LONGEST_NAME 64
#define LONGEST_VALUE 512
#define METADATA_MOST (64 * KIB)
#define DAY 86400.0
#define LONGEST_WINDOW (30 * DAY)

static double now_of(struct exchange *x)
{
    struct clock *clock = state_clock(api_of(x)->st);

    return clock->now(clock);
}

/* The batch as it is now; the state is locked. */
static void describe(struct exchange *x, const struct served_batch *b,
                     struct strbuf *out)
{
    struct jsonw w;

    strbuf_init(out, MIB);
    jsonw_init(&w, out);
    batch_write(b, now_of(x), &w);
}

/* The caller has locked the state; it is unlocked here. */
static void reply_batch(struct exchange *x, const struct served_batch *b)
{
    struct strbuf out;

    describe(x, b, &out);
    state_unlock(api_of(x)->st);
    api_reply(x, &out);
}

/* Locked when it is found; else it has replied. */
static struct served_batch *find_batch(struct exchange *x)
{
    struct state *st = api_of(x)->st;
    struct served_batch *b;

    state_lock(st);
    b = state_batch(st, api_owner(x), exchange_param(x));
    if (b)
        return b;
    state_unlock(st);
    api_not_found(x, "Batch");
    return NULL;
}

/* -- making -- */

/* Our own pairs, out of a batch that was read and is made again. */
static bool is_ours(const char *name)
{
    static const char *const ours[] = {
        "completion_pct",    "eta_seconds", "throughput_req_per_sec",
        "token_savings_pct", "paused",      "waiting_for",
        "prompt_groups"
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(ours); i++)
        if (!strcmp(name, ours[i]))
            return true;
    return false;
}

static size_t characters(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

static bool bad_metadata(struct exchange *x, const char *why)
{
    api_error(x, 400, "invalid_value", "metadata", "metadata: %s", why);
    return false;
}

/* In the words of OpenAI, which name the pair. */
static bool check_pair(struct exchange *x, const char *name,
                       struct json_object *value)
{
    size_t long_name = characters(name), long_value;
    char param[10 + 4 * LONGEST_NAME];

    if (long_name > LONGEST_NAME) {
        api_error(x, 400, "property_name_above_max_length", "metadata",
                  "Invalid property name in 'metadata': too long. Expected a "
                  "string with maximum length %d, but got a string with "
                  "length %zu instead.",
                  LONGEST_NAME, long_name);
        return false;
    }
    snprintf(param, sizeof(param), "metadata.%s", name);
    if (!json_object_is_type(value, json_type_string)) {
        api_error(x, 400, "invalid_type", param,
                  "Invalid type for '%s': expected a string.", param);
        return false;
    }
    long_value = characters(json_object_get_string(value));
    if (long_value > LONGEST_VALUE)
        api_error(x, 400, "string_above_max_length", param,
                  "Invalid '%s': string too long. Expected a string with "
                  "maximum length %d, but got a string with length %zu "
                  "instead.",
                  param, LONGEST_VALUE, long_value);
    return long_value <= LONGEST_VALUE;
}

/* Our own pairs don't count. */
static bool check_count(struct exchange *x, int count)
{
    if (count > MOST_PAIRS)
        api_error(x, 400, "object_above_max_properties", "metadata",
                  "Invalid 'metadata': too many properties. Expected an "
                  "object with at most %d properties, but got an object with "
                  "%d properties instead.",
                  MOST_PAIRS, count);
    return count <= MOST_PAIRS;
}

/* The client's pairs, into text. */
static bool copy_pairs(struct exchange *x, struct json_object *metadata,
                       struct strbuf *text)
{
    struct json_object_iterator at = json_object_iter_begin(metadata);
    struct json_object_iterator end = json_object_iter_end(metadata);
    struct json_object *value;
    const char *name;
    struct jsonw w;
    int count = 0;

    jsonw_init(&w, text);
    jsonw_object(&w, NULL);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        name = json_object_iter_peek_name(&at);
        value = json_object_iter_peek_value(&at);
        if (is_ours(name))
            continue;
        if (!check_pair(x, name, value))
            return false;
        jsonw_text(&w, name, json_object_get_string(value));
        count++;
    }
    jsonw_end_object(&w);
    return check_count(x, count);
}

static bool read_priority(struct exchange *x, struct json_object *metadata,
                          struct served_batch *b)
{
    const char *text = json_get_text(metadata, "priority");
    char *end;

    if (!text)
        return true;
    b->priority = strtol(text, &end, 10);
    if (!*text || *end || b->priority < -100 || b->priority > 100)
        return bad_metadata(x, "priority is a number from -100 to 100.");
    return true;
}

static bool read_metadata(struct exchange *x, struct json_object *metadata,
                          struct served_batch *b)
{
    const char *skip = json_get_text(metadata, "invalid_lines");
    struct strbuf text;
    bool ok;

    if (!metadata)
        return true;
    if (!json_object_is_type(metadata, json_type_object))
        return bad_metadata(x, "it must be an object.");
    b->skip_invalid = skip && !strcmp(skip, "skip");
    strbuf_init(&text, METADATA_MOST);
    ok = copy_pairs(x, metadata, &text) && read_priority(x, metadata, b);
    b->metadata = ok ? strbuf_take(&text) : NULL; /* bounded: it fits */
    strbuf_release(&text);
    return ok;
}

/* "24h", "7d". */
static bool read_window(const char *text, double *seconds)
{
    char *end;
    long n;

    if (*text < '1' || *text > '9' || strlen(text) > 6)
        return false;
    n = strtol(text, &end, 10);
    if (strcmp(end, "h") != 0 && strcmp(end, "d") != 0)
        return false;
    *seconds = (double)n * (*end == 'd' ? DAY : 3600.0);
    return *seconds <= LONGEST_WINDOW;
}

static bool known_endpoint(const char *endpoint)
{
    static const char *const known[] = { "/v1/chat/completions",
                                         "/v1/completions", "/v1/embeddings",
                                         "/v1/responses" };
    size_t i;

    for (i = 0; i < ARRAY_LEN(known); i++)
        if (!strcmp(endpoint, known[i]))
            return true;
    return false;
}

/* A required text member; NULL = it has replied. */
static const char *need(struct exchange *x, struct json_object *body,
                        const char *name)
{
    const char *text = json_get_text(body, name);

    if (!text || !*text) {
        api_error(x, 400, "missing_required_parameter", name,
                  "Missing required parameter: '%s'.", name);
        return NULL;
    }
    return text;
}

static bool check_input(struct exchange *x, const char *id,
                        struct served_batch *b)
{
    struct state *st = api_of(x)->st;
    const struct served_file *f;
    bool found, fit;

    state_lock(st);
    f = state_file(st, api_owner(x), id);
    found = f;
    fit = f && !strcmp(f->purpose, "batch");
    state_unlock(st);
    if (!found)
        api_error(x, 400, "file_not_found", "input_file_id",
                  "There is no file %.60s.", id);
    else if (!fit)
        api_error(x, 400, "invalid_value", "input_file_id",
                  "The purpose of %.60s is not batch.", id);
    snprintf(b->input, sizeof(b->input), "%s", id);
    return found && fit;
}

static bool read_batch(struct exchange *x, struct json_object *body,
                       struct served_batch *b)
{
    const char *input = need(x, body, "input_file_id");
    const char *endpoint = input ? need(x, body, "endpoint") : NULL;
    const char *window = endpoint ? need(x, body, "completion_window") : NULL;
    double seconds;

    if (!window)
        return false;
    if (!known_endpoint(endpoint)) {
        api_error(x, 400, "invalid_value", "endpoint",
                  "endpoint must be /v1/chat/completions, /v1/completions, "
                  "/v1/embeddings or /v1/responses.");
        return false;
    }
    if (!read_window(window, &seconds)) {
        api_error(x, 400, "invalid_value", "completion_window",
                  "completion_window must be 24h, or so many hours (h) or "
                  "days (d), 30d at most.");
        return false;
    }
    snprintf(b->endpoint, sizeof(b->endpoint), "%s", endpoint);
    snprintf(b->window, sizeof(b->window), "%s", window);
    b->at[SERVED_VALIDATING] = now_of(x);
    b->expires_at = b->at[SERVED_VALIDATING] + seconds;
    return check_input(x, input, b) &&
           read_metadata(x, json_get(body, "metadata"), b);
}

static bool name_batch(struct exchange *x, struct served_batch *b,
                       struct error *err)
{
    struct state *st = api_of(x)->st;

    snprintf(b->owner, sizeof(b->owner), "%s", api_owner(x));
    return state_new_id(st, "batch_", b->id, err) &&
           state_new_id(st, "file-", b->output, err) &&
           state_new_id(st, "file-", b->errors, err);
}

void api_add_batch(struct exchange *x, struct served_batch *b)
{
    struct api *api = api_of(x);
    struct error err;

    if (!name_batch(x, b, &err)) {
        served_batch_free(b);
        api_failure(x, &err);
    } else if (!state_add_batch(api->st, b, &err)) {
        api_failure(x, &err);
    } else {
        state_lock(api->st);
        reply_batch(x, b);
        dispatcher_tell(api->dispatcher, b);
    }
}

void api_create_batch(struct exchange *x)
{
    struct strbuf *text = exchange_body(x);
    struct served_batch *b = calloc(1, sizeof(*b));
    struct json_object *body;
    struct error err;

    body = json_parse(text->data, text->len, &err);
    if (!b || !json_object_is_type(body, json_type_object))
        api_error(x, 400, "invalid_json", NULL,
                  "The body must be a JSON object.");
    else if (read_batch(x, body, b)) {
        api_add_batch(x, b);
        b = NULL;
    }
    served_batch_free(b);
    json_free(body);
}

/* -- looking -- */

void api_get_batch(struct exchange *x)
{
    struct served_batch *b = find_batch(x);

    if (b)
        reply_batch(x, b);
}

static const char *batch_id(struct exchange *x, size_t i)
{
    return state_batch_at(api_of(x)->st, i)->id;
}

static bool list_batch(struct exchange *x, size_t i, struct jsonw *w)
{
    const struct served_batch *b = state_batch_at(api_of(x)->st, i);

    if (strcmp(b->owner, api_owner(x)) != 0)
        return false;
    if (w)
        batch_write(b, now_of(x), w);
    return true;
}

void api_list_batches(struct exchange *x)
{
    static const struct api_list list = { state_batch_count, list_batch,
                                          batch_id, 20, 100 };

    api_reply_list(x, &list);
}

/* -- changing -- */

/* Unlocks; what was changed is durable before the client is told. */
static void keep_change(struct exchange *x, struct served_batch *b)
{
    struct api *api = api_of(x);
    struct strbuf out;
    struct error err;

    b->version++;
    describe(x, b, &out);
    state_unlock(api->st);
    if (state_save_batch(api->st, b, &err))
        api_reply(x, &out);
    else
        api_failure(x, &err);
    strbuf_release(&out);
    dispatcher_tell(api->dispatcher, b);
}

/* Unlocks. */
static void too_late(struct exchange *x, const struct served_batch *b,
                     const char *what)
{
    const char *status = served_status_names[b->status];

    state_unlock(api_of(x)->st);
    api_error(x, 409, "invalid_status", NULL, "A batch that is %s can't be %s.",
              status, what);
}

void api_cancel_batch(struct exchange *x)
{
    struct served_batch *b = find_batch(x);

    if (!b)
        return;
    if (b->status == SERVED_CANCELLING) {
        reply_batch(x, b);
    } else if (served_is_final(b->status)) {
        too_late(x, b, "cancelled");
    } else {
        served_move(api_of(x)->st, b, SERVED_CANCELLING);
        keep_change(x, b);
    }
}

static void set_paused(struct exchange *x, bool paused, const char *what)
{
    struct served_batch *b = find_batch(x);

    if (!b)
        return;
    if (served_is_final(b->status) || b->status == SERVED_CANCELLING) {
        too_late(x, b, what);
        return;
    }
    b->paused = paused;
    b->not_before = 0;
    keep_change(x, b);
}

void api_pause_batch(struct exchange *x)
{
    set_paused(x, true, "paused");
}

void api_resume_batch(struct exchange *x)
{
    set_paused(x, false, "resumed");
}
