#include "extract/rules.h"

#include "base/text.h"

/* ASCII letters, digits; no locale. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return ((unsigned char)c | 32) >= 'a' && ((unsigned char)c | 32) <= 'z';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

static bool equal_nocase(const char *s, size_t len, const char *word)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (!word[i] || lower(s[i]) != lower(word[i]))
            return false;
    return !word[len];
}

static bool starts_nocase(const char *s, size_t len, const char *word)
{
    size_t n = strlen(word);

    return len >= n && equal_nocase(s, n, word);
}

static void add_lower(struct strbuf *out, const char *s, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        strbuf_addc(out, lower(s[i]));
}

void rule_trim(const char **s, size_t *len)
{
    uint32_t c;
    size_t n, back;

    while ((n = utf8_decode(*s, *len, &c)) &&
           (text_is_space(c) || text_is_zero_width(c))) {
        *s += n;
        *len -= n;
    }
    while (*len) {
        for (back = 1; back < *len && back < 4; back++)
            if (((unsigned char)(*s)[*len - back] & 0xc0) != 0x80)
                break;
        if (!utf8_decode(*s + *len - back, back, &c) ||
            !(text_is_space(c) || text_is_zero_width(c)))
            break;
        *len -= back;
    }
}

bool rule_is_null_word(const char *s, size_t len)
{
    static const char *const words[] = { "n/a",
                                         "n.a.",
                                         "n.a",
                                         "none",
                                         "null",
                                         "nil",
                                         "-",
                                         "--",
                                         "---",
                                         "\xe2\x80\x93",
                                         "\xe2\x80\x94",
                                         "?",
                                         ".",
                                         "...",
                                         "unknown",
                                         "undefined",
                                         "unspecified",
                                         "not specified",
                                         "not provided",
                                         "not available",
                                         "not mentioned",
                                         "not applicable",
                                         "not stated",
                                         "not given",
                                         "not found",
                                         "not listed",
                                         "not disclosed",
                                         "no information",
                                         "none provided",
                                         "none specified",
                                         "none listed",
                                         "[]",
                                         "{}",
                                         "<null>",
                                         "(none)",
                                         "<none>",
                                         "none mentioned" };
    static const char begins[] = "nNuU?.[{<(-\xe2";
    size_t i;

    if (!len)
        return true;
    if (len > 16 || !memchr(begins, s[0], sizeof(begins) - 1))
        return false; /* nearly all values end here */
    /* "Na" is a name; "NA" and "na" are not. */
    if (len == 2 && lower(s[0]) == 'n' && (s[1] == 'A' || s[0] == 'n') &&
        lower(s[1]) == 'a')
        return true;
    for (i = 0; i < ARRAY_LEN(words); i++)
        if (equal_nocase(s, len, words[i]))
            return true;
    return false;
}

/* Brackets, quotes and what a sentence leaves behind. */
static void strip_punctuation(const char **s, size_t *len)
{
    while (*len && strchr("<([\"'", (*s)[0])) {
        ++*s;
        --*len;
    }
    while (*len && strchr(">)]\"'.,;:|", (*s)[*len - 1]))
        --*len;
}

static bool is_mail_character(char c)
{
    return is_letter(c) || is_digit(c) || (unsigned char)c >= 0x80 ||
           (c && strchr(".!#$%&'*+/=?^_`{|}~-", c));
}

static bool all_host_characters(const char *s, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (!is_letter(s[i]) && !is_digit(s[i]) && s[i] != '-' && s[i] != '.' &&
            (unsigned char)s[i] < 0x80)
            return false;
    return true;
}

/* Letters and dots: labels that are not empty, the last of them of two
 * characters at least. */
static bool is_host(const char *s, size_t len)
{
    const char *dot = NULL;
    size_t i;

    if (len < 4 || s[0] == '.' || s[0] == '-' || !all_host_characters(s, len))
        return false;
    for (i = 0; i < len; i++)
        if (s[i] == '.') {
            if (dot == s + i - 1)
                return false;
            dot = s + i;
        }
    return dot && s + len - dot > 2 && !is_digit(dot[1]);
}

