/*
 * Answers into values, resumes into prompts.
 *
 * 50,000 answers of 3 KB (2,000 different ones, again and again) go through
 * reader, schema and rules, without and with looking each value up in a
 * resume of 6 KB; the floor is json-c only reading them.  Prompts are built
 * from resumes of 6 KB; the floor is one memcpy.
 */
#include <json-c/json_object.h>
#include <json-c/json_tokener.h>

#include "base/jsonw.h"
#include "extract/prompt.h"
#include "extract/values.h"
#include "tests/bench/bench.h"

#define COUNT 2000

static struct strbuf answers[COUNT], resumes[COUNT];
static struct profile *profile;
static size_t answer_bytes, resume_bytes;

static uint32_t random_state = 11;

static uint32_t chance(uint32_t limit)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % limit;
}

static const char *const words[] = {
    "engineer", "managed",  "the",     "platform", "services", "data",
    "led",      "team",     "of",      "Python",   "and",      "Kafka",
    "customer", "accounts", "reduced", "costs",    "by",       "percent",
};
static const char *const names[] = { "Acme",  "Umbra", "Nordwind", "Quanta",
                                     "Helix", "Orbit", "Vertex",   "Lumen" };

static const char *word(void)
{
    return words[chance(ARRAY_LEN(words))];
}

static void add_sentence(struct strbuf *b, uint32_t count)
{
    while (count--)
        strbuf_addf(b, "%s%s", word(), count ? " " : ".");
}

/* Both of the same person, so that most values are in the resume. */
static void make_pair(size_t index, bool bullets)
{
    struct strbuf *a = &answers[index], *r = &resumes[index];
    struct strbuf summary;
    unsigned i;

    strbuf_init(a, MIB);
    strbuf_init(r, MIB);
    strbuf_init(&summary, MIB);
    add_sentence(&summary, 60);
    strbuf_addf(r, "Jane Roe\njane%zu@example.com | (555) 123-%04zu\n", index,
                index);
    strbuf_addf(a,
                "{\"first_name\":\"Jane\",\"middle_name\":null,\"last_name\":"
                "\"Roe\",\"emails\":[\"jane%zu@example.com\"],\"phones\":["
                "\"(555) 123-%04zu\"],\"linkedin\":null,\"address\":null,"
                "\"city\":\"Springfield\",\"state\":\"Illinois\",\"zipcode\":"
                "\"62701\",\"bachelors\":\"BS Computer Science\",\"masters\":"
                "null,\"certifications\":[\"PMP\",\"AWS Solutions "
                "Architect\"],\"positions\":[",
                index, index);
    for (i = 0; i < 7; i++) {
        const char *company = names[chance(ARRAY_LEN(names))];
        unsigned year = 2024 - 3 * i;

        strbuf_addf(r, "\n%s %u LLC, Boston, MA\n%u-03 - %u-02\n", company, i,
                    year - 3, year);
        while (r->len < 800 * (i + 1)) {
            strbuf_adds(r, bullets ? "\xe2\x80\xa2 " : "- ");
            add_sentence(r, 12);
            strbuf_addc(r, '\n');
        }
        strbuf_addf(a,
                    "%s{\"company\":\"%s %u LLC\",\"location\":\"Boston, "
                    "Massachusetts\",\"start\":\"%u-03\",\"end\":\"%u-02\"}",
                    i ? "," : "", company, i, year - 3, year);
    }
    strbuf_adds(r, "\nSkills: Python, SQL, Kafka, Docker, Terraform, Linux, "
                   "Spark, Airflow, dbt, Git\nPMP, AWS Solutions Architect\n"
                   "Springfield, Illinois 62701\n");
    strbuf_adds(a, "],\"titles\":[\"Data Engineer\",\"Platform Engineer\","
                   "\"Team Lead\"],\"industries\":[\"Software\",\"Consulting\"]"
                   ",\"categories\":[\"Data Engineering\",\"DevOps\"],"
                   "\"skills\":[\"Python\",\"SQL\",\"Kafka\",\"Docker\","
                   "\"Terraform\",\"Linux\",\"Spark\",\"Airflow\",\"dbt\","
                   "\"Git\"],\"software_languages\":[\"Python\",\"SQL\"],"
                   "\"software_apps\":[\"Airflow\",\"dbt\",\"Git\"],"
                   "\"hardware\":[],\"project_types\":[\"cloud migration\","
                   "\"data platform\"],\"specialty\":\"Streaming data\","
                   "\"summary\":");
    jsonw_quote(a, summary.data, summary.len);
    while (a->len < 2900)
        strbuf_adds(a, " ");
    strbuf_adds(a, ",\"years_of_experience\":21.0,\"average_tenure\":3,"
                   "\"length_in_us\":null}");
    strbuf_release(&summary);
}

