#include "io/analyze.h"

#include <libgen.h>
#include <math.h>

#include "base/crew.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "io/analyze_private.h"
#include "io/export.h"
#include "io/output.h"
#include "io/unique.h"

#define LINE_CEILING (64 * MIB)

struct work {
    const struct analyze_settings *settings;
    struct analysis *a; /* borrowed */
    struct crew *crew;
    struct chunk *chunks[CREW_MOST + 1]; /* owned */
    size_t next;                         /* the one being filled */
    struct hash_key key;
    struct unique *unique;
    struct file_lines lines;
    bool framed; /* the file is one JSON object */
    struct file_writer csv;
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

/* hint: where it was in the line, and is mostly here. */
static void add_part(struct analysis *a, size_t hint, const char *name,
                     double value)
{
    size_t i = hint;

    if (i >= a->part_count || strcmp(a->parts[i].name, name) != 0)
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

static void add_scores(struct analysis *a, const struct score *score)
{
    size_t i;

    if (!score->found) {
        a->unscored++;
    } else {
        add_score(&a->scores, score->value);
        add_bin(a, score->value);
        add_block(a, a->total, score->value);
        add_course(a, (double)a->total, score->value);
        if (floor(score->value) != score->value)
            a->whole = false;
    }
    for (i = 0; i < score->count; i++)
        add_part(a, i, score->names[i], score->parts[i]);
}

static void add_usage(struct analysis *a, const struct line_facts *f)
{
    if (f->input_tokens < 0 && f->output_tokens < 0)
        return;
    a->with_usage++;
    if (f->input_tokens > 0)
        a->input_tokens += f->input_tokens;
    if (f->output_tokens > 0)
        a->output_tokens += f->output_tokens;
    if (f->cached_tokens < 0 || f->input_tokens < 0)
        return;
    a->with_cached++;
    a->cached_tokens += f->cached_tokens;
    a->cached_of += f->input_tokens;
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
    char text[512];
    size_t len = (size_t)snprintf(text, 128, "%.100s", code);
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

static void add_error(struct work *w, const struct chunk *c,
                      const struct line_facts *f)
{
    const char *code = c->texts.data + f->code;
    const char *message = c->texts.data + f->message;
    struct analysis_group *g = group_of(w->a, cause_key(w, code, message));

    if (!g) {
        w->a->ungrouped++;
        return;
    }
    if (!g->count) {
        snprintf(g->code, sizeof(g->code), "%s", code);
        snprintf(g->message, sizeof(g->message), "%s", message);
        utf8_trim_cut(g->message);
    }
    if (g->count < ANALYZE_EXAMPLES)
        memcpy(g->examples[g->count], f->custom_id, sizeof(f->custom_id));
    g->count++;
}

static void note_broken(struct analysis *a, const struct chunk *c,
                        const struct line_facts *f)
{
    struct analysis_broken *b;

    if (a->broken < ANALYZE_BROKEN) {
        b = &a->broken_lines[a->broken];
        b->line = f->number;
        snprintf(b->why, sizeof(b->why), "%s", c->texts.data + f->message);
        utf8_trim_cut(b->why);
    }
    a->broken++;
}

/* -- chunks, in the order of the file -- */

static bool add_facts(struct work *w, const struct chunk *c,
                      const struct line_facts *f, struct error *err)
{
    struct analysis *a = w->a;

    if (f->blank)
        return true;
    a->lines++;
    if (f->broken) {
        note_broken(a, c, f);
        return true;
    }
    if (f->good) {
        a->succeeded++;
        add_scores(a, &f->score);
    } else {
        a->failed++;
        add_error(w, c, f);
    }
    add_usage(a, f);
    if (f->duration >= 0)
        add_time(a, f->duration);
    if (f->duration >= 0 && f->output_tokens >= 0) {
        a->told_seconds += f->duration;
        a->told_in_seconds += f->output_tokens;
    }
    a->total++;
    return !f->custom_id[0] ||
           unique_add(w->unique, f->custom_id, strlen(f->custom_id),
                      (uint64_t)a->total, f->number, err);
}

static bool take_oldest(struct work *w, struct error *err)
{
    struct chunk *c = crew_take(w->crew);
    bool ok = !c->failed;
    size_t i;

    if (!ok)
        *err = c->err;
    for (i = 0; ok && i < c->count; i++)
        ok = add_facts(w, c, &c->facts[i], err);
    ok = ok &&
         (w->csv.fd < 0 || file_add(&w->csv, c->rows.data, c->rows.len, err));
    chunk_clear(c);
    if (ok && flag_is_set(w->settings->stop))
        return error_exit(err, ERROR_RETRY, EXIT_INTERRUPTED, "stopped");
    return ok;
}

static bool send_off(struct work *w, struct error *err)
{
    if (!w->chunks[w->next]->count)
        return true;
    if (crew_is_full(w->crew) && !take_oldest(w, err))
        return false;
    crew_put(w->crew, w->chunks[w->next]);
    w->next = (w->next + 1) % (crew_size(w->crew) + 1);
    return true;
}

static bool add_line(struct work *w, const char *line, size_t len,
                     struct error *err)
{
    struct chunk *c = w->chunks[w->next];
    struct line_facts *f = &c->facts[c->count++];

    f->number = w->lines.number;
    f->at = c->lines.len;
    f->len = len;
    f->too_long = line == NULL;
    f->blank = false;
    if (line) {
        strbuf_add(&c->lines, line, len);
        strbuf_addc(&c->lines, '\0');
    }
    if (!strbuf_ok(&c->lines))
        return error_memory(err);
    return (c->count < CHUNK_LINES && c->lines.len < CHUNK_BYTES) ||
           send_off(w, err);
}

/* Of `vitae export`'s JSON, which has a line of its own for each result:
 * what is around them is blank, the commas between them are left out. */
static void take_frame(struct work *w, char *line, size_t *len)
{
    static const char job[] = "{\"job\":", result[] = "{\"prompt_index\":";

    if (w->lines.number == 1)
        w->framed = *len > strlen(job) && strncmp(line, job, strlen(job)) == 0;
    if (!w->framed)
        return;
    if (*len > strlen(result) && strncmp(line, result, strlen(result)) == 0)
        *len -= line[*len - 1] == ',';
    else
        *len = 0;
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
            break;
        if (line)
            take_frame(w, line, &len);
        if (!add_line(w, line, len, err))
            return false;
    }
    if (!send_off(w, err))
        return false;
    while (!crew_is_idle(w->crew))
        if (!take_oldest(w, err))
            return false;
    return true;
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

static bool open_crew(struct work *w, struct error *err)
{
    size_t i;

    if (!crew_new(&w->crew, CREW_MOST, chunk_read, NULL, err))
        return false;
    for (i = 0; i <= crew_size(w->crew); i++) {
        w->chunks[i] = chunk_new(w->settings, err);
        if (!w->chunks[i])
            return false;
    }
    return true;
}

static bool open_work(struct work *w, struct error *err)
{
    const struct analyze_settings *s = w->settings;
    char folder[4096];

    snprintf(folder, sizeof(folder), "%s", s->csv ? s->csv : s->path);
    if ((s->csv && (!output_is_other(s->csv, s->path, err) ||
                    !output_is_free(s->csv, s->replace, err))) ||
        !file_lines_open(&w->lines, s->path, LINE_CEILING, err) ||
        !unique_open(&w->unique, dirname(folder), err) || !open_crew(w, err))
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
        .key = hash_key_random(),
        .lines = { .fd = -1 },
        .csv = FILE_WRITER_CLOSED,
    };
    bool ok;
    size_t i;

    memset(a, 0, sizeof(*a));
    a->whole = true;
    a->block_length = 1;
    ok = open_work(&w, err) && read_all(&w, err) && find_twins(&w, err);
    if (ok) {
        a->bytes = w.lines.next;
        ok = !settings->csv || file_commit(&w.csv, err);
    }
    crew_free(w.crew);
    for (i = 0; i <= CREW_MOST; i++)
        chunk_free(w.chunks[i]);
    file_abandon(&w.csv);
    file_lines_close(&w.lines);
    unique_close(w.unique);
    return ok;
}
