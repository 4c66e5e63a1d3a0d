/*
 * dates_table.c -- the words of all languages in one hash table.
 */
#include "extract/dates_private.h"

#include "base/strbuf.h"

#define SLOTS 16384
#define WORDS_MOST 8000
#define KEYS_MOST (256 * KIB)
#define WORD_MOST 64
#define ENDING '\x01' /* begins the keys of endings */
#define LONGEST 8     /* characters of a word in a script without blanks */
#define TYPOS_MOST 256
#define TYPO_LEN 16

struct typo {
    char word[TYPO_LEN];
    uint32_t letters; /* which it has */
    uint8_t len;
    uint8_t class;
    uint8_t value;
    bool english; /* its beginnings are abbreviations */
};

struct dates_table {
    struct strbuf keys;
    struct dates_word *words; /* owned */
    size_t word_count;
    uint16_t *slots; /* owned: index of the word plus 1 */
    struct typo typos[TYPOS_MOST];
    size_t typo_count;
    bool full;
};

#define HASH_SEED 2166136261U

static uint32_t hash_add(uint32_t hash, char c)
{
    return (hash ^ (unsigned char)c) * 16777619U;
}

static uint32_t hash_of(const char *s, size_t len)
{
    uint32_t hash = HASH_SEED;
    size_t i;

    for (i = 0; i < len; i++)
        hash = hash_add(hash, s[i]);
    return hash;
}

static uint16_t *find_slot(const struct dates_table *t, uint32_t hash,
                           const char *s, size_t len)
{
    uint32_t at = (hash ^ hash >> 15) % SLOTS;

    while (t->slots[at]) {
        const struct dates_word *w = &t->words[t->slots[at] - 1];

        if (w->len == len && !memcmp(t->keys.data + w->text, s, len))
            break;
        at = (at + 1) % SLOTS;
    }
    return &t->slots[at];
}

const struct dates_word *dates_table_find(const struct dates_table *t,
                                          const char *s, size_t len)
{
    const uint16_t *slot = find_slot(t, hash_of(s, len), s, len);

    return *slot ? &t->words[*slot - 1] : NULL;
}

const struct dates_word *dates_table_longest(const struct dates_table *t,
                                             const char *s, size_t len)
{
    const struct dates_word *best = NULL;
    uint32_t hash = HASH_SEED;
    size_t at = 0;
    int chars;

    for (chars = 0; chars < LONGEST && at < len; chars++) {
        const uint16_t *slot;

        do
            hash = hash_add(hash, s[at++]);
        while (at < len && ((unsigned char)s[at] & 0xc0) == 0x80);
        slot = find_slot(t, hash, s, at);
        if (*slot && t->words[*slot - 1].class)
            best = &t->words[*slot - 1];
    }
    return best;
}

int dates_table_ending(const struct dates_table *t, const char *s, size_t len)
{
    char key[WORD_MOST + 1];
    const struct dates_word *w;

    if (len >= WORD_MOST)
        return 0;
    key[0] = ENDING;
    memcpy(key + 1, s, len);
    w = dates_table_find(t, key, len + 1);
    return w ? w->class : 0;
}

/* --- building --------------------------------------------------------- */

static struct dates_word *add_key(struct dates_table *t, const char *key,
                                  size_t len)
{
    uint16_t *slot = find_slot(t, hash_of(key, len), key, len);
    struct dates_word *w;

    if (*slot)
        return &t->words[*slot - 1];
    if (t->word_count >= WORDS_MOST) {
        t->full = true;
        return &t->words[0];
    }
    w = &t->words[t->word_count++];
    memset(w, 0, sizeof(*w));
    w->text = (uint32_t)t->keys.len;
    w->len = (uint16_t)len;
    strbuf_add(&t->keys, key, len);
    *slot = (uint16_t)t->word_count;
    return w;
}

/* The first meaning of a word stays. */
static void add_word(struct dates_table *t, const char *key, size_t len,
                     int class, int value)
{
    struct dates_word *w;
    size_t i;

    for (i = 1; i < len; i++)
        if (key[i] == ' ' || key[i] == '/')
            add_key(t, key, i)->more = true;
    w = add_key(t, key, len);
    if (!w->class) {
        w->class = (uint8_t) class;
        w->value = (uint16_t)value;
    }
}

