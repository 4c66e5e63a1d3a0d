/*
 * analyze_private.h -- an analysis under way.
 *
 * The caller's thread reads lines into chunks; threads find out what each
 * line says, and write its row of the CSV; the caller's thread takes the
 * chunks back in order and sums up.
 */
#ifndef IO_ANALYZE_PRIVATE_H
#define IO_ANALYZE_PRIVATE_H

#include "extract/values.h"
#include "io/analyze.h"
#include "provider/provider.h"

#define CHUNK_LINES 512
#define CHUNK_BYTES (256 * KIB) /* and one line more */

/* What a line says.  Offsets are of the chunk's texts. */
struct line_facts {
    size_t at, len;  /* of the chunk's lines */
    uint64_t number; /* of the file */
    bool too_long;
    bool blank;
    bool broken; /* message says why */
    bool good;
    char custom_id[128];  /* "" = none */
    size_t code, message; /* of texts: of an error, or why it is broken */
    int64_t input_tokens, cached_tokens, output_tokens; /* -1 = not told */
    double duration;                                    /* < 0 = not told */
    struct score score;
};

struct chunk {
    struct line_facts facts[CHUNK_LINES];
    size_t count;
    struct strbuf lines; /* as they stand in the file */
    struct strbuf texts; /* codes and messages, each with its NUL */
    struct strbuf rows;  /* of the CSV */
    bool with_rows, excel_safe;
    struct provider openai, gemini, anthropic; /* for decoding alone */
    struct json_doc *doc, *inner;              /* owned */
    struct answer answer;
    struct values *values; /* owned; NULL = answers are not checked */
    double today;
    struct strbuf text; /* scratch */
    bool failed;        /* err: all ends */
    struct error err;
};

/* A task_function of a chunk. */
void chunk_read(void *context, void *job);
MUST_CHECK struct chunk *chunk_new(const struct analyze_settings *settings,
                                   struct error *err);
void chunk_free(struct chunk *c);
void chunk_clear(struct chunk *c);

#endif
