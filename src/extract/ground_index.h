/*
 * ground_index.h -- a text as tokens, and where each of them stands.
 * Private to ground.
 *
 * A token is a run of letters, a run of digits, one character of a script
 * without blanks, or a sign that belongs to the letters before it ("C++",
 * "C#").  Everything else only separates.  The tokens' characters lie
 * folded (text_fold) in one array without gaps, so that a value can be
 * compared across separators.
 */
#ifndef EXTRACT_GROUND_INDEX_H
#define EXTRACT_GROUND_INDEX_H

#include "base/error.h"

enum token_kind {
    TOKEN_LETTERS,
    TOKEN_DIGITS,
    TOKEN_CHARACTER, /* of Chinese, Japanese, Korean, Thai ... */
    TOKEN_SIGN,
};

struct token {
    uint32_t at, len;    /* in chars */
    uint32_t start, end; /* in the text, bytes */
    uint32_t word;       /* the same for equal tokens; index only */
    uint32_t join;       /* see struct join; 0 = none */
    uint8_t kind;        /* enum token_kind */
    bool latin;          /* letters of the Latin script only */
    bool hyphen;         /* the next token goes on after "-" and a new line */
};

struct token_list {
    uint32_t *chars; /* owned */
    size_t chars_size, chars_used;
    struct token *tokens; /* owned */
    size_t size, used;
};

/* Appends the tokens of s; false when memory ran out. */
MUST_CHECK bool tokens_add(struct token_list *list, const char *s, size_t len);
void tokens_release(struct token_list *list);

#define NO_WORD UINT32_MAX

enum word_role {
    WORD_PLAIN,
    WORD_SMALL, /* of, and, de, der */
    WORD_LEGAL, /* inc, gmbh */
};

struct word {
    uint64_t hash;
    uint32_t at, len; /* of its first token, in chars */
    uint32_t letters; /* a bit for each of a..z in it */
    uint32_t first;   /* the first place it stands; NO_PLACE = none */
    uint32_t count;
    uint32_t shorter; /* the next word of the same length, NO_WORD = none */
    uint8_t role;
    bool latin;
};

/* A place is a token, or, from tokens.used on, a join: several tokens that
 * are one word, as "develop-\nment", or "Deve1oper" read from a scan. */
#define NO_PLACE UINT32_MAX

struct join {
    uint32_t token; /* the first of span */
    uint32_t span;
    uint32_t word;
    bool guessed; /* a digit was taken for a letter */
};

#define GRAM_SHORT 3
#define GRAM_LONG 8
#define WORD_LENGTHS 64 /* longer words are found by likeness never */

/* Tokens by the hash of the characters they begin with. */
struct grams {
    uint32_t *heads; /* owned: tokens, NO_PLACE = none */
    uint32_t *next;  /* owned: by token */
    size_t heads_size, next_size;
    size_t mask;
};

struct index {
    const char *text; /* borrowed */
    size_t len;
    struct token_list list;
    uint64_t seed; /* of the hashes: depends on the text, against collisions
                      made on purpose */
    struct word *words; /* owned */
    size_t words_size, words_used;
    uint32_t *slots; /* owned: a hash table of words */
    size_t slots_size, slots_mask;
    uint32_t *next_place; /* owned: by place, of the same word */
    size_t next_size;
    struct join *joins; /* owned; the first is not used */
    size_t joins_size, joins_used;
    uint32_t *digits; /* owned: the tokens that are digits */
    size_t digits_size, digits_used;
    uint32_t by_length[WORD_LENGTHS]; /* words, NO_WORD = none */
    struct grams by_short, by_long;
    bool failed; /* memory ran out */
};

MUST_CHECK bool index_build(struct index *x, const char *text, size_t len);
void index_release(struct index *x);

/* NO_WORD when the text has it not. */
uint32_t index_word(const struct index *x, const uint32_t *chars, size_t len);
/* The first token that begins with GRAM_LONG (or GRAM_SHORT) of chars; go
 * on with next[]. */
uint32_t index_gram(const struct index *x, const struct grams *grams,
                    const uint32_t *chars, size_t len);

enum word_role word_role(const uint32_t *chars, size_t len);

/* Two words of WORD_LEGAL say the same. */
bool same_legal_form(const uint32_t *a, size_t a_len, const uint32_t *b,
                     size_t b_len);

/* Legal forms in Chinese, Japanese and Korean by number, 0 = none. */
#define ANY_LEGAL_FORM 100 /* "company" and no more */

/* The form that chars begin or end with, and its length.  One of a single
 * character is a form in brackets only, which the caller has to see to. */
int legal_form_at(const uint32_t *chars, size_t len, bool at_end,
                  size_t *taken);
bool is_other_legal_form(int a, int b);

#endif
