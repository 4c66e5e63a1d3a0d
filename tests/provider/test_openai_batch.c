/*
 * The OpenAI dialect's files and batches over the fake: what the batch
 * machine may rely on, in the calm and in the storm.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "provider/openai.h"
#include "tests/provider/fake/client.h"
#include "tests/tap.h"

#define TEXT(s) ((char *)(uintptr_t)(s))
#define KEY "sk-test-very-secret-0123456789"

static struct fake fake;
static char folder[64];
static struct clock still; /* sleeping costs no time */

/* patience: seconds without a byte. */
static struct provider *open_patiently(const char *base_url, double patience)
{
    static struct provider_settings s;
    struct provider *p;
    struct error err;

    s = (struct provider_settings){ .name = TEXT("openai"),
                                    .base_url = TEXT(base_url),
                                    .api_key = TEXT(KEY),
                                    .model = TEXT("gpt-4o-mini-2024-07-18"),
                                    .idle_timeout = patience };
    still = clock_fixed(1764000000);
    if (!ok(provider_open(&p, &s, &still, &err), "opens"))
        tap_note("%s", err.message);
    return p;
}

static struct provider *open_at(const char *base_url)
{
    return open_patiently(base_url, 60);
}

static const char *path_of(const char *name)
{
    static char path[128];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void write_requests(int n)
{
    struct request_template t;
    struct request_profile r = { .model = "m", .system = "s" };
    struct provider *p = open_at(fake.base_url);
    struct strbuf lines;
    struct error err;
    char id[40], text[80];
    int i;

    request_template_init(&t);
    strbuf_init(&lines, 16 * MIB);
    ok(p->ops->prepare(p, &r, &t, &err), "prepared");
    for (i = 1; i <= n; i++) {
        snprintf(id, sizeof(id), "unified_%d", i);
        snprintf(text, sizeof(text), "resume\n@@answer {\"n\":%d}", i);
        request_line(&t, id, text, strlen(text), &lines);
    }
    ok(file_write(path_of("requests.jsonl"), lines.data, lines.len, &err),
       "a request file");
    strbuf_release(&lines);
    request_template_release(&t);
    provider_close(p);
}

static void fresh(struct fake *f, const char *setting)
{
    fake_start(f, "--set", "key=" KEY, "--set", setting, NULL);
}

static bool upload(struct provider *p, char *id, struct error *err)
{
    return p->ops->upload(p, path_of("requests.jsonl"), "vitae-k1.jsonl", id,
                          NULL, err);
}

static bool create(struct provider *p, const char *key, struct remote_batch *b,
                   struct error *err)
{
    char file[REMOTE_ID];

    return upload(p, file, err) &&
           p->ops->create(p, file, key, "gpt-4o-mini-2024-07-18", b, err);
}

/* -- the calm -- */

static void a_batch_goes_all_the_way(void)
{
    struct provider *p = open_at(fake.base_url);
    struct remote_batch b;
    struct strbuf text;
    struct error err;
    char file[REMOTE_ID];

    ok(upload(p, file, &err), "uploaded");
    is_str(file, "file-000001", "its id");
    ok(p->ops->create(p, file, "key-1", "m", &b, &err), "created");
    is_str(b.id, "batch_000001", "its id");
    is_str(b.key, "key-1", "with our key");
    is_int(b.status, REMOTE_VALIDATING, "validating");
    ok(p->ops->poll(p, b.id, NULL, &b, &err), "looked at");
    is_int(b.status, REMOTE_RUNNING, "running");
    is_int(b.total, 5, "five requests");
    ok(p->ops->poll(p, b.id, NULL, &b, &err), "looked at again");
    is_int(b.status, REMOTE_COMPLETED, "completed");
    is_int(b.completed, 5, "all done");
    is_str(b.error_file, "", "no error file");
    ok(p->ops->download(p, b.output_file, path_of("out"), NULL, &err),
       "downloaded");
    strbuf_init(&text, MIB);
    ok(file_read(path_of("out"), &text, &err) && strstr(text.data, "unified_5"),
       "with the answers");
    ok(!file_exists(path_of("out.part")), "nothing is left beside it");
    ok(p->ops->remove_file(p, file, &err), "the input is removed");
    ok(p->ops->remove_file(p, file, &err), "twice is fine");
    strbuf_release(&text);
    provider_close(p);
}

static void check_tells_what_is_wrong(void)
{
    struct provider *p = open_at(fake.base_url);
    struct strbuf report;
    struct error err;

    strbuf_init(&report, MIB);
    ok(p->ops->check(p, &report, &err), "all is well");
    ok(strstr(report.data, "gpt-4o-mini-2024-07-18 is there"), "and said: %s",
       report.data);
    fake_script(&fake, "set model=llama3:latest");
    ok(!p->ops->check(p, &report, &err), "another model");
    ok(strstr(err.message, "llama3:latest"), "the cure: %s", err.message);
    is_int(err.kind, ERROR_SETUP, "an operator's");
    fake_script(&fake, "set model=");
    fake_script(&fake, "models@1 status=401 body=\"{\\\"error\\\":{"
                       "\\\"message\\\":\\\"wrong: " KEY "\\\"}}\"");
    ok(!p->ops->check(p, &report, &err), "a wrong key");
    is_str(err.code, "bad_key", "is said to be wrong");
    ok(!strstr(err.message, "secret"), "and not shown: %s", err.message);
    strbuf_release(&report);
    provider_close(p);
}

/* -- uploads -- */

static void an_upload_may_fail_and_be_repeated(void)
{
    static const struct {
        const char *why, *script;
        enum error_kind kind;
        const char *code;
    } cases[] = {
        { "nobody answers", "upload@1 drop", ERROR_RETRY, "network" },
        { "accepted and lost", "upload@1 lose", ERROR_RETRY, "network" },
        { "HTML", "upload@1 status=502 html", ERROR_RETRY, "server" },
        { "HTML with a 200", "upload@1 status=200 html", ERROR_RETRY,
          "malformed" },
        { "half an answer", "upload@1 after status=200 body=\"{\\\"id\\\":\"",
          ERROR_RETRY, "malformed" },
        { "no id", "upload@1 status=200 body={}", ERROR_RETRY, "malformed" },
        { "an id with a path",
          "upload@1 status=200 body=\"{\\\"id\\\":\\\"..\\\"}\"", ERROR_RETRY,
          "malformed" },
        { "413", "upload@1 status=413 html", ERROR_REJECT, "too_large" },
        { "rate limit", "upload@1 status=429 body={}", ERROR_RETRY,
          "rate_limit" },
        { "an error in a 200",
          "upload@1 status=200 body=\"{\\\"error\\\":\\\"no\\\"}\"",
          ERROR_RETRY, "server" },
    };
    struct provider *p = open_at(fake.base_url);
    struct error err;
    char file[REMOTE_ID];
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        fake_calm(&fake);
        fake_script(&fake, cases[i].script);
        ok(!upload(p, file, &err), "%s: fails", cases[i].why);
        is_int(err.kind, cases[i].kind, "%s: kind", cases[i].why);
        is_str(err.code, cases[i].code, "%s: code (%s)", cases[i].why,
               err.message);
        is_int(err.exit, EXIT_PROVIDER, "%s: exit", cases[i].why);
    }
    fake_calm(&fake);
    ok(upload(p, file, &err), "and then works");
    ok(!p->ops->upload(p, path_of("absent"), "x.jsonl", file, NULL, &err),
       "a file that is gone");
    is_int(err.kind, ERROR_SETUP, "is ours to see to");
    provider_close(p);
}

