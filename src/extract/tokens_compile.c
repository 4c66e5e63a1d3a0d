/*
 * Compiles a vocabulary: NAME.tiktoken, lines of "BASE64 RANK", to
 * NAME.vocab (tokens_vocab.h).  Run when vitae is built:
 *
 *   vocab-compile o200k_base IN.tiktoken OUT.vocab
 */
#include "extract/tokens_compile.h"

#include <errno.h>
#include <stdarg.h>

#include "base/file.h"
#include "extract/tokens_class.h"

#define SOURCE_MOST (64 * MIB)

static const struct {
    const char *name;
    enum vocab_pattern pattern;
} encodings[] = {
    { "o200k_base", PATTERN_O200K },
    { "cl100k_base", PATTERN_CL100K },
};

void compile_fail(const struct compiler *c, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "vocab-compile: %s: ", c->path);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n");
    exit(1);
}

void *compile_memory(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);

    if (!memory) {
        fprintf(stderr, "vocab-compile: out of memory\n");
        exit(1);
    }
    return memory;
}

static int by_bytes(const void *a, const void *b)
{
    const struct source_token *x = a, *y = b;
    size_t shorter = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->bytes, y->bytes, shorter);

    return order ? order : (x->length > y->length) - (x->length < y->length);
}

/* Six bits, or -1. */
static int base64_value(char c)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(letters, c) : NULL;

    return at ? (int)(at - letters) : -1;
}

/* The bytes of one line's first word to out; how many. */
static uint32_t decode(const char **at, uint8_t *out)
{
    uint32_t bits = 0;
    uint32_t count = 0;
    int have = 0;

    for (; base64_value(**at) >= 0; ++*at) {
        bits = bits << 6 | (uint32_t)base64_value(**at);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[count++] = (uint8_t)(bits >> have);
        }
    }
    while (**at == '=')
        ++*at;
    return count;
}

void compile_read(struct compiler *c, const char *text, size_t len)
{
    const char *at = text;
    uint8_t *bytes = c->pool = compile_memory(len, 1);
    size_t room = len / 4;

    c->tokens = compile_memory(room, sizeof(*c->tokens));
    while (*at) {
        struct source_token *t = &c->tokens[c->count];
        char *end;

        t->bytes = bytes;
        t->length = decode(&at, bytes);
        bytes += t->length;
        t->rank = (uint32_t)strtoul(at, &end, 10);
        if (!t->length || *at != ' ' || *end != '\n' || t->rank != c->count)
            compile_fail(c, "line %zu is not \"BASE64 RANK\"", c->count + 1);
        at = end + 1;
        c->count++;
    }
    if (c->count < SINGLE_BYTES || c->count >= (size_t)1 << PAIR_BITS)
        compile_fail(c, "%zu tokens are too few or too many", c->count);
    c->sorted = compile_memory(c->count, sizeof(*c->sorted));
    memcpy(c->sorted, c->tokens, c->count * sizeof(*c->sorted));
    qsort(c->sorted, c->count, sizeof(*c->sorted), by_bytes);
}

/* The page of the high ones that looks like this, added if there's none. */
static uint8_t find_page(struct compiler *c, const uint8_t *page)
{
    size_t i;

    for (i = 0; i < c->high_count; i++)
        if (!memcmp(c->high_pages + i * CLASSES_PAGE, page, CLASSES_PAGE))
            return (uint8_t)i;
    if (i == 256)
        compile_fail(c, "too many kinds of pages of characters");
    memcpy(c->high_pages + i * CLASSES_PAGE, page, CLASSES_PAGE);
    c->high_count++;
    return (uint8_t)i;
}

void compile_classes(struct compiler *c)
{
    uint8_t *all = compile_memory(0x110000, 1);
    size_t i;
    uint32_t code;

    for (i = 0; i < token_class_range_count; i++) {
        uint32_t end = i + 1 < token_class_range_count
                           ? token_class_ranges[i + 1] >> 8
                           : 0x110000;

        for (code = token_class_ranges[i] >> 8; code < end; code++)
            all[code] = (uint8_t)token_class_ranges[i];
    }
    c->classes = compile_memory(CLASSES_FLAT, 1);
    memcpy(c->classes, all, CLASSES_FLAT);
    c->high_pages = compile_memory(256, CLASSES_PAGE);
    for (i = 0; i < CLASSES_PAGES; i++)
        c->high_index[i] = find_page(c, all + CLASSES_FLAT + i * CLASSES_PAGE);
    free(all);
}

