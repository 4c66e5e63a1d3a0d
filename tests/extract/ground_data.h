/*
 * ground_data.h -- resumes made up by a machine, with what is true and what
 * is invented about each of them.
 *
 * Knows nothing of how grounding works.  A true value stands in the text,
 * but a text isn't written as a model writes it: other case, blanks, line
 * ends, lost accents, other punctuation, hyphens, a slip of the scanner.
 * An invention is a value that is not in the text, most of them near
 * misses: another candidate's, a digit changed, a neighbouring company, a
 * character replaced.
 */
#ifndef TESTS_EXTRACT_GROUND_DATA_H
#define TESTS_EXTRACT_GROUND_DATA_H

#include "base/strbuf.h"

#define FACT_LONGEST 160

enum noise {
    NOISE_NONE,
    NOISE_CASE,
    NOISE_BLANKS,
    NOISE_LINE_END,
    NOISE_ACCENTS,
    NOISE_PUNCTUATION,
    NOISE_HYPHEN,
    NOISE_TYPO,
    NOISE_ORDER, /* Last, First */
    NOISE_LEGAL, /* the company's legal form is missing or another */
    NOISE_WIDTH, /* full-width letters and digits */
    NOISE_TWO,   /* two of these */
    NOISES,
};
extern const char *const noise_names[];

enum invention {
    INVENTED_OTHER,     /* another candidate's value */
    INVENTED_DIGIT,     /* one digit of a number changed */
    INVENTED_NEIGHBOUR, /* a company next to the right one */
    INVENTED_LETTER,    /* one CJK character replaced; Latin: one word */
    INVENTIONS,
};
extern const char *const invention_names[];

struct fact {
    char value[FACT_LONGEST];
    int field;
    int kind; /* enum noise of a true one, enum invention of the others */
};

#define FACTS_MOST 80

struct made_up {
    struct strbuf text;
    bool cjk;
    struct fact truth[FACTS_MOST];
    size_t truths;
    struct fact inventions[8];
    size_t invented;
};

/* The number-th resume of a seed: always the same.  Even numbers are
 * Latin, odd ones Chinese, Japanese or Korean. */
void make_up(struct made_up *m, uint32_t seed, uint32_t number);
void made_up_release(struct made_up *m);

extern const char *const field_names[];

#endif
