#include "extract/ground_index.h"

static uint64_t mix(uint64_t hash, uint64_t more)
{
    hash = (hash ^ more) * 0x9fb21c651e98df25u;
    return hash ^ hash >> 32;
}

static uint64_t hash_bytes(const char *s, size_t len)
{
    uint64_t hash = len;
    uint64_t word;
    size_t at;

    for (at = 0; at + 8 <= len; at += 8) {
        memcpy(&word, s + at, 8);
        hash = mix(hash, word);
    }
    word = 0;
    memcpy(&word, s + at, len - at);
    return mix(hash, word);
}

static uint64_t hash_chars(uint64_t seed, const uint32_t *chars, size_t len)
{
    uint64_t hash = mix(seed, len);
    uint64_t pair;
    size_t i;

    for (i = 0; i + 2 <= len; i += 2) {
        memcpy(&pair, chars + i, sizeof(pair));
        hash = mix(hash, pair);
    }
    return i < len ? mix(hash, chars[i]) : hash;
}

static bool reserve(void *array, size_t *size, size_t need, size_t row)
{
    size_t larger = *size ? *size : 256;
    void *old, *grown;

    if (need <= *size)
        return true;
    while (larger < need)
        larger *= 2;
    memcpy(&old, array, sizeof(old));
    grown = realloc(old, larger * row);
    if (!grown)
        return false;
    memcpy(array, &grown, sizeof(grown));
    *size = larger;
    return true;
}

static size_t power_of_two(size_t least)
{
    size_t size = 64;

    while (size < least)
        size *= 2;
    return size;
}

static uint32_t letters_of(const uint32_t *chars, size_t len)
{
    uint32_t letters = 0;
    size_t i;

    for (i = 0; i < len; i++)
        if (chars[i] >= 'a' && chars[i] <= 'z')
            letters |= (uint32_t)1 << (chars[i] - 'a');
    return letters;
}

/* The slot of the word, or the empty one where it would go. */
static size_t find_slot(const struct index *x, uint64_t hash,
                        const uint32_t *chars, size_t len)
{
    size_t slot = hash & x->slots_mask;

    for (;; slot = (slot + 1) & x->slots_mask) {
        const struct word *word;

        if (x->slots[slot] == NO_WORD)
            return slot;
        word = &x->words[x->slots[slot]];
        if (word->hash == hash && word->len == len &&
            !memcmp(x->list.chars + word->at, chars, len * sizeof(*chars)))
            return slot;
    }
}

uint32_t index_word(const struct index *x, const uint32_t *chars, size_t len)
{
    return x->slots[find_slot(x, hash_chars(x->seed, chars, len), chars, len)];
}

/* The word of those chars of the list, made if it is new. */
static uint32_t intern(struct index *x, uint32_t at, uint32_t len, bool latin)
{
    const uint32_t *chars = x->list.chars + at;
    uint64_t hash = hash_chars(x->seed, chars, len);
    size_t slot = find_slot(x, hash, chars, len);
    struct word *word;

    if (x->slots[slot] != NO_WORD)
        return x->slots[slot];
    if (!reserve(&x->words, &x->words_size, x->words_used + 1,
                 sizeof(*x->words))) {
        x->failed = true;
        return NO_WORD;
    }
    x->slots[slot] = (uint32_t)x->words_used;
    word = &x->words[x->words_used++];
    *word = (struct word){ .hash = hash,
                           .at = at,
                           .len = len,
                           .first = NO_PLACE,
                           .shorter = NO_WORD,
                           .latin = latin,
                           .role = (uint8_t)word_role(chars, len) };
    if (latin && len < WORD_LENGTHS) {
        word->letters = letters_of(chars, len);
        word->shorter = x->by_length[len];
        x->by_length[len] = x->slots[slot];
    }
    return x->slots[slot];
}

/* Places are added from the last to the first, so that the chains go from
 * the first to the last. */
static void add_place(struct index *x, uint32_t word, uint32_t place)
{
    x->next_place[place] = x->words[word].first;
    x->words[word].first = place;
    x->words[word].count++;
}

/*
 * Joins.
 */

/* The first join stands for none. */
static bool add_join(struct index *x, struct join join)
{
    if (!reserve(&x->joins, &x->joins_size, x->joins_used + 1,
                 sizeof(*x->joins)))
        return false;
    if (join.span)
        x->list.tokens[join.token].join = (uint32_t)x->joins_used;
    x->joins[x->joins_used++] = join;
    return true;
}

/* A word that a hyphen at the line's end has parted. */
static bool join_hyphens(struct index *x)
{
    struct token *tokens = x->list.tokens;
    uint32_t i;

    for (i = 0; i + 1 < x->list.used; i++) {
        struct join join = { .token = i, .span = 2 };

        if (!tokens[i].hyphen || tokens[i + 1].kind != TOKEN_LETTERS)
            continue;
        join.word = intern(x, tokens[i].at, tokens[i].len + tokens[i + 1].len,
                           tokens[i].latin && tokens[i + 1].latin);
        if (!add_join(x, join))
            return false;
    }
    return true;
}

/* The letter that a scanned digit may be. */
static uint32_t letter_of_digit(uint32_t digit)
{
    switch (digit) {
    case '0': return 'o';
    case '1': return 'l';
    case '5': return 's';
    case '8': return 'b';
    default: return 0;
    }
}

/* Letters and single digits without a gap, as scans have them: where the
 * run of them ends and whether it may be a word. */
