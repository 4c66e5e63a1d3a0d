#include "provider/provider.h"

#include <unistd.h>

#include "base/file.h"
#include "provider/call.h"
#include "tests/tap.h"

/* Settings own their texts; here they are constants. */
#define TEXT(s) ((char *)(uintptr_t)(s))

static struct provider *open_with(const struct provider_settings *s,
                                  struct error *err)
{
    struct provider *p;

    error_clear(err);
    if (!provider_open(&p, s, &clock_system, err))
        return NULL;
    return p;
}

static void statuses_are_known_in_any_spelling(void)
{
    static const struct {
        const char *word;
        enum remote_status want;
        bool final;
    } cases[] = {
        { "validating", REMOTE_VALIDATING, false },
        { "Validating", REMOTE_VALIDATING, false },
        { "in_progress", REMOTE_RUNNING, false },
        { "IN_PROGRESS", REMOTE_RUNNING, false },
        { "finalizing", REMOTE_FINALIZING, false },
        { "completed", REMOTE_COMPLETED, true },
        { "COMPLETED", REMOTE_COMPLETED, true },
        { "failed", REMOTE_FAILED, true },
        { "expired", REMOTE_EXPIRED, true },
        { "TIMEOUT_EXCEEDED", REMOTE_EXPIRED, true },
        { "cancelling", REMOTE_CANCELLING, false },
        { "canceling", REMOTE_CANCELLING, false },
        { "CANCELLATION_REQUESTED", REMOTE_CANCELLING, false },
        { "cancelled", REMOTE_CANCELLED, true },
        { "canceled", REMOTE_CANCELLED, true },
        { "BATCH_STATE_SUCCEEDED", REMOTE_COMPLETED, true },
        { "JOB_STATE_RUNNING", REMOTE_RUNNING, false },
        { "JOB_STATE_PARTIALLY_SUCCEEDED", REMOTE_COMPLETED, true },
        { "BATCH_STATE_PENDING", REMOTE_VALIDATING, false },
        { "in-progress?", REMOTE_UNKNOWN, false },
        { "", REMOTE_UNKNOWN, false },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        is_int(remote_status_of(cases[i].word), cases[i].want, "\"%s\"",
               cases[i].word);
        is_int(remote_is_final(remote_status_of(cases[i].word)), cases[i].final,
               "\"%s\" final", cases[i].word);
    }
}

static void a_base_url_is_read_strictly(void)
{
    static const struct {
        const char *url, *base, *host; /* base NULL: refused */
    } cases[] = {
        { NULL, "https://api.openai.com/v1", "api.openai.com" },
        { "", "https://api.openai.com/v1", "api.openai.com" },
        { "https://EU.api.openai.com/v1/", "https://EU.api.openai.com/v1",
          "eu.api.openai.com" },
        { "http://127.0.0.1:8080/v1//", "http://127.0.0.1:8080/v1",
          "127.0.0.1" },
        { "http://[::1]:8080/v1", "http://[::1]:8080/v1", "[::1]" },
        { "https://user:pw@example.com/v1", NULL, NULL },
        { "https://example.com/v1?key=1", NULL, NULL },
        { "https://example.com/v1#x", NULL, NULL },
        { "ftp://example.com/v1", NULL, NULL },
        { "https:///v1", NULL, NULL },
        { "https://exa mple.com", NULL, NULL },
    };
    struct provider_settings s = { .name = TEXT("openai") };
    struct provider *p;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        s.base_url = TEXT(cases[i].url);
        p = open_with(&s, &err);
        is_int(!!p, !!cases[i].base, "%s", cases[i].url ? cases[i].url : "-");
        if (p) {
            is_str(p->base_url, cases[i].base, "its base");
            is_str(p->host, cases[i].host, "its host");
        } else {
            is_int(err.exit, EXIT_SETTINGS, "an error of the settings");
            is_str(err.code, "base_url", "that names it");
            ok(!strstr(err.message, "pw@"), "and no password");
        }
        provider_close(p);
    }
}

static void an_unknown_name_lists_the_known(void)
{
    struct provider_settings s = { .name = TEXT("opanai") };
    struct error err;

    ok(!open_with(&s, &err), "there is no opanai");
    ok(strstr(err.message, "opanai") && strstr(err.message, "openai"),
       "but: %s", err.message);
}

