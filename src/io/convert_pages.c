/*
 * convert_pages.c -- a list of addresses: a window of them is fetched at
 * once, then written in the order of the list.
 */
#include "base/text.h"
#include "io/convert_private.h"
#include "io/html.h"
#include "provider/fetch.h"

#define WINDOW 16

struct window {
    struct fetch_page pages[WINDOW];
    struct record records[WINDOW];
    char *urls[WINDOW]; /* owned */
    size_t count;
    struct strbuf title, text;
};

/* A line that is no address. */
static bool leave_out_line(struct conversion *v, const struct error *why,
                           struct error *err)
{
    *err = *why;
    return conversion_refuse(v, err) && conversion_step(v, err);
}

static bool read_window(struct conversion *v, struct window *w, bool *more,
                        struct error *err)
{
    struct record record;
    struct error why;

    while (w->count < WINDOW && *more) {
        if (!record_next(v->reader, &record, more, &why)) {
            if (!leave_out_line(v, &why, err))
                return false;
            continue;
        }
        if (!*more)
            break;
        w->urls[w->count] = strdup(record.text);
        if (!w->urls[w->count])
            return error_memory(err);
        fetch_page_init(&w->pages[w->count], w->urls[w->count]);
        record.id = "";
        w->records[w->count++] = record;
    }
    return true;
}

static void clear(struct window *w)
{
    while (w->count) {
        fetch_page_release(&w->pages[--w->count]);
        free(w->urls[w->count]);
    }
}

/* A page that can't be had is told, and not fatal. */
static void leave_out(struct conversion *v, const struct fetch_page *page,
                      const char *why)
{
    char text[700];

    v->c->refused++;
    if (!v->c->bad)
        return;
    snprintf(text, sizeof(text), "%.400s: %s", page->url, why);
    v->c->bad(v->c->context, text);
}

static bool add_page(struct conversion *v, struct window *w, size_t i,
                     struct error *err)
{
    struct fetch_page *page = &w->pages[i];
    struct record *record = &w->records[i];

    strbuf_clear(&w->title);
    strbuf_clear(&w->text);
    if (page->why[0]) {
        leave_out(v, page, page->why);
        return true;
    }
    strbuf_addf(&w->text, "%s\n\n", page->url);
    html_text(page->body.data, page->body.len, page->type, &w->title, &w->text);
    if (!strbuf_ok(&w->text) ||
        text_is_blank(w->text.data + strlen(page->url),
                      w->text.len - strlen(page->url))) {
        leave_out(v, page, "it holds no text");
        return true;
    }
    record->title = w->title.data;
    record->text = w->text.data;
    record->len = w->text.len;
    return parcels_add(v, record, err);
}

static bool add_window(struct conversion *v, struct window *w,
                       struct error *err)
{
    size_t i;

    if (!fetch_pages(v->c->fetcher, w->pages, w->count, v->c->stop, err))
        return false;
    for (i = 0; i < w->count; i++)
        if (!add_page(v, w, i, err))
            return false;
    return parcels_finish(v, err);
}

bool conversion_fetch(struct conversion *v, struct error *err)
{
    struct window w = { .count = 0 };
    bool more = true;
    bool ok = true;

    if (!v->c->fetcher)
        return error_set(err, ERROR_REJECT,
                         "%s is a list of addresses: nothing is fetched here",
                         v->c->in);
    strbuf_init(&w.title, 64 * KIB);
    strbuf_init(&w.text, 16 * MIB);
    while (ok && more) {
        ok = read_window(v, &w, &more, err) && add_window(v, &w, err);
        clear(&w);
    }
    strbuf_release(&w.title);
    strbuf_release(&w.text);
    return ok;
}
