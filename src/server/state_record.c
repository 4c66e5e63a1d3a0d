#include <string.h>

#include "base/json.h"
#include "server/state.h"

#define RECORD_MOST MIB

const char *const served_status_names[] = {
    [SERVED_VALIDATING] = "validating",   [SERVED_FAILED] = "failed",
    [SERVED_IN_PROGRESS] = "in_progress", [SERVED_FINALIZING] = "finalizing",
    [SERVED_COMPLETED] = "completed",     [SERVED_EXPIRED] = "expired",
    [SERVED_CANCELLING] = "cancelling",   [SERVED_CANCELLED] = "cancelled",
};

bool served_is_final(enum served_status status)
{
    return status == SERVED_FAILED || status == SERVED_COMPLETED ||
           status == SERVED_EXPIRED || status == SERVED_CANCELLED;
}

/* -- fields by table: text and whole numbers -- */

enum kind { TEXT, INTEGER, REAL, FLAG };

struct field {
    const char *name;
    enum kind kind;
    size_t offset, size;
};

#define FIELD(type, kind, member)                                              \
    {                                                                          \
#member, kind, offsetof(struct type, member),                          \
            sizeof(((struct type *)0)->member)                                 \
    }

static const struct field file_fields[] = {
    FIELD(served_file, TEXT, id),       FIELD(served_file, TEXT, owner),
    FIELD(served_file, TEXT, filename), FIELD(served_file, TEXT, purpose),
    FIELD(served_file, INTEGER, bytes), FIELD(served_file, REAL, created_at),
};

static const struct field batch_fields[] = {
    FIELD(served_batch, TEXT, id),
    FIELD(served_batch, TEXT, owner),
    FIELD(served_batch, TEXT, input),
    FIELD(served_batch, TEXT, output),
    FIELD(served_batch, TEXT, errors),
    FIELD(served_batch, TEXT, endpoint),
    FIELD(served_batch, TEXT, window),
    FIELD(served_batch, REAL, expires_at),
    FIELD(served_batch, INTEGER, total),
    FIELD(served_batch, INTEGER, completed),
    FIELD(served_batch, INTEGER, failed),
    FIELD(served_batch, INTEGER, input_tokens),
    FIELD(served_batch, INTEGER, cached_tokens),
    FIELD(served_batch, INTEGER, output_tokens),
    FIELD(served_batch, INTEGER, priority),
    FIELD(served_batch, INTEGER, groups),
    FIELD(served_batch, INTEGER, untold),
    FIELD(served_batch, FLAG, paused),
    FIELD(served_batch, FLAG, skip_invalid),
    FIELD(served_batch, FLAG, has_output),
    FIELD(served_batch, FLAG, has_errors),
};

static void write_field(struct jsonw *w, const struct field *f,
                        const void *from)
{
    const char *at = (const char *)from + f->offset;
    int64_t integer;
    double real;
    bool flag;

    switch (f->kind) {
    case TEXT: jsonw_text(w, f->name, at); break;
    case INTEGER:
        memcpy(&integer, at, sizeof(integer));
        jsonw_integer(w, f->name, integer);
        break;
    case REAL:
        memcpy(&real, at, sizeof(real));
        jsonw_real(w, f->name, real);
        break;
    case FLAG:
        memcpy(&flag, at, sizeof(flag));
        jsonw_bool(w, f->name, flag);
        break;
    }
}

static void read_field(const struct json_object *object, const struct field *f,
                       void *to)
{
    char *at = (char *)to + f->offset;
    const char *text;
    int64_t integer;
    double real;
    bool flag;

    switch (f->kind) {
    case TEXT:
        text = json_get_text(object, f->name);
        snprintf(at, f->size, "%s", text ? text : "");
        break;
    case INTEGER:
        integer = json_get_integer(object, f->name, 0);
        memcpy(at, &integer, sizeof(integer));
        break;
    case REAL:
        real = json_get_real(object, f->name, 0);
        memcpy(at, &real, sizeof(real));
        break;
    case FLAG:
        flag = json_get_bool(object, f->name, false);
        memcpy(at, &flag, sizeof(flag));
        break;
    }
}

