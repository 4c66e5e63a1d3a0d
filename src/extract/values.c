#include "extract/values_plan.h"

#include <math.h>

#include "base/text.h"
#include "extract/prompt.h"

const char *const values_outcome_names[] = {
    [VALUES_OK] = "ok",
    [VALUES_REPAIRED] = "repaired",
    [VALUES_NOT_JSON] = "not_json",
    [VALUES_CUT] = "cut",
    [VALUES_SCHEMA] = "schema",
    [VALUES_ABSURD] = "absurd",
    [VALUES_EMPTY] = "empty",
};

static const struct json_limits limits = { VALUES_BYTES, 200000, 48 };

static void drop(struct value *value, const char *rule)
{
    value->state = VALUE_NULL;
    value->flags |= VALUE_DROPPED;
    value->rule = rule;
}

static void add_text(struct values *v, struct piece *piece, const char *s)
{
    memset(piece, 0, sizeof(*piece));
    piece->at = v->text.len;
    strbuf_adds(&v->text, s);
    piece->len = v->text.len - piece->at;
}

/* The number and its text: at most two digits after the point. */
void values_set_number(struct values *v, size_t column, double number)
{
    struct value *value = &v->values[column];
    char text[64];
    size_t len;

    if (fabs(number) < 0.005)
        number = 0; /* and no -0 */
    snprintf(text, sizeof(text), "%.2f", number);
    len = strlen(text);
    while (text[len - 1] == '0')
        len--;
    if (text[len - 1] == '.')
        len--;
    text[len] = '\0';
    add_text(v, &v->pieces[column], text);
    value->state = VALUE_NUMBER;
    value->number = number;
}

/* False: the whole answer is refused for it. */
static bool take_number(struct values *v, size_t column,
                        const struct json_node *node)
{
    const struct column *c = &v->profile->columns[column];
    struct value *value = &v->values[column];
    double number;

    if (!json_real(node, &number))
        return true;
    if (c->bounded && (number < c->min || number > c->max)) {
        if (c->outside == OUTSIDE_REJECT)
            return false;
        if (c->outside == OUTSIDE_NULL) {
            drop(value, "range");
            return true;
        }
        number = number < c->min ? c->min : c->max;
        value->flags |= VALUE_CHANGED;
        value->rule = "clamp";
    }
    values_set_number(v, column, number);
    return true;
}

static bool take_text(struct values *v, size_t column,
                      const struct json_node *node)
{
    const struct column *c = &v->profile->columns[column];
    struct piece piece;
    bool refused;

    if (values_clean(v, node, c->rules, &piece, &refused))
        values_set_text(v, column, &piece);
    else if (refused)
        drop(&v->values[column], piece.rule);
    return true;
}

static bool take_boolean(struct values *v, size_t column,
                         const struct json_node *node)
{
    struct value *value = &v->values[column];

    if (!json_is(node, JSON_TRUE) && !json_is(node, JSON_FALSE))
        return true;
    value->number = json_is(node, JSON_TRUE);
    value->state = v->targets[column].is_number ? VALUE_NUMBER : VALUE_TEXT;
    add_text(v, &v->pieces[column],
             value->state == VALUE_TEXT ? value->number > 0 ? "true" : "false"
             : value->number > 0        ? "1"
                                        : "0");
    return true;
}

static bool take_list(struct values *v, size_t column,
                      const struct json_node *node)
{
    const struct list *list = v->places[column].list;
    bool grounded = v->profile->columns[column].grounded;
    struct piece all = { .at = v->text.len };
    size_t i;

    (void)node;
    for (i = 0; i < list->count; i++) {
        const struct piece *p = &list->items[i].text;
        char *room;

        if (grounded && !values_ground(v, &v->values[column], p))
            continue;
        if (v->text.len > all.at)
            strbuf_add(&v->text, ", ", 2);
        /* The buffer is added to itself, and may move. */
        room = strbuf_room(&v->text, p->len);
        if (!room)
            break;
        memcpy(room, v->text.data + p->at, p->len);
        strbuf_grown(&v->text, p->len);
    }
    all.len = v->text.len - all.at;
    if (all.len)
        values_set_text(v, column, &all);
    return true;
}

static char *add_digits(char *to, int number, int digits)
{
    int i;

    for (i = digits; i--; number /= 10)
        to[i] = (char)('0' + number % 10);
    return to + digits;
}

