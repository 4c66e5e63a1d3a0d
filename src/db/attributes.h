/*
 * attributes.h -- the NAME=VALUE; attributes of an ODBC connection string.
 *
 * Pure.  Names are compared without case.  A value in {braces} may hold
 * anything: drivers double a } within, FreeTDS 1.3.17 takes it as it stands
 * (tried), so that the string's own Driver decides how its values are read
 * and written.  Strings hold passwords: what is dropped is wiped.
 */
#ifndef DB_ATTRIBUTES_H
#define DB_ATTRIBUTES_H

#include "base/strbuf.h"

/* Ceiling of a whole connection string. */
#define CONNECTION_STRING (32 * KIB)

/* Is the string's Driver FreeTDS's? */
bool attributes_are_freetds(const char *string);
/* Does the value end early, or lose blanks, where it stands alone? */
bool attributes_need_braces(const char *value);
bool attributes_have(const char *string, const char *name);
/* Appends the value, without its braces; false when it is not there. */
bool attributes_value(const char *string, const char *name, struct strbuf *out);
/* Where it is not there yet: what the operator wrote wins. */
void attributes_add(struct strbuf *string, const char *name, const char *value);
void attributes_drop(struct strbuf *string, const char *name);

#endif
