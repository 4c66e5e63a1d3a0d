/*
 * analyze_lines.c -- what the lines of a chunk say: in a thread.
 */
#include "base/text.h"
#include "io/analyze_private.h"
#include "io/export.h"

#define TEXT_CEILING (1 * MIB)
#define CHUNK_CEILING (256 * MIB)

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
static bool take_ours(struct chunk *c, const struct json_node *root)
{
    struct answer *answer = &c->answer;
    const struct json_node *error = json_member(root, "error_message");

    strbuf_clear(&answer->content);
    strbuf_clear(&c->text);
    answer->code[0] = answer->message[0] = '\0';
    answer->custom_id[0] = '\0';
    answer->cached_tokens = -1;
    answer->input_tokens = json_member_integer(root, "tokens_input", -1);
    answer->output_tokens = json_member_integer(root, "tokens_output", -1);
    answer->outcome = json_is(json_member(root, "success"), JSON_TRUE)
                          ? ANSWER_OK
                          : ANSWER_FAILED;
    if (json_string(json_member(root, "id"), &c->text))
        snprintf(answer->custom_id, sizeof(answer->custom_id), "%s",
                 c->text.data);
    strbuf_clear(&c->text);
    if (json_string(error, &c->text))
        snprintf(answer->message, sizeof(answer->message), "%s", c->text.data);
    utf8_trim_cut(answer->custom_id);
    utf8_trim_cut(answer->message);
    return !json_is(json_member(root, "response_text"), JSON_STRING) ||
           json_string(json_member(root, "response_text"), &answer->content);
}

static const struct provider *speaker(const struct chunk *c, const char *line,
                                      size_t len)
{
    /* Names that come first in what these write; decided by the doc when
     * they don't. */
    if (len > 8 && strncmp(line, "{\"key\":", 7) == 0)
        return &c->gemini;
    return &c->openai;
}

/* Who wrote it, when the first guess was wrong. */
static const struct provider *other_speaker(const struct chunk *c,
                                            const struct json_node *root)
{
    if (json_member(root, "custom_id"))
        return json_member(root, "result") ? &c->anthropic : NULL;
    return json_member(root, "key") ? &c->gemini : NULL;
}

static bool decode(struct chunk *c, const struct provider *p, const char *line,
                   size_t len, struct error *err)
{
    return p->ops->decode(p, c->doc, line, len, &c->answer, err);
}

static bool read_line(struct chunk *c, const char *line, size_t len,
                      struct error *err)
{
    const struct provider *first = speaker(c, line, len), *other;
    const struct json_node *root;

    if (!decode(c, first, line, len, err))
        return false;
    root = json_root(c->doc);
    if (json_member(root, "prompt_index"))
        return take_ours(c, root) || error_memory(err);
    if (c->answer.outcome == ANSWER_MALFORMED) {
        other = other_speaker(c, root);
        if (other && other != first && !decode(c, other, line, len, err))
            return false;
    }
    return true;
}

static const char *code_of(const struct answer *answer)
{
    return answer->code[0] ? answer->code
                           : answer_outcome_names[answer->outcome];
}

static size_t keep_text(struct chunk *c, const char *text)
{
    size_t at = c->texts.len;

    strbuf_add(&c->texts, text, strlen(text) + 1);
    return at;
}

static void write_row(struct chunk *c, const struct line_facts *f)
{
    const struct answer *answer = &c->answer;
    char error[sizeof(answer->code) + sizeof(answer->message) + 4];

    error[0] = '\0';
    if (!f->good)
        snprintf(error, sizeof(error), "%s%s%s", code_of(answer),
                 answer->message[0] ? ": " : "", answer->message);
    export_score_row(&c->rows, f->custom_id, f->good ? &f->score : NULL,
                     f->good ? "success" : "error", error,
                     f->good ? f->input_tokens : -1,
                     f->good ? f->output_tokens : -1, c->excel_safe);
}