/* A month in the form that the column's type asks for.  A million of these
 * are written: no printf. */
static void set_month(struct values *v, size_t column, const struct month *m)
{
    struct value *value = &v->values[column];
    bool is_date = v->targets[column].is_date;
    char text[16] = "Present", *at = text;
    struct piece piece;

    if (m->present && is_date) {
        value->flags |= VALUE_CURRENT;
        value->rule = "present";
        return;
    }
    if (!m->present) {
        at = add_digits(at, m->year, 4);
        if (m->month || is_date) {
            *at++ = '-';
            at = add_digits(at, m->month ? m->month : 1, 2);
        }
        memcpy(at, is_date ? "-01" : "", is_date ? 4 : 1);
    }
    add_text(v, &piece, text);
    piece.rule = m->rule;
    piece.changed = m->rule != NULL;
    values_set_text(v, column, &piece);
}

static bool take_month(struct values *v, size_t column,
                       const struct json_node *node)
{
    const struct column *c = &v->profile->columns[column];
    const struct place *place = &v->places[column];
    const struct item *item;
    struct piece piece;
    struct month m;
    bool refused;

    if (place->list && (c->role == ROLE_START || c->role == ROLE_END)) {
        item = &place->list->items[place->index];
        m = c->role == ROLE_END ? item->end : item->start;
    } else if (values_clean(v, node, NULL, &piece, &refused)) {
        m = values_months(v, v->text.data + piece.at, piece.len).end;
    } else {
        return true;
    }
    if (m.year || m.present)
        set_month(v, column, &m);
    else if (m.bad)
        drop(&v->values[column], m.rule ? m.rule : "date");
    return true;
}

static bool (*const takers[])(struct values *v, size_t column,
                              const struct json_node *node) = {
    [COLUMN_TEXT] = take_text,       [COLUMN_LIST] = take_list,
    [COLUMN_MONTH] = take_month,     [COLUMN_NUMBER] = take_number,
    [COLUMN_BOOLEAN] = take_boolean,
};

/* A text that the resume doesn't hold goes, where that is the policy. */
static void check_ground(struct values *v, size_t column)
{
    const struct column *c = &v->profile->columns[column];
    struct value *value = &v->values[column];

    if (c->grounded && c->type == COLUMN_TEXT && value->state == VALUE_TEXT &&
        !values_ground(v, value, &v->pieces[column]))
        value->state = VALUE_NULL;
}

/* False: its number refuses the answer. */
static bool take_column(struct values *v, size_t column,
                        const struct json_node *root)
{
    const struct column *c = &v->profile->columns[column];
    const struct place *place = &v->places[column];
    const struct json_node *node = root;

    if (place->list && c->type != COLUMN_LIST) {
        if (place->index >= place->list->count)
            return true;
        if (place->list->plain && c->type == COLUMN_TEXT) {
            const struct piece *piece = &place->list->items[place->index].text;

            if (piece->len)
                values_set_text(v, column, piece);
            return true;
        }
        node = place->list->items[place->index].node;
    }
    if (c->type != COLUMN_LIST)
        node = json_pointer(node, place->rest);
    return takers[c->type](v, column, node);
}

/* The values' pointers, once the buffer stands still. */
static bool settle(struct values *v)
{
    size_t i, filled = 0;

    for (i = 0; i < v->profile->column_count; i++) {
        struct value *value = &v->values[i];

        value->text = NULL;
        value->len = 0;
        if (value->state == VALUE_NULL)
            continue;
        filled++;
        value->text = v->text.data + v->pieces[i].at;
        value->len = v->pieces[i].len;
    }
    return filled > 0;
}

static bool take_all(struct values *v, const struct json_node *root,
                     double today, enum values_outcome *outcome, char *detail)
{
    size_t i;

    strbuf_clear(&v->text);
    values_gather(v, root);
    for (i = 0; i < v->profile->column_count; i++) {
        v->values[i] = (struct value){ .found_at = -1 };
        if (values_wanted(v, i) && !take_column(v, i, root)) {
            snprintf(detail, 256, "%s: out of its range",
                     v->profile->columns[i].pointer);
            *outcome = VALUES_ABSURD;
            return true;
        }
        check_ground(v, i);
    }
    values_measure(v, today);
    if (!settle(v)) {
        *outcome = VALUES_EMPTY;
        snprintf(detail, 256, "nothing but nulls");
    }
    return strbuf_ok(&v->text);
}