static uint32_t letters_of(const char *s, size_t len)
{
    uint32_t letters = 0;
    size_t i;

    for (i = 0; i < len; i++)
        letters |= 1U << (s[i] & 31);
    return letters;
}

static bool is_plain(const char *s, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (s[i] < 'a' || s[i] > 'z')
            return false;
    return len > 0;
}

/* Shorter words are too near to others. */
static size_t typo_shortest(int class, bool english)
{
    if (class == CLASS_MONTH)
        return english ? 3 : 7;
    if (english && class == CLASS_SEASON)
        return 6;
    return english && class == CLASS_PRESENT ? 7 : TYPO_LEN;
}

/* Words of which slips of the hand are known again. */
static void add_typo(struct dates_table *t, const char *key, size_t len,
                     int class, int value, bool english)
{
    struct typo *typo = &t->typos[t->typo_count];
    size_t shortest = typo_shortest(class, english);
    size_t i;

    if (len < shortest || len >= TYPO_LEN || !is_plain(key, len) ||
        t->typo_count == TYPOS_MOST)
        return;
    for (i = 0; i < t->typo_count; i++)
        if (!strncmp(t->typos[i].word, key, len) && !t->typos[i].word[len])
            return;
    memcpy(typo->word, key, len);
    typo->len = (uint8_t)len;
    typo->letters = letters_of(key, len);
    typo->class = (uint8_t) class;
    typo->value = (uint8_t)value;
    typo->english = english;
    t->typo_count++;
}

/* The a with a ring is a plain a where nothing else is meant by that. */
static void add_without_ring(struct dates_table *t, const char *key, size_t len,
                             int class, int value)
{
    char other[WORD_MOST * 4];
    size_t at = 0;
    size_t i;

    for (i = 0; i < len; i++) {
        bool ring = key[i] == '\xc3' && i + 1 < len && key[i + 1] == '\xa5';

        other[at++] = ring ? 'a' : key[i];
        i += ring;
    }
    if (at < len)
        add_word(t, other, at, class, value);
}

/* All words of one list. */
static void add_list(struct dates_table *t, const char *list, int class,
                     int value, bool english)
{
    char word[WORD_MOST];
    char key[WORD_MOST * 4];

    while (list && *list) {
        size_t len = strcspn(list, " ");
        size_t i;

        if (len && len < sizeof(word)) {
            for (i = 0; i < len; i++)
                word[i] = list[i] == '_' ? ' ' : list[i];
            i = dates_fold_text(word, len, key, sizeof(key));
            add_word(t, key, i, class, value);
            add_without_ring(t, key, i, class, value);
            add_typo(t, key, i, class, value, english);
        }
        list += len;
        list += strspn(list, " ");
    }
}

static void add_endings(struct dates_table *t, const char *list, int class)
{
    char key[WORD_MOST * 4 + 1];

    while (list && *list) {
        size_t len = strcspn(list, " ");
        size_t n = dates_fold_text(list, len, key + 1, sizeof(key) - 1);

        key[0] = ENDING;
        add_word(t, key, n + 1, class, 0);
        list += len;
        list += strspn(list, " ");
    }
}

#define LIST(field, class)                                                     \
    {                                                                          \
        offsetof(struct dates_language, field), class                          \
    }

static const struct {
    size_t offset;
    enum dates_class class;
} lists[] = {
    LIST(since, CLASS_SINCE),
    LIST(to, CLASS_TO),
    LIST(until_after, CLASS_UNTIL_AFTER),
    LIST(both, CLASS_AND),
    LIST(present, CLASS_PRESENT),
    LIST(onwards, CLASS_ONWARDS),
    LIST(unknown, CLASS_UNKNOWN),
    LIST(labels, CLASS_LABEL),
    LIST(span_labels, CLASS_SPAN_LABEL),
    LIST(qualifiers, CLASS_QUALIFIER),
    LIST(units, CLASS_UNIT),
    LIST(fillers, CLASS_FILLER),
    LIST(month_number, CLASS_MONTH_NUMBER),
    LIST(quarter, CLASS_QUARTER),
    LIST(half, CLASS_HALF),
};

