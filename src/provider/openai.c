/*
 * openai.c -- request lines of the OpenAI dialect, and the tables of those
 * who speak it.
 *
 * In a line everything that requests share comes first and the text last,
 * so that servers' prefix caches are hit.
 */
#include "provider/openai.h"

#include "base/json.h"
#include "provider/batches.h"
#include "provider/call.h"
#include "provider/count.h"
#include "provider/subset.h"
#include "provider/template.h"

/* -- who speaks it -- */

#define FUNCTIONS                                                              \
    .prepare = openai_prepare, .decode = openai_decode,                        \
    .upload = openai_upload, .create = openai_create, .find = batch_find,      \
    .poll = openai_poll, .cancel = openai_cancel, .download = openai_download, \
    .remove_file = openai_remove_file, .check = openai_check,                  \
    .counts = count_openai, .listing = &openai_listing

const struct provider_single openai_single = {
    .path = "/chat/completions",
    .wanted = "choices",
    .id = "custom_id",
    .body = "body",
    .decode = openai_decode_body,
};

static const struct provider_single single_response = {
    .path = "/responses",
    .wanted = "output",
    .id = "custom_id",
    .body = "body",
    .decode = openai_decode_body,
};

#define CAPS (PROVIDER_BATCHES | PROVIDER_FIND | PROVIDER_REALTIME)

static const struct openai_dialect own = {
    .purpose = "batch",
    .endpoint = "/v1/chat/completions",
    .length = "max_completion_tokens",
    .subset = "openai",
    .anchor = "expires_after[anchor]",
    .seconds = "expires_after[seconds]",
    /* Longer than the window and a stay in the queue, but not much;
     * remove_file() is usually earlier. */
    .expiry = "259200",
    .has_store = true,
};

const struct provider_ops provider_openai = {
    .name = "openai",
    .default_base_url = "https://api.openai.com/v1",
    .needs_key = true,
    .caps = CAPS,
    /* 50,000 requests, 200 MB (decimal; kept below) */
    .limits = { .requests = 50000,
                .bytes = 199000000,
                .line_bytes = 8000000,
                .window = 86400,
                .poll_floor = 1 },
    .dialect = &own,
    .single = &openai_single,
    FUNCTIONS,
};

static const struct openai_dialect responses = {
    .purpose = "batch",
    .endpoint = "/v1/responses",
    .length = "max_output_tokens",
    .subset = "openai",
    .anchor = "expires_after[anchor]",
    .seconds = "expires_after[seconds]",
    .expiry = "259200",
    .has_store = true,
    .responses = true,
};

const struct provider_ops provider_responses = {
    .name = "responses",
    .default_base_url = "https://api.openai.com/v1",
    .needs_key = true,
    .caps = CAPS,
    .limits = { .requests = 50000,
                .bytes = 199000000,
                .line_bytes = 8000000,
                .window = 86400,
                .poll_floor = 1 },
    .dialect = &responses,
    .single = &single_response,
    FUNCTIONS,
};

/* Microsoft's manual of March 2026.  Jobs over 24 h are not expired there. */
static const struct openai_dialect azure = {
    .purpose = "batch",
    .endpoint = "/chat/completions",
    .length = "max_completion_tokens",
    .subset = "azure",
    .anchor = "expires_after.anchor",
    .seconds = "expires_after.seconds",
    .expiry = "1209600", /* 14 days, its least */
    .awaits_file = true,
};

/* ".../openai/v1" needs no api-version; ".../openai" is the older form. */
static bool azure_open(struct provider *self, struct error *err)
{
    size_t len = strlen(self->base_url);

    if (len >= 7 && !strcmp(self->base_url + len - 7, "/openai"))
        snprintf(self->query, sizeof(self->query), "api-version=2024-10-21");
    return provider_http(self, self->ops->key_header, NULL, err);
}

const struct provider_ops provider_azure = {
    .name = "azure",
    .needs_key = true,
    .caps = CAPS,
    .limits = { .requests = 100000,
                .bytes = 199000000,
                .line_bytes = 8000000,
                .window = 259200,
                .poll_floor = 60 },
    .key_header = "api-key: %s",
    .dialect = &azure,
    .single = &openai_single,
    .open = azure_open,
    FUNCTIONS,
};

/* groq/groq-python, August 2026. */
static const struct openai_dialect groq = {
    .purpose = "batch",
    .endpoint = "/v1/chat/completions",
    .length = "max_completion_tokens",
};

const struct provider_ops provider_groq = {
    .name = "groq",
    .default_base_url = "https://api.groq.com/openai/v1",
    .needs_key = true,
    .caps = CAPS,
    .limits = { .requests = 50000,
                .bytes = 99000000,
                .line_bytes = 8000000,
                .window = 86400,
                .poll_floor = 10 },
    .dialect = &groq,
    .single = &openai_single,
    FUNCTIONS,
};

/* A server of one's own, or one that looks like OpenAI. */
static const struct openai_dialect local = {
    .purpose = "batch",
    .endpoint = "/v1/chat/completions",
    .length = "max_tokens",
};

