#include "io/html.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>

#include "base/text.h"
#include "io/html_private.h"

#define META_BYTES 2048 /* where browsers look for a charset */

/* -- encoding -- */

static bool is_name_byte(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_';
}

/* The word after "charset=" within s. */
static bool find_charset(const char *s, size_t len, char *name, size_t size)
{
    size_t i, n = 0;

    for (i = 0; i + 8 < len; i++)
        if (strncasecmp(s + i, "charset=", 8) == 0)
            break;
    if (i + 8 >= len)
        return false;
    i += 8;
    if (s[i] == '"' || s[i] == '\'')
        i++;
    while (i < len && n + 1 < size && is_name_byte(s[i]))
        name[n++] = s[i++];
    name[n] = '\0';
    return n > 0;
}

static void convert_by(iconv_t cd, const char *page, size_t len,
                       struct strbuf *out)
{
    char *from = (char *)(uintptr_t)page;
    char chunk[4096], *to;
    size_t room;

    while (len) {
        to = chunk;
        room = sizeof(chunk);
        if (iconv(cd, &from, &len, &to, &room) == (size_t)-1 &&
            errno != E2BIG) {
            /* A byte that is none there. */
            strbuf_add(out, chunk, (size_t)(to - chunk));
            strbuf_adds(out, "\xef\xbf\xbd");
            from++;
            len--;
            continue;
        }
        strbuf_add(out, chunk, (size_t)(to - chunk));
    }
}

/* Appends the page as UTF-8. */
static void make_utf8(const char *page, size_t len, const char *type,
                      struct strbuf *out)
{
    size_t head = len < META_BYTES ? len : META_BYTES;
    struct text_repair ignored = { 0, 0, 0 };
    struct strbuf converted;
    char name[40];
    iconv_t cd = (iconv_t)-1;

    if (!find_charset(type, strlen(type) + 1, name, sizeof(name)) &&
        !find_charset(page, head, name, sizeof(name)))
        snprintf(name, sizeof(name), "%s",
                 utf8_valid(page, len) ? "utf-8" : "windows-1252");
    /* What is called Latin-1 is windows-1252 to browsers. */
    if (strcasecmp(name, "iso-8859-1") == 0 || strcasecmp(name, "ascii") == 0)
        snprintf(name, sizeof(name), "windows-1252");
    if (strcasecmp(name, "utf-8") != 0 && strcasecmp(name, "utf8") != 0)
        cd = iconv_open("UTF-8", name);
    if (cd == (iconv_t)-1) {
        text_repair(page, len, out, &ignored);
        return;
    }
    strbuf_init(&converted, out->ceiling);
    convert_by(cd, page, len, &converted);
    iconv_close(cd);
    text_repair(converted.data, converted.len, out, &ignored);
    strbuf_release(&converted);
}

/* -- tags -- */

struct tag {
    char name[16]; /* small letters, cut */
    bool closing;
    size_t end; /* after its > */
};

/* Past attributes, whose quoted values may hold > . */
static size_t tag_end(const char *s, size_t len, size_t at)
{
    char quote = '\0';

    for (; at < len; at++) {
        if (quote) {
            if (s[at] == quote)
                quote = '\0';
        } else if ((s[at] == '"' || s[at] == '\'') && s[at - 1] == '=') {
            quote = s[at];
        } else if (s[at] == '>') {
            return at + 1;
        }
    }
    return len;
}

static bool read_tag(const char *s, size_t len, size_t at, struct tag *tag)
{
    size_t n = 0;

    at++;
    tag->closing = at < len && s[at] == '/';
    at += tag->closing;
    if (at >= len || !isalpha((unsigned char)s[at]))
        return false;
    for (; at < len && isalnum((unsigned char)s[at]); at++)
        if (n + 1 < sizeof(tag->name))
            tag->name[n++] = (char)tolower((unsigned char)s[at]);
    tag->name[n] = '\0';
    tag->end = tag_end(s, len, at);
    return true;
}

static size_t find(const char *s, size_t len, size_t at, const char *what)
{
    const char *found =
        at < len ? memmem(s + at, len - at, what, strlen(what)) : NULL;

    return found ? (size_t)(found - s) : len;
}

