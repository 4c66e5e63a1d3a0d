#include "extract/values_plan.h"

#include "base/text.h"
#include "extract/rules.h"

/* One line: white space becomes single blanks, what can't be seen goes. */
static bool add_line(const char *s, size_t len, struct strbuf *out)
{
    bool gap = false, changed = false;
    size_t at = 0, before = out->len;

    while (at < len) {
        uint32_t c;
        size_t n = utf8_decode(s + at, len - at, &c);

        if (!n || text_is_zero_width(c) || text_is_control(c) ||
            text_is_space(c)) {
            gap |= n && text_is_space(c);
            changed |= c != ' ' || !n;
            at += n ? n : 1;
            continue;
        }
        if (gap && out->len > before)
            strbuf_addc(out, ' ');
        gap = false;
        strbuf_add(out, s + at, n);
        at += n;
    }
    return changed || out->len - before != len;
}

/* A run of plain text needs no look at each character. */
static bool is_plain_line(const char *s, size_t len)
{
    size_t i;

    if (!len || s[0] == ' ' || s[len - 1] == ' ')
        return !len;
    for (i = 0; i < len; i++)
        if ((unsigned char)(s[i] - 0x20) > 0x7e - 0x20 ||
            (s[i] == ' ' && s[i + 1] == ' '))
            return false;
    return true;
}

static bool apply_rule(struct values *v, const struct rule *rule,
                       struct piece *piece)
{
    size_t at = v->text.len;

    strbuf_clear(&v->scratch);
    strbuf_add(&v->scratch, v->text.data + piece->at, piece->len);
    rule->apply(v->scratch.data, v->scratch.len, &v->text);
    if (v->text.len - at != piece->len ||
        memcmp(v->text.data + at, v->scratch.data, piece->len) != 0) {
        piece->changed = true;
        piece->rule = rule->name;
    }
    piece->at = at;
    piece->len = v->text.len - at;
    return piece->len > 0;
}

/* Puts the values behind placeholders back, in v->scratch. */
static bool put_back(struct values *v)
{
    bool found;

    if (!v->restorable || !redaction_may_hold(v->scratch.data, v->scratch.len))
        return false;
    strbuf_clear(&v->restored);
    found = redaction_restore(v->redaction, v->scratch.data, v->scratch.len,
                              &v->restored);
    if (found) {
        strbuf_clear(&v->scratch);
        strbuf_add(&v->scratch, v->restored.data, v->restored.len);
    }
    return found;
}

bool values_clean(struct values *v, const struct json_node *node,
                  const struct rule *const *rules_of, struct piece *piece,
                  bool *refused)
{
    size_t i;

    *refused = false;
    memset(piece, 0, sizeof(*piece));
    strbuf_clear(&v->scratch);
    if (!json_string(node, &v->scratch))
        return false;
    if (put_back(v))
        piece->rule = "redact";
    piece->at = v->text.len;
    if (is_plain_line(v->scratch.data, v->scratch.len)) {
        strbuf_add(&v->text, v->scratch.data, v->scratch.len);
    } else if (add_line(v->scratch.data, v->scratch.len, &v->text)) {
        piece->changed = true;
        piece->rule = "trim";
    }
    piece->len = v->text.len - piece->at;
    piece->raw_at = piece->at;
    piece->raw_len = piece->len;
    if (rule_is_null_word(v->text.data + piece->at, piece->len))
        return false;
    for (i = 0; rules_of && i < COLUMN_RULES && rules_of[i]; i++)
        if (!apply_rule(v, rules_of[i], piece)) {
            *refused = true;
            return false;
        }
    return true;
}

/* Cuts to the column's and the catalogue's width. */
static void clip(struct values *v, size_t column)
{
    const struct column *c = &v->profile->columns[column];
    const struct value_target *t = &v->targets[column];
    struct piece *p = &v->pieces[column];
    const char *s = v->text.data + p->at;
    size_t len = p->len;

    if (c->width)
        len = utf8_cut(s, len, (size_t)c->width, TEXT_CHARACTERS);
    if (t->width)
        len = utf8_cut(s, len, (size_t)t->width, (enum text_unit)t->unit);
    if (len == p->len)
        return;
    while (len && s[len - 1] == ' ')
        len--;
    p->len = len;
    v->values[column].flags |= VALUE_CLIPPED;
    v->values[column].rule = "width";
}

/* The piece becomes the column's value. */
static bool is_plain_number(const char *s, size_t len)
{
    size_t digits = 0, dots = 0, i;

    for (i = len && s[0] == '-'; i < len; i++) {
        dots += s[i] == '.';
        digits += s[i] >= '0' && s[i] <= '9';
        if (s[i] != '.' && (s[i] < '0' || s[i] > '9'))
            return false;
    }
    return digits && digits <= 15 && dots <= 1;
}

/* One value of the wrong type would have the database refuse the record. */
static bool fits_type(const struct values *v, size_t column,
                      const struct piece *piece)
{
    const struct value_target *target = &v->targets[column];

    if (target->is_date)
        return v->profile->columns[column].type == COLUMN_MONTH;
    return !target->is_number ||
           is_plain_number(v->text.data + piece->at, piece->len);
}

void values_set_text(struct values *v, size_t column, const struct piece *piece)
{
    struct value *value = &v->values[column];

    if (!fits_type(v, column, piece)) {
        value->state = VALUE_NULL;
        value->flags |= VALUE_DROPPED;
        value->rule = "type";
        return;
    }
    v->pieces[column] = *piece;
    value->state = VALUE_TEXT;
    value->rule = piece->rule;
    if (piece->changed)
        value->flags |= VALUE_CHANGED;
    clip(v, column);
}
