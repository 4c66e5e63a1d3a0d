/*
 * export.h -- results, written for whoever comes after: JSON, JSONL, CSV.
 *
 *   JSON    {"job": {job_id, model_id, total_prompts, completed, failed,
 *           status}, "results": [...], "summary": {total, completed, failed,
 *           success_rate}}; a result is {prompt_index, id, prompt,
 *           response_text, tokens_input, tokens_output, duration, success,
 *           error_message}
 *   JSONL   a result a line
 *   CSV     index,prompt,response,success,tokens_in,tokens_out,duration,error
 *   SCORES  candidate_id,score,status,error_message,prompt_tokens,
 *           completion_tokens,total_tokens
 *           (of custom_id candidate-7 the id 7)
 *
 * What isn't known is null, or an empty cell; so are score and tokens of what
 * failed in SCORES.  Streaming: a result is written as it is given.  Texts
 * should be valid UTF-8.  To a file: whole or absent.
 */
#ifndef IO_EXPORT_H
#define IO_EXPORT_H

#include "base/error.h"
#include "base/strbuf.h"

enum export_format { EXPORT_JSON, EXPORT_JSONL, EXPORT_CSV, EXPORT_SCORES };
#define EXPORT_FORMATS "json|jsonl|csv|scores"

struct export_job {
    const char *id, *model, *status; /* borrowed; model may be NULL */
    int64_t total, completed, failed;
};

struct export_result {
    int64_t index;      /* from 0, in the order of the input */
    const char *id;     /* borrowed; NULL or "" = none */
    const char *prompt; /* the same; NULL = not known any more */
    size_t prompt_len;
    const char *response; /* NULL = none */
    size_t response_len;
    int64_t tokens_in, tokens_out; /* -1 = not known */
    double duration;               /* seconds, < 0 = not known */
    bool success;
    const char *error; /* NULL or "" = none */
};

struct exporter;

struct export_settings {
    const char *path; /* borrowed; NULL = standard output */
    enum export_format format;
    bool excel_safe; /* CSV: no cell is taken for a formula (csv_add) */
    bool replace;    /* the file may exist */
};

MUST_CHECK bool export_open(struct exporter **e,
                            const struct export_settings *settings,
                            const struct export_job *job, struct error *err);
MUST_CHECK bool export_add(struct exporter *e,
                           const struct export_result *result,
                           struct error *err);
/* The summary; the file is there. */
MUST_CHECK bool export_finish(struct exporter *e, struct error *err);
/* Without export_finish() before: nothing is left. */
void export_close(struct exporter *e);

/* A row of SCORES, with its newline: for analyze, too.  score NULL = none. */
struct score;
void export_score_row(struct strbuf *out, const char *id,
                      const struct score *score, const char *status,
                      const char *error, int64_t tokens_in, int64_t tokens_out,
                      bool excel_safe);
extern const char export_score_header[];

#endif
