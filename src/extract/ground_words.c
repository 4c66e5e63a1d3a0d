#include "extract/ground_index.h"

/* Words that may be missing or in excess; sorted.  One that is both (as) is
 * small. */
static const struct {
    char word[14];
    enum word_role role;
} roles[] = {
    { "a", WORD_SMALL },        { "ab", WORD_LEGAL },
    { "ag", WORD_LEGAL },       { "al", WORD_SMALL },
    { "am", WORD_SMALL },       { "an", WORD_SMALL },
    { "and", WORD_SMALL },      { "aps", WORD_LEGAL },
    { "as", WORD_SMALL },       { "asa", WORD_LEGAL },
    { "at", WORD_SMALL },       { "bv", WORD_LEGAL },
    { "bvba", WORD_LEGAL },     { "by", WORD_SMALL },
    { "co", WORD_LEGAL },       { "company", WORD_LEGAL },
    { "corp", WORD_LEGAL },     { "corporation", WORD_LEGAL },
    { "da", WORD_SMALL },       { "das", WORD_SMALL },
    { "de", WORD_SMALL },       { "del", WORD_SMALL },
    { "della", WORD_SMALL },    { "den", WORD_SMALL },
    { "der", WORD_SMALL },      { "des", WORD_SMALL },
    { "di", WORD_SMALL },       { "die", WORD_SMALL },
    { "do", WORD_SMALL },       { "dos", WORD_SMALL },
    { "du", WORD_SMALL },       { "e", WORD_SMALL },
    { "eirl", WORD_LEGAL },     { "el", WORD_SMALL },
    { "en", WORD_SMALL },       { "et", WORD_SMALL },
    { "ev", WORD_LEGAL },       { "for", WORD_SMALL },
    { "from", WORD_SMALL },     { "fur", WORD_SMALL },
    { "gbr", WORD_LEGAL },      { "gli", WORD_SMALL },
    { "gmbh", WORD_LEGAL },     { "hf", WORD_LEGAL },
    { "i", WORD_SMALL },        { "il", WORD_SMALL },
    { "im", WORD_SMALL },       { "in", WORD_SMALL },
    { "inc", WORD_LEGAL },      { "incorporated", WORD_LEGAL },
    { "jsc", WORD_LEGAL },      { "kft", WORD_LEGAL },
    { "kg", WORD_LEGAL },       { "kgaa", WORD_LEGAL },
    { "kk", WORD_LEGAL },       { "la", WORD_SMALL },
    { "las", WORD_SMALL },      { "lda", WORD_LEGAL },
    { "le", WORD_SMALL },       { "les", WORD_SMALL },
    { "limitada", WORD_LEGAL }, { "limited", WORD_LEGAL },
    { "llc", WORD_LEGAL },      { "llp", WORD_LEGAL },
    { "lo", WORD_SMALL },       { "los", WORD_SMALL },
    { "lp", WORD_LEGAL },       { "ltd", WORD_LEGAL },
    { "ltda", WORD_LEGAL },     { "mit", WORD_SMALL },
    { "na", WORD_SMALL },       { "nv", WORD_LEGAL },
    { "of", WORD_SMALL },       { "og", WORD_SMALL },
    { "ohg", WORD_LEGAL },      { "on", WORD_SMALL },
    { "ooo", WORD_LEGAL },      { "or", WORD_SMALL },
    { "oy", WORD_LEGAL },       { "oyj", WORD_LEGAL },
    { "plc", WORD_LEGAL },      { "private", WORD_LEGAL },
    { "pte", WORD_LEGAL },      { "pty", WORD_LEGAL },
    { "pvt", WORD_LEGAL },      { "sa", WORD_LEGAL },
    { "sarl", WORD_LEGAL },     { "sas", WORD_LEGAL },
    { "se", WORD_LEGAL },       { "sl", WORD_LEGAL },
    { "spa", WORD_LEGAL },      { "spz", WORD_LEGAL },
    { "srl", WORD_LEGAL },      { "sro", WORD_LEGAL },
    { "the", WORD_SMALL },      { "to", WORD_SMALL },
    { "ug", WORD_LEGAL },       { "ullc", WORD_LEGAL },
    { "und", WORD_SMALL },      { "van", WORD_SMALL },
    { "von", WORD_SMALL },      { "with", WORD_SMALL },
    { "y", WORD_SMALL },        { "za", WORD_SMALL },
    { "zrt", WORD_LEGAL },      { "zu", WORD_SMALL },
    { "zur", WORD_SMALL },
};

