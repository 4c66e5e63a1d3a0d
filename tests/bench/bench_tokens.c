/*
 * Counting tokens: text like resumes, ASCII, mixed scripts, hostile input.
 *
 * Resumes are made of the lines of the sample resumes, shuffled, with other
 * digits and invented names, so that the pieces are as many and as uneven
 * as in real ones.  "cold" counts each text with a new counter's cache;
 * the floor is finding the pieces' ends without counting.
 *
 * bench_tokens --write KIND SIZE    the text itself: resumes, ascii, mixed
 */
#include <time.h>

#include "base/file.h"
#include "base/jsonr.h"
#include "extract/tokens_cache.h"
#include "extract/tokens_scan.h"
#include "tests/bench/bench.h"
#include "tests/extract/tokens_text.h"

#define CORPUS 8000000
#define DOCUMENT 6100
#define LINES_MOST 20000

static struct strbuf samples;
static struct {
    const char *at;
    size_t len;
} lines[LINES_MOST];
static size_t line_count;
static uint32_t state = 1;

static uint32_t chance(uint32_t limit)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return (uint32_t)((uint64_t)state * limit >> 32);
}

static void fail(const char *what)
{
    fprintf(stderr, "bench_tokens: %s\n", what);
    exit(1);
}

/* The texts of one file of JSON lines. */
static void read_texts(const char *source)
{
    struct json_doc *doc = json_doc_new();
    struct file_lines file;
    struct error err;
    char path[1000];
    char *line;
    size_t len;
    bool too_long;

    snprintf(path, sizeof(path), "%s/tests/data/resumes/%s/resumes.jsonl",
             getenv("srcdir") ? getenv("srcdir") : ".", source);
    if (!doc || !file_lines_open(&file, path, MIB, &err))
        fail(err.message);
    while (file_lines_next(&file, &line, &len, &too_long, &err) && line) {
        const struct json_node *node = json_read(doc, line, len, NULL, &err);
        const struct json_node *text = node ? json_member(node, "text") : NULL;

        if (!text || !json_string(text, &samples))
            fail(path);
        strbuf_addc(&samples, '\n');
    }
    file_lines_close(&file);
    json_doc_free(doc);
}

static void read_samples(void)
{
    static const char *const sources[] = { "bazil", "jsonresume",
                                           "reactive_resume", "rendercv" };
    const char *at, *end;
    size_t i;

    strbuf_init(&samples, 64 * MIB);
    for (i = 0; i < ARRAY_LEN(sources); i++)
        read_texts(sources[i]);
    for (at = samples.data; (end = strchr(at, '\n')); at = end + 1)
        if (line_count < LINES_MOST) {
            lines[line_count].at = at;
            lines[line_count++].len = (size_t)(end + 1 - at);
        }
}

static void add_name(struct strbuf *out)
{
    static const char *const syllables[] = {
        "ka",  "ri",  "na", "to",   "mel", "an", "der", "sson", "vi", "lu",
        "ber", "gor", "mi", "chel", "sa",  "ra", "wen", "ton",  "pe", "li",
    };
    uint32_t count = 2 + chance(3);
    size_t at = out->len;

    while (count--)
        strbuf_adds(out, syllables[chance(ARRAY_LEN(syllables))]);
    out->data[at] = (char)(out->data[at] - 0x20);
}

/* A line with other digits; now and then a name before it. */
static void add_line(struct strbuf *out, bool ascii)
{
    size_t which = chance((uint32_t)line_count);
    size_t i;

    if (!chance(4)) {
        add_name(out);
        strbuf_addc(out, ' ');
    }
    for (i = 0; i < lines[which].len; i++) {
        char c = lines[which].at[i];

        if (c >= '0' && c <= '9')
            c = (char)('0' + chance(10));
        if (!ascii || !(c & 0x80))
            strbuf_addc(out, c);
    }
}

static void make_text(struct strbuf *out, const char *kind, size_t size)
{
    strbuf_init(out, 2 * size + MIB);
    if (!strcmp(kind, "mixed"))
        tokens_text(out, 1, size);
    else
        while (out->len < size)
            add_line(out, !strcmp(kind, "ascii"));
}

struct job {
    struct vocab *vocab;
    struct token_counter *counter;
    struct strbuf text;
};

static void count_warm(void *context)
{
    struct job *job = context;
    size_t at;

    for (at = 0; at < job->text.len; at += DOCUMENT)
        bench_sink += tokens_count(
            job->counter, job->text.data + at,
            at + DOCUMENT < job->text.len ? DOCUMENT : job->text.len - at);
}

