#include "server/table.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

#define LONGEST (64 * MIB) /* of a row as it was written */
#define SHOWN 8
#define SHOWN_LETTERS 300
#define LOOKED_AT 200
#define LONG_TEXT 40

bool table_open(struct csv_reader *csv, const char *path, struct error *err)
{
    bool more = false;

    if (!csv_open(csv, path, LONGEST, err))
        return false;
    csv->name = "the table";
    csv->separator = ',';
    if (!csv_next(csv, &more, err))
        return false;
    if (!more || csv->count > TABLE_COLUMNS)
        return error_set(err, ERROR_REJECT, "This is no table of this page.");
    return true;
}

/* -- names -- */

bool table_names(struct table_texts *t, const struct csv_reader *csv,
                 struct error *err)
{
    *t = (struct table_texts){ 0 };
    for (; t->count < csv->count && t->count < TABLE_COLUMNS; t->count++) {
        t->names[t->count] = strdup(csv->fields[t->count].text);
        if (!t->names[t->count])
            return error_memory(err);
    }
    return true;
}

void table_names_free(struct table_texts *t)
{
    size_t i;

    for (i = 0; i < t->count; i++)
        free(t->names[i]);
    t->count = 0;
}

static bool cell_is_empty(const struct csv_reader *csv, size_t i)
{
    return i >= csv->count ||
           text_is_blank(csv->fields[i].text, csv->fields[i].len);
}

void table_text(const struct table_texts *t, const bool *chosen,
                const struct csv_reader *csv, struct strbuf *out)
{
    size_t i, several = 0;

    strbuf_clear(out);
    for (i = 0; i < t->count; i++)
        several += chosen[i];
    for (i = 0; i < t->count; i++) {
        if (!chosen[i] || cell_is_empty(csv, i))
            continue;
        if (out->len)
            strbuf_addc(out, '\n');
        if (several > 1)
            strbuf_addf(out, "%s: ", t->names[i]);
        strbuf_add(out, csv->fields[i].text, csv->fields[i].len);
    }
}

/* -- guessing -- */

struct column_look {
    int64_t letters;
    int64_t filled, rows;
    bool repeats;
    uint64_t last; /* a digest of the cell before */
};

/* The last words of a name, without case: "Candidate ID", "bewerber_nr". */
static bool ends_in(const char *name, const char *const *words)
{
    size_t len = strlen(name), n;

    for (; *words; words++) {
        n = strlen(*words);
        if (len >= n && ascii_equal_nocase(name + len - n, *words) &&
            (len == n || !isalpha((unsigned char)name[len - n - 1]) ||
             isupper((unsigned char)name[len - n])))
            return true;
    }
    return false;
}

static const char *const id_words[] = { "id",   "nr",   "no",     "number",
                                        "uuid", "guid", "nummer", "key",
                                        "code", NULL };
/* Who somebody is: not for the model, unless it is chosen. */
static const char *const person_words[] = {
    "name",      "email",       "mail",         "e-mail",  "phone",
    "telephone", "telefon",     "mobile",       "address", "adresse",
    "street",    "birthday",    "birthdate",    "birth",   "gender",
    "sex",       "age",         "photo",        "url",     "nachname",
    "vorname",   "nationality", "geburtsdatum", "city",    "zip",
    "alter",     NULL
};

static void look_at(struct column_look *looks, const struct csv_reader *csv)
{
    uint64_t digest;
    size_t i, k;

    for (i = 0; i < csv->count; i++) {
        if (cell_is_empty(csv, i))
            continue;
        digest = 1469598103934665603u;
        for (k = 0; k < csv->fields[i].len; k++)
            digest = (digest ^ (unsigned char)csv->fields[i].text[k]) *
                     1099511628211u;
        looks[i].repeats = looks[i].repeats || digest == looks[i].last;
        looks[i].last = digest;
        looks[i].filled++;
        looks[i].letters += (int64_t)csv->fields[i].len;
    }
}

