#include "batch/life.h"

static const char *const status_names[BATCH_STATUSES] = {
    [BATCH_CLAIMED] = "claimed",       [BATCH_BUILT] = "built",
    [BATCH_UPLOADED] = "uploaded",     [BATCH_CREATING] = "creating",
    [BATCH_UNKNOWN] = "unknown",       [BATCH_SUBMITTED] = "submitted",
    [BATCH_ENDED] = "ended",           [BATCH_FAILED] = "failed",
    [BATCH_EXPIRED] = "expired",       [BATCH_CANCELLED] = "cancelled",
    [BATCH_DOWNLOADED] = "downloaded", [BATCH_COLLECTED] = "collected",
    [BATCH_CLOSED] = "closed",
};

static const char *const item_names[] = {
    [ITEM_CLAIMED] = "claimed", [ITEM_SUBMITTED] = "submitted",
    [ITEM_DONE] = "done",       [ITEM_RETRY] = "retry",
    [ITEM_DEAD] = "dead",       [ITEM_SKIPPED] = "skipped",
};

const struct batch_transition batch_transitions[] = {
    { BATCH_CLAIMED, BATCH_BUILT, "the request file is written and synced" },
    { BATCH_CLAIMED, BATCH_CLOSED, "no record had a usable text" },
    { BATCH_CLAIMED, BATCH_CANCELLED, "somebody cancelled it" },
    { BATCH_CLAIMED, BATCH_SUBMITTED, "only the provider knew of it" },
    { BATCH_CLAIMED, BATCH_DOWNLOADED, "its answers were still here" },
    { BATCH_CLAIMED, BATCH_UNKNOWN, "nor can it be read there" },
    { BATCH_BUILT, BATCH_CLAIMED, "its request file is gone or changed" },
    { BATCH_BUILT, BATCH_UPLOADED, "the provider has the file" },
    { BATCH_BUILT, BATCH_FAILED, "the provider refused the file" },
    { BATCH_BUILT, BATCH_CANCELLED, "somebody cancelled it" },
    { BATCH_UPLOADED, BATCH_CREATING, "the intent to create is on record" },
    { BATCH_UPLOADED, BATCH_CANCELLED, "somebody cancelled it" },
    { BATCH_CREATING, BATCH_SUBMITTED, "the provider made it, or had it" },
    { BATCH_CREATING, BATCH_UPLOADED, "the provider clearly did not take it" },
    { BATCH_CREATING, BATCH_BUILT, "the uploaded file is gone" },
    { BATCH_CREATING, BATCH_FAILED, "the provider refused it" },
    { BATCH_CREATING, BATCH_UNKNOWN, "no answer, and no way to look" },
    { BATCH_UNKNOWN, BATCH_SUBMITTED, "a person found it" },
    { BATCH_UNKNOWN, BATCH_CANCELLED, "a person gave it up" },
    { BATCH_SUBMITTED, BATCH_ENDED, "the provider finished" },
    { BATCH_SUBMITTED, BATCH_FAILED, "the provider failed it" },
    { BATCH_SUBMITTED, BATCH_EXPIRED, "its window passed" },
    { BATCH_SUBMITTED, BATCH_CANCELLED, "it was cancelled" },
    { BATCH_ENDED, BATCH_DOWNLOADED, "its answers are in the spool" },
    { BATCH_ENDED, BATCH_UNKNOWN, "its answers are gone" },
    { BATCH_FAILED, BATCH_DOWNLOADED, "what there is is in the spool" },
    { BATCH_FAILED, BATCH_UNKNOWN, "its answers are gone" },
    { BATCH_EXPIRED, BATCH_DOWNLOADED, "what finished is in the spool" },
    { BATCH_EXPIRED, BATCH_UNKNOWN, "its answers are gone" },
    { BATCH_CANCELLED, BATCH_DOWNLOADED, "what finished is in the spool" },
    { BATCH_CANCELLED, BATCH_UNKNOWN, "its answers are gone" },
    { BATCH_DOWNLOADED, BATCH_ENDED, "a downloaded file is gone or changed" },
    { BATCH_DOWNLOADED, BATCH_COLLECTED, "every answer is applied" },
    { BATCH_COLLECTED, BATCH_CLOSED, "files are tidied away" },
};
const size_t batch_transition_count = ARRAY_LEN(batch_transitions);

const char *batch_status_name(enum batch_status status)
{
    return status_names[status];
}

bool batch_status_parse(const char *name, enum batch_status *status)
{
    size_t i;

    for (i = 0; i < BATCH_STATUSES; i++) {
        if (strcmp(name, status_names[i]) == 0) {
            *status = (enum batch_status)i;
            return true;
        }
    }
    return false;
}

const char *batch_may_go(enum batch_status from, enum batch_status to)
{
    size_t i;

    for (i = 0; i < batch_transition_count; i++)
        if (batch_transitions[i].from == from && batch_transitions[i].to == to)
            return batch_transitions[i].why;
    return NULL;
}

static void print_row(bool dot, const struct batch_transition *t,
                      struct strbuf *out)
{
    const char *from = status_names[t->from], *to = status_names[t->to];

    if (dot)
        strbuf_addf(out, "  %s -> %s [label=\"%s\"]\n", from, to, t->why);
    else
        strbuf_addf(out, "%-10s -> %-10s  %s\n", from, to, t->why);
}

void batch_life_print(bool dot, struct strbuf *out)
{
    size_t i;

    if (dot)
        strbuf_adds(out, "digraph batch {\n");
    for (i = 0; i < batch_transition_count; i++)
        print_row(dot, &batch_transitions[i], out);
    if (dot)
        strbuf_adds(out, "}\n");
}

const char *item_state_name(enum item_state state)
{
    return item_names[state];
}
