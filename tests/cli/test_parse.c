#include "cli/parse.h"

#include "tests/tap.h"

static bool all;
static int64_t rows;
static char *where;

static const struct cli_option list_options[] = {
    { .name = "all", .help = "every one", .value = &all },
    { .name = "rows",
      .argument = "N",
      .help = "how many",
      .type = SETTING_INTEGER,
      .value = &rows,
      .min = 1,
      .max = 100 },
    { .name = "where",
      .argument = "SQL",
      .help = "which",
      .type = SETTING_TEXT,
      .value = &where },
    { .name = NULL },
};

static const struct cli_option submit_options[] = {
    { .name = "batch-size",
      .argument = "N",
      .help = "how many",
      .setting = "batch.batch_size" },
    { .name = NULL },
};

static const struct cli_command list = {
    .name = "list", .arguments = "[ID]", .most = 1, .options = list_options
};
static const struct cli_command help = {
    .name = "help", .arguments = "[COMMAND]", .most = 1, .needs = CLI_FLAGS
};
static const struct cli_command submit = { .name = "--submit",
                                           .arguments = "",
                                           .options = submit_options };
static const struct cli_command check = {
    .name = "--check-batch", .arguments = "ID|all", .least = 1, .most = 1
};
static const struct cli_command run = {
    .name = "run", .arguments = "FILE...", .least = 1, .most = -1
};

static const struct cli_command *const commands[] = {
    &list, &help, &submit, &check, &run, NULL,
};

/* Words are parted by one blank. */
static bool parse(const char *line, struct cli_call *call, struct error *err)
{
    static char text[500];
    char *argv[40];
    int argc = 0;
    char *at = text;

    all = false;
    rows = 0;
    snprintf(text, sizeof(text), "%s", line);
    while (argc < 39 && at) {
        argv[argc++] = at;
        at = strchr(at, ' ');
        if (at)
            *at++ = '\0';
    }
    argv[argc] = NULL;
    return cli_parse(commands, argc, argv, call, err);
}

/* The call as one line: what a case compares. */
static const char *shape(const struct cli_call *call)
{
    static char out[1000];
    size_t n = 0;
    size_t i;

    n += (size_t)snprintf(out, sizeof(out), "%s",
                          call->command ? call->command->name : "none");
    for (i = 0; i < call->argument_count; i++)
        n += (size_t)snprintf(out + n, sizeof(out) - n, " <%s>",
                              call->arguments[i]);
    for (i = 0; i < call->set_count; i++)
        n += (size_t)snprintf(
            out + n, sizeof(out) - n, " %s:%s=%s", call->sets[i].option,
            call->sets[i].setting ? call->sets[i].setting : "",
            call->sets[i].value);
    snprintf(out + n, sizeof(out) - n, "%s%s%s%s%s%s%s%s",
             call->json ? " j" : "", call->quiet ? " q" : "",
             call->help ? " h" : "", call->version ? " v" : "",
             call->config ? " c=" : "", call->config ? call->config : "",
             call->provider ? " p=" : "", call->provider ? call->provider : "");
    return out;
}