/* -- files -- */

void served_file_write(const struct served_file *f, struct strbuf *out)
{
    struct jsonw w;
    size_t i;

    jsonw_init(&w, out);
    jsonw_object(&w, NULL);
    for (i = 0; i < ARRAY_LEN(file_fields); i++)
        write_field(&w, &file_fields[i], f);
    jsonw_end_object(&w);
    strbuf_addc(out, '\n');
}

bool served_file_read(const char *path, struct served_file *f,
                      struct error *err)
{
    struct json_object *object = json_parse_file(path, RECORD_MOST, err);
    size_t i;

    if (!object)
        return false;
    for (i = 0; i < ARRAY_LEN(file_fields); i++)
        read_field(object, &file_fields[i], f);
    json_free(object);
    return *f->id || error_set(err, ERROR_REJECT, "%.300s has no id", path);
}

/* -- batches -- */

void served_batch_write(const struct served_batch *b, struct strbuf *out)
{
    struct jsonw w;
    size_t i;

    jsonw_init(&w, out);
    jsonw_object(&w, NULL);
    for (i = 0; i < ARRAY_LEN(batch_fields); i++)
        write_field(&w, &batch_fields[i], b);
    jsonw_text(&w, "status", served_status_names[b->status]);
    jsonw_object(&w, "at");
    for (i = 0; i < SERVED_STATUSES; i++)
        if (b->at[i] > 0)
            jsonw_real(&w, served_status_names[i], b->at[i]);
    jsonw_end_object(&w);
    if (b->metadata)
        jsonw_raw(&w, "metadata", b->metadata, strlen(b->metadata));
    if (b->faults)
        jsonw_raw(&w, "faults", b->faults, strlen(b->faults));
    jsonw_end_object(&w);
    strbuf_addc(out, '\n');
}

/* A member as JSON text, the caller's to free; NULL = absent. */
static char *take_json(const struct json_object *object, const char *name)
{
    struct json_object *member = json_get(object, name);

    return member ? strdup(json_object_to_json_string_ext(
                        member, JSON_C_TO_STRING_PLAIN |
                                    JSON_C_TO_STRING_NOSLASHESCAPE))
                  : NULL;
}

static bool read_status(const struct json_object *object,
                        struct served_batch *b)
{
    const char *status = json_get_text(object, "status");
    const struct json_object *at = json_get(object, "at");
    bool found = false;
    size_t i;

    for (i = 0; i < SERVED_STATUSES; i++) {
        b->at[i] = json_get_real(at, served_status_names[i], 0);
        if (status && !strcmp(status, served_status_names[i])) {
            b->status = (enum served_status)i;
            found = true;
        }
    }
    return found;
}

struct served_batch *served_batch_read(const char *path, struct error *err)
{
    struct json_object *object = json_parse_file(path, RECORD_MOST, err);
    struct served_batch *b = object ? calloc(1, sizeof(*b)) : NULL;
    size_t i;

    if (!b) {
        if (object)
            (void)error_memory(err);
        json_free(object);
        return NULL;
    }
    for (i = 0; i < ARRAY_LEN(batch_fields); i++)
        read_field(object, &batch_fields[i], b);
    b->metadata = take_json(object, "metadata");
    b->faults = take_json(object, "faults");
    if (!read_status(object, b) || !*b->id) {
        error_set(err, ERROR_REJECT, "%.300s is no record of a batch", path);
        served_batch_free(b);
        b = NULL;
    }
    json_free(object);
    return b;
}

void served_batch_free(struct served_batch *b)
{
    if (!b)
        return;
    free(b->metadata);
    free(b->faults);
    free(b);
}
