#include <dirent.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/jsonw.h"
#include "base/strbuf.h"
#include "base/table.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "cli/run.h"
#include "extract/profile.h"

#define JOBS_MOST 10000

static bool templates;
static char *folder;

static const struct cli_option options[] = {
    { .name = "out",
      .argument = "DIR",
      .help = "look there and in its folders (default: here)",
      .type = SETTING_PATH,
      .value = &folder },
    { .name = "templates",
      .help = "list the templates of vitae run instead",
      .value = &templates },
    { .name = NULL },
};

struct found {
    char folder[JOB_PATH];
    struct job job;
    bool good;
    bool active;      /* a process works on it */
    struct error err; /* not good: why */
};

struct listing {
    struct cli *cli;
    char (*folders)[JOB_PATH]; /* owned */
    size_t count;
};

static bool holds_job(const char *path)
{
    char file[JOB_PATH + 16];

    snprintf(file, sizeof(file), "%.4080s/job.db", path);
    return file_exists(file);
}

static bool add_folder(struct listing *l, const char *path, struct error *err)
{
    void *bigger;

    if (!holds_job(path) || l->count == JOBS_MOST)
        return true;
    bigger = realloc(l->folders, (l->count + 1) * sizeof(*l->folders));
    if (!bigger)
        return error_memory(err);
    l->folders = bigger;
    snprintf(l->folders[l->count++], JOB_PATH, "%s", path);
    return true;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* The folder itself and those in it. */
static bool look_through(struct listing *l, const char *path, struct error *err)
{
    char inner[JOB_PATH];
    struct dirent *entry;
    DIR *dir = opendir(path);
    bool ok = true;

    if (!dir)
        return cli_usage(err, "there is no folder %s", path);
    ok = add_folder(l, path, err);
    while (ok && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.' ||
            strlen(path) + strlen(entry->d_name) + 2 > sizeof(inner))
            continue;
        snprintf(inner, sizeof(inner), "%.3800s/%.255s", path, entry->d_name);
        ok = add_folder(l, inner, err);
    }
    closedir(dir);
    if (l->count)
        qsort(l->folders, l->count, sizeof(*l->folders), by_path);
    return ok;
}

static bool is_active(const char *path)
{
    char file[JOB_PATH + 32];
    struct error ignored;
    int lock = -1;

    snprintf(file, sizeof(file), "%.4080s/spool/.lock", path);
    if (!file_exists(file) || !file_lock(file, &lock, &ignored))
        return false;
    if (lock < 0)
        return true;
    file_unlock(lock);
    return false;
}

static void load(struct cli *cli, const char *path, struct found *f)
{
    struct db *db = NULL;

    memset(f, 0, sizeof(*f));
    snprintf(f->folder, sizeof(f->folder), "%s", path);
    f->good = job_open(&db, &cli->values->database, path, false, cli->clock,
                       &cli_stop, &f->err) &&
              job_load(db, &f->job, &f->err);
    db_close(db);
    f->active = is_active(path);
}

static void add_json(struct jsonw *w, const struct found *f)
{
    const struct job *j = &f->job;
    char path[JOB_PATH + 16];

    snprintf(path, sizeof(path), "%s/job.db", f->folder);
    jsonw_object(w, NULL);
    jsonw_text(w, "id", j->id);
    jsonw_text(w, "name", j->name);
    jsonw_text(w, "model", j->model);
    jsonw_integer(w, "prompts", j->total);
    jsonw_integer(w, "total", j->total);
    jsonw_integer(w, "completed", j->completed);
    jsonw_integer(w, "failed", j->failed);
    jsonw_text(w, "status", job_status_names[j->status]);
    jsonw_bool(w, "active", f->active);
    jsonw_text(w, "created_at", j->created_at);
    jsonw_text(w, "started_at", j->started_at[0] ? j->started_at : NULL);
    jsonw_text(w, "completed_at", j->completed_at[0] ? j->completed_at : NULL);
    jsonw_text(w, "updated_at", j->updated_at);
    jsonw_text(w, "input", j->input);
    jsonw_text(w, "profile", j->profile);
    jsonw_text(w, "checkpoint_path", path);
    jsonw_end_object(w);
}

static void add_row(struct table *t, const struct found *f)
{
    const struct job *j = &f->job;
    char text[64];

    table_add(t, j->id);
    table_add(t, j->name);
    snprintf(text, sizeof(text), "%s%s", job_status_names[j->status],
             j->status == JOB_RUNNING && !f->active ? " (stopped)" : "");
    table_add(t, text);
    snprintf(text, sizeof(text), "%lld", (long long)j->total);
    table_add(t, text);
    snprintf(text, sizeof(text), "%lld", (long long)j->completed);
    table_add(t, text);
    snprintf(text, sizeof(text), "%lld", (long long)j->failed);
    table_add(t, text);
    table_add(t, j->model);
    table_add(t, j->updated_at);
    table_add(t, f->folder);
}

static bool print_all(struct cli *cli, struct listing *l, struct table *t,
                      struct jsonw *w, struct error *err)
{
    struct found *f = malloc(sizeof(*f));
    size_t i;