/* -- creating -- */

/* What a create that failed means for the one question: is there one? */
static void create_knows_what_it_doesnt_know(void)
{
    static const struct {
        const char *why, *script;
        const char *code; /* "unknown": may have been made */
        int made;
    } cases[] = {
        { "lost after acceptance", "create@1 lose", "unknown", 1 },
        { "lost before", "create@1 drop", "unknown", 0 },
        { "reset", "create@1 reset", "unknown", 0 },
        { "502 after acceptance", "create@1 after status=502 html", "unknown",
          1 },
        { "500 before", "create@1 status=500 body={}", "unknown", 0 },
        { "408", "create@1 status=408 body={}", "unknown", 0 },
        { "a 200 cut", "create@1 cutbody=20", "unknown", 1 },
        { "a 200 without an id", "create@1 after status=200 body={}", "unknown",
          1 },
        { "a 200 of HTML", "create@1 after status=200 html", "unknown", 1 },
        { "a 200 with an error",
          "create@1 status=200 body=\"{\\\"error\\\":\\\"no\\\"}\"", "unknown",
          0 },
        { "stalled", "create@1 stall=60", "unknown", 1 },
        { "400", "create@1 status=400 body={}", "refused", 0 },
        { "401", "create@1 status=401 body={}", "bad_key", 0 },
        { "429", "create@1 status=429 body={}", "rate_limit", 0 },
        { "billing",
          "create@1 status=429 body=\"{\\\"error\\\":{\\\"code\\\":"
          "\\\"insufficient_quota\\\"}}\"",
          "billing", 0 },
        { "409", "create@1 status=409 body={}", "conflict", 0 },
        { "a redirect", "create@1 status=307 header=\"Location: /x\"",
          "redirect", 0 },
    };
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        fresh(&f, "polls=2");
        p = open_patiently(f.base_url,
                           strstr(cases[i].script, "stall") ? 3 : 60);
        fake_script(&f, cases[i].script);
        ok(!create(p, "key-1", &b, &err), "%s: fails", cases[i].why);
        is_str(err.code, cases[i].code, "%s: code (%s)", cases[i].why,
               err.message);
        is_int(fake_number(&f, "creates"), cases[i].made,
               "%s: never asked twice", cases[i].why);
        provider_close(p);
        fake_stop(&f);
    }
    p = open_at("http://127.0.0.1:1/v1");
    ok(!p->ops->create(p, "file-1", "key-1", "m", &b, &err), "nobody there");
    is_str(err.code, "network", "surely not made");
    provider_close(p);
}

