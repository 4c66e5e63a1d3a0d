/*
 * Token counts: known vectors, the slow way beside the fast one, golden
 * totals of generated text (made with tiktoken), cuts, hostile input.
 *
 * test_tokens --write SEED SIZE    the generated text, for the reference
 * test_tokens --ids ENCODING FILE  the ids of a text, one a line
 */
#include "extract/tokens.h"

#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "tests/extract/tokens_slow.h"
#include "tests/extract/tokens_text.h"
#include "tests/folder.h"
#include "tests/tap.h"

#define IDS_MOST 200000

static struct vocab *o200k, *cl100k;
static struct token_counter *o200k_counter, *cl100k_counter;
static uint32_t ids[IDS_MOST], slow_ids[IDS_MOST];

static struct token_counter *counter_of(const char *encoding)
{
    return strcmp(encoding, "o200k_base") ? cl100k_counter : o200k_counter;
}

static void open_all(void)
{
    struct error err;

    if (!vocab_open(&o200k, "o200k_base", &err) ||
        !vocab_open(&cl100k, "cl100k_base", &err)) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    o200k_counter = token_counter_new(o200k);
    cl100k_counter = token_counter_new(cl100k);
    if (!o200k_counter || !cl100k_counter)
        abort();
}

static void close_all(void)
{
    token_counter_free(o200k_counter);
    token_counter_free(cl100k_counter);
    vocab_close(o200k);
    vocab_close(cl100k);
}

static const struct {
    const char *text;
    const char *o200k, *cl100k; /* NULL = not known */
} vectors[] = {
    /* npm tiktoken 1.0.22 */
    { "", "", "" },
    { "hello world", "24912 2375", NULL },
    { "Hello, World! How are you today? \xf0\x9f\x8c\x8d",
      "13225 11 5922 0 3253 553 481 4044 30 130321 235", NULL },
    { "tiktoken is great!", "83 8251 2488 382 2212 0", NULL },
    { "I'm can't WE'LL they've", "15390 8535 26919 6 7454 51676", NULL },
    { "   leading   spaces\n\n\ttab", "256 8117 256 18608 279 119380", NULL },
    { "1234567890", "7633 19354 29338 15", NULL },
    { "a\r\nb\n\n\nc", "64 370 65 2499 66", NULL },
    { "https://example.com/a/b?c=1",
      "4172 1684 18582 1136 23839 7611 30 66 28 16", NULL },
    { "こんにちは、世界！", "95839 1395 28428 3393", NULL },
    { "Привет, мир!", "23881 131903 11 37934 0", NULL },
    { "{\"name\": \"Ada\", \"age\": 36}",
      "10848 897 1243 392 139151 672 392 477 1243 220 2636 92", NULL },
    { "camelCaseHTTPServer", "178067 6187 17893 6444", NULL },
    { "naïve café e\xcc\x81", "1503 9954 737 30469 319 13430", NULL },
    { "x  ", "87 256", NULL },
    { "\n", "198", NULL },
    { "// path/to///\n\n", "393 3104 72231 154812", NULL },
    /* PyPI tiktoken 0.14.0: U+180E is no white space; a long s is an s
     * without case; special tokens are ordinary text; marks; title case;
     * digits and blanks of other scripts; slashes after a newline; what
     * has no case between capitals. */
    { "\xe1\xa0\x8e a\xe1\xa0\x8e"
      "b 1\xe1\xa0\x8e",
      "157 254 236 261 157 254 236 65 220 16 157 254 236",
      "157 254 236 264 157 254 236 65 220 16 157 254 236" },
    { "it'\xc5\xbf it'S we'Re x'rE",
      "278 6 70067 480 31233 581 146756 1215 15770 36",
      "275 6 129 123 433 13575 584 50527 865 97670 36" },
    { "<|endoftext|><|im_start|>",
      "27 91 419 1440 919 91 3784 91 321 10949 91 29",
      "27 91 8862 728 428 91 1822 91 318 5011 91 29" },
    { "a\xcc\x81"
      "b \xcc\x81\xcc\x81 !\xcc\x81",
      "64 13430 65 220 13430 13430 1073 13430",
      "64 54939 65 220 54939 54939 758 54939" },
    { "\xc7\x85\xc7\x85 \xc7\x88"
      "a",
      "131 227 131 227 220 131 230 64", "131 227 131 227 220 131 230 64" },
    { "12345\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4",
      "7633 2548 46600 53184 81473 98713",
      "4513 1774 149 94 149 95 149 96 149 97" },
    { "x\xc2\xa0y \xe3\x80\x80z  \xe2\x80\xa8\n w",
      "87 5310 88 220 1397 89 256 51008 198 286",
      "87 4194 88 220 23249 89 256 378 101 198 289" },
    { "\xef\xbb\xbf"
      "a\xe2\x80\x8b"
      "b\xe2\x80\xae"
      "c",
      "5574 64 3310 65 152821 66", "3305 64 16067 65 378 106 66" },
    { "!\n/abc // \r\n/", "4175 14 26682 602 4568 14",
      "4999 14 13997 443 2591 14" },
    { "ABC\xe6\xbc\xa2"
      "DEF\xe6\xbc\xa2g",
      "44197 183591 36563 183591 70", "26484 78256 95 13963 78256 95 70" },
    { "  \n  \n  x", "59384 220 1215", "31879 220 865" },
    { " \t!abc\t!d", "220 197 0 26682 197 0 67", "220 197 0 13997 197 0 67" },
};

