/*
 * course.h -- what the tests of the dialects share: a provider at its fake,
 * a folder, a batch.
 */
#ifndef TESTS_PROVIDER_COURSE_H
#define TESTS_PROVIDER_COURSE_H

#include "provider/provider.h"
#include "tests/provider/fake/client.h"
#include "tests/provider/golden.h"
#include "tests/tap.h"

#define TEXT(s) ((char *)(uintptr_t)(s))
#define KEY "key-test-very-secret-0123456789"

struct dialect {
    const char *name;
    const char *root;    /* of its base_url */
    const char *setting; /* of the fake */
    bool by_ids;         /* a batch is told by its requests' ids alone */
    bool one_file;       /* failures stand among the answers */
    bool expired_empty;  /* an expired batch gives nothing */
};

extern const struct dialect dialects[];
extern const size_t dialect_count;
#define EACH(d) (d = dialects; d < dialects + dialect_count; d++)

/* A file in the test's folder (static). */
const char *path_of(const char *name);
/* requests.jsonl, six requests as the provider takes them. */
void write_requests(const struct provider *p);
/* f NULL: nowhere; else with requests.jsonl written. */
struct provider *open_at(const struct dialect *d, const struct fake *f);
void start(struct fake *f, const struct dialect *d, const char *more);
bool create(struct provider *p, const char *key, struct remote_batch *b,
            struct error *err);
/* Reads the answers of the six requests; seen has seven places. */
int read_answers(struct provider *p, const char *file, bool *seen);

#endif
