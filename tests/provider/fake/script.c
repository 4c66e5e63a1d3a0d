#include <strings.h>

#include "tests/provider/fake/fake.h"

/* -- settings -- */

struct fake_settings fake_settings = {
    .polls = 2,
    .end = "completed",
    .fail_code = "invalid_json_line",
    .fail_message = "This line is not parseable as valid JSON.",
    .list = "newest",
    .order = "shuffle",
    .usage = "normal",
    .wrap = "none",
    .ids = "normal",
    .times = "number",
    .shape = "openai",
    .ranges = 1,
    .validate = 1,
    .hold = -1,
};

enum kind { LONG, REAL, TEXT };

#define ROW(member, kind)                                                      \
    {                                                                          \
#member, kind, offsetof(struct fake_settings, member),                 \
            sizeof(((struct fake_settings *)0)->member)                        \
    }

static const struct {
    const char *name;
    enum kind kind;
    size_t offset, size;
} rows[] = {
    ROW(polls, LONG),       ROW(seconds, REAL),      ROW(end, TEXT),
    ROW(fail_code, TEXT),   ROW(fail_message, TEXT), ROW(lag, LONG),
    ROW(order, TEXT),       ROW(duplicate, LONG),    ROW(missing, LONG),
    ROW(unknown, LONG),     ROW(garble, LONG),       ROW(fail, LONG),
    ROW(usage, TEXT),       ROW(wrap, TEXT),         ROW(ids, TEXT),
    ROW(times, TEXT),       ROW(shape, TEXT),        ROW(blank, LONG),
    ROW(ranges, LONG),      ROW(validate, LONG),     ROW(token_limit, LONG),
    ROW(latency, REAL),     ROW(think, REAL),        ROW(busy, LONG),
    ROW(rpm, LONG),         ROW(inlined, LONG),      ROW(key, TEXT),
    ROW(model, TEXT),       ROW(tokenizer, TEXT),    ROW(models, LONG),
    ROW(counter_lag, REAL), ROW(jobs, LONG),         ROW(offers, TEXT),
    ROW(list, TEXT),        ROW(page, LONG),         ROW(hold, LONG),
};

bool fake_set(const char *assignment)
{
    const char *equals = strchr(assignment, '=');
    char *at;
    size_t i;

    if (!equals)
        return false;
    for (i = 0; i < ARRAY_LEN(rows); i++) {
        if (strlen(rows[i].name) != (size_t)(equals - assignment) ||
            strncmp(rows[i].name, assignment, strlen(rows[i].name)) != 0)
            continue;
        at = (char *)&fake_settings + rows[i].offset;
        if (rows[i].kind == LONG)
            *(long *)(void *)at = strtol(equals + 1, NULL, 10);
        else if (rows[i].kind == REAL)
            *(double *)(void *)at = strtod(equals + 1, NULL);
        else
            snprintf(at, rows[i].size, "%s", equals + 1);
        return true;
    }
    return false;
}

/* -- faults -- */

static struct fake_fault *faults;

static const struct {
    const char *word;
    unsigned action;
} actions[] = {
    { "drop", FAKE_DROP },       { "reset", FAKE_RESET },
    { "lose", FAKE_LOSE },       { "after", FAKE_AFTER },
    { "double", FAKE_DOUBLE },   { "nolength", FAKE_NOLENGTH },
    { "chunked", FAKE_CHUNKED },
};

/* The next word; "..." keeps blanks, \n \r \" \\ are understood. */
static bool next_word(const char **line, char *out, size_t size)
{
    const char *s = *line;
    bool quoted = false, escaped;
    size_t n = 0;

    while (*s == ' ' || *s == '\t')
        s++;
    if (!*s)
        return false;
    for (; *s && (quoted || (*s != ' ' && *s != '\t')); s++) {
        if (*s == '"') {
            quoted = !quoted;
            continue;
        }
        escaped = *s == '\\' && s[1];
        if (escaped)
            s++;
        if (n + 1 < size)
            out[n++] = escaped && *s == 'n'   ? '\n'
                       : escaped && *s == 'r' ? '\r'
                                              : *s;
    }
    out[n] = '\0';
    *line = s;
    return true;
}

