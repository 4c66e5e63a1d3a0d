#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/seen.h"
#include "base/text.h"
#include "batch/load.h"
#include "batch/source.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "cli/work.h"
#include "io/csv.h"
#include "io/document.h"

#define ROW_CEILING (16 * MIB)
#define CHUNK 200 /* records of one transaction */
#define CHUNK_BYTES (16 * MIB)
#define DEPTH 16 /* folders in folders */
#define PATH_SIZE 4096

static char *id_column, *text_column;

static const struct cli_option options[] = {
    { .name = "id",
      .argument = "COLUMN",
      .help = "the CSV column with a record's number or key (default: the "
              "name of source.id_column, if there; else numbers are given)",
      .type = SETTING_TEXT,
      .value = &id_column },
    { .name = "text",
      .argument = "COLUMN",
      .help = "the CSV column with the resume (default: the name of "
              "source.text_column, resume or text; else the whole row)",
      .type = SETTING_TEXT,
      .value = &text_column },
    { .name = NULL },
};

struct load {
    struct cli *cli;
    struct db *db;
    struct load_item items[CHUNK];
    size_t starts[CHUNK], ids[CHUNK]; /* offsets in text, ids + 1, 0 = none */
    size_t count;
    struct strbuf text;
    struct seen texts; /* in the table, or loaded by now */
    bool texts_read;   /* the table's are in it */
    int64_t added, unchanged, skipped;
};

static void skip(struct load *load, const char *why)
{
    load->skipped++;
    fprintf(stderr, "vitae: skipped: %s\n", why);
}

static void skip_path(struct load *load, const char *path, const char *why)
{
    load->skipped++;
    fprintf(stderr, "vitae: skipped: %s: %s\n", path, why);
}

static bool flush(struct load *load, struct error *err)
{
    int64_t before = load->added;
    size_t i;

    for (i = 0; i < load->count; i++) {
        load->items[i].text = load->text.data + load->starts[i];
        load->items[i].id =
            load->ids[i] ? load->text.data + load->ids[i] - 1 : NULL;
    }
    if (load->count &&
        !load_texts(load->db, load->items, load->count, &load->added, err))
        return false;
    load->unchanged += (int64_t)load->count - (load->added - before);
    load->count = 0;
    strbuf_clear(&load->text);
    return true;
}

/* Databases take neither broken UTF-8 nor NULs: what stands in load->text
 * from start on is mended in place, so that one file doesn't stop the rest. */
static bool mend(struct load *load, size_t start, struct error *err)
{
    size_t len = load->text.len - start;
    struct text_repair repair = { 0 };
    struct strbuf mended;
    bool ok;

    if (!len || (utf8_valid(load->text.data + start, len) &&
                 !memchr(load->text.data + start, '\0', len)))
        return true;
    strbuf_init(&mended, 4 * CHUNK_BYTES);
    text_repair(load->text.data + start, len, &mended, &repair);
    strbuf_cut(&load->text, start);
    strbuf_add(&load->text, mended.data, mended.len);
    ok = strbuf_ok(&mended) && strbuf_ok(&load->text);
    strbuf_release(&mended);
    return ok || error_memory(err);
}

static bool note_text(void *context, const struct db_rows *row,
                      struct error *err)
{
    struct load *load = context;
    size_t len = 0;
    const char *text = db_rows_text(row, 0, &len);
    bool before;

    return !text || seen_add(&load->texts, text, len, &before, err);
}

/* A text without an id of its own would be another record each time. */
static bool is_there(struct load *load, size_t start, bool *there,
                     struct error *err)
{
    if (!load->texts_read &&
        !db_each(load->db, "load_texts", NULL, 0, note_text, load, NULL, err))
        return false;
    load->texts_read = true;
    return seen_add(&load->texts, load->text.data + start,
                    load->text.len - start, there, err);
}

/* Keeps the text that stands in load->text from start on. */
static bool keep(struct load *load, const char *id, size_t start,
                 struct error *err)
{
    size_t at = load->count;
    bool there = false;

    if (!mend(load, start, err) || (!id && !is_there(load, start, &there, err)))
        return false;
    if (there) {
        load->unchanged++;
        strbuf_cut(&load->text, start);
        return true;
    }
    load->starts[at] = start;
    load->items[at].len = load->text.len - start;
    strbuf_addc(&load->text, '\0');
    load->ids[at] = 0;
    if (id) {
        load->ids[at] = load->text.len + 1;
        strbuf_add(&load->text, id, strlen(id) + 1);
    }
    load->count++;
    if (load->count < CHUNK && load->text.len < CHUNK_BYTES)
        return true;
    return flush(load, err);
}

