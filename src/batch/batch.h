/*
 * batch.h -- a batch as its row says, and the settings of the work.
 */
#ifndef BATCH_BATCH_H
#define BATCH_BATCH_H

#include "batch/life.h"
#include "provider/provider.h"

/* The user's own table: only read, but for the mapped columns. */
struct source_settings {
    char *table;            /* maybe schema-qualified */
    char *id_column;        /* the key */
    char *text_column;      /* the resume */
    char *processed_column; /* NULL = not processed yet */
    char *changed_column;   /* NULL = none; wakes dead and skipped records */
    char *where;            /* SQL of the operator, ANDed, NULL = none */
    char *order_by;         /* SQL of the operator, NULL = newest first */
    /* Of a job's own table (job.h), set by no file: */
    const char *custom_column; /* a request's custom_id, NULL = made */
    bool requests;             /* the texts are request lines already */
};

struct batch_settings {
    int64_t batch_size;
    int64_t num_batches;   /* batches to submit in --continuous, 0 = no end */
    int64_t max_open;      /* batches open at once, 0 = no limit */
    double check_interval; /* seconds between looks at one batch */
    int64_t max_attempts;  /* tries at one record */
    int64_t max_enqueued_tokens; /* 0 = the provider's limit */
    double enqueued_share;       /* of that may be used */
    bool wait_for_waves;         /* the next wave when the last has ended */
    double failover_after;       /* seconds at a provider; 0 = never */
    char *failover_to;           /* sections, by commas; NULL = none, both */
    char *cascade_to;
    double lease;           /* seconds a worker holds a batch unrenewed */
    double create_grace;    /* between two listings that show nothing */
    double adopt;           /* unknown batches so old are adopted; 0 = none */
    char *site;             /* its name in batch keys; NULL = made (site.h) */
    char *spool;            /* folder */
    int64_t write_refusals; /* of a batch, all alike: it stops */
    int64_t write_chunk;    /* rows of the first write-back chunk */
    double write_lock_max;  /* seconds a chunk may hold its locks */
    double write_pause;     /* seconds between chunks */
    char *write_window;     /* "22:00-06:00" local time, NULL = always */
    double max_cost;        /* of one run; 0 = no limit */
    double max_cost_day;    /* the same */
    double max_cost_month;
    bool allow_unpriced;
    char *prices;        /* file; NULL = the shipped prices.json */
    bool purge;          /* remove what is kept too long as work goes on */
    double keep_answers; /* seconds; 0 = not at all, all three */
    double keep_old_values;
    double keep_events;
};

#define BATCH_KEY 37
#define BATCH_WORD 65

/* listed_at: when a complete listing last showed nothing of ours. */
enum batch_listed { LISTED_KEEP, LISTED_NOW, LISTED_NEVER };

struct batch {
    char key[BATCH_KEY];
    char id[REMOTE_ID]; /* the provider's, "" = none yet */
    char section[BATCH_WORD];
    char provider[BATCH_WORD];
    char host[256];
    char account[BATCH_WORD];
    char model[129];
    char profile[129];
    char profile_hash[BATCH_WORD];
    char request_hash[BATCH_WORD];
    char provider_status[BATCH_WORD];
    char wave[BATCH_WORD];       /* its name (wave.h), "" = not sent yet */
    char forward_to[BATCH_WORD]; /* section for what is left over, "" = none */
    char input_file[REMOTE_ID];
    char output_file[REMOTE_ID];
    char error_file[REMOTE_ID];
    char worker[129];
    char error_code[BATCH_WORD];
    char error_message[400];
    enum batch_status status;
    int64_t request_count, completed_count, failed_count;
    int64_t done_count, retry_count, dead_count, skipped_count;
    int64_t unknown_count;
    int64_t input_tokens, cached_tokens, output_tokens;
    int64_t request_tokens; /* of its requests, as estimated */
    int64_t token_limit;    /* that a refusal named, 0 = none */
    int64_t fence;
    int64_t create_tries;
    int64_t check_failures;
    double listed_ago;    /* seconds, < 0 = never */
    double due_in;        /* seconds till next_check_at, <= 0 = due */
    double created_ago;   /* seconds */
    double submitted_ago; /* 0 = not yet */
    double checked_ago;   /* since it was asked for, < 0 = never */
    double lease_left;    /* seconds, < 0 = free */
    double estimated_cost, actual_cost; /* < 0 = not known */
    double standard_cost;               /* of single requests, the same */
    double window; /* seconds the provider has from its submit, 0 = any */
    char currency[8];
    char created_at[32];      /* as the database writes it */
    enum batch_listed listed; /* what the next save does to listed_at */
    bool checked;             /* the next save notes the look */
};

#endif
