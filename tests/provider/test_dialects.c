/*
 * Every provider through the same course over its own fake: what the batch
 * machine relies on must hold for each.
 */
#include "base/file.h"
#include "base/json.h"
#include "provider/anthropic.h"
#include "provider/gemini.h"
#include "provider/http.h"
#include "provider/keyed_id.h"
#include "tests/provider/course.h"

static void each_goes_all_the_way(void)
{
    const struct dialect *d;
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;
    int n;

    for
        EACH(d)
        {
            bool seen[7] = { false };

            tap_note("%s (%s)", d->name, d->setting);
            start(&f, d, "polls=2");
            p = open_at(d, &f);
            write_requests(p);
            if (!ok(create(p, "key-1", &b, &err), "%s: created", d->name))
                tap_note("%s", err.message);
            is_str(b.key, "key-1", "%s: with our key", d->name);
            is_int(b.status == REMOTE_VALIDATING || b.status == REMOTE_RUNNING,
                   1, "%s: on its way", d->name);
            ok(p->ops->poll(p, b.id, NULL, &b, &err) &&
                   !remote_is_final(b.status),
               "%s: not yet", d->name);
            is_int(b.total, 6, "%s: six requests", d->name);
            ok(p->ops->poll(p, b.id, NULL, &b, &err), "%s: again", d->name);
            is_int(b.status, REMOTE_COMPLETED, "%s: completed", d->name);
            ok(b.output_file[0], "%s: with answers", d->name);
            is_int(!b.error_file[0], d->one_file, "%s: and failures", d->name);
            n = read_answers(p, b.output_file, seen);
            if (b.error_file[0])
                n += read_answers(p, b.error_file, seen);
            is_int(n, 6, "%s: all six", d->name);
            is_int(fake_accepted(&f, "unified_1"), 1, "%s: paid once", d->name);
            ok(p->ops->remove_file(p, b.output_file, &err) &&
                   p->ops->remove_file(p, b.output_file, &err),
               "%s: cleaned up, twice", d->name);
            provider_close(p);
            fake_stop(&f);
        }
}

static void each_finds_what_was_lost(void)
{
    const struct dialect *d;
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;
    bool found;
    int i;

    for
        EACH(d)
        {
            if (d->by_ids)
                continue;
            start(&f, d, "polls=2");
            p = open_at(d, &f);
            ok(p->ops->caps & PROVIDER_FIND, "%s: searchable", d->name);
            ok(p->ops->find(p, "key-lost", 0, 0, &found, &b, &err) && !found,
               "%s: nothing yet", d->name);
            fake_script(&f, "create@1 lose");
            ok(!create(p, "key-lost", &b, &err), "%s: lost", d->name);
            is_str(err.code, "unknown", "%s: not known", d->name);
            is_int(fake_number(&f, "creates"), 1, "%s: made once", d->name);
            for (i = 0; i < 104; i++)
                if (!create(p, "key-other", &b, &err))
                    break;
            ok(p->ops->find(p, "key-lost", 0, 0, &found, &b, &err) && found,
               "%s: found behind a page of others", d->name);
            is_str(b.key, "key-lost", "%s: it", d->name);
            fake_script(&f, "set list=mixed");
            ok(p->ops->find(p, "key-lost", 0, 0, &found, &b, &err) && found,
               "%s: in any order", d->name);
            fake_script(&f, "list@2 status=503 body={}");
            ok(!p->ops->find(p, "key-never", 0, 0, &found, &b, &err) ||
                   !strcmp(d->name, "together"),
               "%s: half a listing is none", d->name);
            provider_close(p);
            fake_stop(&f);
        }
}

#define LOST "0198c2a1-b3d4-7e0f-9a6b-3c5d7e8f9012"
#define OTHER "0198c2a1-b3d4-7e0f-9a6b-3c5d7e8f9013"

/* One request, whose id tells its batch. */
static void write_keyed(const struct provider *p, const char *key)
{
    static const char text[] = "one\n@@answer {\"n\":1}";
    struct request_template t;
    struct strbuf line;
    struct error err;
    char id[KEYED_ID];

    request_template_init(&t);
    strbuf_init(&line, MIB);
    keyed_id_make(key, "0123456789", "1", id);
    ok(p->ops->prepare(p, &golden_profile, &t, &err), "prepared");
    request_line(&t, id, text, strlen(text), &line);
    ok(file_write(path_of("requests.jsonl"), line.data, line.len, &err),
       "requests of %s", key);
    strbuf_release(&line);
    request_template_release(&t);
}

