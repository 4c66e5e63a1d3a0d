#include "batch/brake.h"

void brake_reset(struct brake *b)
{
    memset(b, 0, sizeof(*b));
}

void brake_wrote(struct brake *b)
{
    b->wrote = true;
}

void brake_refused(struct brake *b, const struct error *why)
{
    if (b->refused++ == 0) {
        snprintf(b->code, sizeof(b->code), "%s", why->code);
        b->native = why->native;
    }
    if (strcmp(b->code, why->code) != 0 || b->native != why->native)
        b->mixed = true;
}

bool brake_check(const struct brake *b, int64_t most, struct error *err)
{
    if (most <= 0 || b->wrote || b->mixed || b->refused < most)
        return true;
    error_exit(err, ERROR_SETUP, EXIT_DATABASE,
               "the database refused each of the first %lld records with the "
               "same error, %s (%ld): vitae doctor may tell why; the answers "
               "are kept, and written by --check-batch when that is mended",
               (long long)b->refused, b->code[0] ? b->code : "no code",
               b->native);
    error_code(err, "brake");
    return false;
}
