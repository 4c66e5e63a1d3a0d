#include "server/page_answers.h"

#include <string.h>

#include "provider/openai.h"

uint64_t page_row(const char *custom_id)
{
    char *end;
    unsigned long long n;

    if (strncmp(custom_id, "row-", 4) != 0 || custom_id[4] < '1' ||
        custom_id[4] > '9' || strlen(custom_id) > 16)
        return 0;
    n = strtoull(custom_id + 4, &end, 10);
    return *end ? 0 : n;
}

bool page_reader_open(struct page_reader *r, const char *profile, double today,
                      struct error *err)
{
    *r = (struct page_reader){ .today = today };
    answer_init(&r->answer);
    r->doc = json_doc_new();
    if (!r->doc)
        return error_memory(err);
    return page_profile(profile, &r->profile, err) &&
           values_new(&r->values, r->profile, NULL, err) &&
           values_set_redact(r->values, r->profile->redact, err);
}

void page_reader_close(struct page_reader *r)
{
    values_free(r->values);
    profile_close(r->profile);
    answer_release(&r->answer);
    json_doc_free(r->doc);
}

/* Reasons, for people.  What isn't here is told as the other side did. */
static const struct {
    const char *code, *words;
} reasons[] = {
    { "context_length_exceeded", "The text is too long for this model." },
    { "timeout", "The model took too long to answer." },
    { "network", "The model's server could not be reached." },
    { "batch_expired", "There was no time left for this row." },
    { "batch_cancelled", "The job was cancelled before this row." },
    { "malformed_answer", "The model's server sent no proper answer." },
    { "rate_limit_exceeded", "The model's server had too much to do." },
    { "content_filter", "The model's server filtered this text out." },
};

static const char *const outcome_words[] = {
    [ANSWER_OK] = "",
    [ANSWER_CUT] = "The model's answer was cut off before its end.",
    [ANSWER_REFUSED] = "The model declined to answer.",
    [ANSWER_FILTERED] = "The model's server filtered this text out.",
    [ANSWER_EMPTY] = "The model's answer was empty.",
    [ANSWER_FAILED] = "The model's server refused this row.",
    [ANSWER_EXPIRED] = "There was no time left for this row.",
    [ANSWER_MALFORMED] = "The model's server sent no proper answer.",
};

static const char *words_of(const struct answer *a)
{
    size_t i;

    for (i = 0; *a->code && i < ARRAY_LEN(reasons); i++)
        if (!strcmp(a->code, reasons[i].code))
            return reasons[i].words;
    return outcome_words[a->outcome];
}

static const char *const values_words[] = {
    [VALUES_OK] = "",
    [VALUES_REPAIRED] = "",
    [VALUES_NOT_JSON] = "The model's answer had another form than asked for.",
    [VALUES_CUT] = "The model's answer was cut off before its end.",
    [VALUES_SCHEMA] = "The model's answer lacked what was asked for.",
    [VALUES_ABSURD] = "The model's answer held a number out of range.",
    [VALUES_EMPTY] = "The model found nothing to say.",
};

bool page_read_answer(struct page_reader *r, const char *line, size_t len,
                      const char *text, size_t text_len,
                      enum page_outcome *outcome, uint64_t *row,
                      const char **why, struct error *err)
{
    enum values_outcome values;
    char detail[256];

    if (!openai_decode(NULL, r->doc, line, len, &r->answer, err))
        return false;
    *row = page_row(r->answer.custom_id);
    *outcome = PAGE_FAILED;
    *why = words_of(&r->answer);
    if (r->answer.outcome != ANSWER_OK)
        return true;
    if (!values_read(r->values, r->answer.content.data, r->answer.content.len,
                     text, text_len, r->today, &values, detail, err))
        return false;
    *why = values_words[values];
    if (!**why)
        *outcome = PAGE_DONE;
    return true;
}