#define MAIL_MOST 254

/* How people hide an address from machines; blanks beside it go. */
static const struct {
    const char *spelt;
    char plain[2];
} mail_words[] = {
    { "(at)", "@" },  { "[at]", "@" },  { "{at}", "@" },
    { "<at>", "@" },  { " at ", "@" },  { "@", "@" },
    { "(dot)", "." }, { "[dot]", "." }, { "{dot}", "." },
    { "<dot>", "." }, { " dot ", "." }, { " underscore ", "_" },
    { "\n", "" },
};

static size_t find_mail_word(const char *s, size_t len)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(mail_words); i++)
        if (starts_nocase(s, len, mail_words[i].spelt))
            break;
    return i;
}

/* "jane (at) x dot org", and one that was broken over lines. */
static void spell_mail(const char *s, size_t len, struct strbuf *out)
{
    size_t i, word;

    for (i = 0; i < len;) {
        word = find_mail_word(s + i, len - i);
        if (word == ARRAY_LEN(mail_words)) {
            strbuf_addc(out, s[i++]);
            continue;
        }
        while (out->len && out->data[out->len - 1] == ' ')
            strbuf_cut(out, out->len - 1);
        strbuf_adds(out, mail_words[word].plain);
        i += strlen(mail_words[word].spelt);
        while (i < len && s[i] == ' ')
            i++;
    }
}

static void add_mail(const char *s, size_t len, struct strbuf *out)
{
    const char *at = memchr(s, '@', len);
    size_t i, local;

    if (!at || at == s || len > MAIL_MOST)
        return;
    local = (size_t)(at - s);
    for (i = 0; i < local; i++)
        if (!is_mail_character(s[i]))
            return;
    if (!is_host(at + 1, len - local - 1))
        return;
    strbuf_add(out, s, local + 1);
    add_lower(out, at + 1, len - local - 1);
}

static void apply_email(const char *s, size_t len, struct strbuf *out)
{
    struct strbuf plain;

    if (starts_nocase(s, len, "mailto:")) {
        s += 7;
        len -= 7;
    }
    strip_punctuation(&s, &len);
    strbuf_init(&plain, 2 * MAIL_MOST);
    spell_mail(s, len, &plain);
    if (strbuf_ok(&plain))
        add_mail(plain.data, plain.len, out);
    strbuf_release(&plain);
}

/* "ext. 12", "x12", "#12" at the end: its digits, and *len without it. */
static void split_extension(const char *s, size_t *len, const char **digits,
                            size_t *count)
{
    size_t at = *len;

    *count = 0;
    while (at && is_digit(s[at - 1]))
        at--;
    *digits = s + at;
    *count = *len - at;
    while (at && (s[at - 1] == ' ' || s[at - 1] == '.' || s[at - 1] == ':'))
        at--;
    if (at && s[at - 1] == '#')
        *len = at - 1;
    else if (at >= 9 && equal_nocase(s + at - 9, 9, "extension"))
        *len = at - 9;
    else if (at >= 3 && equal_nocase(s + at - 3, 3, "ext"))
        *len = at - 3;
    else if (at && lower(s[at - 1]) == 'x')
        *len = at - 1;
    else
        *count = 0;
}

/* Full-width digits and odd hyphens are for others: a phone is ASCII, its
 * groups as the resume has them, joined by hyphens.  Nothing is invented. */
static void apply_phone(const char *s, size_t len, struct strbuf *out)
{
    const char *extension;
    size_t digits = 0, i, extension_len;
    size_t before = out->len;
    bool gap = false;

    split_extension(s, &len, &extension, &extension_len);
    while (len && !is_digit(s[0]) && s[0] != '+') {
        s++; /* a label, a bracket */
        len--;
    }
    for (i = 0; i < len; i++) {
        if (is_digit(s[i])) {
            if (gap && digits)
                strbuf_addc(out, '-');
            strbuf_addc(out, s[i]);
            digits++;
            gap = false;
        } else if (s[i] == '+' && !digits) {
            strbuf_addc(out, '+');
        } else if (is_letter(s[i])) {
            break; /* "(mobile)", "or 555 ..." */
        } else {
            gap = true;
        }
    }
    if (digits < 7 || digits > 15) {
        strbuf_cut(out, before);
        return;
    }
    if (extension_len && extension_len < 7)
        strbuf_addf(out, " x%.*s", (int)extension_len, extension);
}