static void count_cold(void *context)
{
    struct job *job = context;

    token_counter_free(job->counter);
    job->counter = token_counter_new(job->vocab);
    count_warm(job);
}

static void find_pieces(void *context)
{
    struct job *job = context;
    const uint8_t *p = (const uint8_t *)job->text.data;
    const uint8_t *end = p + job->text.len;

    while (p < end) {
        p = scan_piece(job->vocab, p, end, PATTERN_O200K);
        bench_sink++;
    }
}

static void bench_kind(struct job *job, const char *kind)
{
    char name[60];
    double floor;

    make_text(&job->text, kind, CORPUS);
    bench_floor("", 0, 0);
    snprintf(name, sizeof(name), "%s: pieces one by one", kind);
    floor = bench_run(name, find_pieces, job, job->text.len);
    bench_floor("that", floor, job->text.len);
    snprintf(name, sizeof(name), "%s: counted, cold", kind);
    bench_run(name, count_cold, job, job->text.len);
    snprintf(name, sizeof(name), "%s: counted, warm", kind);
    bench_run(name, count_warm, job, job->text.len);
    strbuf_release(&job->text);
}

static void count_whole(void *context)
{
    struct job *job = context;

    bench_sink += tokens_count(job->counter, job->text.data, job->text.len);
}

static void bench_hostile(struct job *job)
{
    static const char *const units[] = {
        "a",  " ",         "!",  "\n", "\xf0\x9f\x91\xa9\xe2\x80\x8d",
        "中", "e\xcc\x81", "ab", "1",  "-=",
        NULL,
    };
    size_t i;

    bench_floor("", 0, 0);
    for (i = 0; i < ARRAY_LEN(units); i++) {
        char name[60];

        strbuf_init(&job->text, 2 * MIB);
        while (job->text.len < 1000000)
            if (units[i])
                strbuf_adds(&job->text, units[i]);
            else
                strbuf_addc(&job->text, (char)('a' + chance(26)));
        snprintf(name, sizeof(name), "1 MB of %s",
                 !units[i]           ? "random small letters"
                 : *units[i] == '\n' ? "newlines"
                                     : units[i]);
        bench_run(name, count_whole, job, job->text.len);
        strbuf_release(&job->text);
    }
}

static void open_and_close(void *context)
{
    struct vocab *v;
    struct error err;

    (void)context;
    if (!vocab_open(&v, "o200k_base", &err))
        fail(err.message);
    vocab_close(v);
}

/* The best of a few rounds, by the processor's time. */
static double speed_of(bench_work *work, struct job *job)
{
    double best = 0;
    int i;

    for (i = 0; i < 5; i++) {
        clock_t begun = clock();
        double seconds;

        work(job);
        seconds = (double)(clock() - begun) / CLOCKS_PER_SEC;
        if (seconds > 0 && (double)job->text.len / 1e6 / seconds > best)
            best = (double)job->text.len / 1e6 / seconds;
    }
    return best;
}

/* Cold and warm, for bench_tokenizers.py. */
static void print_speed(struct job *job, const char *kind, const char *size)
{
    double cold;

    make_text(&job->text, kind, strtoul(size, NULL, 10));
    cold = speed_of(count_cold, job);
    printf("%.1f %.1f\n", cold, speed_of(count_warm, job));
    strbuf_release(&job->text);
}

int main(int argc, char **argv)
{
    struct job job = { 0 };
    struct error err;

    read_samples();
    if (argc == 4 && !strcmp(argv[1], "--write")) {
        make_text(&job.text, argv[2], strtoul(argv[3], NULL, 10));
        return fwrite(job.text.data, 1, job.text.len, stdout) != job.text.len;
    }
    setenv("VITAE_VOCABDIR", "etc/vocab", 0);
    if (!vocab_open(&job.vocab, "o200k_base", &err))
        fail(err.message);
    job.counter = token_counter_new(job.vocab);
    if (argc == 4 && !strcmp(argv[1], "--speed")) {
        print_speed(&job, argv[2], argv[3]);
        return 0;
    }
    bench_title("tokens of o200k_base, documents of 6,100 bytes");
    bench_kind(&job, "resumes");
    bench_kind(&job, "ascii");
    bench_kind(&job, "mixed");
    bench_title("hostile input");
    bench_hostile(&job);
    bench_title("the vocabulary");
    bench_run("mapped and checked", open_and_close, NULL,
              job.vocab->header->size);
    printf("  table: %.1f MB\n", (double)job.vocab->header->size / 1e6);
    token_counter_free(job.counter);
    vocab_close(job.vocab);
    strbuf_release(&samples);
    return 0;
}