static void add_language(struct dates_table *t, const struct dates_language *l)
{
    static const int seasons[] = { 3, 6, 9, 12 };
    bool english = !strcmp(l->code, "en");
    int i;

    for (i = 0; i < 12; i++)
        add_list(t, l->months[i], CLASS_MONTH, i + 1, english);
    for (i = 0; i < 4; i++)
        add_list(t, l->seasons[i], CLASS_SEASON, seasons[i], english);
    for (i = 0; i < 4; i++)
        add_list(t, l->nth[i], CLASS_NTH, i + 1, english);
    for (i = 0; i < 2; i++)
        add_list(t, l->halves[i], CLASS_PART, i ? 7 | 12 << 8 : 1 | 6 << 8,
                 english);
    for (i = 0; i < (int)ARRAY_LEN(lists); i++)
        add_list(t, *(const char *const *)((const char *)l + lists[i].offset),
                 lists[i].class, 0, english);
    add_endings(t, l->endings, CLASS_FILLER);
    add_endings(t, l->endings_since, CLASS_SINCE);
    add_endings(t, l->endings_until, CLASS_UNTIL_AFTER);
}

/* Words that belong to no one language. */
static const struct {
    const char *list;
    int class;
    int value;
} commons[] = {
    { "i і", CLASS_ROMAN_I, 1 },
    { "ii іі", CLASS_ROMAN, 2 },
    { "iii ііі", CLASS_ROMAN, 3 },
    { "iv іv", CLASS_ROMAN, 4 },
    { "vi", CLASS_ROMAN, 6 },
    { "vii", CLASS_ROMAN, 7 },
    { "viii", CLASS_ROMAN, 8 },
    { "ix", CLASS_ROMAN, 9 },
    { "xi", CLASS_ROMAN, 11 },
    { "xii", CLASS_ROMAN, 12 },
    { "年 년 年度 년도", CLASS_CJK_YEAR, 0 },
    { "月 월 月份", CLASS_CJK_MONTH, 0 },
    { "日 일 号", CLASS_CJK_DAY, 0 },
    { "明治", CLASS_ERA, 1867 },
    { "大正", CLASS_ERA, 1911 },
    { "昭和", CLASS_ERA, 1925 },
    { "平成", CLASS_ERA, 1988 },
    { "令和", CLASS_ERA, 2018 },
    { "民国 民國", CLASS_ERA, 1911 },
    { "mm dd yy aa jj", CLASS_NO_DAY, 0 },
    { "yyyy aaaa jjjj", CLASS_NO_YEAR, 0 },
};

static bool table_fill(struct dates_table *t)
{
    const struct dates_language *l;
    size_t i;

    for (i = 0; i < ARRAY_LEN(commons); i++)
        add_list(t, commons[i].list, commons[i].class, commons[i].value, false);
    for (l = dates_latin; l->code; l++)
        add_language(t, l);
    for (l = dates_other; l->code; l++)
        add_language(t, l);
    return strbuf_ok(&t->keys) && !t->full;
}

struct dates_table *dates_table_new(struct error *err)
{
    struct dates_table *t = calloc(1, sizeof(*t));

    if (!t) {
        error_memory(err);
        return NULL;
    }
    strbuf_init(&t->keys, KEYS_MOST);
    t->words = calloc(WORDS_MOST, sizeof(*t->words));
    t->slots = calloc(SLOTS, sizeof(*t->slots));
    if (!t->words || !t->slots || !table_fill(t)) {
        dates_table_free(t);
        error_memory(err);
        return NULL;
    }
    return t;
}

void dates_table_free(struct dates_table *t)
{
    if (!t)
        return;
    strbuf_release(&t->keys);
    free(t->words);
    free(t->slots);
    free(t);
}

