#include "base/jsonw.h"

#include <assert.h>
#include <math.h>

#include "base/scan.h"
#include "base/text.h"

/* One byte becomes at most this many. */
#define ESCAPE_LONGEST 6
/* Text is checked and written in pieces that stay in the first cache. */
#define PIECE ((size_t)4096)

struct escape {
    char text[ESCAPE_LONGEST + 1];
    uint8_t len;
};

#define LETTER(letter)                                                         \
    {                                                                          \
        "\\" letter, 2                                                         \
    }
#define CODE(digits)                                                           \
    {                                                                          \
        "\\u00" digits, 6                                                      \
    }

static const struct escape control_escapes[0x20] = {
    CODE("00"),  CODE("01"),  CODE("02"),  CODE("03"),  CODE("04"),  CODE("05"),
    CODE("06"),  CODE("07"),  LETTER("b"), LETTER("t"), LETTER("n"), CODE("0b"),
    LETTER("f"), LETTER("r"), CODE("0e"),  CODE("0f"),  CODE("10"),  CODE("11"),
    CODE("12"),  CODE("13"),  CODE("14"),  CODE("15"),  CODE("16"),  CODE("17"),
    CODE("18"),  CODE("19"),  CODE("1a"),  CODE("1b"),  CODE("1c"),  CODE("1d"),
    CODE("1e"),  CODE("1f"),
};

static size_t escape_byte(unsigned char c, char *to)
{
    if (c >= 0x20) {
        to[0] = '\\';
        to[1] = (char)c;
        return 2;
    }
    memcpy(to, control_escapes[c].text, ESCAPE_LONGEST);
    return control_escapes[c].len;
}

/* Escapes valid text into room for len * ESCAPE_LONGEST + SCAN_SLACK bytes:
 * how many were written. */
static size_t escape_into(const char *s, size_t len, char *to)
{
    size_t used = 0;
    size_t at = 0;

    for (;;) {
        size_t n = scan_copy_plain(s + at, len - at, to + used);

        at += n;
        used += n;
        if (at == len)
            return used;
        used += escape_byte((unsigned char)s[at++], to + used);
    }
}

/* Valid text of at most PIECE bytes. */
static void add_valid(struct strbuf *out, const char *s, size_t len)
{
    char small[64 * ESCAPE_LONGEST + SCAN_SLACK];
    size_t most = len * ESCAPE_LONGEST + SCAN_SLACK;
    char *room;

    if (!out->failed && most <= out->ceiling - out->len) {
        room = strbuf_room(out, most);
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

/* "NAME": and mostly plain ASCII. */
static void add_name(struct strbuf *out, const char *name)
{
    size_t n = 0;
    char *room;

    while (name[n] >= ' ' && name[n] != '"' && name[n] != '\\')
        n++;
    if (name[n]) {
        jsonw_quote(out, name, strlen(name));
        strbuf_addc(out, ':');
        return;
    }
    room = strbuf_room(out, n + 3);
    if (!room)
        return;
    room[0] = '"';
    memcpy(room + 1, name, n);
    room[n + 1] = '"';
    room[n + 2] = ':';
    strbuf_grown(out, n + 3);
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
    if (name)
        add_name(w->out, name);
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
    strbuf_add_int(w->out, value);
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
