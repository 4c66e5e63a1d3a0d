#include "extract/tokens_vocab.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"

const size_t vocab_part_size[VOCAB_PARTS] = {
    [VOCAB_TRIE] = sizeof(uint64_t),
    [VOCAB_MERGES] = sizeof(struct vocab_merge),
    [VOCAB_SHAPES] = sizeof(struct vocab_shape),
    [VOCAB_PAIRS] = sizeof(uint64_t),
    [VOCAB_FILTER] = sizeof(uint64_t),
    [VOCAB_CLASSES] = 1,
    [VOCAB_HIGH_INDEX] = 1,
    [VOCAB_HIGH_PAGES] = 1,
};

static const char *const names[] = { "o200k_base", "cl100k_base" };

/* Four lanes, so that the multiplications don't wait for one another. */
uint64_t vocab_checksum(const struct vocab_header *h, size_t size)
{
    static const uint64_t prime = 0x9e3779b97f4a7c15u;
    uint64_t lanes[4] = { 1, 2, 3, 4 };
    const char *at = (const char *)&h->size;
    size_t len = size - offsetof(struct vocab_header, size);
    uint64_t words[4];
    int i;

    for (; len >= sizeof(words); len -= sizeof(words)) {
        memcpy(words, at, sizeof(words));
        for (i = 0; i < 4; i++) {
            lanes[i] = (lanes[i] ^ words[i]) * prime;
            lanes[i] ^= lanes[i] >> 29;
        }
        at += sizeof(words);
    }
    memset(words, 0, sizeof(words));
    memcpy(words, at, len);
    for (i = 0; i < 4; i++)
        lanes[i] = (lanes[i] ^ words[i] ^ len) * prime;
    return lanes[0] ^ lanes[1] >> 13 ^ lanes[2] << 7 ^ lanes[3] >> 31;
}

static const void *part(const struct vocab_header *h, enum vocab_part which)
{
    return (const char *)h + h->parts[which].offset;
}

/* Each part lies within the file. */
static bool parts_fit(const struct vocab_header *h)
{
    size_t i;

    for (i = 0; i < VOCAB_PARTS; i++) {
        uint64_t offset = h->parts[i].offset;

        if (offset < sizeof(*h) || offset % VOCAB_ALIGN || offset > h->size ||
            h->parts[i].count > (h->size - offset) / vocab_part_size[i])
            return false;
    }
    return h->parts[VOCAB_TRIE].count > TRIE_ROOT &&
           h->parts[VOCAB_CLASSES].count == CLASSES_FLAT &&
           h->parts[VOCAB_FILTER].count == (1u << FILTER_BITS) / 64 &&
           h->parts[VOCAB_HIGH_INDEX].count == CLASSES_PAGES &&
           h->pair_bits < 32 &&
           h->parts[VOCAB_PAIRS].count == (uint64_t)1 << h->pair_bits;
}

static bool check(const struct vocab_header *h, size_t size, const char *path,
                  struct error *err)
{
    if (size < sizeof(*h) || memcmp(h->magic, VOCAB_MAGIC, sizeof(h->magic)))
        return error_set(err, ERROR_SETUP, "%s is no compiled vocabulary",
                         path);
    if (h->order != VOCAB_ORDER || h->version != VOCAB_VERSION)
        return error_set(err, ERROR_SETUP,
                         "%s was compiled by another version of vitae or for "
                         "another processor: install vitae again",
                         path);
    if (h->size != size || !memchr(h->name, '\0', sizeof(h->name)) ||
        h->pattern > PATTERN_CL100K || !parts_fit(h) ||
        h->checksum != vocab_checksum(h, size))
        return error_set(err, ERROR_SETUP, "%s is damaged: install vitae again",
                         path);
    return true;
}

/* The whole file, read-only. */
static bool map(const char *path, void **data, size_t *size, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    bool ok = false;

    if (fd < 0)
        return error_set(err, ERROR_SETUP, "%s: %s", path, strerror(errno));
    if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size <= 0) {
        error_set(err, ERROR_SETUP, "%s is no compiled vocabulary", path);
        goto out;
    }
    *size = (size_t)st.st_size;
    *data = mmap(NULL, *size, PROT_READ, MAP_SHARED, fd, 0);
    if (*data == MAP_FAILED) {
        error_set(err, ERROR_RETRY, "%s cannot be mapped: %s", path,
                  strerror(errno));
        goto out;
    }
    ok = true;
out:
    close(fd);
    return ok;
}

bool vocab_map(struct vocab **vocab, const char *path, struct error *err)
{
    struct vocab *v = NULL;
    void *data = NULL;
    size_t size = 0;

    *vocab = NULL;
    if (!map(path, &data, &size, err))
        return false;
    if (check(data, size, path, err) && !(v = calloc(1, sizeof(*v))))
        error_memory(err);
    if (!v) {
        munmap(data, size);
        return false;
    }
    /* The check has read all of it; what is needed comes back by itself. */
    (void)madvise(data, size, MADV_DONTNEED);
    v->header = data;
    v->trie = part(v->header, VOCAB_TRIE);
    v->merges = part(v->header, VOCAB_MERGES);
    v->shapes = part(v->header, VOCAB_SHAPES);
    v->pairs = part(v->header, VOCAB_PAIRS);
    v->filter = part(v->header, VOCAB_FILTER);
    v->classes = part(v->header, VOCAB_CLASSES);
    v->high_index = part(v->header, VOCAB_HIGH_INDEX);
    v->high_pages = part(v->header, VOCAB_HIGH_PAGES);
    v->pattern = (enum vocab_pattern)v->header->pattern;
    *vocab = v;
    return true;
}

static bool is_known(const char *name)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(names); i++)
        if (!strcmp(names[i], name))
            return true;
    return false;
}

bool vocab_open(struct vocab **vocab, const char *name, struct error *err)
{
    const char *data = getenv("VITAE_DATADIR");
    const struct {
        const char *folder, *below;
    } places[] = {
        { getenv("VITAE_VOCABDIR"), "" },
        { data, "/vocab" },
        { VITAE_DATADIR, "/vocab" },
    };
    char path[4096];
    size_t i;

    *vocab = NULL;
    if (!is_known(name))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "no encoding %.40s: o200k_base and cl100k_base are "
                          "known",
                          name);
    for (i = 0; i < ARRAY_LEN(places); i++) {
        if (!places[i].folder || !*places[i].folder)
            continue;
        snprintf(path, sizeof(path), "%s%s/%s.vocab", places[i].folder,
                 places[i].below, name);
        if (access(path, F_OK) == 0)
            return vocab_map(vocab, path, err);
    }
    return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                      "no vocabulary %s.vocab in %s/vocab: install vitae "
                      "again, or set VITAE_DATADIR",
                      name, data ? data : VITAE_DATADIR);
}

void vocab_close(struct vocab *vocab)
{
    if (!vocab)
        return;
    munmap((void *)(uintptr_t)vocab->header, vocab->header->size);
    free(vocab);
}

const char *vocab_name(const struct vocab *vocab)
{
    return vocab->header->name;
}