static uint32_t scanned_run(const struct index *x, uint32_t from, bool *word)
{
    const struct token *tokens = x->list.tokens;
    uint32_t digits = 0, letters = 0;
    bool good = true;
    uint32_t i;

    for (i = from; i < x->list.used; i++) {
        const struct token *t = &tokens[i];

        if (i > from && t->start != tokens[i - 1].end)
            break;
        if (t->kind == TOKEN_LETTERS) {
            letters += t->len;
            good = good && t->latin;
        } else if (t->kind == TOKEN_DIGITS) {
            digits++;
            good = good && t->len == 1 && letter_of_digit(x->list.chars[t->at]);
        } else {
            break;
        }
    }
    *word = good && digits && digits <= 2 && letters >= 5 &&
            digits + letters < WORD_LENGTHS;
    return i > from ? i : from + 1;
}

static bool join_scanned(struct index *x, uint32_t from, uint32_t to)
{
    struct token_list *list = &x->list;
    struct token *tokens = list->tokens;
    uint32_t begin = tokens[from].at;
    uint32_t len = tokens[to - 1].at + tokens[to - 1].len - begin;
    uint32_t at = (uint32_t)list->chars_used;
    uint32_t i;

    if (!reserve(&list->chars, &list->chars_size, list->chars_used + len,
                 sizeof(*list->chars)))
        return false;
    for (i = 0; i < len; i++) {
        uint32_t c = list->chars[begin + i];
        uint32_t letter = letter_of_digit(c);

        list->chars[list->chars_used++] = letter ? letter : c;
    }
    return add_join(x, (struct join){ .token = from,
                                      .span = to - from,
                                      .word = intern(x, at, len, true),
                                      .guessed = true });
}

static bool join_scans(struct index *x)
{
    uint32_t from = 0;

    while (from < x->list.used) {
        bool word;
        uint32_t to = scanned_run(x, from, &word);

        if (word && !x->list.tokens[from].join && !join_scanned(x, from, to))
            return false;
        from = to;
    }
    return true;
}

/*
 * Grams.
 */

static bool gram_fits(const struct index *x, uint32_t token, size_t len)
{
    const struct token *last = &x->list.tokens[x->list.used - 1];

    return x->list.tokens[token].at + len <= (size_t)last->at + last->len;
}

static bool index_grams(struct index *x, struct grams *grams, size_t len)
{
    size_t heads = power_of_two(x->list.used);
    size_t i;

    if (!reserve(&grams->heads, &grams->heads_size, heads,
                 sizeof(*grams->heads)) ||
        !reserve(&grams->next, &grams->next_size, x->list.used + 1,
                 sizeof(*grams->next)))
        return false;
    grams->mask = heads - 1;
    memset(grams->heads, 0xff, heads * sizeof(*grams->heads));
    for (i = x->list.used; i--;) {
        uint64_t hash;

        if (!gram_fits(x, (uint32_t)i, len))
            continue;
        hash = hash_chars(x->seed, x->list.chars + x->list.tokens[i].at, len);
        grams->next[i] = grams->heads[hash & grams->mask];
        grams->heads[hash & grams->mask] = (uint32_t)i;
    }
    return true;
}

uint32_t index_gram(const struct index *x, const struct grams *grams,
                    const uint32_t *chars, size_t len)
{
    return grams->heads[hash_chars(x->seed, chars, len) & grams->mask];
}

/*
 * Building.
 */

static bool reserve_slots(struct index *x)
{
    /* Each token may be a word and begin a join that is another. */
    size_t slots = power_of_two(3 * x->list.used + 1);

    if (!reserve(&x->slots, &x->slots_size, slots, sizeof(*x->slots)) ||
        !reserve(&x->digits, &x->digits_size, x->list.used + 1,
                 sizeof(*x->digits)))
        return false;
    x->slots_mask = slots - 1;
    memset(x->slots, 0xff, slots * sizeof(*x->slots));
    memset(x->by_length, 0xff, sizeof(x->by_length));
    return true;
}

static bool index_places(struct index *x)
{
    size_t i;

    if (!reserve(&x->next_place, &x->next_size, x->list.used + x->joins_used,
                 sizeof(*x->next_place)))
        return false;
    for (i = x->joins_used; i-- > 1;)
        add_place(x, x->joins[i].word, (uint32_t)(x->list.used + i));
    for (i = x->list.used; i--;)
        add_place(x, x->list.tokens[i].word, (uint32_t)i);
    return true;
}

static void intern_tokens(struct index *x)
{
    size_t i;

    for (i = 0; i < x->list.used; i++) {
        struct token *t = &x->list.tokens[i];

        t->word = intern(x, t->at, t->len, t->latin);
        if (t->kind == TOKEN_DIGITS)
            x->digits[x->digits_used++] = (uint32_t)i;
    }
}

bool index_build(struct index *x, const char *text, size_t len)
{
    x->text = text;
    x->len = len;
    x->list.used = x->list.chars_used = 0;
    x->words_used = x->joins_used = x->digits_used = 0;
    x->failed = false;
    x->seed = hash_bytes(text, len);
    if (!tokens_add(&x->list, text, len) || !reserve_slots(x))
        return false;
    /* Grams look at the tokens' characters only: before joins add some. */
    if (!index_grams(x, &x->by_short, GRAM_SHORT) ||
        !index_grams(x, &x->by_long, GRAM_LONG))
        return false;
    intern_tokens(x);
    return add_join(x, (struct join){ 0 }) && join_hyphens(x) &&
           join_scans(x) && !x->failed && index_places(x);
}

void index_release(struct index *x)
{
    tokens_release(&x->list);
    free(x->words);
    free(x->slots);
    free(x->next_place);
    free(x->joins);
    free(x->digits);
    free(x->by_short.heads);
    free(x->by_short.next);
    free(x->by_long.heads);
    free(x->by_long.next);
    *x = (struct index){ 0 };
}
