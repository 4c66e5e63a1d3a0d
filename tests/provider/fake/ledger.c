#include "base/jsonw.h"
#include "tests/provider/fake/store.h"

struct fake_ledger fake_ledger;

/* -- a growing hash table of custom ids -- */

static struct fake_line_count *counts;
static size_t size, used;

static struct fake_line_count *slot(struct fake_line_count *table, size_t n,
                                    const char *id, size_t len)
{
    size_t at = (size_t)fake_hash(id, len) & (n - 1);

    while (table[at].id &&
           (strlen(table[at].id) != len || memcmp(table[at].id, id, len) != 0))
        at = (at + 1) & (n - 1);
    return &table[at];
}

static void grow(void)
{
    size_t bigger = size ? size * 2 : 1024, i;
    struct fake_line_count *table = calloc(bigger, sizeof(*table));

    if (!table)
        fake_die("memory");
    for (i = 0; i < size; i++)
        if (counts[i].id)
            *slot(table, bigger, counts[i].id, strlen(counts[i].id)) =
                counts[i];
    free(counts);
    counts = table;
    size = bigger;
}

struct fake_line_count *fake_count(const char *id, size_t len)
{
    struct fake_line_count *c;

    if (used * 2 >= size)
        grow();
    c = slot(counts, size, id, len);
    if (c->id)
        return c;
    c->id = strndup(id, len);
    if (!c->id)
        fake_die("memory");
    used++;
    return c;
}

/* -- texts asked before: a fixed table of hashes is enough -- */

#define TEXTS ((size_t)1 << 16)
static struct {
    uint64_t hash;
    int times;
} texts[TEXTS];

int fake_asked(const char *text, size_t len)
{
    uint64_t hash = fake_hash(text, len);
    size_t at = (size_t)hash % TEXTS, n;

    for (n = 0; n < 64 && texts[at].hash && texts[at].hash != hash; n++)
        at = (at + 1) % TEXTS;
    texts[at].hash = hash;
    return texts[at].times++;
}

/* -- GET /ledger -- */

void fake_ledger_json(struct strbuf *out)
{
    const struct fake_ledger *l = &fake_ledger;
    struct jsonw w;
    size_t i;

    fake_batches_start();
    jsonw_init(&w, out);
    jsonw_object(&w, NULL);
    jsonw_integer(&w, "uploads", l->uploads);
    jsonw_integer(&w, "creates", l->creates);
    jsonw_integer(&w, "lists", l->lists);
    jsonw_integer(&w, "polls", l->polls);
    jsonw_integer(&w, "cancels", l->cancels);
    jsonw_integer(&w, "downloads", l->downloads);
    jsonw_integer(&w, "deletes", l->deletes);
    jsonw_integer(&w, "chats", l->chats);
    jsonw_integer(&w, "in_flight", l->in_flight);
    jsonw_integer(&w, "most_in_flight", l->most_in_flight);
    jsonw_integer(&w, "accepted", l->accepted);
    jsonw_integer(&w, "billed", l->billed);
    jsonw_object(&w, "requests");
    for (i = 0; i < size; i++) {
        if (!counts[i].id)
            continue;
        jsonw_object(&w, counts[i].id);
        jsonw_integer(&w, "accepted", counts[i].accepted);
        jsonw_integer(&w, "billed", counts[i].billed);
        jsonw_end_object(&w);
    }
    jsonw_end_object(&w);
    jsonw_end_object(&w);
    strbuf_addc(out, '\n');
}
