#include "tests/provider/course.h"

#include "base/file.h"
#include "tests/folder.h"

static struct clock still;

const struct dialect dialects[] = {
    { "openai", "/v1", "shape=openai", false, false, false },
    { "responses", "/v1", "shape=openai", false, false, false },
    { "azure", "/v1", "shape=azure", false, false, false },
    { "groq", "/v1", "shape=openai", false, false, false },
    { "together", "/v1", "shape=together", false, false, false },
    { "mistral", "/v1", "shape=openai", false, false, false },
    { "gemini", "/v1beta", "shape=openai", false, true, true },
    { "gemini", "/v1beta", "shape=job", false, true, true },
    { "anthropic", "/v1", "shape=openai", true, true, false },
};
const size_t dialect_count = ARRAY_LEN(dialects);

const char *path_of(const char *name)
{
    static const char *folder;
    static char path[400];

    if (!folder)
        folder = folder_enter();
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

void write_requests(const struct provider *p)
{
    static const char *const texts[] = {
        "one\n@@answer {\"n\":1}",
        "two\n@@answer {\"n\":2}",
        "@@status 400 bad input",
        "@@status 500 oops",
        "@@refuse",
        "@@length",
    };
    struct request_template t;
    struct strbuf lines;
    struct error err;
    char id[40];
    size_t i;

    request_template_init(&t);
    strbuf_init(&lines, MIB);
    ok(p->ops->prepare(p, &golden_profile, &t, &err), "prepared");
    for (i = 0; i < ARRAY_LEN(texts); i++) {
        snprintf(id, sizeof(id), "unified_%zu", i + 1);
        request_line(&t, id, texts[i], strlen(texts[i]), &lines);
    }
    ok(file_write(path_of("requests.jsonl"), lines.data, lines.len, &err),
       "a request file");
    strbuf_release(&lines);
    request_template_release(&t);
}

struct provider *open_at(const struct dialect *d, const struct fake *f)
{
    static struct provider_settings s;
    static char base[100];
    struct provider *p;
    struct error err;

    snprintf(base, sizeof(base), "http://127.0.0.1:%d%s", f ? f->port : 9,
             d->root);
    s = (struct provider_settings){ .name = TEXT(d->name),
                                    .base_url = base,
                                    .api_key = TEXT(KEY),
                                    .model = TEXT("some-model"),
                                    .idle_timeout = 60 };
    still = clock_fixed(1764000000);
    if (!ok(provider_open(&p, &s, &still, &err), "%s opens", d->name))
        tap_note("%s", err.message);
    if (f)
        write_requests(p);
    return p;
}

void start(struct fake *f, const struct dialect *d, const char *more)
{
    fake_start(f, "--set", "key=" KEY, "--set", d->setting, "--set", more,
               NULL);
}

bool create(struct provider *p, const char *key, struct remote_batch *b,
            struct error *err)
{
    char file[REMOTE_ID], name[80];

    snprintf(name, sizeof(name), "vitae-%s.jsonl", key);
    return p->ops->upload(p, path_of("requests.jsonl"), name, file, NULL,
                          err) &&
           p->ops->create(p, file, key, "some-model", b, err);
}

/* What each of the six requests comes to. */
static const enum answer_outcome outcomes[] = {
    ANSWER_OK,     ANSWER_OK,      ANSWER_FAILED,
    ANSWER_FAILED, ANSWER_REFUSED, ANSWER_CUT,
};

int read_answers(struct provider *p, const char *file,
                 bool *seen /* of seven */)
{
    struct json_doc *doc = json_doc_new();
    struct file_lines lines;
    struct answer a;
    struct error err;
    char *line;
    size_t len;
    bool too_long;
    int n = 0, number;

    answer_init(&a);
    ok(p->ops->download(p, file, path_of("out"), NULL, &err), "downloaded");
    ok(file_lines_open(&lines, path_of("out"), MIB, &err), "opened");
    while (file_lines_next(&lines, &line, &len, &too_long, &err) && line) {
        ok(p->ops->decode(p, doc, line, len, &a, &err), "decoded");
        if (sscanf(a.custom_id, "unified_%d", &number) != 1 || number < 1 ||
            number > 6 || seen[number])
            continue;
        seen[number] = true;
        n++;
        /* Gemini says SAFETY where others say refusal. */
        if (!strcmp(p->ops->name, "gemini") && number == 5)
            is_int(a.outcome, ANSWER_FILTERED, "request 5: filtered");
        else
            is_str(answer_outcome_names[a.outcome],
                   answer_outcome_names[outcomes[number - 1]],
                   "request %d: outcome (%s)", number, a.code);
        if (number == 1)
            is_str(a.content.data, "{\"n\":1}", "its content");
        if (number == 1)
            ok(a.input_tokens > 10 && a.output_tokens > 0, "its usage");
        if (number == 3)
            ok(a.our_fault && !a.retryable, "400: the item's own");
        if (number == 4)
            ok(!a.our_fault && a.retryable, "500: not the item's");
    }
    file_lines_close(&lines);
    answer_release(&a);
    json_doc_free(doc);
    return n;
}
