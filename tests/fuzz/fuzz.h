/*
 * fuzz.h -- one harness, two drivers: libFuzzer (configure
 * --enable-fuzzing) and replay.c, which `make check` uses.
 *
 * A harness is tests/fuzz/fuzz_NAME.c with a corpus in
 * tests/fuzz/corpus/NAME/.  Claims are made with fuzz_check(), which holds
 * with NDEBUG too.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define fuzz_check(claim)                                                      \
    do {                                                                       \
        if (!(claim)) {                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__,         \
                    #claim);                                                   \
            abort();                                                           \
        }                                                                      \
    } while (0)

#endif
