#include "base/jsonw.h"
#include "base/progress.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "extract/profile.h"
#include "extract/tokens.h"
#include "io/convert.h"
#include "io/output.h"
#include "io/sample.h"
#include "provider/fetch.h"

static char *profile_name, *model, *id_column, *text_column;
static int format;
static bool skip_bad, force, allow_private;
static int64_t sample, seed = 1, every = 1000;
static double rate = 6.67;

static const struct cli_option options[] = {
    { .name = "profile",
      .argument = "NAME",
      .help = "what to ask: a profile, or \"prompt\" for the texts alone "
              "(default: score for CSV, news for addresses and texts with "
              "titles, else prompt)",
      .type = SETTING_TEXT,
      .value = &profile_name },
    { .name = "model",
      .argument = "NAME",
      .help = "the model in every request (default: provider.model)",
      .type = SETTING_TEXT,
      .value = &model },
    { .name = "id",
      .argument = "COLUMN",
      .help = "the CSV column with the id (default: candidate_id)",
      .type = SETTING_TEXT,
      .value = &id_column },
    { .name = "text",
      .argument = "COLUMN",
      .help = "the CSV column with the text (default: all others, as "
              "\"Name: ..., Experience: ...\")",
      .type = SETTING_TEXT,
      .value = &text_column },
    { .name = "format",
      .argument = "FORMAT",
      .help = "what the input is: " RECORD_FORMATS,
      .type = SETTING_WORD,
      .value = &format,
      .choices = RECORD_FORMATS },
    { .name = "skip-bad",
      .help = "leave out records that can't be used, and list them",
      .value = &skip_bad },
    { .name = "force", .help = "replace the output", .value = &force },
    { .name = "allow-private",
      .help = "fetch addresses of this machine and private networks, too",
      .value = &allow_private },
    { .name = "progress",
      .argument = "N",
      .help = "tell every N records (default: 1000; 0 = never)",
      .type = SETTING_INTEGER,
      .value = &every,
      .max = 1e12 },
    { .name = "rate",
      .argument = "N",
      .help = "requests a second, for the time estimated (default: 6.67)",
      .type = SETTING_REAL,
      .value = &rate,
      .min = 0.001,
      .max = 1e6 },
    { .name = "sample",
      .argument = "N",
      .help = "write a CSV file of N made-up candidates to OUT instead",
      .type = SETTING_INTEGER,
      .value = &sample,
      .min = 1,
      .max = 1e9 },
    { .name = "seed",
      .argument = "N",
      .help = "another sample; the same seed gives the same (default: 1)",
      .type = SETTING_INTEGER,
      .value = &seed,
      .max = 9e15 },
    { .name = NULL },
};

struct job {
    struct cli *cli;
    struct convert convert;
    struct provider *provider; /* owned, all of them */
    struct profile *profile;
    struct vocab *vocab;
    struct fetcher *fetcher;
    char out[OUTPUT_NAME]; /* where the command line names none */
};

static void tell_progress(void *context, int64_t records)
{
    struct job *job = context;
    struct strbuf number;

    strbuf_init(&number, 64);
    progress_number(records, &number);
    cli_say(job->cli, "%s records", number.data);
    strbuf_release(&number);
}

static void tell_bad(void *context, const char *why)
{
    (void)context;
    fprintf(stderr, "vitae: left out: %s\n", why);
}

static bool open_fetcher(struct job *job, struct error *err)
{
    const struct fetch_settings settings = { .private_too = allow_private };

    if (!fetch_open(&job->fetcher, &settings, err))
        return false;
    job->convert.fetcher = job->fetcher;
    return true;
}

static bool open_profile(struct job *job, struct error *err)
{
    struct record_look look;

    if (!record_look(job->convert.in, &job->convert.records, &look, err))
        return false;
    if (look.format == RECORD_REQUESTS && (profile_name || model))
        return cli_usage(err,
                         "%s holds requests already: they are checked, and "
                         "not given another model or profile",
                         job->convert.in);
    if (look.format == RECORD_REQUESTS)
        return true;
    if (look.format == RECORD_URLS && !open_fetcher(job, err))
        return false;
    if (!profile_open(&job->profile, profile_name ? profile_name : look.profile,
                      err))
        return false;
    job->convert.profile = job->profile;
    return true;
}

static bool open_vocab(struct job *job, struct error *err)
{
    const char *of = job->convert.model;
    struct token_model m = tokens_model(of ? of : "");

    if (!m.encoding)
        return true;
    if (!vocab_open(&job->vocab, m.encoding, err))
        return false;
    job->convert.vocab = job->vocab;
    return true;
}