/* Where "</name" begins, in any letters; len when nowhere. */
static size_t find_closing(const char *s, size_t len, size_t at,
                           const char *name)
{
    size_t n = strlen(name);

    for (; (at = find(s, len, at, "</")) < len; at += 2)
        if (len - at > n + 2 && strncasecmp(s + at + 2, name, n) == 0)
            return at;
    return len;
}

static bool is_one_of(const char *name, const char *words)
{
    const char *found = strstr(words, name);
    size_t n = strlen(name);

    while (found && !((found == words || found[-1] == ' ') &&
                      (found[n] == ' ' || !found[n])))
        found = strstr(found + 1, name);
    return found != NULL;
}

/* -- text -- */

struct scan {
    const char *s; /* valid UTF-8 */
    size_t len;
    struct strbuf *title, *text;
    const char *keep;  /* "main", "article": only within; NULL = all */
    bool boilerplate;  /* it is kept, too */
    size_t kept;       /* depth of keep */
    char skipped[16];  /* within this element nothing is kept; "" = none */
    size_t skip_depth; /* of elements of that name */
    unsigned breaks;   /* line ends owed */
    bool space;        /* a blank is owed */
    bool begun;        /* something was written */
    size_t pre;        /* depth of pre */
};

static void owe(struct scan *sc, unsigned breaks)
{
    if (breaks > sc->breaks)
        sc->breaks = breaks;
}

static bool is_kept(const struct scan *sc)
{
    return !sc->skipped[0] && (!sc->keep || sc->kept);
}

/* A run of bytes without blanks, after what is owed. */
static void write_run(struct scan *sc, const char *s, size_t n)
{
    if (sc->begun && sc->breaks)
        strbuf_add(sc->text, "\n\n", sc->breaks);
    else if (sc->begun && sc->space)
        strbuf_addc(sc->text, ' ');
    sc->breaks = 0;
    sc->space = false;
    sc->begun = true;
    strbuf_add(sc->text, s, n);
}

static void write_text(struct scan *sc, const char *s, size_t n)
{
    size_t at = 0, from;

    while (at < n) {
        if (sc->pre && s[at] == '\n')
            owe(sc, 1);
        for (; at < n && isspace((unsigned char)s[at]); at++)
            sc->space = true;
        for (from = at; at < n && !isspace((unsigned char)s[at]); at++)
            ;
        if (at > from)
            write_run(sc, s + from, at - from);
    }
}

/* Text between two tags. */
static void take_text(struct scan *sc, size_t from, size_t to)
{
    struct strbuf plain;

    if (from >= to || !is_kept(sc))
        return;
    if (!memchr(sc->s + from, '&', to - from)) {
        write_text(sc, sc->s + from, to - from);
        return;
    }
    strbuf_init(&plain, to - from + 64);
    html_entities(sc->s + from, to - from, &plain);
    write_text(sc, plain.data, plain.len);
    strbuf_release(&plain);
}

static const char raw[] = "script style noscript template textarea iframe";
static const char never[] = "svg math head select button object video audio";
static const char around[] = "nav aside footer form dialog menu";
static const char blocks[] =
    "div li tr ul ol table section article main header footer address dt dd "
    "figure figcaption caption fieldset details summary form nav aside";
static const char paragraphs[] = "p h1 h2 h3 h4 h5 h6 blockquote pre hr";

static bool is_skipped(const struct scan *sc, const char *name)
{
    return is_one_of(name, never) ||
           (!sc->boilerplate && (is_one_of(name, around) ||
                                 (!sc->keep && strcmp(name, "header") == 0)));
}

static void take_layout(struct scan *sc, const struct tag *tag)
{
    if (strcmp(tag->name, "br") == 0)
        owe(sc, 1);
    else if (is_one_of(tag->name, paragraphs))
        owe(sc, 2);
    else if (is_one_of(tag->name, blocks))
        owe(sc, 1);
    else if (strcmp(tag->name, "td") == 0 || strcmp(tag->name, "th") == 0)
        sc->space = true;
    if (strcmp(tag->name, "li") == 0 && !tag->closing && is_kept(sc)) {
        write_run(sc, "-", 1);
        sc->space = true;
    }
    if (strcmp(tag->name, "pre") == 0 && (!tag->closing || sc->pre))
        sc->pre += tag->closing ? (size_t)-1 : 1;
}

