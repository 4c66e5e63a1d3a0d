#include "extract/hostile.h"

#include <pthread.h>

#include "base/pattern.h"
#include "extract/hostile_words.h"
#include "extract/needles.h"

#define BEFORE 160 /* bytes of the window around a needle */
#define AFTER 400
#define LONGEST 250  /* what a pattern matches at most, more or less */
#define SENTENCE 240 /* bytes taken out at most, beyond the pattern */

static const char removed[] = "[removed]";

/* Compiled once, for all threads, kept for the program's life. */
static struct {
    struct needles *needles;
    const char **words;
    struct pattern *patterns[HOSTILE_KINDS];
    struct error err; /* why it isn't ready */
    bool ready;
} hostile;

static void prepare(void)
{
    size_t i;

    hostile.words = calloc(hostile_row_count, sizeof(*hostile.words));
    if (!hostile.words) {
        error_memory(&hostile.err);
        return;
    }
    for (i = 0; i < hostile_row_count; i++)
        hostile.words[i] = hostile_rows[i].needle;
    for (i = 0; i < HOSTILE_KINDS; i++)
        if (!(hostile.patterns[i] =
                  pattern_new(hostile_patterns[i], &hostile.err)))
            return;
    hostile.ready = needles_new(&hostile.needles, hostile.words,
                                hostile_row_count, &hostile.err);
}

bool hostile_ready(struct error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, prepare);
    if (!hostile.ready)
        *err = hostile.err;
    return hostile.ready;
}

static bool is_boundary(char c)
{
    return c == '\n' || c == '.' || c == '!' || c == '?';
}

/* Where the sentence that holds `at` begins, not far back. */
static size_t window_begin(const char *s, size_t from, size_t at)
{
    size_t least = at - from > BEFORE ? at - BEFORE : from;

    while (at > least && !is_boundary(s[at - 1]))
        at--;
    while (at > from && ((unsigned char)s[at] & 0xc0) == 0x80)
        at--;
    return at;
}

static size_t window_end(const char *s, size_t len, size_t at)
{
    size_t end = len - at > AFTER ? at + AFTER : len;

    while (end < len && ((unsigned char)s[end] & 0xc0) == 0x80)
        end--;
    return end;
}

/* A span of the text that is taken out. */
struct span {
    size_t begin, end;
};

/* To the end of the sentence: what follows is what it wants done. */
static void stretch(const char *s, size_t len, struct span *span)
{
    size_t most = len - span->end > SENTENCE ? span->end + SENTENCE : len;

    while (span->end > span->begin && s[span->end - 1] == '\n')
        span->end--;
    while (span->end < most && !is_boundary(s[span->end]))
        span->end++;
    while (span->end < len && ((unsigned char)s[span->end] & 0xc0) == 0x80)
        span->end++;
    while (span->begin < span->end && s[span->begin] == '\n')
        span->begin++;
}

/* One text being looked through. */
struct hunt {
    const char *s;
    size_t len;
    size_t done; /* up to there it is copied */
    /* Up to there a kind's pattern begins nowhere: needles that stand close
     * to each other don't have the same window searched again and again. */
    size_t clean[HOSTILE_KINDS];
    struct pattern_match *match; /* NULL until it is needed */
};

/* Looks for one kind around a needle. */
static bool search(struct hunt *h, size_t kind, size_t at, struct span *span)
{
    size_t begin = window_begin(h->s, h->done, at);
    size_t end = window_end(h->s, h->len, at);

    if (begin > h->done && h->s[begin - 1] == '\n')
        begin--; /* for the patterns that want a line's begin */
    if (pattern_find(hostile.patterns[kind], h->s + begin, end - begin, 0,
                     h->match) &&
        pattern_group(h->match, 0, &span->begin, &span->end)) {
        span->begin += begin;
        span->end += begin;
        return true;
    }
    h->clean[kind] = end == h->len ? end : end - LONGEST;
    return false;
}

