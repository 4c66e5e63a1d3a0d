#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "server/server.h"

static const struct cli_option options[] = {
    { .name = "listen",
      .argument = "HOST:PORT",
      .help = "where to listen (default: serve.listen)",
      .setting = "serve.listen" },
    { .name = "upstream",
      .argument = "URLS",
      .help = "the model endpoints, by commas (default: serve.upstream)",
      .setting = "serve.upstream" },
    { .name = "state",
      .argument = "FOLDER",
      .help = "the folder for files and batches (default: serve.state)",
      .setting = "serve.state" },
    { .name = NULL },
};

/* Standard output tells scripts where it listens (with port 0 they can't
 * know). */
static void told(void *context, const char *url)
{
    (void)context;
    printf("%s/v1\n", url);
    fflush(stdout);
}

/* What every job's process is told beside its input. */
struct job_arguments {
    const char **list; /* owned; NULL ends it */
    size_t count;
    struct strbuf text; /* what is put together, NUL after NUL */
};

static void add(struct job_arguments *a, const char *option, const char *value)
{
    a->list[a->count++] = option;
    a->list[a->count++] = value;
}

/* section.key=value as the command line of the server had it. */
static size_t note_set(struct job_arguments *a, const struct cli_set *set)
{
    size_t at = a->text.len;

    if (set->setting)
        strbuf_addf(&a->text, "%s=", set->setting);
    strbuf_adds(&a->text, set->value);
    strbuf_addc(&a->text, '\0');
    return at;
}

/* The first of the upstreams, as a provider of its own. */
static size_t note_upstream(struct job_arguments *a, const char *upstream)
{
    size_t at = a->text.len;

    strbuf_addf(&a->text, "%.*s", (int)strcspn(upstream, ", "), upstream);
    strbuf_addc(&a->text, '\0');
    return at;
}

static bool job_arguments(const struct cli *cli, struct job_arguments *a,
                          struct error *err)
{
    const struct serve_settings *s = &cli->values->serve;
    size_t n = cli->call->set_count, i;
    size_t *places = calloc(n + 1, sizeof(*places));

    strbuf_init(&a->text, MIB);
    a->list = calloc(2 * n + 16, sizeof(*a->list));
    if (!places || !a->list) {
        free(places);
        return error_memory(err);
    }
    for (i = 0; i < n; i++)
        places[i] = note_set(a, &cli->call->sets[i]);
    places[n] = note_upstream(a, s->upstream);
    add(a, "--profile", s->job_profile);
    if (cli->call->config)
        add(a, "--config", cli->call->config);
    for (i = 0; i < n; i++)
        add(a, "--set", a->text.data + places[i]);
    if (s->job_provider) {
        add(a, "--provider", s->job_provider);
    } else {
        add(a, "--set", "provider.name=local");
        add(a, "--base-url", a->text.data + places[n]);
    }
    free(places);
    return strbuf_ok(&a->text) || error_memory(err);
}

static bool serve(struct cli *cli, struct error *err)
{
    const struct vitae_settings *v = cli->values;
    struct job_arguments arguments = { .count = 0 };
    bool ok;
    struct server_settings settings = {
        .listen = v->serve.listen,
        .api_key_file = v->serve.api_key_file,
        .state = v->serve.state,
        .max_upload = v->serve.max_upload,
        .notify = v->notify,
        .upstream = { .urls = v->serve.upstream,
                      .key_file = v->serve.upstream_key_file,
                      .context = v->serve.context },
        .dispatch = { .runner = { .base_url = v->serve.upstream,
                                  .concurrency = v->runner.concurrency,
                                  .requests_per_minute =
                                      v->runner.requests_per_minute,
                                  .tokens_per_minute =
                                      v->runner.tokens_per_minute,
                                  .timeout = v->runner.timeout },
                      .max_requests = v->serve.max_requests,
                      .batches = v->serve.batches,
                      .log_every = v->serve.log_every },
        .jobs = { .program = "/proc/self/exe",
                  .slots = (size_t)v->serve.job_slots,
                  .database = &v->database },
    };

    if (!v->serve.upstream)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "set serve.upstream to the model's address, as "
                          "http://127.0.0.1:11434/v1");
    ok = job_arguments(cli, &arguments, err);
    settings.jobs.arguments = arguments.list;
    ok = ok && server_run(&settings, cli->clock, &cli_stop, told, NULL, err);
    free(arguments.list);
    strbuf_release(&arguments.text);
    return ok;
}

const struct cli_command cli_serve = {
    .name = "serve",
    .group = "Working",
    .arguments = "",
    .summary = "serve OpenAI's Batch API in front of local models",
    .text =
        "Clients of OpenAI's files and batches work unchanged with this "
        "server's address as their base URL: it keeps what they upload in a "
        "folder, asks the models behind serve.upstream (Ollama, llama-server, "
        "vLLM, SGLang, LM Studio; several by commas), and hands the answers "
        "out. Killed at any moment, it goes on where it was: finished "
        "requests are not asked again. Each line goes to an upstream that has "
        "its model; one that is gone is done without until it is back. "
        "serve.batches batches run at once and share the upstreams; metadata "
        "priority (-100 to 100) gives one more and puts it before others, "
        "and an hour of waiting counts as one. metadata invalid_lines=skip "
        "lets a batch "
        "go on without its bad lines. Beyond OpenAI: progress in the "
        "metadata, POST .../pause and .../resume, GET .../events "
        "(server-sent events, or WebSocket), results so far under "
        "batch_output_ID, "
        "/health, /metrics. In a browser its address is a page for people: "
        "drop a CSV, choose columns and a model, try 20 rows, watch, download "
        "the table with scores and reasons. It listens on this machine only; "
        "on another "
        "address serve.api_key_file is needed, each key sees its own files "
        "and batches only, and on a network that isn't trusted nginx or "
        "haproxy belongs in front. Prints its address when it is ready.",
    .example = "vitae serve --upstream http://127.0.0.1:11434/v1",
    .options = options,
    .needs = CLI_SETTINGS | CLI_LOG,
    .run = serve,
};
