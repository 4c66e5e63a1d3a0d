/*
 * rest_input.h -- the body of a POST /batch/submit becomes a run's input.
 *
 * {"urls": [...]} or {"contents": [{"id", "title", "contents"}]}, with
 * "batch_name" and "wait_for_completion", or "name" and "wait" for short; an
 * id may be a number.  Strict: what is of the wrong type, empty or too long,
 * and an id that came before, is refused with the field's name.
 */
#ifndef SERVER_REST_INPUT_H
#define SERVER_REST_INPUT_H

#include "base/error.h"
#include "base/strbuf.h"
#include "server/rest.h"

#define REST_MOST 10000 /* addresses or contents of one job */

struct rest_input {
    char name[REST_NAME]; /* "batch" when none is told */
    bool wait;
    int64_t count;
    char param[80]; /* of the fault: "contents[3].id" */
};

/* Appends the input file's text to out.  ERROR_REJECT: the message says what
 * is wrong, in->param where. */
MUST_CHECK bool rest_input_read(const char *body, size_t len,
                                enum rest_kind kind, struct rest_input *in,
                                struct strbuf *out, struct error *err);

#endif
