#include "base/settings.h"

#include <math.h>

#include "base/file.h"
#include "tests/folder.h"
#include "tests/tap.h"

enum { FLAG, NULLED, OFF };

struct provider {
    char *model;
    char *api_key;
    double temperature;
};

struct target {
    char *file;
    char *connection;
    int64_t count;
    int64_t bytes;
    double wait;
    bool on;
    int policy;
    struct provider provider;
};

#define AT(field) offsetof(struct target, field)

static const struct setting_row rows[] = {
    { "log", "file", SETTING_PATH, AT(file), "a.log", NULL, 0, 0, NULL,
      "where the log goes" },
    { "main", "connection", SETTING_CONNECTION, AT(connection), NULL, NULL, 0,
      0, NULL, "how to connect" },
    { "main", "count", SETTING_INTEGER, AT(count), "10", NULL, 1, 1e6,
      "COUNT ANZAHL", "how many" },
    { "main", "bytes", SETTING_SIZE, AT(bytes), "64MiB", NULL, 0, 0, NULL,
      "how large" },
    { "main", "wait", SETTING_SECONDS, AT(wait), "30m", NULL, 0, INFINITY, NULL,
      "how long" },
    { "main", "on", SETTING_BOOL, AT(on), "no", NULL, 0, 0, NULL,
      "whether it runs" },
    { "main", "policy", SETTING_WORD, AT(policy), "null", "flag|null|off", 0, 0,
      NULL, "what to do" },
    { "provider", "model", SETTING_TEXT, AT(provider.model), "m1", NULL, 0, 0,
      NULL, "whom to ask" },
    { "provider", "api_key", SETTING_SECRET, AT(provider.api_key), NULL, NULL,
      0, 0, "TEST_API_KEY", "the key" },
    { "provider", "temperature", SETTING_REAL, AT(provider.temperature), "0.2",
      NULL, 0, 2, NULL, "how free" },
};

static const struct setting_section sections[] = {
    { "main", "What matters." },
};

static const struct settings_schema schema = {
    .rows = rows,
    .count = ARRAY_LEN(rows),
    .sections = sections,
    .section_count = ARRAY_LEN(sections),
    .named_section = "provider",
    .named_offset = AT(provider),
    .named_size = sizeof(struct provider),
};

static struct error err;
static struct target target;
static struct settings *settings;

static void begin(void)
{
    memset(&target, 0, sizeof(target));
    if (!settings_init(&settings, &schema, &target, &err)) {
        tap_note("%s", err.message);
        abort();
    }
}

static void end(void)
{
    settings_release(settings);
    settings = NULL;
}

static bool set(const char *assignment)
{
    return settings_set(settings, assignment, &err);
}

static bool read_text(const char *text)
{
    return settings_read(settings, text, strlen(text), "x.conf", &err);
}

static void defaults_come_first(void)
{
    const char *place = "?";

    begin();
    is_str(target.file, "a.log", "a path");
    ok(!target.connection, "a text without default is NULL");
    is_int(target.count, 10, "a number");
    is_int(target.bytes, 67108864, "a size");
    ok(target.wait == 1800, "a time");
    is_int(target.policy, NULLED, "a word");
    is_str(target.provider.model, "m1", "in the sub-struct");
    is_int(settings_source(settings, "log", "file", &place), SETTING_DEFAULT,
           "its source");
    ok(!place, "and no place");
    end();
}

static const struct {
    const char *name;
    const char *value;
    double want;
    const char *why;
} numbers[] = {
    { "count", "200", 200, "plain" },
    { "count", "10k", 10000, "thousands" },
    { "count", "1M", 1e6, "millions" },
    { "count", "1.5k", 1500, "a fraction that comes out whole" },
    { "bytes", "64 MB", 64e6, "decimal" },
    { "bytes", "64MiB", 67108864, "binary" },
    { "bytes", "512", 512, "bytes" },
    { "bytes", "9007199254740993", 9007199254740993.0, "exact above 2^53" },
    { "bytes", "1e3", 1000, "with an exponent" },
    { "wait", "1800", 1800, "seconds" },
    { "wait", "90s", 90, "seconds by name" },
    { "wait", "30m", 1800, "minutes" },
    { "wait", "24h", 86400, "hours" },
    { "wait", "2 d", 172800, "days" },
    { "wait", "500ms", 0.5, "milliseconds" },
    { "wait", "0", 0, "none" },
    { "on", "YES", 1, "any case" },
    { "on", "off", 0, "a switch" },
    { "policy", "flag", FLAG, "the first word" },
    { "policy", "OFF", OFF, "the last word" },
};

static double number(const char *name)
{
    switch (name[0]) {
    case 'c': return (double)target.count;
    case 'b': return (double)target.bytes;
    case 'w': return target.wait;
    case 'o': return target.on;
    default: return target.policy;
    }
}

