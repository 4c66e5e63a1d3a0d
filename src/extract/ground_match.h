/*
 * ground_match.h -- one value against an index.  Private to ground.
 */
#ifndef EXTRACT_GROUND_MATCH_H
#define EXTRACT_GROUND_MATCH_H

#include "extract/ground_index.h"

struct needle {
    const struct index *index;
    const char *text; /* borrowed: the value as it came */
    size_t text_len;
    const struct token_list *list; /* its tokens */
    size_t from, to;               /* which of them are looked for */
    bool identifier;               /* an e-mail or a URL: to the letter */
    int legal_form;                /* the one taken off the value, 0 = none */
    size_t work;                   /* comparisons left */
};

/* Tokens of the text, [first, end). */
struct place {
    uint32_t first, end;
    bool exact;     /* byte for byte */
    unsigned fuzzy; /* words that differ by letters */
};

/* The value's characters in one go, whatever separates them. */
bool match_whole(struct needle *n, struct place *place);

/* A token between brackets, as the "kabu" of "(kabu)", be they one
 * character with it. */
bool is_bracketed(const char *text, const struct token *t);

/* "C" isn't there where only "C++" is: a sign belongs to the token before
 * end. */
bool sign_follows(const struct index *x, uint32_t end);

/* An e-mail or URL. */
bool is_identifier(const char *s, size_t len);

/* A telephone number by its digits, with or without the country's. */
bool is_phone(const struct needle *n);
bool match_phone(struct needle *n, struct place *place);

/* Word by word: small words and legal forms may be missing or in excess,
 * long words may be mistyped, two to four words may be in another order. */
bool match_words(struct needle *n, struct place *place);

#endif
