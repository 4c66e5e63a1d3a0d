#include "io/analyze.h"

#include <libgen.h>
#include <math.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "io/export.h"
#include "io/output.h"
#include "io/unique.h"
#include "provider/provider.h"

#define LINE_CEILING (64 * MIB)
#define ROW_CEILING (1 * MIB)

struct work {
    const struct analyze_settings *settings;
    struct analysis *a;                        /* borrowed */
    struct provider openai, gemini, anthropic; /* for decoding alone */
    struct json_doc *doc, *inner;
    struct answer answer;
    struct score score;
    double duration; /* of the line, < 0 = not told */
    struct hash_key key;
    struct unique *unique;
    struct file_lines lines;
    struct file_writer csv;
    struct strbuf row;
    struct strbuf text;
};

/* -- sums -- */

static void add_score(struct analysis_scores *s, double value)
{
    if (!s->count || value < s->min)
        s->min = value;
    if (!s->count || value > s->max)
        s->max = value;
    s->count++;
    s->sum += value;
    s->squares += value * value;
}

static void add_part(struct analysis *a, const char *name, double value)
{
    size_t i;

    for (i = 0; i < a->part_count; i++)
        if (strcmp(a->parts[i].name, name) == 0)
            break;
    if (i == SCORE_PARTS)
        return;
    if (i == a->part_count) {
        a->part_count++;
        snprintf(a->parts[i].name, sizeof(a->parts[i].name), "%s", name);
    }
    add_score(&a->parts[i], value);
}

static void add_bin(struct analysis *a, double value)
{
    if (value < 0)
        a->below++;
    else if (value > 100)
        a->above++;
    else
        a->bins[(size_t)floor(value * 10 + 1e-6)]++;
}

/* Blocks double their length when the run has outgrown them. */
static void add_block(struct analysis *a, int64_t at, double value)
{
    size_t i;

    while (at / a->block_length >= ANALYZE_BLOCKS) {
        for (i = 0; i < ANALYZE_BLOCKS; i++) {
            struct analysis_block *to = &a->blocks[i / 2];

            if (i % 2 == 0)
                *to = a->blocks[i];
            else {
                to->count += a->blocks[i].count;
                to->sum += a->blocks[i].sum;
            }
        }
        memset(a->blocks + ANALYZE_BLOCKS / 2, 0, sizeof(a->blocks) / 2);
        a->block_length *= 2;
    }
    a->blocks[at / a->block_length].count++;
    a->blocks[at / a->block_length].sum += value;
}

/* Welford's sums of a straight line: no large squares are subtracted. */
static void add_course(struct analysis *a, double at, double value)
{
    double n = (double)a->scores.count;
    double d_at = at - a->at_mean, d_score = value - a->score_mean;

    a->at_mean += d_at / n;
    a->score_mean += d_score / n;
    a->at_squares += d_at * (at - a->at_mean);
    a->score_squares += d_score * (value - a->score_mean);
    a->products += d_at * (value - a->score_mean);
}

static void add_scores(struct work *w)
{
    struct analysis *a = w->a;
    size_t i;

    if (!w->score.found) {
        a->unscored++;
    } else {
        add_score(&a->scores, w->score.value);
        add_bin(a, w->score.value);
        add_block(a, a->total, w->score.value);
        add_course(a, (double)a->total, w->score.value);
        if (floor(w->score.value) != w->score.value)
            a->whole = false;
    }
    for (i = 0; i < w->score.count; i++)
        add_part(a, w->score.names[i], w->score.parts[i]);
}

static void add_usage(struct analysis *a, const struct answer *answer)
{
    if (answer->input_tokens < 0 && answer->output_tokens < 0)
        return;
    a->with_usage++;
    if (answer->input_tokens > 0)
        a->input_tokens += answer->input_tokens;
    if (answer->output_tokens > 0)
        a->output_tokens += answer->output_tokens;
    if (answer->cached_tokens < 0 || answer->input_tokens < 0)
        return;
    a->with_cached++;
    a->cached_tokens += answer->cached_tokens;
    a->cached_of += answer->input_tokens;
}

