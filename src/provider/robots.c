#include "provider/robots.h"

#include <ctype.h>

#include "base/text.h"

#define RULE 1024

/* Whether the rule matches a beginning of path. */
static bool matches(const char *rule, const char *path)
{
    const char *star = NULL, *from = NULL;

    for (;;) {
        if (*rule == '\0')
            return true;
        if (*rule == '$' && !rule[1] && !*path)
            return true;
        if (*rule == '*') {
            star = rule++;
            from = path;
        } else if (*path && *rule == *path) {
            rule++;
            path++;
        } else if (star && *from) {
            rule = star + 1;
            path = ++from;
        } else {
            return false;
        }
    }
}

struct state {
    const char *agent, *path;
    bool in_rules; /* the group's agents have all been named */
    bool named;    /* the group at hand is for us by name */
    bool star;     /* it is for everybody */
    bool any_named;
    /* longest match so far: of our own groups, of everybody's */
    size_t best[2];
    bool allow[2];
};

static void take_agent(struct state *s, const char *value)
{
    char name[64];
    size_t i;

    if (s->in_rules)
        s->named = s->star = false;
    s->in_rules = false;
    for (i = 0; value[i] && i < sizeof(name) - 1; i++)
        name[i] = (char)tolower((unsigned char)value[i]);
    name[i] = '\0';
    if (strcmp(name, "*") == 0)
        s->star = true;
    else if (strcmp(name, s->agent) == 0)
        s->named = s->any_named = true;
}

static void take_rule(struct state *s, const char *value, bool allow)
{
    size_t len = strlen(value), which = s->named ? 0 : 1;

    s->in_rules = true;
    if (!(s->named || s->star) || !len || !matches(value, s->path))
        return;
    if (len > s->best[which] || (len == s->best[which] && allow)) {
        s->best[which] = len;
        s->allow[which] = allow;
    }
}

/* "Name: value # comment", the value without blanks around it. */
static void take_line(struct state *s, const char *line, size_t len)
{
    const char *hash = memchr(line, '#', len);
    const char *colon;
    char name[16], value[RULE];
    size_t n, v;

    if (hash)
        len = (size_t)(hash - line);
    colon = memchr(line, ':', len);
    if (!colon)
        return;
    for (n = 0; line + n < colon && n < sizeof(name) - 1 && line[n] != ' '; n++)
        name[n] = line[n];
    name[n] = '\0';
    for (v = (size_t)(colon - line) + 1;
         v < len && isspace((unsigned char)line[v]); v++)
        ;
    while (len > v && isspace((unsigned char)line[len - 1]))
        len--;
    n = len - v < RULE - 1 ? len - v : RULE - 1;
    memcpy(value, line + v, n);
    value[n] = '\0';
    if (ascii_equal_nocase(name, "user-agent"))
        take_agent(s, value);
    else if (ascii_equal_nocase(name, "disallow"))
        take_rule(s, value, false);
    else if (ascii_equal_nocase(name, "allow"))
        take_rule(s, value, true);
}

bool robots_allow(const char *text, size_t len, const char *agent,
                  const char *path)
{
    struct state s = {
        .agent = agent,
        .path = path,
        .allow = { true, true },
    };
    size_t at = 0, end;

    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        at = 3;
    while (at < len) {
        for (end = at; end < len && text[end] != '\n' && text[end] != '\r';)
            end++;
        while (at < end && isspace((unsigned char)text[at]))
            at++;
        take_line(&s, text + at, end - at);
        at = end + 1;
    }
    return s.allow[s.any_named ? 0 : 1];
}
