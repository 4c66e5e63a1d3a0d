/*
 * chat.c -- realtime answers and the models.
 */
#include "tests/provider/fake/fake.h"

/* -- realtime -- */

#define REMEMBERED 65536
static double chat_times[REMEMBERED];
static size_t chat_first, chat_last;

/* One more within the last 60 s? */
static bool within_rate(void)
{
    double now = fake_now();

    while (chat_first != chat_last &&
           chat_times[chat_first % REMEMBERED] < now - 60)
        chat_first++;
    if (fake_settings.rpm > 0 &&
        (long)(chat_last - chat_first) >= fake_settings.rpm)
        return false;
    chat_times[chat_last++ % REMEMBERED] = now;
    return true;
}

/* Realtime requests have no custom_id: their "user" stands for it. */
static struct fake_line_count *count_user(const struct fake_request *r)
{
    size_t len = 0;
    const char *user = fake_find_string(r->body, r->body_len, "user", &len);
    struct fake_line_count *count;

    if (!user)
        return NULL;
    count = fake_count(user, len);
    count->accepted++;
    return count;
}

static void chat(const struct fake_request *r, const char *id,
                 struct fake_reply *reply)
{
    static struct fake_answer a;
    struct fake_line_count *count;
    const char *model;
    char name[128];
    size_t len = 0;

    (void)id;
    if (!a.content.data)
        fake_answer_init(&a);
    fake_ledger.chats++;
    reply->wait = fake_settings.latency;
    count = count_user(r);
    if (fake_settings.busy && fake_ledger.in_flight > fake_settings.busy) {
        fake_error(reply, 503, "api_error", NULL,
                   "server busy, please try again. maximum pending requests "
                   "exceeded");
        return;
    }
    if (!within_rate()) {
        strbuf_adds(&reply->headers, "Retry-After: 1\r\n"
                                     "x-ratelimit-remaining-requests: 0\r\n"
                                     "x-ratelimit-reset-requests: 1s\r\n");
        fake_error(reply, 429, "requests", "rate_limit_exceeded",
                   "Rate limit reached for requests.");
        return;
    }
    model = fake_find_string(r->body, r->body_len, "model", &len);
    snprintf(name, sizeof(name), "%.*s", (int)len, model ? model : "");
    if (fake_settings.model[0] && strcmp(name, fake_settings.model) != 0) {
        fake_error(reply, 404, "not_found_error", "model_not_found",
                   "model not found, try pulling it first");
        return;
    }
    fake_answer_make(r->body, r->body_len, &a);
    if (!a.status)
        a.status = 500;
    reply->status = a.status;
    if (a.status == 200)
        fake_ledger.billed++;
    if (count && a.status == 200)
        count->billed++;
    fake_answer_body(&a, name, &reply->body);
}

/* offers=a:b=4096: those, with the tokens that they hold. */
static void list_told(struct strbuf *out)
{
    const char *at = fake_settings.offers, *equals;
    int len;

    strbuf_adds(out, "{\"object\":\"list\",\"data\":[");
    for (; *at; at += len, at += *at == ':') {
        len = (int)strcspn(at, ":");
        equals = memchr(at, '=', (size_t)len);
        strbuf_addf(out, "%s{\"id\":\"%.*s\",\"object\":\"model\"",
                    at == fake_settings.offers ? "" : ",",
                    equals ? (int)(equals - at) : len, at);
        if (equals)
            strbuf_addf(out, ",\"max_model_len\":%ld",
                        strtol(equals + 1, NULL, 10));
        strbuf_addc(out, '}');
    }
    strbuf_adds(out, "]}");
}

static void list_models(const struct fake_request *r, const char *id,
                        struct fake_reply *reply)
{
    (void)r, (void)id;
    if (fake_settings.offers[0]) {
        list_told(&reply->body);
        return;
    }
    strbuf_addf(&reply->body,
                "{\"object\":\"list\",\"data\":[{\"id\":\"%s\",\"object\":"
                "\"model\"}%s]}",
                fake_settings.model[0] ? fake_settings.model
                                       : "gpt-4o-mini-2024-07-18",
                fake_settings.models == 1
                    ? ""
                    : ",{\"id\":\"other-model\",\"object\":\"model\"},"
                      "{\"id\":\"m\",\"object\":\"model\"}");
}

static void get_model(const struct fake_request *r, const char *id,
                      struct fake_reply *reply)
{
    (void)r;
    if (fake_settings.model[0] && strcmp(id, fake_settings.model) != 0)
        fake_error(reply, 404, "invalid_request_error", "model_not_found",
                   "The model does not exist or you do not have access to it.");
    else
        strbuf_addf(&reply->body, "{\"id\":\"%s\",\"object\":\"model\"}", id);
}

/* A token is four bytes.  Which member has the text tells whose way of
 * asking it is; only the one of the settings is understood. */
static void tokenize(const struct fake_request *r, const char *id,
                     struct fake_reply *reply)
{
    bool llama = !strcmp(fake_settings.tokenizer, "llama");
    const char *text;
    size_t i, len = 0;

    (void)id;
    text = fake_find_string(r->body, r->body_len, llama ? "content" : "prompt",
                            &len);
    if (!fake_settings.tokenizer[0]) {
        fake_error(reply, 404, "not_found_error", NULL, "Not Found");
    } else if (!text) {
        fake_error(reply, 400, "invalid_request_error", NULL,
                   "the text is missing");
    } else if (!llama) {
        strbuf_addf(&reply->body, "{\"count\":%zu,\"max_model_len\":4096}",
                    (len + 3) / 4);
    } else {
        strbuf_adds(&reply->body, "{\"tokens\":[0");
        for (i = 4; i < len; i += 4)
            strbuf_adds(&reply->body, ",1");
        strbuf_adds(&reply->body, "]}");
    }
}

const struct fake_route fake_chat_routes[] = {
    { "tokenize", "POST", "/tokenize", tokenize, false },
    { "chat", "POST", "/chat/completions", chat, false },
    { "models", "GET", "/models", list_models, false },
    { "model", "GET", "/models/*", get_model, false },
    { NULL, NULL, NULL, NULL, false },
};