static void add_time(struct analysis *a, double seconds)
{
    double at = seconds > 1e-6 ? 32 * log2(seconds * 1e6) : 0;

    a->timed++;
    a->time_sum += seconds;
    if (seconds > a->time_max)
        a->time_max = seconds;
    a->times[at < ANALYZE_TIMES - 1 ? (size_t)at : ANALYZE_TIMES - 1]++;
}

/* -- errors -- */

/* "try again in 1.2s" and "... in 0.8s" are the same cause. */
static uint64_t cause_key(const struct work *w, const char *code,
                          const char *message)
{
    char text[sizeof(w->answer.code) + sizeof(w->answer.message) + 2];
    size_t len = (size_t)snprintf(text, sizeof(w->answer.code), "%s", code);
    const char *s;

    text[len++] = '\n';
    for (s = message; *s && len < sizeof(text); s++)
        if ((*s < '0' || *s > '9') && *s != '.')
            text[len++] = *s;
    return hash_bytes(&w->key, text, len);
}

static struct analysis_group *group_of(struct analysis *a, uint64_t key)
{
    size_t i;

    for (i = 0; i < a->group_count; i++)
        if (a->groups[i].key == key)
            return &a->groups[i];
    if (i == ANALYZE_GROUPS)
        return NULL;
    a->group_count++;
    a->groups[i].key = key;
    return &a->groups[i];
}

static const char *code_of(const struct answer *answer)
{
    return answer->code[0] ? answer->code
                           : answer_outcome_names[answer->outcome];
}

static void add_error(struct work *w)
{
    const struct answer *answer = &w->answer;
    struct analysis_group *g =
        group_of(w->a, cause_key(w, code_of(answer), answer->message));

    if (!g) {
        w->a->ungrouped++;
        return;
    }
    if (!g->count) {
        snprintf(g->code, sizeof(g->code), "%s", code_of(answer));
        snprintf(g->message, sizeof(g->message), "%.*s",
                 (int)sizeof(g->message) - 1, answer->message);
        utf8_trim_cut(g->message);
    }
    if (g->count < ANALYZE_EXAMPLES)
        memcpy(g->examples[g->count], answer->custom_id,
               sizeof(answer->custom_id));
    g->count++;
}

/* -- a line -- */

/* Of an object's members, the one that says how long it took; < 0 = none. */
static double duration_in(const struct json_node *object)
{
    static const struct {
        const char *name;
        double unit;
    } names[] = {
        { "duration", 1 },
        { "duration_ms", 1e-3 },
        { "latency_ms", 1e-3 },
    };
    const struct json_node *member = json_first(object), *name;
    double value;
    size_t i;

    for (; member; member = json_next(member)) {
        name = json_name(member);
        if (!name || !name->len || (*name->text != 'd' && *name->text != 'l'))
            continue;
        for (i = 0; i < ARRAY_LEN(names); i++)
            if (json_equals(name, names[i].name) && json_real(member, &value) &&
                value >= 0)
                return value * names[i].unit;
    }
    return -1;
}

static double duration_of(const struct json_node *root)
{
    double found = json_is(root, JSON_OBJECT) ? duration_in(root) : -1;
    const struct json_node *response =
        found < 0 ? json_member(root, "response") : NULL;

    return json_is(response, JSON_OBJECT) ? duration_in(response) : found;
}

