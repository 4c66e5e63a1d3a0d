/*
 * tokens_vocab.h -- a compiled vocabulary (NAME.vocab) as it lies in memory.
 *
 * Private to tokens*.c.  Written by tokens_compile.c when vitae is built,
 * in the machine's own byte order, and mapped as it is.  Offsets are bytes
 * from the file's beginning, multiples of 64.
 *
 * trie      double array.  A node's child for byte c is at child ^ c, if
 *           the node there is labelled c; no two nodes share a child base.
 *           Slots 0 to 255 are never used: the base of nodes without
 *           children.
 * merges    by rank: what a token is merged from.  Ranks below 256 are the
 *           single bytes, which are not.
 * shapes    by rank: its length, its longest proper prefix.
 * pairs     hash with linear probing: left, right, merged.
 * filter    a bit for each value of PAIR_HASH(), set if some pair has it:
 *           most pairs that are looked for are none, and this is small
 *           enough for a near cache.
 * classes   enum token_class of each code point below U+20000.
 * high      of the others: index by code point >> 8, then a page.
 */
#ifndef EXTRACT_TOKENS_VOCAB_H
#define EXTRACT_TOKENS_VOCAB_H

#include "extract/tokens.h"

#define VOCAB_MAGIC "vitaevoc"
#define VOCAB_VERSION 2
#define VOCAB_ORDER 0x01020304u
#define VOCAB_ALIGN 64u

enum vocab_pattern { PATTERN_O200K, PATTERN_CL100K };

enum vocab_part {
    VOCAB_TRIE,
    VOCAB_MERGES,
    VOCAB_SHAPES,
    VOCAB_PAIRS,
    VOCAB_FILTER,
    VOCAB_CLASSES,
    VOCAB_HIGH_INDEX,
    VOCAB_HIGH_PAGES,
    VOCAB_PARTS,
};

struct vocab_header {
    char magic[8];
    uint64_t checksum; /* of all that follows */
    uint64_t size;     /* of the file */
    uint32_t order;
    uint32_t version;
    char name[32];
    uint32_t pattern; /* enum vocab_pattern */
    uint32_t pair_bits;
    struct {
        uint64_t offset;
        uint64_t count;
    } parts[VOCAB_PARTS];
    uint64_t reserved[2];
};

#define NO_TOKEN UINT32_MAX

#define SINGLE_BYTES 256u

struct vocab_merge {
    uint32_t left, right;
};

struct vocab_shape {
    uint32_t prefix; /* or NO_TOKEN */
    uint32_t length; /* bytes */
};

/* A trie node: label and used mark in bits 0..8, child base in 9..31,
 * token + 1 (0 = none) in 32..63. */
#define TRIE_USED 0x100u
#define TRIE_ROOT 256u
#define TRIE_CHILD(node) ((uint32_t)(node) >> 9)
#define TRIE_LABEL(node) ((uint32_t)(node)&0x1ffu)
#define TRIE_TOKEN(node) ((uint32_t)((node) >> 32))

/* A pair: left and right in bits 18..53, merged in 0..17. */
#define PAIR_BITS 18
#define PAIR_NONE UINT64_MAX
#define PAIR_KEY(left, right) ((uint64_t)(left) << PAIR_BITS | (right))
#define PAIR_HASH(key, bits)                                                   \
    ((size_t)((key)*0x9e3779b97f4a7c15u >> (64 - (bits))))

#define FILTER_BITS 21

#define CLASSES_FLAT 0x20000u
#define CLASSES_PAGE 256u
#define CLASSES_PAGES ((0x110000u - CLASSES_FLAT) / CLASSES_PAGE)

struct vocab {
    const struct vocab_header *header; /* owned: the mapping */
    const uint64_t *trie;
    const struct vocab_merge *merges;
    const struct vocab_shape *shapes;
    const uint64_t *pairs;
    const uint64_t *filter;
    const uint8_t *classes;
    const uint8_t *high_index;
    const uint8_t *high_pages;
    enum vocab_pattern pattern;
};

/* The size of one element of each part. */
extern const size_t vocab_part_size[VOCAB_PARTS];

/* What checksum has to be, of a whole file in memory. */
uint64_t vocab_checksum(const struct vocab_header *h, size_t size);

#endif
