#include "tests/extract/tokens_slow.h"

#include "base/file.h"
#include "base/text.h"
#include "extract/tokens_class.h"

#define SLOTS ((size_t)1 << 19)
#define PIECE_MOST ((size_t)1 << 16)

/* tiktoken 0.14's openai_public.py. */
static const struct {
    const char *name, *pattern;
} patterns[] = {
    { "o200k_base",
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*"
      "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
      "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
      "\\p{N}{1,3}|"
      " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|"
      "\\s*[\\r\\n]+|"
      "\\s+(?!\\S)|"
      "\\s+" },
    { "cl100k_base",
      "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+|"
      " ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s" },
};

struct tokens_slow {
    const char *pattern; /* static */
    char *pool;          /* owned: the tokens' bytes */
    struct {
        const char *bytes; /* borrowed from the pool; NULL = empty */
        size_t len;
        uint32_t rank;
    } * slots; /* owned */
};

struct text {
    const char *at, *end;
};

static unsigned class_of(uint32_t code)
{
    size_t low = 0, high = token_class_range_count;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (token_class_ranges[middle] >> 8 <= code)
            low = middle;
        else
            high = middle;
    }
    return token_class_ranges[low] & 0xff;
}

/* The character at t: its length, its code or a symbol's for bad bytes. */
static size_t character(struct text t, uint32_t *code)
{
    size_t len = utf8_decode(t.at, (size_t)(t.end - t.at), code);

    if (!len)
        *code = 0xfffd;
    return len ? len : 1;
}

/* \p{...}, the name after the brace.  Lu and Lt, Lm and Lo are never
 * apart in the patterns. */
static bool has_property(uint32_t code, const char *name)
{
    static const struct {
        char name[3];
        unsigned mask, want;
    } rows[] = {
        { "Lu", CLASS_LETTER | CLASS_LOWER, CLASS_LETTER },
        { "Lt", CLASS_LETTER | CLASS_LOWER, CLASS_LETTER },
        { "Ll", CLASS_LETTER | CLASS_UPPER, CLASS_LETTER },
        { "Lm", CLASS_LETTER | CLASS_UPPER | CLASS_LOWER,
          CLASS_LETTER | CLASS_UPPER | CLASS_LOWER },
        { "Lo", CLASS_LETTER | CLASS_UPPER | CLASS_LOWER,
          CLASS_LETTER | CLASS_UPPER | CLASS_LOWER },
        { "M}", CLASS_LETTER | CLASS_UPPER, CLASS_UPPER },
        { "L}", CLASS_LETTER, CLASS_LETTER },
        { "N}", CLASS_NUMBER, CLASS_NUMBER },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(rows); i++)
        if (!strncmp(rows[i].name, name, 2))
            return (class_of(code) & rows[i].mask) == rows[i].want;
    abort();
}

/* One literal, escape or property at *p against the code; *p goes past. */
static bool match_single(const char **p, uint32_t code, bool nocase)
{
    const char *at = *p;

    if (*at != '\\') {
        *p = at + 1;
        if (nocase && code == 0x17f) /* long s */
            code = 's';
        if (nocase && code < 0x80 && code >= 'A' && code <= 'Z')
            code |= 0x20;
        return code == (unsigned char)*at;
    }
    *p = at + 2;
    switch (at[1]) {
    case 'r': return code == '\r';
    case 'n': return code == '\n';
    case 's': return class_of(code) & CLASS_SPACE;
    case 'S': return !(class_of(code) & CLASS_SPACE);
    case 'p': *p = strchr(at, '}') + 1; return has_property(code, at + 3);
    default: abort();
    }
}

/* The same for [...] too. */
static bool match_atom(const char **p, uint32_t code, bool nocase)
{
    bool negated, found = false;

    if (**p != '[')
        return match_single(p, code, nocase);
    negated = *++*p == '^';
    *p += negated;
    while (**p != ']')
        found = match_single(p, code, nocase) || found;
    ++*p;
    return found != negated;
}

/* (?i:a|b|c), p after the colon: the length of the first that matches, -1
 * for none. */
