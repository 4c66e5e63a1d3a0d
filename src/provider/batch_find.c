/*
 * batch_find.c -- what an account has: all of it, or the batch that carries
 * our key.
 *
 * A wrong "not there" costs money twice, so nothing is guessed: a page that
 * fails, an entry that can't be read, pages that don't end, all make the
 * listing an error.  It may end early only where it is newest-first all the
 * way and has gone back beyond the time before which ours can't be.
 */
#include <json-c/json.h>

#include "base/log.h"
#include "provider/batches.h"
#include "provider/call.h"

/* Our clock may be ahead of theirs by so much. */
#define SKEW 600.0
#define MOST_PAGES 2000

/* A walk through the pages. */
struct walk {
    const struct batch_listing *listing;
    double since; /* older ones don't matter */
    remote_function *each;
    void *context;   /* its */
    bool descending; /* so far each was made no later than the one before */
    double previous;
    struct batch_page page; /* the next */
    char first[REMOTE_ID];  /* of the page last read */
    size_t count, older;    /* entries of it; those made before since */
    bool more, more_told;   /* it says that there's another */
};

static void note(struct walk *s, const struct remote_batch *b)
{
    if (!s->count++)
        memcpy(s->first, b->id, sizeof(s->first));
    memcpy(s->page.last, b->id, sizeof(s->page.last));
    if (b->created_at <= 0 || (s->previous > 0 && b->created_at > s->previous))
        s->descending = false;
    s->previous = b->created_at;
    if (b->created_at > 0 && b->created_at < s->since)
        s->older++;
}

static bool not_trusted(struct error *err, const char *why)
{
    error_exit(err, ERROR_RETRY, EXIT_PROVIDER, "listing the batches: %s", why);
    error_code(err, "listing");
    return false;
}

/* {"data":[...]}, Azure's "value", Google's "operations", Together's bare
 * array. */
static struct json_object *entries_of(struct json_object *page)
{
    static const char *const names[] = { "data", "value", "operations" };
    struct json_object *list = page;
    size_t i;

    if (json_object_is_type(page, json_type_object))
        for (i = 0, list = NULL; !list && i < ARRAY_LEN(names); i++)
            list = json_get(page, names[i]);
    return json_object_is_type(list, json_type_array) ? list : NULL;
}

/* Google's way to say that there are none. */
static bool says_none(const struct walk *s, struct json_object *page)
{
    return s->listing->token && json_object_is_type(page, json_type_object) &&
           !json_object_object_length(page);
}

static void read_more(struct walk *s, struct json_object *page)
{
    struct json_object *more = json_get(page, "has_more");

    s->more_told = json_object_is_type(more, json_type_boolean);
    s->more = s->more_told && json_object_get_boolean(more);
    if (!s->listing->token)
        return;
    read_text(page, s->listing->token, s->page.token, sizeof(s->page.token));
    s->more_told = true;
    s->more = s->page.token[0] != '\0';
}

static bool read_entry(struct walk *s, struct json_object *object,
                       struct error *err)
{
    struct remote_batch entry;

    if (!s->listing->read(object, &entry, err))
        return error_context(err, "listing the batches");
    note(s, &entry);
    return s->each(s->context, &entry, err);
}

static bool read_page(struct walk *s, struct json_object *page,
                      struct error *err)
{
    struct json_object *list = entries_of(page);
    size_t i;

    s->count = s->older = 0;
    if (!list && !says_none(s, page))
        return not_trusted(err, "the answer is no list");
    for (i = 0; list && i < json_object_array_length(list); i++) {
        if (!read_entry(s, json_object_array_get_idx(list, i), err))
            return false;
    }
    read_more(s, page);
    s->page.number++;
    return true;
}

