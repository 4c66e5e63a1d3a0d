#include "server/rest_input.h"

#include <stdarg.h>
#include <string.h>

#include "base/jsonr.h"
#include "base/jsonw.h"
#include "io/unique.h"

#define URL_MOST 2048
#define ID_MOST 117 /* what a custom_id has room for */

struct reader {
    enum rest_kind kind;
    struct rest_input *in;
    struct strbuf *out;
    struct strbuf text; /* one string */
    struct jsonw w;     /* contents */
    struct unique *ids; /* of contents */
    int64_t element;
    struct error *err;
};

static bool fault(struct reader *r, const char *param, const char *what)
{
    snprintf(r->in->param, sizeof(r->in->param), "%s", param);
    return error_set(r->err, ERROR_REJECT, "%s %s.", param, what);
}

/* Of the element that is read. */
static bool element_fault(struct reader *r, const char *member,
                          const char *what)
{
    char param[80];

    snprintf(param, sizeof(param), "%s[%lld]%s%s",
             r->kind == REST_URLS ? "urls" : "contents", (long long)r->element,
             *member ? "." : "", member);
    return fault(r, param, what);
}

/* Of two names of a member the first that is there. */
static const struct json_node *either(const struct json_node *object,
                                      const char *name, const char *other)
{
    const struct json_node *node = json_member(object, name);

    return node ? node : json_member(object, other);
}

/* Into r->text; false: it is no string. */
static bool take_text(struct reader *r, const struct json_node *node)
{
    strbuf_clear(&r->text);
    return json_is(node, JSON_STRING) && json_string(node, &r->text) &&
           strlen(r->text.data) == r->text.len;
}

/* -- addresses -- */

static bool is_address(const char *s)
{
    if (strncmp(s, "http://", 7) != 0 && strncmp(s, "https://", 8) != 0)
        return false;
    for (; *s; s++)
        if ((unsigned char)*s <= ' ' || *s == 0x7f)
            return false;
    return true;
}

static bool read_url(struct reader *r, const struct json_node *node)
{
    if (!take_text(r, node))
        return element_fault(r, "", "must be a string");
    if (r->text.len > URL_MOST)
        return element_fault(r, "", "is too long");
    if (!is_address(r->text.data))
        return element_fault(r, "", "must be an http:// or https:// address");
    strbuf_addf(r->out, "%s\n", r->text.data);
    return true;
}

/* -- contents -- */

/* The run leaves out what it can't name: said here, while somebody listens. */
static bool take_id(struct reader *r)
{
    const char *s;

    for (s = r->text.data; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            return element_fault(r, "id", "has control characters");
    return unique_add(r->ids, r->text.data, r->text.len, (uint64_t)r->element,
                      (uint64_t)r->element, r->err);
}

static bool refuse_twins(struct reader *r)
{
    const struct unique_twin *twins;
    char what[64];
    uint64_t count;
    size_t kept;

    if (!unique_finish(r->ids, &twins, &kept, &count, r->err))
        return false;
    if (!kept)
        return true;
    r->element = twins[0].row;
    snprintf(what, sizeof(what), "is that of contents[%lu]",
             (unsigned long)twins[0].first);
    return element_fault(r, "id", what);
}

/* The id and the contents are needed, the title isn't. */
static const struct {
    const char *name;
    bool needed;
    size_t most;
    bool (*take)(struct reader *r);
} members[] = {
    { "id", true, ID_MOST, take_id },
    { "title", false, 4096, NULL },
    { "contents", true, (size_t)8 * MIB, NULL },
};

/* An id may be a number, as in files of records. */
static bool take_member(struct reader *r, const struct json_node *node,
                        size_t i)
{
    if (members[i].take != take_id || !json_is(node, JSON_NUMBER))
        return take_text(r, node);
    strbuf_clear(&r->text);
    strbuf_add(&r->text, node->text, node->len);
    return strbuf_ok(&r->text);
}

static bool read_member(struct reader *r, const struct json_node *element,
                        size_t i)
{
    const struct json_node *node = json_member(element, members[i].name);

    if (!node || json_is(node, JSON_NULL))
        return !members[i].needed ||
               element_fault(r, members[i].name, "is missing");
    if (!take_member(r, node, i))
        return element_fault(r, members[i].name, "must be a string");
    if (r->text.len > members[i].most)
        return element_fault(r, members[i].name, "is too long");
    if (members[i].needed && strspn(r->text.data, " \t\r\n") == r->text.len)
        return element_fault(r, members[i].name, "is empty");
    if (members[i].take && !members[i].take(r))
        return false;
    jsonw_text_len(&r->w, members[i].name, r->text.data, r->text.len);
    return true;
}

static bool read_contents(struct reader *r, const struct json_node *node)
{
    size_t i;
    bool ok = true;

    if (!json_is(node, JSON_OBJECT))
        return element_fault(r, "", "must be an object");
    jsonw_object(&r->w, NULL);
    for (i = 0; ok && i < ARRAY_LEN(members); i++)
        ok = read_member(r, node, i);
    jsonw_end_object(&r->w);
    return ok;
}

/* -- the body -- */

static bool read_name(struct reader *r, const struct json_node *node)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789._-";

    snprintf(r->in->name, sizeof(r->in->name), "batch");
    if (!node || json_is(node, JSON_NULL))
        return true;
    if (!take_text(r, node) || !r->text.len || r->text.len >= REST_NAME ||
        r->text.data[0] == '.' || strspn(r->text.data, letters) != r->text.len)
        return fault(r, "batch_name",
                     "must be 1 to 64 letters, digits, dots, hyphens and "
                     "underlines, and not begin with a dot");
    snprintf(r->in->name, sizeof(r->in->name), "%s", r->text.data);
    return true;
}

