/*
 * A settings file from anybody: read or refused by line, never half a
 * value; what is printed afterwards is a line a setting, or valid JSON.
 */
#include "base/jsonr.h"
#include "base/settings.h"
#include "cli/cli_settings.h"
#include "tests/fuzz/fuzz.h"

static struct strbuf out;
static struct json_doc *doc;

static void numbers_stay_in_bounds(const struct vitae_settings *v)
{
    fuzz_check(v->batch.batch_size >= 1 && v->batch.batch_size <= 50000);
    fuzz_check(v->batch.lease >= 1 && v->batch.lease <= 3600);
    fuzz_check(v->provider.temperature >= 0 && v->provider.temperature <= 2);
    fuzz_check(v->batch.max_cost >= 0);
    fuzz_check(v->extract.grounding >= GROUNDING_FLAG &&
               v->extract.grounding <= GROUNDING_OFF);
    fuzz_check(v->extract.profile == NULL || *v->extract.profile);
}

static void secrets_stay_out(const struct vitae_settings *v)
{
    fuzz_check(!v->provider.api_key && !v->database.password);
}

static size_t settings_in(struct settings *s)
{
    size_t rows = vitae_schema.count;
    size_t named = 0;
    size_t i;

    for (i = 0; i < vitae_schema.count; i++)
        named += strcmp(vitae_schema.rows[i].section, "provider") == 0;
    for (i = 0; settings_name_at(s, i); i++)
        rows += named;
    return rows;
}

static void printing_holds(struct settings *s)
{
    struct error err;
    size_t lines = 0;
    size_t i;

    strbuf_clear(&out);
    settings_print(s, false, &out);
    fuzz_check(strbuf_ok(&out));
    for (i = 0; i < out.len; i++)
        lines += out.data[i] == '\n';
    fuzz_check(lines == settings_in(s));
    strbuf_clear(&out);
    settings_print(s, true, &out);
    fuzz_check(json_read(doc, out.data, out.len, &json_limits_default, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vitae_settings values;
    struct settings *s = NULL;
    struct error err;
    bool ok;

    if (!doc) {
        doc = json_doc_new();
        strbuf_init(&out, 64 * MIB);
    }
    memset(&values, 0, sizeof(values));
    fuzz_check(settings_init(&s, &vitae_schema, &values, &err));
    ok = settings_read(s, (const char *)data, size, "fuzz.conf", &err);
    fuzz_check(ok || (err.exit == EXIT_SETTINGS && err.message[0]));
    numbers_stay_in_bounds(&values);
    secrets_stay_out(&values);
    printing_holds(s);
    settings_release(s);
    return 0;
}
