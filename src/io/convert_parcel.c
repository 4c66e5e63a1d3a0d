#include "extract/redact.h"
#include "extract/tokens.h"
#include "io/convert_private.h"

#define LINE_CEILING (64 * MIB)
#define PARCEL_CEILING (256 * MIB)

/* -- in a thread: texts to lines -- */

static void refuse(struct parcel *p, struct parcel_record *r, const char *why)
{
    r->refused = true;
    r->text = p->texts.len;
    r->text_len = strlen(why);
    strbuf_adds(&p->texts, why);
    strbuf_addc(&p->texts, '\0');
}

/* A line that is a request already. */
static void check_request(struct parcel *p, struct parcel_record *r)
{
    const struct conversion *v = p->conversion;
    char why[160];

    if (r->shape == v->shape) {
        strbuf_add(&p->lines, p->texts.data + r->text, r->text_len);
        strbuf_addc(&p->lines, '\n');
        return;
    }
    snprintf(why, sizeof(why),
             "it is a request for %s; provider %.40s takes %s's form",
             record_shape_names[r->shape], v->c->provider->ops->name,
             record_shape_names[v->shape]);
    refuse(p, r, why);
}

/* A text can't have more tokens than bytes. */
static bool mind_length(struct parcel *p, const struct parcel_record *r,
                        struct error *err)
{
    const struct convert *c = p->conversion->c;

    p->limits.counter = NULL;
    if (!c->vocab || (int64_t)r->text_len <= p->limits.max_tokens)
        return true;
    if (!p->counter)
        p->counter = token_counter_new_little(c->vocab);
    p->limits.counter = p->counter;
    return p->counter || error_memory(err);
}

static bool make_request(struct parcel *p, struct parcel_record *r,
                         struct error *err)
{
    enum prompt_verdict verdict = PROMPT_READY;
    unsigned flags = 0;

    strbuf_clear(&p->prompt);
    if (!mind_length(p, r, err) ||
        !prompt_build(p->texts.data + r->text, r->text_len, &p->limits,
                      &p->prompt, &verdict, &flags, err))
        return false;
    if (verdict == PROMPT_EMPTY) {
        refuse(p, r, "there is no text");
        return true;
    }
    request_line(&p->conversion->template, r->custom_id, p->prompt.data,
                 p->prompt.len, &p->lines);
    r->prompt_len = p->prompt.len;
    if (r->sampled)
        strbuf_add(&p->prompts, p->prompt.data, p->prompt.len);
    return true;
}

static bool make_line(struct parcel *p, struct parcel_record *r,
                      struct error *err)
{
    const struct convert *c = p->conversion->c;
    uint64_t most = (uint64_t)c->provider->ops->limits.line_bytes;

    r->line = p->lines.len;
    if (c->format == RECORD_REQUESTS)
        check_request(p, r);
    else if (!make_request(p, r, err))
        return false;
    if (!strbuf_ok(&p->lines) || !strbuf_ok(&p->prompts))
        return error_memory(err);
    r->line_len = p->lines.len - r->line;
    if (r->refused ||
        (r->line_len <= LINE_CEILING && (!most || r->line_len <= most)))
        return true;
    strbuf_cut(&p->lines, r->line);
    refuse(p, r, "its request is larger than the provider takes");
    return true;
}

static void work(void *context, void *job)
{
    struct parcel *p = job;
    size_t i;

    (void)context;
    for (i = 0; i < p->count && !p->failed; i++)
        if (!p->records[i].refused)
            p->failed = !make_line(p, &p->records[i], &p->err);
}

/* -- in the caller's thread -- */

static struct parcel *parcel_new(struct conversion *v, struct error *err)
{
    struct parcel *p = calloc(1, sizeof(*p));

