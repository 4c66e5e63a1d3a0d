#include "db/attributes.h"

#include <string.h>

/* One NAME=VALUE; of a connection string. */
struct attribute {
    const char *name, *value; /* without its braces */
    size_t name_len, value_len;
    bool is_braced;
};

static const char *skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == ';')
        p++;
    return p;
}

/*
 * A value in {braces} may hold anything.  ODBC doubles a } in it; FreeTDS
 * 1.3.17 takes it as it stands up to a } before a ; or the end (tried).
 */
static const char *closing(const char *p, bool doubles)
{
    for (; *p; p++) {
        if (*p != '}')
            continue;
        if (doubles && p[1] == '}')
            p++;
        else if (doubles || p[1] == ';' || p[1] == '\0')
            break;
    }
    return p;
}

/* The next attribute at *p, which moves on. */
static bool next_attribute(const char **p, bool doubles, struct attribute *a)
{
    const char *s = skip_blanks(*p), *end;
    size_t len = strcspn(s, "=;");

    if (!*s)
        return false;
    a->name = s;
    a->name_len = len;
    while (a->name_len && a->name[a->name_len - 1] == ' ')
        a->name_len--;
    a->value = s[len] == '=' ? s + len + 1 : s + len;
    while (*a->value == ' ')
        a->value++;
    a->is_braced = *a->value == '{';
    a->value += a->is_braced;
    end = a->is_braced ? closing(a->value, doubles)
                       : a->value + strcspn(a->value, ";");
    a->value_len = (size_t)(end - a->value);
    *p = end + strcspn(end, ";");
    while (!a->is_braced && a->value_len && a->value[a->value_len - 1] == ' ')
        a->value_len--;
    return true;
}

static bool name_is(const struct attribute *a, const char *name)
{
    return strlen(name) == a->name_len &&
           strncasecmp(a->name, name, a->name_len) == 0;
}

static void unquote(const struct attribute *a, bool doubles, struct strbuf *out)
{
    size_t i;

    for (i = 0; i < a->value_len; i++) {
        if (a->is_braced && doubles && a->value[i] == '}')
            i++;
        strbuf_addc(out, a->value[i]);
    }
}

static bool find(const char *string, const char *name, bool doubles,
                 struct strbuf *out)
{
    struct attribute a;

    while (next_attribute(&string, doubles, &a))
        if (name_is(&a, name)) {
            unquote(&a, doubles, out);
            return true;
        }
    return false;
}

bool attributes_are_freetds(const char *string)
{
    struct strbuf driver;
    bool is;

    strbuf_init(&driver, CONNECTION_STRING);
    is =
        find(string, "Driver", true, &driver) && strcasestr(driver.data, "tds");
    strbuf_release(&driver);
    return is;
}

bool attributes_value(const char *string, const char *name, struct strbuf *out)
{
    return find(string, name, !attributes_are_freetds(string), out);
}

bool attributes_have(const char *string, const char *name)
{
    struct strbuf ignored;
    bool found;

    strbuf_init(&ignored, CONNECTION_STRING);
    found = attributes_value(string, name, &ignored);
    strbuf_release(&ignored);
    return found;
}

bool attributes_need_braces(const char *value)
{
    size_t len = strlen(value);

    /* Blanks at an end would be taken off. */
    return strchr(value, ';') || value[0] == '{' ||
           (len && ((unsigned char)value[0] <= ' ' ||
                    (unsigned char)value[len - 1] <= ' '));
}

static void add_braced(struct strbuf *out, const char *value)
{
    bool doubles = !attributes_are_freetds(out->data);

    strbuf_addc(out, '{');
    for (; *value; value++) {
        strbuf_addc(out, *value);
        if (*value == '}' && doubles)
            strbuf_addc(out, '}');
    }
    strbuf_addc(out, '}');
}

void attributes_drop(struct strbuf *string, const char *name)
{
    bool doubles = !attributes_are_freetds(string->data);
    const char *p = string->data, *from = p;
    struct attribute a;
    size_t kept = 0;

    if (!string->len)
        return;
    while (next_attribute(&p, doubles, &a)) {
        if (!name_is(&a, name)) {
            memmove(string->data + kept, from, (size_t)(p - from));
            kept += (size_t)(p - from);
        }
        from = p;
    }
    /* It may have been a password. */
    explicit_bzero(string->data + kept, string->len - kept);
    strbuf_cut(string, kept);
}

void attributes_add(struct strbuf *string, const char *name, const char *value)
{
    if (attributes_have(string->data, name))
        return;
    if (string->len && string->data[string->len - 1] != ';')
        strbuf_addc(string, ';');
    strbuf_addf(string, "%s=", name);
    if (attributes_need_braces(value))
        add_braced(string, value);
    else
        strbuf_adds(string, value);
    strbuf_addc(string, ';');
}
