/*
 * How well grounding tells truth from invention, on resumes that a machine
 * made up (ground_data.h) and on real ones.
 */
#include "base/jsonr.h"
#include "extract/ground.h"
#include "tests/extract/ground_data.h"
#include "tests/tap.h"

#define RESUMES 420
#define SEED 20261125

struct count {
    int all, wrong;
};

static struct ground *g;
static struct count truths[2][NOISES], inventions[2][INVENTIONS];
static int examples;

static void show(const char *what, const struct fact *f, bool cjk)
{
    if (examples++ < 40)
        tap_note("%s: %s%s \"%s\"", what, cjk ? "CJK, " : "",
                 cjk ? "" : "Latin,", f->value);
}

static void judge(const struct made_up *m)
{
    struct ground_hit hit;
    size_t i;

    for (i = 0; i < m->truths; i++) {
        const struct fact *f = &m->truth[i];
        struct count *c = &truths[m->cjk][f->kind];

        c->all++;
        if (ground_find(g, f->value, strlen(f->value), &hit))
            continue;
        c->wrong++;
        show(noise_names[f->kind], f, m->cjk);
    }
    for (i = 0; i < m->invented; i++) {
        const struct fact *f = &m->inventions[i];
        struct count *c = &inventions[m->cjk][f->kind];

        c->all++;
        if (!ground_find(g, f->value, strlen(f->value), &hit))
            continue;
        c->wrong++;
        show(invention_names[f->kind], f, m->cjk);
    }
}

static struct count sum(const struct count *counts, size_t count)
{
    struct count s = { 0, 0 };

    for (; count; count--, counts++) {
        s.all += counts->all;
        s.wrong += counts->wrong;
    }
    return s;
}

static void tell_counts(const struct count *counts, size_t count,
                        const char *const *names, const char *script)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (counts[i].all)
            tap_note("%-30s %-6s %5d, %d wrong", names[i], script,
                     counts[i].all, counts[i].wrong);
}

static void inventions_are_caught_and_truth_is_not_flagged(void)
{
    struct count all_true, all_invented, cjk;
    struct made_up m;
    struct error err;
    uint32_t i;

    for (i = 0; i < RESUMES; i++) {
        make_up(&m, SEED, i);
        if (!ground_text(g, m.text.data, m.text.len, &err))
            ok(false, "%s", err.message);
        judge(&m);
        made_up_release(&m);
    }
    tell_counts(truths[0], NOISES, noise_names, "Latin");
    tell_counts(truths[1], NOISES, noise_names, "CJK");
    tell_counts(inventions[0], INVENTIONS, invention_names, "Latin");
    tell_counts(inventions[1], INVENTIONS, invention_names, "CJK");
    all_true = sum(truths[0], ARRAY_LEN(truths) * NOISES);
    all_invented = sum(inventions[0], ARRAY_LEN(inventions) * INVENTIONS);
    cjk = sum(inventions[1], INVENTIONS);
    ok(all_true.all >= 20000 && all_invented.all >= 2000,
       "%d true values and %d inventions", all_true.all, all_invented.all);
    ok(cjk.all * 20 >= all_invented.all * 9, "%d of the inventions are CJK",
       cjk.all);
    ok(all_invented.wrong * 100 <= all_invented.all,
       "at least 99 %% of the inventions are caught: %d missed",
       all_invented.wrong);
    ok(cjk.wrong * 100 <= cjk.all, "of the CJK ones too: %d missed", cjk.wrong);
    ok(all_true.wrong * 100 <= all_true.all,
       "at most 1 %% of the true ones are flagged: %d", all_true.wrong);
}

/*
 * Real resumes: names that stand in them (words with capitals in a row),
 * against such names, of two words and more, of other resumes.
 */

#define REAL_MOST 100
#define NAMES_MOST 200
#define NAME_LONGEST 120

struct real {
    struct strbuf text, plain;
    char names[NAMES_MOST][NAME_LONGEST];
    size_t count;
};

static struct real *reals;
static size_t real_count;

