#include "base/jsonw.h"
#include "batch/adopt.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/work.h"

static void print_json(const struct adopt_report *r, const char *site)
{
    struct strbuf out;
    struct jsonw w;

    strbuf_init(&out, 4 * KIB);
    jsonw_init(&w, &out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "site", site);
    jsonw_bool(&w, "listed", r->listed);
    jsonw_integer(&w, "batches", r->batches);
    jsonw_integer(&w, "records", r->records);
    jsonw_integer(&w, "others", r->others);
    jsonw_integer(&w, "waiting", r->sealed);
    jsonw_integer(&w, "unseen", r->unseen);
    jsonw_end_object(&w);
    puts(out.data);
    strbuf_release(&out);
}

static void print_text(const struct cli *cli, const struct adopt_report *r,
                       const char *site)
{
    if (!r->listed)
        cli_say(cli, "this provider has no list of its batches: only what the "
                     "spool holds can be known again");
    printf("%lld batches adopted, %lld of their records; %lld of others left "
           "alone (site %s)\n",
           (long long)r->batches, (long long)r->records, (long long)r->others,
           site);
    if (r->sealed)
        cli_say(cli,
                "%lld of this site can't be seen into before they have ended "
                "(%s): nothing is claimed until then",
                (long long)r->sealed, r->waits);
    if (r->unseen)
        cli_say(cli,
                "%lld run whose they are can't be seen yet (%s); after a "
                "restore, adopt again when they have ended, before anything "
                "is submitted",
                (long long)r->unseen, r->waits);
}

static bool adopt(struct cli *cli, struct error *err)
{
    struct adopt_report r = { .batches = 0 };
    struct work work;
    bool ok =
        work_open(&work, cli, err) && adopt_look(&work.worker, true, &r, err);

    if (ok && cli->json)
        print_json(&r, work.worker.site);
    else if (ok)
        print_text(cli, &r, work.worker.site);
    if (ok && (r.sealed || r.unseen))
        cli->exit = EXIT_RUNNING;
    work_close(&work);
    return ok;
}

const struct cli_command cli_adopt = {
    .name = "adopt",
    .group = "Working",
    .arguments = "",
    .summary = "take up batches that only the provider knows, after a restore",
    .text = "After a restore, or a failover that lost transactions, the "
            "provider may hold batches whose rows are gone. Each has this "
            "site's digits at the end of its key (batch.site), so that they "
            "are found in the account's list and taken up: their records are "
            "claimed again, and the answers written by --check-batch or "
            "--continuous, once. --submit and --continuous do so by "
            "themselves before they claim anything; this command says what "
            "there is. Exit code 10 while a batch runs that can't be seen "
            "into before it has ended (Anthropic; Gemini where the spool is "
            "gone): wait for it before anything is submitted. All sections "
            "of the settings are asked.",
    .example = "vitae adopt && systemctl start vitae",
    .needs = CLI_SETTINGS | CLI_LOG,
    .run = adopt,
};