    if (!f)
        return error_memory(err);
    for (i = 0; i < l->count; i++) {
        load(cli, l->folders[i], f);
        if (!f->good)
            fprintf(stderr, "vitae: skipped: %s/job.db: %s\n", f->folder,
                    f->err.message);
        else if (cli->json)
            add_json(w, f);
        else
            add_row(t, f);
    }
    free(f);
    return true;
}

bool jobs_list(struct cli *cli, const char *path, struct error *err)
{
    static const struct table_column columns[] = {
        { .title = "id" },
        { .title = "name", .limit = 30 },
        { .title = "status" },
        { .title = "total", .align = TABLE_RIGHT },
        { .title = "completed", .align = TABLE_RIGHT },
        { .title = "failed", .align = TABLE_RIGHT },
        { .title = "model", .limit = 30 },
        { .title = "updated" },
        { .title = "folder" },
    };
    struct listing l = { .cli = cli };
    struct strbuf text;
    struct table table;
    struct jsonw w;
    bool ok;

    strbuf_init(&text, 64 * MIB);
    jsonw_init(&w, &text);
    table_init(&table, columns, ARRAY_LEN(columns));
    if (cli->json) {
        jsonw_object(&w, NULL);
        jsonw_array(&w, "jobs");
    }
    ok = look_through(&l, path, err) && print_all(cli, &l, &table, &w, err);
    if (ok && cli->json) {
        jsonw_end_array(&w);
        jsonw_end_object(&w);
        strbuf_addc(&text, '\n');
    } else if (ok && l.count) {
        ok = table_print(&table, &text) || error_memory(err);
    }
    if (ok)
        fputs(text.len ? text.data : "no jobs here\n", stdout);
    table_release(&table);
    strbuf_release(&text);
    free(l.folders);
    return ok;
}

/* -- check -- */

static bool is_it(const struct found *f, const char *id)
{
    size_t len = strlen(id);

    return strcmp(f->folder, id) == 0 ||
           (f->good && len &&
            (strncmp(f->job.id, id, len) == 0 || strcmp(f->job.name, id) == 0));
}

static bool check_one(struct cli *cli, const struct found *f, struct error *err)
{
    struct profile *profile = NULL;
    struct db *db = NULL;
    struct job job;
    bool ok;

    if (!f->good) {
        *err = f->err;
        return error_context(err, "%s/job.db can't be resumed", f->folder);
    }
    ok = job_open(&db, &cli->values->database, f->folder, false, cli->clock,
                  &cli_stop, err) &&
         job_load(db, &job, err) && profile_open(&profile, job.profile, err) &&
         job_check(db, &job, profile->hash, err);
    profile_close(profile);
    db_close(db);
    if (!ok)
        return error_context(err, "job %s can't be resumed", f->job.id);
    printf("job %s is sound: %s, %lld of %lld done, %lld failed, saved %s\n",
           job.id, job_status_names[job.status],
           (long long)(job.completed + job.failed), (long long)job.total,
           (long long)job.failed, job.updated_at);
    if (job.status != JOB_COMPLETED)
        printf("to go on: vitae run %s --resume%s%s\n", job.input,
               strstr(job.options, "\"out\":") ? " --out " : "",
               strstr(job.options, "\"out\":") ? f->folder : "");
    return true;
}

static bool check(struct cli *cli, const char *path, const char *id,
                  struct error *err)
{
    struct listing l = { .cli = cli };
    struct found *f = malloc(sizeof(*f));
    bool ok, there = false;
    size_t i;

    if (!f)
        return error_memory(err);
    ok = holds_job(id) ? add_folder(&l, id, err) : look_through(&l, path, err);
    for (i = 0; ok && i < l.count && !there; i++) {
        load(cli, l.folders[i], f);
        there = is_it(f, id);
    }
    if (ok && !there)
        ok = cli_usage(err, "no job %.100s in %s; vitae jobs lists them", id,
                       path);
    ok = ok && check_one(cli, f, err);
    free(l.folders);
    free(f);
    return ok;
}

static bool jobs(struct cli *cli, struct error *err)
{
    const char *path = folder ? folder : ".";

    if (templates)
        return template_list(cli->json, err);
    if (cli->argument_count == 0)
        return jobs_list(cli, path, err);
    if (strcmp(cli->arguments[0], "check") != 0 || cli->argument_count != 2)
        return cli_usage(err, "vitae jobs, or vitae jobs check ID");
    return check(cli, path, cli->arguments[1], err);
}

const struct cli_command cli_jobs = {
    .name = "jobs",
    .group = "Files",
    .arguments = "[check ID]",
    .most = 2,
    .summary = "the jobs of vitae run that lie in a folder",
    .text = "Lists the jobs whose job.db lies in the folder or in one of its "
            "folders; one that is damaged is named and left out. check tells "
            "whether a job (by its id, the beginning of it, its name or its "
            "folder) can be gone on with, and if not, why: its checkpoint is "
            "damaged, or its input or its profile is another one by now.",
    .example = "vitae jobs --out results\nvitae jobs check 0197a2c4\nvitae "
               "jobs --templates",
    .options = options,
    .needs = CLI_SETTINGS,
    .run = jobs,
};
