#include "db/statement.h"

#include <stdlib.h>
#include <string.h>

#include "db/dialect.h"
#include "db/scan.h"

/* Fragments within fragments, macros within {each}: more is a circle. */
#define DEPTH_MAX 6
#define PARAMETERS_MAX 4000

struct expander {
    enum db_engine engine;
    const struct names *names;
    const struct db_column *column; /* within {each} */
    size_t index;
    unsigned depth;
    bool quoted;  /* within '...' */
    bool lenient; /* unknown words are text */
    struct strbuf *out;
    struct error *err;
};

static bool expand(struct expander *x, const char *text, size_t len);

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '+' || (c >= '0' && c <= '9');
}

/* One {...} of the text. */
struct brace {
    const char *word;
    size_t word_len;
    const char *arg; /* without the blanks round it */
    size_t arg_len;
    size_t length; /* of the whole, with { and } */
};

/* An argument may hold braces of its own; that of {each} ends with its
 * quoted separator, which may hold any. */
static const char *brace_end(const char *s, size_t len)
{
    bool quoted = false;
    size_t depth = 0, i;

    for (i = 1; i < len && s[i] != '\n'; i++) {
        if (s[i] == '}' && (quoted ? s[i - 1] == '"' : depth == 0))
            return s + i;
        if (s[i] == '"')
            quoted = true;
        else if (s[i] == '{' && !quoted)
            depth++;
        else if (s[i] == '}' && !quoted)
            depth--;
    }
    return NULL;
}

static bool read_brace(const char *s, size_t len, struct brace *b)
{
    const char *end = brace_end(s, len);
    const char *p = s + 1;

    if (!end || !is_word(*p) || (*p >= '0' && *p <= '9'))
        return false;
    b->word = p;
    while (is_word(*p))
        p++;
    b->word_len = (size_t)(p - b->word);
    if (*p != ' ' && *p != ':' && *p != '}')
        return false;
    while (*p == ' ')
        p++;
    b->arg = p;
    b->arg_len = (size_t)(end - p);
    b->length = (size_t)(end - s) + 1;
    return true;
}

static bool word_is(const struct brace *b, const char *word)
{
    return strlen(word) == b->word_len &&
           memcmp(b->word, word, b->word_len) == 0;
}

static bool bad(struct expander *x, const struct brace *b, const char *what)
{
    return error_exit(x->err, ERROR_SETUP, EXIT_SETTINGS, "{%.*s}: %s",
                      (int)(b->word_len > 60 ? 60 : b->word_len), b->word,
                      what);
}

/* Expands a text of ours or of the settings within the current one. */
static bool expand_within(struct expander *x, const struct brace *b,
                          const char *text, size_t len)
{
    bool ok;

    if (x->depth >= DEPTH_MAX)
        return bad(x, b, "refers to itself");
    x->depth++;
    ok = expand(x, text, len);
    x->depth--;
    return ok;
}

/* $ in a macro's text stands for its argument. */
static bool expand_macro(struct expander *x, const struct brace *b,
                         const struct dialect_macro *macro)
{
    const char *text = macro->text[x->engine];
    struct strbuf all;
    bool ok;

    if (macro->has_argument != (b->arg_len > 0))
        return bad(x, b,
                   macro->has_argument ? "needs an argument"
                                       : "takes no argument");
    strbuf_init(&all, 4 * KIB);
    for (; *text; text++)
        if (*text == '$')
            strbuf_add(&all, b->arg, b->arg_len);
        else
            strbuf_addc(&all, *text);
    ok = strbuf_ok(&all) ? expand_within(x, b, all.data, all.len)
                         : bad(x, b, "is too long");
    strbuf_release(&all);
    return ok;
}

/* {column} {path} {type} {index} */
static bool expand_column(struct expander *x, const struct brace *b,
                          bool *known)
{
    const struct db_column *c = x->column;

    *known = c && b->arg_len == 0;
    if (!*known)
        return true;
    if (word_is(b, "column"))
        return dialect_quote(x->engine, c->name, x->out, x->err);
    if (word_is(b, "path"))
        strbuf_adds(x->out, c->path);
    else if (word_is(b, "type"))
        strbuf_adds(x->out, c->type);
    else if (word_is(b, "index"))
        strbuf_addf(x->out, "%zu", x->index);
    else
        *known = false;
    return true;
}

