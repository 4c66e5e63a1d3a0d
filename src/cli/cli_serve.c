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

static bool serve(struct cli *cli, struct error *err)
{
    const struct vitae_settings *v = cli->values;
    struct server_settings settings = {
        .listen = v->serve.listen,
        .api_key_file = v->serve.api_key_file,
        .state = v->serve.state,
        .max_upload = v->serve.max_upload,
        .dispatch = { .runner = { .base_url = v->serve.upstream,
                                  .concurrency = v->runner.concurrency,
                                  .requests_per_minute =
                                      v->runner.requests_per_minute,
                                  .tokens_per_minute =
                                      v->runner.tokens_per_minute,
                                  .timeout = v->runner.timeout },
                      .max_requests = v->serve.max_requests },
    };

    if (!v->serve.upstream)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "set serve.upstream to the model's address, as "
                          "http://127.0.0.1:11434/v1");
    return server_run(&settings, cli->clock, &cli_stop, told, NULL, err);
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
        "requests are not asked again. Batches run one after the other; "
        "metadata priority (-100 to 100) puts one before others, and an hour "
        "of waiting counts as one. metadata invalid_lines=skip lets a batch "
        "go on without its bad lines. Beyond OpenAI: progress in the "
        "metadata, POST .../pause and .../resume, GET .../events "
        "(server-sent events), results so far under batch_output_ID, "
        "/health, /metrics. It listens on this machine only; on another "
        "address serve.api_key_file is needed, each key sees its own files "
        "and batches only, and on a network that isn't trusted nginx or "
        "haproxy belongs in front. Prints its address when it is ready.",
    .example = "vitae serve --upstream http://127.0.0.1:11434/v1",
    .options = options,
    .needs = CLI_SETTINGS | CLI_LOG,
    .run = serve,
};