static void a_file_not_yet_visible_is_waited_for(void)
{
    static const char refusal[] =
        "status=400 body=\"{\\\"error\\\":{\\\"message\\\":\\\"Cannot find "
        "file\\\",\\\"param\\\":\\\"file_id\\\"}}\"";
    struct provider *p = open_at(fake.base_url);
    struct remote_batch b;
    struct error err;
    char line[300];

    fake_calm(&fake);
    snprintf(line, sizeof(line), "create@1-3 %s", refusal);
    fake_script(&fake, line);
    ok(create(p, "key-2", &b, &err), "at the fourth try it is there");
    fake_calm(&fake);
    snprintf(line, sizeof(line), "create %s", refusal);
    fake_script(&fake, line);
    ok(!create(p, "key-3", &b, &err), "not for ever");
    is_str(err.code, "not_visible", "and said so");
    is_int(err.kind, ERROR_RETRY, "later");
    fake_calm(&fake);
    provider_close(p);
}

/* -- finding -- */

static void a_lost_batch_is_found_by_its_key(void)
{
    struct remote_batch b, other;
    struct provider *p;
    struct error err;
    struct fake f;
    bool found;
    int i;

    fresh(&f, "validate=0");
    p = open_at(f.base_url);
    for (i = 0; i < 130; i++)
        if (!create(p, i == 7 ? "key-lost" : "key-other", &b, &err))
            break;
    is_int(i, 130, "more than a page of batches");
    ok(p->ops->find(p, "key-lost", b.created_at - 3600, 0, &found, &other,
                    &err),
       "a complete listing");
    ok(found, "holds it");
    is_str(other.id, "batch_000008", "by its id");
    is_int(fake_number(&f, "lists"), 2, "two pages");
    ok(p->ops->find(p, "key-never", b.created_at - 3600, 0, &found, &other,
                    &err),
       "another complete listing");
    ok(!found, "doesn't hold what never was");
    ok(p->ops->find(p, "key-lost", b.created_at + 3600, 0, &found, &other,
                    &err),
       "a listing of what is newer");
    ok(!found, "ends early");
    is_int(fake_number(&f, "lists"), 5, "after one page");
    provider_close(p);
    fake_stop(&f);
}

