/*
 * What providers send: each one's lines, batch objects, error bodies.  All
 * of it hostile; a verdict is reached and what is kept is clean.
 */
#include "base/json.h"
#include "base/text.h"
#include "provider/http.h"
#include "provider/openai.h"
#include "tests/fuzz/fuzz.h"

static struct json_doc *doc;
static struct answer answer;

static void check_text(const char *s, size_t size)
{
    fuzz_check(strlen(s) < size);
    fuzz_check(utf8_valid(s, strlen(s)));
}

static void check_answer(const struct answer *a)
{
    check_text(a->custom_id, sizeof(a->custom_id));
    check_text(a->code, sizeof(a->code));
    check_text(a->message, sizeof(a->message));
    fuzz_check(a->outcome <= ANSWER_MALFORMED);
    fuzz_check(a->outcome != ANSWER_OK || a->content.len);
    fuzz_check(a->outcome == ANSWER_OK || a->outcome == ANSWER_CUT ||
               !a->content.len);
    fuzz_check(utf8_valid(a->content.data, a->content.len));
    fuzz_check(a->input_tokens >= -1 && a->output_tokens >= -1 &&
               a->cached_tokens >= -1);
}

static void read_lines(const char *text, size_t len)
{
    const struct provider_ops *ops;
    struct error err;
    size_t i;

    for (i = 0; (ops = provider_ops_at(i)); i++) {
        if (!ops->decode)
            continue;
        fuzz_check(ops->decode(NULL, doc, text, len, &answer, &err));
        check_answer(&answer);
    }
}

static void read_batch(const char *text, size_t len)
{
    struct json_object *object;
    struct remote_batch b;
    struct error err;

    object = json_parse(text, len, &err);
    if (!object)
        return;
    if (openai_batch_read(object, &b, &err)) {
        check_text(b.id, sizeof(b.id));
        check_text(b.output_file, sizeof(b.output_file));
        check_text(b.error_code, sizeof(b.error_code));
        check_text(b.error_message, sizeof(b.error_message));
        fuzz_check(b.id[0] && !strpbrk(b.id, " \n\t"));
        fuzz_check(b.total >= 0 && b.completed >= 0 && b.failed >= 0);
        fuzz_check(b.token_limit >= 0 && b.created_at >= 0);
    }
    json_free(object);
}

static void read_failure(const char *text, size_t len)
{
    struct http_response r = { .status = 400, .should_retry = -1 };
    struct error err;

    strbuf_init(&r.body, 4 * MIB);
    strbuf_add(&r.body, text, len);
    if (strbuf_ok(&r.body)) {
        http_failure(&r, "fuzzing", &err);
        check_text(err.message, sizeof(err.message));
        check_text(err.code, sizeof(err.code));
        fuzz_check(err.kind != ERROR_NONE);
    }
    strbuf_release(&r.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    if (!text)
        return 0;
    if (!doc) {
        doc = json_doc_new();
        answer_init(&answer);
    }
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    read_lines(text, size);
    read_batch(text, size);
    read_failure(text, size);
    free(text);
    return 0;
}
