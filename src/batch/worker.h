/*
 * worker.h -- one process at work: its connections, its lease, its spool.
 *
 * A worker's name is its host and spool folder.  It holds a lock on the
 * spool (flock), so at most one process has the name; another process on the
 * same spool works as a guest, whose name carries its pid, and takes only
 * what nobody holds.  A batch is worked on under a lease by the database's
 * clock, renewed from within long steps; each taking raises the fence, and
 * every write that matters is guarded by it: a worker that was thought dead
 * and wakes up changes nothing.
 */
#ifndef BATCH_WORKER_H
#define BATCH_WORKER_H

#include "batch/batch.h"
#include "batch/brake.h"
#include "batch/window.h"
#include "db/db.h"
#include "extract/profile.h"
#include "extract/tokens.h"
#include "extract/values.h"

struct worker_settings {
    const struct source_settings *source; /* borrowed, all of them */
    const struct batch_settings *batch;
    const struct extract_settings *extract;
    /* The settings of a section of that name ("" = [provider]); NULL when
     * there is none any more. */
    const struct provider_settings *(*provider)(void *context,
                                                const char *section);
    /* Names of the named sections; NULL past the end.  May be NULL. */
    const char *(*sections)(void *context, size_t index);
    void *context;
    const char *section; /* the one new batches go to */
};

#define SITE_DIGITS 12

enum redact_policy { REDACT_OFF, REDACT_CONTACT };

struct extract_settings {
    char *profile;
    int grounding; /* enum grounding_policy (values.h) */
    int redact;    /* enum redact_policy */
    int64_t max_input_tokens;
};

/* Told as work goes on; may be NULL.  For progress bars. */
struct worker_watch {
    void (*step)(void *context, const struct batch *b, const char *what,
                 int64_t done, int64_t failed, int64_t total);
    void *context;
    void (*remark)(void *context, const char *text); /* may be NULL */
};

/* When batches were last looked for that the database doesn't know
 * (adopt.h). */
struct adopt_state {
    bool done;
    double at;        /* monotonic */
    unsigned session; /* of the database, then */
};

/* A batch and what was split off it; older ones have been sent. */
#define WORKER_MADE 8

struct worker {
    struct db *db; /* owned */
    struct worker_settings settings;
    struct clock *clock;              /* borrowed */
    const volatile bool *stop;        /* borrowed */
    const struct worker_watch *watch; /* borrowed or NULL */
    struct profile *profile;          /* owned */
    struct values *values;            /* owned */
    struct value_target *targets;     /* owned, one per profile column */
    struct vocab *vocab;              /* owned; NULL = tokens are estimated */
    struct token_counter *counter;    /* owned */
    struct token_teller teller; /* asks the open provider; count may be NULL */
    bool asked_in_vain;
    struct provider *provider; /* owned: the one opened last */
    char provider_section[BATCH_WORD];
    struct provider_settings as_made; /* the section's, as a batch needs it */
    char made_by[BATCH_WORD];         /* the name in as_made */
    char name[129];
    char site[SITE_DIGITS + 1];        /* that ends each key we make (site.h) */
    char made[WORKER_MADE][BATCH_KEY]; /* the last that this process made */
    size_t made_count;                 /* ever */
    char *spool;                       /* owned: absolute folder */
    int lock;                          /* of the spool, -1 = guest */
    double beat_at;                    /* monotonic time of the last renewal */
    struct batch *held;                /* borrowed: the batch under our lease */
    bool lost;                         /* its lease went to somebody else */
    struct window window;              /* when write-back may take place */
    struct prices *prices;             /* owned */
    struct adopt_state adopted;
    struct brake brake; /* of the batch that is collected */
    double started;     /* when the worker opened: a run's budget */
};

/* Opens what the settings name: profile, spool, source mapping.  Takes db.  To
 * be closed whether it worked or not. */
MUST_CHECK bool worker_open(struct worker *w, struct db *db,
                            const struct worker_settings *settings,
                            struct clock *clock, const volatile bool *stop,
                            struct error *err);
void worker_close(struct worker *w);

/* The provider that made (or will make) batches of the section. */
MUST_CHECK bool worker_provider(struct worker *w, const char *section,
                                struct provider **p, struct error *err);
/* The provider of a batch in the mode that it was made in, whatever the
 * section says by now: its id and its file's name tell.  ERROR_SETUP where
 * the section has become another provider and the batch is still open. */
MUST_CHECK bool worker_provider_of(struct worker *w, const struct batch *b,
                                   struct provider **p, struct error *err);

/* Takes the batch's lease and reads its row afresh; *taken = false when
 * somebody else holds it or it is closed. */
MUST_CHECK bool worker_take(struct worker *w, struct batch *b, bool *taken,
                            struct error *err);
/* May the login write back what b's answers will be?  Asked before b is sent:
 * ERROR_SETUP, code "rights", noted. */
MUST_CHECK bool worker_may_write(struct worker *w, const struct batch *b,
                                 struct error *err);
/* What of b only an operator can mend at the database is told by the tables as
 * well, so that monitoring knows at once. */
void worker_note(struct worker *w, const struct batch *b, struct error *why);
/* This process makes a batch of that key, so nobody can have sent it. */
void worker_made(struct worker *w, const char *key);
bool worker_has_made(const struct worker *w, const char *key);
/* Lets the lease go. */
void worker_drop(struct worker *w, struct batch *b);
/* Renews the lease when a third of it is gone.  False (ERROR_RETRY, code
 * "lease") when it was lost. */
MUST_CHECK bool worker_beat(struct worker *w, struct error *err);
/* After try number tried of a call to the provider: waits as the policy and
 * err (Retry-After) say, keeping the lease.  False: no more of it; err is
 * why, or "stopped". */
struct retry_policy;
MUST_CHECK bool worker_try_again(struct worker *w,
                                 const struct retry_policy *policy, int tried,
                                 struct error *err);
/* Makes w->counter count as the model does; NULL where nobody knows how:
 * then w->teller.count asks the open provider's endpoint, where it can. */
MUST_CHECK bool worker_count_for(struct worker *w, const char *model,
                                 struct error *err);
/* Contact data stays here: by the settings or the profile. */
bool worker_redacts(const struct worker *w);
bool worker_should_stop(const struct worker *w);

/* A provider_watch that beats, reports and stops. */
struct provider_watch worker_provider_watch(struct worker *w);

#endif
