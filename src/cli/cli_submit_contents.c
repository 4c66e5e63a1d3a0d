#include "cli/commands.h"
#include "cli/remote.h"

static const struct cli_option options[] = {
    REMOTE_SUBMIT_OPTIONS,
    { .name = NULL },
};

static bool submit_contents(struct cli *cli, struct error *err)
{
    return remote_submit(cli, cli->arguments[0], true, err);
}

const struct cli_command cli_submit_contents = {
    .name = "submit-contents",
    .group = "Jobs at a server",
    .arguments = "FILE",
    .least = 1,
    .most = 1,
    .summary = "hand ready texts to a vitae serve, print the job's id",
    .text = "FILE is a JSON array of {\"id\", \"title\", \"contents\"}; "
            "nothing is fetched. For addresses: vitae submit FILE.",
    .example = "vitae submit-contents articles.json --name evening --wait",
    .options = options,
    .run = submit_contents,
};