static bool read_wait(struct reader *r, const struct json_node *node)
{
    r->in->wait = json_is(node, JSON_TRUE);
    return !node || r->in->wait || json_is(node, JSON_FALSE) ||
           json_is(node, JSON_NULL) ||
           fault(r, "wait_for_completion", "must be true or false");
}

static bool read_list(struct reader *r, const struct json_node *list)
{
    const char *name = r->kind == REST_URLS ? "urls" : "contents";
    const struct json_node *node;
    bool ok = true;

    if (!json_is(list, JSON_ARRAY) || !json_first(list))
        return fault(r, name, "must be an array that isn't empty");
    jsonw_init(&r->w, r->out);
    if (r->kind == REST_CONTENTS)
        jsonw_array(&r->w, NULL);
    for (node = json_first(list); ok && node; node = json_next(node)) {
        if (r->element == REST_MOST)
            return fault(r, name, "has more than 10,000 elements");
        ok = r->kind == REST_URLS ? read_url(r, node) : read_contents(r, node);
        r->element++;
    }
    if (r->kind == REST_CONTENTS)
        jsonw_end_array(&r->w);
    r->in->count = r->element;
    return ok && (r->kind == REST_URLS || refuse_twins(r));
}

bool rest_input_read(const char *body, size_t len, enum rest_kind kind,
                     struct rest_input *in, struct strbuf *out,
                     struct error *err)
{
    struct reader r = { .kind = kind, .in = in, .out = out, .err = err };
    struct json_doc *doc = json_doc_new();
    const struct json_node *root;
    bool ok;

    memset(in, 0, sizeof(*in));
    if (!doc)
        return error_memory(err);
    strbuf_init(&r.text, 8 * MIB + 64 * KIB);
    /* So few names never go to a file. */
    ok = unique_open(&r.ids, ".", err);
    root = ok ? json_read(doc, body, len, &json_limits_default, err) : NULL;
    ok = root && (json_is(root, JSON_OBJECT) ||
                  error_set(err, ERROR_REJECT, "The body must be an object."));
    ok = ok && read_name(&r, either(root, "batch_name", "name")) &&
         read_wait(&r, either(root, "wait_for_completion", "wait")) &&
         read_list(&r,
                   json_member(root, kind == REST_URLS ? "urls" : "contents"));
    if (ok && !strbuf_ok(out))
        ok = error_set(err, ERROR_REJECT, "The job is too large.");
    unique_close(r.ids);
    strbuf_release(&r.text);
    json_doc_free(doc);
    return ok;
}
