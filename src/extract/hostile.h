/*
 * hostile.h -- text in a resume that talks to the model.
 *
 * Role markers, special tokens of chat templates, forged delimiters, and
 * sentences like "ignore previous instructions" in several languages.  They
 * are made harmless where they stand; the rest of the resume stays.  This
 * is a filter and no proof: what protects is that the text is data between
 * delimiters, and that an answer is only used where it fits the schema and
 * the resume (ground.h).
 */
#ifndef EXTRACT_HOSTILE_H
#define EXTRACT_HOSTILE_H

#include "base/error.h"
#include "base/strbuf.h"

/* Rewrites text->data from `from` on (valid UTF-8, nothing invisible).
 * True: something was found. */
/* The first call compiles the patterns. */
MUST_CHECK bool hostile_ready(struct error *err);

bool hostile_defuse(struct strbuf *text, size_t from);

#endif
