/*
 * provider.h -- whom to ask: one table of functions per provider.
 *
 * A provider never sees a database and knows nothing of resumes: it turns a
 * template and a text into a request line, and a line of its output into an
 * answer; in between it moves files and batches.  Every function may be
 * repeated: create() alone may have a lasting effect twice, so the batch
 * machine records its intent first, never repeats it blindly, and asks
 * find() for the batch that carries our key: no provider takes an
 * idempotency key here (their client libraries, August 2026).
 *
 * Errors: ERROR_RETRY (again later: network, 408/409/429/5xx; retry_after
 * filled), ERROR_REJECT (this input never), ERROR_SETUP (an operator must
 * act: 401, 403, billing; nothing else will succeed either).  Exit code
 * EXIT_PROVIDER.  Codes: http.h.
 *
 * create() adds code "unknown" (ERROR_RETRY) when the request may have been
 * accepted although no clear answer came; with any other code the batch was
 * certainly not made.  poll() and cancel() of an id that isn't there give
 * ERROR_RETRY "not_found": batches have vanished for minutes (curator#116),
 * so the caller holds on and reports, and never sends again by itself.
 *
 * Adding one: one file with a const struct provider_ops, one line in
 * registry.c.  HACKING tells how.
 */
#ifndef PROVIDER_PROVIDER_H
#define PROVIDER_PROVIDER_H

#include "base/clock.h"
#include "base/error.h"
#include "base/jsonr.h"
#include "base/strbuf.h"

enum provider_mode {
    PROVIDER_MODE_BATCH,
    PROVIDER_MODE_REALTIME, /* single requests, by the runner */
};

struct provider_settings {
    int mode;       /* enum provider_mode */
    char *name;     /* which provider_ops: "openai", "local", ... */
    char *base_url; /* NULL = the provider's own */
    char *model;
    char *api_key; /* secret; from the environment or api_key_file */
    char *api_key_file;
    const char *key_variable; /* static: where api_key is looked for; NULL */
    char *completion_window;
    char *extra_body;    /* JSON object merged into each request body */
    char *allowed_hosts; /* comma-separated; NULL = base_url's host */
    char *organization, *project;
    double temperature;
    int64_t max_output_tokens;
    double timeout;      /* seconds for one realtime request */
    double idle_timeout; /* seconds without a byte */
    /* realtime: the runner */
    int64_t concurrency;
    int64_t requests_per_minute, tokens_per_minute, requests_per_day;
    char *day_zone; /* where a day begins at 0:00; NULL = UTC */
    double delay;   /* between two requests */
    /* limits of one batch, 0 = the provider's own */
    int64_t max_requests, max_bytes, max_enqueued_tokens;
    int64_t max_jobs; /* batches open at once at the provider */
    char *spool;      /* borrowed: where `local` keeps its answers */
};

enum provider_capability {
    PROVIDER_BATCHES = 1,    /* runs a batch by itself once created */
    PROVIDER_FIND = 2,       /* find() works */
    PROVIDER_REALTIME = 4,   /* chat() works */
    PROVIDER_RUNS_HERE = 8,  /* poll() does the work: the runner */
    PROVIDER_OWN_MODEL = 16, /* of one's own: costs nothing */
    PROVIDER_KEYED_IDS = 32  /* nothing but its requests' ids tells of a
                                batch there what we must know (keyed_id.h) */
};

struct provider_limits {
    int64_t requests, bytes; /* of one batch */
    int64_t line_bytes;      /* of one request */
    int64_t jobs;            /* batches open at once, 0 = no limit known */
    double window;           /* seconds after which an open batch is late */
    double poll_floor;       /* never poll more often, seconds */
};

/* What every request of a batch shares. */
struct request_profile {
    const char *model;
    const char *system;      /* the system message, valid UTF-8; "" = none */
    const char *schema;      /* strict JSON Schema as JSON text, or NULL */
    const char *schema_name; /* [A-Za-z0-9_-]{1,64} */
    double temperature;      /* < 0 = leave out */
    int64_t max_output_tokens;
    const char *extra_body; /* JSON object or NULL */
};

/*
 * A request line, cut where the varying parts go, escaped once:
 * head, custom_id (JSON-escaped), middle, text (JSON-escaped), tail.
 * Building a line copies bytes and allocates nothing: a batch has 50,000.
 */