static void a_listing_that_fails_is_no_answer(void)
{
    static const struct {
        const char *why, *script;
    } cases[] = {
        { "the second page fails", "list@2 status=500 body={}" },
        { "cut", "list@1 cutbody=300" },
        { "no list", "list@1 status=200 body={}" },
        { "null", "list@1 status=200 body=null" },
        { "an error", "list@1 status=200 body=\"{\\\"error\\\":\\\"x\\\"}\"" },
        { "an entry that is none",
          "list@1 status=200 body=\"{\\\"data\\\":[{\\\"id\\\":7}]}\"" },
        { "pages without end",
          "list status=200 body=\"{\\\"data\\\":[{\\\"id\\\":\\\"b\\\","
          "\\\"status\\\":\\\"x\\\"}],\\\"has_more\\\":true}\"" },
    };
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;
    bool found;
    size_t i;

    fresh(&f, "validate=0");
    p = open_at(f.base_url);
    for (i = 0; i < 110; i++)
        if (!create(p, "key-x", &b, &err))
            break;
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        fake_calm(&f);
        fake_script(&f, cases[i].script);
        ok(!p->ops->find(p, "key-never", 0, 0, &found, &b, &err),
           "%s: no answer", cases[i].why);
        is_int(err.kind, ERROR_RETRY, "%s: asked again later", cases[i].why);
        ok(!found, "%s: not found", cases[i].why);
    }
    provider_close(p);
    fake_stop(&f);
}

static void listings_come_in_dialects(void)
{
    static const char *const shapes[] = { "shape=azure", "times=iso",
                                          "times=string", "times=ms",
                                          "ids=empty" };
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;
    bool found;
    size_t i;

    for (i = 0; i < ARRAY_LEN(shapes); i++) {
        fresh(&f, shapes[i]);
        p = open_at(f.base_url);
        ok(create(p, "key-1", &b, &err) && create(p, "key-2", &b, &err),
           "%s: made", shapes[i]);
        ok(p->ops->find(p, "key-1", b.created_at - 60, 0, &found, &b, &err) &&
               found,
           "%s: found", shapes[i]);
        is_str(b.id, "batch_000001", "%s: it", shapes[i]);
        ok(p->ops->poll(p, b.id, NULL, &b, &err) &&
               p->ops->poll(p, b.id, NULL, &b, &err),
           "%s: polled", shapes[i]);
        is_int(b.status, REMOTE_COMPLETED, "%s: completed", shapes[i]);
        is_str(b.error_file, "", "%s: no error file", shapes[i]);
        provider_close(p);
        fake_stop(&f);
    }
}

static void of_two_with_our_key_the_live_and_older_one_is_taken(void)
{
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;
    bool found;

    fresh(&f, "times=number");
    p = open_at(f.base_url);
    ok(create(p, "twin", &b, &err) && create(p, "twin", &b, &err), "twins");
    ok(p->ops->find(p, "twin", 0, 0, &found, &b, &err) && found, "found");
    ok(p->ops->cancel(p, b.id, &b, &err), "one is cancelled");
    is_int(b.status, REMOTE_CANCELLING, "cancelling");
    ok(p->ops->find(p, "twin", 0, 0, &found, &b, &err) && found, "found again");
    ok(b.status < REMOTE_COMPLETED, "the live one: %s", b.id);
    provider_close(p);
    fake_stop(&f);
}

static void a_listing_that_lags_hides_a_batch(void)
{
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;
    bool found;

    fresh(&f, "lag=1");
    p = open_at(f.base_url);
    fake_script(&f, "create@1 lose");
    ok(!create(p, "key-1", &b, &err), "lost");
    ok(p->ops->find(p, "key-1", 0, 0, &found, &b, &err) && !found,
       "the listing doesn't show it yet");
    ok(p->ops->find(p, "key-1", 0, 0, &found, &b, &err) && found,
       "then it does");
    provider_close(p);
    fake_stop(&f);
}

/* -- polling -- */

