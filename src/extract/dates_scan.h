/*
 * dates_scan.h -- what the three files of the scanner share.
 *
 * Positions are offsets in the folded text, which ends with a NUL; every
 * scan_ function returns the position behind what it took.
 */
#ifndef EXTRACT_DATES_SCAN_H
#define EXTRACT_DATES_SCAN_H

#include "extract/dates_private.h"

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* Han, kana, Hangul: written without blanks, or with endings attached. */
static inline bool is_cjk(char c)
{
    return (unsigned char)c >= 0xe3 && (unsigned char)c <= 0xed;
}

static inline size_t digits_end(const struct dates *d, size_t at)
{
    while (is_digit(d->text[at]))
        at++;
    return at;
}

static inline size_t letters_end(const struct dates *d, size_t at)
{
    while (is_letter(d->text[at]) && !is_cjk(d->text[at]))
        at++;
    return at;
}

/* 0 when there is no token yet. */
static inline int last_class(const struct dates *d)
{
    return d->count ? d->classes[d->count - 1] : 0;
}

/* The first place when there is no token yet. */
static inline struct dates_token *last_token(struct dates *d)
{
    return &d->tokens[d->count ? d->count - 1 : 0];
}

static inline bool is_number_class(int class)
{
    return class && strchr("z01234yYFCENo", class);
}

static inline bool is_word(const char *s, size_t len, const char *word)
{
    return len == strlen(word) && !memcmp(s, word, len);
}

/* dates_scan.c */
void dates_set_class(struct dates *d, size_t i, int class);
void dates_add_token(struct dates *d, int class, int value, size_t begin,
                     size_t end);

/* dates_number.c */
void dates_add_number(struct dates *d, int value, size_t digits, size_t begin,
                      size_t end);
int dates_number_value(const struct dates *d, size_t at, size_t end);
/* "2O12", "l998": four characters that a reader of scans took for letters;
 * 0 when they are none. */
int dates_ocr_year(const struct dates *d, size_t at);
/* "0ct", "ju1y": a month with digits in it; where it ends, 0 = none. */
size_t dates_ocr_month(const struct dates *d, size_t at, int *month);
/* The number just added is a day. */
void dates_make_ordinal(struct dates *d);
/* The number just added becomes a quarter (q) or a half (h). */
bool dates_make_part(struct dates *d, char letter);
/* st, nd, rd, th */
bool dates_is_english_ordinal(const char *s, size_t len);
/* The ending of the word or number just added. */
void dates_apply_ending(struct dates *d, int class);
/* "2010-tol", "2013'e", "1-go": how far the ending reaches. */
size_t dates_scan_ending(struct dates *d, size_t at);
/* What stands right behind the number just added. */
size_t dates_scan_behind_number(struct dates *d, size_t end);
size_t dates_scan_number(struct dates *d, size_t at);

/* dates_word.c */
size_t dates_scan_cjk(struct dates *d, size_t at);
size_t dates_scan_word(struct dates *d, size_t at);

#endif
