/*
 * expire.h -- an error line for each request that was never answered.
 *
 * For a batch whose window is over (OpenAI's batch_expired): the requests of
 * the input file that neither output nor errors has a line for get one in
 * errors.  Nothing else may write to these files meanwhile.
 */
#ifndef SERVER_EXPIRE_H
#define SERVER_EXPIRE_H

#include "base/error.h"

/* May be repeated: lines that are there are not written again.  *added
 * counts the new ones. */
MUST_CHECK bool expire_rest(const char *input, const char *output,
                            const char *errors, const char *code,
                            const char *message, int64_t *added,
                            struct error *err);

#endif
