/*
 * run_ask.c -- questions for a person at a terminal, and typed prompts.
 * Everything that is asked here can be said by a flag.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/run.h"

#define LINE_MOST (1 * MIB)

bool ask_is_possible(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* A line without its end; false: no more. */
static bool read_line(struct strbuf *line)
{
    int c = EOF;

    strbuf_clear(line);
    while (!cli_stop && (c = getchar()) != EOF && c != '\n')
        strbuf_addc(line, (char)c);
    if (line->len && line->data[line->len - 1] == '\r')
        strbuf_cut(line, line->len - 1);
    return !cli_stop && (c != EOF || line->len);
}

static bool ask(const char *question, struct strbuf *line)
{
    fprintf(stderr, "%s", question);
    fflush(stderr);
    return read_line(line);
}

static bool ask_file(struct run_answers *a, struct strbuf *line)
{
    while (ask("File: ", line)) {
        if (!line->len)
            return true;
        if (file_exists(line->data)) {
            a->input = strdup(line->data);
            return a->input != NULL;
        }
        fprintf(stderr, "There is no file %s.\n", line->data);
    }
    return false;
}

bool ask_what(struct run_answers *a)
{
    struct strbuf line;
    bool ok = true;

    memset(a, 0, sizeof(*a));
    strbuf_init(&line, LINE_MOST);
    while (ok && !a->input && !a->prompts && !a->resume && !a->list &&
           !a->leave) {
        ok = ask("1  prompts, CSV or requests from a file\n"
                 "2  type prompts\n"
                 "3  go on with a job\n"
                 "4  list jobs\n"
                 "5  leave\n"
                 "Choose 1 to 5: ",
                 &line);
        if (!ok)
            break;
        a->prompts = strcmp(line.data, "2") == 0;
        a->list = strcmp(line.data, "4") == 0;
        a->leave = strcmp(line.data, "5") == 0;
        if (strcmp(line.data, "1") == 0)
            ok = ask_file(a, &line);
        if (strcmp(line.data, "3") == 0) {
            ok = ask_file(a, &line);
            a->resume = a->input != NULL;
        }
    }
    strbuf_release(&line);
    return ok;
}

const char *ask_model(char (*names)[128], size_t count)
{
    const char *chosen = NULL;
    struct strbuf line;
    char *end;
    size_t i;
    unsigned long n;

    strbuf_init(&line, LINE_MOST);
    for (i = 0; i < count; i++)
        fprintf(stderr, "%zu  %s\n", i + 1, names[i]);
    while (!chosen && ask("Model (number or name): ", &line)) {
        n = strtoul(line.data, &end, 10);
        if (line.len && !*end && n >= 1 && n <= count)
            chosen = names[n - 1];
        for (i = 0; i < count && !chosen; i++)
            if (strcmp(names[i], line.data) == 0)
                chosen = names[i];
    }
    strbuf_release(&line);
    return chosen;
}

bool ask_strategy(char *out)
{
    struct run_strategy s;
    struct strbuf line;
    struct error err;
    bool ok;

    strbuf_init(&line, LINE_MOST);
    while ((ok = ask("When a record fails -- continue, stop or threshold:N "
                     "[continue]: ",
                     &line))) {
        snprintf(out, RUN_STRATEGY, "%s", line.len ? line.data : "continue");
        if (run_strategy(out, &s, &err))
            break;
        fprintf(stderr, "%s\n", err.message);
    }
    strbuf_release(&line);
    return ok;
}

bool take_prompts(const char *path, bool person, int64_t *count,
                  struct error *err)
{
    struct file_writer w = FILE_WRITER_CLOSED;
    struct strbuf line;
    bool ok;

    *count = 0;
    strbuf_init(&line, LINE_MOST);
    if (person)
        fprintf(stderr, "A prompt a line; an empty line ends them.\n");
    ok = file_create(&w, path, err);
    while (ok && read_line(&line) && !text_is_blank(line.data, line.len)) {
        strbuf_addc(&line, '\n');
        ok = strbuf_ok(&line)
                 ? file_add(&w, line.data, line.len, err)
                 : error_set(err, ERROR_REJECT, "a prompt is too long");
        ++*count;
    }
    if (ok && !*count)
        ok = cli_usage(err, "there are no prompts: vitae run FILE, or a "
                            "prompt a line on standard input");
    ok = ok && file_commit(&w, err);
    file_abandon(&w);
    strbuf_release(&line);
    return ok;
}
