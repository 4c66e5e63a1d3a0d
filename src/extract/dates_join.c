/*
 * dates_join.c -- from the dates and what stands between them to a range.
 */
#include "extract/dates_private.h"

#include <stdio.h>

/* Removes an item; what stood around it is now one gap. */
static void remove_item(struct dates *d, size_t i)
{
    size_t k;

    d->gaps[i] |= d->gaps[i + 1];
    d->item_count--;
    for (k = i; k < d->item_count; k++)
        d->items[k] = d->items[k + 1];
    for (k = i + 1; k <= d->item_count; k++)
        d->gaps[k] = d->gaps[k + 1];
}

#define GAP_BETWEEN (GAP_DASH | GAP_TO | GAP_SLASH | GAP_SINCE)

/* "N/A" is a side only where something divides it from the other. */
static void drop_unknowns(struct dates *d)
{
    size_t i = 0;

    while (i < d->item_count) {
        bool divided = (i && d->gaps[i] & GAP_BETWEEN) ||
                       (i + 1 < d->item_count && d->gaps[i + 1] & GAP_BETWEEN);

        if (d->items[i].kind == KIND_UNKNOWN && !divided)
            remove_item(d, i);
        else
            i++;
    }
}

/* "08-11" may be anything; it needs a second one or Present beside it,
 * or nothing else at all. */
static void drop_weak(struct dates *d)
{
    size_t weak = 0;
    size_t i;

    for (i = 0; i < d->item_count; i++)
        weak += d->items[i].weak || d->items[i].kind == KIND_PRESENT;
    if (d->item_count == 1 && d->items[0].needy && !d->gaps[0])
        d->item_count = 0;
    if (weak == d->item_count)
        return;
    for (i = d->item_count; i-- > 0;)
        if (d->items[i].weak)
            remove_item(d, i);
}

/* "Winter 2012/13" is one season. */
static void join_winter(struct dates *d)
{
    size_t i;

    for (i = 0; i + 1 < d->item_count; i++) {
        const struct dates_item *season = &d->items[i];
        const struct dates_item *next = &d->items[i + 1];

        if (season->winter && season->year && next->kind == KIND_DATE &&
            !next->month && next->year == season->year + 1 &&
            !(d->gaps[i + 1] & ~(unsigned)(GAP_DASH | GAP_SLASH))) {
            unsigned before = d->gaps[i + 1];

            remove_item(d, i + 1);
            d->gaps[i + 1] &= ~before;
        }
    }
}

/* "Currently since 2014", "Current: 2014 - 2016": the first word only
 * tells what the rest is. */
static void drop_leading_present(struct dates *d)
{
    if (d->item_count < 2 || d->items[0].kind != KIND_PRESENT)
        return;
    if (d->item_count > 2 || d->gaps[1] & (GAP_SINCE | GAP_TEXT) ||
        d->gaps[2] & GAP_DASH) {
        d->gaps[1] &= ~(unsigned)GAP_DASH;
        remove_item(d, 0);
    }
}

/* "2012-13 to 2014-15": each pair of years is one side. */
static void join_pairs(struct dates *d)
{
    struct dates_item *items = d->items;

    if (d->item_count > 2 && items[0].pair &&
        d->gaps[2] & (GAP_DASH | GAP_TO)) {
        remove_item(d, 1);
        d->gaps[1] = GAP_DASH;
    }
    if (d->item_count > 2 && items[1].pair &&
        d->gaps[1] & (GAP_DASH | GAP_TO)) {
        if (items[0].compact) { /* "2011-12 to 2012-13" */
            items[0].month = items[0].month_last = 0;
            items[0].compact = false;
        }
        remove_item(d, 1);
        d->gaps[1] = GAP_DASH;
    }
}

/* --- day or month first? ---------------------------------------------- */

static void set_order(struct dates_item *item, enum dates_order order)
{
    int month = item->numbers[order == ORDER_DAY_FIRST];

    item->month = item->month_last = month;
}

/* Both sides at the coarser precision. */
static bool is_reversed(const struct dates_item *a, const struct dates_item *b)
{
    if (a->kind != KIND_DATE || b->kind != KIND_DATE || !a->year || !b->year)
        return false;
    if (a->year != b->year)
        return a->year > b->year;
    return a->month && b->month && a->month > b->month_last;
}

static void set_open_orders(struct dates_item **sides, size_t count,
                            enum dates_order order)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (sides[i]->order == ORDER_OPEN)
            set_order(sides[i], order);
}

/* True when the months stay a guess. */
static bool settle_orders(struct dates_item **sides, size_t count)
{
    bool guess = false;
    enum dates_order settled = ORDER_NONE;
    size_t i;

    for (i = 0; i < count; i++) {
        struct dates_item *side = sides[i];

        if (side->order == ORDER_OPEN) {
            guess |= side->numbers[0] != side->numbers[1];
        } else if (side->order != ORDER_NONE) {
            settled = side->order;
            set_order(side, settled);
        }
    }
    set_open_orders(sides, count, settled ? settled : ORDER_US);
    if (settled || !guess)
        return false;
    if (count == 2 && is_reversed(sides[0], sides[1])) {
        set_open_orders(sides, count, ORDER_DAY_FIRST);
        if (is_reversed(sides[0], sides[1]))
            set_open_orders(sides, count, ORDER_US);
    }
    return true;
}