static int64_t mean(const struct column_look *look)
{
    return look->filled ? look->letters / look->filled : 0;
}

static long guess_id(const struct table_texts *t,
                     const struct column_look *looks, int64_t rows)
{
    size_t i;

    for (i = 0; i < t->count; i++)
        if (ends_in(t->names[i], id_words) && looks[i].filled == rows &&
            !looks[i].repeats && mean(&looks[i]) < LONG_TEXT)
            return (long)i;
    return -1;
}

static void guess(const struct table_texts *t, const struct column_look *looks,
                  int64_t rows, struct table_guess *g)
{
    int64_t longest = 0;
    bool some = false;
    size_t i;

    *g = (struct table_guess){ .id = guess_id(t, looks, rows) };
    for (i = 0; i < t->count; i++) {
        if (mean(&looks[i]) > longest)
            longest = mean(&looks[i]);
        g->text[i] = (long)i != g->id && looks[i].filled &&
                     !ends_in(t->names[i], person_words);
        some = some || g->text[i];
    }
    /* One that is much longer than the others is the whole of it, if it is
     * as long as a profile. */
    for (i = 0; i < t->count; i++)
        if (!some || longest > 10 * LONG_TEXT)
            g->text[i] = mean(&looks[i]) * 4 > longest;
}

/* -- describing -- */

static void write_row(const struct csv_reader *csv, size_t columns,
                      struct jsonw *w)
{
    size_t i, len;

    jsonw_array(w, NULL);
    for (i = 0; i < columns && i < csv->count; i++) {
        len = utf8_cut(csv->fields[i].text, csv->fields[i].len, SHOWN_LETTERS,
                       TEXT_CHARACTERS);
        jsonw_text_len(w, NULL, csv->fields[i].text, len);
    }
    jsonw_end_array(w);
}

static bool read_rows(struct csv_reader *csv, const struct table_texts *t,
                      const volatile bool *stop, struct column_look *looks,
                      int64_t *rows, struct jsonw *w, struct error *err)
{
    bool more = true, ok = true;

    jsonw_array(w, "preview");
    for (*rows = 0; ok && more;) {
        ok = csv_next(csv, &more, err);
        if (!ok || !more)
            break;
        if (++*rows <= SHOWN)
            write_row(csv, t->count, w);
        if (*rows <= LOOKED_AT)
            look_at(looks, csv);
        if (flag_is_set(stop))
            ok = error_set(err, ERROR_RETRY, "the server is shutting down");
    }
    jsonw_end_array(w);
    return ok;
}

static void write_guess(const struct table_texts *t,
                        const struct column_look *looks, int64_t rows,
                        struct jsonw *w)
{
    struct table_guess g;
    size_t i;

    guess(t, looks, rows < LOOKED_AT ? rows : LOOKED_AT, &g);
    jsonw_integer(w, "rows", rows);
    jsonw_integer(w, "id_column", g.id);
    jsonw_array(w, "text");
    for (i = 0; i < t->count; i++)
        if (g.text[i])
            jsonw_integer(w, NULL, (int64_t)i);
    jsonw_end_array(w);
}

bool table_describe(const char *path, const volatile bool *stop,
                    struct jsonw *w, struct error *err)
{
    struct column_look *looks = calloc(TABLE_COLUMNS, sizeof(*looks));
    struct table_texts t = { 0 };
    struct csv_reader csv;
    int64_t rows;
    size_t i;
    bool ok;

    if (!looks)
        return error_memory(err);
    ok = table_open(&csv, path, err) && table_names(&t, &csv, err);
    jsonw_array(w, "columns");
    for (i = 0; i < t.count; i++)
        jsonw_text(w, NULL, t.names[i]);
    jsonw_end_array(w);
    ok = ok && read_rows(&csv, &t, stop, looks, &rows, w, err);
    if (ok)
        write_guess(&t, looks, rows, w);
    table_names_free(&t);
    csv_close(&csv);
    free(looks);
    return ok;
}
