/*
 * record_json.c -- JSON values as records: strings, prompts, contents,
 * requests.
 */
#include "base/text.h"
#include "io/record_private.h"

static bool array_open(struct record_reader *r, struct error *err)
{
    return items_open(&r->items, r->path, r->settings.ceiling, err);
}

static bool array_next(struct record_reader *r, struct record *record,
                       bool *more, struct error *err)
{
    const char *text;
    size_t len;

    if (!items_next(&r->items, &text, &len, err))
        return false;
    record->row = r->items.number;
    *more = text != NULL;
    return !text || record_element(r, text, len, record, err);
}

static void array_close(struct record_reader *r)
{
    if (r->items.fd >= 0)
        items_close(&r->items);
}

const struct record_ops record_json = {
    .unit = "element",
    .open = array_open,
    .next = array_next,
    .close = array_close,
};

/* NULL with err for what isn't JSON. */
static const struct json_node *read(struct record_reader *r, const char *text,
                                    size_t len, uint64_t row, struct error *err)
{
    const struct json_node *root;
    struct error why;

    if (!r->doc)
        r->doc = json_doc_new();
    if (!r->doc) {
        error_memory(err);
        return NULL;
    }
    root = json_read(r->doc, text, len, &json_limits_default, &why);
    if (!root)
        record_bad(r, row, NULL, err, "%s", why.message);
    return root;
}

/* A name may be a number. */
static bool take_id(struct record_reader *r, const struct json_node *node,
                    struct record *record, struct error *err)
{
    strbuf_clear(&r->id);
    record->id = r->id.data;
    if (!node || json_is(node, JSON_NULL))
        return true;
    if (json_is(node, JSON_NUMBER))
        strbuf_add(&r->id, node->text, node->len);
    else if (!json_string(node, &r->id) && !r->id.failed)
        return record_bad(r, record->row, "id", err,
                          "it is neither text nor a number");
    record->id = r->id.data;
    if (!strbuf_ok(&r->id) || memchr(r->id.data, '\0', r->id.len))
        return record_bad(r, record->row, "id", err,
                          "it is too long or holds NUL");
    return true;
}

static bool take_title(struct record_reader *r, const struct json_node *node,
                       struct record *record, struct error *err)
{
    strbuf_clear(&r->title);
    record->title = r->title.data;
    if (!node || json_is(node, JSON_NULL))
        return true;
    if (!json_string(node, &r->title))
        return record_bad(r, record->row, "title", err,
                          "it is not text, or too long");
    record->title = r->title.data;
    if (r->title.len) {
        strbuf_add(&r->text, r->title.data, r->title.len);
        strbuf_adds(&r->text, "\n\n");
    }
    return record_text_fits(r, record->row, "title", r->title.data,
                            r->title.len, err);
}

static bool take_text(struct record_reader *r, const struct json_node *node,
                      const char *name, struct record *record,
                      struct error *err)
{
    size_t start = r->text.len;

    if (!node)
        return record_bad(r, record->row, NULL, err,
                          "it has neither prompt nor contents");
    if (!json_string(node, &r->text))
        return record_bad(r, record->row, name, err,
                          "it is not text, or too long");
    if (!strbuf_ok(&r->text))
        return record_bad(r, record->row, name, err, "it is too long");
    record->text = r->text.data;
    record->len = r->text.len;
    if (text_is_blank(r->text.data + start, r->text.len - start))
        return record_bad(r, record->row, name, err, "there is no text");
    return record_text_fits(r, record->row, name, record->text, record->len,
                            err);
}

static bool take_object(struct record_reader *r, const struct json_node *root,
                        struct record *record, struct error *err)
{
    static const char *const names[] = { "contents", "content", "text" };
    const struct json_node *text = json_member(root, "prompt");
    const char *name = "prompt";
    bool contents = false;
    size_t i;

    for (i = 0; !text && i < ARRAY_LEN(names); i++) {
        text = json_member(root, names[i]);
        name = names[i];
        contents = text != NULL;
    }
    if (!take_id(r, json_member(root, "id"), record, err))
        return false;
    if (contents && !record->id[0])
        return record_bad(r, record->row, "id", err, "there is no id");
    return take_title(r, json_member(root, "title"), record, err) &&
           take_text(r, text, name, record, err);
}

bool record_element(struct record_reader *r, const char *text, size_t len,
                    struct record *record, struct error *err)
{
    const struct json_node *root = read(r, text, len, record->row, err);

    if (!root)
        return false;
    strbuf_clear(&r->text);
    if (json_is(root, JSON_STRING))
        return take_text(r, root, NULL, record, err);
    if (json_is(root, JSON_OBJECT))
        return take_object(r, root, record, err);
    return record_bad(r, record->row, NULL, err,
                      "it is neither a text nor an object");
}

/* -- requests -- */

static enum record_shape shape_of(const struct json_node *root)
{
    if (json_is(json_member(root, "body"), JSON_OBJECT))
        return SHAPE_OPENAI;
    if (json_is(json_member(root, "params"), JSON_OBJECT))
        return SHAPE_ANTHROPIC;
    if (json_is(json_member(root, "request"), JSON_OBJECT))
        return SHAPE_GEMINI;
    return SHAPE_NONE;
}

bool record_request(struct record_reader *r, const char *text, size_t len,
                    struct record *record, struct error *err)
{
    const struct json_node *root = read(r, text, len, record->row, err);
    const char *name;

    if (!root)
        return false;
    record->shape = shape_of(root);
    name = record->shape == SHAPE_GEMINI ? "key" : "custom_id";
    if (record->shape == SHAPE_NONE)
        return record_bad(r, record->row, NULL, err,
                          "it is no request: it has neither body (OpenAI) nor "
                          "request (Gemini) nor params (Anthropic)");
    if (!take_id(r, json_member(root, name), record, err))
        return false;
    if (!record->id[0])
        return record_bad(r, record->row, name, err, "there is none");
    record->text = text;
    record->len = len;
    return true;
}
