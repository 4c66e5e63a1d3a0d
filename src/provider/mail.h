/*
 * mail.h -- one e-mail by SMTP, for notify.c alone.
 *
 * To at most 50 addresses.  With a password only over TLS, its certificate
 * checked; without one TLS is used where the server offers it.  No proxy.
 * Errors: ERROR_RETRY (not reached, 4xx), ERROR_SETUP (settings, login,
 * certificate, 5xx).
 */
#ifndef PROVIDER_MAIL_H
#define PROVIDER_MAIL_H

#include "provider/notify.h"

/* notify.smtp, from and to are what they must be. */
MUST_CHECK bool mail_check(const struct notify_settings *s, struct error *err);
/* Sends it; now is its date.  Soon after *stop is set it gives up. */
MUST_CHECK bool mail_send(const struct notify_settings *s,
                          const struct notice *notice, double now,
                          const volatile bool *stop, struct error *err);

#endif