struct request_template {
    struct strbuf head, middle, tail;
};
void request_template_init(struct request_template *t);
void request_template_release(struct request_template *t);
/* Appends one line with its newline. */
void request_line(const struct request_template *t, const char *custom_id,
                  const char *text, size_t len, struct strbuf *out);

enum remote_status {
    REMOTE_UNKNOWN, /* a word we don't know: not final */
    REMOTE_VALIDATING,
    REMOTE_RUNNING,
    REMOTE_FINALIZING,
    REMOTE_COMPLETED, /* final from here on, but for CANCELLING */
    REMOTE_FAILED,
    REMOTE_EXPIRED,
    REMOTE_CANCELLED,
    REMOTE_CANCELLING,
};
bool remote_is_final(enum remote_status status);

#define REMOTE_ID 256 /* LiteLLM's ids are long */

struct remote_batch {
    char id[REMOTE_ID];
    enum remote_status status;
    char word[64]; /* the provider's own status word */
    char input_file[REMOTE_ID];
    char output_file[REMOTE_ID]; /* "" = none (null and "" both occur) */
    char error_file[REMOTE_ID];
    char key[64]; /* our batch_key out of its metadata, "" = none */
    bool sealed;  /* whose it is can't be seen before it has ended */
    int64_t total, completed, failed;
    int64_t input_tokens, cached_tokens, output_tokens; /* -1 = not told */
    char error_code[64]; /* first validation error */
    char error_message[400];
    int64_t token_limit; /* told by token_limit_exceeded, 0 = not */
    double created_at;   /* 0 = not told */
};

enum answer_outcome {
    ANSWER_OK,        /* content holds the model's text */
    ANSWER_CUT,       /* stopped by a length limit */
    ANSWER_REFUSED,   /* the model declined; refusal text dropped */
    ANSWER_FILTERED,  /* content filter */
    ANSWER_EMPTY,     /* no content */
    ANSWER_FAILED,    /* the request failed: code, message */
    ANSWER_EXPIRED,   /* never ran: batch expired or cancelled */
    ANSWER_MALFORMED, /* the line is not what the provider promises */
};
extern const char *const answer_outcome_names[];

struct answer {
    char custom_id[128]; /* "" = none (counted on the batch) */
    enum answer_outcome outcome;
    bool retryable; /* ANSWER_FAILED: worth another attempt */
    bool our_fault; /* false: the provider's; not counted as an attempt */
    char code[64];
    char message[256];
    struct strbuf content; /* owned by the struct; reused */
    int64_t input_tokens, cached_tokens, output_tokens; /* -1 = not told */
};
void answer_init(struct answer *a);
void answer_release(struct answer *a);

/* Told while a long call runs; false = stop soon (the call then returns
 * with what is safe so far). */
struct provider_watch {
    bool (*progress)(void *context, int64_t done, int64_t failed,
                     int64_t total);
    void *context;
    const volatile bool *stop;
    /* Why nothing goes on, and till when: for people.  NULL = nobody asks. */
    void (*remark)(void *context, const char *text);
};

struct provider;
struct count_way;
struct batch_listing;

/* One request of a batch as a request by itself. */
struct provider_single {
    const char *path;      /* behind base_url; one %s for the model */
    const char *wanted;    /* the member that a good answer has; static */
    const char *id, *body; /* names of those members of a batch line */
    /* The answer's body: custom_id is left alone. */
    void (*decode)(const struct json_node *body, struct answer *out);
};

struct provider_ops {
    const char *name;
    const char *default_base_url; /* NULL: must be set */
    bool needs_key;               /* at its own default_base_url */
    unsigned caps;
    struct provider_limits limits;
    const char *key_header; /* NULL: "Authorization: Bearer %s" */
    const char *header;     /* sent with each request, NULL = none */
    const struct provider_single *single; /* static; NULL: no realtime */
    const void *dialect; /* static: the ops' own constants, may be NULL */
    const struct count_way *counts;      /* static: count.h; NULL = cannot */
    const struct batch_listing *listing; /* static: batches.h; NULL = none */

    /* Sets self->http up (NULL: a Bearer key) and self->state; host, base_url
     * and key are there already. */
    bool (*open)(struct provider *self, struct error *err);

