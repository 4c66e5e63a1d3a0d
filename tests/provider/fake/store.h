/*
 * store.h -- the files and batches of the fake, whatever the dialect.
 */
#ifndef TESTS_PROVIDER_FAKE_STORE_H
#define TESTS_PROVIDER_FAKE_STORE_H

#include "base/jsonw.h"
#include "tests/provider/fake/fake.h"

#define FAKE_MOST 100000

struct fake_file {
    char id[64];
    char name[256];
    char purpose[32];
    char expires[32]; /* seconds asked for */
    int fd;
    off_t at, len;
    double created;
    bool gone;
};
extern struct fake_file *fake_files[FAKE_MOST];
extern size_t fake_file_count;

struct fake_file *fake_file_new(const char *name, const char *purpose, int fd,
                                off_t at, off_t len);
struct fake_file *fake_file_find(const char *id);

/* GET of its bytes, Range understood. */
void fake_file_content(const struct fake_request *r, const char *id,
                       struct fake_reply *reply);
/* A file out of a request's body, spooled or not. */
struct fake_file *fake_file_take(const struct fake_request *r,
                                 const char *name);
/* "http://HOST" as the client named it. */
void fake_origin(const struct fake_request *r, char *out, size_t size);

struct fake_batch;

/* How a dialect's lines look. */
struct fake_dialect {
    const char *id_name; /* "custom_id", "key" */
    bool one_file;       /* failures stand among the answers */
    /* NULL: fine; else the code of what is wrong with a request line. */
    const char *(*check)(const struct fake_batch *b,
                         const struct json_node *root);
    void (*answer)(const char *id, size_t id_len, const struct fake_answer *a,
                   const char *model, struct strbuf *out);
    void (*never_ran)(const char *id, size_t id_len, bool cancelled,
                      struct strbuf *out);
};

struct fake_batch {
    const struct fake_dialect *dialect;
    char id[64];
    char status[24]; /* OpenAI's words */
    char *metadata;  /* owned: JSON or "null" */
    char key[128];   /* a display name */
    char model[128];
    char endpoint[64];
    char window[16];
    char input[64], output[64], errors[64];
    char fail_code[64], fail_message[300];
    long fail_line; /* 0 = null */
    long total, done, failed, looks, hidden, tokens;
    double created, finished;
    bool cancelled, gone;
};
extern struct fake_batch *fake_batches[FAKE_MOST];
extern size_t fake_batch_count;

/* Counts it and gives it an id: prefix and a number. */
struct fake_batch *fake_batch_new(const struct fake_dialect *dialect,
                                  const char *prefix, const char *input);
struct fake_batch *fake_batch_find(const char *id);
bool fake_batch_ended(const struct fake_batch *b);
/* Moves it on because it is looked at, or because time went by. */
void fake_batch_advance(struct fake_batch *b, bool looked);
/* As providers do by themselves: also those that nobody looks at have taken
 * their requests. */
void fake_batches_start(void);
/* False: it has ended. */
bool fake_batch_cancel(struct fake_batch *b);

/* As fake_settings.list says, from behind `after` ("" = all), those that may
 * be seen: one call a batch; false ends it. */
void fake_batch_list(const char *after,
                     bool (*each)(const struct fake_batch *b, void *context),
                     void *context);

/* How many a page shows: what was asked for (0 = most), and no more than
 * fake_settings.page. */
long fake_page(const char *asked, long most);

void fake_no_such(struct fake_reply *reply, const char *what, const char *id);
/* As fake_settings.times says. */
void fake_add_time(struct jsonw *w, const char *name, double t);
/* A string member of a request's JSON. */
void fake_copy(const struct json_node *root, const char *name, char *out,
               size_t size);
extern const struct fake_dialect fake_openai_dialect;

#endif
