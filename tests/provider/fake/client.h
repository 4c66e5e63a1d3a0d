/*
 * client.h -- starts a fake provider for a test, talks to its control paths
 * and ends it.
 *
 *   struct fake fake;
 *   fake_start(&fake, "--set", "polls=1", NULL);
 *   ... fake.base_url ...
 *   fake_script(&fake, "create@1 lose");
 *   fake_number(&fake, "creates")
 *   fake_stop(&fake);
 */
#ifndef TESTS_PROVIDER_FAKE_CLIENT_H
#define TESTS_PROVIDER_FAKE_CLIENT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/strbuf.h"

struct fake {
    pid_t pid;
    char base_url[64]; /* "http://127.0.0.1:PORT/v1" */
    int port;
};

/* Arguments up to NULL.  Ends the test when it doesn't start. */
void fake_start(struct fake *f, ...) __attribute__((sentinel));
void fake_stop(struct fake *f);
/* One exchange; the answer's body is added to out (may be NULL).  The status,
 * 0 = none. */
int fake_ask(const struct fake *f, const char *method, const char *path,
             const char *body, struct strbuf *out);
/* Adds lines to the script. */
void fake_script(const struct fake *f, const char *lines);
/* Removes all faults; settings stay. */
void fake_calm(const struct fake *f);
/* A number of the ledger. */
long fake_number(const struct fake *f, const char *name);
/* How often a custom_id was accepted. */
long fake_accepted(const struct fake *f, const char *custom_id);

#endif
