#include <errno.h>

#include "base/jsonw.h"
#include "base/text.h"
#include "cli/commands.h"
#include "extract/dates.h"

#define CHUNK (64 * KIB)

/* The line being read.  Its bytes go out as they come; only as many are
 * kept as are looked at, so that a line may have any length. */
struct line {
    struct dates *dates; /* owned */
    bool json;
    bool begun; /* it has bytes that no newline has ended */
    size_t kept;
    char head[DATES_INPUT_MOST];
    struct strbuf out; /* of JSON */
};

static void print_json(struct line *line, const struct date_range *range)
{
    struct text_repair what = { 0 };
    struct strbuf input;
    struct jsonw w;

    strbuf_init(&input, 4 * DATES_INPUT_MOST);
    text_repair(line->head, line->kept, &input, &what);
    strbuf_clear(&line->out);
    jsonw_init(&w, &line->out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "input", input.data);
    jsonw_text(&w, "start", range->start);
    jsonw_text(&w, "end", range->end);
    jsonw_text(&w, "note", date_note_names[range->note]);
    jsonw_end_object(&w);
    puts(line->out.data);
    strbuf_release(&input);
}

static void end_line(struct line *line)
{
    struct date_range range;

    dates_read(line->dates, line->head, line->kept, &range);
    if (line->json)
        print_json(line, &range);
    else
        printf("\t%s\t%s\t%s\n", range.start, range.end,
               date_note_names[range.note]);
    line->kept = 0;
    line->begun = false;
}

static void add_bytes(struct line *line, const char *bytes, size_t len)
{
    size_t room = sizeof(line->head) - line->kept;
    size_t n = len < room ? len : room;

    memcpy(line->head + line->kept, bytes, n);
    line->kept += n;
    line->begun = true;
    if (!line->json)
        fwrite(bytes, 1, len, stdout);
}

static void add_chunk(struct line *line, const char *bytes, size_t len)
{
    while (len) {
        const char *newline = memchr(bytes, '\n', len);
        size_t n = newline ? (size_t)(newline - bytes) : len;

        add_bytes(line, bytes, n);
        if (newline)
            end_line(line);
        n += newline != NULL;
        bytes += n;
        len -= n;
    }
}

static bool read_stream(struct line *line, FILE *f, const char *name,
                        struct error *err)
{
    char *chunk = malloc(CHUNK);
    bool ok = chunk != NULL;
    size_t n;

    if (!ok)
        return error_memory(err);
    while (ok && (n = fread(chunk, 1, CHUNK, f)) > 0) {
        add_chunk(line, chunk, n);
        if (ferror(stdout))
            ok = error_set(err, ERROR_SETUP, "standard output: %s",
                           strerror(errno));
    }
    if (ok && ferror(f))
        ok = error_set(err, ERROR_SETUP, "%s: %s", name, strerror(errno));
    if (ok && line->begun)
        end_line(line);
    free(chunk);
    return ok;
}

static bool read_file(struct line *line, const char *name, struct error *err)
{
    FILE *f;
    bool ok;

    if (!name || !strcmp(name, "-"))
        return read_stream(line, stdin, "standard input", err);
    f = fopen(name, "r");
    if (!f)
        return error_set(err, ERROR_SETUP, "%s: %s", name, strerror(errno));
    ok = read_stream(line, f, name, err);
    fclose(f);
    return ok;
}

static bool dates(struct cli *cli, struct error *err)
{
    struct line line = { .json = cli->json };
    bool ok = false;

    strbuf_init(&line.out, 64 * KIB);
    line.dates = dates_new(err);
    if (line.dates)
        ok = read_file(&line, cli->argument_count ? cli->arguments[0] : NULL,
                       err);
    dates_free(line.dates);
    strbuf_release(&line.out);
    return ok;
}

const struct cli_command cli_dates = {
    .name = "dates",
    .group = "Looking",
    .arguments = "[FILE]",
    .most = 1,
    .summary = "read the dates of strings",
    .text = "Reads one string a line, from standard input without FILE, and "
            "prints for each a line of four columns with tabs between them: "
            "the string as it came, its start and its end as YYYY-MM, YYYY, "
            "Present or empty, and a note: none (no date), invalid, "
            "ambiguous (day or month first?), reversed, or empty. Only the "
            "first 512 bytes of a string are looked at. These are the rules "
            "that a profile's month columns are read by.",
    .example = "echo 'Sept. 2009 - Present' | vitae dates\n"
               "vitae dates strings.txt",
    .run = dates,
};