static const char *ids_string(const uint32_t *list, size_t count)
{
    static char out[4000];
    size_t used = 0;
    size_t i;

    out[0] = '\0';
    for (i = 0; i < count && used < sizeof(out) - 20; i++)
        used += (size_t)snprintf(out + used, sizeof(out) - used, "%s%u",
                                 i ? " " : "", list[i]);
    return out;
}

static void has_ids(const char *encoding, const char *text, const char *want)
{
    struct token_counter *counter = counter_of(encoding);
    size_t len = strlen(text);
    size_t count = tokens_ids(counter, text, len, ids, IDS_MOST);

    is_str(ids_string(ids, count), want, "%s: %.30s", encoding, text);
    is_int(tokens_count(counter, text, len), count, "and their count");
}

static void the_published_vectors_hold(void)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(vectors); i++) {
        has_ids("o200k_base", vectors[i].text, vectors[i].o200k);
        if (vectors[i].cl100k)
            has_ids("cl100k_base", vectors[i].text, vectors[i].cl100k);
    }
}

static bool same_ids(struct token_counter *counter,
                     const struct tokens_slow *slow, const char *text,
                     size_t len)
{
    size_t want = tokens_slow_ids(slow, text, len, slow_ids, IDS_MOST);
    size_t count = tokens_ids(counter, text, len, ids, IDS_MOST);

    return count == want && want <= IDS_MOST &&
           !memcmp(ids, slow_ids, count * sizeof(ids[0])) &&
           tokens_count(counter, text, len) == want;
}

static void the_slow_way_gives_the_same(const char *encoding)
{
    struct tokens_slow *slow = tokens_slow_open(encoding);
    struct strbuf text;
    uint32_t seed;
    int bad = 0;

    strbuf_init(&text, MIB);
    for (seed = 1; seed <= 400; seed++) {
        strbuf_clear(&text);
        tokens_text(&text, seed, 10 + seed % 50 * 40);
        if (!same_ids(counter_of(encoding), slow, text.data, text.len) &&
            !bad++)
            tap_note("seed %u", seed);
    }
    ok(bad == 0, "%s: 400 generated texts", encoding);
    strbuf_release(&text);
    tokens_slow_close(slow);
}

static void counts_are(const char *text, size_t len, size_t want_o200k,
                       size_t want_cl100k, const char *what)
{
    is_int(tokens_count(o200k_counter, text, len), want_o200k, "o200k: %s",
           what);
    is_int(tokens_count(cl100k_counter, text, len), want_cl100k, "cl100k: %s",
           what);
}