/* Past "http://" or "https://"; false for other schemes. */
static bool split_scheme(const char *s, size_t len, size_t *scheme)
{
    const char *colon = memchr(s, ':', len);

    *scheme = 0;
    if (starts_nocase(s, len, "http://"))
        *scheme = 7;
    else if (starts_nocase(s, len, "https://"))
        *scheme = 8;
    else if (colon && !is_digit(colon + 1 < s + len ? colon[1] : 'x'))
        return false; /* javascript:, data:, file: ... */
    return true;
}

static void apply_url(const char *s, size_t len, struct strbuf *out)
{
    size_t scheme, host, i;

    strip_punctuation(&s, &len);
    if (!split_scheme(s, len, &scheme))
        return;
    for (i = 0; i < len; i++)
        if (s[i] == ' ' || s[i] == '<' || s[i] == '>' || s[i] == '"')
            return;
    host = scheme;
    while (host < len && !strchr("/?#:", s[host]))
        host++;
    if (!is_host(s + scheme, host - scheme))
        return;
    add_lower(out, s, host);
    strbuf_add(out, s + host, len - host);
}

/* Where the path begins after the host's name; 0 = no such host. */
static size_t linkedin_path(const char *s, size_t len)
{
    static const char *const hosts[] = { "linkedin.com/", "linkedin.cn/" };
    size_t i, h;

    for (i = 0; i < len; i++) {
        if (i && s[i - 1] != '/' && s[i - 1] != '.')
            continue;
        for (h = 0; h < ARRAY_LEN(hosts); h++)
            if (starts_nocase(s + i, len - i, hosts[h]))
                return i + strlen(hosts[h]);
    }
    return starts_nocase(s, len, "/in/") ? 1 : 0;
}

/* https://www.linkedin.com/in/NAME, whatever stood around it. */
static void apply_linkedin(const char *s, size_t len, struct strbuf *out)
{
    size_t at, end;

    strip_punctuation(&s, &len);
    at = linkedin_path(s, len);
    s += at;
    len -= at;
    if (!starts_nocase(s, len, "in/") && !starts_nocase(s, len, "pub/"))
        return;
    for (end = 0; end < len && !strchr("?# \t\"<>", s[end]); end++)
        ;
    while (end && s[end - 1] == '/')
        end--;
    if (end <= 4)
        return;
    strbuf_adds(out, "https://www.linkedin.com/");
    strbuf_add(out, s, end);
}