    /* Fills *t for the profile: pure, golden-tested without a network. */
    bool (*prepare)(const struct provider *self,
                    const struct request_profile *profile,
                    struct request_template *t, struct error *err);
    /* Reads one line of an output or error file: pure.  False only for
     * broken memory; a broken line is ANSWER_MALFORMED. */
    bool (*decode)(const struct provider *self, struct json_doc *doc,
                   const char *line, size_t len, struct answer *out,
                   struct error *err);

    /* name ends in .jsonl and is unique to the batch; a lost upload costs
     * nothing.  file_id holds REMOTE_ID bytes. */
    bool (*upload)(struct provider *self, const char *path, const char *name,
                   char *file_id, const struct provider_watch *watch,
                   struct error *err);
    /* Makes the batch, tagged with key. */
    bool (*create)(struct provider *self, const char *file_id, const char *key,
                   const char *model, struct remote_batch *out,
                   struct error *err);
    /* Looks for a batch tagged with key among those made since and, where
     * it is told (> 0), until; a complete listing or an error, never a guess:
     * ERROR_RETRY, code "sealed", when it may be one that can't be seen
     * into yet. */
    bool (*find)(struct provider *self, const char *key, double since,
                 double until, bool *found, struct remote_batch *out,
                 struct error *err);
    /* Looks elsewhere for the key of a listed batch that has none, or says
     * that it is sealed; NULL: it can't be anywhere else. */
    bool (*identify)(struct provider *self, struct remote_batch *entry,
                     struct error *err);
    bool (*poll)(struct provider *self, const char *id,
                 const struct provider_watch *watch, struct remote_batch *out,
                 struct error *err);
    bool (*cancel)(struct provider *self, const char *id,
                   struct remote_batch *out, struct error *err);
    /* Streams to path (whole or absent), taken up again after a break. */
    bool (*download)(struct provider *self, const char *file_id,
                     const char *path, const struct provider_watch *watch,
                     struct error *err);
    /* A missing file is fine. */
    bool (*remove_file)(struct provider *self, const char *file_id,
                        struct error *err);
    /* Spends nothing: the key works, the model exists (doctor). */
    bool (*check)(struct provider *self, struct strbuf *report,
                  struct error *err);
    void (*close)(struct provider *self);
};

struct provider {
    const struct provider_ops *ops;  /* static, or `shown` */
    const struct provider_ops *base; /* in realtime: the provider itself */
    struct provider_ops shown;       /* in realtime: the runner, so named */
    const struct provider_settings *settings; /* borrowed */
    struct clock *clock;                      /* borrowed */
    struct http *http;                        /* owned */
    char base_url[1024];                      /* without a last slash */
    char host[256];      /* of base_url: recorded with each batch */
    char account[17];    /* digest of the credential, "" without one */
    char *key;           /* owned, secret: NULL = none */
    bool own;            /* base_url is the provider's own, not a lookalike */
    char query[64];      /* added to each address, "" = nothing */
    size_t count_way;    /* of ops->counts: the one that works */
    bool counted;        /* it has */
    char batch_name[64]; /* for create(): shown to people, "" = none */
    void *state;         /* the ops' own */
};

struct profile; /* extract/profile.h */
/* The form that all requests of a profile and model share at a provider:
 * prepare() of what the profile and, where it is silent, the settings say. */
MUST_CHECK bool provider_form(const struct provider *p,
                              const struct profile *profile, const char *model,
                              struct request_template *t, struct error *err);

/* Finds the ops by settings->name among the registered and opens. */
MUST_CHECK bool provider_open(struct provider **p,
                              const struct provider_settings *settings,
                              struct clock *clock, struct error *err);
void provider_close(struct provider *p);
/* A key is there where one is needed: to be asked before anything that
 * reaches the network (prepare and decode work without). */
MUST_CHECK bool provider_ready(const struct provider *p, struct error *err);
/* The word of a provider for a batch's state, in any spelling. */
enum remote_status remote_status_of(const char *word);
extern const char *const remote_status_names[];
/* `local` lives in runner/ and is registered by main. */
void provider_register(const struct provider_ops *ops);
/* The runner, which every provider becomes in realtime mode. */
void provider_register_runner(const struct provider_ops *ops);
const struct provider_ops *provider_runner(void);
const struct provider_ops *provider_ops_at(size_t index); /* NULL past end */

#endif
