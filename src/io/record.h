/*
 * record.h -- what is to be asked, out of a file: one record at a time.
 *
 *   CSV       a header row, then a row a record.  The id is in the column
 *             candidate_id (settings: id_column), the text in text_column,
 *             or all other columns: "Name: ..., Experience: ..." in the
 *             header's order, without the empty ones.
 *   PROMPTS   .txt: a prompt a line; # begins a comment, blank lines go
 *   JSON      an array of strings, of {"id", "prompt"} (id may be left out)
 *             or of {"id", "title", "contents"}
 *   LINES     the same elements, a line each (.jsonl)
 *   REQUESTS  lines that are requests already, OpenAI's, Gemini's or
 *             Anthropic's: the text is the line
 *   URLS      .txt whose first line is http:// or https://: the text is the
 *             address
 *
 * Memory: one record, up to the ceiling; never the file.  A record that
 * can't be used (ragged, empty, no id, broken quotes, not UTF-8, too long)
 * is ERROR_REJECT, code "record", names file, row, column and reason, and
 * the reader stands after it; any other error ends the reading.  Texts are
 * valid UTF-8 without NULs, else refused.  That ids are unique is the
 * caller's to check (unique.h).
 */
#ifndef IO_RECORD_H
#define IO_RECORD_H

#include "base/error.h"

enum record_format {
    RECORD_AUTO, /* by the file's name, then by how it begins */
    RECORD_CSV,
    RECORD_PROMPTS,
    RECORD_JSON,
    RECORD_LINES,
    RECORD_REQUESTS,
    RECORD_URLS,
};
/* "auto", "csv", "prompts", "json", "lines", "requests", "urls", NULL. */
extern const char *const record_format_names[];
#define RECORD_FORMATS "auto|csv|prompts|json|lines|requests|urls"

/* In whose dialect a request is written. */
enum record_shape {
    SHAPE_NONE,
    SHAPE_OPENAI,
    SHAPE_GEMINI,
    SHAPE_ANTHROPIC,
};
extern const char *const record_shape_names[]; /* "", "OpenAI", ... */

struct record_settings {
    enum record_format format;
    const char *id_column;   /* borrowed; CSV; NULL = candidate_id */
    const char *text_column; /* borrowed; CSV; NULL = all the others */
    size_t ceiling;          /* bytes of one record; 0 = 8 MiB */
};

struct record {
    const char *id;    /* borrowed until the next call; "" = none */
    const char *title; /* the same */
    const char *text;  /* with the title before it, if there is one */
    size_t len;
    uint64_t number; /* among the records, from 1: refused ones count */
    uint64_t row;    /* of the file: a CSV's header is 1; line; element */
    enum record_shape shape; /* REQUESTS */
};

struct record_reader; /* opaque */

/* path is borrowed.  An unknown format, a missing column, an empty file:
 * ERROR_REJECT that names what was looked for. */
MUST_CHECK bool record_open(struct record_reader **r, const char *path,
                            const struct record_settings *settings,
                            struct error *err);
MUST_CHECK bool record_next(struct record_reader *r, struct record *record,
                            bool *more, struct error *err);
void record_close(struct record_reader *r);

/* What a file holds, and the profile that is for it when nobody says:
 * "score" for candidates, "news" for addresses and for texts with titles,
 * else "prompt". */
struct record_look {
    enum record_format format;
    const char *profile; /* static */
};
MUST_CHECK bool record_look(const char *path,
                            const struct record_settings *settings,
                            struct record_look *look, struct error *err);

enum record_format record_format(const struct record_reader *r);
/* "row", "line" or "element": what record.row counts. */
const char *record_unit(const struct record_reader *r);

/* The request's name: candidate-<id> for CSV, prompt-<number> (of an
 * address page-<number>) for what has no id, else the id.  out holds RECORD_ID
 * bytes.  An id that would not come back whole is ERROR_REJECT, code "record":
 * over 127 bytes or with control characters; strict (Anthropic): over 64 of
 * [A-Za-z0-9_-]. */
#define RECORD_ID 128
MUST_CHECK bool record_custom_id(const struct record_reader *r,
                                 const struct record *record, bool strict,
                                 char *out, struct error *err);

#endif
