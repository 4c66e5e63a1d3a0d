/*
 * notify.h -- tells somebody that a batch has ended: a webhook, an e-mail, a
 * program of the user's (hook.h), which gets the webhook's event.
 *
 * The webhook is OpenAI's own, so that their client libraries check it
 * (client.webhooks.unwrap): POST of {"id","object":"event","created_at",
 * "type":"batch.completed","data":{"id",...}}, with the headers webhook-id,
 * webhook-timestamp (seconds) and webhook-signature, "v1," and the base64 of
 * HMAC-SHA256 over ID.TIMESTAMP.BODY with the secret (standardwebhooks.com;
 * "whsec_..." is base64, any other secret its own bytes).  Redirects are not
 * followed; only the webhook's own host is talked to.  A repeated notice has
 * the same id.
 *
 * The e-mail goes to an SMTP server by libcurl: smtp://HOST:25,
 * smtp://USER@HOST:587 (with a password: STARTTLS is required), or
 * smtps://HOST:465.  Its Message-ID is made from the notice's id.
 *
 * Nothing in a notice comes from a resume or an answer: ids and counts.
 * Retries are the caller's.
 */
#ifndef PROVIDER_NOTIFY_H
#define PROVIDER_NOTIFY_H

#include "base/error.h"

struct notify_settings {
    char *webhook; /* a URL; NULL or "" = none */
    char *webhook_secret;
    char *smtp; /* NULL or "" = none */
    char *smtp_password;
    char *from;
    char *to;      /* by commas */
    char *command; /* a program's absolute path; NULL or "" = none */
};

/* The numbers are kept in vitae serve's records. */
enum notify_way { NOTIFY_WEBHOOK, NOTIFY_MAIL, NOTIFY_COMMAND, NOTIFY_WAYS };
extern const char *const notify_way_names[];

struct notice {
    const char *id;      /* of the event: letters, digits, "_" and "-" */
    const char *type;    /* "batch.completed" */
    double created_at;   /* Unix time */
    const char *data;    /* a JSON object */
    const char *subject; /* one line */
    const char *text;    /* for people; newlines are "\n" */
};

/* Complete and sane? ERROR_SETUP tells what is missing.  Asks nobody. */
MUST_CHECK bool notify_check(const struct notify_settings *s,
                             struct error *err);
bool notify_wants(const struct notify_settings *s, enum notify_way way);
/* now is Unix time; stop may be NULL.  ERROR_RETRY: later it may work. */
MUST_CHECK bool notify_send(const struct notify_settings *s,
                            enum notify_way way, const struct notice *notice,
                            double now, const volatile bool *stop,
                            struct error *err);
/* Seconds before the next of so many tries (1 = the first has failed); < 0:
 * no more.  Over about a day. */
double notify_delay(int tries);

#endif
