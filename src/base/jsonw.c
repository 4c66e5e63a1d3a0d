#include "base/jsonw.h"

#include <assert.h>
#include <math.h>

#include "base/text.h"

/* One byte becomes at most this many. */
#define ESCAPE_LONGEST 6
/* Text is checked and written in pieces that stay in the first cache. */
#define PIECE ((size_t)4096)

/* The letter after the backslash; 'u' = \u00XX, 0 = stays. */
static const char escape_letter[256] = {
    ['\0'] = 'u', [0x01] = 'u', [0x02] = 'u', [0x03] = 'u',  [0x04] = 'u',
    [0x05] = 'u', [0x06] = 'u', [0x07] = 'u', ['\b'] = 'b',  ['\t'] = 't',
    ['\n'] = 'n', [0x0b] = 'u', ['\f'] = 'f', ['\r'] = 'r',  [0x0e] = 'u',
    [0x0f] = 'u', [0x10] = 'u', [0x11] = 'u', [0x12] = 'u',  [0x13] = 'u',
    [0x14] = 'u', [0x15] = 'u', [0x16] = 'u', [0x17] = 'u',  [0x18] = 'u',
    [0x19] = 'u', [0x1a] = 'u', [0x1b] = 'u', [0x1c] = 'u',  [0x1d] = 'u',
    [0x1e] = 'u', [0x1f] = 'u', ['"'] = '"',  ['\\'] = '\\',
};

static size_t escape_byte(unsigned char c, char *to)
{
    static const char digits[] = "0123456789abcdef";
    char letter = escape_letter[c];

    to[0] = '\\';
    to[1] = letter;
    if (letter != 'u')
        return 2;
    to[2] = '0';
    to[3] = '0';
    to[4] = digits[c >> 4];
    to[5] = digits[c & 15];
    return ESCAPE_LONGEST;
}

/* Escapes valid text into room for len * ESCAPE_LONGEST bytes: how many
 * were written. */
static size_t escape_into(const char *s, size_t len, char *to)
{
    size_t used = 0;
    size_t i;

    for (i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];

        if (escape_letter[c])
            used += escape_byte(c, to + used);
        else
            to[used++] = s[i];
    }
    return used;
}

/* Valid text of at most PIECE bytes. */
static void add_valid(struct strbuf *out, const char *s, size_t len)
{
    char small[64 * ESCAPE_LONGEST];
    char *room;

    if (!out->failed && len * ESCAPE_LONGEST <= out->ceiling - out->len) {
        room = strbuf_room(out, len * ESCAPE_LONGEST);
        if (room)
            strbuf_grown(out, escape_into(s, len, room));
        return;
    }
    /* Near the ceiling only what is really written may count. */
    while (len && !out->failed) {
        size_t n = len < 64 ? len : 64;

        strbuf_add(out, small, escape_into(s, n, small));
        s += n;
        len -= n;
    }
}

void jsonw_escape(struct strbuf *out, const char *s, size_t len)
{
    while (len && !out->failed) {
        size_t piece = len < PIECE ? len : PIECE;
        size_t valid = utf8_valid_prefix(s, piece);
        size_t bad = 0;

        add_valid(out, s, valid);
        /* A character cut by the piece's end belongs to the next one. */
        if (valid < piece)
            bad = utf8_bad_len(s + valid, len - valid);
        if (bad)
            strbuf_adds(out, "\xef\xbf\xbd");
        s += valid + bad;
        len -= valid + bad;
    }
}

void jsonw_quote(struct strbuf *out, const char *s, size_t len)
{
    strbuf_addc(out, '"');
    jsonw_escape(out, s, len);
    strbuf_addc(out, '"');
}

void jsonw_init(struct jsonw *w, struct strbuf *out)
{
    *w = (struct jsonw){ .out = out };
}

/* The comma and name before a value. */
static void begin_value(struct jsonw *w, const char *name)
{
    uint32_t level;

    if (!w->depth)
        return;
    level = (uint32_t)1 << (w->depth - 1);
    if (w->started & level)
        strbuf_addc(w->out, ',');
    w->started |= level;
    if (!name)
        return;
    jsonw_quote(w->out, name, strlen(name));
    strbuf_addc(w->out, ':');
}

static void open_container(struct jsonw *w, const char *name, char bracket)
{
    assert(w->depth < 32);
    begin_value(w, name);
    strbuf_addc(w->out, bracket);
    w->started &= ~((uint32_t)1 << w->depth);
    w->depth++;
}

static void close_container(struct jsonw *w, char bracket)
{
    assert(w->depth > 0);
    w->depth--;
    strbuf_addc(w->out, bracket);
}

void jsonw_object(struct jsonw *w, const char *name)
{
    open_container(w, name, '{');
}

void jsonw_array(struct jsonw *w, const char *name)
{
    open_container(w, name, '[');
}

void jsonw_end_object(struct jsonw *w)
{
    close_container(w, '}');
}

void jsonw_end_array(struct jsonw *w)
{
    close_container(w, ']');
}

void jsonw_text_len(struct jsonw *w, const char *name, const char *s,
                    size_t len)
{
    begin_value(w, name);
    jsonw_quote(w->out, s, len);
}

void jsonw_text(struct jsonw *w, const char *name, const char *s)
{
    if (s)
        jsonw_text_len(w, name, s, strlen(s));
    else
        jsonw_null(w, name);
}

void jsonw_integer(struct jsonw *w, const char *name, int64_t value)
{
    begin_value(w, name);
    strbuf_addf(w->out, "%lld", (long long)value);
}

/* The shortest of the forms that read back as the same number. */
void jsonw_real(struct jsonw *w, const char *name, double value)
{
    char text[40];
    int digits;

    if (!isfinite(value)) {
        jsonw_null(w, name);
        return;
    }
    for (digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    begin_value(w, name);
    strbuf_adds(w->out, text);
}

static void add_word(struct jsonw *w, const char *name, const char *word)
{
    begin_value(w, name);
    strbuf_adds(w->out, word);
}

void jsonw_bool(struct jsonw *w, const char *name, bool value)
{
    add_word(w, name, value ? "true" : "false");
}

void jsonw_null(struct jsonw *w, const char *name)
{
    add_word(w, name, "null");
}

void jsonw_raw(struct jsonw *w, const char *name, const char *value, size_t len)
{
    begin_value(w, name);
    strbuf_add(w->out, value, len);
}
