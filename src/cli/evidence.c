#include "cli/evidence.h"

#include <errno.h>

#include "base/text.h"

/* "12+34", all of it. */
static bool read_place(const char *s, size_t len, struct evidence *found)
{
    char text[48];
    char *end;
    long long at;
    long long n;

    if (len >= sizeof(text))
        return false;
    memcpy(text, s, len);
    text[len] = '\0';
    errno = 0;
    at = strtoll(text, &end, 10);
    if (end == text || *end != '+')
        return false;
    n = strtoll(end + 1, &end, 10);
    if (*end || errno || at < 0 || n < 0)
        return false;
    found->at = at;
    found->len = n;
    return true;
}

static void add_rule(const char *rule, size_t len, struct evidence *found)
{
    size_t used = strlen(found->rules);

    snprintf(found->rules + used, sizeof(found->rules) - used, "%s%.*s",
             used ? ", " : "", (int)(len < 100 ? len : 100), rule);
}

void evidence_read(const char *words, const char *column,
                   struct evidence *found)
{
    size_t name = strlen(column);

    found->at = found->len = -1;
    found->rules[0] = '\0';
    while (words && *words) {
        size_t len = strcspn(words, " ");

        if (len > name && memcmp(words, column, name) == 0) {
            if (words[name] == ':')
                read_place(words + name + 1, len - name - 1, found);
            else if (words[name] == '~')
                add_rule(words + name + 1, len - name - 1, found);
        }
        words += len;
        words += strspn(words, " ");
    }
}

bool evidence_flag(const char *flags, const char *word, const char *column)
{
    size_t first = strlen(word);
    size_t second = strlen(column);

    while (flags && *flags) {
        size_t len = strcspn(flags, " ");

        if (len == first + 1 + second && flags[first] == ':' &&
            memcmp(flags, word, first) == 0 &&
            memcmp(flags + first + 1, column, second) == 0)
            return true;
        flags += len;
        flags += strspn(flags, " ");
    }
    return false;
}

static size_t line_begin(const char *text, size_t at)
{
    while (at > 0 && text[at - 1] != '\n')
        at--;
    return at;
}

/* Valid UTF-8 with controls as blanks; what is cut or broken is left out. */
static void add_tame(const char *s, size_t len, struct strbuf *out)
{
    size_t at = 0;

    while (at < len) {
        uint32_t codepoint = 0;
        size_t n = utf8_decode(s + at, len - at, &codepoint);

        if (n > 0 && text_is_control(codepoint))
            strbuf_addc(out, ' ');
        else if (n > 0 && !text_is_zero_width(codepoint))
            strbuf_add(out, s + at, n);
        at += n ? n : 1;
    }
}

size_t evidence_line(const char *text, size_t text_len, size_t at, size_t len,
                     size_t most, struct strbuf *out)
{
    size_t number = 1;
    size_t begin;
    size_t end;
    size_t i;

    if (at > text_len)
        at = text_len;
    if (len > text_len - at)
        len = text_len - at;
    for (i = 0; i < at; i++)
        number += text[i] == '\n';
    begin = line_begin(text, at);
    end = begin;
    while (end < text_len && (text[end] != '\n' || end < at + len))
        end++;
    /* A long line (a resume without breaks): the place, with some before. */
    if (end - begin > most) {
        size_t before = len < most ? (most - len) / 2 : 0;

        if (at - begin > before)
            begin = at - before;
        if (end - begin > most)
            end = begin + most;
    }
    add_tame(text + begin, end - begin, out);
    return number;
}
