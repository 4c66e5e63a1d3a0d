#include "cli/parse.h"

#include "base/nearest.h"
#include "base/setting_value.h"

/* Where the global options land; copied into the call. */
static struct {
    bool help;
    bool version;
    bool json;
    bool quiet;
    char *config;
    char *provider;
} globals;

#define ANY_SETTING "*" /* the argument is "section.key=value" itself */

const struct cli_option cli_global_options[] = {
    { .name = "config",
      .argument = "FILE",
      .help = "read settings from FILE",
      .type = SETTING_PATH,
      .value = &globals.config },
    { .name = "set",
      .argument = "SECTION.KEY=VALUE",
      .help = "override one setting; may be repeated",
      .setting = ANY_SETTING },
    { .name = "provider",
      .argument = "NAME",
      .help = "use the section [provider NAME] of the settings",
      .type = SETTING_TEXT,
      .value = &globals.provider },
    { .name = "json",
      .help = "print for programs: JSON",
      .value = &globals.json },
    { .name = "quiet",
      .help = "no progress and no remarks",
      .value = &globals.quiet },
    { .name = "help", .help = "explain the command", .value = &globals.help },
    { .name = "version",
      .help = "print the version",
      .value = &globals.version },
    { .name = NULL },
};

static const struct {
    const char *letter;
    const char *option;
} short_names[] = {
    { "-h", "--help" },
    { "-q", "--quiet" },
    { "-V", "--version" },
};

/* One word of the command line. */
struct word {
    const char *name;  /* of an option, after the dashes */
    size_t len;        /* of name, up to "=" */
    const char *value; /* after "=", or NULL */
};

static bool is_option(const char *arg)
{
    return arg[0] == '-' && arg[1] != '\0';
}

static struct word take_apart(const char *arg)
{
    struct word w = { .name = arg, .len = 0, .value = NULL };
    size_t i;

    for (i = 0; i < ARRAY_LEN(short_names); i++)
        if (strcmp(arg, short_names[i].letter) == 0)
            w.name = short_names[i].option;
    w.name += strspn(w.name, "-") < 2 ? 1 : 2;
    w.len = strcspn(w.name, "=");
    if (w.name[w.len] == '=')
        w.value = w.name + w.len + 1;
    return w;
}

static bool is_named(const struct word *w, const char *name)
{
    return strlen(name) == w->len && memcmp(name, w->name, w->len) == 0;
}

static const struct cli_option *find_in(const struct cli_option *options,
                                        const struct word *w)
{
    for (; options && options->name; options++)
        if (is_named(w, options->name))
            return options;
    return NULL;
}

/* Any command's option of that name: tells whether a value follows while
 * the command is not known yet. */
static const struct cli_option *find_anywhere(
    const struct cli_command *const *commands, const struct word *w)
{
    const struct cli_option *found = find_in(cli_global_options, w);

    for (; !found && *commands; commands++)
        found = find_in((*commands)->options, w);
    return found;
}

static bool is_flag_command(const struct cli_command *command)
{
    return command->name[0] == '-';
}

static const struct cli_command *find_flag(
    const struct cli_command *const *commands, const struct word *w)
{
    for (; *commands; commands++)
        if (is_flag_command(*commands) && is_named(w, (*commands)->name + 2))
            return *commands;
    return NULL;
}

static const char *bare(const char *name)
{
    return name + strspn(name, "-");
}

static bool unknown_command(const struct cli_command *const *commands,
                            const char *name, struct error *err)
{
    struct nearest near = nearest_to(bare(name));
    const struct cli_command *const *c;

    for (c = commands; *c; c++)
        nearest_offer(&near, bare((*c)->name));
    for (c = commands; *c && nearest_found(&near); c++)
        if (strcmp(bare((*c)->name), nearest_found(&near)) == 0)
            return cli_usage(err, "unknown command \"%.80s\"; did you mean %s?",
                             name, (*c)->name);
    return cli_usage(err, "unknown command \"%.80s\"; vitae help lists them",
                     name);
}

const struct cli_command *cli_find_command(
    const struct cli_command *const *commands, const char *name,
    struct error *err)
{
    const struct cli_command *const *c;

