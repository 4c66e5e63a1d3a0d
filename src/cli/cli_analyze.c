#include "base/file.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "extract/profile.h"
#include "io/analyze.h"
#include "io/output.h"

static char *html, *profile_name;
static bool force, excel_safe, no_csv;

static const struct cli_option options[] = {
    { .name = "html",
      .argument = "FILE",
      .help = "write a page with the figures and plots, too",
      .type = SETTING_TEXT,
      .value = &html },
    { .name = "profile",
      .argument = "NAME",
      .help = "answers that don't hold by this profile's schema and ranges "
              "have failed",
      .type = SETTING_TEXT,
      .value = &profile_name },
    { .name = "no-csv", .help = "write no CSV file", .value = &no_csv },
    { .name = "excel-safe",
      .help = "no cell of the CSV file is taken for a formula",
      .value = &excel_safe },
    { .name = "force",
      .help = "replace files that are there",
      .value = &force },
    { .name = NULL },
};

static bool write_page(const struct analysis *a, const char *of,
                       struct error *err)
{
    struct strbuf out;
    const char *slash = strrchr(of, '/');
    bool ok;

    strbuf_init(&out, MIB);
    analysis_html(a, slash ? slash + 1 : of, &out);
    ok = strbuf_ok(&out) ? file_write(html, out.data, out.len, err)
                         : error_memory(err);
    strbuf_release(&out);
    return ok;
}

static bool report(struct cli *cli, const struct analysis *a, const char *csv,
                   struct error *err)
{
    struct strbuf out;
    bool ok;

    strbuf_init(&out, MIB);
    if (cli->json)
        analysis_json(a, &out);
    else
        analysis_text(a, &out);
    ok = report_print(&out, err);
    strbuf_release(&out);
    if (csv)
        cli_say(cli, "%s written", csv);
    if (ok && (a->broken || a->failed))
        cli->exit = EXIT_SOME_FAILED;
    return ok;
}

static bool run_analysis(struct cli *cli, struct analyze_settings *settings,
                         struct error *err)
{
    struct analysis *a = calloc(1, sizeof(*a));
    struct profile *profile = NULL;
    bool ok;

    if (!a)
        return error_memory(err);
    ok = !profile_name || profile_open(&profile, profile_name, err);
    settings->profile = profile;
    ok = ok && analyze_file(settings, a, err) &&
         (!html || write_page(a, settings->path, err)) &&
         report(cli, a, settings->csv, err);
    profile_close(profile);
    free(a);
    return ok;
}

static bool analyze(struct cli *cli, struct error *err)
{
    struct analyze_settings settings = {
        .path = cli->arguments[0],
        .excel_safe = excel_safe,
        .replace = force,
        .today = cli->clock->now(cli->clock),
        .stop = &cli_stop,
    };
    char csv[OUTPUT_NAME];

    if (cli->argument_count > 1)
        snprintf(csv, sizeof(csv), "%s", cli->arguments[1]);
    else if (!output_name(settings.path, NULL, "_scores.csv", csv, err))
        return false;
    if (!no_csv)
        settings.csv = csv;
    if (html && (!output_is_other(html, settings.path, err) ||
                 !output_is_free(html, force, err)))
        return false;
    if (html && settings.csv && strcmp(html, csv) == 0)
        return cli_usage(err, "--html and the CSV file are both %s", html);
    return run_analysis(cli, &settings, err);
}

const struct cli_command cli_analyze = {
    .name = "analyze",
    .group = "Files",
    .arguments = "RESULTS [OUT.csv]",
    .least = 1,
    .most = 2,
    .summary = "tell what is in a results file, and write its scores as CSV",
    .text = "Reads a provider's output file (OpenAI's form, Gemini's, "
            "Anthropic's), or what `vitae run` and `vitae export` write as "
            "JSON or JSONL, where the job has judged each answer. With "
            "--profile the answers of a provider's file are checked as when "
            "a batch is collected; without, every whole answer counts as "
            "succeeded. Without OUT.csv, x_results.jsonl becomes x_scores.csv. "
            "An answer has a "
            "score when it is a number or a JSON object with overall, score "
            "or parts with scores; others are counted apart, not as zero. "
            "The saving is measured: prompt tokens that came out of a cache, "
            "of those that would have been read without one. Broken lines are "
            "counted and named (exit code 1, as with failed requests), the "
            "rest is analysed.",
    .example = "vitae analyze candidates_results.jsonl\n"
               "vitae analyze out.jsonl scores.csv --profile score "
               "--html report.html\n"
               "vitae analyze out.jsonl --no-csv --json",
    .options = options,
    .run = analyze,
};