/* The JSON document in the content, mended where that is needed. */
static const struct json_node *read_json(struct values *v, const char *content,
                                         size_t len,
                                         enum values_outcome *outcome,
                                         char *detail, struct error *err)
{
    const struct json_node *root;
    struct answer_json json;
    const char *why = "";

    if (len > VALUES_BYTES) {
        *outcome = VALUES_NOT_JSON;
        snprintf(detail, 256, "too long");
        return NULL;
    }
    if (!answer_trim(content, len, &json)) {
        *outcome = VALUES_EMPTY;
        snprintf(detail, 256, "nothing in it");
        return NULL;
    }
    root = json_read(v->doc, json.text, json.len, &limits, err);
    if (root || err->kind == ERROR_RETRY)
        return root;
    *outcome = answer_mend(json.text, json.len, &v->mended, &json, &why);
    if (*outcome != VALUES_OK) {
        snprintf(detail, 256, "%s", why);
        return NULL;
    }
    v->repairs = json.repairs;
    *outcome = VALUES_REPAIRED;
    root = json_read(v->doc, json.text, json.len, &limits, err);
    if (!root) {
        *outcome = VALUES_NOT_JSON;
        snprintf(detail, 256, "%.255s", err->message);
    }
    return root;
}

/* What the placeholders of this answer stand for, if it has any. */
static bool find_hidden(struct values *v, const char *content, size_t len,
                        const char *resume, size_t resume_len,
                        struct error *err)
{
    v->restorable = false;
    if (!v->redaction || !resume || !redaction_may_hold(content, len))
        return true;
    strbuf_clear(&v->resume);
    prompt_clean(resume, resume_len, &v->resume);
    v->restorable =
        strbuf_ok(&v->resume) &&
        redaction_find(v->redaction, v->resume.data, v->resume.len, err);
    return v->restorable || err->kind != ERROR_RETRY;
}

/* Of a plain profile: the answer is the value. */
static bool read_plain(struct values *v, const char *content, size_t len,
                       enum values_outcome *outcome, char *detail,
                       struct error *err)
{
    struct answer_json answer;
    struct piece piece = { 0 };
    size_t i;

    if (len > VALUES_BYTES || !answer_trim(content, len, &answer)) {
        *outcome = len > VALUES_BYTES ? VALUES_ABSURD : VALUES_EMPTY;
        snprintf(detail, 256,
                 len > VALUES_BYTES ? "too long" : "nothing in it");
        return true;
    }
    strbuf_clear(&v->text);
    text_repair(answer.text, answer.len, &v->text, &(struct text_repair){ 0 });
    piece.len = v->text.len;
    for (i = 0; i < v->profile->column_count; i++) {
        v->values[i] = (struct value){ .found_at = -1 };
        if (values_wanted(v, i))
            values_set_text(v, i, &piece);
    }
    settle(v);
    return strbuf_ok(&v->text) || error_memory(err);
}

bool values_read(struct values *v, const char *content, size_t len,
                 const char *resume, size_t resume_len, double today,
                 enum values_outcome *outcome, char *detail, struct error *err)
{
    struct schema_report report;
    const struct json_node *root;
    enum schema_result result;

    v->repairs = v->extra = 0;
    detail[0] = '\0';
    error_clear(err);
    *outcome = VALUES_OK;
    if (v->profile->plain)
        return read_plain(v, content, len, outcome, detail, err);
    root = read_json(v, content, len, outcome, detail, err);
    if (!root && err->kind == ERROR_RETRY)
        return false;
    error_clear(err); /* what json_read() said is the outcome now */
    if (!root)
        return true;
    result = schema_check(v->profile->schema, root, &report);
    v->extra = report.extra;
    if (result != SCHEMA_FITS) {
        *outcome = result == SCHEMA_ABSURD ? VALUES_ABSURD : VALUES_SCHEMA;
        snprintf(detail, 256, "%s", report.detail);
        return true;
    }
    return find_hidden(v, content, len, resume, resume_len, err) &&
           values_look(v, resume, resume_len, err) &&
           (take_all(v, root, today, outcome, detail) || error_memory(err));
}

const struct value *values_at(const struct values *v, size_t column)
{
    return &v->values[column];
}
