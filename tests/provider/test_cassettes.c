/*
 * What each provider was seen or is documented to answer, one fault a file
 * (cassettes/PROVIDER/FAULT.json), replayed to our client:
 *
 *   {"about": "where that is told",
 *    "call": "upload", "create", "poll" or "decode",
 *    "response": {"status", "content_type", "headers": {}, "body"},
 *    "expect": {"good": false, "kind": "retry|reject|operator", "code",
 *               "retry_after", or of a batch "status", "error_code",
 *               "token_limit", "output_file", "error_file", or of a line
 *               "outcome", "error_code", "custom_id"}}
 *
 * Bodies are written from the facts about the providers; nobody's data.
 */
#include <dirent.h>
#include <json-c/json.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "provider/http.h"
#include "provider/provider.h"
#include "tests/folder.h"
#include "tests/provider/fake/client.h"
#include "tests/tap.h"

#define ID "batch_abc123"

static struct clock still;

/* -- a provider at its fake -- */

struct stage {
    struct fake fake;
    struct provider_settings settings;
    char name[32], base_url[128], key[8], model[16], requests[64];
    struct provider *provider;
};

static void write_requests(struct stage *s)
{
    struct request_profile profile = { .model = s->model,
                                       .system = "You extract.",
                                       .temperature = -1 };
    struct request_template t;
    struct strbuf line;
    struct error err;

    request_template_init(&t);
    strbuf_init(&line, MIB);
    ok(s->provider->ops->prepare(s->provider, &profile, &t, &err),
       "%s: prepared", s->name);
    request_line(&t, "a", "some text", 9, &line);
    snprintf(s->requests, sizeof(s->requests), "%s.jsonl", s->name);
    ok(file_write(s->requests, line.data, line.len, &err), "%s: written",
       s->name);
    strbuf_release(&line);
    request_template_release(&t);
}

static void enter(struct stage *s, const char *name)
{
    struct error err;

    memset(s, 0, sizeof(*s));
    snprintf(s->name, sizeof(s->name), "%s", name);
    snprintf(s->key, sizeof(s->key), "k");
    snprintf(s->model, sizeof(s->model), "some-model");
    fake_start(&s->fake, "--set",
               strcmp(name, "together") == 0 ? "shape=together"
               : strcmp(name, "azure") == 0  ? "shape=azure"
                                             : "shape=openai",
               NULL);
    snprintf(s->base_url, sizeof(s->base_url), "%s%s", s->fake.base_url,
             strcmp(name, "gemini") == 0 ? "beta" : "");
    s->settings = (struct provider_settings){ .name = s->name,
                                              .base_url = s->base_url,
                                              .api_key = s->key,
                                              .model = s->model,
                                              .idle_timeout = 60 };
    ok(provider_open(&s->provider, &s->settings, &still, &err), "%s opens",
       name);
    write_requests(s);
}

static void leave(struct stage *s)
{
    provider_close(s->provider);
    fake_stop(&s->fake);
}

/* -- a cassette -- */

struct cassette {
    const char *what; /* PROVIDER/FAULT */
    const char *call;
    struct json_object *response, *expect;
};

static void add_word(struct strbuf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            strbuf_addc(out, '\\');
        if (*text == '\n')
            strbuf_adds(out, "\\n");
        else
            strbuf_addc(out, *text);
    }
}

static const char *text_of(const struct json_object *object, const char *name)
{
    const char *text = json_get_text(object, name);

    return text ? text : "";
}

/* The next such call is answered so. */
static void load(struct stage *s, const struct cassette *c)
{
    struct json_object *headers = json_get(c->response, "headers");
    struct json_object_iterator at, end;
    struct strbuf line;

    strbuf_init(&line, MIB);
    strbuf_addf(&line, "%s@1+ status=%lld type=%s", c->call,
                (long long)json_get_integer(c->response, "status", 200),
                text_of(c->response, "content_type"));
    if (headers) {
        at = json_object_iter_begin(headers);
        end = json_object_iter_end(headers);
    }
    for (; headers && !json_object_iter_equal(&at, &end);
         json_object_iter_next(&at))
        strbuf_addf(&line, " header=\"%s: %s\"",
                    json_object_iter_peek_name(&at),
                    json_object_get_string(json_object_iter_peek_value(&at)));
    strbuf_adds(&line, " body=\"");
    add_word(&line, text_of(c->response, "body"));
    strbuf_adds(&line, "\"");
    fake_calm(&s->fake);
    fake_script(&s->fake, line.data);
    strbuf_release(&line);
}

static void check_text(const struct cassette *c, const char *name,
                       const char *got)
{
    if (json_get(c->expect, name))
        is_str(got, text_of(c->expect, name), "%s: %s", c->what, name);
}

