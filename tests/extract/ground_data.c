#include "tests/extract/ground_data.h"

#include "base/text.h"
#include "tests/extract/ground_words.h"

const char *const noise_names[NOISES] = {
    [NOISE_NONE] = "as it is",    [NOISE_CASE] = "case",
    [NOISE_BLANKS] = "blanks",    [NOISE_LINE_END] = "line end",
    [NOISE_ACCENTS] = "accents",  [NOISE_PUNCTUATION] = "punctuation",
    [NOISE_HYPHEN] = "hyphen",    [NOISE_TYPO] = "typo",
    [NOISE_ORDER] = "order",      [NOISE_LEGAL] = "legal form",
    [NOISE_WIDTH] = "full width", [NOISE_TWO] = "two of these",
};
const char *const invention_names[INVENTIONS] = {
    "another candidate's", "a digit changed", "a neighbouring company",
    "a character or word replaced"
};

enum field {
    FIELD_NAME,
    FIELD_FIRST,
    FIELD_LAST,
    FIELD_EMAIL,
    FIELD_PHONE,
    FIELD_URL,
    FIELD_STREET,
    FIELD_CITY,
    FIELD_ZIP,
    FIELD_COMPANY,
    FIELD_TITLE,
    FIELD_SCHOOL,
    FIELD_DEGREE,
    FIELD_YEAR,
    FIELD_SKILL,
};
const char *const field_names[] = { "name",   "first",   "last",   "email",
                                    "phone",  "URL",     "street", "city",
                                    "zip",    "company", "title",  "school",
                                    "degree", "year",    "skill" };

static uint32_t state;

static uint32_t chance(uint32_t limit)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % limit;
}

static const char *pick(const struct pool *pool)
{
    return pool->words[chance((uint32_t)pool->count)];
}

static void plain_name(const char *name, char *out, size_t size)
{
    struct strbuf folded;
    size_t i, used = 0;

    strbuf_init(&folded, 1000);
    text_fold(name, strlen(name), &folded);
    for (i = 0; i < folded.len && used + 1 < size; i++)
        if (folded.data[i] >= 'a' && folded.data[i] <= 'z')
            out[used++] = folded.data[i];
    out[used] = '\0';
    strbuf_release(&folded);
}

/* A candidate's clean values. */
struct candidate {
    const struct language *language;
    char first[40], last[40];
};

static void company(const struct language *l, char *out, const char *prefix,
                    const char *industry, const char *legal)
{
    if (!l->cjk)
        snprintf(out, FACT_LONGEST, "%s %s%s%s", prefix, industry,
                 *legal ? " " : "", legal);
    else if (l->legal_first && chance(2))
        snprintf(out, FACT_LONGEST, "%s%s%s", legal, prefix, industry);
    else
        snprintf(out, FACT_LONGEST, "%s%s%s", prefix, industry, legal);
}

static void make_contact(const struct candidate *c, enum field field, char *out)
{
    static const char *const hosts[] = { "example.com", "example.org",
                                         "mail.example.net" };
    char first[40] = "kim", last[40] = "lee";

    plain_name(c->first, first, sizeof(first));
    plain_name(c->last, last, sizeof(last));
    if (!*first)
        snprintf(first, sizeof(first), "%s", pick(&romanised));
    if (!*last)
        snprintf(last, sizeof(last), "%s", pick(&romanised));
    if (field == FIELD_EMAIL)
        snprintf(out, FACT_LONGEST, "%s.%s%u@%s", first, last, chance(90) + 10,
                 hosts[chance(3)]);
    else
        snprintf(out, FACT_LONGEST, "linkedin.com/in/%s-%s-%u", first, last,
                 chance(9000) + 1000);
}

