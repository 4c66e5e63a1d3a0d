/*
 * record_lines.c -- lines of a file as records: prompts, addresses, JSON
 * elements, requests.
 */
#include "base/text.h"
#include "io/record_private.h"

static bool lines_open(struct record_reader *r, struct error *err)
{
    return file_lines_open(&r->lines, r->path, r->settings.ceiling, err);
}

static void trim(char **line, size_t *len)
{
    while (*len && ((*line)[0] == ' ' || (*line)[0] == '\t')) {
        (*line)++;
        (*len)--;
    }
    while (*len && ((*line)[*len - 1] == ' ' || (*line)[*len - 1] == '\t'))
        (*len)--;
    (*line)[*len] = '\0';
}

/* The next line that is not blank and, of text, no comment; NULL at the
 * end. */
static bool next_line(struct record_reader *r, char **line, size_t *len,
                      struct error *err)
{
    bool text = r->format == RECORD_PROMPTS || r->format == RECORD_URLS;
    bool too_long = false;

    for (;;) {
        if (!file_lines_next(&r->lines, line, len, &too_long, err))
            return false;
        if (too_long)
            return record_bad(r, r->lines.number, NULL, err,
                              "it is longer than %zu bytes",
                              r->settings.ceiling);
        if (!*line)
            return true;
        trim(line, len);
        if (*len && !(text && (*line)[0] == '#'))
            return true;
    }
}

static bool address_fits(const struct record_reader *r, const char *line,
                         struct error *err)
{
    if (strpbrk(line, " \t<>\"") ||
        (strncmp(line, "http://", 7) != 0 && strncmp(line, "https://", 8) != 0))
        return record_bad(r, r->lines.number, NULL, err,
                          "it is no address that begins with http:// or "
                          "https://");
    return true;
}

static bool lines_next(struct record_reader *r, struct record *record,
                       bool *more, struct error *err)
{
    char *line = NULL;
    size_t len = 0;
    bool ok = next_line(r, &line, &len, err);

    record->row = r->lines.number;
    *more = !ok || line;
    if (!ok || !line)
        return ok;
    if (!record_text_fits(r, record->row, NULL, line, len, err))
        return false;
    if (r->format == RECORD_LINES)
        return record_element(r, line, len, record, err);
    if (r->format == RECORD_REQUESTS)
        return record_request(r, line, len, record, err);
    record->text = line;
    record->len = len;
    return r->format != RECORD_URLS || address_fits(r, line, err);
}

static void lines_close(struct record_reader *r)
{
    if (r->lines.fd >= 0)
        file_lines_close(&r->lines);
}

const struct record_ops record_lines = {
    .unit = "line",
    .open = lines_open,
    .next = lines_next,
    .close = lines_close,
};
