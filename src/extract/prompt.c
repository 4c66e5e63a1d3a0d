#include "extract/prompt.h"

#include "base/text.h"
#include "extract/hostile.h"
#include "extract/redact.h"
#include "extract/tokens.h"

const char *const prompt_flag_names[PROMPT_FLAGS] = { "repaired", "invisible",
                                                      "suspicious", "cut" };

static const char open_format[] = "<document %08x>\n";
static const char close_format[] =
    "\n</document %08x>\nAnswer with the JSON object for this document.";
#define OPEN_LENGTH 20

/* Printable ASCII, tab, newline: nothing to repair.  Eight bytes a step. */
static size_t plain_length(const char *s, size_t len)
{
    const uint64_t ones = 0x0101010101010101u, high = ones * 0x80;
    size_t at = 0;

    for (; at + 8 <= len; at += 8) {
        uint64_t word, low, del;

        memcpy(&word, s + at, 8);
        low = ~((word | high) - ones * 0x20) & high; /* below a blank */
        del = ~(((word ^ ones * 0x7f) | high) - ones) & high;
        if ((word & high) | del)
            break;
        for (; low; low &= low - 1) {
            char c = s[at + (size_t)__builtin_ctzll(low) / 8];

            if (c != '\n' && c != '\t') /* most are line ends */
                return at;
        }
    }
    while (at < len &&
           ((s[at] >= 0x20 && s[at] < 0x7f) || s[at] == '\n' || s[at] == '\t'))
        at++;
    return at;
}

/* Where joiners are part of the writing: Arabic to Sinhala and on, emoji. */
static bool takes_joiner(uint32_t c)
{
    return (c >= 0x600 && c < 0x1100) || (c >= 0x1700 && c < 0x1900) ||
           (c >= 0x2190 && c < 0x2c00) || c >= 0x1f000;
}

/* Characters that stand for ASCII ones: full-width and mathematical letters,
 * the digits of other scripts. */
static const struct {
    uint32_t first, last;
    char to, again; /* where the run begins, and where its second half */
    int period;
} disguises[] = {
    { 0x660, 0x669, '0', 0, 10 },       { 0x6f0, 0x6f9, '0', 0, 10 },
    { 0x966, 0x96f, '0', 0, 10 },       { 0xff01, 0xff5e, '!', 0, 94 },
    { 0x1d400, 0x1d6a3, 'A', 'a', 52 }, { 0x1d7ce, 0x1d7ff, '0', 0, 10 },
};

/* The plain character behind it, or 0. */
static char undisguised(uint32_t c)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(disguises); i++)
        if (c >= disguises[i].first && c <= disguises[i].last) {
            int n = (int)(c - disguises[i].first) % disguises[i].period;

            return (char)(disguises[i].again && n > 25
                              ? disguises[i].again + n - 26
                              : disguises[i].to + n);
        }
    return 0;
}

/* Joiners and variation selectors within words and emoji, the soft hyphen
 * and the byte order mark: harmless, common in honest text. */
static bool is_honest(uint32_t c, uint32_t before)
{
    if (c == 0xad || c == 0xfeff)
        return true;
    return (c == 0x200c || c == 0x200d || c == 0xfe0e || c == 0xfe0f) &&
           takes_joiner(before);
}

/* Takes out what can't be seen, in place. */
static unsigned unveil(struct strbuf *out, size_t from)
{
    char *s = out->data;
    size_t at = from, to = from, run;
    uint32_t before = 0, c;
    unsigned flags = 0;

    while (at < out->len) {
        char plain;
        size_t n;

        for (run = at; run < out->len && (unsigned char)s[run] < 0xc2;)
            run++;
        memmove(s + to, s + at, run - at);
        to += run - at;
        at = run;
        if (at == out->len)
            break;
        n = utf8_decode(s + at, out->len - at, &c);
        plain = undisguised(c);
        if (plain) {
            s[to++] = plain;
        } else if (!text_is_zero_width(c) ||
                   (is_honest(c, before) && c != 0xad && c != 0xfeff)) {
            memmove(s + to, s + at, n);
            to += n;
        } else if (!is_honest(c, before)) {
            flags = PROMPT_INVISIBLE;
        }
        before = c;
        at += n;
    }
    strbuf_cut(out, to);
    return flags;
}