static void make_number(const struct language *l, enum field field, char *out)
{
    if (field == FIELD_YEAR)
        snprintf(out, FACT_LONGEST, "%u", 1985 + chance(40));
    else if (field == FIELD_ZIP)
        snprintf(out, FACT_LONGEST, "%05u", 10000 + chance(89999));
    else if (l->cjk)
        snprintf(out, FACT_LONGEST, "1%u%u-%04u-%04u", 3 + chance(7),
                 chance(10), chance(10000), chance(10000));
    else
        snprintf(out, FACT_LONGEST, "(%03u) %03u-%04u", 201 + chance(780),
                 200 + chance(790), chance(10000));
}

static void make_words(const struct candidate *c, enum field field, char *out)
{
    const struct language *l = c->language;
    const char *gap = l->cjk ? "" : " ";

    if (field == FIELD_STREET)
        snprintf(out, FACT_LONGEST, "%u%s%s", chance(9000) + 1, l->street,
                 pick(&l->streets));
    else if (field == FIELD_SCHOOL && !l->cjk && chance(2))
        snprintf(out, FACT_LONGEST, "University of %s", pick(&l->cities));
    else if (field == FIELD_SCHOOL)
        snprintf(out, FACT_LONGEST, "%s%s%s", pick(&l->cities), gap,
                 pick(&l->schools));
    else if (field == FIELD_DEGREE)
        snprintf(out, FACT_LONGEST, "%s%s%s%s", pick(&l->degrees), gap,
                 l->cjk ? "" : "in ", pick(&l->subjects));
    else
        snprintf(out, FACT_LONGEST, "%s%s%s", pick(&l->levels), gap,
                 pick(&l->titles));
}

static void make_value(const struct candidate *c, enum field field, char *out)
{
    const struct language *l = c->language;

    switch (field) {
    case FIELD_NAME:
        snprintf(out, FACT_LONGEST, "%s%s%s", l->cjk ? c->last : c->first,
                 l->cjk ? "" : " ", l->cjk ? c->first : c->last);
        break;
    case FIELD_FIRST: snprintf(out, FACT_LONGEST, "%s", c->first); break;
    case FIELD_LAST: snprintf(out, FACT_LONGEST, "%s", c->last); break;
    case FIELD_CITY: snprintf(out, FACT_LONGEST, "%s", pick(&l->cities)); break;
    case FIELD_SKILL:
        snprintf(out, FACT_LONGEST, "%s",
                 pick(chance(3) ? &l->skills : &skills_of_all));
        break;
    case FIELD_COMPANY:
        company(l, out, pick(&l->prefixes), pick(&l->industries),
                pick(&l->legals));
        break;
    case FIELD_EMAIL:
    case FIELD_URL: make_contact(c, field, out); break;
    case FIELD_PHONE:
    case FIELD_ZIP:
    case FIELD_YEAR: make_number(l, field, out); break;
    case FIELD_STREET:
    case FIELD_TITLE:
    case FIELD_SCHOOL:
    case FIELD_DEGREE: make_words(c, field, out); break;
    }
}

static void make_candidate(struct candidate *c, const struct language *l)
{
    c->language = l;
    snprintf(c->first, sizeof(c->first), "%s", pick(&l->firsts));
    snprintf(c->last, sizeof(c->last), "%s", pick(&l->lasts));
}

/*
 * Noise: how the value is written in the text.  False when this kind does
 * nothing to this value.
 */