static void check_error(const struct cassette *c, const struct error *err)
{
    static const struct {
        const char *name;
        enum error_kind kind;
    } kinds[] = { { "retry", ERROR_RETRY },
                  { "reject", ERROR_REJECT },
                  { "operator", ERROR_SETUP } };
    double wait = json_get_real(c->expect, "retry_after", -1);
    size_t i;

    for (i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i].name, text_of(c->expect, "kind")) == 0)
            is_int(err->kind, kinds[i].kind, "%s: %s (%s)", c->what,
                   kinds[i].name, err->message);
    check_text(c, "code", err->code);
    if (wait >= 0)
        is_int((long long)err->retry_after, (long long)wait,
               "%s: when to come back", c->what);
}

static void check_batch(const struct cassette *c, const struct remote_batch *b)
{
    check_text(c, "status", remote_status_names[b->status]);
    check_text(c, "error_code", b->error_code);
    check_text(c, "output_file", b->output_file);
    check_text(c, "error_file", b->error_file);
    if (json_get(c->expect, "token_limit"))
        is_int(b->token_limit, json_get_integer(c->expect, "token_limit", 0),
               "%s: the limit", c->what);
}

static void decode(struct stage *s, const struct cassette *c)
{
    const char *line = text_of(c->response, "body");
    struct json_doc *doc = json_doc_new();
    struct answer a;
    struct error err;

    answer_init(&a);
    ok(s->provider->ops->decode(s->provider, doc, line, strlen(line), &a, &err),
       "%s: read", c->what);
    check_text(c, "outcome", answer_outcome_names[a.outcome]);
    check_text(c, "error_code", a.code);
    check_text(c, "custom_id", a.custom_id);
    answer_release(&a);
    json_doc_free(doc);
}

static void exchange(struct stage *s, const struct cassette *c)
{
    const struct provider_ops *ops = s->provider->ops;
    char file[REMOTE_ID] = "";
    struct remote_batch b = { .id = "" };
    struct error err;
    bool good = false;

    error_clear(&err);
    if (strcmp(c->call, "create") == 0) {
        fake_calm(&s->fake);
        ok(ops->upload(s->provider, s->requests, "vitae-k.jsonl", file, NULL,
                       &err),
           "%s: uploaded", c->what);
    }
    load(s, c);
    if (strcmp(c->call, "upload") == 0)
        good = ops->upload(s->provider, s->requests, "vitae-k.jsonl", file,
                           NULL, &err);
    else if (strcmp(c->call, "create") == 0)
        good = ops->create(s->provider, file, "k", s->model, &b, &err);
    else
        good = ops->poll(s->provider, ID, NULL, &b, &err);
    ok(good == json_get_bool(c->expect, "good", false), "%s: %s (%s)", c->what,
       good ? "good" : "no good", good ? "" : err.message);
    if (good)
        check_batch(c, &b);
    else
        check_error(c, &err);
}

static void replay(struct stage *s, const char *path, const char *what)
{
    struct cassette c = { .what = what };
    struct json_object *all;
    struct error err;

    all = json_parse_file(path, MIB, &err);
    if (!ok(all != NULL, "%s is JSON", what))
        return;
    c.call = text_of(all, "call");
    c.response = json_get(all, "response");
    c.expect = json_get(all, "expect");
    ok(c.response && c.expect && text_of(all, "about")[0], "%s has its parts",
       what);
    if (strcmp(c.call, "decode") == 0)
        decode(s, &c);
    else
        exchange(s, &c);
    json_free(all);
}

static int by_name(const struct dirent *e)
{
    return strstr(e->d_name, ".json") != NULL;
}

static void replay_all(const char *name)
{
    struct dirent **list = NULL;
    char path[4096], what[400];
    struct stage s;
    int i, count;

    snprintf(path, sizeof(path), "%s/tests/provider/cassettes/%s",
             getenv("srcdir"), name);
    count = scandir(path, &list, by_name, alphasort);
    ok(count > 0, "%s has cassettes", name);
    enter(&s, name);
    for (i = 0; i < count; i++) {
        snprintf(path, sizeof(path), "%s/tests/provider/cassettes/%s/%s",
                 getenv("srcdir"), name, list[i]->d_name);
        snprintf(what, sizeof(what), "%s/%s", name, list[i]->d_name);
        replay(&s, path, what);
        free(list[i]);
    }
    free(list);
    leave(&s);
}

int main(void)
{
    static const char *const names[] = { "openai", "responses", "azure",
                                         "groq",   "together",  "mistral",
                                         "gemini", "anthropic" };
    size_t i;

    folder_enter();
    still = clock_fixed(1764000000);
    for (i = 0; i < ARRAY_LEN(names); i++)
        replay_all(names[i]);
    return tap_done();
}
