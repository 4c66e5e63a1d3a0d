#include "cli/cli_settings.h"

#include "base/log.h"
#include "tests/tap.h"

static void every_default_is_accepted(void)
{
    struct vitae_settings *values = calloc(1, sizeof(*values));
    struct settings *settings = NULL;
    struct error err = { .message = "" };

    ok(settings_init(&settings, &vitae_schema, values, &err), "read: %s",
       err.message);
    is_str(values->provider.name, "openai", "the provider");
    is_str(values->provider.model, "gpt-4o-mini-2024-07-18", "the model");
    ok(values->provider.temperature == 0.2, "the temperature");
    is_str(values->provider.completion_window, "24h", "the window");
    is_str(values->log.file, "batch_api.log", "the log file");
    is_int(values->log.level, LOG_LEVEL_INFO, "the level of the log");
    ok(values->batch.keep_events >= 180.0 * 86400, "events: six months");
    settings_release(settings);
    free(values);
}

static bool same_place(const struct setting_row *a, const struct setting_row *b)
{
    return a->offset == b->offset || (strcmp(a->section, b->section) == 0 &&
                                      strcmp(a->name, b->name) == 0);
}

static void rows_are_well_formed(void)
{
    const struct settings_schema *s = &vitae_schema;
    size_t i;
    size_t k;

    for (i = 0; i < s->count; i++) {
        const struct setting_row *row = &s->rows[i];
        bool alone = true;
        bool together = i == 0;
        size_t len = strlen(row->help);

        for (k = 0; k < i; k++)
            alone = alone && !same_place(row, &s->rows[k]);
        for (k = 0; k < i; k++)
            if (strcmp(row->section, s->rows[k].section) == 0)
                together = k == i - 1;
        for (k = 0; k < s->section_count; k++)
            if (strcmp(row->section, s->sections[k].name) == 0)
                break;
        ok(alone, "%s.%s stands once", row->section, row->name);
        ok(k < s->section_count, "its section is explained");
        ok(together || strcmp(row->section, s->rows[i - 1].section) != 0,
           "and in one piece");
        ok(len > 3 && row->help[len - 1] != '.', "help is no full sentence");
        ok(row->type != SETTING_SECRET || !row->initial,
           "a secret has no default");
        ok(row->initial || row->type <= SETTING_PATH,
           "what is no text has a default");
    }
}

int main(void)
{
    every_default_is_accepted();
    rows_are_well_formed();
    return tap_done();
}
