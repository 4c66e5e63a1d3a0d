#include "batch/pause.h"

#include <stdlib.h>

#include "base/text.h"

static struct db_value lower_text(const char *name, const char *from, char *out,
                                  size_t size)
{
    ascii_lower(from ? from : "", out, size);
    return db_text(name, out);
}

static bool read_word(void *context, const struct db_rows *row,
                      struct error *err)
{
    const char *word = db_rows_text(row, 0, NULL);

    (void)err;
    *(bool *)context = word && strcmp(word, "pause") == 0;
    return true;
}

bool pause_holds(struct db *db, const char *section, const char *provider,
                 bool *paused, struct error *err)
{
    char names[2][BATCH_WORD];
    const struct db_value values[] = {
        db_integer("count", 1),
        lower_text("section", section, names[0], sizeof(names[0])),
        lower_text("provider", provider, names[1], sizeof(names[1])),
    };

    *paused = false;
    return db_each(db, "command_paused", values, ARRAY_LEN(values), read_word,
                   paused, NULL, err);
}

bool pause_holds_batch(struct db *db, const struct batch *b, bool *paused,
                       struct error *err)
{
    *paused = false;
    return b->status >= BATCH_CREATING ||
           pause_holds(db, b->section, b->provider, paused, err);
}

/* Of the rows in their order: the last word about everybody, then the words
 * about single ones since. */
#define PAUSES_MAX 64

struct pauses {
    struct pause {
        char name[BATCH_WORD]; /* "" = all */
        char by[129];
        double age;
        bool paused;
    } list[PAUSES_MAX];
    size_t count;
};

static struct pause *pause_of(struct pauses *p, const char *name)
{
    size_t i;

    /* What was said of single ones before is void. */
    if (!name[0])
        p->count = 0;
    for (i = 0; i < p->count; i++)
        if (strcmp(p->list[i].name, name) == 0)
            return &p->list[i];
    if (p->count < PAUSES_MAX)
        p->count++;
    snprintf(p->list[p->count - 1].name, BATCH_WORD, "%s", name);
    return &p->list[p->count - 1];
}

static bool read_pause(void *context, const struct db_rows *row,
                       struct error *err)
{
    const char *word = db_rows_text(row, 0, NULL);
    const char *name = db_rows_text(row, 1, NULL);
    const char *by = db_rows_text(row, 3, NULL);
    struct pause *pause;

    (void)err;
    if (!name || strcmp(name, "all") == 0)
        name = "";
    pause = pause_of(context, name);
    pause->paused = word && strcmp(word, "pause") == 0;
    pause->age = db_rows_real(row, 2);
    snprintf(pause->by, sizeof(pause->by), "%s", by ? by : "");
    return true;
}

static void add_pause(const struct pause *pause, bool all, struct strbuf *out)
{
    char age[CLOCK_TEXT];

    if (!pause->paused && !(all && pause->name[0]))
        return;
    if (out->len)
        strbuf_adds(out, ", ");
    clock_duration(pause->age, age);
    strbuf_addf(out, "%s%s for %s%s%s%s", pause->paused ? "" : "but not ",
                pause->name[0] ? pause->name : "every provider", age,
                pause->by[0] ? " (by " : "", pause->by,
                pause->by[0] ? ")" : "");
}

bool pause_text(struct db *db, struct strbuf *out, struct error *err)
{
    struct pauses *p = calloc(1, sizeof(*p));
    bool ok, all;
    size_t i;

    if (!p)
        return error_memory(err);
    ok = db_each(db, "monitor_paused", NULL, 0, read_pause, p, NULL, err);
    all = p->count && !p->list[0].name[0] && p->list[0].paused;
    for (i = 0; ok && i < p->count; i++)
        add_pause(&p->list[i], all, out);
    free(p);
    return ok;
}

static bool read_id(void *context, const struct db_rows *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = db_rows_integer(row, 0);
    return true;
}

bool pause_newest(struct db *db, int64_t *id, struct error *err)
{
    return db_each(db, "command_newest", NULL, 0, read_id, id, NULL, err);
}