static void a_key_comes_from_a_file(void)
{
    char path[] = "/tmp/test_provider.XXXXXX";
    struct provider_settings s = { .name = TEXT("openai"),
                                   .api_key_file = path };
    struct provider *p;
    struct error err;
    int fd = mkstemp(path);

    close(fd);
    ok(!open_with(&s, &err) && strstr(err.message, "empty"),
       "an empty file is said to be empty: %s", err.message);
    ok(file_write(path, "sk-abc \n", 8, &err), "a file");
    p = open_with(&s, &err);
    ok(p, "opens");
    is_str(p ? p->key : "", "sk-abc", "without its newline");
    is_int(p ? strlen(p->account) : 0, 16, "the account has a digest");
    ok(p && !strstr(p->account, "abc"), "that hides the key");
    provider_close(p);
    ok(file_write(path, "sk abc", 6, &err), "a file");
    ok(!open_with(&s, &err) && !strstr(err.message, "sk abc"),
       "a blank inside is refused and not shown: %s", err.message);
    unlink(path);
    ok(!open_with(&s, &err), "a missing file");
    is_int(err.exit, EXIT_SETTINGS, "is the settings' fault");
    ok(strstr(err.message, path), "and named: %s", err.message);
}

static void a_key_is_asked_for_where_it_is_needed(void)
{
    struct provider_settings s = { .name = TEXT("openai") };
    struct provider *p;
    struct error err;

    p = open_with(&s, &err);
    ok(p && !provider_ready(p, &err), "OpenAI without a key");
    is_str(err.code, "bad_key", "isn't ready");
    ok(strstr(err.message, "api_key_file"), "the cure: %s", err.message);
    provider_close(p);
    s.base_url = TEXT("http://127.0.0.1:9/v1");
    p = open_with(&s, &err);
    ok(p && provider_ready(p, &err), "one's own server needs none");
    ok(p && !p->own, "and is not OpenAI");
    is_str(p ? p->account : "x", "", "no key, no account");
    provider_close(p);
    s.base_url = NULL;
    s.api_key = TEXT("sk-1");
    p = open_with(&s, &err);
    ok(p && provider_ready(p, &err) && p->own, "with a key all is well");
    provider_close(p);
    provider_close(NULL);
}

static void ids_in_addresses_are_escaped(void)
{
    static const struct {
        const char *id, *url; /* NULL: refused */
    } cases[] = {
        { "batch_1", "http://127.0.0.1:9/v1/batches/batch_1" },
        { "a/../b", "http://127.0.0.1:9/v1/batches/a%2F..%2Fb" },
        { "bGl0ZWxsbQ==", "http://127.0.0.1:9/v1/batches/bGl0ZWxsbQ%3D%3D" },
        { "a?x=1#y", "http://127.0.0.1:9/v1/batches/a%3Fx%3D1%23y" },
        { "", NULL },
        { ".", NULL },
        { "..", NULL },
        { "a b", NULL },
        { "a\r\nHost: x", NULL },
        { "\xc3\xa9", NULL },
    };
    struct provider_settings s = { .name = TEXT("openai"),
                                   .base_url = TEXT("http://127.0.0.1:9/v1") };
    struct error err;
    struct provider *p = open_with(&s, &err);
    size_t i;
    char *url;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        url = call_url(p, "/batches/%s", cases[i].id, &err);
        is_str(url ? url : "refused", cases[i].url ? cases[i].url : "refused",
               "%s", cases[i].url ? cases[i].id : "an id that is none");
        free(url);
    }
    provider_close(p);
}

static void each_outcome_has_a_name(void)
{
    int i;

    for (i = 0; i <= ANSWER_MALFORMED; i++)
        ok(answer_outcome_names[i][0], "%s", answer_outcome_names[i]);
    for (i = 0; i <= REMOTE_CANCELLING; i++)
        ok(remote_status_names[i][0], "%s", remote_status_names[i]);
}

static void a_key_of_another_provider_is_told(void)
{
    static const struct {
        const char *why, *name, *key;
        bool good;
    } cases[] = {
        { "Anthropic's at OpenAI", "openai", "sk-ant-api03-x", false },
        { "OpenAI's at Anthropic", "anthropic", "sk-proj-x", false },
        { "Google's at OpenAI", "openai", "AIzaSyX", false },
        { "Groq's at Gemini", "gemini", "gsk_x", false },
        { "OpenAI's own", "openai", "sk-proj-x", true },
        { "the same for responses", "responses", "sk-proj-x", true },
        { "one of no known form", "openai", "abcdef", true },
    };
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        struct provider_settings s = { .name = (char *)(uintptr_t)cases[i].name,
                                       .api_key =
                                           (char *)(uintptr_t)cases[i].key };
        struct provider *p = open_with(&s, &err);
        bool good = provider_ready(p, &err);

        ok(good == cases[i].good, "%s", cases[i].why);
        ok(good || (strstr(err.message, "begins like one of") &&
                    !strstr(err.message, cases[i].key)),
           "%s: said without it", cases[i].why);
        provider_close(p);
    }
}

int main(void)
{
    statuses_are_known_in_any_spelling();
    a_base_url_is_read_strictly();
    an_unknown_name_lists_the_known();
    a_key_comes_from_a_file();
    a_key_is_asked_for_where_it_is_needed();
    a_key_of_another_provider_is_told();
    ids_in_addresses_are_escaped();
    each_outcome_has_a_name();
    return tap_done();
}