static bool load_document(struct load *load, const char *path,
                          struct error *err)
{
    size_t start = load->text.len;
    struct error problem;

    if (!document_text(path, &load->text, &problem)) {
        strbuf_cut(&load->text, start);
        load->text.failed = false;
        skip(load, problem.message);
        return true;
    }
    return keep(load, NULL, start, err);
}

/* A line "Name: ..." for each filled field of a row without a text column;
 * `without`: the id's, or -1. */
static void render_row(struct load *load, const struct csv_reader *csv,
                       char *const *names, size_t count, long without)
{
    size_t start = load->text.len, i;

    for (i = 0; i < csv->count && i < count; i++) {
        if ((long)i == without || !csv->fields[i].len)
            continue;
        if (load->text.len > start)
            strbuf_addc(&load->text, '\n');
        strbuf_addf(&load->text, "%s: ", names[i]);
        strbuf_add(&load->text, csv->fields[i].text, csv->fields[i].len);
    }
}

struct table {
    char **names; /* owned */
    size_t count;
    long id, text; /* columns, -1 = none */
    struct seen ids;
};

static long find_text(const struct load *load, const struct csv_reader *csv)
{
    const char *const names[] = {
        load->cli->values->source.text_column,
        "resume",
        "text",
    };
    long at = -1;
    size_t i;

    if (text_column)
        return csv_find(csv, text_column);
    for (i = 0; i < ARRAY_LEN(names) && at < 0; i++)
        at = csv_find(csv, names[i]);
    return at;
}

static bool keep_names(const struct csv_reader *csv, struct table *t,
                       struct error *err)
{
    size_t i;

    t->names = calloc(csv->count + 1, sizeof(*t->names));
    if (!t->names)
        return error_memory(err);
    for (i = 0; i < csv->count; i++) {
        t->names[i] = strdup(csv->fields[i].text);
        if (!t->names[i])
            return error_memory(err);
        t->count++;
    }
    return true;
}

static bool read_header(struct load *load, struct csv_reader *csv,
                        struct table *t, struct error *err)
{
    const char *missing = NULL;
    bool more = false;

    if (!csv_next(csv, &more, err))
        return false;
    if (!more)
        return error_set(err, ERROR_REJECT, "%s is empty", csv->name);
    t->id = csv_find(csv, id_column ? id_column
                                    : load->cli->values->source.id_column);
    t->text = find_text(load, csv);
    if (id_column && t->id < 0)
        missing = id_column;
    else if (text_column && t->text < 0)
        missing = text_column;
    if (missing)
        return error_set(err, ERROR_REJECT, "%s has no column %s", csv->name,
                         missing);
    return keep_names(csv, t, err);
}

/* What a row lacks to be loaded; NULL = nothing. */
static const char *lack_of(const struct table *t, const char *id,
                           const char *text, size_t len)
{
    if (t->id >= 0 && (!id || !id[0]))
        return "id";
    if (id && !utf8_valid(id, strlen(id)))
        return "id in UTF-8";
    return text_is_blank(text, len) ? "text" : NULL;
}

static bool load_row(struct load *load, const struct csv_reader *csv,
                     struct table *t, struct error *err)
{
    size_t start = load->text.len;
    bool again = false;
    const char *id = NULL, *lack;
    char why[200];

    if (t->text >= 0 && (size_t)t->text < csv->count)
        strbuf_add(&load->text, csv->fields[t->text].text,
                   csv->fields[t->text].len);
    else if (t->text < 0)
        render_row(load, csv, t->names, t->count, t->id);
    if (t->id >= 0 && (size_t)t->id < csv->count)
        id = csv->fields[t->id].text;
    lack = lack_of(t, id, load->text.data + start, load->text.len - start);
    if (!lack && id && !seen_add(&t->ids, id, strlen(id), &again, err))
        return false;
    if (lack || again) {
        strbuf_cut(&load->text, start);
        snprintf(why, sizeof(why), "%.120s row %llu: %s%s", csv->name,
                 (unsigned long long)csv->row, lack ? "no " : "",
                 lack ? lack : "its id stands in an earlier row");
        skip(load, why);
        return true;
    }
    return keep(load, id, start, err);
}

static bool load_rows(struct load *load, struct csv_reader *csv,
                      struct error *err)
{
    struct table t = { .id = -1, .text = -1 };
    struct error problem;
    bool more = true;
    bool ok = true;

