/*
 * remote_summary.h -- what is in a job's results, for people.
 *
 * How many succeeded; for each field with few different values how often
 * each stands there (sentiment: positive 3, neutral 2), whatever the
 * profile; with preview the first three results.  On standard error.
 */
#ifndef CLI_REMOTE_SUMMARY_H
#define CLI_REMOTE_SUMMARY_H

#include <stdbool.h>

struct json_object;

/* path: where the results went, NULL = standard output. */
void remote_summary(const struct json_object *reply, bool preview,
                    const char *path);

#endif
