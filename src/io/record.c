#include "io/record.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "io/record_private.h"

#define CEILING (8 * MIB)

const char *const record_format_names[] = { "auto", "csv",   "prompts",
                                            "json", "lines", "requests",
                                            "urls", NULL };
const char *const record_shape_names[] = { "", "OpenAI", "Gemini",
                                           "Anthropic" };

static const struct record_ops *const ops_of[] = {
    [RECORD_CSV] = &record_csv,        [RECORD_PROMPTS] = &record_lines,
    [RECORD_JSON] = &record_json,      [RECORD_LINES] = &record_lines,
    [RECORD_REQUESTS] = &record_lines, [RECORD_URLS] = &record_lines,
};

bool record_bad(const struct record_reader *r, uint64_t row, const char *column,
                struct error *err, const char *format, ...)
{
    char why[300];
    va_list list;

    va_start(list, format);
    vsnprintf(why, sizeof(why), format, list);
    va_end(list);
    utf8_trim_cut(why);
    error_set(err, ERROR_REJECT, "%s %s %llu%s%.60s: %s", r->path, r->ops->unit,
              (unsigned long long)row, column ? " column " : "",
              column ? column : "", why);
    error_code(err, "record");
    return false;
}

bool record_text_fits(const struct record_reader *r, uint64_t row,
                      const char *column, const char *text, size_t len,
                      struct error *err)
{
    size_t valid = utf8_valid_prefix(text, len);
    const char *nul;

    if (valid < len)
        return record_bad(
            r, row, column, err,
            "byte %zu is not valid UTF-8: convert the file with "
            "iconv -f WINDOWS-1252 -t UTF-8, or whatever it is in",
            valid + 1);
    nul = memchr(text, '\0', len);
    return !nul || record_bad(r, row, column, err,
                              "byte %zu is NUL: is it UTF-16 without a mark?",
                              (size_t)(nul - text) + 1);
}

/* -- which format -- */

#define HEAD_BYTES 4096

struct head {
    char data[HEAD_BYTES + 1];
    size_t len;
};

/* Somebody may stand in another folder than he thinks: the whole name. */
static void unreadable(const char *path, struct error *err)
{
    int why = errno;
    char here[2048];

    if (path[0] == '/' || !getcwd(here, sizeof(here)))
        here[0] = '\0';
    error_exit(err, ERROR_SETUP, EXIT_USAGE, "cannot read %s%s%s: %s", here,
               here[0] ? "/" : "", path, strerror(why));
}

static bool read_head(const char *path, struct head *head, struct error *err)
{
    ssize_t n = -1;
    struct stat st;
    int fd;

    /* A pipe would give its first bytes once only. */
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return error_exit(err, ERROR_REJECT, EXIT_USAGE,
                          "%s is no file: write what comes there to one first",
                          path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        do
            n = read(fd, head->data, HEAD_BYTES);
        while (n < 0 && errno == EINTR);
    }
    if (n < 0)
        unreadable(path, err);
    if (fd >= 0)
        close(fd);
    head->len = n > 0 ? (size_t)n : 0;
    head->data[head->len] = '\0';
    return n >= 0;
}

/* Past a BOM, white space and, of text, comments. */
static const char *first_line(const struct head *head, bool comments)
{
    const char *s = head->data;

    if (strncmp(s, "\xef\xbb\xbf", 3) == 0)
        s += 3;
    for (;;) {
        while (isspace((unsigned char)*s))
            s++;
        if (!comments || *s != '#')
            return s;
        s += strcspn(s, "\n");
    }
}

static bool is_address(const char *s)
{
    size_t len = strcspn(s, "\r\n");

    return (strncmp(s, "http://", 7) == 0 || strncmp(s, "https://", 8) == 0) &&
           !memchr(s, ' ', len);
}

/* A member's name in the first line, that only requests have. */
static bool is_request(const char *s)
{
    size_t len = strcspn(s, "\n");

    return *s == '{' &&
           (memmem(s, len, "\"custom_id\"", 11) ||
            (memmem(s, len, "\"request\"", 9) && memmem(s, len, "\"key\"", 5)));
}

static bool ends_with(const char *path, const char *suffix)
{
    size_t len = strlen(path), n = strlen(suffix);

    return len > n && ascii_equal_nocase(path + len - n, suffix);
}

static enum record_format format_of(const char *path, const struct head *head)
{
    const char *text = first_line(head, true);
    const char *json = first_line(head, false);