static const struct {
    const char *line;
    const char *want;
    const char *why;
} good[] = {
    { "vitae", "none", "nothing at all" },
    { "vitae list", "list", "a command" },
    { "vitae list b1", "list <b1>", "with an argument" },
    { "vitae --json list b1 -q", "list <b1> j q", "options on both sides" },
    { "vitae --config x.conf list", "list c=x.conf", "a value is no command" },
    { "vitae --config=x.conf list", "list c=x.conf", "with an equals sign" },
    { "vitae --config list list", "list c=list", "a value like a command" },
    { "vitae list --provider fast", "list p=fast", "a provider" },
    { "vitae --set a.b=1 list --set c.d=2=3", "list set:=a.b=1 set:=c.d=2=3",
      "settings in order" },
    { "vitae --rows 5 list", "list", "a command's option before it" },
    { "vitae list -- --all", "list <--all>", "no options after --" },
    { "vitae run - a", "run <-> <a>", "a dash alone is an argument" },
    { "vitae --submit", "--submit", "a flag" },
    { "vitae --submit --batch-size 500",
      "--submit batch-size:batch.batch_size="
      "500",
      "with its option" },
    { "vitae --batch-size=500 --submit",
      "--submit batch-size:batch.batch_size=500", "behind its option" },
    { "vitae --check-batch all", "--check-batch <all>", "a flag's argument" },
    { "vitae --check-batch=all", "--check-batch <all>", "with an equals sign" },
    { "vitae --json --check-batch b1 --quiet", "--check-batch <b1> j q",
      "amid others" },
    { "vitae submit", "--submit", "a flag without its dashes" },
    { "vitae --help", "none h", "help" },
    { "vitae --check-batch --help", "--check-batch h",
      "help needs no arguments" },
    { "vitae help --submit", "help <--submit>", "help about a flag" },
    { "vitae help submit", "help <submit>", "the same without dashes" },
    { "vitae -V", "none v", "a letter" },
};

static void lines_are_taken_apart(void)
{
    struct cli_call call;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(good); i++) {
        err.message[0] = '\0';
        ok(parse(good[i].line, &call, &err), "%s: %s", good[i].line,
           good[i].why);
        is_str(shape(&call), good[i].want, "%s", err.message);
        cli_call_release(&call);
    }
}

static const struct {
    const char *line;
    const char *message;
    const char *why;
} bad[] = {
    { "vitae lst", "unknown command \"lst\"; did you mean list?", "a mistake" },
    { "vitae sumbit", "did you mean --submit?", "a mistake in a flag" },
    { "vitae frobnicate", "vitae help lists them", "nothing near" },
    { "vitae list --al", "unknown option --al; did you mean --all?",
      "an option" },
    { "vitae list --jsno", "did you mean --json?", "a global one" },
    { "vitae list --frobnicate", "vitae help list lists them", "nothing near" },
    { "vitae list --batch-size 5", "unknown option --batch-size",
      "another command's option" },
    { "vitae --frobnicate", "unknown option --frobnicate", "no command" },
    { "vitae list -x", "unknown option", "a letter" },
    { "vitae list --rows", "--rows needs a value: --rows N", "no value" },
    { "vitae list --rows x", "--rows: \"x\" is not a whole number, 1 to 100",
      "no number" },
    { "vitae list --rows=101", "1 to 100", "too many" },
    { "vitae list --all=yes", "--all takes no value", "a switch" },
    { "vitae list a b", "\"b\" is one argument too many", "too many" },
    { "vitae run", "run needs an argument: vitae run FILE...", "too few" },
    { "vitae --check-batch", "needs an argument", "too few for a flag" },
    { "vitae --submit --check-batch x", "one at a time", "two flags" },
    { "vitae list --submit", "one at a time", "a command and a flag" },
    { "vitae --submit list", "one at a time", "the other way" },
};

static void mistakes_are_named(void)
{
    struct cli_call call;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(bad); i++) {
        memset(&err, 0, sizeof(err));
        ok(!parse(bad[i].line, &call, &err), "%s: %s", bad[i].line, bad[i].why);
        ok(strstr(err.message, bad[i].message), "says \"%s\": %s",
           bad[i].message, err.message);
        is_int(err.exit, EXIT_USAGE, "as a usage error");
        cli_call_release(&call);
    }
}

static void options_reach_their_variables(void)
{
    struct cli_call call;
    struct error err;

    ok(parse("vitae list --rows 7 --all --where a=b", &call, &err), "parsed");
    is_int(rows, 7, "a number");
    ok(all, "a switch");
    is_str(where, "a=b", "a text");
    cli_call_release(&call);
    free(where);
}

int main(void)
{
    lines_are_taken_apart();
    mistakes_are_named();
    options_reach_their_variables();
    return tap_done();
}