unsigned prompt_clean(const char *text, size_t len, struct strbuf *out)
{
    struct text_repair repair = { 0 };
    size_t from = out->len;
    unsigned flags = 0;

    if (plain_length(text, len) == len) {
        strbuf_add(out, text, len);
        return 0;
    }
    text_repair(text, len, out, &repair);
    if (repair.invalid || repair.nuls || repair.controls)
        flags |= PROMPT_REPAIRED;
    if (strbuf_ok(out))
        flags |= unveil(out, from);
    return flags;
}

/* Placeholders in place of contact data. */
static bool hide_by(struct redaction *r, struct strbuf *out, size_t from,
                    struct error *err)
{
    struct strbuf hidden;
    bool good;

    strbuf_init(&hidden, out->ceiling);
    good = redaction_find(r, out->data + from, out->len - from, err);
    if (good && redaction_count(r)) {
        redaction_hide(r, &hidden);
        strbuf_cut(out, from);
        strbuf_add(out, hidden.data, hidden.len);
        out->failed |= hidden.failed;
    }
    strbuf_release(&hidden);
    return good;
}

static bool hide_contacts(const struct prompt_limits *limits,
                          struct strbuf *out, size_t from, struct error *err)
{
    struct redaction *r = limits->redaction;
    bool good;

    if (r)
        return hide_by(r, out, from, err);
    r = redaction_new(err);
    good = r && hide_by(r, out, from, err);
    redaction_free(r);
    return good;
}

#define MARK_TOKENS 16 /* what the mark of a cut takes, and more */

/* Where to cut when nobody can count: the estimate, spread evenly. */
static void estimate_cut(const char *s, size_t len, size_t most,
                         struct token_cut *cut)
{
    size_t tail;

    memset(cut, 0, sizeof(*cut));
    cut->tokens = tokens_estimate(s, len);
    cut->head = cut->tail = len;
    if (cut->tokens <= most)
        return;
    cut->head = (size_t)((double)len * (double)most / (double)cut->tokens);
    tail = cut->head / 4;
    cut->head = utf8_cut(s, len, cut->head - tail, TEXT_BYTES);
    cut->tail = len - tail;
    while (cut->tail < len && ((unsigned char)s[cut->tail] & 0xc0) == 0x80)
        cut->tail++;
    cut->head_tokens = most;
}

/* By the model's own tokenizer, where there is one to ask. */
static bool ask_cut(const char *s, size_t len,
                    const struct prompt_limits *limits, size_t most,
                    struct token_cut *cut)
{
    struct error ignored;

    return limits->teller &&
           tokens_cut_asked(limits->teller, s, len, most - most / 4, most / 4,
                            cut, &ignored);
}

/* False: it fits as it is.  *exact: the numbers are counted. */
static bool find_cut(const char *s, size_t len,
                     const struct prompt_limits *limits, struct token_cut *cut,
                     bool *exact)
{
    size_t most;

    *exact = true;
    if (!limits || limits->max_tokens <= 0)
        return false;
    most = (size_t)limits->max_tokens;
    if (limits->counter ? !tokens_exceed(limits->counter, s, len, most)
                        : tokens_estimate(s, len) <= most)
        return false;
    most -= most > 2 * MARK_TOKENS ? MARK_TOKENS : 0;
    if (limits->counter)
        tokens_cut(limits->counter, s, len, most - most / 4, most / 4, cut);
    else if (!ask_cut(s, len, limits, most, cut)) {
        *exact = false;
        estimate_cut(s, len, most, cut);
    }
    return cut->head < cut->tail;
}

/* The middle goes: the newest jobs stand at the head, education and skills
 * often at the tail. */