static long match_group(const char *p, struct text t)
{
    for (;; p++) {
        struct text rest = t;
        bool good = true;

        while (*p != '|' && *p != ')') {
            uint32_t code = UINT32_MAX;
            size_t len = rest.at < rest.end ? character(rest, &code) : 0;

            good = match_atom(&p, code, true) && good;
            rest.at += len;
        }
        if (good)
            return rest.at - t.at;
        if (*p == ')')
            return -1;
    }
}

static long match_here(const char *p, struct text t);

/* ?, *, +, {1,3} and what is possessive. */
static const char *quantifier(const char *p, size_t *least, size_t *most,
                              bool *possessive)
{
    *least = *most = 1;
    *possessive = false;
    if (*p == '?' || *p == '*' || *p == '+') {
        *least = *p == '+';
        *most = *p == '?' ? 1 : SIZE_MAX;
        p++;
    } else if (!strncmp(p, "{1,3}", 5)) {
        *most = 3;
        p += 5;
    } else {
        return p;
    }
    *possessive = *p == '+';
    return p + *possessive;
}

/* The atom at p as often as it goes, then less often, each time with the
 * rest of the alternative behind it. */
static long match_repeated(const char *p, struct text t)
{
    const char *begin = t.at;
    const char *after = p;
    size_t least, most, count;
    bool possessive;
    size_t ends_room = 16, used = 0;
    const char **ends = malloc(ends_room * sizeof(*ends));
    long rest = -1;

    (void)match_atom(&after, 0, false);
    after = quantifier(after, &least, &most, &possessive);
    ends[used++] = t.at;
    while (t.at < t.end && used <= most) {
        const char *again = p;
        uint32_t code;
        size_t len = character(t, &code);

        if (!match_atom(&again, code, false))
            break;
        t.at += len;
        if (used == ends_room)
            ends = realloc(ends, (ends_room *= 2) * sizeof(*ends));
        ends[used++] = t.at;
    }
    for (count = used; count-- > least && rest < 0;) {
        t.at = ends[count];
        rest = match_here(after, t);
        if (rest >= 0)
            rest += t.at - begin;
        if (possessive)
            break;
    }
    free(ends);
    return rest;
}

/* One alternative at the beginning of t: the length, or -1. */
static long match_here(const char *p, struct text t)
{
    uint32_t code;
    long len, rest;

    if (*p == '|' || !*p)
        return 0;
    if (*p == '$')
        return t.at == t.end ? match_here(p + 1, t) : -1;
    if (!strncmp(p, "(?!\\S)", 6)) {
        if (t.at < t.end &&
            (character(t, &code), !(class_of(code) & CLASS_SPACE)))
            return -1;
        return match_here(p + 6, t);
    }
    if (strncmp(p, "(?i:", 4) != 0)
        return match_repeated(p, t);
    len = match_group(p + 4, t);
    p = strchr(p, ')') + 1;
    if (len < 0)
        return *p == '?' ? match_here(p + 1, t) : -1;
    t.at += len;
    rest = match_here(p + (*p == '?'), t);
    return rest < 0 ? rest : rest + len;
}

/* Past the alternative at p: the next one, or NULL. */
static const char *next_alternative(const char *p)
{
    int depth = 0;

    for (; *p; p++) {
        depth += (*p == '(' || *p == '[') - (*p == ')' || *p == ']');
        if (*p == '|' && !depth)
            return p + 1;
    }
    return NULL;
}

static size_t match(const char *pattern, struct text t)
{
    const char *p;

    for (p = pattern; p; p = next_alternative(p)) {
        long len = match_here(p, t);

        if (len > 0)
            return (size_t)len;
    }
    abort(); /* the patterns match everything */
}

static size_t hash(const char *bytes, size_t len)
{
    uint32_t h = 2166136261u;

    while (len--)
        h = (h ^ (unsigned char)*bytes++) * 16777619u;
    return (h ^ h >> 15) & (SLOTS - 1);
}

