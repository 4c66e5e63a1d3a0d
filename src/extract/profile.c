#include "extract/profile.h"

#include "base/digest.h"
#include "base/file.h"
#include "base/text.h"
#include "extract/bounded.h"
#include "extract/columns.h"
#include "extract/schema.h"
#include "extract/source.h"

#define PROMPT_LIMIT (256 * KIB)

static const char schema_name[] = "schema.json";
static const char *const file_names[] = { "profile.json", "prompt.md",
                                          schema_name, "columns.json" };

/* Reading profile.json. */
struct reader {
    struct profile *p;
    const struct source *source;
    struct error *err;
};

static bool fault(const struct reader *r, const struct json_node *at,
                  const char *what)
{
    return source_fault(r->source, at, r->err, "%s", what);
}

static bool read_string(const struct reader *r, const struct json_node *value,
                        char **to)
{
    struct strbuf b;
    bool good;

    strbuf_init(&b, 1024);
    good = json_string(value, &b) && strlen(b.data) == b.len;
    free(*to);
    *to = good ? strbuf_take(&b) : NULL;
    strbuf_release(&b);
    if (!good)
        return fault(r, value, "must be a text");
    return *to || error_memory(r->err);
}

static bool read_name(const struct reader *r, const struct json_node *value)
{
    return read_string(r, value, &r->p->name);
}

static bool read_version(const struct reader *r, const struct json_node *value)
{
    return read_string(r, value, &r->p->version);
}

static bool read_about(const struct reader *r, const struct json_node *value)
{
    return read_string(r, value, &r->p->about);
}

#define WORD_CHARACTERS                                                        \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

static bool read_short_word(const struct reader *r,
                            const struct json_node *value, char **to,
                            size_t most)
{
    size_t len;

    if (!read_string(r, value, to))
        return false;
    len = strlen(*to);
    return (len > 0 && len <= most && strspn(*to, WORD_CHARACTERS) == len) ||
           fault(r, value, "must be letters, digits, _ and -, and short");
}

static bool read_schema_name(const struct reader *r,
                             const struct json_node *value)
{
    return read_short_word(r, value, &r->p->schema_name, 64);
}

/* A custom_id may have 64 characters (custom_id.h): some are the key's. */
static bool read_prefix(const struct reader *r, const struct json_node *value)
{
    return read_short_word(r, value, &r->p->custom_id_prefix, 20);
}

static bool read_temperature(const struct reader *r,
                             const struct json_node *value)
{
    return (json_real(value, &r->p->temperature) && r->p->temperature >= 0 &&
            r->p->temperature <= 2) ||
           fault(r, value, "must be a number from 0 to 2");
}

static bool read_max_output(const struct reader *r,
                            const struct json_node *value)
{
    return (json_integer(value, &r->p->max_output_tokens) &&
            r->p->max_output_tokens > 0 &&
            r->p->max_output_tokens <= 1000000) ||
           fault(r, value, "must be a whole number from 1 to 1000000");
}

static bool read_redact(const struct reader *r, const struct json_node *value)
{
    r->p->redact = json_equals(value, "contact");
    return r->p->redact || json_equals(value, "off") ||
           fault(r, value, "must be \"off\" or \"contact\"");
}

static bool read_plain(const struct reader *r, const struct json_node *value)
{
    r->p->plain = json_is(value, JSON_TRUE);
    return r->p->plain || json_is(value, JSON_FALSE) ||
           fault(r, value, "must be true or false");
}

/* After columns.json is known: apply_pointers(). */
static bool read_later(const struct reader *r, const struct json_node *value)
{
    (void)r;
    (void)value;
    return true;
}

static const struct {
    const char *name;
    bool (*read)(const struct reader *r, const struct json_node *value);
} members[] = {
    { "name", read_name },
    { "version", read_version },
    { "about", read_about },
    { "schema_name", read_schema_name },
    { "custom_id_prefix", read_prefix },
    { "temperature", read_temperature },
    { "max_output_tokens", read_max_output },
    { "redact", read_redact },
    { "plain", read_plain },
    { "dates", read_later },
    { "grounded", read_later },
};

static bool read_member(const struct reader *r, const struct json_node *value)
{
    const struct json_node *name = json_name(value);
    size_t i;

    for (i = 0; i < ARRAY_LEN(members); i++)
        if (json_equals(name, members[i].name))
            return members[i].read(r, value);
    return source_fault(r->source, value, r->err,
                        "a profile has no member \"%.*s\"",
                        (int)(name->len < 40 ? name->len : 40), name->text);
}