static const struct {
    const char *code, *name, *old; /* old: the traditional abbreviation */
} states[] = {
    { "AL", "Alabama", "Ala." },
    { "AK", "Alaska", NULL },
    { "AZ", "Arizona", "Ariz." },
    { "AR", "Arkansas", "Ark." },
    { "CA", "California", "Calif." },
    { "CO", "Colorado", "Colo." },
    { "CT", "Connecticut", "Conn." },
    { "DE", "Delaware", "Del." },
    { "DC", "District of Columbia", "D.C." },
    { "FL", "Florida", "Fla." },
    { "GA", "Georgia", "Ga." },
    { "HI", "Hawaii", NULL },
    { "ID", "Idaho", NULL },
    { "IL", "Illinois", "Ill." },
    { "IN", "Indiana", "Ind." },
    { "IA", "Iowa", NULL },
    { "KS", "Kansas", "Kans." },
    { "KY", "Kentucky", "Ky." },
    { "LA", "Louisiana", "La." },
    { "ME", "Maine", NULL },
    { "MD", "Maryland", "Md." },
    { "MA", "Massachusetts", "Mass." },
    { "MI", "Michigan", "Mich." },
    { "MN", "Minnesota", "Minn." },
    { "MS", "Mississippi", "Miss." },
    { "MO", "Missouri", "Mo." },
    { "MT", "Montana", "Mont." },
    { "NE", "Nebraska", "Nebr." },
    { "NV", "Nevada", "Nev." },
    { "NH", "New Hampshire", "N.H." },
    { "NJ", "New Jersey", "N.J." },
    { "NM", "New Mexico", "N.M." },
    { "NY", "New York", "N.Y." },
    { "NC", "North Carolina", "N.C." },
    { "ND", "North Dakota", "N.D." },
    { "OH", "Ohio", NULL },
    { "OK", "Oklahoma", "Okla." },
    { "OR", "Oregon", "Ore." },
    { "PA", "Pennsylvania", "Penn." },
    { "PR", "Puerto Rico", "P.R." },
    { "RI", "Rhode Island", "R.I." },
    { "SC", "South Carolina", "S.C." },
    { "SD", "South Dakota", "S.D." },
    { "TN", "Tennessee", "Tenn." },
    { "TX", "Texas", "Tex." },
    { "UT", "Utah", NULL },
    { "VT", "Vermont", "Vt." },
    { "VA", "Virginia", "Va." },
    { "WA", "Washington", "Wash." },
    { "WV", "West Virginia", "W.Va." },
    { "WI", "Wisconsin", "Wis." },
    { "WY", "Wyoming", "Wyo." },
    { "GU", "Guam", NULL },
    { "VI", "Virgin Islands", NULL },
    { "AS", "American Samoa", NULL },
    { "MP", "Northern Mariana Islands", NULL },
};

static const char *state_code(const char *s, size_t len)
{
    char first = len ? upper(s[0]) : 0;
    size_t i;

    for (i = 0; i < ARRAY_LEN(states); i++) {
        const char *name = states[i].name, *old = states[i].old;

        if (states[i].code[0] != first && name[0] != first)
            continue; /* most end here */
        if (equal_nocase(s, len, states[i].code) ||
            equal_nocase(s, len, name) || (old && equal_nocase(s, len, old)))
            return states[i].code;
    }
    return NULL;
}

/* Other countries' states stay as they are. */
static void apply_us_state(const char *s, size_t len, struct strbuf *out)
{
    const char *code = state_code(s, len);

    if (code)
        strbuf_adds(out, code);
    else
        strbuf_add(out, s, len);
}

static bool is_united_states(const char *s, size_t len)
{
    static const char *const words[] = {
        "US",     "USA",           "U.S.",
        "U.S.A.", "United States", "United States of America"
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(words); i++)
        if (equal_nocase(s, len, words[i]))
            return true;
    return false;
}

/* The part after the last comma, trimmed; false when there is no comma. */
static bool last_part(const char *s, size_t len, size_t *comma,
                      const char **part, size_t *part_len)
{
    size_t at = len;

    while (at && s[at - 1] != ',')
        at--;
    *comma = at ? at - 1 : 0;
    *part = s + at;
    *part_len = len - at;
    rule_trim(part, part_len);
    return at > 0;
}

/* "San Francisco, California, USA" -> "San Francisco, CA". */
static void apply_location(const char *s, size_t len, struct strbuf *out)
{
    const char *part, *code;
    size_t comma, part_len;

    if (last_part(s, len, &comma, &part, &part_len) &&
        is_united_states(part, part_len)) {
        len = comma;
        rule_trim(&s, &len);
    }
    if (!last_part(s, len, &comma, &part, &part_len)) {
        code = state_code(s, len);
        /* "Washington" and "New York" are cities too. */
        if (code && !equal_nocase(s, len, "Washington") &&
            !equal_nocase(s, len, "New York"))
            strbuf_adds(out, code);
        else
            strbuf_add(out, s, len);
        return;
    }
    code = state_code(part, part_len);
    if (!code) {
        strbuf_add(out, s, len);
        return;
    }
    len = comma;
    rule_trim(&s, &len);
    strbuf_add(out, s, len);
    strbuf_addf(out, ", %s", code);
}

