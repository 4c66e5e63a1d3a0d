#include "extract/tokens.h"

static const char o200k[] = "o200k_base";
static const char cl100k[] = "cl100k_base";

enum { EXACTLY, BEGINS };

/*
 * tiktoken 0.14's model.py, exact names before prefixes.  gpt-oss has
 * o200k's ranks with other special tokens.  A fine-tuned gpt-4.1 would be
 * found under ft:gpt-4 there, which cannot be meant.  What OpenAI added
 * since is counted as o200k_base, as gpt-tokenizer does.
 */
static const struct {
    const char *name;
    int how;
    const char *encoding;
    bool estimate;
} rows[] = {
    { "gpt-4", EXACTLY, cl100k, false },
    { "gpt-3.5", EXACTLY, cl100k, false },
    { "davinci-002", EXACTLY, cl100k, false },
    { "babbage-002", EXACTLY, cl100k, false },
    { "text-embedding-ada-002", EXACTLY, cl100k, false },
    { "text-embedding-3-small", EXACTLY, cl100k, false },
    { "text-embedding-3-large", EXACTLY, cl100k, false },
    { "gpt-4o", EXACTLY, o200k, false },
    { "gpt-4.1", EXACTLY, o200k, false },
    { "o1", EXACTLY, o200k, false },
    { "o3", EXACTLY, o200k, false },
    { "o4-mini", EXACTLY, o200k, false },
    { "o1-", BEGINS, o200k, false },
    { "o3-", BEGINS, o200k, false },
    { "o4-mini-", BEGINS, o200k, false },
    { "gpt-5", BEGINS, o200k, false },
    { "gpt-4.5-", BEGINS, o200k, false },
    { "gpt-4.1-", BEGINS, o200k, false },
    { "chatgpt-4o-", BEGINS, o200k, false },
    { "gpt-4o-", BEGINS, o200k, false },
    { "gpt-4-", BEGINS, cl100k, false },
    { "gpt-3.5-turbo", BEGINS, cl100k, false },
    { "gpt-35-turbo", BEGINS, cl100k, false },
    { "gpt-oss-", BEGINS, o200k, false },
    { "ft:gpt-4o", BEGINS, o200k, false },
    { "ft:gpt-4.1", BEGINS, o200k, true },
    { "ft:gpt-4", BEGINS, cl100k, false },
    { "ft:gpt-3.5-turbo", BEGINS, cl100k, false },
    { "ft:davinci-002", BEGINS, cl100k, false },
    { "ft:babbage-002", BEGINS, cl100k, false },
    { "gpt-", BEGINS, o200k, true },
    { "chatgpt-", BEGINS, o200k, true },
    { "ft:gpt-", BEGINS, o200k, true },
    { "o4", BEGINS, o200k, true },
    { "o5", BEGINS, o200k, true },
    { "codex-", BEGINS, o200k, true },
};

struct token_model tokens_model(const char *model)
{
    static const struct token_model unknown = { NULL, true };
    static const char vendor[] = "openai/";
    size_t i;

    /* As gateways and OpenRouter write it. */
    if (!strncmp(model, vendor, sizeof(vendor) - 1))
        model += sizeof(vendor) - 1;
    for (i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].how == EXACTLY
                ? !strcmp(model, rows[i].name)
                : !strncmp(model, rows[i].name, strlen(rows[i].name)))
            return (struct token_model){ rows[i].encoding, rows[i].estimate };
    return unknown;
}

/*
 * Vocabularies of 100,000 tokens and more take 4 to 4.5 bytes of English a
 * token, 2.5 to 5 bytes of other scripts (UTF-8).  Below that, so that
 * limits hold.
 */
size_t tokens_estimate(const char *text, size_t len)
{
    size_t wide = 0;
    size_t i;

    for (i = 0; i < len; i++)
        wide += (text[i] & 0x80) != 0;
    return (len - wide) / 7 * 2 + ((len - wide) % 7 * 2 + 6) / 7 +
           (wide + 1) / 2;
}