/* "create", "create@2", "create@2-4", "create@2+". */
static void read_op(struct fake_fault *f, const char *word)
{
    const char *at = strchr(word, '@');
    char *end;

    f->from = 1;
    f->to = 1L << 40;
    snprintf(f->op, sizeof(f->op), "%.*s",
             at ? (int)(at - word) : (int)strlen(word), word);
    if (!at)
        return;
    f->from = f->to = strtol(at + 1, &end, 10);
    if (*end == '+')
        f->to = 1L << 40;
    else if (*end == '-')
        f->to = strtol(end + 1, NULL, 10);
}

struct number {
    const char *name;
    size_t offset;
};

static const struct number numbers[] = {
    { "cut=", offsetof(struct fake_fault, cut) },
    { "cutbody=", offsetof(struct fake_fault, cut_body) },
    { "slow=", offsetof(struct fake_fault, slow) },
    { "flood=", offsetof(struct fake_fault, flood) },
    { "interim=", offsetof(struct fake_fault, interim) },
};

static bool starts(const char *word, const char *prefix)
{
    return !strncmp(word, prefix, strlen(prefix));
}

static const char html[] =
    "<html><head><title>502 Bad Gateway</title></head>\r\n<body>secret-page"
    "<h1>502 Bad Gateway</h1></body></html>\r\n";

static bool read_number(struct fake_fault *f, const char *word)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(numbers); i++) {
        if (!starts(word, numbers[i].name))
            continue;
        *(long *)(void *)((char *)f + numbers[i].offset) =
            strtol(strchr(word, '=') + 1, NULL, 10);
        return true;
    }
    return false;
}

static bool read_action(struct fake_fault *f, const char *word)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(actions); i++) {
        if (!strcmp(word, actions[i].word)) {
            f->actions |= actions[i].action;
            return true;
        }
    }
    if (read_number(f, word))
        return true;
    if (starts(word, "status="))
        f->status = (int)strtol(word + 7, NULL, 10);
    else if (starts(word, "stall="))
        f->stall = strtod(word + 6, NULL);
    else if (starts(word, "type="))
        snprintf(f->type, sizeof(f->type), "%.63s", word + 5);
    else if (starts(word, "header="))
        snprintf(f->header, sizeof(f->header), "%.255s", word + 7);
    else if (starts(word, "body=") || !strcmp(word, "html")) {
        free(f->body);
        f->body = strdup(*word == 'h' ? html : word + 5);
        if (*word == 'h')
            snprintf(f->type, sizeof(f->type), "text/html");
    } else
        return false;
    return true;
}

static bool add_fault(const char *line, const char *op)
{
    struct fake_fault *f = calloc(1, sizeof(*f)), **end = &faults;
    static char word[65536];

    if (!f)
        fake_die("memory");
    f->cut = f->cut_body = -1;
    read_op(f, op);
    while (next_word(&line, word, sizeof(word))) {
        if (!read_action(f, word)) {
            free(f->body);
            free(f);
            return false;
        }
    }
    while (*end)
        end = &(*end)->next;
    *end = f;
    return true;
}

bool fake_script_line(const char *line)
{
    char word[512];

    if (!next_word(&line, word, sizeof(word)) || word[0] == '#')
        return true;
    if (!strcmp(word, "clear")) {
        fake_script_clear();
        return true;
    }
    if (strcmp(word, "set") != 0)
        return add_fault(line, word);
    return next_word(&line, word, sizeof(word)) && fake_set(word);
}

void fake_script_clear(void)
{
    struct fake_fault *next;

    for (; faults; faults = next) {
        next = faults->next;
        free(faults->body);
        free(faults);
    }
}

const struct fake_fault *fake_script_next(const char *op)
{
    struct fake_fault *f, *hit = NULL;

    for (f = faults; f; f = f->next) {
        if (strcmp(f->op, op) != 0 && strcmp(f->op, "any") != 0)
            continue;
        f->seen++;
        if (!hit && f->seen >= f->from && f->seen <= f->to)
            hit = f;
    }
    return hit;
}
