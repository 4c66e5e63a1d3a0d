/*
 * tokens.h -- exact token counts for o200k_base and cl100k_base.
 *
 * The counts are those of OpenAI's tiktoken for the same text as ordinary
 * text: special tokens such as <|endoftext|> are letters like others.
 * Everything is linear in the text, whatever the text; memory beyond the
 * text is the counter's few MB and a quarter of the longest word.
 * The text should be valid UTF-8 (base/text.h repairs).  A byte that isn't
 * part of a valid character counts as a symbol would.
 *
 * A vocabulary is a read-only mapping that all threads may share; a counter
 * belongs to one thread.  It remembers what it has counted, so keep it for
 * the whole job.
 */
#ifndef EXTRACT_TOKENS_H
#define EXTRACT_TOKENS_H

#include "base/error.h"

struct vocab;
struct token_counter;

/* Maps "o200k_base" or "cl100k_base": NAME.vocab in $VITAE_VOCABDIR,
 * $VITAE_DATADIR/vocab or the installed data folder's vocab/.  A name that
 * is no vocabulary, a missing or damaged file is ERROR_SETUP. */
MUST_CHECK bool vocab_open(struct vocab **vocab, const char *name,
                           struct error *err);
/* The same, from this file. */
MUST_CHECK bool vocab_map(struct vocab **vocab, const char *path,
                          struct error *err);
void vocab_close(struct vocab *vocab);
const char *vocab_name(const struct vocab *vocab);

/* Borrows the vocabulary; NULL when out of memory. */
struct token_counter *token_counter_new(const struct vocab *vocab);
/* For a few texts: 4 MB less, and slower with many. */
struct token_counter *token_counter_new_little(const struct vocab *vocab);
void token_counter_free(struct token_counter *counter);

size_t tokens_count(struct token_counter *counter, const char *text,
                    size_t len);

/* Whether there are more than limit: looks only as far as it needs to. */
bool tokens_exceed(struct token_counter *counter, const char *text, size_t len,
                   size_t limit);

/* Head and tail of a text that is too long.  head is the end of a prefix of
 * at most head_limit tokens, tail the beginning of a suffix of at most
 * tail_limit, each counted on its own and as long as it can be while it
 * ends between two tokens (where a token is part of a character: between
 * two characters).  When the text has no more than both limits together:
 * head = tail = len. */
struct token_cut {
    size_t head, tail; /* byte offsets, head <= tail */
    size_t head_tokens, tail_tokens;
    size_t tokens; /* of the whole text */
};
void tokens_cut(struct token_counter *counter, const char *text, size_t len,
                size_t head_limit, size_t tail_limit, struct token_cut *cut);

/* Somebody else who can count: an endpoint's own tokenizer, a call each. */
struct token_teller {
    bool (*count)(void *context, const char *text, size_t len, size_t *tokens,
                  struct error *err);
    void *context;
};

/* The same as tokens_cut() by asking, some ten times: head and tail are
 * within their limits, and the longer of what was tried, not the longest;
 * they end between characters, and at a blank where one is near. */
MUST_CHECK bool tokens_cut_asked(const struct token_teller *teller,
                                 const char *text, size_t len,
                                 size_t head_limit, size_t tail_limit,
                                 struct token_cut *cut, struct error *err);

/* The tokens themselves: how many, the first room of them in ids.  Slower
 * than counting; for tests and for looking. */
size_t tokens_ids(struct token_counter *counter, const char *text, size_t len,
                  uint32_t *ids, size_t room);

/* How a model's tokens are counted. */
struct token_model {
    const char *encoding; /* static: "o200k_base", "cl100k_base"; NULL =
                             unknown: tokens_estimate() */
    bool estimate;        /* not known to be exact */
};
struct token_model tokens_model(const char *model);

/* Without the model's vocabulary: rather too many than too few. */
size_t tokens_estimate(const char *text, size_t len);

/* What a chat request adds (OpenAI's cookbook): for each message beside
 * its role and content, and once for the answer. */
enum { TOKENS_MESSAGE = 3, TOKENS_NAME = 1, TOKENS_REPLY = 3 };

#endif
