#include "base/jsonr.h"

#include "base/scan.h"
#include "base/text.h"

const struct json_limits json_limits_default = { 64 * MIB, 1000000, 64 };

/* What the reader is inside of. */
struct level {
    uint32_t node;  /* the container */
    uint32_t last;  /* its child last read (an object's: the value), 0 = none */
    uint32_t count; /* of its children so far */
    bool object;
    uint64_t names[2]; /* which were met: a Bloom filter of two halves */
    bool doubtful;     /* one of them may have come twice */
};

struct name {
    const char *text;
    size_t len;
    const char *at; /* where it stands in the document, for the message */
};

struct json_doc {
    struct json_node *nodes; /* owned */
    size_t size, used;
    struct level *levels; /* owned: the way from the root */
    size_t levels_size;
    struct name *names; /* owned: scratch of the search for duplicates */
    size_t names_size;
    uint32_t *slots; /* owned: a hash table of rows of names, from 1 */
    size_t slots_size;
    struct strbuf unescaped; /* names that were escaped */
};

/* One reading. */
struct reader {
    struct json_doc *doc;
    const char *start, *at, *end;
    const struct json_limits *limits;
    size_t depth;
    struct error *err;
};

struct json_doc *json_doc_new(void)
{
    struct json_doc *doc = calloc(1, sizeof(*doc));

    if (doc)
        strbuf_init(&doc->unescaped, UINT32_MAX);
    return doc;
}

void json_doc_free(struct json_doc *doc)
{
    if (!doc)
        return;
    free(doc->nodes);
    free(doc->levels);
    free(doc->names);
    free(doc->slots);
    strbuf_release(&doc->unescaped);
    free(doc);
}

static bool refuse(struct reader *r, const char *what)
{
    error_set(r->err, ERROR_REJECT, "JSON, byte %zu: %s",
              (size_t)(r->at - r->start), what);
    r->err->native = (long)(r->at - r->start) + 1;
    error_code(r->err, "json");
    return false;
}

/* Makes *array, of *size rows, hold at least need of them. */
static bool reserve(struct reader *r, void *array, size_t *size, size_t need,
                    size_t row)
{
    size_t larger = *size ? *size : 64;
    void *old, *grown;

    if (need <= *size)
        return true;
    while (larger < need)
        larger *= 2;
    memcpy(&old, array, sizeof(old));
    grown = realloc(old, larger * row);
    if (!grown)
        return error_memory(r->err);
    memcpy(array, &grown, sizeof(grown));
    *size = larger;
    return true;
}

/* The new node, until the next one; NULL with the reader's error. */
static inline struct json_node *add_node(struct reader *r, enum json_kind kind)
{
    struct json_doc *doc = r->doc;
    struct json_node *node;

    if (doc->used >= r->limits->nodes) {
        refuse(r, "too many values");
        return NULL;
    }
    if (doc->used == doc->size && !reserve(r, &doc->nodes, &doc->size,
                                           doc->used + 1, sizeof(*doc->nodes)))
        return NULL;
    node = &doc->nodes[doc->used++];
    *node = (struct json_node){ .text = r->at, .kind = (uint8_t)kind };
    return node;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Mostly there is none, or one blank. */
static inline void skip_space(struct reader *r)
{
    const char *at = r->at;

    while (at < r->end && *at <= ' ' && is_space(*at))
        at++;
    r->at = at;
}

static bool read_hex(struct reader *r, uint32_t *value)
{
    int i;

    if (r->end - r->at < 4)
        return refuse(r, "an escape is cut off");
    *value = 0;
    for (i = 0; i < 4; i++, r->at++) {
        char c = *r->at;

        if (c >= '0' && c <= '9')
            *value = *value << 4 | (uint32_t)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            *value = *value << 4 | (uint32_t)((c | 32) - 'a' + 10);
        else
            return refuse(r, "\\u without four hexadecimal digits");
    }
    return true;
}

/* After "\u": one character, of one or two escapes. */
static bool check_unicode(struct reader *r)
{
    uint32_t high, low;

    if (!read_hex(r, &high))
        return false;
    if (high < 0xd800 || high > 0xdfff)
        return true;
    if (high > 0xdbff)
        return refuse(r, "half a surrogate pair");
    if (r->end - r->at < 2 || r->at[0] != '\\' || r->at[1] != 'u')
        return refuse(r, "half a surrogate pair");
    r->at += 2;
    if (!read_hex(r, &low))
        return false;
    if (low < 0xdc00 || low > 0xdfff)
        return refuse(r, "half a surrogate pair");
    return true;
}

/* At a backslash. */
static bool check_escape(struct reader *r)
{
    char c;

    r->at++;
    c = r->at < r->end ? *r->at : '\0';
    switch (c) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': r->at++; return true;
    case 'u': r->at++; return check_unicode(r);
    default: return refuse(r, "no such escape");
    }
}