/* A line of `vitae export`. */
static bool take_ours(struct work *w, const struct json_node *root)
{
    struct answer *answer = &w->answer;
    const struct json_node *error = json_member(root, "error_message");

    strbuf_clear(&answer->content);
    strbuf_clear(&w->text);
    answer->code[0] = answer->message[0] = '\0';
    answer->custom_id[0] = '\0';
    answer->cached_tokens = -1;
    answer->input_tokens = json_member_integer(root, "tokens_input", -1);
    answer->output_tokens = json_member_integer(root, "tokens_output", -1);
    answer->outcome = json_is(json_member(root, "success"), JSON_TRUE)
                          ? ANSWER_OK
                          : ANSWER_FAILED;
    if (json_string(json_member(root, "id"), &w->text))
        snprintf(answer->custom_id, sizeof(answer->custom_id), "%s",
                 w->text.data);
    strbuf_clear(&w->text);
    if (json_string(error, &w->text))
        snprintf(answer->message, sizeof(answer->message), "%s", w->text.data);
    utf8_trim_cut(answer->custom_id);
    utf8_trim_cut(answer->message);
    return !json_is(json_member(root, "response_text"), JSON_STRING) ||
           json_string(json_member(root, "response_text"), &answer->content);
}

static const struct provider *speaker(const struct work *w, const char *line,
                                      size_t len)
{
    /* Names that come first in what these write; decided by the doc when
     * they don't. */
    if (len > 8 && strncmp(line, "{\"key\":", 7) == 0)
        return &w->gemini;
    return &w->openai;
}

/* Who wrote it, when the first guess was wrong. */
static const struct provider *other_speaker(const struct work *w,
                                            const struct json_node *root)
{
    if (json_member(root, "custom_id"))
        return json_member(root, "result") ? &w->anthropic : NULL;
    return json_member(root, "key") ? &w->gemini : NULL;
}

static bool decode(struct work *w, const struct provider *p, const char *line,
                   size_t len, struct error *err)
{
    return p->ops->decode(p, w->doc, line, len, &w->answer, err);
}

static bool read_line(struct work *w, const char *line, size_t len,
                      struct error *err)
{
    const struct provider *first = speaker(w, line, len), *other;
    const struct json_node *root;

    if (!decode(w, first, line, len, err))
        return false;
    root = json_root(w->doc);
    if (json_member(root, "prompt_index"))
        return take_ours(w, root) || error_memory(err);
    if (w->answer.outcome == ANSWER_MALFORMED) {
        other = other_speaker(w, root);
        if (other && other != first && !decode(w, other, line, len, err))
            return false;
    }
    return true;
}

static void note_broken(struct work *w, const char *why)
{
    struct analysis_broken *b;

    if (w->a->broken < ANALYZE_BROKEN) {
        b = &w->a->broken_lines[w->a->broken];
        b->line = w->lines.number;
        snprintf(b->why, sizeof(b->why), "%s", why);
    }
    w->a->broken++;
}

static bool write_row(struct work *w, struct error *err)
{
    const struct answer *answer = &w->answer;
    bool good = answer->outcome == ANSWER_OK;
    char error[sizeof(answer->code) + sizeof(answer->message) + 4] = "";

    if (w->csv.fd < 0)
        return true;
    if (!good)
        snprintf(error, sizeof(error), "%s%s%s", code_of(answer),
                 answer->message[0] ? ": " : "", answer->message);
    strbuf_clear(&w->row);
    export_score_row(
        &w->row, answer->custom_id, good ? &w->score : NULL,
        good ? "success" : "error", error, good ? answer->input_tokens : -1,
        good ? answer->output_tokens : -1, w->settings->excel_safe);
    return file_add(&w->csv, w->row.data, w->row.len, err);
}

static bool add_line(struct work *w, const char *line, size_t len,
                     struct error *err)
{
    struct answer *answer = &w->answer;

