/*
 * convert_pages.c -- a list of addresses: a window of them is fetched at
 * once, then written in the order of the list.
 */
#include "io/convert_private.h"
#include "io/pages.h"

/* A line that is no address. */
static bool leave_out_line(struct conversion *v, const struct error *why,
                           struct error *err)
{
    *err = *why;
    return conversion_refuse(v, err) && conversion_step(v, err);
}

static bool read_window(struct conversion *v, struct pages *p, bool *more,
                        struct error *err)
{
    struct record record;
    struct error why;

    while (!pages_are_full(p) && *more) {
        if (!record_next(v->reader, &record, more, &why)) {
            if (!leave_out_line(v, &why, err))
                return false;
            continue;
        }
        if (*more && !pages_take(p, &record, err))
            return false;
    }
    return true;
}

/* A page that can't be had is told, and not fatal. */
static bool add_page(struct conversion *v, struct pages *p, size_t i,
                     struct error *err)
{
    char why[PAGES_WHY];
    struct record *record = pages_read(p, i, why);

    if (record)
        return parcels_add(v, record, err);
    v->c->refused++;
    if (v->c->bad)
        v->c->bad(v->c->context, why);
    return true;
}

static bool add_window(struct conversion *v, struct pages *p, struct error *err)
{
    size_t i;

    if (!fetch_pages(v->c->fetcher, p->list, p->count, v->c->stop, err))
        return false;
    for (i = 0; i < p->count; i++)
        if (!add_page(v, p, i, err))
            return false;
    return parcels_finish(v, err);
}

bool conversion_fetch(struct conversion *v, struct error *err)
{
    struct pages p;
    bool more = true;
    bool ok = true;

    if (!v->c->fetcher)
        return error_set(err, ERROR_REJECT,
                         "%s is a list of addresses: nothing is fetched here",
                         v->c->in);
    pages_init(&p);
    while (ok && more) {
        ok = read_window(v, &p, &more, err) && add_window(v, &p, err);
        pages_clear(&p);
    }
    pages_release(&p);
    return ok;
}