static bool read_string(struct reader *r)
{
    struct json_node *node = add_node(r, JSON_STRING);

    if (!node)
        return false;
    node->text = ++r->at;
    for (;;) {
        /* The text's UTF-8 was checked as a whole. */
        r->at = scan_string(r->at, r->end, &node->escaped);
        if (r->at == r->end)
            return refuse(r, "a string doesn't end");
        if (*r->at == '"')
            break;
        if (*r->at != '\\')
            return refuse(r, "a control character in a string");
        node->escaped = true;
        if (!check_escape(r))
            return false;
    }
    node->len = (uint32_t)(r->at - node->text);
    r->at++;
    return true;
}

static bool skip_digits(struct reader *r)
{
    const char *from = r->at;

    while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
        r->at++;
    return r->at > from;
}

static bool read_number(struct reader *r)
{
    struct json_node *node = add_node(r, JSON_NUMBER);

    if (!node)
        return false;
    if (*r->at == '-')
        r->at++;
    if (r->at < r->end && *r->at == '0')
        r->at++;
    else if (!skip_digits(r))
        return refuse(r, "not a number");
    if (r->at < r->end && *r->at == '.') {
        r->at++;
        if (!skip_digits(r))
            return refuse(r, "no digit after the point");
    }
    if (r->at < r->end && (*r->at | 32) == 'e') {
        r->at++;
        if (r->at < r->end && (*r->at == '+' || *r->at == '-'))
            r->at++;
        if (!skip_digits(r))
            return refuse(r, "no digit in the exponent");
    }
    node->len = (uint32_t)(r->at - node->text);
    return true;
}

static bool read_word(struct reader *r, const char *word, enum json_kind kind)
{
    size_t len = strlen(word);
    struct json_node *node;

    if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
        return refuse(r, "not a value");
    node = add_node(r, kind);
    if (!node)
        return false;
    node->len = (uint32_t)len;
    r->at += len;
    return true;
}

static bool open_container(struct reader *r, enum json_kind kind)
{
    struct json_doc *doc = r->doc;

    if (r->depth >= r->limits->depth)
        return refuse(r, "too deep");
    if (!reserve(r, &doc->levels, &doc->levels_size, r->depth + 1,
                 sizeof(*doc->levels)) ||
        !add_node(r, kind))
        return false;
    doc->levels[r->depth++] = (struct level){ .node = (uint32_t)(doc->used - 1),
                                              .object = kind == JSON_OBJECT };
    r->at++;
    return true;
}

static bool read_value(struct reader *r)
{
    switch (r->at < r->end ? *r->at : '\0') {
    case '"': return read_string(r);
    case '{': return open_container(r, JSON_OBJECT);
    case '[': return open_container(r, JSON_ARRAY);
    case 't': return read_word(r, "true", JSON_TRUE);
    case 'f': return read_word(r, "false", JSON_FALSE);
    case 'n': return read_word(r, "null", JSON_NULL);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9': return read_number(r);
    default: return refuse(r, "not a value");
    }
}

/*
 * Duplicate names.  Few are compared with each other; many go through a
 * hash table, and where somebody made them collide, they are sorted: never
 * quadratic.
 */

#define FEW_NAMES 8
#define PROBES_A_NAME 8

