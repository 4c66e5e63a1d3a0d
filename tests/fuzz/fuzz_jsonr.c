/*
 * The strict reader: what it accepts, json-c's strictest form accepts too;
 * written again from its nodes and read again it is the same document.
 */
#include <json-c/json_object.h>
#include <json-c/json_tokener.h>

#include "base/jsonr.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "tests/fuzz/fuzz.h"

#define DEPTH 64

static struct json_doc *doc, *again;
static struct strbuf written, rewritten, value;

static void write_value(struct jsonw *w, const struct json_node *node);

static void begin(struct jsonw *w, const struct json_node *node)
{
    const struct json_node *name = json_name(node);

    if (w->depth && name) {
        uint32_t level = (uint32_t)1 << (w->depth - 1);

        if (w->started & level)
            strbuf_addc(w->out, ',');
        w->started &= ~level;
        strbuf_clear(&value);
        fuzz_check(json_string(name, &value));
        jsonw_quote(w->out, value.data, value.len);
        strbuf_addc(w->out, ':');
    }
}

static void write_children(struct jsonw *w, const struct json_node *node)
{
    const struct json_node *child;
    size_t seen = 0;

    for (child = json_first(node); child; child = json_next(child), seen++)
        write_value(w, child);
    fuzz_check(seen == json_count(node));
}

/* Recursion is fine: the limit is 30 levels. */
static void write_value(struct jsonw *w, const struct json_node *node)
{
    begin(w, node);
    switch ((enum json_kind)node->kind) {
    case JSON_NULL: jsonw_null(w, NULL); break;
    case JSON_FALSE: jsonw_bool(w, NULL, false); break;
    case JSON_TRUE: jsonw_bool(w, NULL, true); break;
    case JSON_NUMBER: jsonw_raw(w, NULL, node->text, node->len); break;
    case JSON_STRING:
        strbuf_clear(&value);
        fuzz_check(json_string(node, &value));
        fuzz_check(utf8_valid(value.data, value.len));
        jsonw_text_len(w, NULL, value.data, value.len);
        break;
    case JSON_ARRAY:
        jsonw_array(w, NULL);
        write_children(w, node);
        jsonw_end_array(w);
        break;
    case JSON_OBJECT:
        jsonw_object(w, NULL);
        write_children(w, node);
        jsonw_end_object(w);
        break;
    }
}

static void write_document(const struct json_node *root, struct strbuf *out)
{
    struct jsonw w;

    strbuf_clear(out);
    jsonw_init(&w, out);
    write_value(&w, root);
    fuzz_check(strbuf_ok(out));
}

static void json_c_accepts(const char *text, size_t size)
{
    struct json_tokener *tokener = json_tokener_new_ex(DEPTH);
    enum json_tokener_error error;
    struct json_object *object;

    json_tokener_set_flags(tokener,
                           JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    object = json_tokener_parse_ex(tokener, text, (int)size);
    /* A number at the very end could go on. */
    if (json_tokener_get_error(tokener) == json_tokener_continue)
        object = json_tokener_parse_ex(tokener, "", 1);
    error = json_tokener_get_error(tokener);
    /* json-c 0.18 (Debian 13) refuses integers beyond 64 bits, older ones
     * clamp them; RFC 8259 has both. */
    fuzz_check(error == json_tokener_success ||
               error == json_tokener_error_parse_number);
    json_object_put(object);
    json_tokener_free(tokener);
}

static void numbers_are_safe(const struct json_node *node)
{
    int64_t integer;
    double real;

    for (; node; node = json_next(node)) {
        bool whole = json_integer(node, &integer);

        fuzz_check(!whole || json_real(node, &real) || node->len > 500);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct json_limits limits = { 1 << 20, 10000, 30 };
    const char *text = (const char *)data;
    const struct json_node *root;
    struct error err = { 0 };
    size_t extent = json_extent(text, size);

    if (!doc) {
        doc = json_doc_new();
        again = json_doc_new();
        strbuf_init(&written, 64 * MIB);
        strbuf_init(&rewritten, 64 * MIB);
        strbuf_init(&value, 64 * MIB);
    }
    fuzz_check(extent <= size);
    root = json_read(doc, text, size, &limits, &err);
    if (!root) {
        fuzz_check(err.kind == ERROR_REJECT && !strcmp(err.code, "json"));
        return 0;
    }
    fuzz_check(utf8_valid(text, size));
    json_c_accepts(text, size);
    numbers_are_safe(json_first(root));
    write_document(root, &written);
    root = json_read(again, written.data, written.len, &limits, &err);
    fuzz_check(root);
    fuzz_check(json_extent(written.data, written.len) == written.len);
    write_document(root, &rewritten);
    fuzz_check(written.len == rewritten.len &&
               !memcmp(written.data, rewritten.data, written.len));
    return 0;
}
