#include "extract/source.h"

#include <stdarg.h>

#include "base/file.h"

#define SOURCE_LIMIT (4 * MIB)

int source_line(const struct source *s, const char *at)
{
    const char *c;
    int line = 1;

    for (c = s->text.data; c < at; c++)
        line += *c == '\n';
    return line;
}

bool source_fault(const struct source *s, const struct json_node *at,
                  struct error *err, const char *format, ...)
{
    char what[400];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    utf8_trim_cut(what);
    if (!at)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS, "%s: %s", s->path,
                          what);
    return error_exit(err, ERROR_SETUP, EXIT_SETTINGS, "%s:%d: %s", s->path,
                      source_line(s, at->text), what);
}

/* The reader's complaint, with the line instead of the byte. */
static bool syntax_fault(const struct source *s, struct error *err)
{
    size_t byte = err->native > 0 ? (size_t)err->native - 1 : 0;
    struct json_node at = { .text = s->text.data };
    const char *why = strstr(err->message, ": ");
    struct error reason = *err;

    if (err->kind == ERROR_RETRY)
        return false;
    if (byte <= s->text.len)
        at.text += byte;
    why = why ? reason.message + (why - err->message) + 2 : reason.message;
    return source_fault(s, &at, err, "%s", why);
}

bool source_open(struct source *s, const char *folder, const char *name,
                 struct error *err)
{
    struct strbuf path;

    memset(s, 0, sizeof(*s));
    strbuf_init(&s->text, SOURCE_LIMIT);
    strbuf_init(&path, 4096);
    strbuf_addf(&path, "%s/%s", folder, name);
    s->path = strbuf_take(&path);
    s->doc = json_doc_new();
    if (!s->path || !s->doc)
        return error_memory(err);
    if (!file_read(s->path, &s->text, err)) {
        err->kind = ERROR_SETUP;
        err->exit = EXIT_SETTINGS;
        return false;
    }
    s->root = json_read(s->doc, s->text.data, s->text.len, NULL, err);
    return s->root || syntax_fault(s, err);
}

void source_release(struct source *s)
{
    json_doc_free(s->doc);
    strbuf_release(&s->text);
    free(s->path);
    s->doc = NULL;
    s->path = NULL;
}
