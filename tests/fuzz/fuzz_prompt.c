/*
 * A resume on its way out: always between delimiters that don't occur in
 * it, valid UTF-8, nothing invisible, the same twice; and hidden contact
 * data comes back.
 */
#include <strings.h>

#include "base/text.h"
#include "extract/prompt.h"
#include "extract/redact.h"
#include "tests/fuzz/fuzz.h"

static struct strbuf first, second, clean, hidden, back;
static struct redaction *redaction;

static void begin(void)
{
    struct error err;

    strbuf_init(&first, 64 * MIB);
    strbuf_init(&second, 64 * MIB);
    strbuf_init(&clean, 64 * MIB);
    strbuf_init(&hidden, 64 * MIB);
    strbuf_init(&back, 64 * MIB);
    redaction = redaction_new(&err);
    fuzz_check(redaction);
}

static bool holds(const char *s, size_t len, const char *word)
{
    size_t n = strlen(word);
    size_t i;

    for (i = 0; i + n <= len; i++)
        if (!strncasecmp(s + i, word, n))
            return true;
    return false;
}

/* "<document 01234567>\n" body "\n</document 01234567>\nAnswer ..." */
static void check_frame(const struct strbuf *prompt)
{
    static const char tail[] =
        ">\nAnswer with the JSON object for this document.";
    size_t tail_len = strlen(tail) + 20;
    char number[9];
    const char *body = prompt->data + 20;
    size_t len;

    fuzz_check(prompt->len > 20 + tail_len);
    len = prompt->len - 20 - tail_len;
    memcpy(number, prompt->data + 10, 8);
    number[8] = '\0';
    fuzz_check(!memcmp(prompt->data, "<document ", 10));
    fuzz_check(!memcmp(prompt->data + 18, ">\n", 2));
    fuzz_check(!memcmp(body + len, "\n</document ", 12));
    fuzz_check(!memcmp(body + len + 12, number, 8));
    fuzz_check(!strcmp(body + len + 20, tail));
    fuzz_check(!holds(body, len, number));
    fuzz_check(!holds(body, len, "<document") &&
               !holds(body, len, "</document"));
    fuzz_check(!holds(body, len, "<|"));
    fuzz_check(utf8_valid(body, len));
}

static void contacts_come_back(const char *text, size_t size)
{
    struct error err;

    strbuf_clear(&clean);
    strbuf_clear(&hidden);
    strbuf_clear(&back);
    prompt_clean(text, size, &clean);
    fuzz_check(redaction_find(redaction, clean.data, clean.len, &err));
    redaction_hide(redaction, &hidden);
    redaction_restore(redaction, hidden.data, hidden.len, &back);
    /* A placeholder of the text's own may be taken for one of ours. */
    if (holds(clean.data, clean.len, "mail-") ||
        holds(clean.data, clean.len, "hone-") ||
        holds(clean.data, clean.len, "ress-") ||
        holds(clean.data, clean.len, "url-"))
        return;
    fuzz_check(back.len == clean.len &&
               !memcmp(back.data, clean.data, back.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct prompt_limits limits = { 0 };
    enum prompt_verdict verdict, again;
    unsigned flags, flags_again;
    struct error err;

    if (!redaction)
        begin();
    if (size && (data[0] & 1))
        limits.max_tokens = 30;
    limits.redact = size && (data[0] & 2);
    strbuf_clear(&first);
    strbuf_clear(&second);
    fuzz_check(
        prompt_build(text, size, &limits, &first, &verdict, &flags, &err));
    fuzz_check(
        prompt_build(text, size, &limits, &second, &again, &flags_again, &err));
    fuzz_check(verdict == again && flags == flags_again &&
               first.len == second.len &&
               !memcmp(first.data, second.data, first.len));
    if (verdict == PROMPT_READY)
        check_frame(&first);
    else
        fuzz_check(!first.len &&
                   text_is_blank(text, size) + !utf8_valid(text, size) > 0);
    contacts_come_back(text, size);
    return 0;
}
