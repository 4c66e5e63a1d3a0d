/*
 * mail.h -- one e-mail by SMTP, for notify.c alone.
 */
#ifndef PROVIDER_MAIL_H
#define PROVIDER_MAIL_H

#include "provider/notify.h"

MUST_CHECK bool mail_check(const struct notify_settings *s, struct error *err);
MUST_CHECK bool mail_send(const struct notify_settings *s,
                          const struct notice *notice, double now,
                          const volatile bool *stop, struct error *err);

#endif