static bool prepare(struct job *job, struct error *err)
{
    struct cli *cli = job->cli;
    struct convert *c = &job->convert;

    c->in = cli->arguments[0];
    c->records.format = (enum record_format)format;
    c->records.id_column = id_column;
    c->records.text_column = text_column;
    c->model = model ? model : cli->provider->model;
    c->skip_bad = skip_bad;
    c->replace = force;
    c->every = every;
    c->progress = tell_progress;
    c->bad = tell_bad;
    c->context = job;
    c->stop = &cli_stop;
    c->out = cli->argument_count > 1 ? cli->arguments[1] : job->out;
    if (c->out == job->out &&
        !output_name(c->in, NULL, "_batch.jsonl", job->out, err))
        return false;
    if (!provider_open(&job->provider, cli->provider, cli->clock, err) ||
        !open_profile(job, err) || !open_vocab(job, err))
        return false;
    c->provider = job->provider;
    c->limits.max_tokens = cli->values->extract.max_input_tokens;
    c->limits.plain = job->profile && job->profile->plain;
    c->limits.redact =
        (job->profile && job->profile->redact) || cli->values->extract.redact;
    return true;
}

static double saving(const struct convert *c)
{
    double baseline = (double)convert_baseline(c);

    return baseline > 0
               ? 100 * (baseline - (double)convert_optimised(c)) / baseline
               : 0;
}

static void print_json(const struct job *job)
{
    const struct convert *c = &job->convert;
    struct strbuf out;
    struct jsonw w;

    strbuf_init(&out, 64 * KIB);
    jsonw_init(&w, &out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "output", c->out);
    jsonw_integer(&w, "requests", c->requests);
    jsonw_integer(&w, "left_out", c->refused);
    jsonw_integer(&w, "bytes", (int64_t)c->bytes);
    if (c->format != RECORD_REQUESTS) {
        jsonw_integer(&w, "baseline_tokens", convert_baseline(c));
        jsonw_integer(&w, "optimised_tokens", convert_optimised(c));
        jsonw_real(&w, "savings_pct", saving(c));
    }
    jsonw_real(&w, "requests_per_second", rate);
    jsonw_real(&w, "estimated_seconds", (double)c->requests / rate);
    jsonw_end_object(&w);
    puts(out.data);
    strbuf_release(&out);
}

static void number_line(const char *title, int64_t n, const char *remark)
{
    struct strbuf number;

    strbuf_init(&number, 64);
    progress_number(n, &number);
    printf("%-18s%15s%s\n", title, number.data, remark);
    strbuf_release(&number);
}

static void print(const struct job *job)
{
    const struct convert *c = &job->convert;

    printf("%s\n", c->out);
    number_line("requests", c->requests, "");
    if (c->refused)
        number_line("left out", c->refused, "");
    number_line("bytes", (int64_t)c->bytes, "");
    if (c->format != RECORD_REQUESTS) {
        number_line("baseline tokens", convert_baseline(c),
                    "  every request read in full");
        number_line("optimised tokens", convert_optimised(c),
                    "  what all share read once (prefix cache)");
        printf("%-18s%14.1f%%  of the baseline, at best\n", "savings",
               saving(c));
    }
    printf("%-18s%15.0f  seconds at %g requests a second\n", "estimated time",
           (double)c->requests / rate, rate);
}

static bool is_too_much(const struct job *job)
{
    int64_t most = job->provider->ops->limits.requests;
    int64_t bytes = job->provider->ops->limits.bytes;

    return (most && job->convert.requests > most) ||
           (bytes && job->convert.bytes > (uint64_t)bytes);
}

static void report(struct job *job)
{
    if (job->cli->json)
        print_json(job);
    else
        print(job);
    if (is_too_much(job))
        cli_say(job->cli,
                "%s takes less in one batch: `vitae run` sends several",
                job->provider->ops->name);
    if (job->convert.refused)
        job->cli->exit = EXIT_SOME_FAILED;
}

static bool convert(struct cli *cli, struct error *err)
{
    struct job job = { .cli = cli };
    bool ok;

    if (sample) {
        if (cli->argument_count != 1)
            return cli_usage(err, "--sample needs one name, that of the file "
                                  "to be written");
        return sample_write(cli->arguments[0], sample, (uint64_t)seed, force,
                            &cli_stop, err);
    }
    ok = prepare(&job, err) && convert_file(&job.convert, err);
    if (ok)
        report(&job);
    fetch_close(job.fetcher);
    vocab_close(job.vocab);
    profile_close(job.profile);
    provider_close(job.provider);
    return ok;
}

const struct cli_command cli_convert = {
    .name = "convert",
    .group = "Files",
    .arguments = "IN [OUT.jsonl]",
    .least = 1,
    .most = 2,
    .summary = "make a batch's request file out of a file of records",
    .text =
        "Reads CSV (any separator, UTF-8 or UTF-16, a column candidate_id), "
        "prompts (.txt, a line each, # comments), .json (an array of texts, "
        "of {id, prompt} or of {id, title, contents}), the same as .jsonl, "
        "and lists of addresses (.txt), whose pages are fetched. Request "
        "files are checked. --provider says whose dialect is written. Without "
        "OUT, x.csv becomes x_batch.jsonl. A record that can't be used -- "
        "ragged, broken quotes, another encoding, an id that came before -- "
        "is named with its row, and nothing is written, unless --skip-bad; "
        "the exit code is 1 both times. Nothing is sent.",
    .example = "vitae convert candidates.csv batch.jsonl --model gpt-4o-mini\n"
               "vitae convert prompts.txt --provider gemini\n"
               "vitae convert --sample 1000 candidates.csv",
    .options = options,
    .needs = CLI_SETTINGS,
    .run = convert,
};
