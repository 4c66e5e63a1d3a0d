/*
 * http_source.c -- a file as the body of a request, read as it is sent.
 *
 * A raw newline in a file of JSON lines is always the end of a line (within
 * strings it is escaped), so that lines become the elements of an array by
 * sending a comma for each newline.
 */

#include "provider/http_private.h"

/* Blank newlines at the end are not sent. */
static bool measure(struct http_source *s, const char *path)
{
    off_t end = file_size(path);

    if (end < 0)
        return false;
    s->left = (uint64_t)end;
    while (s->suffix && s->left) {
        if (fseeko(s->file, (off_t)s->left - 1, SEEK_SET))
            return false;
        if (fgetc(s->file) != '\n')
            break;
        s->left--;
    }
    s->length = s->left;
    if (s->suffix)
        s->length += strlen(s->prefix) + strlen(s->suffix);
    return !fseeko(s->file, 0, SEEK_SET);
}

bool http_source_open(struct http_source *s, const char *path,
                      const char *prefix, const char *suffix)
{
    memset(s, 0, sizeof(*s));
    s->prefix = prefix ? prefix : "";
    s->suffix = suffix;
    s->file = fopen(path, "re");
    return s->file && measure(s, path);
}

void http_source_close(struct http_source *s)
{
    if (s->file)
        fclose(s->file);
    s->file = NULL;
}

static size_t give_text(const char *text, size_t *at, char *out, size_t room)
{
    size_t n = strlen(text) - *at;

    if (n > room)
        n = room;
    memcpy(out, text + *at, n);
    *at += n;
    return n;
}

static size_t give_lines(struct http_source *s, char *out, size_t room)
{
    size_t i, n;

    if (room > s->left)
        room = (size_t)s->left;
    n = fread(out, 1, room, s->file);
    s->left -= n;
    for (i = 0; s->suffix && i < n; i++)
        if (out[i] == '\n')
            out[i] = ',';
    return n;
}

size_t http_source_read(char *out, size_t one, size_t n, void *context)
{
    struct http_source *s = context;
    size_t room = one * n;

    if (s->suffix && s->prefix[s->prefix_at])
        return give_text(s->prefix, &s->prefix_at, out, room);
    if (s->left) {
        n = give_lines(s, out, room);
        s->failed = !n;
        return n ? n : CURL_READFUNC_ABORT;
    }
    if (s->suffix)
        return give_text(s->suffix, &s->suffix_at, out, room);
    return 0;
}