/* Is it what the profile asks for?  Else the answer is one that failed. */
static bool check_answer(struct chunk *c, struct error *err)
{
    struct answer *answer = &c->answer;
    enum values_outcome outcome;
    char detail[256] = "";

    if (!c->values || answer->outcome != ANSWER_OK)
        return true;
    if (!values_read(c->values, answer->content.data, answer->content.len, NULL,
                     0, c->today, &outcome, detail, err))
        return false;
    if (outcome == VALUES_OK || outcome == VALUES_REPAIRED)
        return true;
    answer->outcome = ANSWER_FAILED;
    snprintf(answer->code, sizeof(answer->code), "%s",
             values_outcome_names[outcome]);
    snprintf(answer->message, sizeof(answer->message), "%s", detail);
    utf8_trim_cut(answer->message);
    return true;
}

static void take_answer(struct chunk *c, struct line_facts *f)
{
    const struct answer *answer = &c->answer;

    memcpy(f->custom_id, answer->custom_id, sizeof(f->custom_id));
    f->input_tokens = answer->input_tokens;
    f->cached_tokens = answer->cached_tokens;
    f->output_tokens = answer->output_tokens;
    f->duration = duration_of(json_root(c->doc));
    f->good = answer->outcome == ANSWER_OK;
    if (f->good) {
        score_read(c->inner, answer->content.data, answer->content.len,
                   &f->score);
    } else {
        f->code = keep_text(c, code_of(answer));
        f->message = keep_text(c, answer->message);
    }
    if (c->with_rows)
        write_row(c, f);
}

static bool take_line(struct chunk *c, struct line_facts *f, struct error *err)
{
    const char *line = c->lines.data + f->at;

    f->broken = f->too_long;
    if (f->too_long) {
        f->message = keep_text(c, "the line is too long");
        return true;
    }
    f->blank = text_is_blank(line, f->len);
    if (f->blank)
        return true;
    if (!read_line(c, line, f->len, err))
        return false;
    f->broken = c->answer.outcome == ANSWER_MALFORMED;
    if (!f->broken && !check_answer(c, err))
        return false;
    if (f->broken)
        f->message = keep_text(c, c->answer.message);
    else
        take_answer(c, f);
    return (strbuf_ok(&c->texts) && strbuf_ok(&c->rows)) || error_memory(err);
}

void chunk_read(void *context, void *job)
{
    struct chunk *c = job;
    size_t i;

    (void)context;
    for (i = 0; i < c->count && !c->failed; i++)
        c->failed = !take_line(c, &c->facts[i], &c->err);
}

/* -- chunks -- */

static const struct provider_ops *ops_named(const char *name)
{
    const struct provider_ops *ops;
    size_t i;

    for (i = 0; (ops = provider_ops_at(i)); i++)
        if (strcmp(ops->name, name) == 0)
            break;
    return ops;
}

void chunk_clear(struct chunk *c)
{
    c->count = 0;
    strbuf_clear(&c->lines);
    strbuf_clear(&c->texts);
    strbuf_clear(&c->rows);
}

struct chunk *chunk_new(const struct analyze_settings *settings,
                        struct error *err)
{
    struct chunk *c = calloc(1, sizeof(*c));

    if (!c) {
        error_memory(err);
        return NULL;
    }
    c->with_rows = settings->csv != NULL;
    c->excel_safe = settings->excel_safe;
    c->today = settings->today;
    c->openai.ops = ops_named("openai");
    c->gemini.ops = ops_named("gemini");
    c->anthropic.ops = ops_named("anthropic");
    answer_init(&c->answer);
    strbuf_init(&c->lines, CHUNK_CEILING);
    strbuf_init(&c->texts, CHUNK_CEILING);
    strbuf_init(&c->rows, CHUNK_CEILING);
    strbuf_init(&c->text, TEXT_CEILING);
    c->doc = json_doc_new();
    c->inner = json_doc_new();
    if (!c->doc || !c->inner)
        error_memory(err);
    else if (!settings->profile ||
             values_new(&c->values, settings->profile, NULL, err))
        return c;
    chunk_free(c);
    return NULL;
}

void chunk_free(struct chunk *c)
{
    if (!c)
        return;
    json_doc_free(c->doc);
    json_doc_free(c->inner);
    values_free(c->values);
    answer_release(&c->answer);
    strbuf_release(&c->lines);
    strbuf_release(&c->texts);
    strbuf_release(&c->rows);
    strbuf_release(&c->text);
    free(c);
}