/* The totals are PyPI tiktoken 0.14.0's. */
static void generated_text_has_its_count(void)
{
    static const struct {
        uint32_t seed;
        size_t o200k, cl100k;
    } rows[] = {
        { 101, 463201, 527741 },
        { 102, 471180, 534576 },
        { 103, 472046, 534532 },
        { 104, 468280, 530664 },
    };
    struct strbuf text;
    char what[40];
    size_t i;

    strbuf_init(&text, 2 * MIB);
    for (i = 0; i < ARRAY_LEN(rows); i++) {
        strbuf_clear(&text);
        tokens_text(&text, rows[i].seed, 1000000);
        snprintf(what, sizeof(what), "1 MB from seed %u", rows[i].seed);
        counts_are(text.data, text.len, rows[i].o200k, rows[i].cl100k, what);
    }
    strbuf_release(&text);
}

/* Each code point beside a small letter, capitals, a digit, a symbol, a
 * newline. */
/* More pieces than its tables have room for. */
static void a_little_counter_counts_the_same(void)
{
    struct token_counter *little = token_counter_new_little(o200k);
    struct strbuf text;
    int i;

    strbuf_init(&text, 4 * MIB);
    for (i = 0; i < 100000; i++)
        strbuf_addf(&text, "w%dx%d ", i * 7919 % 100000, i);
    ok(little && tokens_count(little, text.data, text.len) ==
                     tokens_count(o200k_counter, text.data, text.len),
       "once");
    ok(little && tokens_count(little, text.data, text.len) ==
                     tokens_count(o200k_counter, text.data, text.len),
       "and with full tables");
    token_counter_free(little);
    strbuf_release(&text);
}

static void every_code_point_has_its_class(void)
{
    struct strbuf text;
    uint32_t code;

    strbuf_init(&text, 64 * MIB);
    for (code = 0; code < 0x110000; code++) {
        char c[5] = "";

        if (code >= 0xd800 && code < 0xe000)
            continue;
        c[utf8_encode(code, c)] = '\0';
        if (code == 0)
            strbuf_add(&text, "\0a\0 A\0B\0001\0!\0\n", 13);
        else
            strbuf_addf(&text, "%sa%s A%sB%s1%s!%s\n", c, c, c, c, c, c);
    }
    counts_are(text.data, text.len, 32332217, 32584264, "every code point");
    strbuf_release(&text);
}

/* Where the usual tokenizers are quadratic, or end in a stack overflow.
 * The counts are PyPI tiktoken 0.14.0's; that of a million blanks is what
 * a hundred thousand give there, ten times. */
static void hostile_runs_have_their_count(void)
{
    static const struct {
        const char *unit;
        size_t times, o200k, cl100k;
    } rows[] = {
        { "a", 1000000, 125000, 125000 },
        { " ", 1000000, 7813, 7813 },
        { "!", 1000000, 62500, 125000 },
        { "\n", 1000000, 62500, 31250 },
        { "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", 90909, 454545,
          636363 },
        { "中文", 166666, 166666, 333332 },
        { "e\xcc\x81", 333333, 666666, 666666 },
        { "A", 1000000, 125000, 125000 },
        { "1", 1000000, 333334, 333334 },
        { "ab", 500000, 250000, 500000 },
        { "中A", 250000, 500000, 500000 },
        { "\xe2\x80\xae", 333333, 333333, 666666 },
        { "\xc2\xa0", 500000, 62500, 62500 },
    };
    struct strbuf text;
    size_t i, n;

    strbuf_init(&text, 2 * MIB);
    for (i = 0; i < ARRAY_LEN(rows); i++) {
        strbuf_clear(&text);
        for (n = 0; n < rows[i].times; n++)
            strbuf_adds(&text, rows[i].unit);
        counts_are(text.data, text.len, rows[i].o200k, rows[i].cl100k,
                   rows[i].unit);
    }
    strbuf_release(&text);
}

