/*
 * UTF-8 from outside: repaired text is valid and stays as it is when
 * repaired again, a cut never splits a character or passes its limit, a
 * fold is valid and linear, a quoted text reads back as the repaired one.
 */
#include "base/jsonr.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "tests/fuzz/fuzz.h"

static struct strbuf repaired, other, quoted;
static struct json_doc *doc;

/* The validity of text by decoding, the slow way. */
static size_t slow_valid_prefix(const char *s, size_t len)
{
    uint32_t codepoint;
    size_t at = 0;
    size_t n;

    while (at < len && (n = utf8_decode(s + at, len - at, &codepoint)))
        at += n;
    return at;
}

static void repair_repairs(const char *s, size_t len)
{
    struct text_repair what = { 0 }, nothing = { 0 };

    strbuf_clear(&repaired);
    strbuf_clear(&other);
    text_repair(s, len, &repaired, &what);
    fuzz_check(strbuf_ok(&repaired));
    fuzz_check(utf8_valid(repaired.data, repaired.len));
    fuzz_check(repaired.len <= 3 * len);
    fuzz_check((what.invalid == 0) == utf8_valid(s, len));
    fuzz_check(!memchr(repaired.data, '\0', repaired.len));
    fuzz_check(!memchr(repaired.data, '\r', repaired.len));
    /* A second mark at the start is the first one of what was left. */
    if (repaired.len >= 3 && !memcmp(repaired.data, "\xef\xbb\xbf", 3))
        return;
    text_repair(repaired.data, repaired.len, &other, &nothing);
    fuzz_check(!nothing.invalid && !nothing.nuls && !nothing.controls);
    fuzz_check(other.len == repaired.len &&
               !memcmp(other.data, repaired.data, other.len));
}

static size_t measure(const char *s, size_t len, enum text_unit unit)
{
    if (unit == TEXT_BYTES)
        return len;
    return unit == TEXT_UTF16 ? utf8_utf16_units(s, len)
                              : utf8_characters(s, len);
}

static void cuts_hold(const char *s, size_t len, size_t max)
{
    int unit;

    for (unit = TEXT_BYTES; unit <= TEXT_UTF16; unit++) {
        size_t n = utf8_cut(s, len, max, (enum text_unit)unit);

        fuzz_check(n <= len);
        fuzz_check(measure(s, n, (enum text_unit)unit) <= max);
        fuzz_check(utf8_valid(s, n) && utf8_valid(s + n, len - n));
        fuzz_check(n == len || measure(s, n, (enum text_unit)unit) + 40 > max);
    }
}

static void a_fold_is_valid(const char *s, size_t len)
{
    strbuf_clear(&other);
    text_fold(s, len, &other);
    fuzz_check(strbuf_ok(&other));
    fuzz_check(utf8_valid(other.data, other.len));
    fuzz_check(other.len <= 4 * len + 16);
}

static void quoting_reads_back(const char *s, size_t len)
{
    const struct json_node *node;
    struct error err;

    strbuf_clear(&quoted);
    strbuf_clear(&other);
    jsonw_quote(&quoted, s, len);
    node = json_read(doc, quoted.data, quoted.len, NULL, &err);
    fuzz_check(node && json_string(node, &other));
    if (utf8_valid(s, len))
        fuzz_check(other.len == len && !memcmp(other.data, s, len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *s = (const char *)data;

    if (!doc) {
        doc = json_doc_new();
        strbuf_init(&repaired, 64 * MIB);
        strbuf_init(&other, 64 * MIB);
        strbuf_init(&quoted, 64 * MIB);
    }
    fuzz_check(utf8_valid_prefix(s, size) == slow_valid_prefix(s, size));
    fuzz_check(utf8_characters(s, size) <= size);
    fuzz_check(utf8_utf16_units(s, size) >= utf8_characters(s, size));
    utf8_cut(s, size, size / 2, TEXT_CHARACTERS);
    (void)text_is_blank(s, size);
    repair_repairs(s, size);
    cuts_hold(repaired.data, repaired.len, size ? data[0] : 0);
    cuts_hold(repaired.data, repaired.len, size * 2 / 3);
    a_fold_is_valid(s, size);
    quoting_reads_back(s, size);
    return 0;
}
