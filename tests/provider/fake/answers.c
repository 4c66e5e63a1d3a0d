/*
 * answers.c -- what the fake model says.
 *
 * Texts hold directives; without one the answer is the smallest that the
 * request's JSON Schema allows.  Everything is found by searching compact
 * JSON, so that a bench measures vitae and not this.
 */
#include "tests/provider/fake/fake.h"

void fake_answer_init(struct fake_answer *a)
{
    memset(a, 0, sizeof(*a));
    strbuf_init(&a->content, 64 * MIB);
}

void fake_answer_release(struct fake_answer *a)
{
    strbuf_release(&a->content);
}

const char *fake_find_string(const char *json, size_t len, const char *name,
                             size_t *value_len)
{
    char label[80];
    const char *at, *end;

    snprintf(label, sizeof(label), "\"%s\":", name);
    at = memmem(json, len, label, strlen(label));
    if (!at)
        return NULL;
    at += strlen(label);
    while (at < json + len && *at == ' ')
        at++;
    if (at >= json + len || *at != '"')
        return NULL;
    for (end = ++at; end < json + len && *end != '"'; end++)
        if (*end == '\\')
            end++;
    *value_len = (size_t)(end - at);
    return at;
}

/* -- the smallest answer -- */

static const char *kind_of(const struct json_node *schema)
{
    const struct json_node *type = json_member(schema, "type"), *t;
    static char word[16];

    if (json_is(type, JSON_ARRAY)) {
        for (t = json_first(type); t; t = json_next(t))
            if (json_equals(t, "null"))
                return "null";
        type = json_first(type);
    }
    if (!json_is(type, JSON_STRING))
        return "";
    snprintf(word, sizeof(word), "%.*s", (int)type->len, type->text);
    return word;
}

static void smallest(const struct json_node *schema, int depth,
                     struct strbuf *out);

static void smallest_object(const struct json_node *schema, int depth,
                            struct strbuf *out)
{
    const struct json_node *p, *name;
    const char *comma = "";

    strbuf_addc(out, '{');
    for (p = json_first(json_member(schema, "properties")); p;
         p = json_next(p)) {
        name = json_name(p);
        strbuf_addf(out, "%s\"%.*s\":", comma, (int)name->len, name->text);
        smallest(p, depth + 1, out);
        comma = ",";
    }
    strbuf_addc(out, '}');
}

static void smallest(const struct json_node *schema, int depth,
                     struct strbuf *out)
{
    const struct json_node *choice = json_member(schema, "enum");
    const char *kind;

    if (depth > 20)
        return;
    if (!choice)
        choice = json_member(schema, "const");
    if (json_is(choice, JSON_ARRAY))
        choice = json_first(choice);
    kind = kind_of(schema);
    if (json_is(choice, JSON_STRING))
        strbuf_addf(out, "\"%.*s\"", (int)choice->len, choice->text);
    else if (choice)
        strbuf_add(out, choice->text, choice->len);
    else if (json_member(schema, "anyOf"))
        smallest(json_first(json_member(schema, "anyOf")), depth + 1, out);
    else if (!strcmp(kind, "object"))
        smallest_object(schema, depth, out);
    else if (!strcmp(kind, "string"))
        strbuf_adds(out, "\"\"");
    else if (!strcmp(kind, "array"))
        strbuf_adds(out, "[]");
    else if (!strcmp(kind, "integer") || !strcmp(kind, "number"))
        strbuf_addc(out, '0');
    else if (!strcmp(kind, "boolean"))
        strbuf_adds(out, "false");
    else
        strbuf_adds(out, "null");
}

static void escape(const struct strbuf *plain, struct strbuf *out)
{
    size_t i;

    for (i = 0; i < plain->len; i++) {
        if (plain->data[i] == '"' || plain->data[i] == '\\')
            strbuf_addc(out, '\\');
        strbuf_addc(out, plain->data[i]);
    }
}

