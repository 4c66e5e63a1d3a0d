#include "io/score.h"

#include <ctype.h>
#include <math.h>

#include "base/text.h"
#include "extract/answer.h"

#define SHORT 80 /* bytes of a text that is taken for a score */

static const struct json_limits limits = { 4 * MIB, 100000, 16 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number at s: its length, 0 = none. */
static size_t number_at(const char *s, double *value)
{
    size_t len = *s == '-', digits = 0;
    double scale = 1;

    for (*value = 0; is_digit(s[len]) && digits < 15; len++, digits++)
        *value = *value * 10 + (s[len] - '0');
    if (!digits || is_digit(s[len]))
        return 0;
    if (s[len] == '.' && is_digit(s[len + 1]))
        for (len++; is_digit(s[len]); len++)
            *value += (s[len] - '0') * (scale /= 10);
    if (*s == '-')
        *value = -*value;
    return len;
}

/* Past "/10", "/ 100", " out of 10". */
static const char *skip_scale(const char *s)
{
    const char *at = s;
    double scale;
    size_t len;

    while (*at == ' ')
        at++;
    if (*at == '/')
        at++;
    else if (strncmp(at, "out of", 6) == 0)
        at += 6;
    else
        return s;
    while (*at == ' ')
        at++;
    len = number_at(at, &scale);
    return len ? at + len : s;
}

/* A short text with one number in it. */
static bool read_text(const char *text, size_t len, double *value)
{
    char copy[SHORT + 1];
    const char *s = copy;
    size_t found = 0, n;

    if (len > SHORT || memchr(text, '\0', len))
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    while (*s) {
        if (!is_digit(*s) && !(*s == '-' && is_digit(s[1]))) {
            s++;
            continue;
        }
        n = number_at(s, value);
        if (!n || ++found > 1 || (s > copy && isalnum((unsigned char)s[-1])))
            return false;
        s = skip_scale(s + n);
    }
    return found == 1;
}

static bool read_number(const struct json_node *node, double *value)
{
    char copy[32];

    if (json_real(node, value))
        return true;
    if (!json_is(node, JSON_STRING) || node->escaped || !node->len ||
        node->len >= sizeof(copy))
        return false;
    memcpy(copy, node->text, node->len);
    copy[node->len] = '\0';
    return *skip_scale(copy + number_at(copy, value)) == '\0';
}

/* A number, or an object with one. */
static bool read_member(const struct json_node *node, double *value)
{
    return read_number(node, value) ||
           (json_is(node, JSON_OBJECT) &&
            read_number(json_member(node, "score"), value));
}

static bool ends_in_score(const struct json_node *name)
{
    return name->len >= 5 &&
           strncmp(name->text + name->len - 5, "score", 5) == 0;
}

static bool is_part(const struct json_node *member, bool all)
{
    return all || json_is(member, JSON_OBJECT) ||
           ends_in_score(json_name(member));
}

static void add_parts(const struct json_node *object,
                      const struct json_node *but, bool all,
                      struct score *score)
{
    const struct json_node *member = json_first(object);
    const struct json_node *name;
    double value;
    size_t len;

    for (; member && score->count < SCORE_PARTS; member = json_next(member)) {
        if (member == but || !is_part(member, all) ||
            !read_member(member, &value))
            continue;
        name = json_name(member);
        len = utf8_cut(name->text, name->len, SCORE_NAME - 1, TEXT_BYTES);
        memcpy(score->names[score->count], name->text, len);
        score->names[score->count][len] = '\0';
        score->parts[score->count++] = value;
    }
}

static void read_object(const struct json_node *root, struct score *score)
{
    static const char *const names[] = { "overall", "overall_score", "score",
                                         "total_score", "total" };
    const struct json_node *overall = NULL;
    size_t i;

    for (i = 0; i < ARRAY_LEN(names) && !score->found; i++) {
        overall = json_member(root, names[i]);
        score->found = overall && read_member(overall, &score->value);
    }
    add_parts(root, score->found ? overall : NULL, false, score);
    add_parts(json_member(root, "scores"), NULL, true, score);
    if (score->found || !score->count)
        return;
    score->found = true;
    for (i = 0; i < score->count; i++)
        score->value += score->parts[i] / (double)score->count;
}

static void read_json(struct json_doc *doc, const struct answer_json *json,
                      struct score *score)
{
    struct error ignored;
    const struct json_node *root =
        json_read(doc, json->text, json->len, &limits, &ignored);

    if (json_is(root, JSON_OBJECT))
        read_object(root, score);
    else
        score->found = read_number(root, &score->value);
}

/* An object with prose or a fence around it, or not quite JSON. */
static void read_mended(struct json_doc *doc, const char *text, size_t len,
                        struct score *score)
{
    struct answer_json json;
    struct strbuf scratch;
    const char *why;

    strbuf_init(&scratch, limits.bytes);
    if (answer_mend(text, len, &scratch, &json, &why) == VALUES_OK)
        read_json(doc, &json, score);
    strbuf_release(&scratch);
}

void score_read(struct json_doc *doc, const char *text, size_t len,
                struct score *score)
{
    struct answer_json json;

    score->found = false;
    score->value = 0;
    score->count = 0;
    if (!answer_trim(text, len, &json))
        return;
    if (json.text[0] == '{' || json.text[0] == '"')
        read_json(doc, &json, score);
    else
        score->found = read_text(json.text, json.len, &score->value);
    if (!score->found && !score->count && memchr(json.text, '{', json.len))
        read_mended(doc, json.text, json.len, score);
    score->found = score->found && isfinite(score->value);
}
