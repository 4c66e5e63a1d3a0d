/*
 * bounded.h -- the profile's schema with bounds out of its columns.
 *
 * The schema itself has no bounds, because not every provider takes them.
 * An endpoint that holds a model to a grammar (llama.cpp) does, and a tiny
 * model would go on for ever in a list without them.
 */
#ifndef EXTRACT_BOUNDED_H
#define EXTRACT_BOUNDED_H

#include "extract/profile.h"
#include "extract/source.h"

/* Sets p->schema_bounded: lists get maxItems, strings maxLength, numbers of
 * a range become integers with minimum and maximum. */
MUST_CHECK bool bounded_schema(struct profile *p, const struct source *schema,
                               struct error *err);

#endif