/* Nine characters hold ZIP+4 without its hyphen; others in capitals. */
static void apply_zipcode(const char *s, size_t len, struct strbuf *out)
{
    size_t digits = 0, others = 0, i;

    for (i = 0; i < len; i++) {
        digits += is_digit(s[i]);
        others += !is_digit(s[i]) && s[i] != '-' && s[i] != ' ';
    }
    if (!digits || len > 12)
        return;
    for (i = 0; i < len; i++)
        if (is_digit(s[i]) || others || digits != 9)
            strbuf_addc(out, upper(s[i]));
}

/* Capitals whose small letters stand at a fixed distance (add), or next to
 * them (pairs: even and odd, or odd and even). */
static const struct {
    uint32_t first, last;
    uint32_t add; /* 0 = pairs */
    uint32_t odd; /* pairs: the capitals are the odd ones */
} capitals[] = {
    { 'A', 'Z', 32, 0 },      { 0xc0, 0xd6, 32, 0 },    { 0xd8, 0xde, 32, 0 },
    { 0x100, 0x12f, 0, 0 },   { 0x132, 0x137, 0, 0 },   { 0x139, 0x148, 0, 1 },
    { 0x14a, 0x177, 0, 0 },   { 0x179, 0x17e, 0, 1 },   { 0x391, 0x3a9, 32, 0 },
    { 0x400, 0x40f, 80, 0 },  { 0x410, 0x42f, 32, 0 },  { 0x460, 0x481, 0, 0 },
    { 0x1e00, 0x1e95, 0, 0 }, { 0x1ea0, 0x1eff, 0, 0 },
};

static uint32_t lower_character(uint32_t c)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(capitals); i++)
        if (c >= capitals[i].first && c <= capitals[i].last) {
            if (capitals[i].add)
                return c + capitals[i].add;
            return (c & 1) == capitals[i].odd ? c + 1 : c;
        }
    return c;
}

/* "SMITH" and "smith" are "Smith"; what has both cases stays as it is. */
static bool has_one_case(const char *s, size_t len)
{
    size_t large = 0, small = 0, letters = 0, at = 0;

    while (at < len) {
        uint32_t c;
        size_t n = utf8_decode(s + at, len - at, &c);

        if (!n)
            return false;
        at += n;
        if (lower_character(c) != c)
            large++;
        else if (c < 0x80 ? is_letter((char)c) : c < 0x500)
            small++;
        letters++;
    }
    return letters > 2 && (!large || !small);
}

static void add_name_case(const char *s, size_t len, struct strbuf *out)
{
    bool first = true;
    size_t at = 0;

    while (at < len) {
        char bytes[4];
        uint32_t c;
        size_t n = utf8_decode(s + at, len - at, &c);

        if (first && c < 0x80)
            strbuf_addc(out, upper((char)c));
        else
            strbuf_add(out, bytes,
                       utf8_encode(first ? c : lower_character(c), bytes));
        first = c == ' ' || c == '-' || c == '\'' || c == '.' || c == 0x2019;
        at += n;
    }
}

static void apply_name(const char *s, size_t len, struct strbuf *out)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (is_digit(s[i]) || strchr("@<>{}[]|\\/=", s[i]))
            return;
    if (has_one_case(s, len))
        add_name_case(s, len, out);
    else
        strbuf_add(out, s, len);
}

const struct rule rules[] = {
    { "email",
      "an address with @ and a host, spelt-out signs replaced, its host in "
      "small letters",
      apply_email },
    { "linkedin", "https://www.linkedin.com/in/NAME", apply_linkedin },
    { "location", "City, ST for places in the United States", apply_location },
    { "name", "no digits; ALL CAPITALS become Capitals", apply_name },
    { "phone", "7 to 15 digits, groups joined by hyphens", apply_phone },
    { "url", "a web address; other schemes are refused", apply_url },
    { "us_state", "two letters for a state of the United States",
      apply_us_state },
    { "zipcode", "letters and digits, ZIP+4 without its hyphen",
      apply_zipcode },
};
const size_t rules_count = ARRAY_LEN(rules);

const struct rule *rule_find(const char *name)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(rules); i++)
        if (!strcmp(rules[i].name, name))
            return &rules[i];
    return NULL;
}
