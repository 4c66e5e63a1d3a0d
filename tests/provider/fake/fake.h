/*
 * fake.h -- the parts of the scripted provider: see fake_provider.c.
 *
 * The loop (fake_provider.c) reads requests; a route (openai.c ...) does the
 * work and fills a reply; the script (script.c) may stop, spoil or lose it.
 * Test code: it gives up (fake_die) where the program would carry on.
 */
#ifndef TESTS_PROVIDER_FAKE_H
#define TESTS_PROVIDER_FAKE_H

#include "base/jsonr.h"
#include "base/strbuf.h"

/* -- settings (--set NAME=VALUE, or "set NAME=VALUE" in a script) -- */

struct fake_settings {
    long polls;     /* a batch ends at this look; 0 = at once */
    double seconds; /* > 0: it ends so long after creation instead */
    char end[32];   /* completed, expired, failed, cancelled, stuck */
    char fail_code[64];
    char fail_message[256];
    long lag;           /* listings that don't show a new batch yet */
    char list[16];      /* batches: newest, oldest or mixed first */
    long page;          /* a listing shows at most so many at once; 0 = any */
    char order[16];     /* of answers: shuffle, input, reverse */
    long duplicate;     /* every n-th answer twice */
    long missing;       /* every n-th not at all */
    long unknown;       /* so many answers of ids never asked */
    long garble;        /* every n-th line is broken */
    long fail;          /* every n-th request fails with status 400 */
    char usage[16];     /* normal, none, strings, negative, huge */
    char wrap[16];      /* none, fence, prose: around the content */
    char ids[16];       /* normal, empty: error_file_id "" instead of null */
    char times[16];     /* number, string, ms, iso */
    char shape[16];     /* openai, azure, together; job: Gemini's other words */
    long blank;         /* 1: blank lines, CR LF, no last newline, a BOM */
    long ranges;        /* 0: downloads ignore Range */
    long validate;      /* 0: request files are not looked at */
    long token_limit;   /* of enqueued tokens (bytes / 4), 0 = none */
    double counter_lag; /* so long ended batches count against it */
    long jobs;          /* open batches beyond so many: create is 429 */
    double latency;     /* seconds before each chat answer */
    long hold;          /* chat answers that go, then none; -1 = all */
    double think;       /* seconds before each other answer */
    long busy;          /* chat requests beyond so many at once: 503 */
    long rpm;           /* chat requests in any 60 s beyond it: 429 */
    long inlined;       /* Gemini: results in the batch, not in a file */
    char key[128];      /* required, "" = none */
    char offers[200];   /* that are listed, NAME or NAME=TOKENS, by colons */
    char model[64];     /* the one known, "" = all */
    long models;        /* how many the list tells of: 1 or 2 */
    char tokenizer[16]; /* llama, vllm; "" = none */
};
extern struct fake_settings fake_settings;

/* "name=value"; false: no such name. */
bool fake_set(const char *assignment);

/* -- requests and replies -- */

struct fake_request {
    char method[8];
    char path[1024]; /* from after "/v1" on, still escaped, without query */
    char query[1024];
    const char *head; /* all of it, for fake_header() */
    const char *body; /* in memory, or mapped */
    size_t body_len;
    int spool; /* the file the body went to, -1 = none */
};

/* A header's value cut at size; "" when absent. */
void fake_header(const struct fake_request *r, const char *name, char *out,
                 size_t size);
/* A query parameter, unescaped. */
void fake_query(const struct fake_request *r, const char *name, char *out,
                size_t size);
void fake_unescape(char *s);

struct fake_reply {
    int status;
    const char *type;
    struct strbuf headers; /* whole lines with CR LF */
    struct strbuf body;
    int file; /* sent after body, -1 = none; closed by the loop */
    off_t file_at, file_len;
    double wait; /* seconds before it is sent */
};

void fake_error(struct fake_reply *reply, int status, const char *type,
                const char *code, const char *message);

