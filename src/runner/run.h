/*
 * run.h -- what the files of one run share: runner.c (the loop), flight.c
 * (one request in the air), landing.c (what became of it).
 */
#ifndef RUNNER_RUN_H
#define RUNNER_RUN_H

#include "provider/http.h"
#include "runner/answers.h"
#include "runner/fleet.h"
#include "runner/request.h"
#include "runner/runner.h"
#include "runner/verdict.h"

/* A request that waits for another try. */
struct later {
    double due;
    size_t line;
    int tried;   /* attempts used up */
    int put_off; /* times that the endpoint was busy or down */
};

/* A request in the air.  Slots are reused with their buffers. */
struct flight {
    struct run *run; /* borrowed */
    struct strbuf text;
    struct request request; /* borrows from text */
    struct later what;
    struct endpoint *endpoint; /* borrowed; NULL = the slot is free */
    double sent;
    double tokens;    /* expected */
    uint64_t number;  /* of seat_sent() */
    const char *code; /* of a refusal of our own; static */
    char why[160];    /* the same in words */
    struct flight *next;
};

struct run {
    const struct runner_settings *settings; /* borrowed, without zeros */
    const struct provider_watch *watch;     /* borrowed */
    struct clock *clock;                    /* borrowed */
    struct runner_result *result;           /* borrowed */
    struct plan plan;
    struct answers output, errors;
    struct fleet *fleet;        /* owned where the settings have none */
    struct seat *seat;          /* owned */
    uint64_t masks[PLAN_LANES]; /* who has a lane's model */
    double masked;              /* when that was asked */
    struct file_lines lines;    /* of the input */
    struct json_doc *doc;       /* owned */
    struct http *http;          /* owned */
    struct http_pool *pool;     /* owned */
    struct flight *flights;     /* owned */
    struct flight *idle;
    struct flight *held[PLAN_LANES]; /* read, but may not go yet, or NULL */
    size_t turn;                     /* the lane to look at first */
    size_t flight_count;
    struct later *later; /* owned: unordered */
    size_t later_count, later_size;
    struct strbuf line;    /* an answer being written */
    double spread;         /* chance for the next back-off */
    double told;           /* when progress was */
    const char *waits_for; /* static: what holds requests back */
    const char *wait_told; /* the one that was told last, NULL = none */
    double wait_told_at;
    int64_t day_noted, noted_day; /* the count on file, and of which day */
    double answer_tokens;         /* mean so far */
    bool failed;                  /* why: error below; nothing more is sent */
    struct error error;
};

double run_now(const struct run *r);
/* Before a request goes. */
void run_note_day(struct run *r, bool ended);
/* Unix time, by the clock of the place where a day begins. */
double run_day_time(const struct run *r);
/* How far it is, at most so often, or anyway. */
void run_tell(struct run *r, double now, bool anyway);
/* The first failure ends the run. */
void run_fail(struct run *r, const struct error *err);

/* flight.c */

enum flown {
    FLOWN,         /* one is done with: sent, or refused */
    FLOWN_LATER,   /* none may go for *wait seconds, or before an answer */
    FLOWN_NO_MORE, /* all are in the air or done */
};
/* Sends a waiting request, or the next. */
MUST_CHECK bool flight_next(struct run *r, enum flown *flown, double *wait,
                            struct error *err);
void flight_free(struct run *r, struct flight *f);
/* Waits `delay` seconds for another try. */
void run_put_off(struct run *r, const struct later *what, double delay);

/* landing.c */
void landing(void *context, void *tag, struct http_response *response,
             const struct error *failure);
/* A line that can't be asked. */
MUST_CHECK bool landing_refused(struct run *r, const struct flight *f,
                                struct error *err);

#endif