/* --- what one side leaves to the other -------------------------------- */

/* In "June 27 - July 2, 2011" the 27 is a day. */
static void settle_bare_years(struct dates_item *a, const struct dates_item *b)
{
    if (a->bare_year && !a->day && b->day && b->year && !b->bare_year &&
        b->kind == KIND_DATE)
        a->year = 0;
}

/* In "1/1/2014 - 12/31" the second is a day of the same year. */
static void settle_slashed(const struct dates_item *a, struct dates_item *b)
{
    if (!b->slashed || a->order == ORDER_NONE || !a->year ||
        b->numbers[1] < 1 || b->numbers[1] > 31)
        return;
    b->order = dates_order_of(b->numbers[0], b->numbers[1]);
    b->year = 0;
}

/* "3. 2006 - 2007", "2005 to 2007. 4": the number of a list, unless both
 * sides have it or the other one has a month too. */
static void settle_list_dots(struct dates_item *a, struct dates_item *b)
{
    if (a->list_before && !b->list_before)
        a->month = a->month_last = 0;
    if (b->list_behind && a->year && !a->month)
        b->month = b->month_last = 0;
}

static void share_years(struct dates_item *a, struct dates_item *b)
{
    if (a->kind != KIND_DATE || b->kind != KIND_DATE)
        return;
    if (!a->year && a->month && b->year)
        a->year = b->year - (b->month && a->month > b->month);
    else if (a->year && !b->year && b->month)
        b->year = a->year + (a->month && b->month < a->month);
}

/* Two months without a year before a third date: "Jan, Feb and Mar 2012". */
static void share_third(struct dates *d)
{
    const struct dates_item *third = &d->items[2];

    if (d->item_count > 2 && !d->items[0].year && !d->items[1].year &&
        d->items[0].month && d->items[1].month &&
        d->items[0].kind == KIND_DATE && d->items[1].kind == KIND_DATE &&
        third->kind == KIND_DATE && third->year)
        d->items[1].year =
            third->year - (third->month && d->items[1].month > third->month);
}

/* --- writing ---------------------------------------------------------- */

static void put_number(char *out, int value, int digits)
{
    while (digits-- > 0) {
        out[digits] = (char)('0' + value % 10);
        value /= 10;
    }
}

static void write_side(const struct dates_item *item, bool last, char out[8])
{
    int month = last ? item->month_last : item->month;

    if (item->kind == KIND_PRESENT) {
        memcpy(out, "Present", 8);
        return;
    }
    if (item->kind != KIND_DATE || !item->year)
        return;
    put_number(out, item->year, 4);
    out[4] = '\0';
    if (month) {
        out[4] = '-';
        put_number(out + 5, month, 2);
        out[7] = '\0';
    }
}

/* Since, onwards, or a dash with nothing behind it. */
static bool is_open(unsigned before, unsigned after)
{
    if (before & GAP_SINCE || after & (GAP_SINCE | GAP_ONWARDS))
        return true;
    return after & (GAP_DASH | GAP_TO) && !(after & GAP_TEXT);
}

static void join_one(struct dates *d, struct date_range *range)
{
    struct dates_item *item = &d->items[0];
    unsigned before = d->gaps[0];
    unsigned after = d->gaps[1];
    bool usable = item->kind == KIND_DATE && item->year;
    bool open = is_open(before, after);
    bool ambiguous =
        settle_orders(&item, 1) || (item->compact && !open && !before);

    if (item->kind == KIND_PRESENT ||
        (usable && (before & GAP_TO || after & GAP_UNTIL_AFTER))) {
        write_side(item, true, range->end);
    } else if (usable) {
        write_side(item, false, range->start);
        if (open)
            memcpy(range->end, "Present", 8);
    }
    if (item->kind == KIND_INVALID)
        range->note = DATE_INVALID;
    else if (ambiguous && usable)
        range->note = DATE_AMBIGUOUS;
}

static void join_two(struct dates *d, struct date_range *range)
{
    struct dates_item *sides[2] = { &d->items[0], &d->items[1] };
    bool ambiguous;

    share_third(d);
    settle_bare_years(sides[0], sides[1]);
    settle_bare_years(sides[1], sides[0]);
    settle_slashed(sides[0], sides[1]);
    settle_list_dots(sides[0], sides[1]);
    ambiguous = settle_orders(sides, 2);
    share_years(sides[0], sides[1]);
    write_side(sides[0], false, range->start);
    write_side(sides[1], true, range->end);
    if (sides[0]->kind == KIND_INVALID || sides[1]->kind == KIND_INVALID)
        range->note = DATE_INVALID;
    else if (is_reversed(sides[0], sides[1]) ||
             (sides[0]->kind == KIND_PRESENT && range->end[0] &&
              sides[1]->kind == KIND_DATE))
        range->note = DATE_REVERSED;
    else if (ambiguous)
        range->note = DATE_AMBIGUOUS;
}

void dates_join(struct dates *d, struct date_range *range)
{
    memset(range, 0, sizeof(*range));
    join_winter(d);
    drop_weak(d);
    drop_unknowns(d);
    drop_leading_present(d);
    join_pairs(d);
    if (d->item_count == 1)
        join_one(d, range);
    else if (d->item_count > 1)
        join_two(d, range);
    if (!range->start[0] && !range->end[0] && range->note != DATE_INVALID)
        range->note = DATE_NONE;
}
