#include "base/jsonw.h"
#include "batch/wave.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/work.h"

static bool jobs;
static double since = 2 * 86400.0;

static const struct cli_option options[] = {
    { .name = "jobs", .help = "a line for each batch too", .value = &jobs },
    { .name = "since",
      .argument = "TIME",
      .help = "of batches made in the last TIME, and all open ones (default: "
              "2d)",
      .type = SETTING_SECONDS,
      .value = &since,
      .min = 1,
      .max = 1e9 },
    { .name = NULL },
};

/* completed + running + failed = jobs. */
struct wave {
    char section[BATCH_WORD], provider[BATCH_WORD], model[129];
    int64_t wave, number; /* of the batch read last */
    int64_t jobs, completed, running, failed;
    int64_t requests, tokens;
};

struct listing {
    const struct cli *cli;
    struct wave wave;    /* being added up; jobs 0 = none */
    struct strbuf lines; /* of its batches */
    struct strbuf out;
    struct jsonw json;
};

static const char *text(const struct db_rows *row, size_t column)
{
    const char *s = db_rows_text(row, column, NULL);

    return s ? s : "";
}

static void print_json(struct listing *l)
{
    const struct wave *v = &l->wave;
    struct jsonw *w = &l->json;

    jsonw_object(w, NULL);
    jsonw_text(w, "section", v->section);
    jsonw_text(w, "provider", v->provider);
    jsonw_text(w, "model", v->model);
    jsonw_integer(w, "wave", v->wave);
    jsonw_integer(w, "jobs", v->jobs);
    jsonw_integer(w, "completed", v->completed);
    jsonw_integer(w, "running", v->running);
    jsonw_integer(w, "failed", v->failed);
    jsonw_integer(w, "requests", v->requests);
    jsonw_integer(w, "tokens", v->tokens);
    jsonw_end_object(w);
}

static void end_wave(struct listing *l)
{
    const struct wave *v = &l->wave;

    if (!v->jobs)
        return;
    if (l->cli->json) {
        print_json(l);
    } else {
        strbuf_addf(&l->out,
                    "wave %02lld  %s, %s%s%s: %lld jobs: %lld completed, %lld "
                    "running, %lld failed; %lld requests, %lld tokens\n",
                    (long long)v->wave, v->provider, v->model,
                    v->section[0] ? ", " : "", v->section, (long long)v->jobs,
                    (long long)v->completed, (long long)v->running,
                    (long long)v->failed, (long long)v->requests,
                    (long long)v->tokens);
        if (jobs)
            strbuf_add(&l->out, l->lines.data, l->lines.len);
    }
    strbuf_clear(&l->lines);
    memset(&l->wave, 0, sizeof(l->wave));
}

static bool is_same(const struct wave *v, const struct db_rows *row,
                    int64_t wave, int64_t number)
{
    return v->jobs && v->wave == wave && number > v->number &&
           strcmp(v->section, text(row, 2)) == 0 &&
           strcmp(v->provider, text(row, 3)) == 0 &&
           strcmp(v->model, text(row, 4)) == 0;
}

static void begin_wave(struct listing *l, const struct db_rows *row,
                       int64_t wave)
{
    struct wave *v = &l->wave;

    end_wave(l);
    v->wave = wave;
    snprintf(v->section, sizeof(v->section), "%s", text(row, 2));
    snprintf(v->provider, sizeof(v->provider), "%s", text(row, 3));
    snprintf(v->model, sizeof(v->model), "%s", text(row, 4));
}

static int64_t *count_of(struct wave *v, enum batch_status status,
                         const char *code)
{
    if (status <= BATCH_SUBMITTED)
        return &v->running;
    if (status == BATCH_FAILED || status == BATCH_EXPIRED ||
        status == BATCH_CANCELLED || *code)
        return &v->failed;
    return &v->completed;
}

static bool add_batch(void *context, const struct db_rows *row,
                      struct error *err)
{
    struct listing *l = context;
    struct wave *v = &l->wave;
    enum batch_status status;
    int64_t wave, number;

    (void)err;
    wave_name_read(text(row, 5), &wave, &number);
    if (!wave || !batch_status_parse(text(row, 6), &status))
        return true;
    if (!is_same(v, row, wave, number))
        begin_wave(l, row, wave);
    v->number = number;
    v->jobs++;
    ++*count_of(v, status, text(row, 7));
    v->requests += db_rows_integer(row, 8);
    v->tokens += db_rows_integer(row, 9);
    strbuf_addf(&l->lines, "  %s  %s  %s  %lld requests%s%s\n", text(row, 5),
                text(row, 1)[0] ? text(row, 1) : text(row, 0), text(row, 6),
                (long long)db_rows_integer(row, 8), text(row, 7)[0] ? "  " : "",
                text(row, 7));
    return strbuf_ok(&l->lines) || error_memory(err);
}

static bool print(struct cli *cli, struct db *db, struct error *err)
{
    const struct db_value values[] = { db_real("seconds", since) };
    struct listing l = { .cli = cli };
    bool ok;

    strbuf_init(&l.lines, 16 * MIB);
    strbuf_init(&l.out, 64 * MIB);
    jsonw_init(&l.json, &l.out);
    jsonw_array(&l.json, NULL);
    if (!cli->json)
        strbuf_clear(&l.out);
    ok = db_each(db, "wave_list", values, ARRAY_LEN(values), add_batch, &l,
                 NULL, err);
    end_wave(&l);
    if (cli->json) {
        jsonw_end_array(&l.json);
        strbuf_addc(&l.out, '\n');
    } else if (ok && !l.out.len) {
        cli_say(cli, "no batch was sent yet");
    }
    ok = ok && report_print(&l.out, err);
    strbuf_release(&l.lines);
    strbuf_release(&l.out);
    return ok;
}

static bool waves(struct cli *cli, struct error *err)
{
    struct db *db = NULL;
    bool ok = work_database(cli, &db, err) && print(cli, db, err);

    db_close(db);
    return ok;
}

const struct cli_command cli_waves = {
    .name = "--waves",
    .group = "Looking",
    .arguments = "",
    .summary = "how far each wave of batches is",
    .text = "A wave is what fits under the provider's limit of enqueued "
            "tokens together (provider.max_enqueued_tokens, or as its "
            "refusals tell; batch.enqueued_share of it is used). A line "
            "for each: its jobs, and how many of them are completed, running "
            "and failed. With --jobs the batches by their names, as "
            "wave01_batch001_20260131T235959Z. The next batch goes as soon "
            "as there is room for it; with batch.wait_for_waves=yes when the "
            "whole wave has ended.",
    .example = "vitae --waves\nvitae --waves --jobs --since 7d",
    .options = options,
    .needs = CLI_SETTINGS,
    .run = waves,
};
