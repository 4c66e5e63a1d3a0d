#include "batch/remote.h"

#include <stdlib.h>

void remote_take(struct batch *b, const struct remote_batch *r)
{
    snprintf(b->id, sizeof(b->id), "%s", r->id);
    snprintf(b->provider_status, sizeof(b->provider_status), "%s", r->word);
    if (r->output_file[0])
        snprintf(b->output_file, sizeof(b->output_file), "%s", r->output_file);
    if (r->error_file[0])
        snprintf(b->error_file, sizeof(b->error_file), "%s", r->error_file);
    b->completed_count = r->completed;
    b->failed_count = r->failed;
    if (r->input_tokens >= 0)
        b->input_tokens = r->input_tokens;
    if (r->cached_tokens >= 0)
        b->cached_tokens = r->cached_tokens;
    if (r->output_tokens >= 0)
        b->output_tokens = r->output_tokens;
    b->checked = true;
}

/* "24h" in seconds; a model of our own takes what it takes. */
static double window_of(const struct provider *p)
{
    static const struct {
        char unit;
        double seconds;
    } units[] = { { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
    const char *text = p->settings->completion_window;
    char *end = NULL;
    long n = text ? strtol(text, &end, 10) : 0;
    size_t i;

    for (i = 0; n > 0 && i < ARRAY_LEN(units); i++)
        if (*end == units[i].unit && !(p->ops->caps & PROVIDER_RUNS_HERE))
            return (double)n * units[i].seconds;
    return 0;
}

void remote_made(struct batch *b, const struct provider *p,
                 const struct remote_batch *r)
{
    b->window = window_of(p);
    remote_take(b, r);
    b->error_code[0] = b->error_message[0] = '\0';
    b->check_failures = 0;
}

void remote_refused(struct batch *b, const struct error *err)
{
    snprintf(b->error_code, sizeof(b->error_code), "%s",
             err->code[0] ? err->code : "refused");
    snprintf(b->error_message, sizeof(b->error_message), "%.399s",
             err->message);
    /* The database takes no half characters, and the batch would stand. */
    utf8_trim_cut(b->error_message);
}

enum batch_status remote_end(enum remote_status status)
{
    static const enum batch_status ends[] = {
        [REMOTE_COMPLETED] = BATCH_ENDED,
        [REMOTE_FAILED] = BATCH_FAILED,
        [REMOTE_EXPIRED] = BATCH_EXPIRED,
        [REMOTE_CANCELLED] = BATCH_CANCELLED,
    };

    return ends[status];
}
