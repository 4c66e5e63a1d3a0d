#include "batch/forward.h"

#include <strings.h>

#include "base/digest.h"
#include "base/log.h"
#include "batch/budget.h"
#include "batch/cancel.h"
#include "batch/intent.h"
#include "batch/site.h"
#include "batch/store.h"

/* -- which section -- */

/* The next word of "a, b"; NULL at the end. */
static const char *next_word(const char **list, size_t *len)
{
    const char *word = *list + strspn(*list, ", ");

    *len = strcspn(word, ", ");
    *list = word + *len;
    return *len ? word : NULL;
}

/* The section behind `section` in the list "a, b, c"; the first where it
 * isn't in it; false at the end. */
static bool next_section(const char *list, const char *section, char *out,
                         size_t size)
{
    const char *rest = list ? list : "", *word;
    const char *first = NULL, *found = NULL;
    size_t len, first_len = 0, found_len = 0;
    bool here = false, listed = false;

    while (!found && (word = next_word(&rest, &len))) {
        if (!first) {
            first = word;
            first_len = len;
        }
        if (here) {
            found = word;
            found_len = len;
        }
        here = strlen(section) == len && strncmp(word, section, len) == 0;
        listed = listed || here;
    }
    if (!listed) {
        found = first;
        found_len = first_len;
    }
    if (!found || found_len >= size)
        return false;
    snprintf(out, size, "%.*s", (int)found_len, found);
    return true;
}

/* -- failover -- */

bool forward_is_due(const struct worker *w, const struct batch *b)
{
    const struct batch_settings *s = w->settings.batch;
    char next[BATCH_WORD];

    return s->failover_after > 0 && b->status == BATCH_SUBMITTED &&
           b->submitted_ago > s->failover_after &&
           next_section(s->failover_to, b->section, next, sizeof(next));
}

bool forward_cancel(struct worker *w, struct batch *b, struct error *err)
{
    char next[BATCH_WORD];

    if (!b->forward_to[0] && next_section(w->settings.batch->failover_to,
                                          b->section, next, sizeof(next))) {
        snprintf(b->forward_to, sizeof(b->forward_to), "%s", next);
        log_warn("batch_waited_too_long", "batch=%s hours=%.1f next=%s", b->key,
                 b->submitted_ago / 3600, next);
        /* On record before it is cancelled. */
        if (!store_save(w->db, b, 0, err))
            return false;
    }
    return cancel_batch(w, b, err);
}

/* -- the next batch -- */

struct handing {
    struct worker *w;
    struct batch *from;
    struct batch to;
    struct provider *provider; /* borrowed */
    const char *section;
    bool rest; /* else what did not hold */
    int64_t won;
};

static bool insert_next(struct handing *h, struct db *db, struct error *err)
{
    char detail[200];
    const struct batch_intent intent = { .key = h->to.key,
                                         .section = h->section,
                                         .provider = h->provider,
                                         .detail = detail };

    snprintf(detail, sizeof(detail), "%s of batch %s",
             h->rest ? "what was left" : "what did not hold", h->from->key);
    return intent_insert(h->w, db, &intent, err);
}

static bool hand_body(struct db *db, void *context, struct error *err)
{
    struct handing *h = context;
    const struct db_value values[] = {
        db_text("batch", h->to.key),
        db_text("from", h->from->key),
        db_integer("rest", h->rest),
    };
    const struct db_value guard[] = {
        db_text("key", h->from->key),
        db_integer("fence", h->from->fence),
    };
    int64_t held = 0;

    h->won = 0;
    if (!db_run(db, "lease_guard", guard, ARRAY_LEN(guard), &held, err))
        return false;
    if (held != 1)
        return error_set(err, ERROR_RETRY, "the lease was lost");
    return db_run(db, "forward_claim", values, ARRAY_LEN(values), &h->won,
                  err) &&
           (h->won == 0 || (insert_next(h, db, err) &&
                            db_run(db, "claim_items", values, 1, NULL, err)));
}

static bool host_is_listed(const char *list, const char *host)
{
    size_t len;
    const char *word;

    while ((word = next_word(&list, &len)))
        if (len == strlen(host) && strncasecmp(word, host, len) == 0)
            return true;
    return false;
}

/* Not to be sent there: said, and left for the usual way. */
static bool leave(const struct handing *h, const struct error *why)
{
    log_warn("not_forwarded", "batch=%s section=%s reason=%s", h->from->key,
             h->section, why->message);
    return false;
}

/* May this batch's records go to that section at all? */
static bool open_target(struct handing *h, struct error *err)
{
    struct worker *w = h->w;
    const struct provider_settings *made =
        w->settings.provider(w->settings.context, h->from->section);
    const char *hosts = made ? made->allowed_hosts : NULL;

    if (!w->settings.provider(w->settings.context, h->section)) {
        error_set(err, ERROR_SETUP, "there is no section [provider %s]",
                  h->section);
        return leave(h, err);
    }
    if (!worker_provider(w, h->section, &h->provider, err) ||
        !provider_ready(h->provider, err) ||
        !budget_knows_price(w, h->provider, err))
        return leave(h, err);
    if (hosts && *hosts && !host_is_listed(hosts, h->provider->host)) {
        error_set(err, ERROR_SETUP, "%s is none of allowed_hosts",
                  h->provider->host);
        return leave(h, err);
    }
    return true;
}

static bool hand_on(struct worker *w, struct batch *b, const char *section,
                    bool rest, struct error *err)
{
    struct handing h = { .w = w, .from = b, .section = section, .rest = rest };

    if (!open_target(&h, err)) {
        error_clear(err);
        return true;
    }
    if (!site_key(w, h.to.key, err) ||
        !db_transaction(w->db, "forward", hand_body, &h, NULL, err))
        return error_context(err, "handing on batch %s", b->key);
    if (h.won)
        log_info("batch_forwarded", "batch=%s next=%s section=%s records=%lld",
                 b->key, h.to.key, section, (long long)h.won);
    return true;
}

bool forward_rest(struct worker *w, struct batch *b, struct error *err)
{
    const struct batch_settings *s = w->settings.batch;
    char next[BATCH_WORD];

    snprintf(next, sizeof(next), "%s", b->forward_to);
    if (!next[0] && strcmp(b->error_code, "batch_expired") == 0 &&
        !next_section(s->failover_to, b->section, next, sizeof(next)))
        next[0] = '\0';
    if (next[0] && !hand_on(w, b, next, true, err))
        return false;
    if (!next_section(s->cascade_to, b->section, next, sizeof(next)))
        return true;
    return hand_on(w, b, next, false, err);
}
