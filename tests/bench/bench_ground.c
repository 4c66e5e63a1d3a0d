/*
 * Grounding: 10,000 resumes of about 6 KB with 70 values each, four in five
 * of them true.  The floor is text_fold() of the same texts.
 */
#include "base/text.h"
#include "extract/ground.h"
#include "tests/bench/bench.h"
#include "tests/extract/ground_data.h"

#define RESUMES 200
#define VALUES 70

struct job {
    struct strbuf text;
    struct fact values[VALUES];
};

static struct job jobs[RESUMES];
static size_t total;
static struct ground *g;
static struct strbuf folded;

static void fold_all(void *context)
{
    size_t i;

    (void)context;
    for (i = 0; i < RESUMES; i++) {
        strbuf_clear(&folded);
        text_fold(jobs[i].text.data, jobs[i].text.len, &folded);
        bench_sink += folded.len;
    }
}

static void index_all(void *context)
{
    struct error err;
    size_t i;

    (void)context;
    for (i = 0; i < RESUMES; i++)
        if (!ground_text(g, jobs[i].text.data, jobs[i].text.len, &err))
            abort();
}

static void ground_all(void *context)
{
    struct error err;
    size_t i, j;

    (void)context;
    for (i = 0; i < RESUMES; i++) {
        struct job *job = &jobs[i];
        struct ground_hit hit;

        if (!ground_text(g, job->text.data, job->text.len, &err))
            abort();
        for (j = 0; j < VALUES; j++)
            bench_sink += ground_find(g, job->values[j].value,
                                      strlen(job->values[j].value), &hit);
    }
}

/* Two made up resumes in a row are one of the right size; a third brings
 * the values that are not true. */
static void make_job(struct job *job, uint32_t number)
{
    size_t count = 0;
    uint32_t part;

    strbuf_init(&job->text, MIB);
    for (part = 0; count < VALUES; part++) {
        struct made_up m;
        size_t most = part == 0 ? 28 : part == 1 ? 56 : VALUES;
        size_t i;

        make_up(&m, 7, number % 2 + 2 * (number + 1000 * part));
        if (part < 2)
            while (job->text.len < 3000 * (part + 1))
                strbuf_add(&job->text, m.text.data, m.text.len);
        for (i = 0; i < m.truths && count < most; i++)
            job->values[count++] = m.truth[i];
        made_up_release(&m);
    }
    total += job->text.len;
}

/* 2 MiB of words that are all nearly alike, and a value that is like none
 * of them. */
static void hostile(void *context)
{
    static const char value[] = "abcdefgh abcdefgi abcdefgj";
    struct strbuf *text = context;
    struct ground_hit hit;
    struct error err;
    int i;

    if (!ground_text(g, text->data, text->len, &err))
        abort();
    for (i = 0; i < VALUES; i++)
        bench_sink += ground_find(g, value, sizeof(value) - 1, &hit);
}

static void run_hostile(void)
{
    struct strbuf text;
    uint32_t n = 0;

    strbuf_init(&text, GROUND_TEXT_MOST);
    while (text.len + 10 < GROUND_TEXT_MOST) {
        char word[] = "hgfedcba ";
        uint32_t i, rest = n++;

        for (i = 0; i < 8; i++, rest /= 7)
            word[i] = (char)('a' + (word[i] - 'a' + rest % 7) % 8);
        strbuf_add(&text, word, 9);
    }
    bench_floor("", 0, 0);
    bench_run("2 MiB of words nearly alike, 70 values", hostile, &text,
              text.len);
    strbuf_release(&text);
}

int main(void)
{
    double seconds;
    uint32_t i;

    g = ground_new();
    strbuf_init(&folded, MIB);
    for (i = 0; i < RESUMES; i++)
        make_job(&jobs[i], i);
    printf("Grounding, resumes of %zu bytes, %d values each\n", total / RESUMES,
           VALUES);
    bench_floor("text_fold", bench_run("text_fold", fold_all, NULL, total),
                total);
    bench_run("ground_text", index_all, NULL, total);
    seconds = bench_run("ground_text and ground_find", ground_all, NULL, total);
    printf("  10,000 resumes: %.2f s on one core (goal: under 10)\n",
           seconds * 10000 / RESUMES);
    run_hostile();
    for (i = 0; i < RESUMES; i++)
        strbuf_release(&jobs[i].text);
    strbuf_release(&folded);
    ground_free(g);
    return 0;
}
