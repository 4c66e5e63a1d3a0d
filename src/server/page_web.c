/*
 * page_web.c -- the files of the web page, out of the program itself.
 */
#include <string.h>

#include "server/page_web.h"

struct web_file {
    const char *name;
    const char *const *lines; /* NULL ends them */
};

static const struct web_file files[] = {
#include "server/web.inc"
};

/* Only what comes from this server, and nothing that stands in the page
 * itself: what a cell holds can't become a script. */
static const struct {
    const char *name, *value;
} headers[] = {
    { "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; "
      "img-src 'self'; connect-src 'self'; base-uri 'none'; "
      "form-action 'none'; frame-ancestors 'none'" },
    { "Referrer-Policy", "no-referrer" },
    { "Cross-Origin-Opener-Policy", "same-origin" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
    { "X-Frame-Options", "DENY" },
};

static const char *type_of(const char *name)
{
    static const char *const types[][2] = {
        { ".html", "text/html; charset=utf-8" },
        { ".css", "text/css; charset=utf-8" },
        { ".js", "text/javascript; charset=utf-8" },
        { ".svg", "image/svg+xml" },
        { ".json", "application/json" },
    };
    const char *end = strrchr(name, '.');
    size_t i;

    for (i = 0; end && i < ARRAY_LEN(types); i++)
        if (!strcmp(end, types[i][0]))
            return types[i][1];
    return "application/octet-stream";
}

static void send_file(struct exchange *x, const struct web_file *f)
{
    struct strbuf out;
    size_t i;

    strbuf_init(&out, MIB);
    for (i = 0; f->lines[i]; i++)
        strbuf_adds(&out, f->lines[i]);
    exchange_reply(x, 200, type_of(f->name), &out);
    strbuf_release(&out);
    for (i = 0; i < ARRAY_LEN(headers); i++)
        exchange_add_header(x, headers[i].name, headers[i].value);
}

bool page_send(struct exchange *x, const char *name)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(files); i++)
        if (!strcmp(name, files[i].name)) {
            send_file(x, &files[i]);
            return true;
        }
    return false;
}