static bool is_letter(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static size_t character(const char *s)
{
    uint32_t c;
    size_t n = utf8_decode(s, strlen(s), &c);

    return n ? n : 1;
}

/* Between two characters of a script without blanks: not within numbers
 * and Latin words, of whatever width. */
static bool is_between_cjk(const char *at)
{
    uint32_t c;

    return utf8_decode(at, strlen(at), &c) && c >= 0x3040 && c < 0xff00;
}

static bool change_case(const char *value, struct strbuf *out)
{
    bool upper = chance(2);
    bool changed = false;

    for (; *value; value++) {
        char c = *value;

        if (is_letter(c))
            c = (char)(upper ? c & ~32 : c | 32);
        changed = changed || c != *value;
        strbuf_addc(out, c);
    }
    return changed;
}

static bool add_blanks(const char *value, struct strbuf *out, bool cjk)
{
    bool changed = false;

    while (*value) {
        size_t n = character(value);

        strbuf_add(out, value, n);
        value += n;
        if (value[-1] == ' ' || (cjk && is_between_cjk(value) && !chance(3))) {
            strbuf_adds(out, chance(2) ? " " : "    ");
            changed = true;
        }
    }
    return changed;
}

static bool end_line(const char *value, struct strbuf *out, bool cjk)
{
    bool changed = false;

    while (*value) {
        size_t n = character(value);

        if (*value == ' ' && !changed) {
            strbuf_adds(out, "\n  ");
            changed = true;
        } else {
            strbuf_add(out, value, n);
        }
        value += n;
        if (cjk && is_between_cjk(value) && !changed && chance(2)) {
            strbuf_addc(out, '\n');
            changed = true;
        }
    }
    return changed;
}

static bool lose_accents(const char *value, struct strbuf *out)
{
    static const char *const accents[][2] = {
        { "é", "e" }, { "è", "e" },  { "ü", "u" }, { "ö", "o" }, { "ä", "a" },
        { "ñ", "n" }, { "ç", "c" },  { "í", "i" }, { "ó", "o" }, { "á", "a" },
        { "ł", "l" }, { "Ł", "L" },  { "ń", "n" }, { "ź", "z" }, { "ż", "z" },
        { "ą", "a" }, { "ę", "e" },  { "ë", "e" }, { "ô", "o" }, { "ø", "o" },
        { "å", "a" }, { "ß", "ss" }, { "É", "E" }, { "Á", "A" }, { "ú", "u" },
        { "ã", "a" }, { "Ü", "U" },  { "ê", "e" }, { "š", "s" }, { "č", "c" },
    };
    bool changed = false;

    while (*value) {
        size_t n = character(value);
        const char *plain = NULL;
        size_t i;

        for (i = 0; n > 1 && i < ARRAY_LEN(accents); i++)
            if (!strncmp(value, accents[i][0], n))
                plain = accents[i][1];
        if (plain)
            strbuf_adds(out, plain);
        else
            strbuf_add(out, value, n);
        changed = changed || plain;
        value += n;
    }
    return changed;
}

static bool other_punctuation(const struct fact *f, struct strbuf *out,
                              bool cjk)
{
    const char *value = f->value;
    bool changed = false;

    if (f->field == FIELD_EMAIL || f->field == FIELD_URL ||
        f->field == FIELD_YEAR || f->field == FIELD_ZIP)
        return false;
    if (f->field == FIELD_PHONE && !strpbrk(value, "0123456789"))
        return false; /* of full width */
    if (f->field == FIELD_PHONE) {
        static const char *const between[] = { "", ".", " ", "-", "/" };
        const char *gap = between[chance(5)];

        for (; *value; value++) {
            if (*value >= '0' && *value <= '9')
                strbuf_addc(out, *value);
            else if (*value == ' ' || *value == '-')
                strbuf_adds(out, gap);
        }
        return true;
    }
    while (*value) {
        size_t n = character(value);

        if (*value == ' ' && !changed && chance(2)) {
            static const char *const gaps[] = { "-", ", ", " / ",
                                                "\xe2\x80\x93" };

            strbuf_adds(out, gaps[chance(4)]);
            changed = true;
        } else if (*value == '.' || *value == '\'' || *value == ',') {
            changed = true; /* left out */
        } else {
            strbuf_add(out, value, n);
        }
        value += n;
        if (cjk && is_between_cjk(value) && !changed && !chance(3)) {
            strbuf_adds(out, chance(2) ? "・" : "　");
            changed = true;
        }
    }
    return changed;
}

/* The longest word of ASCII letters: where and how long. */
static size_t longest_word(const char *value, size_t *at)
{
    size_t best = 0;
    size_t i, n;

    for (i = 0; value[i]; i += n ? n : 1) {
        for (n = 0; is_letter(value[i + n]); n++)
            continue;
        if (n > best) {
            best = n;
            *at = i;
        }
    }
    return best;
}

static bool hyphenate(const struct fact *f, struct strbuf *out)
{
    size_t at = 0;
    size_t len = longest_word(f->value, &at);
    size_t cut;

    if (len < 7 || f->field == FIELD_EMAIL || f->field == FIELD_URL)
        return false;
    cut = at + 3 + chance((uint32_t)len - 5);
    strbuf_add(out, f->value, cut);
    strbuf_adds(out, chance(2) ? "-\n" : "-\n    ");
    strbuf_adds(out, f->value + cut);
    return true;
}

/* One slip in a long word, as scanners and fingers make them. */
static bool slip(const struct fact *f, struct strbuf *out)
{
    static const char *const confused[][2] = {
        { "l", "1" }, { "o", "0" }, { "rn", "m" }, { "m", "rn" }, { "e", "c" },
        { "i", "l" }, { "h", "b" }, { "c", "e" },  { "s", "5" },  { "u", "v" },
    };
    size_t at = 0;
    size_t len = longest_word(f->value, &at);
    size_t place, i, n;
    uint32_t kind = chance(5);

    if (len < 8 || f->field == FIELD_EMAIL || f->field == FIELD_URL)
        return false;
    place = at + 1 + chance((uint32_t)len - 2);
    if (kind == 4) {
        i = chance(ARRAY_LEN(confused));
        n = strlen(confused[i][0]);
        for (place = at + 1; place + n < at + len; place++)
            if (!strncmp(f->value + place, confused[i][0], n))
                break;
        if (place + n >= at + len)
            return false;
        strbuf_add(out, f->value, place);
        strbuf_adds(out, confused[i][1]);
        strbuf_adds(out, f->value + place + n);
        return true;
    }
    strbuf_add(out, f->value, place);
    if (kind == 1 || kind == 2)
        strbuf_addc(out, (char)('a' + chance(26)));
    if (kind == 3) {
        if (place + 2 >= at + len || f->value[place] == f->value[place + 1])
            return false;
        strbuf_addc(out, f->value[place + 1]);
        strbuf_addc(out, f->value[place]);
    }
    strbuf_adds(out, f->value + place + (kind == 3 ? 2 : kind != 2));
    return true;
}

static bool other_legal_form(const struct language *l, const struct fact *f,
                             struct strbuf *out)
{
    const char *found = NULL;
    const char *legal = "";
    size_t i;

    if (f->field != FIELD_COMPANY)
        return false;
    for (i = 0; i < l->legals.count && !found; i++)
        if (*l->legals.words[i] &&
            (found = strstr(f->value, l->legals.words[i])))
            legal = l->legals.words[i];
    if (!found)
        return false;
    strbuf_add(out, f->value, (size_t)(found - f->value));
    /* The short form is that of the first one. */
    if (l->cjk && chance(2) && legal == l->legals.words[0])
        strbuf_adds(out, l->short_legal);
    strbuf_adds(out, found + strlen(legal));
    return true;
}

static bool widen(const struct fact *f, struct strbuf *out)
{
    const char *value;
    bool changed = false;

    for (value = f->value; *value; value++) {
        char bytes[4];

        if (*value > ' ' && *value < 0x7f) {
            strbuf_add(out, bytes,
                       utf8_encode(0xff00u + (uint32_t)*value - 0x20, bytes));
            changed = true;
        } else {
            strbuf_addc(out, *value);
        }
    }
    return changed;
}

static bool reorder(const struct candidate *c, const struct fact *f,
                    struct strbuf *out)
{
    if (f->field != FIELD_NAME || c->language->cjk)
        return false;
    strbuf_addf(out, "%s, %s", c->last, c->first);
    return true;
}

static bool write_noisy(const struct candidate *c, const struct fact *f,
                        enum noise noise, struct strbuf *out)
{
    bool cjk = c->language->cjk;

    switch (noise) {
    case NOISE_CASE: return change_case(f->value, out);
    case NOISE_BLANKS: return add_blanks(f->value, out, cjk);
    case NOISE_LINE_END: return end_line(f->value, out, cjk);
    case NOISE_ACCENTS: return lose_accents(f->value, out);
    case NOISE_PUNCTUATION: return other_punctuation(f, out, cjk);
    case NOISE_HYPHEN: return hyphenate(f, out);
    case NOISE_TYPO: return slip(f, out);
    case NOISE_ORDER: return reorder(c, f, out);
    case NOISE_LEGAL: return other_legal_form(c->language, f, out);
    case NOISE_WIDTH: return cjk && widen(f, out);
    case NOISE_NONE:
    case NOISE_TWO:
    case NOISES: break;
    }
    return false;
}

/* One kind of noise that does something to the value; NOISE_NONE when
 * eight tries found none. */
static enum noise write_other(const struct candidate *c, const struct fact *f,
                              struct strbuf *out)
{
    size_t before = out->len;
    int tries;

    for (tries = 0; tries < 8; tries++) {
        enum noise noise = (enum noise)(1 + chance(NOISE_TWO - 1));

        if (write_noisy(c, f, noise, out))
            return noise;
        strbuf_cut(out, before);
    }
    strbuf_adds(out, f->value);
    return NOISE_NONE;
}

/* Writes the value into the text, half of the time in another form, and
 * some of these times in one that is changed twice. */
static void write_fact(struct made_up *m, const struct candidate *c,
                       struct fact *f)
{
    struct fact once = *f;
    size_t before = m->text.len;
    enum noise second;

    f->kind = NOISE_NONE;
    if (chance(2)) {
        strbuf_adds(&m->text, f->value);
        return;
    }
    f->kind = write_other(c, f, &m->text);
    if (f->kind == NOISE_ORDER || chance(4) > 0)
        return;
    snprintf(once.value, sizeof(once.value), "%s", m->text.data + before);
    if (m->text.len - before >= sizeof(once.value))
        return;
    strbuf_cut(&m->text, before);
    second = write_other(c, &once, &m->text);
    /* Two slips in a word aren't small any more. */
    if (second == NOISE_TYPO && f->kind == NOISE_TYPO) {
        strbuf_cut(&m->text, before);
        strbuf_adds(&m->text, once.value);
    } else if (second != NOISE_NONE) {
        f->kind = NOISE_TWO;
    }
}

static void tell(struct made_up *m, const struct candidate *c, enum field field)
{
    struct fact *f = &m->truth[m->truths++];

    f->field = field;
    make_value(c, field, f->value);
    write_fact(m, c, f);
}

static void filler(struct made_up *m, const struct language *l, uint32_t count)
{
    while (count--)
        strbuf_adds(&m->text, pick(&l->fillers));
}

static void tell_position(struct made_up *m, const struct candidate *c)
{
    const struct language *l = c->language;

    tell(m, c, FIELD_YEAR);
    strbuf_adds(&m->text, l->cjk ? "年 — " : " - ");
    tell(m, c, FIELD_YEAR);
    strbuf_adds(&m->text, l->cjk ? "年\n" : ":\n");
    tell(m, c, FIELD_COMPANY);
    strbuf_adds(&m->text, l->cjk ? "，" : " | ");
    tell(m, c, FIELD_CITY);
    strbuf_adds(&m->text, "\n");
    tell(m, c, FIELD_TITLE);
    strbuf_adds(&m->text, "\n");
    filler(m, l, 6);
    strbuf_adds(&m->text, "\n");
}

static void tell_all(struct made_up *m, const struct candidate *c)
{
    static const enum field head[] = { FIELD_NAME, FIELD_EMAIL,  FIELD_PHONE,
                                       FIELD_URL,  FIELD_STREET, FIELD_CITY,
                                       FIELD_ZIP };
    const struct language *l = c->language;
    size_t i;

    for (i = 0; i < ARRAY_LEN(head); i++) {
        strbuf_adds(&m->text, pick(&l->labels));
        tell(m, c, head[i]);
        strbuf_adds(&m->text, "\n");
    }
    filler(m, l, 4);
    for (i = 0; i < 5; i++)
        tell_position(m, c);
    for (i = 0; i < 2; i++) {
        tell(m, c, FIELD_DEGREE);
        strbuf_adds(&m->text, l->cjk ? "　" : ", ");
        tell(m, c, FIELD_SCHOOL);
        strbuf_adds(&m->text, "\n");
    }
    for (i = 0; i < 14; i++) {
        strbuf_adds(&m->text, i ? (l->cjk ? "、" : ", ") : "\n");
        tell(m, c, FIELD_SKILL);
    }
    strbuf_adds(&m->text, "\n");
}

/*
 * Inventions.
 */

static bool is_word_byte(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* A company without its legal form. */
static void bare_company(const struct language *l, const char *value, char *out)
{
    const char *found;
    size_t i;

    snprintf(out, FACT_LONGEST, "%s", value);
    for (i = 0; i < l->legals.count; i++) {
        size_t len = strlen(l->legals.words[i]);

        found = len ? strstr(value, l->legals.words[i]) : NULL;
        if (!found)
            continue;
        snprintf(out, FACT_LONGEST, "%.*s%s", (int)(found - value), value,
                 found + len);
        while (*out && out[strlen(out) - 1] == ' ')
            out[strlen(out) - 1] = '\0';
        return;
    }
}

/* The value stands in the text as it is, but for case: then it's no
 * invention, and neither is one of the true values. */
static bool is_true(const struct made_up *m, const struct language *l,
                    const struct fact *f)
{
    char value[FACT_LONGEST];
    bool cjk = l->cjk;
    const char *text = m->text.data;
    size_t i, j, len;

    snprintf(value, sizeof(value), "%s", f->value);
    if (f->field == FIELD_COMPANY)
        bare_company(l, f->value, value);
    len = strlen(value);

    for (i = 0; i < m->truths; i++)
        if (ascii_equal_nocase(m->truth[i].value, value) ||
            strstr(m->truth[i].value, value))
            return true;
    for (i = 0; i + len <= m->text.len; i++) {
        for (j = 0; j < len && (text[i + j] | 32) == (value[j] | 32); j++)
            continue;
        if (j == len && (cjk || !i || !is_word_byte(text[i - 1])) &&
            (cjk || !is_word_byte(text[i + len])))
            return true;
    }
    return false;
}

static const struct fact *fact_of(const struct made_up *m, enum field field)
{
    size_t start = chance((uint32_t)m->truths);
    size_t i;

    for (i = 0; i < m->truths; i++) {
        const struct fact *f = &m->truth[(start + i) % m->truths];

        if (f->field == (int)field)
            return f;
    }
    return &m->truth[0];
}

static void change_digit(const struct made_up *m, struct fact *f)
{
    static const enum field fields[] = { FIELD_PHONE, FIELD_YEAR, FIELD_ZIP,
                                         FIELD_PHONE };
    size_t digits = 0;
    size_t i, chosen;

    *f = *fact_of(m, fields[chance(4)]);
    for (i = 0; f->value[i]; i++)
        digits += f->value[i] >= '0' && f->value[i] <= '9';
    chosen = chance((uint32_t)digits);
    for (i = 0; f->value[i]; i++)
        if (f->value[i] >= '0' && f->value[i] <= '9' && !chosen--)
            f->value[i] =
                (char)('0' + (f->value[i] - '0' + 1 + (int)chance(9)) % 10);
}

static void neighbour(const struct made_up *m, const struct language *l,
                      struct fact *f)
{
    const char *industry = NULL, *prefix = NULL, *right;
    const char **wrong;
    size_t i;

    *f = *fact_of(m, FIELD_COMPANY);
    for (i = 0; i < l->industries.count; i++)
        if (strstr(f->value, l->industries.words[i]))
            industry = l->industries.words[i];
    for (i = 0; i < l->prefixes.count; i++)
        if (strstr(f->value, l->prefixes.words[i]))
            prefix = l->prefixes.words[i];
    if (!industry || !prefix)
        return;
    /* Another legal form alone makes no other company. */
    wrong = chance(2) ? &industry : &prefix;
    right = *wrong;
    while (*wrong == right)
        *wrong = pick(wrong == &prefix ? &l->prefixes : &l->industries);
    company(l, f->value, prefix, industry, pick(&l->legals));
}

/* CJK: one character becomes another; Latin: a name or company gets another
 * word. */
static void replace_one(const struct made_up *m, const struct candidate *c,
                        struct fact *f)
{
    static const enum field fields[] = { FIELD_NAME, FIELD_COMPANY,
                                         FIELD_SCHOOL, FIELD_TITLE };
    const struct language *l = c->language;
    char changed[FACT_LONGEST];
    const char *other = pick(&l->characters);
    size_t characters, at, n;
    uint32_t chosen;

    *f = *fact_of(m, fields[chance(4)]);
    if (!l->cjk) {
        f->field = FIELD_NAME;
        snprintf(f->value, sizeof(f->value), "%s %s", c->first,
                 pick(&l->lasts));
        return;
    }
    characters = utf8_characters(f->value, strlen(f->value));
    chosen = chance((uint32_t)characters);
    for (at = 0; chosen; chosen--)
        at += character(f->value + at);
    n = character(f->value + at);
    snprintf(changed, sizeof(changed), "%.*s%s%s", (int)at, f->value, other,
             f->value + at + n);
    memcpy(f->value, changed, sizeof(changed));
}

static void invent(struct made_up *m, const struct candidate *c,
                   enum invention kind)
{
    struct fact *f = &m->inventions[m->invented];
    struct candidate other;
    int tries;

    for (tries = 0; tries < 20; tries++) {
        make_candidate(&other, c->language);
        if (kind == INVENTED_OTHER) {
            f->field = (int)chance(FIELD_SKILL + 1);
            make_value(&other, (enum field)f->field, f->value);
        } else if (kind == INVENTED_DIGIT) {
            change_digit(m, f);
        } else if (kind == INVENTED_NEIGHBOUR) {
            neighbour(m, c->language, f);
        } else {
            replace_one(m, c, f);
        }
        f->kind = kind;
        if (!is_true(m, c->language, f)) {
            m->invented++;
            return;
        }
    }
}

void make_up(struct made_up *m, uint32_t seed, uint32_t number)
{
    static const struct language *const cjk[] = { &chinese, &japanese,
                                                  &korean };
    struct candidate c;
    int kind;

    state = (seed * 2654435761u) ^ (number * 40503u + 1);
    state = state ? state : 1;
    for (kind = 0; kind < 8; kind++)
        chance(2);
    m->truths = m->invented = 0;
    m->cjk = number % 2 == 1;
    strbuf_init(&m->text, MIB);
    make_candidate(&c, m->cjk ? cjk[number / 2 % 3] : &latin);
    tell_all(m, &c);
    for (kind = 0; kind < 6; kind++)
        invent(m, &c, (enum invention)(kind % INVENTIONS));
}

void made_up_release(struct made_up *m)
{
    strbuf_release(&m->text);
}
