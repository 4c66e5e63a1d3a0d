#include "extract/answer.h"

#include "base/jsonr.h"
#include "extract/rules.h"

#define LEVELS 64

bool answer_trim(const char *content, size_t len, struct answer_json *json)
{
    json->text = content;
    json->len = len;
    json->repairs = 0;
    rule_trim(&json->text, &json->len);
    return json->len > 0;
}

/* Copies one object, mending what can be. */
struct mender {
    const char *at, *end;
    struct strbuf *out;
    unsigned repairs;
    char open[LEVELS]; /* the brackets that are open */
    size_t depth;
    bool comma;       /* met, but not written yet */
    bool after_colon; /* a member's value comes next */
    bool whole;       /* the last member or element is complete */
    const char *why;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Ends a number or word. */
static bool is_end(char c)
{
    return is_space(c) || (c && strchr(",:[]{}\"", c));
}

static void write_comma(struct mender *m)
{
    if (m->comma)
        strbuf_addc(m->out, ',');
    m->comma = false;
}

/* The string at m->at, its raw control characters escaped. */
static bool copy_string(struct mender *m)
{
    size_t n = json_extent(m->at, (size_t)(m->end - m->at));
    size_t i, from = 0;

    if (!n)
        return false;
    for (i = 0; i < n; i++) {
        unsigned char c = (unsigned char)m->at[i];

        if (c >= 0x20)
            continue;
        strbuf_add(m->out, m->at + from, i - from);
        strbuf_addf(m->out, "\\u%04x", c);
        from = i + 1;
        m->repairs |= REPAIR_CONTROLS;
    }
    strbuf_add(m->out, m->at + from, n - from);
    m->at += n;
    m->whole = m->after_colon || m->open[m->depth - 1] == '[';
    m->after_colon = false;
    return true;
}

static void copy_scalar(struct mender *m)
{
    const char *from = m->at;
    size_t n;

    while (m->at < m->end && !is_end(*m->at))
        m->at++;
    n = (size_t)(m->at - from);
    strbuf_add(m->out, from, n);
    /* A number or word that touches the end may go on. */
    m->whole = m->at < m->end || (n == 4 && !memcmp(from, "true", 4)) ||
               (n == 4 && !memcmp(from, "null", 4)) ||
               (n == 5 && !memcmp(from, "false", 5));
    m->after_colon = false;
}

static bool open_bracket(struct mender *m)
{
    if (m->depth == LEVELS) {
        m->why = "too deep";
        return false;
    }
    m->open[m->depth++] = *m->at;
    strbuf_addc(m->out, *m->at++);
    m->after_colon = m->whole = false;
    return true;
}

static bool close_bracket(struct mender *m)
{
    if (m->open[m->depth - 1] != (*m->at == '}' ? '{' : '[')) {
        m->why = "brackets that don't match";
        return false;
    }
    if (m->comma)
        m->repairs |= REPAIR_COMMAS;
    m->comma = false;
    m->depth--;
    strbuf_addc(m->out, *m->at++);
    m->whole = true;
    return true;
}

/* The next token; false: it is cut, or m->why. */
static bool copy_token(struct mender *m)
{
    char c = *m->at;

    if (c == '}' || c == ']')
        return close_bracket(m);
    if (c == ',' || is_space(c)) {
        m->comma |= c == ',';
        m->at++;
        return true;
    }
    write_comma(m);
    if (c == '"')
        return copy_string(m);
    if (c == '{' || c == '[')
        return open_bracket(m);
    if (c == ':') {
        m->after_colon = true;
        m->whole = false;
        strbuf_addc(m->out, c);
        m->at++;
        return true;
    }
    copy_scalar(m);
    return true;
}

/* At the end with brackets open. */
static enum values_outcome close_all(struct mender *m)
{
    size_t i;

    m->why = "cut off";
    if (!m->whole)
        return VALUES_CUT;
    for (i = 0; i < m->depth; i++)
        if (m->open[i] != '{')
            return VALUES_CUT;
    while (m->depth--)
        strbuf_addc(m->out, '}');
    m->repairs |= REPAIR_CLOSED;
    return VALUES_OK;
}

static enum values_outcome copy_object(struct mender *m)
{
    do {
        if (m->at == m->end)
            return close_all(m);
        if (!copy_token(m)) {
            if (m->why)
                return VALUES_NOT_JSON;
            m->why = "cut off";
            return VALUES_CUT;
        }
    } while (m->depth);
    return VALUES_OK;
}

/* The first { that a member's name or } follows; NULL = none. */
static const char *find_object(const char *at, const char *end)
{
    while (at < end && (at = memchr(at, '{', (size_t)(end - at)))) {
        const char *next = at + 1;

        while (next < end && is_space(*next))
            next++;
        if (next < end && (*next == '"' || *next == '}'))
            return at;
        at++;
    }
    return NULL;
}

static bool has_fence(const char *at, const char *end)
{
    for (; end - at >= 3; at++)
        if (!memcmp(at, "```", 3))
            return true;
    return false;
}

/* What stands before or after the object. */
static unsigned around(const char *at, const char *end)
{
    size_t len = (size_t)(end - at);

    rule_trim(&at, &len);
    if (!len)
        return 0;
    return has_fence(at, at + len) ? REPAIR_FENCED : REPAIR_PROSE;
}

/* Past a <think> block, which may hold drafts of the object. */
static const char *after_thoughts(const char *at, const char *end)
{
    static const char open[] = "<think>", close[] = "</think>";
    const char *c;

    if ((size_t)(end - at) < sizeof(open) || memcmp(at, open, 7) != 0)
        return at;
    for (c = at; (size_t)(end - c) >= 8; c++)
        if (!memcmp(c, close, 8))
            return c + 8;
    return at;
}

enum values_outcome answer_mend(const char *content, size_t len,
                                struct strbuf *scratch,
                                struct answer_json *json, const char **why)
{
    struct mender m = { .end = content + len, .out = scratch };
    enum values_outcome outcome;
    const char *begin;

    *why = "no JSON object in it";
    begin = find_object(after_thoughts(content, m.end), m.end);
    if (!begin)
        return VALUES_NOT_JSON;
    strbuf_clear(scratch);
    m.at = begin;
    outcome = copy_object(&m);
    if (outcome != VALUES_OK) {
        *why = m.why;
        return outcome;
    }
    if (find_object(m.at, m.end)) {
        *why = "more than one JSON object";
        return VALUES_NOT_JSON;
    }
    json->text = scratch->data;
    json->len = scratch->len;
    json->repairs = m.repairs | around(content, begin) | around(m.at, m.end);
    if (!strbuf_ok(scratch)) {
        *why = "too long";
        return VALUES_NOT_JSON;
    }
    return VALUES_OK;
}