static bool next_page(struct provider *self, struct walk *s, struct error *err)
{
    struct call c = { .what = "listing the batches", .method = "GET" };
    char *url = s->listing->url(self, &s->page, err);
    struct json_object *page = NULL;
    bool good;

    if (url) {
        c.url = url;
        page = call_json(self, &c, err);
    }
    free(url);
    good = page && read_page(s, page, err);
    json_free(page);
    return good;
}

/* Was this the last page that matters? */
static bool is_last_page(const struct walk *s)
{
    if (s->more_told && !s->more)
        return true;
    if (s->descending && s->count && s->older == s->count)
        return true;
    return !s->more_told && s->count < s->listing->page_size;
}

static bool walk_pages(struct provider *self, struct walk *s, struct error *err)
{
    static const char endless[] =
        "the pages don't come to an end, so it can't be trusted";
    char first[REMOTE_ID] = "";
    int n;

    for (n = 0; n < MOST_PAGES; n++) {
        if (!next_page(self, s, err))
            return false;
        /* A server that knows no pages gives all of them each time. */
        if (n && s->count && !strcmp(first, s->first))
            return s->count > s->listing->page_size ||
                   not_trusted(err, endless);
        if (is_last_page(s))
            return true;
        memcpy(first, s->first, sizeof(first));
    }
    return not_trusted(err, endless);
}

bool batch_list(struct provider *self, double since, remote_function *each,
                void *context, struct error *err)
{
    struct walk s = { .listing = self->ops->listing,
                      .since = since - SKEW,
                      .each = each,
                      .context = context,
                      .descending = true };

    return walk_pages(self, &s, err);
}

/* -- one of them -- */

struct search {
    struct provider *self;
    const char *key;
    double since, until; /* older and younger ones can't be ours */
    struct remote_batch *best;
    size_t matches;
    char sealed[REMOTE_ID]; /* one that may be ours, "" = none */
};

static bool is_dead(const struct remote_batch *b)
{
    return b->status == REMOTE_FAILED || b->status == REMOTE_CANCELLED ||
           b->status == REMOTE_CANCELLING;
}

/* Of several with our key (a listing lagged once): a live one before a dead
 * one, then the oldest. */
static bool is_better(const struct remote_batch *a,
                      const struct remote_batch *b)
{
    if (is_dead(a) != is_dead(b))
        return !is_dead(a);
    return a->created_at < b->created_at;
}

/* Is it worth a look at what belongs to it? */
static bool may_be_ours(const struct search *s, const struct remote_batch *b)
{
    return s->self->ops->identify && !b->key[0] &&
           (b->created_at <= 0 ||
            (b->created_at >= s->since &&
             (s->until <= 0 || b->created_at <= s->until)));
}

static bool consider(void *context, const struct remote_batch *entry,
                     struct error *err)
{
    struct search *s = context;
    struct remote_batch b = *entry;

    if (may_be_ours(s, &b) && !s->self->ops->identify(s->self, &b, err))
        return error_context(err, "listing the batches");
    if (b.sealed)
        memcpy(s->sealed, b.id, sizeof(s->sealed));
    if (strcmp(b.key, s->key) == 0 && (!s->matches++ || is_better(&b, s->best)))
        *s->best = b;
    return true;
}

static bool is_sealed(const struct search *s, struct error *err)
{
    error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
               "batch %.80s may be this one: its requests can't be seen "
               "before it has ended",
               s->sealed);
    error_code(err, "sealed");
    return false;
}

bool batch_find(struct provider *self, const char *key, double since,
                double until, bool *found, struct remote_batch *out,
                struct error *err)
{
    struct search s = { .self = self,
                        .key = key,
                        .since = since - SKEW,
                        .until = until > 0 ? until + SKEW : 0,
                        .best = out };

    *found = false;
    if (!batch_list(self, since, consider, &s, err))
        return false;
    if (s.matches > 1)
        log_warn("batch_double", "key=%s batches=%zu using=%s", key, s.matches,
                 out->id);
    *found = s.matches > 0;
    return *found || !s.sealed[0] || is_sealed(&s, err);
}