    for (c = commands; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    for (c = commands; *c; c++)
        if (strcmp(bare((*c)->name), name) == 0)
            return *c;
    unknown_command(commands, name, err);
    return NULL;
}

/* What the command line's first look finds. */
struct glance {
    const char *first;                /* the first word without dashes */
    int at;                           /* its place in argv */
    const struct cli_command *flag;   /* --submit and its like */
    const struct cli_command *second; /* another one of them */
};

static void look_over(const struct cli_command *const *commands, int argc,
                      char **argv, struct glance *g)
{
    int i;

    memset(g, 0, sizeof(*g));
    for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const struct cli_command *flag;
        const struct cli_option *option;
        struct word w;

        if (!is_option(argv[i])) {
            if (!g->first) {
                g->first = argv[i];
                g->at = i;
            }
            continue;
        }
        w = take_apart(argv[i]);
        flag = find_flag(commands, &w);
        if (flag && g->flag && flag != g->flag)
            g->second = flag;
        else if (flag)
            g->flag = flag;
        option = find_anywhere(commands, &w);
        if (option && option->argument && !w.value)
            i++;
    }
}

static const struct cli_command *find_exactly(
    const struct cli_command *const *commands, const char *name)
{
    for (; name && *commands; commands++)
        if (strcmp((*commands)->name, name) == 0)
            return *commands;
    return NULL;
}

/* Which command is it, and at which place of argv does its name stand?
 * *at = 0: nowhere. */
static bool find_command(const struct cli_command *const *commands, int argc,
                         char **argv, const struct cli_command **command,
                         int *at, struct error *err)
{
    struct glance g;

    look_over(commands, argc, argv, &g);
    *command = find_exactly(commands, g.first);
    *at = g.at;
    if (g.flag && *command && (*command)->needs & CLI_FLAGS)
        return true;
    if (g.flag && *command)
        g.second = *command;
    if (g.flag && g.second)
        return cli_usage(err, "%s and %s: one at a time", g.flag->name,
                         g.second->name);
    if (g.flag) {
        *command = g.flag;
        *at = 0;
        return true;
    }
    if (!*command && g.first) {
        *command = cli_find_command(commands, g.first, err);
        return *command != NULL;
    }
    return true;
}

static bool add_argument(struct cli_call *call, const char *arg)
{
    const char **bigger =
        realloc(call->arguments, (call->argument_count + 1) * sizeof(*bigger));

    if (!bigger)
        return false;
    call->arguments = bigger;
    call->arguments[call->argument_count++] = arg;
    return true;
}

static bool add_set(struct cli_call *call, const char *option,
                    const char *setting, const char *value)
{
    struct cli_set *bigger =
        realloc(call->sets, (call->set_count + 1) * sizeof(*bigger));

    if (!bigger)
        return false;
    call->sets = bigger;
    call->sets[call->set_count].option = option;
    call->sets[call->set_count].setting =
        strcmp(setting, ANY_SETTING) == 0 ? NULL : setting;
    call->sets[call->set_count].value = value;
    call->set_count++;
    return true;
}

static bool unknown_option(const struct cli_command *command,
                           const struct word *w, struct error *err)
{
    char typed[80];
    struct nearest near;
    const struct cli_option *o;

    snprintf(typed, sizeof(typed), "%.*s", (int)w->len, w->name);
    near = nearest_to(typed);
    for (o = command ? command->options : NULL; o && o->name; o++)
        nearest_offer(&near, o->name);
    for (o = cli_global_options; o->name; o++)
        nearest_offer(&near, o->name);
    if (nearest_found(&near))
        return cli_usage(err, "unknown option --%s; did you mean --%s?", typed,
                         nearest_found(&near));
    return cli_usage(err, "unknown option --%s; vitae help%s%s lists them",
                     typed, command ? " " : "",
                     command ? bare(command->name) : "");
}

/* "--batch-size" without an allocation: the row's name stands in for it in
 * messages. */
static bool store_option(const struct cli_option *option, const char *value,
                         struct cli_call *call, struct error *err)
{
    struct setting_row row = {
        .section = "",
        .name = option->name,
        .type = option->type,
        .choices = option->choices,
        .min = option->min,
        .max = option->max,
    };

