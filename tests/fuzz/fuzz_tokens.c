/*
 * Token counts: the fast way, the ids and the slow and obvious way agree; a
 * limit is met or not as the count says; a cut keeps what it promises.
 */
#include "extract/tokens.h"
#include "tests/extract/tokens_slow.h"
#include "tests/fuzz/fuzz.h"

#define TEXT_MOST 3000

static struct side {
    const char *name;
    struct tokens_slow *slow;
    struct vocab *vocab;
    struct token_counter *counter;
} sides[] = { { .name = "o200k_base" }, { .name = "cl100k_base" } };

static void open_side(struct side *side)
{
    struct error err;

    side->slow = tokens_slow_open(side->name);
    if (!vocab_open(&side->vocab, side->name, &err)) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    side->counter = token_counter_new(side->vocab);
    fuzz_check(side->counter);
}

static void cuts_hold(struct token_counter *counter, const char *text,
                      size_t len, size_t head, size_t tail)
{
    struct token_cut cut;

    tokens_cut(counter, text, len, head, tail, &cut);
    fuzz_check(cut.head <= cut.tail && cut.tail <= len);
    if (cut.tokens <= head + tail) {
        fuzz_check(cut.head == len);
        return;
    }
    fuzz_check(cut.head_tokens <= head && cut.tail_tokens <= tail);
    fuzz_check(tokens_count(counter, text, cut.head) == cut.head_tokens);
    fuzz_check(tokens_count(counter, text + cut.tail, len - cut.tail) ==
               cut.tail_tokens);
}

static void all_agree(const struct side *side, const char *text, size_t len)
{
    static uint32_t ids[TEXT_MOST], slow_ids[TEXT_MOST];
    size_t count = tokens_slow_ids(side->slow, text, len, slow_ids, TEXT_MOST);

    fuzz_check(tokens_ids(side->counter, text, len, ids, TEXT_MOST) == count);
    fuzz_check(!memcmp(ids, slow_ids, count * sizeof(ids[0])));
    /* Twice: out of the cache too. */
    fuzz_check(tokens_count(side->counter, text, len) == count);
    fuzz_check(tokens_count(side->counter, text, len) == count);
    fuzz_check(!tokens_exceed(side->counter, text, len, count));
    fuzz_check(!count || tokens_exceed(side->counter, text, len, count - 1));
    cuts_hold(side->counter, text, len, count / 3, count / 4);
    cuts_hold(side->counter, text, len, 0, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t i;

    if (!sides[0].slow) {
        open_side(&sides[0]);
        open_side(&sides[1]);
    }
    if (size > TEXT_MOST)
        size = TEXT_MOST;
    for (i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
        all_agree(&sides[i], (const char *)data, size);
    return 0;
}
