/*
 * tokens_bpe.h -- byte pair encoding of one piece, in linear time.
 *
 * Private to tokens*.c.  Greedy with backtracking: take the longest token
 * that may follow the last one, else a shorter one, else take the last one
 * back.  Two tokens may stand side by side if encoding their bytes together
 * gives these two; a sequence of such pairs is the encoding (van Antwerpen
 * and Neubeck, "So many tokens, so little time", 2024).  A place that was
 * left once leads nowhere and is not tried again.
 */
#ifndef EXTRACT_TOKENS_BPE_H
#define EXTRACT_TOKENS_BPE_H

#include "extract/tokens_vocab.h"

/* One bit for each byte of a piece and one more. */
struct bpe {
    const struct vocab *vocab; /* borrowed */
    uint64_t *ends;            /* owned: a token ends before this byte */
    uint64_t *dead;            /* owned: no encoding comes by here */
    size_t words;              /* of each */
};

bool bpe_init(struct bpe *bpe, const struct vocab *vocab);
void bpe_release(struct bpe *bpe);

/* The number of tokens of the piece's len > 0 bytes; their ends are marked.
 * 0 without the memory for a huge piece. */
size_t bpe_count(struct bpe *bpe, const uint8_t *piece, size_t len);

/* The first end after at: bpe_count()'s last piece. */
static inline size_t bpe_next_end(const struct bpe *bpe, size_t at)
{
    size_t word = ++at / 64;
    uint64_t bits = bpe->ends[word] >> (at % 64);

    if (bits)
        return at + (size_t)__builtin_ctzll(bits);
    do
        bits = bpe->ends[++word];
    while (!bits);
    return word * 64 + (size_t)__builtin_ctzll(bits);
}

/* The token that these bytes are, or NO_TOKEN. */
uint32_t bpe_token(const struct vocab *v, const uint8_t *bytes, size_t len);

/* The longest token at p: some token always is. */
static inline uint32_t bpe_longest(const struct vocab *v, const uint8_t *p,
                                   const uint8_t *end)
{
    uint64_t node = v->trie[TRIE_ROOT];
    uint32_t token = 0;

    for (; p < end; p++) {
        node = v->trie[TRIE_CHILD(node) ^ *p];
        if (TRIE_LABEL(node) != (TRIE_USED | *p))
            break;
        if (TRIE_TOKEN(node))
            token = TRIE_TOKEN(node);
    }
    return token - 1;
}

#endif