/* As strcmp() of the chars and an ASCII word. */
static int compare(const uint32_t *chars, size_t len, const char *word)
{
    size_t i;

    for (i = 0; i < len; i++) {
        unsigned char c = (unsigned char)word[i];

        if (chars[i] != c)
            return chars[i] < c ? -1 : 1;
    }
    return word[len] ? -1 : 0;
}

enum word_role word_role(const uint32_t *chars, size_t len)
{
    size_t low = 0, high = ARRAY_LEN(roles);

    if (len >= sizeof(roles[0].word))
        return WORD_PLAIN;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(chars, len, roles[middle].word);

        if (!order)
            return roles[middle].role;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return WORD_PLAIN;
}

bool same_legal_form(const uint32_t *a, size_t a_len, const uint32_t *b,
                     size_t b_len)
{
    size_t least = a_len < b_len ? a_len : b_len;

    /* inc, incorporated; co, company; ltd, limited */
    return !memcmp(a, b, least * sizeof(*a)) ||
           (least > 2 && a[0] == b[0] && a[a_len - 1] == b[b_len - 1]);
}

/* Legal forms of companies in scripts without blanks; longer ones first.
 * Forms of one number are the same in other words. */
static const struct {
    int form;
    uint32_t chars[6];
} legal_forms[] = {
    { 1, { 0x80a1, 0x4efd, 0x6709, 0x9650, 0x516c, 0x53f8 } }, /* gufen ... */
    { 2, { 0x6709, 0x9650, 0x8d23, 0x4efb, 0x516c, 0x53f8 } }, /* youxian ... */
    { 2, { 0x6709, 0x9650, 0x8cac, 0x4efb, 0x516c, 0x53f8 } },
    { 2, { 0x6709, 0x9650, 0x516c, 0x53f8 } }, /* youxian gongsi */
    { 3, { 0x682a, 0x5f0f, 0x4f1a, 0x793e } }, /* kabushiki gaisha */
    { 3, { 0x682a, 0x5f0f, 0x6703, 0x793e } },
    { 4, { 0x6709, 0x9650, 0x4f1a, 0x793e } }, /* yugen gaisha */
    { 5, { 0x5408, 0x540c, 0x4f1a, 0x793e } }, /* godo gaisha */
    { 6, { 0xc8fc, 0xc2dd, 0xd68c, 0xc0ac } }, /* jusik hoesa */
    { 7, { 0xc720, 0xd55c, 0xd68c, 0xc0ac } }, /* yuhan hoesa */
    { ANY_LEGAL_FORM, { 0x516c, 0x53f8 } },    /* gongsi */
    { 3, { 0x682a } },                         /* (kabu) */
    { 6, { 0xc8fc } },                         /* (ju) */
};

static size_t form_len(size_t i)
{
    size_t len = 0;

    while (len < ARRAY_LEN(legal_forms[i].chars) && legal_forms[i].chars[len])
        len++;
    return len;
}

static bool is_form(size_t i, const uint32_t *chars, size_t len)
{
    return !memcmp(chars, legal_forms[i].chars, len * sizeof(*chars));
}

int legal_form_at(const uint32_t *chars, size_t len, bool at_end, size_t *taken)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(legal_forms); i++) {
        *taken = form_len(i);
        if (*taken <= len &&
            is_form(i, at_end ? chars + len - *taken : chars, *taken))
            return legal_forms[i].form;
    }
    *taken = 0;
    return 0;
}

bool is_other_legal_form(int a, int b)
{
    return a != b && a && b && a != ANY_LEGAL_FORM && b != ANY_LEGAL_FORM;
}