/* One word of random letters. */
static void random_runs_have_their_count(void)
{
    static const struct {
        const char *letters;
        size_t o200k, cl100k;
    } rows[] = {
        { "abcdefghijklmnopqrstuvwxyz", 518830, 540750 },
        { "ab", 341729, 419182 },
        { "!?#*-=/.", 582564, 594157 },
    };
    struct strbuf text;
    size_t i, n;

    strbuf_init(&text, 2 * MIB);
    for (i = 0; i < ARRAY_LEN(rows); i++) {
        uint32_t state = 1;

        strbuf_clear(&text);
        for (n = 0; n < 1000000; n++) {
            state = state * 1664525 + 1013904223;
            strbuf_addc(
                &text,
                rows[i].letters[(state >> 16) % strlen(rows[i].letters)]);
        }
        counts_are(text.data, text.len, rows[i].o200k, rows[i].cl100k,
                   rows[i].letters);
    }
    strbuf_release(&text);
}

static void bad_bytes_are_symbols(void)
{
    static const char *const rows[] = {
        "\xff",     "a\x80z",         "\xc3",
        "\xe2\x82", "\xed\xa0\x80",   "\xf4\x90\x80\x80 x",
        "\xc0\xaf", "x \xf0\x9f\x91", "\xf0\x80\x80\x80",
    };
    struct tokens_slow *slow = tokens_slow_open("o200k_base");
    size_t i;

    for (i = 0; i < ARRAY_LEN(rows); i++)
        ok(same_ids(o200k_counter, slow, rows[i], strlen(rows[i])),
           "bad bytes, row %zu", i);
    tokens_slow_close(slow);
}

static void nothing_beyond_the_text_is_read(void)
{
    static const char text[] = "The quick brown f\xc3\xa9, it's 12345 \n\n x ";
    size_t len;

    /* Each its own allocation, so that sanitizers see it. */
    for (len = 0; len < sizeof(text); len++) {
        char *copy = malloc(len ? len : 1);
        size_t a, b;

        memcpy(copy, text, len);
        a = tokens_count(o200k_counter, copy, len);
        b = tokens_ids(o200k_counter, copy, len, ids, IDS_MOST);
        free(copy);
        if (a != b)
            break;
    }
    is_int(len, sizeof(text), "texts of each length");
}

static void a_limit_is_met_or_not(void)
{
    struct strbuf text;
    size_t count, limit;
    int bad = 0;

    strbuf_init(&text, MIB);
    tokens_text(&text, 7, 3000);
    count = tokens_count(o200k_counter, text.data, text.len);
    for (limit = 0; limit < text.len + 10; limit++)
        bad += tokens_exceed(o200k_counter, text.data, text.len, limit) !=
               (count > limit);
    is_int(bad, 0, "more than each limit, or not");
    strbuf_release(&text);
}

/* Some cut of text is right for these limits. */
static bool cut_is_right(struct token_counter *counter, const char *text,
                         size_t len, size_t head, size_t tail, size_t slack)
{
    struct token_cut cut;
    size_t n;

    tokens_cut(counter, text, len, head, tail, &cut);
    if (cut.tokens <= head + tail)
        return cut.head == len && cut.tail == len;
    n = tokens_count(counter, text, cut.head);
    if (n > head || n != cut.head_tokens || n + slack < head)
        return false;
    n = tokens_count(counter, text + cut.tail, len - cut.tail);
    if (n > tail || n != cut.tail_tokens || n + slack < tail)
        return false;
    return cut.head <= cut.tail && utf8_valid(text, cut.head) &&
           utf8_valid(text + cut.tail, len - cut.tail);
}

