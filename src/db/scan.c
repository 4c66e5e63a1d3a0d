#include "db/scan.h"

#include <string.h>

static size_t quoted_length(const char *s, size_t len, char close, bool *open)
{
    size_t i = 1;

    while (i < len) {
        if (s[i] != close) {
            i++;
        } else if (i + 1 < len && s[i + 1] == close) {
            i += 2;
        } else {
            *open = false;
            return i + 1;
        }
    }
    *open = true;
    return len;
}

static size_t line_comment_length(const char *s, size_t len)
{
    const char *end = memchr(s, '\n', len);

    return end ? (size_t)(end - s) : len;
}

static size_t block_comment_length(const char *s, size_t len, bool *open)
{
    size_t depth = 0, i = 0;

    while (i + 1 < len) {
        if (s[i] == '/' && s[i + 1] == '*') {
            depth++;
            i += 2;
        } else if (s[i] == '*' && s[i + 1] == '/') {
            depth--;
            i += 2;
            if (depth == 0) {
                *open = false;
                return i;
            }
        } else {
            i++;
        }
    }
    *open = true;
    return len;
}

static char closing(char c, enum db_engine engine)
{
    if (c == '\'' || c == '"')
        return c;
    return c == '[' && engine != DB_POSTGRESQL ? ']' : '\0';
}

enum sql_token sql_scan(const char *s, size_t len, enum db_engine engine,
                        size_t *length, bool *open)
{
    bool ignored;
    char close = len ? closing(s[0], engine) : '\0';

    if (!open)
        open = &ignored;
    *open = false;
    *length = len ? 1 : 0;
    if (close) {
        *length = quoted_length(s, len, close, open);
        return SQL_TOKEN_QUOTED;
    }
    if (len >= 2 && s[0] == '-' && s[1] == '-') {
        *length = line_comment_length(s, len);
        return SQL_TOKEN_COMMENT;
    }
    if (len >= 2 && s[0] == '/' && s[1] == '*') {
        *length = block_comment_length(s, len, open);
        return SQL_TOKEN_COMMENT;
    }
    return SQL_TOKEN_CODE;
}

static void end_line(struct strbuf *out)
{
    size_t n = out->len;

    while (n && (out->data[n - 1] == ' ' || out->data[n - 1] == '\t'))
        n--;
    strbuf_cut(out, n);
    if (n && out->data[n - 1] != '\n')
        strbuf_addc(out, '\n');
}

void sql_strip(const char *text, size_t len, enum db_engine engine,
               struct strbuf *out)
{
    size_t i, length;

    for (i = 0; i < len; i += length) {
        enum sql_token token =
            sql_scan(text + i, len - i, engine, &length, NULL);

        if (token == SQL_TOKEN_COMMENT)
            strbuf_addc(out, ' ');
        else if (token == SQL_TOKEN_CODE && text[i] == '\n')
            end_line(out);
        else
            strbuf_add(out, text + i, length);
    }
    end_line(out);
    if (out->len && out->data[out->len - 1] == '\n')
        strbuf_cut(out, out->len - 1);
}
