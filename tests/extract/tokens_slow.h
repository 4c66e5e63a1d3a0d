/*
 * tokens_slow.h -- tokens the slow and obvious way, for comparing.
 *
 * A backtracking matcher runs the published patterns as they are written,
 * and each piece is merged pair by pair, the lowest rank first, with the
 * ranks of NAME.tiktoken.  Quadratic: for texts of a few KB.
 */
#ifndef TESTS_EXTRACT_TOKENS_SLOW_H
#define TESTS_EXTRACT_TOKENS_SLOW_H

#include "base/base.h"

struct tokens_slow;

/* From $VITAE_DATADIR/vocab/NAME.tiktoken; ends the program when it can't. */
struct tokens_slow *tokens_slow_open(const char *name);
void tokens_slow_close(struct tokens_slow *slow);

/* How many; as many as fit into room to ids. */
size_t tokens_slow_ids(const struct tokens_slow *slow, const char *text,
                       size_t len, uint32_t *ids, size_t room);

#endif