static bool expand_name(struct expander *x, const struct brace *b)
{
    const struct dialect_macro *macro = dialect_macro(b->word, b->word_len);
    const struct name *name = names_find(x->names, b->word, b->word_len);
    bool known = false;

    if (!expand_column(x, b, &known))
        return false;
    if (known)
        return true;
    if (macro)
        return expand_macro(x, b, macro);
    if (name && b->arg_len)
        return bad(x, b, "takes no argument");
    if (name && name->is_fragment)
        return expand_within(x, b, name->text, strlen(name->text));
    if (name)
        strbuf_adds(x->out, name->text);
    else if (x->quoted || x->lenient)
        strbuf_add(x->out, b->word - 1, b->length);
    else
        return bad(x, b, "is not known here");
    return true;
}

/* LIST[:RULE] "SEP" */
static bool read_each(struct expander *x, const struct brace *b,
                      const struct name_list **list, int *rule,
                      struct brace *separator)
{
    const char *p = b->arg, *end = b->arg + b->arg_len;
    const char *name = p;

    while (p < end && is_word(*p))
        p++;
    *list = names_find_list(x->names, name, (size_t)(p - name));
    *rule = -1;
    if (!*list)
        return bad(x, b, "names no list");
    if (p < end && *p == ':') {
        for (*rule = 0, p++; p < end && *p >= '0' && *p <= '9'; p++)
            *rule = (*rule * 10 + *p - '0') % 1000;
    }
    while (p < end && *p == ' ')
        p++;
    if (end - p < 2 || *p != '"' || end[-1] != '"')
        return bad(x, b, "wants LIST \"SEPARATOR\"");
    separator->arg = p + 1;
    separator->arg_len = (size_t)(end - p - 2);
    return true;
}

static bool expand_each(struct expander *x, const struct brace *b,
                        const char *body, size_t body_len)
{
    const struct name_list *list;
    struct brace separator = { 0 };
    bool first = true, ok = true;
    size_t i;
    int rule;

    if (x->column)
        return bad(x, b, "cannot stand within another");
    if (!read_each(x, b, &list, &rule, &separator))
        return false;
    for (i = 0; ok && i < list->count; i++) {
        if (rule >= 0 && list->columns[i].rule != rule)
            continue;
        if (!first)
            strbuf_add(x->out, separator.arg, separator.arg_len);
        x->column = &list->columns[i];
        x->index = i;
        ok = expand_within(x, b, body, body_len);
        first = false;
    }
    x->column = NULL;
    return ok;
}

static const char *find_end(const char *s, size_t len)
{
    return memmem(s, len, "{end}", 5);
}

/* Takes the {...} at s; *used bytes of the text were it. */
static bool expand_brace(struct expander *x, const char *s, size_t len,
                         size_t *used)
{
    struct brace b;
    const char *end;

    if (!read_brace(s, len, &b)) {
        strbuf_addc(x->out, '{');
        *used = 1;
        return true;
    }
    *used = b.length;
    if (!word_is(&b, "each"))
        return expand_name(x, &b);
    end = find_end(s + b.length, len - b.length);
    if (!end)
        return bad(x, &b, "lacks its {end}");
    *used = (size_t)(end - s) + 5;
    return expand_each(x, &b, s + b.length, (size_t)(end - s) - b.length);
}

static bool expand(struct expander *x, const char *text, size_t len)
{
    size_t i = 0, used;

    while (i < len && !x->out->failed) {
        if (text[i] == '{') {
            if (!expand_brace(x, text + i, len - i, &used))
                return false;
            i += used;
            continue;
        }
        if (text[i] == '\'')
            x->quoted = !x->quoted;
        strbuf_addc(x->out, text[i++]);
    }
    return true;
}

static bool run(struct expander *x, const char *text)
{
    if (!expand(x, text, strlen(text)))
        return false;
    return strbuf_ok(x->out) || error_exit(x->err, ERROR_SETUP, EXIT_SETTINGS,
                                           "the statement is too long");
}

bool statement_expand(const char *text, enum db_engine engine,
                      const struct names *names, struct strbuf *out,
                      struct error *err)
{
    struct expander x = {
        .engine = engine, .names = names, .out = out, .err = err
    };
    struct strbuf plain;
    bool ok;

