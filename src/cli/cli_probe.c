#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/jsonw.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "server/probe.h"

#define SAFE 0.8

static char *model;
static int64_t context_most = 131072, concurrency_most = 64, tokens = 32;
static double seconds = 3;

static const struct cli_option options[] = {
    { .name = "upstream",
      .argument = "URL",
      .help = "whom to try (default: the first of serve.upstream)",
      .setting = "serve.upstream" },
    { .name = "model",
      .argument = "NAME",
      .help = "which model (default: the first that it lists)",
      .type = SETTING_TEXT,
      .value = &model },
    { .name = "context",
      .argument = "TOKENS",
      .help = "the longest prompt to try (default: 131072)",
      .type = SETTING_INTEGER,
      .value = &context_most,
      .min = 256,
      .max = 4000000 },
    { .name = "concurrency",
      .argument = "N",
      .help = "the most requests at once to try (default: 64)",
      .type = SETTING_INTEGER,
      .value = &concurrency_most,
      .min = 1,
      .max = 1024 },
    { .name = "answer",
      .argument = "TOKENS",
      .help = "the length of answers in the rounds (default: 32)",
      .type = SETTING_INTEGER,
      .value = &tokens,
      .min = 1,
      .max = 4096 },
    { .name = "seconds",
      .argument = "N",
      .help = "how long each round lasts (default: 3)",
      .type = SETTING_REAL,
      .value = &seconds,
      .min = 0.05,
      .max = 600 },
    { .name = NULL },
};

static void told(void *context, const char *line)
{
    cli_say(context, "%s", line);
}

static void print_json(const struct probe_result *r, const char *url,
                       const char *host, const char *day)
{
    struct strbuf out;
    struct jsonw w;
    size_t i;

    strbuf_init(&out, MIB);
    jsonw_init(&w, &out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "date", day);
    jsonw_text(&w, "host", host);
    jsonw_text(&w, "upstream", url);
    jsonw_text(&w, "model", r->model);
    jsonw_integer(&w, "context_measured", r->context);
    jsonw_integer(&w, "context_told", r->told);
    jsonw_integer(&w, "context", (int64_t)((double)r->context * SAFE));
    jsonw_bool(&w, "cuts_silently", r->cuts);
    jsonw_integer(&w, "concurrency", r->concurrency);
    jsonw_array(&w, "rounds");
    for (i = 0; i < r->step_count; i++) {
        jsonw_object(&w, NULL);
        jsonw_integer(&w, "concurrency", r->steps[i].concurrency);
        jsonw_integer(&w, "answered", r->steps[i].answered);
        jsonw_integer(&w, "failed", r->steps[i].failed);
        jsonw_real(&w, "per_second", r->steps[i].rate);
        jsonw_real(&w, "seconds", r->steps[i].seconds);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    jsonw_end_object(&w);
    puts(out.data);
    strbuf_release(&out);
}

/* As a piece of vitae.conf. */
static void print_settings(const struct probe_result *r, const char *url,
                           const char *host, const char *day)
{
    size_t i;

    printf("# measured by vitae probe on %s, host %s\n"
           "# upstream %s, model %s\n"
           "#\n"
           "# at once  answers/s  seconds each  failed\n",
           day, host, url, r->model);
    for (i = 0; i < r->step_count; i++)
        printf("# %7lld %10.2f %13.2f %7lld\n",
               (long long)r->steps[i].concurrency, r->steps[i].rate,
               r->steps[i].seconds, (long long)r->steps[i].failed);
    printf("#\n# the longest prompt that went: %lld tokens%s%s\n",
           (long long)r->context,
           r->whole_range ? " (no longer one was tried)" : "",
           r->cuts ? "; longer ones are cut off silently" : "");
    if (r->told > 0)
        printf("# it says itself: %lld\n", (long long)r->told);
    printf("\n[serve]\nupstream = %s\n# four fifths of the longest\n"
           "context = %lld\n\n[runner]\nconcurrency = %lld\n",
           url, (long long)((double)r->context * SAFE),
           (long long)r->concurrency);
}

static bool probe(struct cli *cli, struct error *err)
{
    const struct vitae_settings *v = cli->values;
    const char *urls = v->serve.upstream;
    char url[1024], host[256] = "", day[32] = "";
    struct probe_settings s = { .base_url = url,
                                .model = model,
                                .context_most = context_most,
                                .concurrency_most = concurrency_most,
                                .answer_tokens = tokens,
                                .round_seconds = seconds,
                                .timeout = v->runner.timeout };
    struct probe_result r;
    time_t now = (time_t)cli->clock->now(cli->clock);
    struct tm tm;
    size_t len;

    if (!urls)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "say whom to try: --upstream "
                          "http://127.0.0.1:11434/v1");
    urls += strspn(urls, ", ");
    len = strcspn(urls, ", ");
    while (len && urls[len - 1] == '/')
        len--;
    snprintf(url, sizeof(url), "%.*s", (int)len, urls);
    if (!probe_run(&s, cli->clock, &cli_stop, told, cli, &r, err))
        return false;
    (void)gethostname(host, sizeof(host) - 1);
    if (gmtime_r(&now, &tm))
        strftime(day, sizeof(day), "%Y-%m-%d", &tm);
    if (cli->json)
        print_json(&r, url, host, day);
    else
        print_settings(&r, url, host, day);
    return true;
}

const struct cli_command cli_probe = {
    .name = "probe",
    .group = "Working",
    .arguments = "",
    .summary = "find out what a model server bears",
    .text = "Tries a local model server: prompts of growing length until one "
            "is refused, breaks it or is cut off silently (as Ollama does), "
            "and rounds of short requests, 1, 2, 4 ... at once, until more at "
            "once gains nothing, then all of them again until two climbs "
            "agree. Prints the settings to use, with the date, "
            "the host and what was measured: serve.context is four fifths of "
            "the longest prompt, runner.concurrency the smallest number "
            "within a twentieth of the best rate. Nothing else should use "
            "the server meanwhile.",
    .example = "vitae probe --upstream http://127.0.0.1:11434/v1 --model "
               "llama3.2",
    .options = options,
    .needs = CLI_SETTINGS,
    .run = probe,
};