static void a_cut_keeps_head_and_tail(void)
{
    struct strbuf text;
    uint32_t seed;
    int bad = 0;

    strbuf_init(&text, MIB);
    for (seed = 1; seed <= 300; seed++) {
        strbuf_clear(&text);
        tokens_text(&text, seed, 4000);
        bad += !cut_is_right(o200k_counter, text.data, text.len, seed * 3,
                             seed * 2, 12);
        bad += !cut_is_right(cl100k_counter, text.data, text.len, seed * 2,
                             seed * 3, 12);
        bad += !cut_is_right(cl100k_counter, text.data, text.len, 0, seed, 12);
        bad += !cut_is_right(o200k_counter, text.data, text.len, seed, 0, 12);
    }
    is_int(bad, 0, "300 texts cut");
    strbuf_clear(&text);
    while (text.len < 1000000)
        strbuf_adds(&text, "a");
    ok(cut_is_right(o200k_counter, text.data, text.len, 5000, 5000, 0),
       "one word of a million letters");
    strbuf_clear(&text);
    while (text.len < 100000)
        strbuf_adds(&text, "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb");
    ok(cut_is_right(o200k_counter, text.data, text.len, 5001, 5002, 4),
       "joined emoji: between characters");
    strbuf_clear(&text);
    while (text.len < 300000)
        strbuf_adds(&text, "\xe0\xb8\x80");
    ok(cut_is_right(o200k_counter, text.data, text.len, 5001, 5002, 4),
       "a character that each token only has parts of");
    strbuf_release(&text);
}

static void models_have_their_encoding(void)
{
    static const struct {
        const char *model, *encoding;
        bool estimate;
    } rows[] = {
        { "gpt-4o", "o200k_base", false },
        { "gpt-4o-mini-2024-07-18", "o200k_base", false },
        { "chatgpt-4o-latest", "o200k_base", false },
        { "gpt-4.1-nano", "o200k_base", false },
        { "gpt-5.4-nano", "o200k_base", false },
        { "o4-mini", "o200k_base", false },
        { "o3-pro", "o200k_base", false },
        { "gpt-oss-120b", "o200k_base", false },
        { "ft:gpt-4o-mini:x", "o200k_base", false },
        { "openai/gpt-4o", "o200k_base", false },
        { "gpt-4", "cl100k_base", false },
        { "gpt-4-turbo", "cl100k_base", false },
        { "gpt-3.5-turbo-0125", "cl100k_base", false },
        { "ft:gpt-4-0613:x", "cl100k_base", false },
        { "text-embedding-3-small", "cl100k_base", false },
        { "gpt-6-mini", "o200k_base", true },
        { "ft:gpt-4.1-mini:x", "o200k_base", true },
        { "gpt-4", "cl100k_base", false },
        { "gemini-2.5-flash", NULL, true },
        { "claude-sonnet-4-5", NULL, true },
        { "meta-llama/llama-3.1-8b", NULL, true },
        { "", NULL, true },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(rows); i++) {
        struct token_model m = tokens_model(rows[i].model);

        ok(m.estimate == rows[i].estimate &&
               (m.encoding
                    ? rows[i].encoding && !strcmp(m.encoding, rows[i].encoding)
                    : !rows[i].encoding),
           "model %s", rows[i].model);
    }
}

static void an_estimate_is_rather_high(void)
{
    static const char english[] =
        "Managed a team of twelve engineers and led the migration of the "
        "payment platform to PostgreSQL, which cut costs by a third.";
    static const char russian[] = "Руководил командой разработчиков";
    size_t len = sizeof(english) - 1;

    ok(tokens_estimate(english, len) >=
           tokens_count(o200k_counter, english, len),
       "English");
    ok(tokens_estimate(russian, sizeof(russian) - 1) >=
           tokens_count(o200k_counter, russian, sizeof(russian) - 1),
       "Russian");
    is_int(tokens_estimate("", 0), 0, "nothing");
    is_int(tokens_estimate("a", 1), 1, "one letter");
}

static void read_vocab(struct strbuf *out)
{
    struct error err;
    char path[2000];

    snprintf(path, sizeof(path), "%s/cl100k_base.vocab",
             getenv("VITAE_VOCABDIR"));
    strbuf_init(out, 64 * MIB);
    if (!file_read(path, out, &err)) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
}

static bool is_refused(const struct strbuf *file, size_t len, const char *word)
{
    struct vocab *v = NULL;
    struct error err;
    bool refused;

    if (!file_write("x.vocab", file->data, len, &err))
        abort();
    refused = !vocab_map(&v, "x.vocab", &err);
    if (!refused)
        vocab_close(v);
    else
        tap_note("%s", err.message);
    return refused && err.kind == ERROR_SETUP && strstr(err.message, word);
}

