/*
 * ground_words.h -- the words of which resumes are made up.  Nobody is
 * meant: names, companies and schools are put together by chance.
 */
#ifndef TESTS_EXTRACT_GROUND_WORDS_H
#define TESTS_EXTRACT_GROUND_WORDS_H

#include "base/base.h"

struct pool {
    const char *const *words;
    size_t count;
};

struct language {
    bool cjk;
    bool legal_first; /* the legal form may come before the name */
    const char *street, *short_legal; /* of legals[0] */
    struct pool firsts, lasts, cities, streets, prefixes, industries, legals;
    struct pool levels, titles, schools, degrees, subjects, skills;
    struct pool labels, fillers, characters;
};

extern const struct language latin, chinese, japanese, korean;
extern const struct pool skills_of_all, romanised;

#endif
