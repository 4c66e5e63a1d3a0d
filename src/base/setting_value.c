#include "base/setting_value.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <strings.h>

struct unit {
    const char *name;
    double factor;
};

static const struct unit counts[] = {
    { "", 1 }, { "k", 1e3 }, { "M", 1e6 }, { "G", 1e9 }, { NULL, 0 },
};

static const struct unit plain[] = { { "", 1 }, { NULL, 0 } };

static const struct unit durations[] = {
    { "", 1 },     { "s", 1 },    { "ms", 1e-3 }, { "m", 60 },
    { "min", 60 }, { "h", 3600 }, { "d", 86400 }, { NULL, 0 },
};

static const struct unit sizes[] = {
    { "", 1 },       { "B", 1 },    { "k", 1e3 },          { "kB", 1e3 },
    { "KiB", 1024 }, { "M", 1e6 },  { "MB", 1e6 },         { "MiB", 1048576 },
    { "G", 1e9 },    { "GB", 1e9 }, { "GiB", 1073741824 }, { NULL, 0 },
};

static const struct {
    const char *word;
    bool value;
} truths[] = {
    { "yes", true }, { "true", true },   { "on", true },   { "1", true },
    { "no", false }, { "false", false }, { "off", false }, { "0", false },
};

/* What is expected, and how it is measured. */
static const struct {
    const char *expected;
    const struct unit *units; /* NULL: no number */
    bool whole;               /* int64_t, not double */
} types[] = {
    [SETTING_TEXT] = { "text", NULL, false },
    [SETTING_SECRET] = { "text", NULL, false },
    [SETTING_CONNECTION] = { "an ODBC connection string", NULL, false },
    [SETTING_PATH] = { "a path", NULL, false },
    [SETTING_INTEGER] = { "a whole number", counts, true },
    [SETTING_REAL] = { "a number", plain, false },
    [SETTING_BOOL] = { "yes or no", NULL, false },
    [SETTING_SECONDS] = { "a time like 90s, 30m, 24h", durations, false },
    [SETTING_SIZE] = { "a size like 200MB, 64MiB", sizes, true },
    [SETTING_WORD] = { NULL, NULL, false },
};

bool setting_is_text(const struct setting_row *row)
{
    return row->type <= SETTING_PATH;
}

/* "flag|null|off" as "flag, null or off". */
static void list_choices(const char *choices, struct strbuf *out)
{
    const char *last = strrchr(choices, '|');
    const char *c;

    for (c = choices; *c; c++) {
        if (*c != '|')
            strbuf_addc(out, *c);
        else
            strbuf_adds(out, c == last ? " or " : ", ");
    }
}

static void add_bounds(const struct setting_row *row, struct strbuf *out)
{
    if (row->min == 0 && row->max == 0)
        return;
    if (isinf(row->max))
        strbuf_addf(out, ", at least %.15g", row->min);
    else
        strbuf_addf(out, ", %.15g to %.15g", row->min, row->max);
}

void settings_describe(const struct setting_row *row, struct strbuf *out)
{
    if (row->type == SETTING_WORD)
        list_choices(row->choices, out);
    else
        strbuf_adds(out, types[row->type].expected);
    add_bounds(row, out);
}

static bool refuse(const struct setting_row *row, const char *text,
                   struct error *err)
{
    struct strbuf expected;

    strbuf_init(&expected, 200);
    settings_describe(row, &expected);
    error_exit(err, ERROR_SETUP, EXIT_SETTINGS, "\"%.80s\" is not %s", text,
               expected.data);
    strbuf_release(&expected);
    return false;
}

static const struct unit *find_unit(const struct unit *units, const char *name)
{
    for (; units->name; units++)
        if (strcasecmp(units->name, name) == 0)
            return units;
    return NULL;
}

/* A decimal number and a unit; never hexadecimal, NaN or infinity. */
static bool read_number(const struct unit *units, const char *text,
                        double *value)
{
    size_t digits = strspn(text, "+-0123456789.");
    const struct unit *unit;
    char *end;

    /* An exponent, where the unit does not begin with one. */
    if ((text[digits] == 'e' || text[digits] == 'E') &&
        strchr("+-0123456789", text[digits + 1]) && text[digits + 1])
        digits += 1 + strspn(text + digits + 1, "+-0123456789");
    if (digits == 0)
        return false;
    *value = strtod(text, &end);
    if (end != text + digits)
        return false;
    while (*end == ' ' || *end == '\t')
        end++;
    unit = find_unit(units, end);
    if (!unit)
        return false;
    *value *= unit->factor;
    return isfinite(*value);
}

/* Whole numbers without a unit exactly; doubles would round above 2^53. */
static bool read_plain_integer(const char *text, int64_t *value)
{
    char *end;
    long long n;

    if (!text[0] || text[strspn(text, "+-0123456789")])
        return false;
    errno = 0;
    n = strtoll(text, &end, 10);
    if (errno || *end || end == text)
        return false;
    *value = n;
    return true;
}