/* What the patterns of the row find around a needle: the first of it. */
static bool judge(struct hunt *h, size_t at, const struct hostile_row *row,
                  struct span *span)
{
    struct span other;
    bool found = false;
    size_t i;

    if (!row->kinds) {
        span->begin = at;
        span->end = at + strlen(row->needle);
        return true;
    }
    for (i = 0; i < HOSTILE_KINDS; i++)
        if (row->kinds & 1u << i && at >= h->clean[i] &&
            search(h, i, at, &other) && (!found || other.begin < span->begin)) {
            *span = other;
            found = true;
        }
    return found;
}

/* The next span that talks to the model, from *at on; *noted: something was
 * seen that only counts. */
static bool next_span(struct hunt *h, size_t *at, struct span *span,
                      bool *noted)
{
    size_t row;

    for (; needles_find(hostile.needles, h->s, h->len, at, &row); ++*at) {
        if (hostile_rows[row].kinds & 1u << HOSTILE_NOTE) {
            *noted = true;
            continue;
        }
        if (!h->match)
            h->match = pattern_match_new();
        if (h->match && judge(h, *at, &hostile_rows[row], span))
            return true;
    }
    return false;
}

/* Sentences that talk to the model. */
static bool remove_phrases(struct strbuf *text, size_t from)
{
    struct hunt h = { .s = text->data, .len = text->len, .done = from };
    struct span span = { 0 };
    struct strbuf out;
    bool found = false, noted = false;
    size_t at = from;

    strbuf_init(&out, text->ceiling);
    while (next_span(&h, &at, &span, &noted)) {
        stretch(h.s, h.len, &span);
        strbuf_add(&out, h.s + h.done, span.begin - h.done);
        strbuf_adds(&out, removed);
        at = h.done = span.end;
        found = true;
    }
    if (found) {
        strbuf_add(&out, h.s + h.done, h.len - h.done);
        strbuf_cut(text, from);
        strbuf_add(text, out.data, out.len);
        text->failed |= out.failed;
    }
    pattern_match_free(h.match);
    strbuf_release(&out);
    return found || noted;
}

static bool begins_with(const char *s, size_t len, const char *word)
{
    size_t i;

    for (i = 0; word[i]; i++)
        if (i == len ||
            (s[i] >= 'A' && s[i] <= 'Z' ? s[i] + 32 : s[i]) != word[i])
            return false;
    return true;
}

static bool begins_tag(const char *s, size_t len, const char *const *words)
{
    while (len && (*s == ' ' || *s == '\t')) {
        s++;
        len--;
    }
    for (; *words; words++)
        if (begins_with(s, len, *words))
            return true;
    return false;
}

/* The next bracket that begins a tag; NULL = none. */
static const char *find_tag(const char *at, const char *end,
                            const struct hostile_tag *tag)
{
    while ((at = memchr(at, tag->bracket, (size_t)(end - at)))) {
        if (begins_tag(at + 1, (size_t)(end - at) - 1, tag->words))
            return at;
        at++;
    }
    return NULL;
}

/* The bracket becomes another one that no template knows. */
static bool break_tags(struct strbuf *text, size_t from,
                       const struct hostile_tag *tag)
{
    const char *end = text->data + text->len;
    const char *done = text->data + from;
    const char *at = find_tag(done, end, tag);
    struct strbuf out;

    if (!at)
        return false;
    strbuf_init(&out, text->ceiling);
    for (; at; at = find_tag(done, end, tag)) {
        strbuf_add(&out, done, (size_t)(at - done));
        strbuf_adds(&out, tag->harmless);
        done = at + 1;
    }
    strbuf_add(&out, done, (size_t)(end - done));
    strbuf_cut(text, from);
    strbuf_add(text, out.data, out.len);
    text->failed |= out.failed;
    strbuf_release(&out);
    return true;
}

bool hostile_defuse(struct strbuf *text, size_t from)
{
    bool found = false;
    size_t i;

    for (i = 0; i < hostile_tag_count; i++)
        found |= break_tags(text, from, &hostile_tags[i]);
    found |= remove_phrases(text, from);
    return found;
}