static unsigned cut_middle(struct strbuf *out, size_t from,
                           const struct prompt_limits *limits)
{
    struct token_cut cut;
    struct strbuf tail;
    bool exact;

    if (!find_cut(out->data + from, out->len - from, limits, &cut, &exact))
        return 0;
    strbuf_init(&tail, out->ceiling);
    strbuf_addf(&tail, "\n[... %s%zu tokens left out ...]\n",
                exact ? "" : "about ",
                cut.tokens - cut.head_tokens - cut.tail_tokens);
    strbuf_add(&tail, out->data + from + cut.tail, out->len - from - cut.tail);
    strbuf_cut(out, from + cut.head);
    strbuf_add(out, tail.data, tail.len);
    out->failed |= tail.failed;
    strbuf_release(&tail);
    return PROMPT_CUT;
}

/* A number that follows from the text. */
static uint32_t number_of(const char *s, size_t len)
{
    uint64_t a = len, b = 0x9e3779b97f4a7c15u, word = 0;
    size_t at;

    for (at = 0; at + 8 <= len; at += 8) {
        memcpy(&word, s + at, 8);
        a = (a ^ word) * 0xff51afd7ed558ccdu;
        b += a ^ a >> 29;
    }
    word = 0;
    memcpy(&word, s + at, len - at);
    a = (a ^ word) * 0xff51afd7ed558ccdu;
    b = (b + a) * 0xc4ceb9fe1a85ec53u;
    return (uint32_t)(b >> 32);
}

/* One that doesn't occur in it. */
static uint32_t find_number(const char *s, size_t len)
{
    uint32_t number = number_of(s, len);
    char digits[9];
    size_t at;

    for (;; number += 0x9e3779b9u) {
        snprintf(digits, sizeof(digits), "%08x", number);
        for (at = 0; at + 8 <= len; at++) {
            const char *next = memchr(s + at, digits[0], len - at - 7);

            if (!next) {
                at = len;
                break;
            }
            at = (size_t)(next - s);
            if (!memcmp(next, digits, 8))
                break;
        }
        if (at + 8 > len)
            return number;
    }
}

/* What somebody asks in so many words: only what is no text is mended. */
static bool build_plain(const char *text, size_t len,
                        const struct prompt_limits *limits, struct strbuf *out,
                        enum prompt_verdict *verdict, unsigned *flags,
                        struct error *err)
{
    size_t from = out->len;

    *flags = prompt_clean(text, len, out);
    if (text_is_blank(out->data + from, out->len - from)) {
        strbuf_cut(out, from);
        return true;
    }
    if (limits->redact && !hide_contacts(limits, out, from, err))
        return false;
    *flags |= cut_middle(out, from, limits);
    *verdict = PROMPT_READY;
    return strbuf_ok(out) ||
           error_set(err, ERROR_REJECT, "the text is too large");
}

bool prompt_build(const char *text, size_t len,
                  const struct prompt_limits *limits, struct strbuf *out,
                  enum prompt_verdict *verdict, unsigned *flags,
                  struct error *err)
{
    size_t before = out->len, from = before + OPEN_LENGTH;
    char open[OPEN_LENGTH + 1];
    uint32_t number;

    *flags = 0;
    *verdict = PROMPT_EMPTY;
    if (!hostile_ready(err))
        return false;
    if (limits && limits->plain)
        return build_plain(text, len, limits, out, verdict, flags, err);
    strbuf_addf(out, open_format, 0u);
    *flags = prompt_clean(text, len, out);
    if (text_is_blank(out->data + from, out->len - from)) {
        strbuf_cut(out, before);
        return true;
    }
    if (limits && limits->redact && !hide_contacts(limits, out, from, err))
        return false;
    if (hostile_defuse(out, from))
        *flags |= PROMPT_SUSPICIOUS;
    *flags |= cut_middle(out, from, limits);
    number = find_number(out->data + from, out->len - from);
    strbuf_addf(out, close_format, number);
    if (!strbuf_ok(out))
        return error_set(err, ERROR_REJECT, "the text is too large");
    snprintf(open, sizeof(open), open_format, number);
    memcpy(out->data + before, open, OPEN_LENGTH);
    *verdict = PROMPT_READY;
    return true;
}