static void values_are_understood(void)
{
    char assignment[100];
    size_t i;

    for (i = 0; i < ARRAY_LEN(numbers); i++) {
        begin();
        snprintf(assignment, sizeof(assignment), "main.%s=%s", numbers[i].name,
                 numbers[i].value);
        ok(set(assignment) && number(numbers[i].name) == numbers[i].want,
           "%s: %s", assignment, numbers[i].why);
        end();
    }
}

static const struct {
    const char *assignment;
    const char *message; /* a part of it */
    const char *why;
} refused[] = {
    { "main.count=2x", "main.count: \"2x\" is not a whole number", "a unit" },
    { "main.count=0", "1 to 1000000", "below" },
    { "main.count=2M", "1 to 1000000", "above" },
    { "main.count=1.5", "whole", "a fraction" },
    { "main.count=", "whole", "nothing" },
    { "main.count= ", "whole", "a blank" },
    { "main.count=0x10", "whole", "hexadecimal" },
    { "main.count=1e999", "whole", "too large to be" },
    { "main.bytes=99999999999999999999", "size", "beyond 64 bits" },
    { "main.bytes=10 PB", "size", "an unknown unit" },
    { "main.wait=-1", "at least 0", "negative" },
    { "main.wait=nan", "time", "NaN" },
    { "main.wait=inf", "time", "infinity" },
    { "main.wait=1h30", "time", "two units" },
    { "main.on=maybe", "yes or no", "neither" },
    { "main.policy=nul", "flag, null or off", "half a word" },
    { "main.policy=", "flag, null or off", "no word" },
    { "main.policy=flag|null", "flag, null or off", "two words" },
    { "provider.temperature=hot", "a number, 0 to 2", "no number" },
    { "provider.temperature=2.1", "0 to 2", "too hot" },
    { "main.cuont=1", "did you mean count?", "a typing mistake" },
    { "mian.count=1", "did you mean [main]?", "in the section" },
    { "main.zzzzzz=1", "unknown setting main.zzzzzz", "nothing near" },
    { "count=1", "is not section.key=value", "no section" },
    { "main.count", "is not section.key=value", "no value" },
    { "=", "is not section.key=value", "nothing at all" },
    { "main:x.count=1", "takes no name", "a name where none goes" },
    { "provider.api_key=sk-1", "is a secret", "a key for all to see" },
    { "provider:a/b.model=x", "is not section.key=value", "an odd name" },
};

static void a_refused_value_changes_nothing(void)
{
    struct target before;
    size_t i;

    begin();
    before = target;
    for (i = 0; i < ARRAY_LEN(refused); i++) {
        err.message[0] = '\0';
        err.exit = EXIT_DONE;
        ok(!set(refused[i].assignment), "%s: %s", refused[i].assignment,
           refused[i].why);
        ok(strstr(err.message, refused[i].message), "says \"%s\": %s",
           refused[i].message, err.message);
        is_int(err.exit, EXIT_SETTINGS, "with the exit code of settings");
    }
    ok(memcmp(&before, &target, sizeof(target)) == 0, "nothing has changed");
    ok(!settings_name_at(settings, 0), "no section was made");
    ok(!strstr(err.message, "sk-1"), "no secret in a message");
    end();
}

static void a_file_is_read(void)
{
    const char *place;

    begin();
    ok(read_text("\xef\xbb\xbf# comment\r\n"
                 "; another\r\n"
                 "[main]\r\n"
                 "  count = 20  \r\n"
                 "connection=Driver=SQLite3;Database=x = y # z\n"
                 "[ log ]\n"
                 "file = \" b.log\"\n"
                 "[main]\n"
                 "wait=1h"),
       "BOM, CR LF, blanks, a last line without end");
    is_int(target.count, 20, "a number");
    is_str(target.connection, "Driver=SQLite3;Database=x = y # z",
           "a value goes to the end of its line");
    is_str(target.file, " b.log", "quotes keep blanks");
    ok(target.wait == 3600, "the last line counts");
    is_int(settings_source(settings, "main", "wait", &place), SETTING_FILE,
           "its source");
    is_str(place, "x.conf:9", "its place");
    ok(read_text("[log]\nfile=\n"), "an empty text");
    ok(!target.file, "is none");
    ok(read_text("[log]\nfile=\"a\" = \"b\"\n"), "quotes inside");
    is_str(target.file, "\"a\" = \"b\"", "belong to the value");
    ok(read_text(""), "an empty file is fine");
    end();
}

