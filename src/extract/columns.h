/*
 * columns.h -- columns.json: rows with ranges become columns.
 *
 * profile.h describes the format.  Faults name the line.
 */
#ifndef EXTRACT_COLUMNS_H
#define EXTRACT_COLUMNS_H

#include "extract/profile.h"
#include "extract/source.h"

/* Fills columns and column_count of p, whose schema is known. */
MUST_CHECK bool columns_read(struct profile *p, const struct source *source,
                             struct error *err);
void columns_release(struct profile *p);

/* The pointer fits the pattern, whose {i} stand for indexes. */
bool pointer_fits(const char *pointer, const char *pattern);

#endif
