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

/*
 * A flag that another thread or a signal handler sets ("stop").  volatile
 * keeps the compiler from reading it once; the builtins make it no race.
 */
static inline bool flag_is_set(const volatile bool *flag)
{
    return flag && __atomic_load_n(flag, __ATOMIC_RELAXED);
}

static inline void flag_set(volatile bool *flag, bool value)
{
    __atomic_store_n(flag, value, __ATOMIC_RELAXED);
}

#define KIB ((size_t)1024)
#define MIB (KIB * 1024)

#endif
