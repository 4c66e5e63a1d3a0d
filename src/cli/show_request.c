#include "cli/show_request.h"

#include "batch/custom_id.h"
#include "batch/record_prompt.h"
#include "cli/cli_settings.h"
#include "cli/report.h"
#include "cli/work.h"

struct request {
    struct work work;
    const char *userid; /* borrowed */
    char custom_id[CUSTOM_ID];
    struct strbuf prompt; /* the user message */
    struct record_prompt_result result;
};

static bool add_prompt(void *context, const struct db_rows *row,
                       struct error *err)
{
    struct request *r = context;
    size_t len = 0;
    const char *key = db_rows_text(row, 0, NULL);
    const char *text = db_rows_text(row, 1, &len);

    custom_id_make(r->work.worker.profile->custom_id_prefix,
                   key ? key : r->userid, r->custom_id);
    return record_prompt(&r->work.worker, text, len, &r->prompt, &r->result,
                         err);
}

static bool read_record(struct request *r, struct error *err)
{
    const struct db_value values[] = { db_text("userid", r->userid) };
    struct db *db = r->work.worker.db;
    int64_t rows = 0;

    if (!report_find_record(db, r->userid, err) ||
        !db_each(db, "show_text", values, 1, add_prompt, r, &rows, err))
        return false;
    if (rows == 0)
        return cli_usage(err, "record %.100s is gone from the table",
                         r->userid);
    if (!r->result.usable)
        return error_set(err, ERROR_REJECT,
                         "record %.100s has no usable text: nothing is sent "
                         "for it",
                         r->userid);
    return true;
}

static bool print_line(struct request *r, struct error *err)
{
    struct worker *w = &r->work.worker;
    const struct provider_settings *settings = r->work.cli->provider;
    struct request_template template;
    struct provider *provider;
    struct strbuf out;
    bool ok;

    strbuf_init(&out, 256 * MIB);
    request_template_init(&template);
    ok = worker_provider(w, r->work.cli->provider_name, &provider, err) &&
         record_template(w, provider, settings->model, &template, err);
    if (ok) {
        request_line(&template, r->custom_id, r->prompt.data, r->prompt.len,
                     &out);
        ok = report_print(&out, err);
    }
    request_template_release(&template);
    strbuf_release(&out);
    return ok;
}

bool show_request(struct cli *cli, const char *userid, struct error *err)
{
    struct request r = { .userid = userid };
    bool ok;

    strbuf_init(&r.prompt, 256 * MIB);
    ok = work_open(&r.work, cli, err) && read_record(&r, err) &&
         print_line(&r, err);
    work_close(&r.work);
    strbuf_release(&r.prompt);
    return ok;
}
