/* The parts of a request, and the error that a reply may be. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "tests/provider/fake/fake.h"

void fake_header(const struct fake_request *r, const char *name, char *out,
                 size_t size)
{
    const char *line = r->head, *end;
    size_t n = strlen(name);

    out[0] = '\0';
    while ((line = strstr(line, "\r\n"))) {
        line += 2;
        if (strncasecmp(line, name, n) != 0 || line[n] != ':')
            continue;
        line += n + 1;
        while (*line == ' ')
            line++;
        end = strstr(line, "\r\n");
        snprintf(out, size, "%.*s", end ? (int)(end - line) : 0, line);
        return;
    }
}

void fake_unescape(char *s)
{
    unsigned value;
    char *to = s;

    for (; *s; s++) {
        if (*s == '%' && sscanf(s + 1, "%2x", &value) == 1) {
            *to++ = (char)value;
            s += 2;
        } else {
            *to++ = *s;
        }
    }
    *to = '\0';
}

void fake_query(const struct fake_request *r, const char *name, char *out,
                size_t size)
{
    const char *at = r->query;
    size_t n = strlen(name);

    out[0] = '\0';
    while (*at) {
        if (!strncmp(at, name, n) && at[n] == '=') {
            snprintf(out, size, "%.*s", (int)strcspn(at + n + 1, "&"),
                     at + n + 1);
            fake_unescape(out);
            return;
        }
        at += strcspn(at, "&");
        at += *at == '&';
    }
}

void fake_error(struct fake_reply *reply, int status, const char *type,
                const char *code, const char *message)
{
    reply->status = status;
    strbuf_clear(&reply->body);
    strbuf_addf(&reply->body,
                "{\"error\":{\"message\":\"%s\",\"type\":\"%s\",\"param\":null,"
                "\"code\":%s%s%s}}",
                message, type, code ? "\"" : "", code ? code : "null",
                code ? "\"" : "");
}