static const struct {
    const char *text;
    size_t len; /* 0 = strlen */
    const char *message;
    const char *why;
} bad_files[] = {
    { "count=1\n", 0, "x.conf:1: a setting before any [section]",
      "no section" },
    { "[main]\ncount\n", 0, "x.conf:2: ", "no equals sign" },
    { "[main]\ncount=1\ncuont=2\n", 0, "x.conf:3: unknown setting main.cuont",
      "an unknown name" },
    { "[mian]\n", 0, "did you mean [main]", "an unknown section" },
    { "[main\ncount=1\n", 0, "x.conf:1: a section looks like", "half open" },
    { "[]\n", 0, "no name of a section", "no name" },
    { "[main x]\n", 0, "takes no name", "a name too many" },
    { "[provider a b]\n", 0, "no name of a section", "two names" },
    { "[main]\ncount=x\n", 0, "x.conf:2: main.count: \"x\" is not",
      "a bad value" },
    { "[main]\0count=1\n", 15, "x.conf:1: a NUL byte", "a NUL" },
    { "[main]\nconnection=\xff\xfe\n", 0, "x.conf:2: not UTF-8", "UTF-16" },
    { "[provider]\napi_key=sk-1\n", 0, "api_key_file=", "a key in the file" },
    { "=\n", 0, "before any", "an equals sign" },
    { "[main]\n=1\n", 0, "unknown setting", "no name" },
};

static void a_bad_file_is_refused_by_line(void)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(bad_files); i++) {
        size_t len =
            bad_files[i].len ? bad_files[i].len : strlen(bad_files[i].text);

        begin();
        ok(!settings_read(settings, bad_files[i].text, len, "x.conf", &err),
           "%s", bad_files[i].why);
        ok(strstr(err.message, bad_files[i].message), "says \"%s\": %s",
           bad_files[i].message, err.message);
        ok(!strstr(err.message, "sk-1"), "and no secret");
        end();
    }
}

static void a_huge_file_is_refused(void)
{
    size_t len = 10 * MIB;
    char *text = malloc(len);

    begin();
    memset(text, 'x', len);
    ok(!settings_read(settings, text, len, "x.conf", &err), "10 MB of text");
    ok(strstr(err.message, "too large"), "says so: %s", err.message);
    ok(file_write("big.conf", text, len, &err), "written to a file");
    ok(!settings_read_file(settings, "big.conf", &err), "10 MB of file");
    ok(strstr(err.message, "big.conf is too large"), "says so: %s",
       err.message);
    /* A line of a megabyte is long, not wrong by itself. */
    memcpy(text, "[log]\nfile=", 11);
    ok(settings_read(settings, text, MIB, "x.conf", &err), "a long line");
    is_int(strlen(target.file), MIB - 11, "is taken whole");
    ok(!settings_read_file(settings, "absent.conf", &err), "no file");
    ok(strstr(err.message, "absent.conf"), "is named: %s", err.message);
    end();
    free(text);
}

static void the_later_source_wins(void)
{
    const char *place;

    begin();
    ok(set("main.count=3"), "the command line");
    setenv("VITAE_MAIN_COUNT", "2", 1);
    setenv("COUNT", "4", 1);
    setenv("VITAE_LOG_FILE", "env.log", 1);
    ok(settings_environment(settings, &err), "then the environment");
    ok(read_text("[main]\ncount=1\n[log]\nfile=file.log\n"), "then the file");
    is_int(target.count, 3, "the command line wins, whatever the order");
    is_str(target.file, "env.log", "the environment beats the file");
    is_int(settings_source(settings, "log", "file", &place),
           SETTING_ENVIRONMENT, "its source");
    is_str(place, "VITAE_LOG_FILE", "its place");
    ok(!read_text("[main]\ncount=x\n"), "an overruled value is still checked");
    ok(set("main.count=5") && target.count == 5, "the later --set wins");
    end();
}

static void aliases_of_the_environment_work(void)
{
    const char *place;

    begin();
    unsetenv("VITAE_MAIN_COUNT");
    setenv("COUNT", "", 1);
    setenv("ANZAHL", "7", 1);
    setenv("TEST_API_KEY", "sk-2", 1);
    ok(settings_environment(settings, &err), "read");
    is_int(target.count, 7, "an empty variable is none, the next alias counts");
    settings_source(settings, "main", "count", &place);
    is_str(place, "ANZAHL", "and is named");
    is_str(target.provider.api_key, "sk-2", "secrets may come from here");
    end();
    begin();
    setenv("VITAE_MAIN_COUNT", "many", 1);
    ok(!settings_environment(settings, &err), "a bad value is refused");
    ok(strstr(err.message, "VITAE_MAIN_COUNT"), "by name: %s", err.message);
    unsetenv("VITAE_MAIN_COUNT");
    end();
}