static void a_damaged_vocabulary_is_refused(void)
{
    static const struct {
        size_t at; /* the byte changed */
        const char *word, *what;
    } rows[] = {
        { 0, "no compiled", "magic" },   { 9, "damaged", "checksum" },
        { 17, "damaged", "size" },       { 24, "another", "byte order" },
        { 28, "another", "version" },    { 40, "damaged", "name" },
        { 70, "damaged", "pair bits" },  { 85, "damaged", "an offset" },
        { 1000, "damaged", "the trie" }, { 3000001, "damaged", "the middle" },
    };
    struct strbuf file;
    struct vocab *v;
    struct error err;
    size_t i;

    folder_enter();
    read_vocab(&file);
    for (i = 0; i < ARRAY_LEN(rows); i++) {
        file.data[rows[i].at] ^= 0x41;
        ok(is_refused(&file, file.len, rows[i].word), "changed: %s",
           rows[i].what);
        file.data[rows[i].at] ^= 0x41;
    }
    file.data[file.len - 1] ^= 1;
    ok(is_refused(&file, file.len, "damaged"), "changed: the last byte");
    file.data[file.len - 1] ^= 1;
    ok(is_refused(&file, file.len - 64, "damaged"), "cut short");
    ok(is_refused(&file, 100, "no compiled"), "cut within the header");
    ok(is_refused(&file, 0, "no compiled"), "empty");
    strbuf_release(&file);
    ok(!vocab_map(&v, "absent.vocab", &err) && !v && err.kind == ERROR_SETUP,
       "absent");
    ok(!vocab_map(&v, ".", &err) && !v, "a folder");
    ok(!vocab_open(&v, "p50k_base", &err) && strstr(err.message, "p50k_base"),
       "an unknown encoding: %s", err.message);
    ok(!vocab_open(&v, "../o200k_base", &err) && !v, "a path is no encoding");
}

static int write_text(char **argv)
{
    struct strbuf text;
    int failed;

    strbuf_init(&text, 1024 * MIB);
    tokens_text(&text, (uint32_t)strtoul(argv[2], NULL, 10),
                strtoul(argv[3], NULL, 10));
    failed = fwrite(text.data, 1, text.len, stdout) != text.len;
    strbuf_release(&text);
    return failed;
}

static int write_ids(char **argv)
{
    struct strbuf text;
    struct error err;
    uint32_t *list = NULL;
    size_t count = 0, i;
    int status = 1;

    open_all();
    strbuf_init(&text, 1024 * MIB);
    if (file_read(argv[3], &text, &err))
        list = malloc((text.len + 1) * sizeof(*list));
    if (list) {
        count = tokens_ids(counter_of(argv[2]), text.data, text.len, list,
                           text.len);
        status = count == tokens_count(counter_of(argv[2]), text.data, text.len)
                     ? 0
                     : 2;
    }
    for (i = 0; status == 0 && i < count; i++)
        printf("%u\n", list[i]);
    free(list);
    strbuf_release(&text);
    close_all();
    return status;
}

int main(int argc, char **argv)
{
    if (argc == 4 && !strcmp(argv[1], "--write"))
        return write_text(argv);
    if (argc == 4 && !strcmp(argv[1], "--ids"))
        return write_ids(argv);
    open_all();
    the_published_vectors_hold();
    the_slow_way_gives_the_same("o200k_base");
    the_slow_way_gives_the_same("cl100k_base");
    generated_text_has_its_count();
    a_little_counter_counts_the_same();
    every_code_point_has_its_class();
    hostile_runs_have_their_count();
    random_runs_have_their_count();
    bad_bytes_are_symbols();
    nothing_beyond_the_text_is_read();
    a_limit_is_met_or_not();
    a_cut_keeps_head_and_tail();
    models_have_their_encoding();
    an_estimate_is_rather_high();
    a_damaged_vocabulary_is_refused();
    close_all();
    return tap_done();
}
