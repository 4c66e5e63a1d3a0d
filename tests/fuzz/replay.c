/*
 * Runs a fuzz harness without a fuzzer: each file of its corpus, and some
 * changed forms of each, the same ones every time.
 *
 * fuzz_NAME            the corpus of the source tree, as a TAP test
 * fuzz_NAME FILE…      these files only, to look at a finding
 * FUZZ_MUTATIONS       changed forms of each file (default 200; all of it
 *                      ends after two seconds when this is not set)
 */
#include <dirent.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "tests/tap.h"

#define LARGEST ((size_t)1 << 20)
#define FILES_MOST 2000
#define MUTATIONS 200
#define SECONDS 2

struct input {
    char *name;
    uint8_t *data;
    size_t size;
};

static struct input inputs[FILES_MOST];
static size_t count;
static uint8_t changed[2 * LARGEST];
static char where[300] = "before the first input\n";

/* Says which input it was; the number makes it again. */
static void on_abort(int signal_number)
{
    ssize_t written = write(STDERR_FILENO, where, strlen(where));

    (void)written;
    (void)signal_number;
}

static void run(const struct input *input, int number, const uint8_t *data,
                size_t size)
{
    /* The harness gets its own copy, so that a sanitizer sees a step
     * beyond either end. */
    uint8_t *copy = malloc(size ? size : 1);

    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    snprintf(where, sizeof(where), "input %s, changed form %d\n", input->name,
             number);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void load(const char *path)
{
    struct input *input = &inputs[count];
    FILE *file = fopen(path, "rb");

    if (!file || count == FILES_MOST - 1) {
        fprintf(stderr, "%s: cannot be read, or too many files\n", path);
        exit(1);
    }
    input->data = malloc(LARGEST);
    input->name = strdup(path);
    if (!input->data || !input->name)
        abort();
    input->size = fread(input->data, 1, LARGEST, file);
    fclose(file);
    count++;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct input *)a)->name,
                  ((const struct input *)b)->name);
}

/* fuzz_NAME's folder is tests/fuzz/corpus/NAME. */
static void load_corpus(const char *program)
{
    const char *source = getenv("srcdir");
    const char *name = strstr(program, "fuzz_");
    char folder[2000];
    char path[2400];
    struct dirent *entry;
    DIR *dir;

    snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s",
             source ? source : ".", name ? name + 5 : program);
    dir = opendir(folder);
    while (dir && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        load(path);
    }
    if (dir)
        closedir(dir);
    /* readdir's order is the file system's. */
    qsort(inputs, count, sizeof(inputs[0]), by_name);
}

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static size_t below(uint32_t *state, size_t limit)
{
    return limit ? next_random(state) % limit : 0;
}

/* Opens a gap of n bytes at at. */
static size_t open_gap(size_t size, size_t at, size_t n)
{
    memmove(changed + at + n, changed + at, size - at);
    return size + n;
}

static const char *const troublemakers[] = {
    "\xff",
    "\x80",
    "\xc0\xaf",
    "\xed\xa0\x80",
    "\xf4\x90\x80\x80",
    "\xe2",
    "\xf0\x9f",
    "\xef\xbb\xbf",
    "\xe2\x80\x8b",
    "\xe2\x80\xae",
    "\r\n",
    "\\",
    "\"",
    "\\ud800",
    "\\u0000",
    "1e400",
    "-0",
    "18446744073709551616",
    "NaN",
    "{",
    "[",
    "}",
    "]",
    ",",
    ":",
    "''",
    "%n",
    "null",
    "9999999999",
    "\xcc\x81",
};

static size_t insert_trouble(uint32_t *state, size_t size)
{
    const char *what = troublemakers[below(
        state, sizeof(troublemakers) / sizeof(troublemakers[0]))];
    size_t at = below(state, size + 1);

    size = open_gap(size, at, strlen(what));
    memcpy(changed + at, what, strlen(what));
    return size;
}

static size_t change_byte(uint32_t *state, size_t size)
{
    if (size)
        changed[below(state, size)] = (uint8_t)next_random(state);
    return size;
}

static size_t flip_bit(uint32_t *state, size_t size)
{
    if (size)
        changed[below(state, size)] ^= (uint8_t)(1u << below(state, 8));
    return size;
}

static size_t remove_some(uint32_t *state, size_t size)
{
    size_t at = below(state, size);
    size_t n = below(state, size - at < 16 ? size - at + 1 : 16);

    memmove(changed + at, changed + at + n, size - at - n);
    return size - n;
}

static size_t cut_end(uint32_t *state, size_t size)
{
    return below(state, size + 1);
}

static size_t repeat_some(uint32_t *state, size_t size)
{
    size_t at = below(state, size);
    size_t n = below(state, size - at < 64 ? size - at + 1 : 64);

    size = open_gap(size, at, n);
    memcpy(changed + at, changed + at + n, n);
    return size;
}

/* The beginning of this and the end of another. */
static size_t splice(uint32_t *state, size_t size)
{
    const struct input *other = &inputs[below(state, count)];
    size_t keep = below(state, size + 1);
    size_t from = below(state, other->size + 1);

    memcpy(changed + keep, other->data + from, other->size - from);
    return keep + other->size - from;
}

static size_t change(uint32_t *state, size_t size)
{
    static size_t (*const ways[])(uint32_t *, size_t) = {
        insert_trouble, change_byte, flip_bit, remove_some,
        cut_end,        repeat_some, splice,   insert_trouble,
    };
    size_t steps = 1 + below(state, 4);

    while (steps-- && size < LARGEST)
        size = ways[below(state, sizeof(ways) / sizeof(ways[0]))](state, size);
    return size;
}

static int mutations(void)
{
    const char *asked = getenv("FUZZ_MUTATIONS");

    return asked ? (int)strtol(asked, NULL, 10) : MUTATIONS;
}

static void replay(size_t index, int most, double until)
{
    const struct input *input = &inputs[index];
    const char *name = strrchr(input->name, '/');
    struct timespec now;
    int i;

    run(input, 0, input->data, input->size);
    for (i = 1; i <= most; i++) {
        uint32_t state = (uint32_t)(index * 2654435761u) ^ (uint32_t)i * 40503u;

        clock_gettime(CLOCK_MONOTONIC, &now);
        if ((double)now.tv_sec + 1e-9 * (double)now.tv_nsec > until)
            break;
        state = state ? state : 1;
        memcpy(changed, input->data, input->size);
        run(input, i, changed, change(&state, input->size));
    }
    ok(true, "%s and %d changed forms", name ? name + 1 : input->name, i - 1);
}

int main(int argc, char **argv)
{
    struct timespec start;
    double until;
    size_t i;

    signal(SIGABRT, on_abort);
    if (argc > 1) {
        for (; argc > 1; argc--)
            load(argv[argc - 1]);
        for (i = 0; i < count; i++)
            run(&inputs[i], 0, inputs[i].data, inputs[i].size);
        return 0;
    }
    clock_gettime(CLOCK_MONOTONIC, &start);
    until = getenv("FUZZ_MUTATIONS")
                ? 1e18
                : (double)start.tv_sec + 1e-9 * (double)start.tv_nsec + SECONDS;
    load_corpus(argv[0]);
    ok(count > 0, "there is a corpus");
    for (i = 0; i < count; i++)
        replay(i, mutations(), until);
    for (i = 0; i < count; i++) {
        free(inputs[i].data);
        free(inputs[i].name);
    }
    return tap_done();
}