    seen_init(&t.ids);
    if (!read_header(load, csv, &t, &problem)) {
        skip(load, problem.message);
        more = false;
    }
    while (ok && more && !cli_stop) {
        if (!csv_next(csv, &more, &problem))
            skip(load, problem.message);
        else if (more)
            ok = load_row(load, csv, &t, err);
    }
    while (t.count)
        free(t.names[--t.count]);
    free(t.names);
    seen_release(&t.ids);
    return ok;
}

static bool load_csv(struct load *load, const char *path, struct error *err)
{
    struct csv_reader csv;
    struct error problem;
    bool ok;

    if (!csv_open(&csv, path, ROW_CEILING, &problem)) {
        skip(load, problem.message);
        return true;
    }
    ok = load_rows(load, &csv, err);
    csv_close(&csv);
    return ok;
}

static bool ends_with(const char *path, const char *suffix)
{
    size_t len = strlen(path), n = strlen(suffix);

    return len > n && ascii_equal_nocase(path + len - n, suffix);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool load_path(struct load *load, const char *path, int depth,
                      struct error *err);

static bool load_inner(struct load *load, const char *folder, const char *name,
                       int depth, struct error *err)
{
    char path[PATH_SIZE];
    int n = snprintf(path, sizeof(path), "%s/%s", folder, name);

    if (n < 0 || (size_t)n >= sizeof(path)) {
        skip_path(load, folder, strerror(ENAMETOOLONG));
        return true;
    }
    return load_path(load, path, depth + 1, err);
}

/* Files of a folder in the order of their names; hidden ones are not. */
static bool load_folder(struct load *load, const char *path, int depth,
                        struct error *err)
{
    struct dirent **names = NULL;
    int count = scandir(path, &names, NULL, by_name);
    bool ok = true;
    int i;

    if (count < 0) {
        skip_path(load, path, strerror(errno));
        return true;
    }
    for (i = 0; i < count; i++) {
        if (ok && !cli_stop && names[i]->d_name[0] != '.')
            ok = load_inner(load, path, names[i]->d_name, depth, err);
        free(names[i]);
    }
    free(names);
    return ok;
}

static bool load_path(struct load *load, const char *path, int depth,
                      struct error *err)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        skip_path(load, path, strerror(errno));
        return true;
    }
    if (S_ISDIR(st.st_mode) && depth > DEPTH) {
        skip_path(load, path, "too many folders in folders");
        return true;
    }
    if (S_ISDIR(st.st_mode))
        return load_folder(load, path, depth, err);
    if (ends_with(path, ".csv"))
        return load_csv(load, path, err);
    if (document_is_known(path))
        return load_document(load, path, err);
    /* Beside resumes in a folder other files are to be expected. */
    if (depth == 0)
        skip_path(load, path, "none of .txt .md .pdf .docx .csv");
    return true;
}

static bool load(struct cli *cli, struct error *err)
{
    struct load load = { .cli = cli };
    bool ok;
    size_t i;

    seen_init(&load.texts);
    strbuf_init(&load.text, 4 * CHUNK_BYTES);
    ok = work_database(cli, &load.db, err) &&
         source_names(load.db, &cli->values->source, err);
    for (i = 0; ok && i < cli->argument_count && !cli_stop; i++)
        ok = load_path(&load, cli->arguments[i], 0, err);
    ok = ok && flush(&load, err);
    if (ok)
        cli_say(cli, "%lld texts loaded, %lld there already, %lld skipped",
                (long long)load.added, (long long)load.unchanged,
                (long long)load.skipped);
    if (ok && load.skipped)
        cli->exit = EXIT_SOME_FAILED;
    if (ok && cli_stop)
        cli->exit = EXIT_INTERRUPTED;
    seen_release(&load.texts);
    strbuf_release(&load.text);
    db_close(load.db);
    return ok;
}

const struct cli_command cli_load = {
    .name = "load",
    .group = "Setting up",
    .arguments = "PATH...",
    .least = 1,
    .most = -1,
    .summary = "fill the embedded database from files and folders",
    .text = "Reads .txt, .md, .pdf (by pdftotext), .docx (by docx2txt) and "
            ".csv files; a folder means all of them in it. A file becomes a "
            "record, of a CSV file each row. A file that can't be read is "
            "named and skipped (exit code 1), and so is a row whose id an "
            "earlier row has. Loading a CSV file with ids again changes only "
            "the rows whose text changed; a text without an id is loaded "
            "once, whatever the file is called.",
    .example = "vitae load resumes/\nvitae load candidates.csv --id number "
               "--text cv",
    .options = options,
    .needs = CLI_SETTINGS | CLI_LOG,
    .run = load,
};
