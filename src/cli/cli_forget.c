#include "base/jsonw.h"
#include "batch/forget.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/work.h"

/* The receipt is for whoever asked for the removal: always JSON. */
static void print_receipt(const struct work *work, const char *userid,
                          const struct forget_receipt *r)
{
    char at[CLOCK_TEXT];
    struct strbuf out;
    struct jsonw w;

    clock_text(work->worker.clock->now(work->worker.clock), at);
    strbuf_init(&out, 16 * KIB);
    jsonw_init(&w, &out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "forgotten", userid);
    jsonw_text(&w, "at", at);
    jsonw_integer(&w, "batches", r->batches);
    jsonw_integer(&w, "lines_removed", r->lines);
    jsonw_integer(&w, "old_values_removed", r->old_values);
    jsonw_integer(&w, "items_removed", r->items);
    jsonw_integer(&w, "provider_files_removed", r->provider_files);
    jsonw_integer(&w, "provider_files_left", r->provider_files_left);
    jsonw_end_object(&w);
    puts(out.data);
    strbuf_release(&out);
}

static bool forget(struct cli *cli, struct error *err)
{
    struct forget_receipt receipt;
    struct work work;
    bool ok = work_open(&work, cli, err) &&
              report_find_record(work.worker.db, cli->arguments[0], err) &&
              forget_person(&work.worker, cli->arguments[0], &receipt, err);

    if (ok) {
        print_receipt(&work, cli->arguments[0], &receipt);
        cli_say(cli,
                "the record in %s itself is yours to remove: while it "
                "waits there, a worker sends it again",
                cli->values->source.table);
        if (receipt.provider_files_left)
            cli->exit = EXIT_SOME_FAILED;
    }
    work_close(&work);
    return ok;
}

const struct cli_command cli_forget = {
    .name = "forget",
    .group = "Correcting",
    .arguments = "USERID",
    .least = 1,
    .most = 1,
    .summary = "remove a person from everything that vitae keeps",
    .text = "From request and answer files in the spool, old values, items "
            "and the provider's files. A receipt goes to standard output. "
            "Your own table is not touched. Refused while a batch that has "
            "the record is open.",
    .example = "vitae forget 4711 > receipt-4711.json",
    .options = NULL,
    .needs = CLI_SETTINGS | CLI_LOG,
    .run = forget,
};
