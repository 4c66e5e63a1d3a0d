#include "extract/values_plan.h"

/* A blank before every flag but the first. */
static void begin(struct strbuf *out, size_t before)
{
    if (out->len > before)
        strbuf_addc(out, ' ');
}

static void add_repairs(const struct values *v, struct strbuf *out,
                        size_t before)
{
    static const char *const words[] = { "fenced", "prose", "commas",
                                         "controls", "closed" };
    size_t i;

    for (i = 0; i < ARRAY_LEN(words); i++)
        if (v->repairs & 1u << i) {
            begin(out, before);
            strbuf_adds(out, words[i]);
        }
    if (v->extra) {
        begin(out, before);
        strbuf_addf(out, "extra:%u", v->extra);
    }
}

static void add_lists(const struct values *v, struct strbuf *out, size_t before)
{
    size_t i;

    for (i = 0; i < v->list_count; i++) {
        const struct list *list = &v->lists[i];

        if (list->more) {
            begin(out, before);
            strbuf_addf(out, "more:%s:%zu", list->pointer + 1, list->more);
        }
        if (list->sorted) {
            begin(out, before);
            strbuf_addf(out, "sorted:%s", list->pointer + 1);
        }
    }
}

static void add_column(const struct values *v, size_t i, struct strbuf *out,
                       size_t before)
{
    static const struct {
        unsigned flag;
        const char *word;
    } words[] = { { VALUE_CLIPPED, "clipped" },
                  { VALUE_DROPPED, "dropped" },
                  { VALUE_UNGROUNDED, "ungrounded" },
                  { VALUE_REBUILT, "rebuilt" } };
    const struct column *c = &v->profile->columns[i];
    unsigned flags = v->values[i].flags;
    size_t j;

    if (flags & VALUE_CURRENT) {
        begin(out, before);
        strbuf_addf(out, "current:%d", c->position);
    }
    for (j = 0; j < ARRAY_LEN(words); j++)
        if (flags & words[j].flag) {
            begin(out, before);
            strbuf_addf(out, "%s:%s", words[j].word, c->key);
        }
}

void values_flags(const struct values *v, struct strbuf *out)
{
    size_t before = out->len, i;

    add_repairs(v, out, before);
    add_lists(v, out, before);
    for (i = 0; i < v->profile->column_count; i++)
        if (v->values[i].flags)
            add_column(v, i, out, before);
}