/* A batch that carries no key is seen into when it has ended. */
static void ids_tell_when_it_has_ended(void)
{
    const struct dialect *d = &dialects[dialect_count - 1];
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;
    bool found = true;
    char id[REMOTE_ID];

    start(&f, d, "polls=4");
    fake_script(&f, "set page=1");
    p = open_at(d, &f);
    ok(p->ops->caps & PROVIDER_FIND, "%s: searchable", d->name);
    write_keyed(p, LOST);
    fake_script(&f, "create@1 lose");
    ok(!create(p, LOST, &b, &err), "lost");
    is_str(err.code, "unknown", "not known");
    write_keyed(p, OTHER);
    ok(create(p, OTHER, &b, &err), "and another one");
    ok(!p->ops->find(p, LOST, 0, 0, &found, &b, &err) && !found,
       "neither here nor not here");
    is_str(err.code, "sealed", "it can't be seen yet: %s", err.message);
    is_int(err.kind, ERROR_RETRY, "and is worth another look");
    ok(p->ops->find(p, LOST, 0, 1, &found, &b, &err) && !found,
       "those that were made later don't matter");
    if (!ok(p->ops->find(p, LOST, 0, 0, &found, &b, &err) && found,
            "found when it has ended, on the second page"))
        tap_note("%s", err.message);
    is_str(b.key, LOST, "its key");
    snprintf(id, sizeof(id), "%s", b.id);
    ok(p->ops->remove_file(p, id, &err), "removed");
    ok(p->ops->find(p, LOST, 0, 0, &found, &b, &err) && !found, "is gone");
    provider_close(p);
    fake_stop(&f);
}

static void each_tells_how_it_ended(void)
{
    static const struct {
        const char *end;
        enum remote_status status;
    } cases[] = {
        { "end=expired", REMOTE_EXPIRED },
        { "end=cancelled", REMOTE_CANCELLED },
        { "end=failed", REMOTE_FAILED },
    };
    const struct dialect *d;
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;
    size_t i;

    for
        EACH(d)
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        if (!strcmp(d->name, "anthropic") && i == 2)
            continue; /* has no such end */
        start(&f, d, cases[i].end);
        p = open_at(d, &f);
        ok(create(p, "key-1", &b, &err) &&
               p->ops->poll(p, b.id, NULL, &b, &err) &&
               p->ops->poll(p, b.id, NULL, &b, &err),
           "%s: looked at", d->name);
        is_int(b.status, cases[i].status, "%s: %s", d->name, cases[i].end);
        if (i == 0)
            is_int(!b.output_file[0], d->expired_empty,
                   "%s: what an expired one leaves", d->name);
        provider_close(p);
        fake_stop(&f);
    }
}

static void each_can_be_cancelled(void)
{
    const struct dialect *d;
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;

    for
        EACH(d)
        {
            start(&f, d, "polls=5");
            p = open_at(d, &f);
            ok(create(p, "key-1", &b, &err), "%s: made", d->name);
            if (!ok(p->ops->cancel(p, b.id, &b, &err), "%s: cancel", d->name))
                tap_note("%s", err.message);
            if (!remote_is_final(b.status))
                ok(p->ops->poll(p, b.id, NULL, &b, &err), "%s: looked",
                   d->name);
            is_int(b.status, REMOTE_CANCELLED, "%s: cancelled", d->name);
            ok(!p->ops->cancel(p, "absent-1", &b, &err), "%s: none", d->name);
            is_str(err.code, "not_found", "%s: not there", d->name);
            is_int(err.kind, ERROR_RETRY, "%s: held", d->name);
            provider_close(p);
            fake_stop(&f);
        }
}

static void each_survives_odd_answers(void)
{
    static const struct {
        const char *op, *how, *code;
    } cases[] = {
        { "create", "status=401 body={}", "bad_key" },
        { "create", "status=429 body={}", "rate_limit" },
        { "create", "after status=502 html", "unknown" },
        { "create", "cutbody=30", "unknown" },
        { "create", "status=413 html", "too_large" },
        { "poll", "status=502 html", "server" },
        { "poll", "status=404 body={}", "not_found" },
        { "poll", "status=200 body={}", "malformed" },
        { "poll", "status=200 body=\"[1]\"", "malformed" },
    };
    const struct dialect *d;
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;
    char line[200];
    size_t i;

    for
        EACH(d)
        {
            start(&f, d, "polls=2");
            p = open_at(d, &f);
            for (i = 0; i < ARRAY_LEN(cases); i++) {
                fake_calm(&f);
                snprintf(line, sizeof(line), "%s@1 %s", cases[i].op,
                         cases[i].how);
                fake_script(&f, line);
                error_clear(&err);
                ok(!create(p, "key-1", &b, &err) ||
                       !p->ops->poll(p, b.id, NULL, &b, &err),
                   "%s: %s", d->name, line);
                is_str(err.code, cases[i].code, "%s: %s: code (%s)", d->name,
                       line, err.message);
                ok(!strstr(err.message, "secret"), "%s: no secret", d->name);
            }
            provider_close(p);
            fake_stop(&f);
        }
}

static void each_refuses_a_wrong_key(void)
{
    const struct dialect *d;
    struct strbuf report;
    struct provider *p;
    struct error err;
    struct fake f;

    strbuf_init(&report, MIB);
    for
        EACH(d)
        {
            start(&f, d, "model=some-model");
            p = open_at(d, &f);
            if (!ok(p->ops->check(p, &report, &err), "%s: a right key",
                    d->name))
                tap_note("%s", err.message);
            fake_script(&f, "set model=other");
            ok(!p->ops->check(p, &report, &err), "%s: another model", d->name);
            is_str(err.code, "model", "%s: said so", d->name);
            fake_script(&f, "set key=another-key-for-someone");
            ok(!p->ops->check(p, &report, &err), "%s: a wrong key", d->name);
            is_str(err.code, "bad_key", "%s: said so (%s)", d->name,
                   err.message);
            provider_close(p);
            fake_stop(&f);
        }
    strbuf_release(&report);
}