static bool default_name(char **to, const char *from, struct error *err)
{
    if (!*to)
        *to = strdup(from);
    return *to || error_memory(err);
}

static bool read_settings(const struct reader *r)
{
    struct profile *p = r->p;
    const struct json_node *value;

    if (!json_is(r->source->root, JSON_OBJECT))
        return fault(r, r->source->root, "must be an object");
    for (value = json_first(r->source->root); value; value = json_next(value))
        if (!read_member(r, value))
            return false;
    if (!p->name || !p->version)
        return fault(r, r->source->root, "needs \"name\" and \"version\"");
    return default_name(&p->about, "", r->err) &&
           default_name(&p->schema_name, "answer", r->err) &&
           default_name(&p->custom_id_prefix, "row_", r->err);
}

static void set_role(struct column *c, int role)
{
    c->role = (enum column_role)role;
}

static void set_grounded(struct column *c, int role)
{
    (void)role;
    c->grounded = true;
}

/* Marks the columns whose pointers fit the pattern at value.  A pattern
 * without a column is fine (its column may have been taken out), without a
 * place in the schema it is a slip. */
static bool mark_columns(const struct reader *r, const struct json_node *value,
                         void (*mark)(struct column *c, int role), int role)
{
    struct profile *p = r->p;
    char *pattern = NULL, *digit;
    bool good;
    size_t i;

    if (!read_string(r, value, &pattern))
        return false;
    for (i = 0; i < p->column_count; i++)
        if (pointer_fits(p->columns[i].pointer, pattern))
            mark(&p->columns[i], role);
    for (digit = pattern; (digit = strstr(digit, "{i}")); digit++)
        memmove(digit, digit + 2, strlen(digit + 2) + 1), *digit = '0';
    good =
        pattern[0] == '/' && p->schema && schema_kinds(p->schema, pattern) != 0;
    if (!good)
        source_fault(r->source, value, r->err,
                     "the schema has nothing at \"%s\"", pattern);
    free(pattern);
    return good;
}

static bool mark_dates(const struct reader *r, const struct json_node *dates)
{
    static const struct {
        const char *name;
        enum column_role role;
    } roles[] = { { "start", ROLE_START },
                  { "end", ROLE_END },
                  { "experience", ROLE_EXPERIENCE },
                  { "tenure", ROLE_TENURE } };
    const struct json_node *value;
    size_t i;

    if (dates && !json_is(dates, JSON_OBJECT))
        return fault(r, dates, "must be an object");
    for (value = json_first(dates); value; value = json_next(value)) {
        for (i = 0; i < ARRAY_LEN(roles); i++)
            if (json_equals(json_name(value), roles[i].name))
                break;
        if (i == ARRAY_LEN(roles))
            return fault(r, value,
                         "dates has start, end, experience and tenure only");
        if (!mark_columns(r, value, set_role, (int)roles[i].role))
            return false;
    }
    return true;
}

static bool mark_grounded(const struct reader *r, const struct json_node *list)
{
    const struct json_node *value;

    if (list && !json_is(list, JSON_ARRAY))
        return fault(r, list, "must be a list of pointers");
    for (value = json_first(list); value; value = json_next(value))
        if (!mark_columns(r, value, set_grounded, 0))
            return false;
    return true;
}

/* Without the white space between the values. */
static bool minimal_text(const struct source *source, char **to,
                         struct error *err)
{
    const char *at = source->text.data;
    const char *end = at + source->text.len;
    struct strbuf b;

    strbuf_init(&b, source->text.len + 1);
    while (at < end) {
        size_t n = *at == '"' ? json_extent(at, (size_t)(end - at)) : 1;

        if (!strchr(" \t\r\n", *at))
            strbuf_add(&b, at, n);
        at += n;
    }
    *to = strbuf_take(&b);
    strbuf_release(&b);
    return *to || error_memory(err);
}

static bool read_schema(struct profile *p, const struct source *source,
                        struct error *err)
{
    struct schema_fault refused;

    if (!schema_new(&p->schema, source->root, &refused))
        return source_fault(source, refused.at, err, "%s", refused.what);
    return minimal_text(source, &p->schema_text, err);
}

static bool read_prompt(struct profile *p, struct error *err)
{
    struct strbuf text, path;
    bool good = false;

    strbuf_init(&text, PROMPT_LIMIT);
    strbuf_init(&path, 4096);
    strbuf_addf(&path, "%s/prompt.md", p->folder);
    if (!file_read(path.data, &text, err)) {
        err->kind = ERROR_SETUP;
        err->exit = EXIT_SETTINGS;
        goto out;
    }
    if ((!p->plain && text_is_blank(text.data, text.len)) ||
        !utf8_valid(text.data, text.len) || strlen(text.data) != text.len) {
        error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                   "%s: empty, or not UTF-8 text", path.data);
        goto out;
    }
    while (text.len && text.data[text.len - 1] == '\n')
        strbuf_cut(&text, text.len - 1);
    p->system = strbuf_take(&text);
    good = p->system || error_memory(err);