static void named_sections_have_structs_of_their_own(void)
{
    struct provider *fast;

    begin();
    setenv("VITAE_PROVIDER_FAST_TEMPERATURE", "0.7", 1);
    ok(settings_environment(settings, &err), "the environment first");
    ok(read_text("[provider]\nmodel=m2\n[provider fast]\nmodel=m3\n"
                 "[provider  slow]\n[provider fast]\n"),
       "three sections");
    fast = settings_named(settings, "fast");
    is_str(target.provider.model, "m2", "the unnamed one");
    ok(fast, "the named one is there");
    is_str(fast->model, "m3", "with its own value");
    ok(fast->temperature == 0.7, "and its own variable");
    is_str(((struct provider *)settings_named(settings, "slow"))->model, "m1",
           "another begins from the defaults");
    ok(!settings_named(settings, "none"), "an unknown name is none");
    ok(!settings_named(settings, ""), "nor is no name");
    is_str(settings_name_at(settings, 0), "fast", "in order");
    is_str(settings_name_at(settings, 1), "slow", "of appearance");
    ok(!settings_name_at(settings, 2), "once each");
    ok(set("provider:fast.model=m4"), "set by name");
    is_str(fast->model, "m4", "reaches it");
    is_int(settings_source(settings, "provider:fast", "model", NULL),
           SETTING_COMMAND_LINE, "with its source");
    ok(settings_put(settings, "provider:fast", "api_key", "sk-3", SETTING_FILE,
                    "key.txt", &err),
       "a secret put by the program");
    is_str(fast->api_key, "sk-3", "is taken");
    unsetenv("VITAE_PROVIDER_FAST_TEMPERATURE");
    end();
}

static void too_many_sections_are_refused(void)
{
    char line[100];
    int made = 0;
    int i;

    begin();
    for (i = 0; i < 1000; i++) {
        snprintf(line, sizeof(line), "[provider p%d]\n", i);
        made += read_text(line);
    }
    is_int(made, 64, "64 and no more");
    end();
}

static void printing_shows_sources_and_no_secrets(void)
{
    struct strbuf out;

    begin();
    strbuf_init(&out, MIB);
    ok(read_text("[main]\nconnection=Driver={Free;TDS};UID=u; pwd = {p}};w}"
                 ";Password=geheim;Server=s\ncount=3\n") &&
           settings_put(settings, "provider", "api_key", "sk-4", SETTING_FILE,
                        "key.txt", &err),
       "set");
    settings_print(settings, false, &out);
    ok(strstr(out.data, "main.count = 3  # x.conf:3\n"), "value and place");
    ok(strstr(out.data, "main.wait = 1800  # default\n"), "a default");
    ok(strstr(out.data, "provider.api_key = (set)  # key.txt\n"), "a secret");
    ok(!strstr(out.data, "sk-4"), "is not shown");
    ok(strstr(out.data, "connection = Driver={Free;TDS};UID=u; pwd =(set);"
                        "Password=(set);Server=s  #"),
       "nor the passwords of a connection");
    ok(strstr(out.data, "log.file = a.log  # default\n"), "a path");
    strbuf_clear(&out);
    settings_print(settings, true, &out);
    ok(strstr(out.data, "\"main.count\":{\"value\":\"3\",\"source\":\"file\","),
       "as JSON");
    ok(!strstr(out.data, "sk-4") && !strstr(out.data, "geheim"),
       "without secrets too");
    strbuf_release(&out);
    end();
}

static void the_example_holds_every_row_but_secrets(void)
{
    struct strbuf out;
    struct strbuf live;
    size_t i;

    begin();
    strbuf_init(&out, MIB);
    strbuf_init(&live, MIB);
    settings_example(&schema, &out);
    ok(strstr(out.data, "# What matters.\n[main]\n"), "the section's help");
    ok(strstr(out.data, "# How many (a whole number, 1 to 1000000).\n"
                        "#count = 10\n"),
       "a row's help, type, bounds and default");
    ok(!strstr(out.data, "api_key"), "no secret");
    ok(read_text(out.data), "it reads as it is");
    /* and with every comment sign taken off the settings */
    for (i = 0; i < out.len; i++)
        if (!(out.data[i] == '#' && out.data[i + 1] != ' '))
            strbuf_addc(&live, out.data[i]);
    ok(read_text(live.data), "the defaults it names are accepted");
    is_int(settings_source(settings, "main", "wait", NULL), SETTING_FILE,
           "as settings of a file");
    strbuf_release(&out);
    strbuf_release(&live);
    end();
}

int main(void)
{
    folder_enter();
    defaults_come_first();
    values_are_understood();
    a_refused_value_changes_nothing();
    a_file_is_read();
    a_bad_file_is_refused_by_line();
    a_huge_file_is_refused();
    the_later_source_wins();
    aliases_of_the_environment_work();
    named_sections_have_structs_of_their_own();
    too_many_sections_are_refused();
    printing_shows_sources_and_no_secrets();
    the_example_holds_every_row_but_secrets();
    return tap_done();
}
