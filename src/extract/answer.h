/*
 * answer.h -- the JSON object in what a model said.
 *
 * The rule: the text from the first { that begins an object to where that
 * object ends; what stands around it (fences, prose, a <think> block) is
 * dropped, a second object refuses the answer.  Repaired is only what is
 * certain: commas before a closing bracket, raw control characters in
 * strings, and closing braces that are missing at the very end when nothing
 * but objects is open and the last member is whole (the schema then says
 * whether members are missing).  A cut inside a value, or inside a list, is
 * never repaired.
 *
 * Pure; allocates only in the given buffer; doesn't recurse.
 */
#ifndef EXTRACT_ANSWER_H
#define EXTRACT_ANSWER_H

#include "base/strbuf.h"
#include "extract/values.h"

enum answer_repair {
    REPAIR_FENCED = 1,
    REPAIR_PROSE = 2,
    REPAIR_COMMAS = 4,
    REPAIR_CONTROLS = 8,
    REPAIR_CLOSED = 16,
};

struct answer_json {
    const char *text; /* borrowed from content or scratch */
    size_t len;
    unsigned repairs; /* enum answer_repair */
};

/* As it is, but for the white space around it.  False: nothing there. */
bool answer_trim(const char *content, size_t len, struct answer_json *json);

/* For content that isn't JSON as it is.  VALUES_OK: json has what to read;
 * else VALUES_NOT_JSON or VALUES_CUT, and *why (static). */
enum values_outcome answer_mend(const char *content, size_t len,
                                struct strbuf *scratch,
                                struct answer_json *json, const char **why);

#endif