out:
    strbuf_release(&text);
    strbuf_release(&path);
    return good;
}

/* All files: names, lengths, bytes. */
static bool hash_files(struct profile *p, struct error *err)
{
    struct digest *digest = digest_new();
    struct strbuf b, path;
    bool good = digest != NULL;
    size_t i;

    strbuf_init(&b, 5 * MIB);
    strbuf_init(&path, 4096);
    if (!good)
        error_memory(err);
    for (i = 0; good && i < ARRAY_LEN(file_names); i++) {
        if (p->plain && file_names[i] == schema_name)
            continue;
        strbuf_clear(&b);
        strbuf_clear(&path);
        strbuf_addf(&path, "%s/%s", p->folder, file_names[i]);
        good = file_read(path.data, &b, err);
        strbuf_clear(&path);
        strbuf_addf(&path, "%s %zu\n", file_names[i], b.len);
        digest_add(digest, path.data, path.len);
        digest_add(digest, b.data, b.len);
    }
    if (digest)
        digest_end(digest, p->hash);
    strbuf_release(&b);
    strbuf_release(&path);
    return good;
}

/* What a plain profile hasn't. */
static bool read_schemas(struct profile *p, struct source *schema,
                         struct error *err)
{
    return p->plain || (source_open(schema, p->folder, schema_name, err) &&
                        read_schema(p, schema, err));
}

static bool read_files(struct profile *p, struct source *settings,
                       struct source *schema, struct source *columns,
                       struct error *err)
{
    struct reader r = { .p = p, .source = settings, .err = err };

    return source_open(settings, p->folder, "profile.json", err) &&
           source_open(columns, p->folder, "columns.json", err) &&
           read_settings(&r) && read_prompt(p, err) &&
           read_schemas(p, schema, err) && columns_read(p, columns, err) &&
           mark_dates(&r, json_member(settings->root, "dates")) &&
           mark_grounded(&r, json_member(settings->root, "grounded")) &&
           (p->plain || bounded_schema(p, schema, err)) && hash_files(p, err);
}

static char *join(const char *a, const char *b, const char *c)
{
    struct strbuf path;
    char *s;

    strbuf_init(&path, 4096);
    strbuf_addf(&path, "%s%s%s", a, b, c);
    s = strbuf_take(&path);
    strbuf_release(&path);
    return s;
}

static bool is_profile(const char *folder)
{
    char *path = join(folder, "/", file_names[0]);
    bool exists = path && file_exists(path);

    free(path);
    return exists;
}

/* The folder, the caller's to free(); NULL with err. */
static char *find_folder(const char *name, struct error *err)
{
    const char *data = getenv("VITAE_DATADIR");
    const char *const homes[] = { "", "profiles/", data ? data : VITAE_DATADIR,
                                  VITAE_DATADIR };
    size_t i;

    for (i = 0; i < ARRAY_LEN(homes); i++) {
        char *folder = join(homes[i], i < 2 ? "" : "/profiles/", name);

        if (!folder) {
            error_memory(err);
            return NULL;
        }
        if (is_profile(folder))
            return folder;
        free(folder);
    }
    error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
               "no profile \"%s\": neither a folder with a profile.json nor "
               "one of %s/profiles",
               name, data ? data : VITAE_DATADIR);
    return NULL;
}

bool profile_open(struct profile **profile, const char *name, struct error *err)
{
    struct source settings = { 0 }, schema = { 0 }, columns = { 0 };
    struct profile *p = calloc(1, sizeof(*p));
    bool good;

    *profile = NULL;
    if (!p)
        return error_memory(err);
    p->temperature = -1;
    p->folder = find_folder(name, err);
    good = p->folder && read_files(p, &settings, &schema, &columns, err);
    source_release(&settings);
    source_release(&schema);
    source_release(&columns);
    if (good)
        *profile = p;
    else
        profile_close(p);
    return good;
}

void profile_close(struct profile *p)
{
    if (!p)
        return;
    columns_release(p);
    schema_free(p->schema);
    free(p->name);
    free(p->version);
    free(p->about);
    free(p->folder);
    free(p->schema_name);
    free(p->system);
    free(p->schema_text);
    free(p->schema_bounded);
    free(p->custom_id_prefix);
    free(p);
}
