#include "base/jsonw.h"
#include "batch/try.h"
#include "cli/commands.h"
#include "cli/work.h"

static int64_t rows = 20;

static const struct cli_option options[] = {
    { .name = "rows",
      .argument = "N",
      .help = "records to try (default: 20)",
      .type = SETTING_INTEGER,
      .value = &rows,
      .min = 1,
      .max = 1000 },
    { .name = NULL },
};

static void record_json(const char *userid, const char *reason,
                        const struct try_value *values, size_t count,
                        const char *flags)
{
    struct strbuf out;
    struct jsonw w;
    size_t i;

    strbuf_init(&out, 16 * MIB);
    jsonw_init(&w, &out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "userid", userid);
    jsonw_text(&w, "reason", reason);
    jsonw_text(&w, "flags", flags);
    jsonw_object(&w, "values");
    for (i = 0; i < count; i++) {
        jsonw_object(&w, values[i].column);
        jsonw_text(&w, "before", values[i].before);
        if (values[i].after)
            jsonw_text_len(&w, "after", values[i].after, values[i].after_len);
        else
            jsonw_null(&w, "after");
        jsonw_bool(&w, "written", values[i].written);
        jsonw_end_object(&w);
    }
    jsonw_end_object(&w);
    jsonw_end_object(&w);
    puts(out.data);
    strbuf_release(&out);
}

static bool same(const struct try_value *v)
{
    if (!v->before || !v->after)
        return v->before == v->after;
    return strlen(v->before) == v->after_len &&
           memcmp(v->before, v->after, v->after_len) == 0;
}

static void record(void *context, const char *userid, const char *reason,
                   const struct try_value *values, size_t count,
                   const char *flags)
{
    const struct cli *cli = context;
    size_t i;

    if (cli->json) {
        record_json(userid, reason, values, count, flags);
        return;
    }
    printf("record %s%s%s%s%s\n", userid, reason ? ": " : "",
           reason ? reason : "", flags[0] ? "  flags: " : "", flags);
    for (i = 0; i < count; i++) {
        if (same(&values[i]))
            continue;
        printf("  %-26s %s%s%.*s%s\n", values[i].column,
               values[i].before ? values[i].before : "",
               values[i].before ? " -> " : "",
               values[i].after ? (int)values[i].after_len : 4,
               values[i].after ? values[i].after : "NULL",
               values[i].written ? "" : "  (kept: the column is filled only)");
    }
}

static bool try(struct cli *cli, struct error *err)
{
    struct try_watch watch = { record, cli };
    struct try_result r;
    struct work work;
    bool ok = work_open(&work, cli, err) &&
              try_rows(&work.worker, rows, &watch, &r, err);

    if (ok && r.cost >= 0)
        cli_say(cli,
                "%lld asked, %lld good, %lld tokens in, %lld out, "
                "%.4f at the realtime price; nothing was written",
                (long long)r.asked, (long long)r.good,
                (long long)r.input_tokens, (long long)r.output_tokens, r.cost);
    else if (ok)
        cli_say(cli,
                "%lld asked, %lld good, no price known; nothing was "
                "written",
                (long long)r.asked, (long long)r.good);
    if (ok && r.good < r.asked)
        cli->exit = EXIT_SOME_FAILED;
    work_close(&work);
    return ok;
}

const struct cli_command cli_try = {
    .name = "try",
    .group = "Looking",
    .arguments = "",
    .summary = "old and new values of a few records and the cost, nothing "
               "written",
    .text = "Asks the model for a few of the records that wait, at once and "
            "at the realtime price, reads the answers by the same rules as a "
            "batch's, and prints what would change. The records still wait "
            "afterwards.",
    .example = "vitae try --rows 20",
    .options = options,
    .needs = CLI_SETTINGS | CLI_LOG,
    .run = try,
};
