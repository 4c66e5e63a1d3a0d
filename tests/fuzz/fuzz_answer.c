/*
 * What a model says: whatever it is, it has an outcome, the same one twice,
 * and the values are fit to be stored.  After a NUL follows the resume.
 */
#include "base/text.h"
#include "extract/values.h"
#include "tests/fuzz/fuzz.h"

static struct profile *profile;
static struct values *values;
static struct strbuf first, second;

static void open_profile(void)
{
    static const char *const names[] = { "resume", "etc/profiles/resume",
                                         "../etc/profiles/resume" };
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(names) && !profile; i++)
        if (!profile_open(&profile, names[i], &err))
            profile = NULL;
    fuzz_check(profile);
    fuzz_check(values_new(&values, profile, NULL, &err));
    fuzz_check(values_set_redact(values, true, &err));
    strbuf_init(&first, 64 * MIB);
    strbuf_init(&second, 64 * MIB);
}

static void check_value(const struct column *c, const struct value *value)
{
    size_t i;

    if (value->state == VALUE_NULL) {
        fuzz_check(!value->text);
        return;
    }
    fuzz_check(value->len > 0 && utf8_valid(value->text, value->len));
    fuzz_check(!c->width ||
               utf8_characters(value->text, value->len) <= (size_t)c->width);
    for (i = 0; i < value->len; i++)
        fuzz_check((unsigned char)value->text[i] >= 0x20);
    if (c->type == COLUMN_MONTH)
        fuzz_check(value->len == 4 || value->len == 7);
    if (c->bounded)
        fuzz_check(value->number >= c->min && value->number <= c->max);
}

static enum values_outcome read_once(const char *content, size_t len,
                                     const char *resume, size_t resume_len,
                                     struct strbuf *seen)
{
    enum values_outcome outcome = VALUES_EMPTY;
    struct error err = { 0 };
    char detail[256] = "";
    size_t i;

    strbuf_clear(seen);
    fuzz_check(values_read(values, content, len, resume, resume_len, 1.7e9,
                           &outcome, detail, &err));
    fuzz_check(strlen(detail) < sizeof(detail));
    if (outcome > VALUES_REPAIRED) {
        fuzz_check(detail[0]);
        return outcome;
    }
    for (i = 0; i < profile->column_count; i++) {
        const struct value *value = values_at(values, i);

        check_value(&profile->columns[i], value);
        if (value->text)
            strbuf_add(seen, value->text, value->len);
        strbuf_addc(seen, '|');
    }
    values_flags(values, seen);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *content = (const char *)data;
    const char *nul = size ? memchr(content, 0, size) : NULL;
    size_t len = nul ? (size_t)(nul - content) : size;
    const char *resume = nul ? nul + 1 : NULL;
    size_t resume_len = nul ? size - len - 1 : 0;
    enum values_outcome outcome;

    if (!profile)
        open_profile();
    outcome = read_once(content, len, resume, resume_len, &first);
    fuzz_check(outcome == read_once(content, len, resume, resume_len, &second));
    fuzz_check(first.len == second.len &&
               !memcmp(first.data, second.data, first.len));
    return 0;
}
