#include "extract/values_plan.h"

#include <math.h>
#include <time.h>

#include "extract/tenure.h"

/* The list whose elements have a start and an end; NULL: none. */
static const struct list *find_positions(const struct values *v)
{
    size_t i;

    for (i = 0; i < v->list_count; i++)
        if (v->lists[i].start && v->lists[i].end)
            return &v->lists[i];
    return NULL;
}

/* As dates.h writes a side. */
static void write_side(const struct month *m, char out[8])
{
    if (m->present)
        memcpy(out, "Present", 8);
    else if (m->year && m->month)
        snprintf(out, 8, "%04u-%02u", (unsigned)m->year % 10000,
                 (unsigned)m->month % 100);
    else if (m->year)
        snprintf(out, 8, "%04u", (unsigned)m->year % 10000);
    else
        out[0] = '\0';
}

/* The worse of two notes: they count upwards from harmless to useless in
 * this order. */
static enum date_note worse(enum date_note a, enum date_note b)
{
    static const int badness[] = {
        [DATE_FINE] = 0,     [DATE_AMBIGUOUS] = 1, [DATE_NONE] = 2,
        [DATE_REVERSED] = 3, [DATE_INVALID] = 4,
    };

    return badness[a] > badness[b] ? a : b;
}

static bool is_reversed(const struct month *start, const struct month *end)
{
    if (!start->year || !end->year || end->present)
        return false;
    if (start->year != end->year)
        return start->year > end->year;
    return start->month && end->month && start->month > end->month;
}

static void measure_list(const struct list *list, double today,
                         struct tenure *tenure)
{
    struct date_range ranges[VALUES_ITEMS];
    time_t now = (time_t)today;
    struct tm tm = { 0 };
    size_t i;

    for (i = 0; i < list->count; i++) {
        const struct item *item = &list->items[i];

        write_side(&item->start, ranges[i].start);
        write_side(&item->end, ranges[i].end);
        ranges[i].note = worse(item->start.note, item->end.note);
        if (is_reversed(&item->start, &item->end))
            ranges[i].note = DATE_REVERSED;
    }
    gmtime_r(&now, &tm);
    /* A model that was held to seven positions may have left some out. */
    tenure_measure(ranges, list->count,
                   list->more || list->count >= list->columns,
                   tm.tm_year + 1900, tm.tm_mon + 1, tenure);
}

/* One digit after the point is all that months can say. */
static void settle_number(struct values *v, size_t column, double years,
                          bool contradicted)
{
    const struct column *c = &v->profile->columns[column];
    struct value *value = &v->values[column];

    years = round(years * 10) / 10;
    if ((value->state == VALUE_NUMBER && !contradicted) ||
        (c->bounded && (years < c->min || years > c->max)))
        return;
    contradicted |= (value->flags & VALUE_DROPPED) != 0;
    values_set_number(v, column, years);
    value->flags &= ~(unsigned)VALUE_DROPPED;
    value->flags |= contradicted ? VALUE_REBUILT : VALUE_CHANGED;
    value->rule = "tenure";
}

void values_measure(struct values *v, double today)
{
    const struct list *list = find_positions(v);
    struct tenure tenure;
    size_t i;

    if (!list || !list->count)
        return;
    measure_list(list, today, &tenure);
    for (i = 0; tenure.counted && i < v->profile->column_count; i++) {
        enum column_role role = v->profile->columns[i].role;
        double number = v->values[i].number;
        bool told = v->values[i].state == VALUE_NUMBER;

        if (!values_wanted(v, i))
            continue;
        if (role == ROLE_EXPERIENCE)
            settle_number(v, i, tenure.experience,
                          told &&
                              tenure_contradicts_experience(&tenure, number));
        else if (role == ROLE_TENURE)
            settle_number(v, i, tenure.average,
                          told && tenure_contradicts_average(&tenure, number));
    }
}
