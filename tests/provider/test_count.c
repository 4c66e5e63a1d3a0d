#include "provider/count.h"

#include "tests/folder.h"
#include "tests/provider/fake/client.h"
#include "tests/tap.h"

static struct fake fake;

static struct provider *open_at(struct provider_settings *s, const char *name,
                                const char *base_url)
{
    struct provider *p = NULL;
    struct error err;

    *s = (struct provider_settings){ .name = (char *)name,
                                     .base_url = (char *)base_url,
                                     .model = (char *)"qwen3",
                                     .api_key = (char *)"k",
                                     .timeout = 60 };
    ok(provider_open(&p, s, &clock_system, &err), "%s opens", name);
    return p;
}

static const struct {
    const char *name, *path, *script;
    int64_t tokens; /* of eleven bytes; -1 = cannot */
    const char *why;
} cases[] = {
    { "openai", "/v1", "set tokenizer=llama", 3, "llama-server's way" },
    { "openai", "/v1", "set tokenizer=vllm", 3, "vLLM's way, tried second" },
    { "openai", "/v1", "set tokenizer=", -1, "an endpoint without one" },
    { "openai", "/v1", "set tokenizer=llama", 3, "a lookalike may have one" },
    { "gemini", "/v1beta", "set tokenizer=", 4, "Gemini's countTokens" },
    { "anthropic", "/v1", "set tokenizer=", 10, "Anthropic's count_tokens" },
};

static void a_text_is_counted_by_whoever_has_the_tokenizer(void)
{
    struct provider_settings settings;
    struct provider *p;
    struct error err;
    char url[300];
    int64_t tokens;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        fake_script(&fake, cases[i].script);
        snprintf(url, sizeof(url), "%.*s%s", (int)strlen(fake.base_url) - 3,
                 fake.base_url, cases[i].path);
        p = open_at(&settings, cases[i].name, url);
        ok(count_is_possible(p), "%s may be asked", cases[i].name);
        tokens = -1;
        if (!count_tokens(p, "hello world", 11, &tokens, &err))
            is_str(err.code, "no_tokenizer", "%s: said plainly", cases[i].why);
        is_int(tokens, cases[i].tokens, "%s", cases[i].why);
        ok(count_is_possible(p) == (cases[i].tokens >= 0),
           "%s: what was found is remembered", cases[i].why);
        provider_close(p);
    }
}

static void a_fault_is_not_taken_for_a_missing_tokenizer(void)
{
    struct provider_settings settings;
    struct provider *p;
    struct error err;
    int64_t tokens;

    fake_script(&fake, "set tokenizer=llama\ntokenize@1 status=503");
    p = open_at(&settings, "openai", fake.base_url);
    ok(!count_tokens(p, "hello", 5, &tokens, &err) && err.kind == ERROR_RETRY,
       "a busy server is one to ask again");
    ok(count_tokens(p, "hello", 5, &tokens, &err) && tokens == 2,
       "and then it tells");
    ok(!count_tokens(p, "", 0, &tokens, &err) || tokens == 1,
       "an empty text is no trouble");
    provider_close(p);
}

static void the_provider_itself_is_not_asked_in_vain(void)
{
    struct provider_settings settings;
    struct provider *p = open_at(&settings, "openai", NULL);

    ok(!count_is_possible(p), "OpenAI has no such route");
    provider_close(p);
}

int main(void)
{
    folder_enter();
    fake_start(&fake, NULL);
    a_text_is_counted_by_whoever_has_the_tokenizer();
    a_fault_is_not_taken_for_a_missing_tokenizer();
    the_provider_itself_is_not_asked_in_vain();
    fake_stop(&fake);
    return tap_done();
}