    if (!p) {
        error_memory(err);
        return NULL;
    }
    p->conversion = v;
    strbuf_init(&p->texts, PARCEL_CEILING);
    strbuf_init(&p->lines, PARCEL_CEILING);
    strbuf_init(&p->prompts, PARCEL_CEILING);
    strbuf_init(&p->prompt, LINE_CEILING);
    p->limits = v->c->limits;
    if (p->limits.redact) {
        p->redaction = redaction_new(err);
        p->limits.redaction = p->redaction;
    }
    return p;
}

static void parcel_free(struct parcel *p)
{
    if (!p)
        return;
    redaction_free(p->redaction);
    token_counter_free(p->counter);
    strbuf_release(&p->texts);
    strbuf_release(&p->lines);
    strbuf_release(&p->prompts);
    strbuf_release(&p->prompt);
    free(p);
}

bool parcels_open(struct conversion *v, struct error *err)
{
    size_t i;

    if (!crew_new(&v->crew, CREW_MOST, work, NULL, err))
        return false;
    for (i = 0; i <= crew_size(v->crew); i++) {
        v->parcels[i] = parcel_new(v, err);
        if (!v->parcels[i] ||
            (v->c->limits.redact && !v->parcels[i]->redaction))
            return false;
    }
    return true;
}

void parcels_close(struct conversion *v)
{
    size_t i;

    crew_free(v->crew);
    for (i = 0; i <= CREW_MOST; i++)
        parcel_free(v->parcels[i]);
}

static bool take_oldest(struct conversion *v, struct error *err)
{
    struct parcel *p = crew_take(v->crew);
    bool ok = p->failed ? false : conversion_take(v, p, err);

    if (p->failed)
        *err = p->err;
    p->count = 0;
    strbuf_clear(&p->texts);
    strbuf_clear(&p->lines);
    strbuf_clear(&p->prompts);
    return ok;
}

static bool send_off(struct conversion *v, struct error *err)
{
    struct parcel *p = v->parcels[v->next];

    if (!p->count)
        return true;
    if (crew_is_full(v->crew) && !take_oldest(v, err))
        return false;
    crew_put(v->crew, p);
    v->next = (v->next + 1) % (crew_size(v->crew) + 1);
    return true;
}

static struct parcel_record *add(struct conversion *v)
{
    struct parcel *p = v->parcels[v->next];
    struct parcel_record *r = &p->records[p->count++];

    r->refused = r->sampled = false;
    r->line_len = r->prompt_len = 0;
    r->number = v->records++;
    return r;
}

static bool send_if_full(struct conversion *v, struct error *err)
{
    const struct parcel *p = v->parcels[v->next];

    if (!strbuf_ok(&p->texts))
        return error_memory(err);
    return (p->count < PARCEL_RECORDS && p->texts.len < PARCEL_BYTES) ||
           send_off(v, err);
}

bool parcels_add(struct conversion *v, const struct record *record,
                 struct error *err)
{
    struct parcel *p = v->parcels[v->next];
    struct parcel_record *r;
    struct error why;
    char custom_id[RECORD_ID];

    if (!record_custom_id(v->reader, record, v->strict, custom_id, &why))
        return parcels_refuse(v, &why, err);
    r = add(v);
    memcpy(r->custom_id, custom_id, sizeof(custom_id));
    r->row = record->row;
    r->shape = record->shape;
    r->text = p->texts.len;
    r->text_len = record->len;
    r->sampled = text_sample_wants(&v->sample, r->number);
    strbuf_add(&p->texts, record->text, record->len);
    return send_if_full(v, err);
}

/* The reason is whole already: row 0. */
bool parcels_refuse(struct conversion *v, const struct error *why,
                    struct error *err)
{
    struct parcel_record *r = add(v);

    r->row = 0;
    refuse(v->parcels[v->next], r, why->message);
    return send_if_full(v, err);
}

bool parcels_finish(struct conversion *v, struct error *err)
{
    if (!send_off(v, err))
        return false;
    while (!crew_is_idle(v->crew))
        if (!take_oldest(v, err))
            return false;
    return true;
}
