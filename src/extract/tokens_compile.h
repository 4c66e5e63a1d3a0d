/*
 * tokens_compile.h -- the parts of the vocabulary compiler.
 *
 * Used when vitae is built, not by vitae itself.  Every failure ends the
 * program with a message.
 */
#ifndef EXTRACT_TOKENS_COMPILE_H
#define EXTRACT_TOKENS_COMPILE_H

#include "extract/tokens_vocab.h"

struct source_token {
    const uint8_t *bytes; /* borrowed from the source's pool */
    uint32_t length;
    uint32_t rank;
};

struct compiler {
    const char *path;            /* borrowed: for messages */
    uint8_t *pool;               /* owned: the bytes of all tokens */
    struct source_token *tokens; /* owned: by rank */
    struct source_token *sorted; /* owned: by bytes */
    size_t count;
    uint64_t *trie; /* owned */
    size_t trie_size, trie_room;
    uint64_t *used_bases;       /* owned: bits */
    struct vocab_merge *merges; /* owned */
    struct vocab_shape *shapes; /* owned */
    uint64_t *pairs, *filter;   /* owned */
    unsigned pair_bits;
    uint8_t *classes; /* owned */
    uint8_t high_index[CLASSES_PAGES];
    uint8_t *high_pages; /* owned */
    size_t high_count;   /* pages */
};

void compile_fail(const struct compiler *c, const char *format, ...)
    PRINTF_LIKE(2, 3) __attribute__((noreturn));
void *compile_memory(size_t count, size_t size);

/* Fills tokens from lines of "BASE64 RANK". */
void compile_read(struct compiler *c, const char *text, size_t len);
void compile_trie(struct compiler *c);
/* The token that these bytes are, or NO_TOKEN. */
uint32_t compile_find(const struct compiler *c, const uint8_t *bytes,
                      size_t len);
void compile_merges(struct compiler *c);
void compile_classes(struct compiler *c);

#endif