static uint32_t find(const struct tokens_slow *slow, const char *bytes,
                     size_t len)
{
    size_t i = hash(bytes, len);

    for (; slow->slots[i].bytes; i = (i + 1) & (SLOTS - 1))
        if (slow->slots[i].len == len &&
            !memcmp(slow->slots[i].bytes, bytes, len))
            return slow->slots[i].rank;
    return UINT32_MAX;
}

/* The place of the first pair of lowest rank, count when none merges. */
static size_t best_pair(const struct tokens_slow *slow, const char *piece,
                        const size_t *begin, size_t count)
{
    uint32_t best = UINT32_MAX;
    size_t where = count;
    size_t i;

    for (i = 0; i + 1 < count; i++) {
        uint32_t rank = find(slow, piece + begin[i], begin[i + 2] - begin[i]);

        if (rank < best) {
            best = rank;
            where = i;
        }
    }
    return where;
}

static size_t piece_ids(const struct tokens_slow *slow, const char *piece,
                        size_t len, uint32_t *ids, size_t room)
{
    static size_t begin[PIECE_MOST + 1];
    size_t count, where, i;

    if (find(slow, piece, len) != UINT32_MAX) {
        if (room)
            ids[0] = find(slow, piece, len);
        return 1;
    }
    if (len > PIECE_MOST)
        abort();
    for (i = 0; i <= len; i++)
        begin[i] = i;
    count = len;
    while ((where = best_pair(slow, piece, begin, count)) < count) {
        memmove(begin + where + 1, begin + where + 2,
                (count - where - 1) * sizeof(begin[0]));
        count--;
    }
    for (i = 0; i < count && i < room; i++)
        ids[i] = find(slow, piece + begin[i], begin[i + 1] - begin[i]);
    return count;
}

size_t tokens_slow_ids(const struct tokens_slow *slow, const char *text,
                       size_t len, uint32_t *ids, size_t room)
{
    struct text t = { text, text + len };
    size_t count = 0;

    while (t.at < t.end) {
        size_t piece = match(slow->pattern, t);
        size_t used = count < room ? count : room;

        count += piece_ids(slow, t.at, piece, ids + used, room - used);
        t.at += piece;
    }
    return count;
}

static size_t decode(char *line, size_t len)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    size_t used = 0;
    size_t i;

    for (i = 0; i < len && line[i] != '='; i++) {
        bits = bits << 6 | (uint32_t)(strchr(letters, line[i]) - letters);
        if (i % 4)
            line[used++] = (char)(bits >> (6 - 2 * (i % 4)));
    }
    return used;
}

static void add_line(struct tokens_slow *slow, char *line, char *space)
{
    size_t len = decode(line, (size_t)(space - line));
    size_t i = hash(line, len);

    while (slow->slots[i].bytes)
        i = (i + 1) & (SLOTS - 1);
    slow->slots[i].bytes = line;
    slow->slots[i].len = len;
    slow->slots[i].rank = (uint32_t)strtoul(space + 1, NULL, 10);
}

struct tokens_slow *tokens_slow_open(const char *name)
{
    struct tokens_slow *slow = calloc(1, sizeof(*slow));
    struct strbuf text;
    struct error err;
    char path[2000];
    char *line, *end;
    size_t i;

    snprintf(path, sizeof(path), "%s/vocab/%s.tiktoken",
             getenv("VITAE_DATADIR"), name);
    strbuf_init(&text, 64 * MIB);
    slow->slots = calloc(SLOTS, sizeof(*slow->slots));
    if (!slow->slots || !file_read(path, &text, &err))
        abort();
    for (i = 0; i < ARRAY_LEN(patterns); i++)
        if (!strcmp(patterns[i].name, name))
            slow->pattern = patterns[i].pattern;
    slow->pool = strbuf_take(&text);
    for (line = slow->pool; (end = strchr(line, '\n')); line = end + 1)
        add_line(slow, line, strchr(line, ' '));
    return slow;
}

void tokens_slow_close(struct tokens_slow *slow)
{
    free(slow->pool);
    free(slow->slots);
    free(slow);
}