static void a_look_that_fails_changes_nothing(void)
{
    static const struct {
        const char *why, *script, *code;
        enum error_kind kind;
    } cases[] = {
        { "HTML 502", "poll@1 status=502 html", "server", ERROR_RETRY },
        { "vanished", "poll@1 status=404 body={}", "not_found", ERROR_RETRY },
        { "an error in a 200",
          "poll@1 status=200 body=\"{\\\"error\\\":\\\"gone\\\"}\"", "server",
          ERROR_RETRY },
        { "another batch",
          "poll@1 status=200 body=\"{\\\"id\\\":\\\"batch_9\\\",\\\"status\\\":"
          "\\\"completed\\\"}\"",
          "malformed", ERROR_RETRY },
        { "cut", "poll@1 cutbody=50", "network", ERROR_RETRY },
        { "the key revoked", "poll@1 status=401 body={}", "bad_key",
          ERROR_SETUP },
    };
    struct provider *p = open_at(fake.base_url);
    struct remote_batch b;
    struct error err;
    size_t i;

    fake_calm(&fake);
    ok(create(p, "key-p", &b, &err), "a batch");
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        struct remote_batch got;

        fake_calm(&fake);
        fake_script(&fake, cases[i].script);
        ok(!p->ops->poll(p, b.id, NULL, &got, &err), "%s: fails", cases[i].why);
        is_int(err.kind, cases[i].kind, "%s: kind", cases[i].why);
        is_str(err.code, cases[i].code, "%s: code", cases[i].why);
    }
    fake_calm(&fake);
    provider_close(p);
}

static void batches_end_in_many_ways(void)
{
    static const struct {
        const char *setting;
        enum remote_status status;
        bool output, errors;
        const char *code;
    } cases[] = {
        { "end=completed", REMOTE_COMPLETED, true, false, "" },
        { "end=expired", REMOTE_EXPIRED, true, true, "" },
        { "end=cancelled", REMOTE_CANCELLED, true, true, "" },
        { "end=failed", REMOTE_FAILED, false, false, "invalid_json_line" },
        { "fail=1", REMOTE_COMPLETED, false, true, "" },
        { "token_limit=10", REMOTE_FAILED, false, false,
          "token_limit_exceeded" },
    };
    struct remote_batch b;
    struct provider *p;
    struct error err;
    struct fake f;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        fresh(&f, cases[i].setting);
        p = open_at(f.base_url);
        ok(create(p, "key-1", &b, &err) &&
               p->ops->poll(p, b.id, NULL, &b, &err) &&
               p->ops->poll(p, b.id, NULL, &b, &err),
           "%s: looked at", cases[i].setting);
        is_int(b.status, cases[i].status, "%s: status", cases[i].setting);
        is_int(!!b.output_file[0], cases[i].output, "%s: an output file",
               cases[i].setting);
        is_int(!!b.error_file[0], cases[i].errors, "%s: an error file",
               cases[i].setting);
        is_str(b.error_code, cases[i].code, "%s: code", cases[i].setting);
        if (!strcmp(b.error_code, "token_limit_exceeded"))
            is_int(b.token_limit, 10, "the limit is read");
        provider_close(p);
        fake_stop(&f);
    }
}

/* -- downloading -- */

static void a_download_is_whole_or_absent(void)
{
    static const struct {
        const char *why, *script, *code; /* NULL: it works */
    } cases[] = {
        { "calm", "", NULL },
        { "broken once", "download@1 cutbody=100", NULL },
        { "broken at the last byte", "download@1 cutbody=999", NULL },
        { "broken at each byte gained", "download@1-4 cutbody=50", NULL },
        { "nothing comes, five times", "download@1-5 drop", NULL },
        { "HTML first", "download@1-2 status=502 html", NULL },
        { "rate limit", "download@1 status=429 header=\"Retry-After: 5\"",
          NULL },
        { "gone for long", "download status=503 header=\"Retry-After: 400\"",
          "server" },
        { "never", "download drop", "network" },
        { "gone", "download@1 status=404 body={}", "not_found" },
        { "broken, then another range",
          "download@1 cutbody=100\ndownload@2 status=206 body=x "
          "header=\"Content-Range: bytes 3-3/10\"",
          NULL },
        { "broken, then nothing more to send",
          "download@1 cutbody=100\ndownload@2 status=416 body={}", NULL },
    };
    struct provider *p;
    struct remote_batch b;
    struct strbuf calm, got;
    struct error err;
    struct fake f;
    size_t i;
    bool good;

    fresh(&f, "polls=1");
    p = open_at(f.base_url);
    strbuf_init(&calm, MIB);
    strbuf_init(&got, MIB);
    ok(create(p, "key-1", &b, &err) && p->ops->poll(p, b.id, NULL, &b, &err),
       "answers wait");
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        fake_calm(&f);
        fake_script(&f, cases[i].script);
        ok(file_remove(path_of("out"), &err), "begin anew");
        good = p->ops->download(p, b.output_file, path_of("out"), NULL, &err);
        is_int(good, !cases[i].code, "%s: %s", cases[i].why,
               good ? "works" : err.message);
        ok(!file_exists(path_of("out.part")), "%s: no part is left",
           cases[i].why);
        if (!good) {
            is_str(err.code, cases[i].code, "%s: code", cases[i].why);
            ok(!file_exists(path_of("out")), "%s: absent", cases[i].why);
            continue;
        }
        strbuf_clear(&got);
        ok(file_read(path_of("out"), i ? &got : &calm, &err), "read back");
        if (i)
            is_str(got.data, calm.data, "%s: whole", cases[i].why);
    }
    strbuf_release(&calm);
    strbuf_release(&got);
    provider_close(p);
    fake_stop(&f);
}