static uint64_t aligned(uint64_t size)
{
    return (size + VOCAB_ALIGN - 1) / VOCAB_ALIGN * VOCAB_ALIGN;
}

/* All parts in one piece. */
static struct vocab_header *assemble(const struct compiler *c, const char *name,
                                     enum vocab_pattern pattern)
{
    const struct {
        const void *data;
        size_t count;
    } parts[VOCAB_PARTS] = {
        [VOCAB_TRIE] = { c->trie, c->trie_size },
        [VOCAB_MERGES] = { c->merges, c->count },
        [VOCAB_SHAPES] = { c->shapes, c->count },
        [VOCAB_PAIRS] = { c->pairs, (size_t)1 << c->pair_bits },
        [VOCAB_FILTER] = { c->filter, (1u << FILTER_BITS) / 64 },
        [VOCAB_CLASSES] = { c->classes, CLASSES_FLAT },
        [VOCAB_HIGH_INDEX] = { c->high_index, CLASSES_PAGES },
        [VOCAB_HIGH_PAGES] = { c->high_pages, c->high_count * CLASSES_PAGE },
    };
    struct vocab_header *h;
    uint64_t size = aligned(sizeof(*h));
    size_t i;

    for (i = 0; i < VOCAB_PARTS; i++)
        size += aligned(parts[i].count * vocab_part_size[i]);
    h = compile_memory(size, 1);
    memcpy(h->magic, VOCAB_MAGIC, sizeof(h->magic));
    snprintf(h->name, sizeof(h->name), "%s", name);
    h->size = size;
    h->order = VOCAB_ORDER;
    h->version = VOCAB_VERSION;
    h->pattern = pattern;
    h->pair_bits = c->pair_bits;
    size = aligned(sizeof(*h));
    for (i = 0; i < VOCAB_PARTS; i++) {
        size_t bytes = parts[i].count * vocab_part_size[i];

        h->parts[i].offset = size;
        h->parts[i].count = parts[i].count;
        memcpy((char *)h + size, parts[i].data, bytes);
        size += aligned(bytes);
    }
    h->checksum = vocab_checksum(h, h->size);
    return h;
}

static void release(struct compiler *c)
{
    free(c->pool);
    free(c->tokens);
    free(c->sorted);
    free(c->trie);
    free(c->used_bases);
    free(c->merges);
    free(c->shapes);
    free(c->pairs);
    free(c->filter);
    free(c->classes);
    free(c->high_pages);
}

static void compile(const char *name, enum vocab_pattern pattern,
                    const char *from, const char *to)
{
    struct compiler c = { .path = from };
    struct vocab_header *h;
    struct strbuf text;
    struct error err;
    FILE *file;

    strbuf_init(&text, SOURCE_MOST);
    if (!file_read(from, &text, &err))
        compile_fail(&c, "%s", err.message);
    compile_read(&c, text.data, text.len);
    strbuf_release(&text);
    compile_trie(&c);
    compile_merges(&c);
    compile_classes(&c);
    h = assemble(&c, name, pattern);
    file = fopen(to, "wb");
    if (!file || fwrite(h, 1, h->size, file) != h->size || fclose(file)) {
        remove(to);
        compile_fail(&c, "%s cannot be written: %s", to, strerror(errno));
    }
    free(h);
    release(&c);
}

int main(int argc, char **argv)
{
    size_t i;

    for (i = 0; argc == 4 && i < ARRAY_LEN(encodings); i++)
        if (!strcmp(argv[1], encodings[i].name)) {
            compile(argv[1], encodings[i].pattern, argv[2], argv[3]);
            return 0;
        }
    fprintf(stderr, "usage: vocab-compile o200k_base|cl100k_base "
                    "IN.tiktoken OUT.vocab\n");
    return 2;
}