/* -- routes -- */

struct fake_route {
    const char *op; /* the script's word */
    const char *method;
    const char *path; /* "*" stands for one segment, or a part of it */
    void (*handle)(const struct fake_request *r, const char *id,
                   struct fake_reply *reply);
    bool no_key; /* the address itself is the right to use it */
};
extern const struct fake_route fake_file_routes[], fake_chat_routes[],
    fake_openai_routes[], fake_mistral_routes[], fake_gemini_routes[],
    fake_anthropic_routes[];

/* -- script -- */

enum fake_action {
    FAKE_DROP = 1,      /* close without a word, nothing done */
    FAKE_RESET = 2,     /* the same with RST */
    FAKE_LOSE = 4,      /* do it, then close without a word */
    FAKE_AFTER = 8,     /* do it before the status below is told */
    FAKE_DOUBLE = 16,   /* a second, bogus answer behind the real one */
    FAKE_NOLENGTH = 32, /* no Content-Length: ended by closing */
    FAKE_CHUNKED = 64,
};

struct fake_fault {
    char op[24];
    long from, to; /* of the calls that match since it was added */
    long seen;
    unsigned actions;
    int status; /* 0 = the real one */
    char *body; /* owned; NULL = the real one */
    char type[64];
    char header[256];
    long cut;      /* bytes of the whole answer that are sent, -1 = all */
    long cut_body; /* bytes of its body that are sent, -1 = all */
    double stall;  /* seconds before it is sent */
    long slow;     /* bytes a second, 0 = no limit */
    long flood;    /* so many junk headers */
    long interim;  /* so many "100 Continue" before it */
    struct fake_fault *next;
};

/* One line of a script: false when it can't be read. */
bool fake_script_line(const char *line);
void fake_script_clear(void);
/* The fault for this call, or NULL.  Counts the call. */
const struct fake_fault *fake_script_next(const char *op);

/* -- ledger -- */

struct fake_line_count {
    char *id;     /* owned */
    int accepted; /* requests taken with this custom_id */
    int billed;   /* answered with 200 */
};

struct fake_ledger {
    long uploads, creates, chats, deletes, lists, polls, cancels, downloads;
    long accepted, billed;
    long in_flight, most_in_flight;
};
extern struct fake_ledger fake_ledger;
struct fake_line_count *fake_count(const char *id, size_t len);
void fake_ledger_json(struct strbuf *out);
/* How often this text was asked before now. */
int fake_asked(const char *text, size_t len);

/* -- answers -- */

struct fake_answer {
    int status;            /* of the request; 0 = missing from the output */
    const char *finish;    /* static */
    struct strbuf content; /* JSON-escaped, without quotes */
    char refusal[64];      /* "" = none */
    char message[256];     /* of a failure */
    long prompt_tokens, completion_tokens;
};
void fake_answer_init(struct fake_answer *a);
void fake_answer_release(struct fake_answer *a);
/* The answer for one request line (or chat body): by its directives. */
void fake_answer_make(const char *line, size_t len, struct fake_answer *a);
/* Appends the chat.completion object, or the error object. */
void fake_answer_body(const struct fake_answer *a, const char *model,
                      struct strbuf *out);
/* Where a member's string value lies in compact JSON; NULL = absent. */
const char *fake_find_string(const char *json, size_t len, const char *name,
                             size_t *value_len);

/* -- small things -- */

double fake_now(void);  /* monotonic */
double fake_time(void); /* of day */
uint64_t fake_hash(const void *data, size_t len);
int fake_temporary(void); /* an unlinked file for what is large */
/* Bytes of a file, mapped; released by fake_unmap(). */
const char *fake_map(int fd, size_t *len);
void fake_unmap(const char *data, size_t len);
void fake_write(int fd, const void *data, size_t len);
void fake_die(const char *what) __attribute__((noreturn));

#endif
