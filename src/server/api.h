/*
 * api.h -- OpenAI's files and batches, as handlers of one table.
 *
 * Field for field what the official client libraries expect
 * (platform.openai.com/docs/api-reference/batch).  Beyond it: progress in a
 * batch's metadata (completion_pct, eta_seconds, throughput_req_per_sec,
 * token_savings_pct), POST …/pause and …/resume, GET …/events, partial
 * results under batch_output_… and batch_errors_…, metadata priority
 * (-100 … 100) and invalid_lines=skip, windows of other lengths than 24h,
 * /health and /metrics.
 */
#ifndef SERVER_API_H
#define SERVER_API_H

#include "base/file.h"
#include "server/dispatch.h"
#include "server/http_server.h"
#include "server/keys.h"
#include "server/parts.h"
#include "server/proxy.h"
#include "server/state.h"

struct page;
struct rest;

struct api {
    struct state *st; /* borrowed, like all here */
    struct parts *parts;
    struct dispatcher *dispatcher;
    struct proxy *proxy;
    struct upstreams *upstreams;
    struct page *page;
    struct rest *rest;
    const struct keys *keys; /* NULL = none is asked for */
    int64_t max_upload;
};

/* A form with a file on its way to the disk. */
struct upload {
    struct file_writer writer;
    struct served_file file; /* id "" = no file part yet */
    char path[STATE_PATH];
    bool unrecorded; /* there may be bytes under path */
};

/* One request's own. */
struct api_request {
    char owner[STATE_OWNER];
    struct upload upload;
};

extern const struct http_route api_routes[];
extern const size_t api_route_count;

/* For struct http_site. */
bool api_admit(struct exchange *x);
bool api_part(struct exchange *x, const struct http_part *part);
void api_done(struct exchange *x);
void api_refuse(struct exchange *x, unsigned status, const char *code,
                const char *message);

/* -- for the handlers -- */

struct api *api_of(struct exchange *x);
struct api_request *api_request_of(struct exchange *x);
const char *api_owner(struct exchange *x);
/* OpenAI's error object; param NULL = none. */
void api_error(struct exchange *x, unsigned status, const char *code,
               const char *param, const char *format, ...) PRINTF_LIKE(5, 6);
/* From below: a full disk is 507, the rest 500. */
void api_failure(struct exchange *x, const struct error *err);
void api_not_found(struct exchange *x, const char *what);
/* Replies with the JSON in out, and releases it. */
void api_reply(struct exchange *x, struct strbuf *out);

/* A page of a list: newest first unless order=asc. */
struct api_list {
    size_t (*count)(const struct state *st);
    /* Writes the object; false = not in this list.  NULL w: only asks. */
    bool (*write)(struct exchange *x, size_t i, struct jsonw *w);
    const char *(*id)(struct exchange *x, size_t i);
    int64_t usual, most; /* limit= */
};
void api_reply_list(struct exchange *x, const struct api_list *list);

/* name NULL = in a list, or alone. */
void api_write_file(const struct served_file *f, const char *name,
                    struct jsonw *w);
/* What an upload may be; false = it has replied. */
MUST_CHECK bool api_check_file(struct exchange *x, const char *purpose,
                               const char *filename);
/* A part's id and path; false = it has replied. */
MUST_CHECK bool api_begin_part(struct exchange *x, struct upload *u);

void batch_write(const struct served_batch *b, double now, struct jsonw *w);

/* Makes it known and replies with it; takes b, whose input and endpoint are
 * set. */
void api_add_batch(struct exchange *x, struct served_batch *b);

void api_upload(struct exchange *x);
void api_list_files(struct exchange *x);
void api_get_file(struct exchange *x);
void api_delete_file(struct exchange *x);
void api_file_content(struct exchange *x);
void api_create_upload(struct exchange *x);
void api_add_part(struct exchange *x);
void api_complete_upload(struct exchange *x);
void api_cancel_upload(struct exchange *x);
void api_create_batch(struct exchange *x);
void api_list_batches(struct exchange *x);
void api_get_batch(struct exchange *x);
void api_cancel_batch(struct exchange *x);
void api_pause_batch(struct exchange *x);
void api_resume_batch(struct exchange *x);
void api_batch_events(struct exchange *x);
void api_metrics(struct exchange *x);

#endif
