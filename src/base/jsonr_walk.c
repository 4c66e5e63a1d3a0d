#include "base/jsonr.h"

#include <math.h>

#include "base/scan.h"
#include "base/text.h"

bool json_is(const struct json_node *node, enum json_kind kind)
{
    return node && node->kind == kind;
}

size_t json_count(const struct json_node *node)
{
    return node ? node->count : 0;
}

const struct json_node *json_first(const struct json_node *parent)
{
    if (!parent || !parent->count)
        return NULL;
    return parent + (parent->kind == JSON_OBJECT ? 2 : 1);
}

const struct json_node *json_next(const struct json_node *node)
{
    return node && node->next ? node + node->next : NULL;
}

const struct json_node *json_name(const struct json_node *value)
{
    return value && value->named ? value - 1 : NULL;
}

static uint32_t hex4(const char *s)
{
    uint32_t value = 0;
    int i;

    for (i = 0; i < 4; i++)
        value = value << 4 |
                (uint32_t)(s[i] <= '9' ? s[i] - '0' : (s[i] | 32) - 'a' + 10);
    return value;
}

/* What stands after a backslash: the bytes consumed.  The reader has
 * checked it. */
static size_t unescape(const char *s, uint32_t *codepoint)
{
    if (*s != 'u') {
        *codepoint = (unsigned char)scan_escape[(unsigned char)*s];
        return 1;
    }
    *codepoint = hex4(s + 1);
    if (*codepoint < 0xd800 || *codepoint > 0xdbff)
        return 5;
    *codepoint = 0x10000 + ((*codepoint - 0xd800) << 10) + hex4(s + 7) - 0xdc00;
    return 11;
}

/* Unescapes into room for node->len + SCAN_SLACK bytes (no value is longer
 * than its escaped form): how many were written. */
static size_t unescape_into(const struct json_node *node, char *to)
{
    size_t at = 0, used = 0;

    for (;;) {
        size_t written;
        uint32_t codepoint;

        at +=
            scan_unescape(node->text + at, node->len - at, to + used, &written);
        used += written;
        if (at == node->len)
            return used;
        at += 1 + unescape(node->text + at + 1, &codepoint);
        used += utf8_encode(codepoint, to + used);
    }
}

/* The same where the ceiling is near: only what is written counts. */
static void unescape_slowly(const struct json_node *node, struct strbuf *out)
{
    const char *at = node->text;
    const char *end = at + node->len;

    while (at < end && !out->failed) {
        size_t plain = scan_plain(at, (size_t)(end - at));
        char bytes[4];
        uint32_t codepoint;

        strbuf_add(out, at, plain);
        at += plain;
        if (at == end)
            break;
        at += 1 + unescape(at + 1, &codepoint);
        strbuf_add(out, bytes, utf8_encode(codepoint, bytes));
    }
}

bool json_string(const struct json_node *node, struct strbuf *out)
{
    char *room;

    if (!json_is(node, JSON_STRING) || out->failed)
        return false;
    if (!node->escaped)
        strbuf_add(out, node->text, node->len);
    else if (node->len + (size_t)SCAN_SLACK > out->ceiling - out->len)
        unescape_slowly(node, out);
    else if ((room = strbuf_room(out, node->len + (size_t)SCAN_SLACK)))
        strbuf_grown(out, unescape_into(node, room));
    return strbuf_ok(out);
}

static bool equals_unescaped(const struct json_node *node, const char *s,
                             size_t len)
{
    size_t at = 0, used = 0;

    while (at < node->len) {
        char bytes[4];
        uint32_t codepoint;
        size_t n = 1;

        bytes[0] = node->text[at++];
        if (bytes[0] == '\\') {
            at += unescape(node->text + at, &codepoint);
            n = utf8_encode(codepoint, bytes);
        }
        if (n > len - used || memcmp(bytes, s + used, n) != 0)
            return false;
        used += n;
    }
    return used == len;
}

static inline bool equals(const struct json_node *node, const char *s,
                          size_t len)
{
    if (node->escaped)
        return equals_unescaped(node, s, len);
    return node->len == len && !memcmp(node->text, s, len);
}

bool json_equals(const struct json_node *node, const char *s)
{
    return json_is(node, JSON_STRING) && equals(node, s, strlen(s));
}

const struct json_node *json_member_of(const struct json_node *object,
                                       const char *name, size_t len)
{
    const struct json_node *value;

    if (!json_is(object, JSON_OBJECT))
        return NULL;
    for (value = json_first(object); value; value = json_next(value))
        if (equals(value - 1, name, len))
            return value;
    return NULL;
}

const struct json_node *json_element(const struct json_node *array,
                                     size_t index)
{
    const struct json_node *value;

    if (!json_is(array, JSON_ARRAY) || index >= array->count)
        return NULL;
    for (value = json_first(array); index; index--)
        value = json_next(value);
    return value;
}