static void count_depth(const struct tag *tag, const char *name, size_t *depth)
{
    if (strcmp(tag->name, name) != 0)
        return;
    if (!tag->closing)
        ++*depth;
    else if (*depth)
        --*depth;
}

static void take_tag(struct scan *sc, const struct tag *tag)
{
    if (sc->skipped[0]) {
        count_depth(tag, sc->skipped, &sc->skip_depth);
        if (!sc->skip_depth)
            sc->skipped[0] = '\0';
        return;
    }
    if (sc->keep)
        count_depth(tag, sc->keep, &sc->kept);
    if (!tag->closing && is_skipped(sc, tag->name)) {
        memcpy(sc->skipped, tag->name, sizeof(sc->skipped));
        sc->skip_depth = 1;
    }
    take_layout(sc, tag);
}

/* The title, and elements whose inside is no HTML. */
static size_t take_raw(struct scan *sc, const struct tag *tag)
{
    size_t end;

    if (tag->closing)
        return tag->end;
    if (strcmp(tag->name, "title") == 0) {
        end = find_closing(sc->s, sc->len, tag->end, "title");
        if (!sc->title->len && end < sc->len)
            html_entities(sc->s + tag->end, end - tag->end, sc->title);
        return end;
    }
    return is_one_of(tag->name, raw)
               ? find_closing(sc->s, sc->len, tag->end, tag->name)
               : tag->end;
}

/* A comment or a declaration: where it ends. */
static size_t skip_other(const struct scan *sc, size_t at)
{
    size_t end;

    if (sc->len - at >= 4 && strncmp(sc->s + at, "<!--", 4) == 0) {
        end = find(sc->s, sc->len, at + 4, "-->");
        return end < sc->len ? end + 3 : sc->len;
    }
    end = find(sc->s, sc->len, at, ">");
    return end < sc->len ? end + 1 : sc->len;
}

static void scan_page(struct scan *sc)
{
    size_t at = 0, lt;
    struct tag tag;

    while (at < sc->len) {
        lt = find(sc->s, sc->len, at, "<");
        take_text(sc, at, lt);
        if (lt == sc->len)
            break;
        if (read_tag(sc->s, sc->len, lt, &tag)) {
            take_tag(sc, &tag);
            at = take_raw(sc, &tag);
        } else if (lt + 1 < sc->len &&
                   (sc->s[lt + 1] == '!' || sc->s[lt + 1] == '?')) {
            at = skip_other(sc, lt);
        } else {
            take_text(sc, lt, lt + 1); /* a < alone */
            at = lt + 1;
        }
    }
}

static bool has_element(const char *s, size_t len, const char *name)
{
    size_t n = strlen(name), at = 0;

    for (; (at = find(s, len, at, "<")) < len; at++)
        if (len - at > n + 1 && strncasecmp(s + at + 1, name, n) == 0 &&
            !isalnum((unsigned char)s[at + 1 + n]))
            return true;
    return false;
}

static void scan_as(const struct strbuf *page, const char *keep,
                    bool boilerplate, struct strbuf *title, struct strbuf *text)
{
    struct scan sc = {
        .s = page->data,
        .len = page->len,
        .title = title,
        .text = text,
        .keep = keep,
        .boilerplate = boilerplate,
    };

    scan_page(&sc);
}

#define LITTLE 100 /* bytes that are no page's text */

void html_text(const char *page, size_t len, const char *type,
               struct strbuf *title, struct strbuf *text)
{
    size_t start = text->len, before = title->len;
    const char *keep = NULL;
    struct strbuf utf8;

    strbuf_init(&utf8, 4 * len + 64);
    make_utf8(page, len, type, &utf8);
    if (strncasecmp(type, "text/plain", 10) == 0) {
        strbuf_add(text, utf8.data, utf8.len);
        strbuf_release(&utf8);
        return;
    }
    if (has_element(utf8.data, utf8.len, "main"))
        keep = "main";
    else if (has_element(utf8.data, utf8.len, "article"))
        keep = "article";
    scan_as(&utf8, keep, false, title, text);
    if (text->len - start < LITTLE) {
        strbuf_cut(text, start);
        strbuf_cut(title, before);
        scan_as(&utf8, NULL, true, title, text);
    }
    strbuf_release(&utf8);
}
