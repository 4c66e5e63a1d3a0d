#include "batch/check.h"

#include "base/digest.h"

#define CONTENTS_CEILING (128 * MIB)
#define TEXTS_CEILING (256 * MIB)

bool chunk_init(struct chunk *c, struct worker *w, struct batch *b,
                struct items *items, struct error *err)
{
    memset(c, 0, sizeof(*c));
    strbuf_init(&c->contents, CONTENTS_CEILING);
    strbuf_init(&c->texts, TEXTS_CEILING);
    c->list = calloc(CHUNK_ANSWERS, sizeof(*c->list));
    if (!c->list)
        return error_memory(err);
    return writeback_new(&c->wb, w, b, items, err);
}

void chunk_release(struct chunk *c)
{
    writeback_free(c->wb);
    strbuf_release(&c->contents);
    strbuf_release(&c->texts);
    free(c->list);
    c->wb = NULL;
    c->list = NULL;
}

static void set_outcome(struct waiting *v, const char *code, const char *detail,
                        bool our_try)
{
    snprintf(v->code, sizeof(v->code), "%s", code);
    snprintf(v->detail, sizeof(v->detail), "%s", detail);
    v->our_try = our_try;
}

static bool text_changed(const struct waiting *v, const char *text)
{
    char hex[DIGEST_HEX];

    digest_of(text, v->text_len, hex);
    return strncmp(hex, v->item->hash, 32) != 0;
}

static bool check_answer(struct worker *w, struct chunk *c, struct waiting *v,
                         struct error *err)
{
    const char *text = c->texts.data + v->text;
    enum values_outcome outcome;
    char detail[256] = "";

    v->code[0] = '\0';
    if (!v->has_text) {
        set_outcome(v, "gone", "the record is gone", true);
        return true;
    }
    if (text_changed(v, text)) {
        set_outcome(v, "text_changed", "the record's text changed meanwhile",
                    false);
        return true;
    }
    if (!values_read(w->values, c->contents.data + v->content, v->len, text,
                     v->text_len, c->now, &outcome, detail, err))
        return false;
    if (outcome != VALUES_OK && outcome != VALUES_REPAIRED) {
        set_outcome(v, values_outcome_names[outcome], detail, true);
        return true;
    }
    return writeback_add(c->wb, v->item, err);
}

void chunk_check(void *worker, void *chunk)
{
    struct chunk *c = chunk;
    size_t i;

    c->ok = true;
    for (i = 0; c->ok && i < c->count; i++)
        c->ok = check_answer(worker, c, &c->list[i], &c->err);
}
