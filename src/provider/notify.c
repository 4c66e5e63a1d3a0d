#include "provider/notify.h"

#include <string.h>

#include "base/digest.h"
#include "base/jsonw.h"
#include "provider/hook.h"
#include "provider/http_private.h"
#include "provider/mail.h"

#define SECONDS 20.0
#define ANSWER_MOST (64 * KIB)

const char *const notify_way_names[] = {
    [NOTIFY_WEBHOOK] = "webhook",
    [NOTIFY_MAIL] = "mail",
    [NOTIFY_COMMAND] = "command",
};

bool notify_wants(const struct notify_settings *s, enum notify_way way)
{
    const char *const where[NOTIFY_WAYS] = {
        [NOTIFY_WEBHOOK] = s->webhook,
        [NOTIFY_MAIL] = s->smtp,
        [NOTIFY_COMMAND] = s->command,
    };

    return where[way] && *where[way];
}

static bool lacks(const char *what, struct error *err)
{
    return error_exit(err, ERROR_SETUP, EXIT_SETTINGS, "%s", what);
}

bool notify_check(const struct notify_settings *s, struct error *err)
{
    struct http_origin origin;

    if (notify_wants(s, NOTIFY_WEBHOOK)) {
        if (!http_origin(s->webhook, &origin))
            return lacks("notify.webhook must be an address that begins with "
                         "http:// or https://",
                         err);
        if (!s->webhook_secret || strlen(s->webhook_secret) < 16)
            return lacks("set notify.webhook_secret, 16 characters at least: "
                         "the calls are signed with it "
                         "(VITAE_NOTIFY_WEBHOOK_SECRET)",
                         err);
    }
    if (notify_wants(s, NOTIFY_COMMAND) && !hook_check(s->command, err))
        return false;
    return !notify_wants(s, NOTIFY_MAIL) || mail_check(s, err);
}

/* -- the webhook, and who gets its event as well -- */

static bool write_event(const struct notice *n, struct strbuf *out,
                        struct error *err)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "id", n->id);
    jsonw_text(&w, "object", "event");
    jsonw_integer(&w, "created_at", (int64_t)n->created_at);
    jsonw_text(&w, "type", n->type);
    jsonw_raw(&w, "data", n->data, strlen(n->data));
    jsonw_end_object(&w);
    return strbuf_ok(out) || error_memory(err);
}

/* The three headers, in one buffer that is the caller's. */
struct signature {
    char id[128], time[64], sign[128];
    const char *headers[3];
};

static bool sign(const struct notify_settings *s, const struct notice *n,
                 const struct strbuf *body, double now, struct signature *out,
                 struct error *err)
{
    char mark[DIGEST_BASE64];
    struct strbuf text;
    bool ok;

    strbuf_init(&text, body->len + KIB);
    strbuf_addf(&text, "%s.%lld.", n->id, (long long)now);
    strbuf_add(&text, body->data, body->len);
    ok = strbuf_ok(&text) || error_memory(err);
    if (ok && !digest_webhook(s->webhook_secret, text.data, text.len, mark))
        ok = lacks("notify.webhook_secret: what follows whsec_ is no base64",
                   err);
    strbuf_release(&text);
    if (!ok)
        return false;
    snprintf(out->id, sizeof(out->id), "webhook-id: %s", n->id);
    snprintf(out->time, sizeof(out->time), "webhook-timestamp: %lld",
             (long long)now);
    snprintf(out->sign, sizeof(out->sign), "webhook-signature: v1,%s", mark);
    out->headers[0] = out->id;
    out->headers[1] = out->time;
    out->headers[2] = out->sign;
    return true;
}

static bool post(const struct notify_settings *s, const struct strbuf *body,
                 const struct signature *signature, const volatile bool *stop,
                 struct error *err)
{
    struct http_request request = { .method = "POST",
                                    .url = s->webhook,
                                    .body = body->data,
                                    .body_len = body->len,
                                    .headers = signature->headers,
                                    .header_count = 3,
                                    .timeout = SECONDS,
                                    .stop = stop };
    struct http_response response = { 0 };
    struct http_settings settings = { 0 };
    struct http_origin origin;
    struct http *http;
    bool ok;

    if (!http_origin(s->webhook, &origin))
        return lacks("notify.webhook is no address", err);
    settings.allowed_hosts = origin.host;
    if (!http_open(&http, &settings, err))
        return false;
    strbuf_init(&response.body, ANSWER_MOST);
    ok = http_send(http, &request, &response, err);
    if (ok && (response.status < 200 || response.status > 299))
        ok =
            error_exit(err, response.status == 410 ? ERROR_REJECT : ERROR_RETRY,
                       EXIT_PROVIDER, "the webhook answers with status %ld",
                       response.status);
    strbuf_release(&response.body);
    http_close(http);
    return ok;
}

static bool call_webhook(const struct notify_settings *s,
                         const struct notice *n, double now,
                         const volatile bool *stop, struct error *err)
{
    struct signature signature;
    struct strbuf body;
    bool ok;

    strbuf_init(&body, MIB);
    ok = write_event(n, &body, err) &&
         sign(s, n, &body, now, &signature, err) &&
         post(s, &body, &signature, stop, err);
    strbuf_release(&body);
    return ok;
}

static bool run_command(const struct notify_settings *s, const struct notice *n,
                        double now, const volatile bool *stop,
                        struct error *err)
{
    struct strbuf event;
    bool ok;

    (void)now;
    strbuf_init(&event, MIB);
    ok = write_event(n, &event, err) &&
         hook_run(s->command, n->type, &event, stop, err);
    strbuf_release(&event);
    return ok;
}

bool notify_send(const struct notify_settings *s, enum notify_way way,
                 const struct notice *notice, double now,
                 const volatile bool *stop, struct error *err)
{
    static bool (*const send[NOTIFY_WAYS])(
        const struct notify_settings *, const struct notice *, double,
        const volatile bool *, struct error *) = {
        [NOTIFY_WEBHOOK] = call_webhook,
        [NOTIFY_MAIL] = mail_send,
        [NOTIFY_COMMAND] = run_command,
    };

    return send[way](s, notice, now, stop, err);
}

double notify_delay(int tries)
{
    static const double delays[] = { 2, 10, 60, 300, 1800, 7200, 21600, 43200 };

    return tries >= 1 && tries <= (int)ARRAY_LEN(delays) ? delays[tries - 1]
                                                         : -1;
}
