#include "base/file.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "extract/tokens.h"
#include "provider/count.h"

#define FILE_MOST ((size_t)2048 * MIB)

static char *encoding, *model;

static const struct cli_option options[] = {
    { .name = "encoding",
      .argument = "NAME",
      .help = "o200k_base (the default) or cl100k_base",
      .type = SETTING_TEXT,
      .value = &encoding },
    { .name = "model",
      .argument = "MODEL",
      .help = "the encoding of this model",
      .type = SETTING_TEXT,
      .value = &model },
    { .name = NULL },
};

struct job {
    struct cli *cli;
    struct vocab *vocab;               /* owned; NULL = estimate */
    struct token_counter *counter;     /* owned */
    struct provider_settings settings; /* a copy; its texts are borrowed */
    struct provider *asked;            /* owned; counts instead, or NULL */
    bool estimate;
    struct strbuf text, valid;
};

/* What is no UTF-8 counts as U+FFFD, as programs that read text see it. */
static const struct strbuf *make_valid(struct job *job)
{
    const struct strbuf *text = &job->text;
    size_t at = utf8_valid_prefix(text->data, text->len);
    size_t from = 0;

    if (at == text->len)
        return text;
    strbuf_clear(&job->valid);
    while (at < text->len) {
        strbuf_add(&job->valid, text->data + from, at - from);
        strbuf_adds(&job->valid, "\xef\xbf\xbd");
        from = at + utf8_bad_len(text->data + at, text->len - at);
        at = from + utf8_valid_prefix(text->data + from, text->len - from);
    }
    strbuf_add(&job->valid, text->data + from, at - from);
    return &job->valid;
}

static bool read_whole(struct job *job, const char *name, struct error *err)
{
    const char *path = strcmp(name, "-") == 0 ? "/dev/stdin" : name;

    strbuf_clear(&job->text);
    return file_read(path, &job->text, err);
}

static void print(const struct job *job, const char *name, size_t count)
{
    struct strbuf line;
    struct jsonw w;

    if (!job->cli->json) {
        printf("%zu\t%s\n", count, name);
        return;
    }
    strbuf_init(&line, MIB);
    jsonw_init(&w, &line);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "file", name);
    jsonw_integer(&w, "tokens", (int64_t)count);
    jsonw_bool(&w, "estimate", job->estimate);
    jsonw_end_object(&w);
    puts(line.data);
    strbuf_release(&line);
}

/* True and *asked false: the endpoint has no tokenizer after all. */
static bool ask(struct job *job, const struct strbuf *text, size_t *count,
                bool *asked, struct error *err)
{
    int64_t told = 0;

    *asked = count_tokens(job->asked, text->data, text->len, &told, err);
    *count = (size_t)told;
    if (*asked || strcmp(err->code, "no_tokenizer") != 0)
        return *asked;
    cli_say(job->cli, "%s", err->message);
    provider_close(job->asked);
    job->asked = NULL;
    job->estimate = true;
    return true;
}

static bool count_text(struct job *job, const struct strbuf *text,
                       size_t *count, struct error *err)
{
    bool asked = false;

    if (job->asked && !ask(job, text, count, &asked, err))
        return false;
    if (asked)
        return true;
    *count = job->vocab ? tokens_count(job->counter, text->data, text->len)
                        : tokens_estimate(text->data, text->len);
    return true;
}

static bool count_file(struct job *job, const char *name, struct error *err)
{
    const struct strbuf *text;
    size_t count;

    if (!read_whole(job, name, err))
        return false;
    text = make_valid(job);
    if (!strbuf_ok(text))
        return error_memory(err);
    if (!count_text(job, text, &count, err))
        return false;
    print(job, name, count);
    return true;
}

/* The endpoint of --provider counts for models that are not OpenAI's. */
static bool open_endpoint(struct job *job, struct error *err)
{
    job->settings = *job->cli->provider;
    if (model)
        job->settings.model = model;
    if (!provider_open(&job->asked, &job->settings, &clock_system, err))
        return false;
    if (count_is_possible(job->asked))
        return provider_ready(job->asked, err);
    provider_close(job->asked);
    job->asked = NULL;
    return true;
}

/* The model that is counted for; NULL = none is named. */
static const char *model_name(const struct job *job)
{
    if (model || encoding || !job->cli->provider_name[0])
        return model;
    return job->cli->provider->model;
}

static bool open_vocabulary(struct job *job, const char *name,
                            struct error *err)
{
    if (!vocab_open(&job->vocab, name, err))
        return false;
    job->counter = token_counter_new(job->vocab);
    return job->counter || error_memory(err);
}

static bool open_encoding(struct job *job, struct error *err)
{
    struct token_model m = { encoding ? encoding : "o200k_base", false };
    const char *name = model_name(job);

    if (encoding && model)
        return cli_usage(err, "--encoding or --model, not both");
    if (name)
        m = tokens_model(name);
    if (!m.encoding && job->cli->provider_name[0] && !open_endpoint(job, err))
        return false;
    if (job->asked)
        return true;
    job->estimate = m.estimate;
    if (m.estimate)
        cli_say(job->cli, "the tokens of %s are estimated%s%s", name,
                m.encoding ? " as those of " : " from the text's length",
                m.encoding ? m.encoding : "");
    return !m.encoding || open_vocabulary(job, m.encoding, err);
}

static bool tokens(struct cli *cli, struct error *err)
{
    static const char *const standard_input[] = { "-" };
    const char *const *names =
        cli->argument_count ? cli->arguments : standard_input;
    size_t count = cli->argument_count ? cli->argument_count : 1;
    struct job job = { .cli = cli };
    size_t i;
    bool ok;

    strbuf_init(&job.text, FILE_MOST);
    strbuf_init(&job.valid, 3 * FILE_MOST);
    ok = open_encoding(&job, err);
    for (i = 0; ok && i < count; i++) {
        struct error why;

        if (!count_file(&job, names[i], &why)) {
            fprintf(stderr, "vitae: %s\n", why.message);
            cli->exit = EXIT_SOME_FAILED;
        }
    }
    provider_close(job.asked);
    token_counter_free(job.counter);
    vocab_close(job.vocab);
    strbuf_release(&job.text);
    strbuf_release(&job.valid);
    return ok;
}

const struct cli_command cli_tokens = {
    .name = "tokens",
    .group = "Looking",
    .arguments = "[FILE...]",
    .most = -1,
    .summary = "count the tokens of texts",
    .text = "Prints the count, a tab and the file's name, a line for each "
            "file; - or no file is standard input. Counts are exact for "
            "OpenAI's models. With --provider, another model's text goes to "
            "that section's endpoint to be counted, where it has a tokenizer "
            "(llama-server, vLLM, SGLang, Gemini, Anthropic); else it is "
            "estimated, which is said on standard error. Special tokens count "
            "as ordinary text, "
            "bytes that are no UTF-8 as U+FFFD.",
    .example = "vitae tokens resume.txt\n"
               "vitae tokens --model gpt-4 *.txt\n"
               "vitae tokens --provider local --model qwen3 resume.txt\n"
               "pdftotext cv.pdf - | vitae tokens -",
    .options = options,
    .run = tokens,
};