/* -- request lines -- */

/* Models that answer 400 to any temperature but 1. */
static const char *const reasoning[] = { "o1", "o3", "o4-mini", "gpt-5" };

static bool takes_temperature(const char *model)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(reasoning); i++)
        if (!strncmp(model, reasoning[i], strlen(reasoning[i])))
            return false;
    return true;
}

static void add_message(struct jsonw *w, const char *role, const char *text)
{
    jsonw_object(w, NULL);
    jsonw_text(w, "role", role);
    jsonw_text(w, "content", text);
    jsonw_end_object(w);
}

static void add_schema(struct jsonw *w, const struct request_profile *profile)
{
    jsonw_text(w, "name", profile->schema_name);
    jsonw_bool(w, "strict", true);
    jsonw_raw(w, "schema", profile->schema, strlen(profile->schema));
}

/* Chat nests it once more than the Responses API. */
static void add_format(struct jsonw *w, const struct request_profile *profile,
                       bool is_responses)
{
    jsonw_object(w, is_responses ? "text" : "response_format");
    if (is_responses)
        jsonw_object(w, "format");
    jsonw_text(w, "type", "json_schema");
    if (!is_responses)
        jsonw_object(w, "json_schema");
    add_schema(w, profile);
    jsonw_end_object(w);
    jsonw_end_object(w);
}

static void add_settings(struct jsonw *w, const struct request_profile *profile,
                         const struct openai_dialect *dialect,
                         struct json_object *extra)
{
    const char *format = dialect->responses ? "text" : "response_format";

    if (profile->temperature >= 0 && takes_temperature(profile->model) &&
        !template_overrides(extra, "temperature"))
        jsonw_real(w, "temperature", profile->temperature);
    if (profile->max_output_tokens > 0 &&
        !template_overrides(extra, dialect->length))
        jsonw_integer(w, dialect->length, profile->max_output_tokens);
    if (dialect->has_store && !template_overrides(extra, "store"))
        jsonw_bool(w, "store", false);
    if (profile->schema && !template_overrides(extra, format))
        add_format(w, profile, dialect->responses);
    template_add_extra(w, extra);
}

static void add_prompt(struct jsonw *w, const struct request_profile *profile,
                       bool is_responses)
{
    if (is_responses) {
        if (profile->system[0])
            jsonw_text(w, "instructions", profile->system);
        jsonw_text(w, "input", TEMPLATE_TEXT);
        return;
    }
    jsonw_array(w, "messages");
    if (profile->system[0])
        add_message(w, "system", profile->system);
    add_message(w, "user", TEMPLATE_TEXT);
    jsonw_end_array(w);
}

static void write_line(const struct request_profile *profile,
                       const struct openai_dialect *dialect,
                       struct json_object *extra, struct strbuf *line)
{
    struct jsonw w;

    jsonw_init(&w, line);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "custom_id", TEMPLATE_ID);
    if (!dialect->bare_lines) {
        jsonw_text(&w, "method", "POST");
        jsonw_text(&w, "url", dialect->endpoint);
    }
    jsonw_object(&w, "body");
    jsonw_text(&w, "model", profile->model);
    add_settings(&w, profile, dialect, extra);
    add_prompt(&w, profile, dialect->responses);
    jsonw_end_object(&w);
    jsonw_end_object(&w);
    strbuf_addc(line, '\n');
}

static const char reserved[] =
    "messages input instructions model stream n background";

static bool write_and_cut(const struct request_profile *profile,
                          const struct openai_dialect *dialect,
                          struct request_template *t, struct error *err)
{
    struct json_object *extra;
    struct strbuf line;
    bool good;

    if (!subset_extra(profile->extra_body, reserved, &extra, err))
        return false;
    strbuf_init(&line, TEMPLATE_LONGEST);
    write_line(profile, dialect, extra, &line);
    good = template_cut(&line, t, err);
    strbuf_release(&line);
    json_free(extra);
    return good;
}

static bool prepare_as(const struct openai_dialect *dialect,
                       const struct request_profile *profile,
                       struct request_template *t, struct error *err)
{
    struct request_profile mine = *profile;
    struct strbuf schema;
    bool good = true;

    if (!profile->model || !*profile->model)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "no model is set: set model in [provider]");
    strbuf_init(&schema, TEMPLATE_LONGEST);
    if (profile->schema && dialect->subset) {
        good = subset_schema(profile->schema, dialect->subset, &schema, err);
        mine.schema = schema.data;
    }
    good = good && write_and_cut(&mine, dialect, t, err);
    strbuf_release(&schema);
    return good;
}

bool openai_prepare(const struct provider *self,
                    const struct request_profile *profile,
                    struct request_template *t, struct error *err)
{
    const struct openai_dialect *dialect = self->ops->dialect;

    if (dialect == &own && !self->own)
        dialect = &local;
    return prepare_as(dialect, profile, t, err);
}

bool openai_prepare_local(const struct provider *self,
                          const struct request_profile *profile,
                          struct request_template *t, struct error *err)
{
    (void)self;
    return prepare_as(&local, profile, t, err);
}