/* Where the request's schema stands; NULL = nowhere. */
static const char *find_schema(const char *line, size_t len, size_t *extent)
{
    static const char *const labels[] = { "\"schema\":",
                                          "\"responseJsonSchema\":" };
    const char *at = NULL;
    size_t i;

    for (i = 0; !at && i < ARRAY_LEN(labels); i++) {
        at = memmem(line, len, labels[i], strlen(labels[i]));
        if (at)
            at += strlen(labels[i]);
    }
    while (at && *at == ' ')
        at++;
    *extent = at ? json_extent(at, (size_t)(line + len - at)) : 0;
    return *extent ? at : NULL;
}

static char *make_smallest(const char *schema, size_t extent)
{
    struct json_doc *doc = json_doc_new();
    struct strbuf plain, escaped;
    struct error err;
    char *answer;

    strbuf_init(&plain, 16 * MIB);
    strbuf_init(&escaped, 32 * MIB);
    smallest(json_read(doc, schema, extent, &json_limits_default, &err), 0,
             &plain);
    escape(&plain, &escaped);
    answer = strbuf_take(&escaped);
    strbuf_release(&plain);
    json_doc_free(doc);
    return answer;
}

/* All requests of a batch share the schema: made once. */
static void by_schema(const char *line, size_t len, struct strbuf *out)
{
    static uint64_t known;
    static char *answer;
    size_t extent;
    const char *schema = find_schema(line, len, &extent);

    if (!schema) {
        strbuf_adds(out, "OK");
        return;
    }
    if (known != fake_hash(schema, extent)) {
        free(answer);
        answer = make_smallest(schema, extent);
        known = fake_hash(schema, extent);
    }
    strbuf_adds(out, answer ? answer : "");
}

/* -- directives -- */

/* The rest of the line of text after the directive, still escaped. */
static const char *directive(const char *text, size_t len, const char *name,
                             size_t *rest)
{
    char label[32];
    const char *at, *end;

    snprintf(label, sizeof(label), "@@%s", name);
    at = memmem(text, len, label, strlen(label));
    if (!at)
        return NULL;
    at += strlen(label);
    if (at < text + len && *at == ' ')
        at++;
    for (end = at; end < text + len; end++) {
        if (*end == '"' || (*end == '\\' && end[1] == 'n') ||
            (*end == '\\' && end[1] == 'r'))
            break;
        if (*end == '\\')
            end++;
    }
    *rest = (size_t)(end - at);
    return at;
}

static void fail_with(struct fake_answer *a, const char *arguments, size_t len)
{
    char text[300];
    char *end;

    snprintf(text, sizeof(text), "%.*s", (int)len, arguments);
    a->status = (int)strtol(text, &end, 10);
    while (*end == ' ')
        end++;
    snprintf(a->message, sizeof(a->message), "%s",
             *end ? end : "The fake was told to fail.");
}

static void wrap(const char *text, size_t len, struct strbuf *out)
{
    const char *how = fake_settings.wrap;

    if (!strcmp(how, "fence"))
        strbuf_adds(out, "```json\\n");
    else if (!strcmp(how, "prose"))
        strbuf_adds(out, "Here is the result:\\n\\n");
    strbuf_add(out, text, len);
    if (!strcmp(how, "fence"))
        strbuf_adds(out, "\\n```");
    else if (!strcmp(how, "prose"))
        strbuf_adds(out, "\\n\\nI hope this helps.");
}

static void normal_content(const char *line, size_t len, const char *text,
                           size_t text_len, struct fake_answer *a)
{
    size_t n;
    const char *at = directive(text, text_len, "answer", &n);

    if (!at)
        at = directive(text, text_len, "raw", &n);
    if (at)
        wrap(at, n, &a->content);
    else
        by_schema(line, len, &a->content);
}

/* Never within an escape. */
static void halve(struct strbuf *content)
{
    size_t i, back;

    strbuf_cut(content, content->len / 2);
    for (back = 1; back <= 6 && back <= content->len; back++) {
        i = content->len - back;
        if (content->data[i] == '\\') {
            strbuf_cut(content, i);
            back = 0;
        }
    }
}

/* The user's text: the content of the last message, or Gemini's last text,
 * or the Responses API's input. */
