#include "cli/remote_summary.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

#define FIELDS 24
#define VALUES 12 /* more different ones are no classes */
#define PREVIEW 3
#define VALUE_MOST 40

struct tally {
    const char *name; /* borrowed */
    struct {
        char text[VALUE_MOST];
        long count;
    } values[VALUES];
    size_t count;
    bool open; /* too many different values */
};

struct summary {
    struct tally fields[FIELDS];
    size_t count;
    long succeeded, failed;
};

static struct tally *tally_of(struct summary *s, const char *name)
{
    size_t i;

    for (i = 0; i < s->count; i++)
        if (!strcmp(s->fields[i].name, name))
            return &s->fields[i];
    if (s->count == FIELDS)
        return NULL;
    s->fields[s->count].name = name;
    return &s->fields[s->count++];
}

static void count_value(struct tally *t, const char *text)
{
    size_t i;

    if (!*text)
        return;
    if (strlen(text) >= VALUE_MOST) {
        t->open = true;
        return;
    }
    for (i = 0; i < t->count; i++)
        if (!strcmp(t->values[i].text, text)) {
            t->values[i].count++;
            return;
        }
    if (t->count == VALUES) {
        t->open = true;
        return;
    }
    snprintf(t->values[t->count].text, VALUE_MOST, "%s", text);
    t->values[t->count++].count = 1;
}

/* Words and yes or no, alone or in a list, are counted. */
static void count_member(struct summary *s, const char *name,
                         struct json_object *value)
{
    struct tally *t;
    size_t i;

    if (json_object_is_type(value, json_type_array)) {
        for (i = 0; i < json_object_array_length(value); i++)
            count_member(s, name, json_object_array_get_idx(value, i));
        return;
    }
    if (!json_object_is_type(value, json_type_string) &&
        !json_object_is_type(value, json_type_boolean))
        return;
    t = tally_of(s, name);
    if (t)
        count_value(t, json_object_get_string(value));
}

static void count_answer(struct summary *s, struct json_object *answer)
{
    struct json_object_iterator at = json_object_iter_begin(answer);
    struct json_object_iterator end = json_object_iter_end(answer);

    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
        count_member(s, json_object_iter_peek_name(&at),
                     json_object_iter_peek_value(&at));
}

static void count_result(struct summary *s, const struct json_object *result)
{
    struct json_object *answer = json_get(result, "result");

    if (!json_get_bool(result, "success", false)) {
        s->failed++;
        return;
    }
    s->succeeded++;
    if (json_object_is_type(answer, json_type_object))
        count_answer(s, answer);
}

static void print_tally(const struct tally *t)
{
    size_t i;

    if (t->open || !t->count)
        return;
    fprintf(stderr, "%s: ", t->name);
    for (i = 0; i < t->count; i++)
        fprintf(stderr, "%s%s %ld", i ? ", " : "", t->values[i].text,
                t->values[i].count);
    fputc('\n', stderr);
}

static void print_preview(struct json_object *result)
{
    fprintf(stderr, "%s\n",
            json_object_to_json_string_ext(
                result, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                            JSON_C_TO_STRING_NOSLASHESCAPE));
}

void remote_summary(const struct json_object *reply, bool preview,
                    const char *path)
{
    struct json_object *results = json_get(reply, "results");
    static struct summary s;
    size_t n, i;

    memset(&s, 0, sizeof(s));
    n = json_object_is_type(results, json_type_array)
            ? json_object_array_length(results)
            : 0;
    for (i = 0; i < n; i++)
        count_result(&s, json_object_array_get_idx(results, i));
    for (i = 0; preview && i < n && i < PREVIEW; i++)
        print_preview(json_object_array_get_idx(results, i));
    fprintf(stderr, "%ld results, %ld failed%s%s\n", s.succeeded, s.failed,
            path ? ", in " : "", path ? path : "");
    for (i = 0; i < s.count; i++)
        print_tally(&s.fields[i]);
}
