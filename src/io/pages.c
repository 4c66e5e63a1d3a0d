#include "io/pages.h"

#include <stdlib.h>

#include "base/text.h"
#include "io/html.h"

void pages_init(struct pages *p)
{
    p->count = 0;
    strbuf_init(&p->title, 64 * KIB);
    strbuf_init(&p->text, 16 * MIB);
}

void pages_clear(struct pages *p)
{
    while (p->count) {
        fetch_page_release(&p->list[--p->count]);
        free(p->urls[p->count]);
    }
}

void pages_release(struct pages *p)
{
    pages_clear(p);
    strbuf_release(&p->title);
    strbuf_release(&p->text);
}

bool pages_are_full(const struct pages *p)
{
    return p->count == PAGES_WINDOW;
}

bool pages_take(struct pages *p, const struct record *record, struct error *err)
{
    size_t i = p->count;

    p->urls[i] = strdup(record->text);
    if (!p->urls[i])
        return error_memory(err);
    fetch_page_init(&p->list[i], p->urls[i]);
    p->records[i] = *record;
    p->records[i].id = "";
    p->count++;
    return true;
}

/* "" = it has one. */
static const char *read_text(struct pages *p, const struct fetch_page *page)
{
    size_t head;

    strbuf_clear(&p->title);
    strbuf_clear(&p->text);
    if (page->why[0])
        return page->why;
    strbuf_addf(&p->text, "%s\n\n", page->url);
    head = p->text.len;
    html_text(page->body.data, page->body.len, page->type, &p->title, &p->text);
    if (!strbuf_ok(&p->text) ||
        text_is_blank(p->text.data + head, p->text.len - head))
        return "it holds no text";
    return "";
}

struct record *pages_read(struct pages *p, size_t i, char why[PAGES_WHY])
{
    struct record *record = &p->records[i];
    const char *fault = read_text(p, &p->list[i]);

    if (fault[0]) {
        snprintf(why, PAGES_WHY, "%.400s: %s", p->list[i].url, fault);
        return NULL;
    }
    record->title = p->title.data;
    record->text = p->text.data;
    record->len = p->text.len;
    return record;
}