static const char *user_text(const char *line, size_t len, size_t *text_len)
{
    static const char *const labels[] = { "\"content\":\"", "\"text\":\"",
                                          "\"input\":\"" };
    const char *at, *last = line;
    size_t i;

    for (i = 0; i < ARRAY_LEN(labels); i++)
        for (at = line; (at = memmem(at, (size_t)(line + len - at), labels[i],
                                     strlen(labels[i])));)
            if (++at > last)
                last = at;
    *text_len = (size_t)(line + len - last);
    return last;
}

void fake_answer_make(const char *line, size_t len, struct fake_answer *a)
{
    size_t text_len, n;
    const char *text = user_text(line, len, &text_len), *at;

    strbuf_clear(&a->content);
    a->status = 200;
    a->finish = "stop";
    a->refusal[0] = a->message[0] = '\0';
    if (memmem(text, text_len, "@@", 2)) {
        if (directive(text, text_len, "missing", &n))
            a->status = 0;
        else if ((at = directive(text, text_len, "status", &n)))
            fail_with(a, at, n);
        else if ((at = directive(text, text_len, "once", &n)) &&
                 !fake_asked(text, text_len))
            fail_with(a, at, n);
        else if (directive(text, text_len, "refuse", &n))
            snprintf(a->refusal, sizeof(a->refusal), "I can't do that.");
        if (directive(text, text_len, "length", &n))
            a->finish = "length";
        if (directive(text, text_len, "filter", &n))
            a->finish = "content_filter";
    }
    if (a->status == 200 && !a->refusal[0] &&
        !directive(text, text_len, "empty", &n))
        normal_content(line, len, text, text_len, a);
    if (!strcmp(a->finish, "length"))
        halve(&a->content);
    a->prompt_tokens = (long)(len / 4 + 1);
    a->completion_tokens = (long)(a->content.len / 4 + 1);
}

static void add_usage(const struct fake_answer *a, struct strbuf *out)
{
    const char *how = fake_settings.usage;
    long p = a->prompt_tokens, c = a->completion_tokens;

    if (!strcmp(how, "none"))
        return;
    if (!strcmp(how, "strings"))
        strbuf_addf(out,
                    ",\"usage\":{\"prompt_tokens\":\"%ld\","
                    "\"completion_tokens\":\"%ld\"}",
                    p, c);
    else if (!strcmp(how, "huge"))
        strbuf_adds(out, ",\"usage\":{\"prompt_tokens\":99999999999999999999,"
                         "\"completion_tokens\":1e300}");
    else
        strbuf_addf(out,
                    ",\"usage\":{\"prompt_tokens\":%ld,"
                    "\"completion_tokens\":%ld,\"total_tokens\":%ld,"
                    "\"prompt_tokens_details\":{\"cached_tokens\":%ld}}",
                    *how == 'n' && how[1] == 'e' ? -p : p, c, p + c, p / 2);
}

void fake_answer_body(const struct fake_answer *a, const char *model,
                      struct strbuf *out)
{
    static long number;

    if (a->status != 200) {
        strbuf_addf(out,
                    "{\"error\":{\"message\":\"%s\",\"type\":\"%s\","
                    "\"param\":null,\"code\":%s}}",
                    a->message,
                    a->status >= 500 ? "server_error" : "invalid_request_error",
                    a->status == 429   ? "\"rate_limit_exceeded\""
                    : a->status >= 500 ? "null"
                                       : "\"invalid_request\"");
        return;
    }
    strbuf_addf(out,
                "{\"id\":\"chatcmpl-%ld\",\"object\":\"chat.completion\","
                "\"created\":%ld,\"model\":\"%s\",\"choices\":[{\"index\":0,"
                "\"message\":{\"role\":\"assistant\",\"content\":",
                ++number, (long)fake_time(), model);
    if (a->refusal[0]) {
        strbuf_addf(out, "null,\"refusal\":\"%s\"}", a->refusal);
    } else {
        strbuf_addc(out, '"');
        strbuf_add(out, a->content.data, a->content.len);
        strbuf_adds(out, "\",\"refusal\":null}");
    }
    strbuf_addf(out, ",\"logprobs\":null,\"finish_reason\":\"%s\"}]",
                a->finish);
    add_usage(a, out);
    strbuf_addc(out, '}');
}