/* Letters and digits only, in lower case: a crude idea of "the same". */
static void make_plain(const char *s, size_t len, struct strbuf *out)
{
    strbuf_clear(out);
    for (; len; len--, s++) {
        if (*s >= 'A' && *s <= 'Z')
            strbuf_addc(out, (char)(*s | 32));
        else if ((*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') ||
                 (unsigned char)*s >= 0x80)
            strbuf_addc(out, *s);
    }
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static size_t word_length(const char *s)
{
    size_t n = 0;

    while ((s[n] | 32) >= 'a' && (s[n] | 32) <= 'z')
        n++;
    return n;
}

/* The run of up to four words that begin with capitals, at s: its length. */
static size_t name_length(const char *s)
{
    size_t end = 0, at = 0;
    int words;

    for (words = 0; words < 4 && is_capital(s[at]); words++) {
        size_t n = word_length(s + at);

        if (n < 4)
            break;
        end = at + n;
        at = end + (s[end] == ' ');
    }
    return end;
}

static void list_names(struct real *r)
{
    const char *s = r->text.data;
    size_t at = 0;

    while (at < r->text.len && r->count < NAMES_MOST) {
        size_t n = name_length(s + at);
        bool begins = !at || s[at - 1] == ' ' || s[at - 1] == '\n';

        if (begins && n >= 6 && n < NAME_LONGEST)
            snprintf(r->names[r->count++], NAME_LONGEST, "%.*s", (int)n,
                     s + at);
        at += n ? n : 1;
    }
}

static void read_resume(struct json_doc *doc, const char *line, size_t len)
{
    struct real *r = &reals[real_count];
    struct error err;
    const struct json_node *root = json_read(doc, line, len, NULL, &err);

    strbuf_init(&r->text, MIB);
    strbuf_init(&r->plain, MIB);
    if (!root || !json_string(json_member(root, "text"), &r->text)) {
        ok(false, "a line of resumes.jsonl: %s", err.message);
        return;
    }
    make_plain(r->text.data, r->text.len, &r->plain);
    list_names(r);
    real_count++;
}

static void read_real(void)
{
    static const char *const folders[] = { "bazil", "jsonresume",
                                           "reactive_resume", "rendercv" };
    static char line[1 << 20];
    const char *source = getenv("srcdir");
    struct json_doc *doc = json_doc_new();
    size_t i;

    reals = calloc(REAL_MOST, sizeof(*reals));
    for (i = 0; i < ARRAY_LEN(folders); i++) {
        char path[1000];
        FILE *file;

        snprintf(path, sizeof(path), "%s/tests/data/resumes/%s/resumes.jsonl",
                 source ? source : ".", folders[i]);
        file = fopen(path, "r");
        while (file && real_count < REAL_MOST &&
               fgets(line, sizeof(line), file))
            read_resume(doc, line, strlen(line));
        if (file)
            fclose(file);
    }
    json_doc_free(doc);
}

/* As a model may write it: all in capitals, with a hyphen, on two lines. */
static void rewrite(const char *name, size_t way, char *out)
{
    size_t i;

    for (i = 0; name[i]; i++) {
        out[i] = name[i];
        if (way == 1 && name[i] != ' ')
            out[i] = (char)(name[i] & ~32);
        if (way > 1 && name[i] == ' ')
            out[i] = way == 2 ? '-' : '\n';
    }
    out[i] = '\0';
}

static struct count judge_own(const struct real *r)
{
    struct count c = { 0, 0 };
    struct ground_hit hit;
    size_t i;

    for (i = 0; i < r->count; i++) {
        char name[NAME_LONGEST];

        rewrite(r->names[i], i % 4, name);
        c.all++;
        if (!ground_find(g, name, strlen(name), &hit)) {
            c.wrong++;
            tap_note("flagged: %s", name);
        }
    }
    return c;
}

static struct count judge_others(const struct real *r)
{
    struct count c = { 0, 0 };
    struct strbuf plain;
    size_t i, j;

    strbuf_init(&plain, 1000);
    for (i = 0; i < real_count; i++)
        for (j = 0; &reals[i] != r && j < reals[i].count; j++) {
            const char *name = reals[i].names[j];
            struct ground_hit hit;

            /* A single word is often no name but the start of a sentence. */
            make_plain(name, strlen(name), &plain);
            if (!strchr(name, ' ') || strstr(r->plain.data, plain.data))
                continue;
            c.all++;
            if (ground_find(g, name, strlen(name), &hit)) {
                c.wrong++;
                if (examples++ < 10)
                    tap_note("missed: %s", name);
            }
        }
    strbuf_release(&plain);
    return c;
}

static void real_resumes_are_told_apart(void)
{
    struct count own = { 0, 0 }, others = { 0, 0 };
    struct error err;
    size_t i;

    read_real();
    ok(real_count >= 30, "%zu real resumes", real_count);
    for (i = 0; i < real_count; i++) {
        struct real *r = &reals[i];
        struct count c;

        if (!ground_text(g, r->text.data, r->text.len, &err))
            ok(false, "%s", err.message);
        c = judge_own(r);
        own.all += c.all;
        own.wrong += c.wrong;
        c = judge_others(r);
        others.all += c.all;
        others.wrong += c.wrong;
    }
    ok(own.all > 1000 && own.wrong * 100 <= own.all,
       "%d names of their own, %d flagged", own.all, own.wrong);
    ok(others.all > 1000 && others.wrong * 100 <= others.all,
       "%d names of others, %d missed", others.all, others.wrong);
    for (i = 0; i < real_count; i++) {
        strbuf_release(&reals[i].text);
        strbuf_release(&reals[i].plain);
    }
    free(reals);
}

int main(void)
{
    g = ground_new();
    real_resumes_are_told_apart();
    inventions_are_caught_and_truth_is_not_flagged();
    ground_free(g);
    return tap_done();
}