    if (!read_line(w, line, len, err))
        return false;
    if (answer->outcome == ANSWER_MALFORMED) {
        note_broken(w, answer->message);
        return true;
    }
    w->score.found = false;
    w->score.count = 0;
    w->duration = duration_of(json_root(w->doc));
    if (answer->outcome == ANSWER_OK) {
        w->a->succeeded++;
        score_read(w->inner, answer->content.data, answer->content.len,
                   &w->score);
        add_scores(w);
    } else {
        w->a->failed++;
        add_error(w);
    }
    add_usage(w->a, answer);
    if (w->duration >= 0)
        add_time(w->a, w->duration);
    w->a->total++;
    if (answer->custom_id[0] &&
        !unique_add(w->unique, answer->custom_id, strlen(answer->custom_id),
                    (uint64_t)w->a->total, w->lines.number, err))
        return false;
    return write_row(w, err);
}

static bool read_all(struct work *w, struct error *err)
{
    bool too_long = false;
    size_t len;
    char *line;

    for (;;) {
        if (!file_lines_next(&w->lines, &line, &len, &too_long, err))
            return false;
        if (!line && !too_long)
            return true;
        if (w->settings->stop && *w->settings->stop)
            return error_exit(err, ERROR_RETRY, EXIT_INTERRUPTED, "stopped");
        if (line && text_is_blank(line, len))
            continue;
        w->a->lines++;
        w->duration = -1;
        if (too_long)
            note_broken(w, "the line is too long");
        else if (!add_line(w, line, len, err))
            return false;
    }
}

static bool find_twins(struct work *w, struct error *err)
{
    const struct unique_twin *twins;
    size_t kept, i;

    if (!unique_finish(w->unique, &twins, &kept, &w->a->twins, err))
        return false;
    for (i = 0; i < kept && i < ANALYZE_TWINS; i++) {
        w->a->twin_lines[i].line = twins[i].row;
        w->a->twin_lines[i].first = twins[i].first;
    }
    return true;
}

/* -- the whole -- */

static const struct provider_ops *ops_named(const char *name)
{
    const struct provider_ops *ops;
    size_t i;

    for (i = 0; (ops = provider_ops_at(i)); i++)
        if (strcmp(ops->name, name) == 0)
            break;
    return ops;
}

static bool open_work(struct work *w, struct error *err)
{
    const struct analyze_settings *s = w->settings;
    char folder[4096];

    w->doc = json_doc_new();
    w->inner = json_doc_new();
    if (!w->doc || !w->inner)
        return error_memory(err);
    snprintf(folder, sizeof(folder), "%s", s->csv ? s->csv : s->path);
    if ((s->csv && !output_is_free(s->csv, s->replace, err)) ||
        !file_lines_open(&w->lines, s->path, LINE_CEILING, err) ||
        !unique_open(&w->unique, dirname(folder), err))
        return false;
    return !s->csv || (file_create(&w->csv, s->csv, err) &&
                       file_add(&w->csv, export_score_header,
                                strlen(export_score_header), err));
}

bool analyze_file(const struct analyze_settings *settings, struct analysis *a,
                  struct error *err)
{
    struct work w = {
        .settings = settings,
        .a = a,
        .openai = { .ops = ops_named("openai") },
        .gemini = { .ops = ops_named("gemini") },
        .anthropic = { .ops = ops_named("anthropic") },
        .key = hash_key_random(),
        .lines = { .fd = -1 },
        .csv = FILE_WRITER_CLOSED,
    };
    bool ok;

    memset(a, 0, sizeof(*a));
    a->whole = true;
    a->block_length = 1;
    answer_init(&w.answer);
    strbuf_init(&w.row, ROW_CEILING);
    strbuf_init(&w.text, ROW_CEILING);
    ok = open_work(&w, err) && read_all(&w, err) && find_twins(&w, err);
    if (ok) {
        a->bytes = w.lines.next;
        ok = !settings->csv || file_commit(&w.csv, err);
    }
    file_abandon(&w.csv);
    file_lines_close(&w.lines);
    unique_close(w.unique);
    json_doc_free(w.doc);
    json_doc_free(w.inner);
    answer_release(&w.answer);
    strbuf_release(&w.row);
    strbuf_release(&w.text);
    return ok;
}