    strbuf_init(&plain, STATEMENT_CEILING);
    sql_strip(text, strlen(text), engine, &plain);
    ok = strbuf_ok(&plain) ? run(&x, plain.data) : error_memory(err);
    strbuf_release(&plain);
    return ok;
}

bool statement_print(const char *text, enum db_engine engine,
                     const struct names *names, struct strbuf *out,
                     struct error *err)
{
    struct expander x = { .engine = engine,
                          .names = names,
                          .lenient = true,
                          .out = out,
                          .err = err };

    return run(&x, text);
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static size_t name_length(const char *s, size_t len)
{
    size_t n = 0;

    while (n < len && (is_name_start(s[n]) || (s[n] >= '0' && s[n] <= '9')))
        n++;
    return n;
}

static bool add_parameter(struct statement *s, const char *name, size_t len,
                          struct error *err)
{
    size_t n = s->parameter_count;

    if (n >= PARAMETERS_MAX)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the statement has more than %d parameters",
                          PARAMETERS_MAX);
    if ((n & (n - 1)) == 0) {
        char **grown = realloc(s->parameters, (n ? n * 2 : 1) * sizeof(*grown));

        if (!grown)
            return error_memory(err);
        s->parameters = grown;
    }
    s->parameters[n] = strndup(name, len);
    if (!s->parameters[n])
        return error_memory(err);
    s->parameter_count++;
    return true;
}

static bool refuse_open(struct error *err)
{
    return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                      "a quote or comment in a statement is not closed; look "
                      "at source.where and source.order_by");
}

/* One step of code at s: a parameter, a ::, or a character. */
static bool parse_code(struct statement *s, const char *text, size_t len,
                       struct strbuf *out, size_t *used, struct error *err)
{
    *used = 1;
    if (text[0] == '?')
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "a statement may not hold \"?\" outside of quotes; "
                          "look at source.where and source.order_by");
    if (text[0] == ':' && len > 1 && text[1] == ':') {
        strbuf_adds(out, "::");
        *used = 2;
        return true;
    }
    if (text[0] != ':' || len < 2 || !is_name_start(text[1])) {
        strbuf_addc(out, text[0]);
        return true;
    }
    *used = 1 + name_length(text + 1, len - 1);
    strbuf_addc(out, '?');
    return add_parameter(s, text + 1, *used - 1, err);
}

static bool parse(struct statement *s, const char *text, enum db_engine engine,
                  struct strbuf *out, struct error *err)
{
    size_t len = strlen(text), i, used;
    bool open;

    for (i = 0; i < len; i += used) {
        enum sql_token token =
            sql_scan(text + i, len - i, engine, &used, &open);

        if (open)
            return refuse_open(err);
        if (token == SQL_TOKEN_QUOTED)
            strbuf_add(out, text + i, used);
        else if (token == SQL_TOKEN_COMMENT)
            strbuf_addc(out, ' ');
        else if (!parse_code(s, text + i, len - i, out, &used, err))
            return false;
    }
    return true;
}

/* text is expanded already; ends within quotes or comments are refused. */
static bool parse_expanded(const char *text, enum db_engine engine,
                           struct statement *out, struct error *err)
{
    struct strbuf sql;
    bool ok;

    memset(out, 0, sizeof(*out));
    strbuf_init(&sql, STATEMENT_CEILING);
    ok = parse(out, text, engine, &sql, err);
    if (ok) {
        out->is_repeatable = strncasecmp(sql.data, "SELECT", 6) == 0;
        out->sql = strbuf_take(&sql);
        ok = out->sql || error_memory(err);
    }
    strbuf_release(&sql);
    if (!ok)
        statement_release(out);
    return ok;
}

bool statement_make(const char *text, enum db_engine engine,
                    const struct names *names, struct statement *out,
                    struct error *err)
{
    struct strbuf plain;
    bool ok;

    memset(out, 0, sizeof(*out));
    strbuf_init(&plain, STATEMENT_CEILING);
    ok = statement_expand(text, engine, names, &plain, err) &&
         parse_expanded(plain.data, engine, out, err);
    if (ok && strstr(text, "-- repeatable"))
        out->is_repeatable = true;
    strbuf_release(&plain);
    return ok;
}

void statement_release(struct statement *s)
{
    size_t i;

    for (i = 0; i < s->parameter_count; i++)
        free(s->parameters[i]);
    free(s->parameters);
    free(s->sql);
    memset(s, 0, sizeof(*s));
}
