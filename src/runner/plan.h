/*
 * plan.h -- what is to be asked, and in which order.
 *
 * One pass over the request file finds its lines, their groups (requests
 * that begin alike: same model, same first message) and repeated
 * custom_ids.  Memory is 8 bytes a line, 8 more where there are several
 * groups.  Blank lines don't count.
 *
 * Lines for one model are a lane: endpoints have different models, and none
 * shall wait for another's.  There are at most PLAN_LANES; further models
 * share the last.
 *
 * Order within a lane: group by group, so that prompt caches stay warm; longest
 * first within a group where the end is so near that the last answers would be
 * waited for alone.  A line that can't be asked is in
 * the plan too: its refusal is an answer.
 *
 * Input files hold at most 2^32 - 1 lines and 2^40 bytes.
 */
#ifndef RUNNER_PLAN_H
#define RUNNER_PLAN_H

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "runner/request.h"

#define PLAN_LANES 32

struct plan_lane {
    char *model; /* owned: JSON-escaped; NULL = none told, or several */
    size_t model_len;
    uint64_t hash;
    size_t next, end; /* positions in the order: the one to look at next */
    size_t undone;
    uint16_t rest; /* the group of lines that share nothing */
};

/* A group, by its number. */
struct plan_kind {
    uint8_t lane;
    bool shares; /* its requests begin alike */
};

struct plan {
    char *path;          /* owned */
    size_t max_line;     /* longer lines can't be asked */
    struct hash_key key; /* of the tags */
    uint64_t *lines;     /* owned: offset, and a tag of the custom_id */
    uint8_t *done;       /* owned: a bit a line */
    uint32_t *order;     /* owned; NULL = as in the file */
    size_t order_from;   /* the position that it begins at */
    uint16_t *group;     /* owned: number of the kind; NULL = all are `same` */
    uint16_t same;
    struct plan_kind *kinds; /* owned */
    size_t kind_count, kind_size;
    struct plan_lane lanes[PLAN_LANES];
    size_t lane_count;
    size_t count, size;
    size_t undone;
    size_t duplicates; /* lines left out: their custom_id came before */
    uint32_t groups;   /* that begin alike */
};

/* slots: requests at once, for the order; *stop ends it with ERROR_RETRY,
 * code "stopped". */
MUST_CHECK bool plan_open(struct plan *p, const char *path, size_t max_line,
                          size_t slots, const volatile bool *stop,
                          struct error *err);
/* Is shown every line but blank ones, as the plan is made: number is the
 * line's in the file, from 1; request is NULL when it is longer than
 * max_line; repeated: its custom_id came before. */
struct plan_watch {
    void (*line)(void *context, uint64_t number, const struct request *request,
                 bool repeated);
    void *context;
};
MUST_CHECK bool plan_open_watched(struct plan *p, const char *path,
                                  size_t max_line, size_t slots,
                                  const volatile bool *stop,
                                  const struct plan_watch *watch,
                                  struct error *err);
void plan_close(struct plan *p);

/* The next line that has no answer yet and was not given before; false at
 * the end. */
bool plan_next(struct plan *p, size_t *line);
/* The same, of that lane. */
bool plan_next_in(struct plan *p, size_t lane, size_t *line);
size_t plan_lane(const struct plan *p, size_t line);
void plan_done(struct plan *p, size_t line);
uint64_t plan_offset(const struct plan *p, size_t line);
/* -1 = it shares nothing. */
int64_t plan_group(const struct plan *p, size_t line);
/* The line has that custom_id (escaped form; NULL: none). */
bool plan_matches(const struct plan *p, size_t line, const char *custom_id,
                  size_t len);

#endif