/* --- slips of the hand ------------------------------------------------ */

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Letters to add, drop, change or swap with their neighbour. */
static int edits(const char *a, size_t a_len, const char *b, size_t b_len)
{
    int rows[TYPO_LEN + 1][TYPO_LEN + 1];
    size_t i, j;

    for (j = 0; j <= b_len; j++)
        rows[0][j] = (int)j;
    for (i = 1; i <= a_len; i++) {
        rows[i][0] = (int)i;
        for (j = 1; j <= b_len; j++) {
            int n = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

            n = least(n, least(rows[i - 1][j], rows[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                n = least(n, rows[i - 2][j - 2] + 1);
            rows[i][j] = n;
        }
    }
    return rows[a_len][b_len];
}

static bool is_vowel(char c)
{
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

/* "sptmbr": the same but for vowels. */
static bool same_consonants(const char *a, size_t a_len, const char *b,
                            size_t b_len)
{
    size_t i = 0;
    size_t j = 0;

    if (a_len < 4 || b_len < 5 || a[0] != b[0])
        return false;
    for (;;) {
        while (i < a_len && is_vowel(a[i]))
            i++;
        while (j < b_len && is_vowel(b[j]))
            j++;
        if (i == a_len || j == b_len)
            return i == a_len && j == b_len;
        if (a[i++] != b[j++])
            return false;
    }
}

static int edits_allowed(const struct typo *typo, size_t len)
{
    size_t shorter = len < typo->len ? len : typo->len;

    if (typo->class != CLASS_MONTH)
        return shorter >= 9 ? 2 : 1;
    return shorter >= 7 ? 2 : 1;
}

/* "Spe", "Sepr", "Mayy": what becomes of three letters. */
static bool is_like_three(const struct typo *typo, const char *s, size_t len)
{
    const char *word = typo->word;

    if (len == 3)
        return s[0] == word[0] && s[1] == word[2] && s[2] == word[1];
    return len == 4 && !memcmp(s, word, 3) &&
           (s[3] == s[2] || (typo->value == 9 && s[3] == 'r'));
}

/* What is near in letters may yet be another word: "jane" and "jury" are
 * no slips of four letters, "string" is none of a season. */
static bool is_other_word(const struct typo *typo, size_t len, uint32_t letters)
{
    return len == typo->len && letters != typo->letters &&
           (len == 4 || typo->class == CLASS_SEASON);
}

/* The edits between them where they are few; 3 = too many. */
static int typo_edits(const struct typo *typo, const char *s, size_t len,
                      uint32_t letters)
{
    int allowed = edits_allowed(typo, len);
    size_t difference = len > typo->len ? len - typo->len : typo->len - len;
    int n;

    if (difference > (size_t)allowed || is_other_word(typo, len, letters) ||
        __builtin_popcount(letters ^ typo->letters) > 2 * allowed)
        return 3;
    n = edits(s, len, typo->word, typo->len);
    return n <= allowed ? n : 3;
}

/* How far s is from the word; more than 2 is too far. */
static int typo_distance(const struct typo *typo, const char *s, size_t len,
                         uint32_t letters)
{
    int n;

    if (typo->len == 3)
        return is_like_three(typo, s, len) ? 1 : 3;
    if (typo->english && typo->class == CLASS_MONTH && len >= 4 &&
        len < typo->len && !memcmp(typo->word, s, len))
        return 1; /* its beginning */
    n = typo_edits(typo, s, len, letters);
    if (n > 2 && same_consonants(s, len, typo->word, typo->len))
        n = 2;
    return n;
}

int dates_table_typo(const struct dates_table *t, const char *s, size_t len,
                     int *value)
{
    const struct typo *best = NULL;
    int best_distance = 3;
    bool tie = false;
    uint32_t letters;
    size_t i;

    if (len < 3 || len >= TYPO_LEN || !is_plain(s, len))
        return 0;
    letters = letters_of(s, len);
    for (i = 0; i < t->typo_count; i++) {
        const struct typo *typo = &t->typos[i];
        int n = typo_distance(typo, s, len, letters);

        if (n > 2 || n > best_distance)
            continue;
        if (n < best_distance) {
            best = typo;
            best_distance = n;
            tie = false;
        } else if (typo->class != best->class || typo->value != best->value) {
            tie = true;
        }
    }
    if (!best || tie)
        return 0;
    *value = best->value;
    return best->class;
}
