#include "base/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define GROUPS 32

/* Enough for any sane pattern on a line; a match that needs more is a trap.
 * The limit ends the whole call, not only the attempt at one position. */
#define MATCH_LIMIT 100000
#define HEAP_LIMIT_KIB 16384
#define JIT_STACK_START (64 * KIB)
#define JIT_STACK_MOST (1 * MIB)

struct pattern {
    pcre2_code *code; /* owned */
};

struct pattern_match {
    pcre2_match_data *data;       /* owned */
    pcre2_match_context *context; /* owned */
    pcre2_jit_stack *stack;       /* owned; NULL until the thread's own, of
                                     32 KiB, was not enough */
    unsigned found;               /* groups set by the last match */
};

struct pattern *pattern_new(const char *source, struct error *err)
{
    struct pattern *p = calloc(1, sizeof(*p));
    PCRE2_UCHAR reason[160];
    PCRE2_SIZE at = 0;
    int code = 0;

    if (!p) {
        error_memory(err);
        return NULL;
    }
    p->code = pcre2_compile((PCRE2_SPTR)source, PCRE2_ZERO_TERMINATED,
                            PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C,
                            &code, &at, NULL);
    if (!p->code) {
        free(p);
        pcre2_get_error_message(code, reason, sizeof(reason));
        error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                   "pattern \"%.200s\": %s at byte %zu", source,
                   (const char *)reason, (size_t)at);
        return NULL;
    }
    /* Without JIT (or where memory may not be executable) pcre2_match()
     * interprets: slower, the same answers. */
    pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE);
    return p;
}

void pattern_free(struct pattern *p)
{
    if (!p)
        return;
    pcre2_code_free(p->code);
    free(p);
}

struct pattern_match *pattern_match_new(void)
{
    struct pattern_match *m = calloc(1, sizeof(*m));

    if (!m)
        return NULL;
    m->data = pcre2_match_data_create(GROUPS + 1, NULL);
    m->context = pcre2_match_context_create(NULL);
    if (!m->data || !m->context) {
        pattern_match_free(m);
        return NULL;
    }
    pcre2_set_match_limit(m->context, MATCH_LIMIT);
    pcre2_set_depth_limit(m->context, MATCH_LIMIT);
    pcre2_set_heap_limit(m->context, HEAP_LIMIT_KIB);
    return m;
}

/* False: it has one, or there is no memory for it. */
static bool take_stack(struct pattern_match *m)
{
    if (m->stack)
        return false;
    m->stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MOST, NULL);
    if (m->stack)
        pcre2_jit_stack_assign(m->context, NULL, m->stack);
    return m->stack != NULL;
}

void pattern_match_free(struct pattern_match *m)
{
    if (!m)
        return;
    if (m->stack)
        pcre2_jit_stack_free(m->stack);
    pcre2_match_context_free(m->context);
    pcre2_match_data_free(m->data);
    free(m);
}

bool pattern_find(const struct pattern *p, const char *subject, size_t len,
                  size_t start, struct pattern_match *m)
{
    int rc;

    m->found = 0;
    if (start > len)
        return false;
    do {
        /* Checking the subject each time would make a scan quadratic. */
        rc = pcre2_match(p->code, (PCRE2_SPTR)subject, len, start,
                         PCRE2_NO_UTF_CHECK, m->data, m->context);
    } while (rc == PCRE2_ERROR_JIT_STACKLIMIT && take_stack(m));
    if (rc < 0)
        return false;
    /* 0: more groups than there is room for; those that fit are set. */
    m->found = rc ? (unsigned)rc : GROUPS + 1;
    return true;
}

bool pattern_group(const struct pattern_match *m, unsigned group, size_t *start,
                   size_t *end)
{
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(m->data);

    if (group >= m->found || at[2 * group] == PCRE2_UNSET ||
        at[2 * group] > at[2 * group + 1])
        return false;
    *start = at[2 * group];
    *end = at[2 * group + 1];
    return true;
}

const char *pattern_mark(const struct pattern_match *m)
{
    return m->found ? (const char *)pcre2_get_mark(m->data) : NULL;
}
