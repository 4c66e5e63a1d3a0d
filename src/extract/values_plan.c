#include "extract/values_plan.h"

#define RESUME_BYTES (64 * MIB)

/* The digits after the first slash that are a whole step: where they begin,
 * or NULL. */
static const char *index_step(const char *pointer)
{
    const char *at = pointer;

    while ((at = strchr(at, '/'))) {
        size_t digits = strspn(++at, "0123456789");

        if (digits && (at[digits] == '/' || !at[digits]))
            return at;
    }
    return NULL;
}

/* The list of that pointer (len bytes), made if it is new. */
static struct list *find_list(struct values *v, const char *pointer, size_t len,
                              struct error *err)
{
    struct list *list;
    size_t i;

    for (i = 0; i < v->list_count; i++)
        if (strlen(v->lists[i].pointer) == len &&
            !memcmp(v->lists[i].pointer, pointer, len))
            return &v->lists[i];
    if (v->list_count == VALUES_LISTS) {
        error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                   "a profile of more than %d lists", VALUES_LISTS);
        return NULL;
    }
    list = &v->lists[v->list_count];
    list->pointer = strndup(pointer, len);
    if (!list->pointer) {
        error_memory(err);
        return NULL;
    }
    v->list_count++;
    return list;
}

bool values_wanted(const struct values *v, size_t column)
{
    return v->profile->columns[column].enabled && v->targets[column].present;
}

static bool plan_column(struct values *v, size_t i, struct error *err)
{
    const struct column *c = &v->profile->columns[i];
    const char *step = index_step(c->pointer);
    struct place *place = &v->places[i];
    size_t len = strlen(c->pointer);
    char *rest;

    place->rest = c->pointer;
    v->grounded |= c->grounded && values_wanted(v, i);
    if (!step && c->type != COLUMN_LIST)
        return true;
    if (step)
        len = (size_t)(step - c->pointer) - 1;
    place->list = find_list(v, c->pointer, len, err);
    if (!place->list)
        return false;
    if (!place->list->rules)
        place->list->rules = c->rules;
    place->list->used |= values_wanted(v, i);
    if (!step) {
        place->list->plain = true;
        return true;
    }
    place->index = strtoul(step, &rest, 10);
    place->rest = rest;
    if (place->list->columns <= place->index)
        place->list->columns = place->index + 1;
    place->list->plain = !*rest;
    if (c->role == ROLE_START)
        place->list->start = place->rest;
    if (c->role == ROLE_END)
        place->list->end = place->rest;
    return true;
}

/* Experience and tenure are measured from the positions' dates, also where
 * the table keeps none of these. */
static void use_positions(struct values *v)
{
    bool measured = false;
    size_t i;

    for (i = 0; i < v->profile->column_count; i++)
        measured |= values_wanted(v, i) &&
                    (v->profile->columns[i].role == ROLE_EXPERIENCE ||
                     v->profile->columns[i].role == ROLE_TENURE);
    for (i = 0; i < v->list_count; i++)
        if (measured && v->lists[i].start && v->lists[i].end)
            v->lists[i].used = true;
}

static bool allocate(struct values *v, const struct value_target *targets,
                     struct error *err)
{
    size_t n = v->profile->column_count;
    size_t i;

    strbuf_init(&v->mended, VALUES_BYTES);
    strbuf_init(&v->scratch, VALUES_BYTES);
    strbuf_init(&v->text, 2 * VALUES_BYTES);
    strbuf_init(&v->folded, 2 * VALUES_BYTES);
    strbuf_init(&v->restored, 2 * VALUES_BYTES);
    strbuf_init(&v->resume, RESUME_BYTES);
    v->targets = calloc(n, sizeof(*v->targets));
    v->places = calloc(n, sizeof(*v->places));
    v->values = calloc(n, sizeof(*v->values));
    v->pieces = calloc(n, sizeof(*v->pieces));
    v->lists = calloc(VALUES_LISTS, sizeof(*v->lists));
    v->doc = json_doc_new();
    if (!v->targets || !v->places || !v->values || !v->pieces || !v->lists ||
        !v->doc)
        return error_memory(err);
    v->dates = dates_new(err);
    if (!v->dates)
        return false;
    for (i = 0; i < n; i++) {
        v->targets[i].present = true;
        if (targets)
            v->targets[i] = targets[i];
    }
    return true;
}

bool values_new(struct values **values, const struct profile *profile,
                const struct value_target *targets, struct error *err)
{
    struct values *v = calloc(1, sizeof(*v));
    bool good;
    size_t i;

    *values = NULL;
    if (!v)
        return error_memory(err);
    v->profile = profile;
    good = allocate(v, targets, err);
    for (i = 0; good && i < profile->column_count; i++)
        good = plan_column(v, i, err);
    if (good)
        use_positions(v);
    if (good && profile->redact)
        good = values_set_redact(v, true, err);
    if (good)
        *values = v;
    else
        values_free(v);
    return good;
}

void values_free(struct values *v)
{
    size_t i;

    if (!v)
        return;
    for (i = 0; i < v->list_count; i++)
        free(v->lists[i].pointer);
    free(v->lists);
    free(v->targets);
    free(v->places);
    free(v->values);
    free(v->pieces);
    json_doc_free(v->doc);
    dates_free(v->dates);
    strbuf_release(&v->mended);
    strbuf_release(&v->scratch);
    strbuf_release(&v->text);
    strbuf_release(&v->folded);
    strbuf_release(&v->restored);
    strbuf_release(&v->resume);
    redaction_free(v->redaction);
    ground_free(v->ground);
    free(v);
}

void values_set_grounding(struct values *v, enum grounding_policy policy)
{
    v->grounding = policy;
}

bool values_set_redact(struct values *v, bool redact, struct error *err)
{
    if (redact && !v->redaction) {
        v->redaction = redaction_new(err);
        return v->redaction != NULL;
    }
    if (!redact) {
        redaction_free(v->redaction);
        v->redaction = NULL;
    }
    return true;
}