    if (option->setting) {
        if (!add_set(call, option->name, option->setting, value))
            return error_memory(err);
        return true;
    }
    if (setting_store(&row, value, option->value, err))
        return true;
    error_context(err, "--%s", option->name);
    err->exit = EXIT_USAGE;
    return false;
}

/* The flag that names the command, "--check-batch=ID" too. */
static bool is_own_flag(const struct cli_command *command, const char *arg)
{
    struct word w = take_apart(arg);

    return command && is_flag_command(command) &&
           is_named(&w, command->name + 2);
}

static bool take_own_flag(const char *arg, struct cli_call *call,
                          struct error *err)
{
    struct word w = take_apart(arg);

    return !w.value || add_argument(call, w.value) ? true : error_memory(err);
}

/* One option; *i moves past a value of its own. */
static bool take_option(const struct cli_command *command, int argc,
                        char **argv, int *i, struct cli_call *call,
                        struct error *err)
{
    struct word w = take_apart(argv[*i]);
    const struct cli_option *option =
        command ? find_in(command->options, &w) : NULL;

    if (!option)
        option = find_in(cli_global_options, &w);
    if (!option)
        return unknown_option(command, &w, err);
    if (!option->argument) {
        if (w.value)
            return cli_usage(err, "--%s takes no value", option->name);
        if (option->setting)
            return store_option(option, "yes", call, err);
        *(bool *)option->value = true;
        return true;
    }
    if (!w.value && ++*i < argc)
        w.value = argv[*i];
    if (!w.value)
        return cli_usage(err, "--%s needs a value: --%s %s", option->name,
                         option->name, option->argument);
    return store_option(option, w.value, call, err);
}

static bool take_word(const struct cli_command *const *commands, int argc,
                      char **argv, int *i, struct cli_call *call,
                      struct error *err)
{
    struct word w;

    if (is_own_flag(call->command, argv[*i]))
        return take_own_flag(argv[*i], call, err);
    if (is_option(argv[*i])) {
        w = take_apart(argv[*i]);
        if (!call->command || !(call->command->needs & CLI_FLAGS) ||
            !find_flag(commands, &w))
            return take_option(call->command, argc, argv, i, call, err);
    }
    return add_argument(call, argv[*i]) ? true : error_memory(err);
}

static bool take_words(const struct cli_command *const *commands, int at,
                       int argc, char **argv, struct cli_call *call,
                       struct error *err)
{
    int i;

    for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (i != at && !take_word(commands, argc, argv, &i, call, err))
            return false;
    for (i++; i < argc; i++)
        if (!add_argument(call, argv[i]))
            return error_memory(err);
    return true;
}

static bool count_arguments(const struct cli_call *call, struct error *err)
{
    const struct cli_command *c = call->command;
    size_t n = call->argument_count;

    if (!c || call->help)
        return true;
    if (n < (size_t)c->least)
        return cli_usage(err, "%s needs %s: vitae %s %s", c->name,
                         c->least == 1 ? "an argument" : "more arguments",
                         c->name, c->arguments);
    if (c->most >= 0 && n > (size_t)c->most)
        return cli_usage(err, "%s: \"%.80s\" is one argument too many", c->name,
                         call->arguments[c->most]);
    return true;
}

static void copy_globals(struct cli_call *call)
{
    call->help = globals.help;
    call->version = globals.version;
    call->json = globals.json;
    call->quiet = globals.quiet;
    call->config = globals.config;
    call->provider = globals.provider;
}

bool cli_parse(const struct cli_command *const *commands, int argc, char **argv,
               struct cli_call *call, struct error *err)
{
    int at;

    memset(call, 0, sizeof(*call));
    free(globals.config);
    free(globals.provider);
    memset(&globals, 0, sizeof(globals));
    if (!find_command(commands, argc, argv, &call->command, &at, err) ||
        !take_words(commands, at, argc, argv, call, err))
        return false;
    copy_globals(call);
    return count_arguments(call, err);
}

void cli_call_release(struct cli_call *call)
{
    free(call->arguments);
    free(call->sets);
    memset(call, 0, sizeof(*call));
}