    if (ends_with(path, ".csv") || ends_with(path, ".tsv"))
        return RECORD_CSV;
    if (ends_with(path, ".txt") || ends_with(path, ".urls"))
        return is_address(text) ? RECORD_URLS : RECORD_PROMPTS;
    if (ends_with(path, ".json") && *json != '{')
        return RECORD_JSON;
    if (ends_with(path, ".json") || ends_with(path, ".jsonl") || *json == '{')
        return is_request(json) ? RECORD_REQUESTS : RECORD_LINES;
    return *json == '[' ? RECORD_JSON : RECORD_AUTO;
}

static bool find_format(struct record_reader *r, struct error *err)
{
    struct head head;

    if (!read_head(r->path, &head, err))
        return false;
    r->format = r->settings.format;
    if (r->format == RECORD_AUTO)
        r->format = format_of(r->path, &head);
    if (r->format == RECORD_AUTO)
        return error_exit(err, ERROR_REJECT, EXIT_USAGE,
                          "%s: its name doesn't say what it is (.csv .tsv "
                          ".txt .json .jsonl): say it with --format",
                          r->path);
    r->ops = ops_of[r->format];
    if (head.len)
        return true;
    error_set(err, ERROR_REJECT, "%s is empty", r->path);
    return false;
}

/* -- the reader -- */

bool record_open(struct record_reader **out, const char *path,
                 const struct record_settings *settings, struct error *err)
{
    struct record_reader *r = calloc(1, sizeof(*r));

    *out = NULL;
    if (!r)
        return error_memory(err);
    r->path = path;
    r->settings = *settings;
    if (!r->settings.ceiling)
        r->settings.ceiling = CEILING;
    r->csv.fd = r->lines.fd = r->items.fd = -1;
    strbuf_init(&r->id, 4 * KIB);
    strbuf_init(&r->title, MIB);
    strbuf_init(&r->text, r->settings.ceiling);
    if (find_format(r, err) && r->ops->open(r, err)) {
        *out = r;
        return true;
    }
    record_close(r);
    return false;
}

bool record_next(struct record_reader *r, struct record *record, bool *more,
                 struct error *err)
{
    memset(record, 0, sizeof(*record));
    record->id = record->title = "";
    record->number = ++r->number;
    *more = false;
    return r->ops->next(r, record, more, err);
}

void record_close(struct record_reader *r)
{
    if (!r)
        return;
    if (r->ops)
        r->ops->close(r);
    json_doc_free(r->doc);
    strbuf_release(&r->id);
    strbuf_release(&r->title);
    strbuf_release(&r->text);
    free(r);
}

/* As far as the first record says. */
static bool has_titles(struct record_reader *r)
{
    struct record record;
    struct error ignored;
    bool more;

    return record_next(r, &record, &more, &ignored) && more && record.title[0];
}

bool record_look(const char *path, const struct record_settings *settings,
                 struct record_look *look, struct error *err)
{
    struct record_reader *r;

    if (!record_open(&r, path, settings, err))
        return false;
    look->format = r->format;
    if (look->format == RECORD_CSV)
        look->profile = "score";
    else if (look->format == RECORD_URLS || has_titles(r))
        look->profile = "news";
    else
        look->profile = "prompt";
    record_close(r);
    return true;
}

enum record_format record_format(const struct record_reader *r)
{
    return r->format;
}

const char *record_unit(const struct record_reader *r)
{
    return r->ops->unit;
}

static bool is_plain(const char *id)
{
    for (; *id; id++)
        if (!isalnum((unsigned char)*id) && *id != '_' && *id != '-')
            return false;
    return true;
}

static bool has_control(const char *id)
{
    for (; *id; id++)
        if ((unsigned char)*id < 0x20 || *id == 0x7f)
            return true;
    return false;
}

bool record_custom_id(const struct record_reader *r,
                      const struct record *record, bool strict, char *out,
                      struct error *err)
{
    const char *prefix = r->format == RECORD_CSV ? "candidate-" : "";
    size_t len = strlen(prefix) + strlen(record->id);

    if (!record->id[0]) {
        snprintf(out, RECORD_ID, "%s-%llu",
                 r->format == RECORD_URLS ? "page" : "prompt",
                 (unsigned long long)record->number);
        return true;
    }
    if (len >= RECORD_ID || has_control(record->id))
        return record_bad(r, record->row, NULL, err,
                          "its id is longer than %zu bytes or has control "
                          "characters",
                          RECORD_ID - 1 - strlen(prefix));
    if (strict && (len > 64 || !is_plain(record->id)))
        return record_bad(r, record->row, NULL, err,
                          "the provider takes ids of %zu letters, digits, _ "
                          "and - at most",
                          64 - strlen(prefix));
    memcpy(out, prefix, strlen(prefix));
    memcpy(out + strlen(prefix), record->id, strlen(record->id) + 1);
    return true;
}