static bool same_name(const struct name *a, const struct name *b)
{
    return a->len == b->len && !memcmp(a->text, b->text, a->len);
}

static int compare_names(const void *left, const void *right)
{
    const struct name *a = left;
    const struct name *b = right;

    if (a->len != b->len)
        return a->len < b->len ? -1 : 1;
    return memcmp(a->text, b->text, a->len);
}

static uint32_t hash_name(const struct name *name)
{
    uint64_t hash = name->len * 0x9e3779b97f4a7c15u;
    uint64_t word;
    size_t i;

    for (i = 0; i + 8 <= name->len; i += 8) {
        memcpy(&word, name->text + i, 8);
        hash = (hash ^ word) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    word = 0;
    memcpy(&word, name->text + i, name->len - i);
    hash = (hash ^ word) * 0xff51afd7ed558ccdu;
    return (uint32_t)(hash >> 32);
}

static const struct name *twin_of_few(const struct name *names, size_t count)
{
    size_t i, j;

    for (i = 1; i < count; i++)
        for (j = 0; j < i; j++)
            if (same_name(&names[i], &names[j]))
                return &names[i];
    return NULL;
}

static const struct name *twin_by_sorting(struct name *names, size_t count)
{
    size_t i;

    qsort(names, count, sizeof(*names), compare_names);
    for (i = 1; i < count; i++)
        if (same_name(&names[i], &names[i - 1]))
            return &names[i];
    return NULL;
}

static const struct name *twin_by_hashing(struct json_doc *doc, size_t count,
                                          size_t slots)
{
    struct name *names = doc->names;
    size_t probes = 0;
    size_t i;

    memset(doc->slots, 0, slots * sizeof(*doc->slots));
    for (i = 0; i < count; i++) {
        size_t slot = hash_name(&names[i]) & (slots - 1);

        for (; doc->slots[slot]; slot = (slot + 1) & (slots - 1)) {
            if (same_name(&names[doc->slots[slot] - 1], &names[i]))
                return &names[i];
            if (++probes > count * PROBES_A_NAME)
                return twin_by_sorting(names, count);
        }
        doc->slots[slot] = (uint32_t)(i + 1);
    }
    return NULL;
}

/* Lists the object's names, unescaped.  The buffer of unescaped ones may
 * move while it grows, so these are pointed at afterwards. */
static bool list_names(struct reader *r, const struct json_node *object)
{
    struct json_doc *doc = r->doc;
    const struct json_node *value;
    const char *unescaped;
    size_t i = 0;

    if (!reserve(r, &doc->names, &doc->names_size, object->count,
                 sizeof(*doc->names)))
        return false;
    strbuf_clear(&doc->unescaped);
    for (value = object + 2; i < object->count; value += value->next, i++) {
        const struct json_node *name = value - 1;
        size_t before = doc->unescaped.len;

        doc->names[i] = (struct name){ name->text, name->len, name->text };
        if (!name->escaped)
            continue;
        if (!json_string(name, &doc->unescaped))
            return error_memory(r->err);
        doc->names[i].text = NULL;
        doc->names[i].len = doc->unescaped.len - before;
    }
    unescaped = doc->unescaped.data;
    for (i = 0; i < object->count; i++)
        if (!doc->names[i].text) {
            doc->names[i].text = unescaped;
            unescaped += doc->names[i].len;
        }
    return true;
}

static bool check_names(struct reader *r, const struct json_node *object)
{
    struct json_doc *doc = r->doc;
    const struct name *twin;
    size_t slots = 32;

    if (!list_names(r, object))
        return false;
    if (object->count <= FEW_NAMES) {
        twin = twin_of_few(doc->names, object->count);
    } else {
        while (slots < 2 * (size_t)object->count)
            slots *= 2;
        if (!reserve(r, &doc->slots, &doc->slots_size, slots,
                     sizeof(*doc->slots)))
            return false;
        twin = twin_by_hashing(doc, object->count, slots);
    }
    if (!twin)
        return true;
    r->at = twin->at;
    return refuse(r, "a member's name comes twice");
}

static bool close_container(struct reader *r, const struct level *level)
{
    struct json_node *node = &r->doc->nodes[level->node];

    r->at++;
    node->len = (uint32_t)(r->at - node->text);
    node->count = level->count;
    r->depth--;
    return !level->doubtful || check_names(r, node);
}

/* Puts the value about to be read into the chain of its parent. */
static void link_value(struct reader *r, struct level *level)
{
    uint32_t index = (uint32_t)r->doc->used;

    if (level->last)
        r->doc->nodes[level->last].next = index - level->last;
    level->last = index;
    level->count++;
}

/*
 * Names of one object mostly differ in length, first or middle letter, and
 * then set different bits: they need no comparing.  An escaped one isn't what
 * it looks like.
 */
static void note_name(struct level *level, const struct json_node *name)
{
    const unsigned char *s = (const unsigned char *)name->text;
    uint64_t hash = (name->len + s[0] * 0x100u + s[name->len / 2] * 0x10000u) *
                    0x9e3779b97f4a7c15u;
    uint64_t first = (uint64_t)1 << (hash >> 58);
    uint64_t second = (uint64_t)1 << (hash >> 52 & 63);
    bool first_set = (level->names[0] & first) != 0;
    bool second_set = (level->names[1] & second) != 0;

    /* No && and ||: nobody can foretell these. */
    level->doubtful |= name->escaped | (first_set & second_set);
    level->names[0] |= first;
    level->names[1] |= second;
}

/* The name and colon before a member's value. */
static bool read_name(struct reader *r, struct level *level)
{
    if (r->at == r->end || *r->at != '"')
        return refuse(r, "a member's name is missing");
    if (!read_string(r))
        return false;
    note_name(level, &r->doc->nodes[r->doc->used - 1]);
    skip_space(r);
    if (r->at == r->end || *r->at != ':')
        return refuse(r, "a colon is missing");
    r->at++;
    skip_space(r);
    return true;
}

static bool read_child(struct reader *r, struct level *level)
{
    bool named = level->object;
    size_t value;

    if (named && !read_name(r, level))
        return false;
    value = r->doc->used;
    link_value(r, level);
    if (!read_value(r)) /* levels may move */
        return false;
    r->doc->nodes[value].named = named;
    return true;
}

/* One step inside the innermost container. */
static bool read_on(struct reader *r)
{
    struct level *level = &r->doc->levels[r->depth - 1];

    skip_space(r);
    if (r->at == r->end)
        return refuse(r, level->object ? "an object doesn't end"
                                       : "an array doesn't end");
    if (*r->at == (level->object ? '}' : ']'))
        return close_container(r, level);
    if (level->count) {
        if (*r->at != ',')
            return refuse(r, "a comma is missing");
        r->at++;
        skip_space(r);
    }
    return read_child(r, level);
}

static bool read_document(struct reader *r)
{
    size_t valid = utf8_valid_prefix(r->start, (size_t)(r->end - r->start));

    if (valid != (size_t)(r->end - r->start)) {
        r->at += valid;
        return refuse(r, "not UTF-8");
    }
    skip_space(r);
    if (!read_value(r))
        return false;
    while (r->depth)
        if (!read_on(r))
            return false;
    skip_space(r);
    return r->at == r->end || refuse(r, "more after the value");
}

const struct json_node *json_read(struct json_doc *doc, const char *text,
                                  size_t len, const struct json_limits *limits,
                                  struct error *err)
{
    struct reader r = { .doc = doc,
                        .start = text,
                        .at = text,
                        .end = text + len,
                        .limits = limits ? limits : &json_limits_default,
                        .err = err };

    doc->used = 0;
    if (len > r.limits->bytes || len >= UINT32_MAX) {
        refuse(&r, "too long");
        return NULL;
    }
    if (read_document(&r))
        return doc->nodes;
    doc->used = 0;
    return NULL;
}

const struct json_node *json_root(const struct json_doc *doc)
{
    return doc->used ? doc->nodes : NULL;
}
