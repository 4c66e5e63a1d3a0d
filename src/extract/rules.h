/*
 * rules.h -- named rules that bring a value into its form.
 *
 * A rule is a pure function of the value's text.  columns.json names the
 * rules of a column; the items of a record say which one touched a value.
 * Adding one: a function and a row of the table in rules.c.
 */
#ifndef EXTRACT_RULES_H
#define EXTRACT_RULES_H

#include "base/base.h"
#include "base/strbuf.h"

struct rule {
    const char *name;
    const char *help;
    /* Appends the new form of s (valid UTF-8, trimmed) to out; nothing
     * appended = the value is not one of this kind: NULL. */
    void (*apply)(const char *s, size_t len, struct strbuf *out);
};

extern const struct rule rules[];
extern const size_t rules_count;

/* NULL: no such rule. */
const struct rule *rule_find(const char *name);

/* Without the white space and invisible characters around it. */
void rule_trim(const char **s, size_t *len);

/* "", "N/A", "none", "null", "-", "unknown" and their kin. */
bool rule_is_null_word(const char *s, size_t len);

#endif