static bool in_bounds(const struct setting_row *row, double value)
{
    if (row->min == 0 && row->max == 0)
        return true;
    return value >= row->min && value <= row->max;
}

static bool store_number(const struct setting_row *row, const char *text,
                         void *field, struct error *err)
{
    int64_t whole = 0;
    double value = 0;

    if (types[row->type].whole && read_plain_integer(text, &whole)) {
        if (!in_bounds(row, (double)whole))
            return refuse(row, text, err);
        *(int64_t *)field = whole;
        return true;
    }
    if (!read_number(types[row->type].units, text, &value) ||
        !in_bounds(row, value))
        return refuse(row, text, err);
    if (!types[row->type].whole) {
        *(double *)field = value;
        return true;
    }
    if (floor(value) != value || fabs(value) > 9e15)
        return refuse(row, text, err);
    *(int64_t *)field = (int64_t)value;
    return true;
}

static bool store_bool(const struct setting_row *row, const char *text,
                       void *field, struct error *err)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(truths); i++) {
        if (strcasecmp(text, truths[i].word) == 0) {
            *(bool *)field = truths[i].value;
            return true;
        }
    }
    return refuse(row, text, err);
}

static bool store_word(const struct setting_row *row, const char *text,
                       void *field, struct error *err)
{
    const char *choice = row->choices;
    int index = 0;

    for (;; index++) {
        size_t len = strcspn(choice, "|");

        if (len > 0 && len == strlen(text) &&
            strncasecmp(choice, text, len) == 0) {
            *(int *)field = index;
            return true;
        }
        if (!choice[len])
            return refuse(row, text, err);
        choice += len + 1;
    }
}

static bool store_text(const char *text, void *field, struct error *err)
{
    char **place = field;
    char *copy = NULL;

    if (*text) {
        copy = strdup(text);
        if (!copy)
            return error_memory(err);
    }
    free(*place);
    *place = copy;
    return true;
}

bool setting_store(const struct setting_row *row, const char *text, void *field,
                   struct error *err)
{
    if (setting_is_text(row))
        return store_text(text, field, err);
    if (row->type == SETTING_BOOL)
        return store_bool(row, text, field, err);
    if (row->type == SETTING_WORD)
        return store_word(row, text, field, err);
    return store_number(row, text, field, err);
}

void setting_clear(const struct setting_row *row, void *field)
{
    char **place = field;

    if (!setting_is_text(row))
        return;
    free(*place);
    *place = NULL;
}

/* Connection strings name the password PWD or PASSWORD; its value may be
 * {in braces}, "}}" standing for a brace. */
static size_t password_len(const char *s)
{
    size_t n = 0;

    if (s[0] != '{')
        return strcspn(s, ";");
    for (n = 1; s[n]; n++) {
        if (s[n] != '}')
            continue;
        if (s[n + 1] != '}')
            return n + 1;
        n++;
    }
    return n;
}

static void show_connection(const char *s, struct strbuf *out)
{
    while (*s) {
        size_t blank = strspn(s, " \t;");
        size_t name = strcspn(s + blank, "=;");
        size_t word = name;

        strbuf_add(out, s, blank + name);
        s += blank;
        while (word > 0 && s[word - 1] == ' ')
            word--;
        if (s[name] != '=') {
            s += name;
            continue;
        }
        strbuf_addc(out, '=');
        blank = strspn(s + name + 1, " ");
        if ((word == 3 && strncasecmp(s, "PWD", 3) == 0) ||
            (word == 8 && strncasecmp(s, "PASSWORD", 8) == 0))
            strbuf_adds(out, "(set)");
        else
            strbuf_add(out, s + name + 1,
                       blank + password_len(s + name + 1 + blank));
        s += name + 1 + blank + password_len(s + name + 1 + blank);
    }
}

static void show_text(const struct setting_row *row, const char *text,
                      struct strbuf *out)
{
    if (!text)
        return;
    if (row->type == SETTING_SECRET)
        strbuf_adds(out, "(set)");
    else if (row->type == SETTING_CONNECTION)
        show_connection(text, out);
    else
        strbuf_adds(out, text);
}

static void show_word(const struct setting_row *row, int index,
                      struct strbuf *out)
{
    const char *choice = row->choices;

    for (; index > 0; index--)
        choice += strcspn(choice, "|") + 1;
    strbuf_add(out, choice, strcspn(choice, "|"));
}

void setting_show(const struct setting_row *row, const void *field,
                  struct strbuf *out)
{
    if (setting_is_text(row))
        show_text(row, *(char *const *)field, out);
    else if (row->type == SETTING_BOOL)
        strbuf_adds(out, *(const bool *)field ? "yes" : "no");
    else if (row->type == SETTING_WORD)
        show_word(row, *(const int *)field, out);
    else if (types[row->type].whole)
        strbuf_addf(out, "%lld", (long long)*(const int64_t *)field);
    else
        strbuf_addf(out, "%.15g", *(const double *)field);
}
