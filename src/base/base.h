/*
 * base.h -- the few macros that every file may use.
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/banned.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* A result that may not be dropped. */
#define MUST_CHECK __attribute__((warn_unused_result))

#define PRINTF_LIKE(at, first) __attribute__((format(printf, at, first)))

#define KIB ((size_t)1024)
#define MIB (KIB * 1024)

#endif
