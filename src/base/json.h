/*
 * json.h -- json-c, for documents a person wrote or an API answered:
 * profiles, schemas, prices, API envelopes.  Never for bulk lines (jsonr.h).
 *
 * Read by jsonr.h first, so exactly as strict (json-c alone takes NaN, single
 * quotes, repeated names and more), bounded in size and depth.  Getters take a
 * NULL object and give NULL or the fallback, so that absent members need no
 * checks. struct json_object is json-c's; json_free() is json_object_put().
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <json-c/json_object.h>

#include "base/error.h"

/* The caller frees the object with json_free(); NULL with err, whose
 * message tells line and column. */
MUST_CHECK struct json_object *json_parse(const char *text, size_t len,
                                          struct error *err);
/* From a file of at most ceiling bytes; the message names the file. */
MUST_CHECK struct json_object *json_parse_file(const char *path, size_t ceiling,
                                               struct error *err);
void json_free(struct json_object *object);

/* Borrowed from the object. */
struct json_object *json_get(const struct json_object *object,
                             const char *name);
const char *json_get_text(const struct json_object *object, const char *name);
int64_t json_get_integer(const struct json_object *object, const char *name,
                         int64_t fallback);
double json_get_real(const struct json_object *object, const char *name,
                     double fallback);
bool json_get_bool(const struct json_object *object, const char *name,
                   bool fallback);

#endif