static void an_empty_file_is_a_file(void)
{
    struct provider *p = open_at(fake.base_url);
    char file[REMOTE_ID];
    struct error err;

    fake_calm(&fake);
    fake_script(&fake, "download@1 status=200");
    ok(p->ops->download(p, "file-000001", path_of("out"), NULL, &err),
       "Azure's error file of no bytes");
    is_int(file_size(path_of("out")), 0, "is there, and empty");
    ok(upload(p, file, &err), "a file to fetch");
    ok(!p->ops->download(p, file, path_of("absent/out"), NULL, &err),
       "a folder that isn't there");
    is_int(err.kind, ERROR_SETUP, "is an operator's");
    provider_close(p);
}

static void ids_of_files_are_checked(void)
{
    static const char *const ids[] = { "", "..", "a b", "x\ny" };
    struct provider *p = open_at(fake.base_url);
    struct remote_batch b;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(ids); i++) {
        ok(!p->ops->download(p, ids[i], path_of("out"), NULL, &err) &&
               !p->ops->remove_file(p, ids[i], &err) &&
               !p->ops->poll(p, ids[i], NULL, &b, &err),
           "not an id: %zu", i);
        is_str(err.code, "bad_id", "said so");
    }
    provider_close(p);
}

/* -- secrets -- */

static void the_key_is_in_no_log(void)
{
    struct log_settings s = { .file = path_of("log"),
                              .level = LOG_LEVEL_DEBUG,
                              .terminal_level = LOG_LEVEL_ERROR };
    char log[128];
    struct remote_batch b;
    struct strbuf text;
    struct provider *p;
    struct error err;
    struct fake f;
    bool found;

    snprintf(log, sizeof(log), "%s", s.file);
    s.file = log;
    fresh(&f, "polls=1");
    ok(log_open(&s, &err), "a log");
    p = open_at(f.base_url);
    ok(create(p, "twin", &b, &err) && create(p, "twin", &b, &err) &&
           p->ops->find(p, "twin", 0, 0, &found, &b, &err),
       "twins are found");
    log_close();
    strbuf_init(&text, MIB);
    ok(file_read(log, &text, &err) && strstr(text.data, "batch_double"),
       "and logged");
    ok(!strstr(text.data, "secret"), "without the key");
    strbuf_release(&text);
    provider_close(p);
    fake_stop(&f);
}

static void clean_up(void)
{
    static const char *const names[] = { "requests.jsonl", "out", "log" };
    size_t i;

    for (i = 0; i < ARRAY_LEN(names); i++)
        unlink(path_of(names[i]));
    rmdir(folder);
}

int main(void)
{
    snprintf(folder, sizeof(folder), "/tmp/test_openai.XXXXXX");
    if (!mkdtemp(folder))
        return 1;
    fresh(&fake, "polls=2");
    write_requests(5);
    a_batch_goes_all_the_way();
    check_tells_what_is_wrong();
    an_upload_may_fail_and_be_repeated();
    create_knows_what_it_doesnt_know();
    a_file_not_yet_visible_is_waited_for();
    a_lost_batch_is_found_by_its_key();
    a_listing_that_fails_is_no_answer();
    listings_come_in_dialects();
    of_two_with_our_key_the_live_and_older_one_is_taken();
    a_listing_that_lags_hides_a_batch();
    a_look_that_fails_changes_nothing();
    batches_end_in_many_ways();
    a_download_is_whole_or_absent();
    an_empty_file_is_a_file();
    ids_of_files_are_checked();
    the_key_is_in_no_log();
    clean_up();
    fake_stop(&fake);
    return tap_done();
}