static void lines_are_golden(void)
{
    const struct dialect *d;
    struct provider *p;
    struct strbuf got;
    char name[64];

    strbuf_init(&got, MIB);
    for
        EACH(d)
        {
            if (!strcmp(d->name, "openai") || !strcmp(d->setting, "shape=job"))
                continue;
            p = open_at(d, NULL);
            strbuf_clear(&got);
            golden_lines(p, &golden_profile, &got);
            snprintf(name, sizeof(name), "%s.jsonl", d->name);
            golden_compare(&got, name);
            provider_close(p);
        }
    strbuf_release(&got);
}

static void extra_body_goes_where_it_belongs(void)
{
    struct request_profile r = golden_profile;
    const struct dialect *d;
    struct provider *p;
    struct strbuf got;

    strbuf_init(&got, MIB);
    for
        EACH(d)
        {
            if (strcmp(d->name, "gemini") != 0)
                continue;
            p = open_at(d, NULL);
            r.extra_body = "{\"generationConfig\":{\"thinkingConfig\":{"
                           "\"thinkingBudget\":0},\"temperature\":null},"
                           "\"safetySettings\":[]}";
            golden_lines(p, &r, &got);
            ok(strstr(got.data,
                      "\"generationConfig\":{\"maxOutputTokens\":2000,"),
               "our settings, less the one taken out");
            ok(strstr(got.data, ",\"thinkingConfig\":{\"thinkingBudget\":0}},"
                                "\"safetySettings\":[],\"contents\":"),
               "and theirs, each in its place");
            provider_close(p);
            break;
        }
    strbuf_release(&got);
}

/* -- schemas -- */

static bool prepare_with(const char *name, const char *schema,
                         struct strbuf *line, struct error *err)
{
    struct request_profile r = golden_profile;
    struct dialect d = { .name = name, .root = "/v1" };
    struct provider *p = open_at(&d, NULL);
    struct request_template t;
    bool good;

    request_template_init(&t);
    r.schema = schema;
    good = p->ops->prepare(p, &r, &t, err);
    strbuf_clear(line);
    if (good)
        request_line(&t, "x", "y", 1, line);
    request_template_release(&t);
    provider_close(p);
    return good;
}

static void schemas_are_said_in_the_providers_words(void)
{
#define OBJECT(members, names)                                                 \
    "{\"type\":\"object\",\"properties\":{" members "},\"required\":[" names   \
    "],\"additionalProperties\":false}"
    static const struct {
        const char *why, *name, *schema;
        const char *there, *gone; /* gone NULL: refused; there: the reason */
    } cases[] = {
        { "Azure takes no pattern", "azure",
          OBJECT("\"a\":{\"type\":\"string\",\"pattern\":\"^x$\"}", "\"a\""),
          "\"a\":{\"type\":\"string\"}", "pattern" },
        { "Anthropic takes no bounds", "anthropic",
          OBJECT("\"a\":{\"type\":\"array\",\"items\":{\"type\":\"number\","
                 "\"minimum\":1},\"maxItems\":3}",
                 "\"a\""),
          "\"items\":{\"type\":\"number\"}", "maxItems" },
        { "Gemini takes enum for const", "gemini",
          OBJECT("\"a\":{\"const\":\"x\"}", "\"a\""), "\"enum\":[\"x\"]",
          "const" },
        { "OpenAI wants all required", "openai",
          "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},"
          "\"required\":[],\"additionalProperties\":false}",
          NULL, "" },
    };
    struct strbuf line;
    struct error err;
    size_t i;

    strbuf_init(&line, MIB);
    for (i = 0; i < 3; i++) {
        ok(prepare_with(cases[i].name, cases[i].schema, &line, &err), "%s",
           cases[i].why);
        ok(strstr(line.data, cases[i].there), "%s: said so", cases[i].why);
        ok(!strstr(line.data, cases[i].gone), "%s: gone", cases[i].why);
    }
    ok(!prepare_with("responses", cases[3].schema, &line, &err), "%s",
       cases[3].why);
    is_int(err.kind, ERROR_SETUP, "and an operator must see to it");
    ok(strstr(err.message, "not for this provider"), "because: %s",
       err.message);
    strbuf_release(&line);
}

int main(void)
{
    each_goes_all_the_way();
    each_finds_what_was_lost();
    ids_tell_when_it_has_ended();
    each_tells_how_it_ended();
    each_can_be_cancelled();
    each_survives_odd_answers();
    each_refuses_a_wrong_key();
    lines_are_golden();
    extra_body_goes_where_it_belongs();
    schemas_are_said_in_the_providers_words();
    return tap_done();
}