static void make_all(bool bullets)
{
    size_t i;

    answer_bytes = resume_bytes = 0;
    for (i = 0; i < COUNT; i++) {
        strbuf_release(&answers[i]);
        strbuf_release(&resumes[i]);
        make_pair(i, bullets);
        answer_bytes += answers[i].len;
        resume_bytes += resumes[i].len;
    }
}

static void read_json_c(void *context)
{
    size_t i;

    for (i = 0; i < COUNT; i++) {
        struct json_object *root;

        json_tokener_reset(context);
        root = json_tokener_parse_ex(context, answers[i].data,
                                     (int)answers[i].len);
        bench_sink += (size_t)json_object_object_length(root);
        json_object_put(root);
    }
}

struct reading {
    struct values *values;
    bool grounded;
};

static void read_values(void *context)
{
    const struct reading *reading = context;
    enum values_outcome outcome = VALUES_EMPTY;
    struct error err;
    char detail[256];
    size_t i;

    for (i = 0; i < COUNT; i++) {
        if (!values_read(reading->values, answers[i].data, answers[i].len,
                         reading->grounded ? resumes[i].data : NULL,
                         resumes[i].len, 1.7e9, &outcome, detail, &err) ||
            outcome != VALUES_OK)
            abort();
        bench_sink += values_at(reading->values, 5)->len;
    }
}

static void copy_resumes(void *context)
{
    struct strbuf *out = context;
    size_t i;

    for (i = 0; i < COUNT; i++) {
        strbuf_clear(out);
        strbuf_add(out, resumes[i].data, resumes[i].len);
        bench_sink += (unsigned char)out->data[100];
    }
}

struct building {
    struct strbuf *out;
    struct prompt_limits limits;
};

static void build_prompts(void *context)
{
    const struct building *b = context;
    enum prompt_verdict verdict;
    struct error err;
    unsigned flags;
    size_t i;

    for (i = 0; i < COUNT; i++) {
        strbuf_clear(b->out);
        if (!prompt_build(resumes[i].data, resumes[i].len, &b->limits, b->out,
                          &verdict, &flags, &err) ||
            flags)
            abort();
        bench_sink += b->out->len;
    }
}

static void bench_answers(void)
{
    struct json_tokener *tokener = json_tokener_new();
    struct reading reading = { NULL, false };
    struct error err;
    double seconds;

    bench_title("answers of 3 KB into the 79 columns of resume");
    if (!values_new(&reading.values, profile, NULL, &err))
        abort();
    seconds =
        bench_run("json-c reads them", read_json_c, tokener, answer_bytes);
    bench_floor("json-c", seconds, answer_bytes);
    bench_run("values", read_values, &reading, answer_bytes);
    reading.grounded = true;
    bench_run("values, grounded in 6 KB", read_values, &reading, answer_bytes);
    values_free(reading.values);
    json_tokener_free(tokener);
}

static void bench_prompts(const char *title)
{
    struct strbuf out;
    struct building b = { .out = &out };
    double seconds;

    strbuf_init(&out, MIB);
    bench_title(title);
    bench_floor("", 0, 0); /* the last part's is another matter */
    seconds = bench_run("memcpy", copy_resumes, &out, resume_bytes);
    bench_floor("memcpy", seconds, resume_bytes);
    bench_run("prompt_build", build_prompts, &b, resume_bytes);
    b.limits.redact = true;
    bench_run("prompt_build, redacted", build_prompts, &b, resume_bytes);
    strbuf_release(&out);
}

/* bench_extract [answers | prompts]: only these, for a profiler. */
int main(int argc, char **argv)
{
    const char *only = argc > 1 ? argv[1] : "answers prompts";
    struct error err;

    if (!profile_open(&profile, "resume", &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    make_all(false);
    if (strstr(only, "answers"))
        bench_answers();
    if (strstr(only, "prompts")) {
        bench_prompts("prompts of 6 KB, ASCII");
        make_all(true);
        bench_prompts("prompts of 6 KB, with bullets");
    }
    profile_close(profile);
    return 0;
}
