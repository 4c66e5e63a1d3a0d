#include "batch/site.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/text.h"

#define SITE_AT (BATCH_KEY - 1 - SITE_DIGITS)

static bool describe(struct worker *w, struct strbuf *out, struct error *err)
{
    const struct batch_settings *s = w->settings.batch;
    char table[600];

    if (s->site && s->site[0]) {
        strbuf_addf(out, "named %s", s->site);
        return true;
    }
    ascii_lower(w->settings.source->table, table, sizeof(table));
    strbuf_addf(out, "%s|", table);
    return db_place(w->db, out, err);
}

bool site_open(struct worker *w, struct error *err)
{
    char hex[DIGEST_HEX];
    struct strbuf text;
    bool ok;

    strbuf_init(&text, 16 * KIB);
    ok = describe(w, &text, err) && (strbuf_ok(&text) || error_memory(err));
    if (ok) {
        digest_of(text.data, text.len, hex);
        snprintf(w->site, sizeof(w->site), "%.12s", hex);
    }
    strbuf_release(&text);
    return ok;
}

bool site_names_requests(const struct worker *w)
{
    const struct source_settings *s = w->settings.source;

    return !s->requests && !s->custom_column;
}

bool site_key(struct worker *w, char *out, struct error *err)
{
    if (!uuid_make(w->clock->now(w->clock), out, err))
        return false;
    memcpy(out + SITE_AT, w->site, SITE_DIGITS);
    return true;
}

const char *site_of_key(const char *key)
{
    static const char form[] = "xxxxxxxx-xxxx-7xxx-xxxx-xxxxxxxxxxxx";
    size_t i;

    for (i = 0; form[i]; i++) {
        bool fits = form[i] == 'x' ? isxdigit((unsigned char)key[i]) != 0
                                   : key[i] == form[i];

        if (!fits)
            return NULL;
    }
    return key[i] ? NULL : key + SITE_AT;
}

double site_key_time(const char *key)
{
    char digits[13];

    snprintf(digits, sizeof(digits), "%.8s%.4s", key, key + 9);
    return (double)strtoull(digits, NULL, 16) / 1000;
}
