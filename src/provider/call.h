/*
 * call.h -- what the providers' files share: one API call, careful reading
 * of its answer, a download that is taken up again.
 *
 * An API call has a total time limit (the settings' idle_timeout); its
 * answer is JSON of at most 16 MiB; an "error" member counts as a refusal
 * whatever the status.
 */
#ifndef PROVIDER_CALL_H
#define PROVIDER_CALL_H

#include "base/json.h"
#include "provider/http.h"
#include "provider/provider.h"

/* Opens self->http with the key in this header ("api-key: %s"; left out
 * without a key), another one (NULL = none), and the settings' hosts and
 * limits. */
MUST_CHECK bool provider_http(struct provider *p, const char *key_format,
                              const char *other, struct error *err);

/* The headers of each request: key, version and so on; they point into
 * `kept`, which holds the key.  headers has PROVIDER_HEADERS places; how
 * many are used. */
#define PROVIDER_HEADERS 4
size_t provider_headers(const struct provider *p, struct strbuf *kept,
                        const char **headers);

struct call {
    const char *what; /* "creating the batch": for messages */
    const char *method;
    const char *url;
    const char *body; /* JSON, borrowed, NULL = none */
    size_t body_len;
    const char *const *headers; /* borrowed */
    size_t header_count;
    const volatile bool *stop;
    size_t ceiling; /* of the answer, 0 = 16 MiB */
    /* out */
    long status; /* 0 = no answer */
    bool sent;   /* something may have arrived */
};

/* The answer, an object or an array, freed by the caller with json_free();
 * NULL with err. */
MUST_CHECK struct json_object *call_json(struct provider *self, struct call *c,
                                         struct error *err);
/* The same for a request that is set up already (uploads). */
MUST_CHECK struct json_object *call_request(struct provider *self,
                                            struct call *c,
                                            const struct http_request *request,
                                            struct error *err);

/* base_url + path; `id` escaped into it in place of one %s.  Owned by the
 * caller; NULL with err.  Ids with blanks, controls or made of dots are
 * refused. */
MUST_CHECK char *call_url(const struct provider *self, const char *path,
                          const char *id, struct error *err);

/* base_url with something put before its last part ("/upload": for
 * ".../upload/v1beta"), then path as in call_url(). */
MUST_CHECK char *call_side_url(const struct provider *self, const char *before,
                               const char *path, const char *id,
                               struct error *err);

/* False (ERROR_SETUP, "host") unless url is at base_url's own origin: where
 * an answer tells us to go, the key must not follow blindly. */
MUST_CHECK bool call_same_origin(const struct provider *self, const char *url,
                                 struct error *err);

/* An id or file name out of an answer: "" for null, "" and absent.  False:
 * no string, too long for REMOTE_ID, or characters that no id has. */
MUST_CHECK bool read_id(const struct json_object *object, const char *name,
                        char *out);
/* Text cut at the size; "" when it isn't a string. */
void read_text(const struct json_object *object, const char *name, char *out,
               size_t size);
/* Unix seconds out of a number (seconds or milliseconds), a numeric string
 * or an ISO 8601 date; 0 = none of these. */
double read_time(const struct json_object *object, const char *name);
/* A count that may be a number or a string of digits; fallback when absent,
 * negative or beyond reason. */
int64_t read_count(const struct json_object *object, const char *name,
                   int64_t fallback);

/* The first bytes (64 KiB or somewhat more) of what lies at url, at the
 * caller's own origin; *status, 0 = no answer. */
MUST_CHECK bool call_peek(struct provider *self, const char *what,
                          const char *url, struct strbuf *out, long *status,
                          struct error *err);

/* Asks for one model by name: the key works, the model is there. */
MUST_CHECK bool call_check_model(struct provider *self, const char *path,
                                 const char *model, struct strbuf *report,
                                 struct error *err);

/* GET url to path: whole or absent.  Breaks are taken up where they
 * happened, up to five in a row without a byte gained. */
MUST_CHECK bool call_download(struct provider *self, const char *what,
                              const char *url, const char *path,
                              const struct provider_watch *watch,
                              struct error *err);

#endif