/* An array index as RFC 6901 writes it: no sign, no leading zero. */
static const struct json_node *element_of(const struct json_node *array,
                                          const char *digits, size_t len)
{
    size_t index = 0;
    size_t i;

    if (!len || len > 9 || (digits[0] == '0' && len > 1))
        return NULL;
    for (i = 0; i < len; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return NULL;
        index = index * 10 + (size_t)(digits[i] - '0');
    }
    return json_element(array, index);
}

#define POINTER_STEP 256 /* longest member name in a pointer */

const struct json_node *json_pointer(const struct json_node *root,
                                     const char *pointer)
{
    const struct json_node *node = root;

    while (node && *pointer) {
        char step[POINTER_STEP];
        size_t len = 0;

        if (*pointer++ != '/')
            return NULL;
        while (*pointer && *pointer != '/') {
            char c = *pointer++;

            if (c == '~' && (*pointer == '0' || *pointer == '1'))
                c = *pointer++ == '0' ? '~' : '/';
            else if (c == '~')
                return NULL;
            if (len == sizeof(step))
                return NULL;
            step[len++] = c;
        }
        node = json_is(node, JSON_ARRAY) ? element_of(node, step, len)
                                         : json_member_of(node, step, len);
    }
    return node;
}

#define NUMBER_LONGEST 500

/* A few digits are most numbers, and exact. */
static bool real_of_digits(const struct json_node *node, double *value)
{
    uint64_t sum = 0;
    uint32_t i;

    if (node->len > 15)
        return false;
    for (i = 0; i < node->len; i++) {
        unsigned digit = (unsigned)(node->text[i] - '0');

        if (digit > 9)
            return false;
        sum = sum * 10 + digit;
    }
    *value = (double)sum;
    return true;
}

bool json_real(const struct json_node *node, double *value)
{
    char text[NUMBER_LONGEST + 1];
    double read;

    if (!json_is(node, JSON_NUMBER) || node->len > NUMBER_LONGEST)
        return false;
    if (real_of_digits(node, value))
        return true;
    memcpy(text, node->text, node->len);
    text[node->len] = '\0';
    /* The program never leaves the "C" locale for numbers. */
    read = strtod(text, NULL);
    if (!isfinite(read))
        return false;
    *value = read;
    return true;
}

/* Digits only: exact over the whole range. */
static bool integer_of_digits(const char *s, size_t len, bool negative,
                              int64_t *value)
{
    uint64_t most = (uint64_t)INT64_MAX + negative;
    uint64_t sum = 0;
    size_t i;

    for (i = 0; i < len; i++) {
        unsigned digit = (unsigned)(s[i] - '0');

        if (digit > 9 || sum > (most - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}

bool json_integer(const struct json_node *node, int64_t *value)
{
    const double exact = 9007199254740992.0; /* 2^53 */
    bool negative;
    double real;

    if (!json_is(node, JSON_NUMBER))
        return false;
    negative = node->text[0] == '-';
    if (integer_of_digits(node->text + negative, node->len - negative, negative,
                          value))
        return true;
    if (!json_real(node, &real) || real != floor(real) || real > exact ||
        real < -exact)
        return false;
    *value = (int64_t)real;
    return true;
}

int64_t json_member_integer(const struct json_node *object, const char *name,
                            int64_t fallback)
{
    int64_t value;

    return json_integer(json_member(object, name), &value) ? value : fallback;
}

/* Past the string that begins at s[0]; 0 when it doesn't end. */
static size_t string_extent(const char *s, size_t len)
{
    size_t at;

    for (at = 1; at < len; at++) {
        if (s[at] == '"')
            return at + 1;
        if (s[at] == '\\')
            at++;
    }
    return 0;
}

static size_t scalar_extent(const char *s, size_t len)
{
    size_t at = 0;

    while (at < len && ((s[at] >= '0' && s[at] <= '9') ||
                        ((s[at] | 32) >= 'a' && (s[at] | 32) <= 'z') ||
                        s[at] == '-' || s[at] == '+' || s[at] == '.'))
        at++;
    return at;
}

size_t json_extent(const char *text, size_t len)
{
    size_t depth = 0;
    size_t at = 0;

    if (!len)
        return 0;
    if (text[0] != '"' && text[0] != '{' && text[0] != '[')
        return scalar_extent(text, len);
    while (at < len) {
        size_t n = 1;

        if (text[at] == '"')
            n = string_extent(text + at, len - at);
        else if (text[at] == '{' || text[at] == '[')
            depth++;
        else if (text[at] == '}' || text[at] == ']')
            depth--;
        if (!n)
            return 0;
        at += n;
        if (!depth)
            return at;
    }
    return 0;
}
