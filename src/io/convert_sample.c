#include "io/convert_sample.h"

#include "base/text.h"
#include "extract/tokens.h"

#define BYTES (1 * MIB)
#define LONGEST (256 * KIB) /* of one text */

void text_sample_init(struct text_sample *s)
{
    s->count = 0;
    s->step = 1;
    s->bytes = 0;
    strbuf_init(&s->text, BYTES + LONGEST);
}

void text_sample_release(struct text_sample *s)
{
    strbuf_release(&s->text);
}

bool text_sample_wants(const struct text_sample *s, uint64_t number)
{
    return number % s->step == 0;
}

/* Every second goes. */
static void halve(struct text_sample *s)
{
    size_t i, from = 0, to = 0, kept = 0;

    for (i = 0; i < s->count; i++) {
        if (i % 2 == 0) {
            memmove(s->text.data + to, s->text.data + from, s->lens[i]);
            to += s->lens[i];
            s->lens[kept++] = s->lens[i];
        }
        from += s->lens[i];
    }
    strbuf_cut(&s->text, to);
    s->count = kept;
    s->step *= 2;
}

void text_sample_keep(struct text_sample *s, uint64_t number, const char *text,
                      size_t len)
{
    /* The step may have grown since it was asked for. */
    if (!text_sample_wants(s, number))
        return;
    len = utf8_cut(text, len, LONGEST, TEXT_BYTES);
    strbuf_add(&s->text, text, len);
    s->lens[s->count++] = len;
    while (s->count > 1 && (s->count == SAMPLE_TEXTS || s->text.len > BYTES))
        halve(s);
}

bool text_sample_tokens(const struct text_sample *s, const struct vocab *vocab,
                        int64_t *tokens, struct error *err)
{
    struct token_counter *counter = NULL;
    const char *at = s->text.data;
    uint64_t sum = 0;
    size_t i;

    *tokens = 0;
    if (vocab) {
        counter = token_counter_new_little(vocab);
        if (!counter)
            return error_memory(err);
    }
    for (i = 0; i < s->count; at += s->lens[i++])
        sum += counter ? tokens_count(counter, at, s->lens[i])
                       : tokens_estimate(at, s->lens[i]);
    token_counter_free(counter);
    if (s->text.len)
        *tokens =
            (int64_t)((double)sum * (double)s->bytes / (double)s->text.len +
                      0.5);
    return true;
}
