/*
 * run_notify.c -- tells whom the settings name ([notify]) that a job has
 * ended.  Ids and counts only; a notice that can't be sent fails no job.
 */
#include "base/jsonw.h"
#include "base/log.h"
#include "cli/cli_settings.h"
#include "cli/run.h"
#include "provider/notify.h"

#define TRIES 3

static void write_data(const struct job *j, bool good, struct strbuf *out)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "id", j->id);
    jsonw_text(&w, "name", j->name);
    jsonw_text(&w, "status",
               good ? job_status_names[j->status]
                    : job_status_names[JOB_FAILED]);
    jsonw_integer(&w, "total", j->total);
    jsonw_integer(&w, "completed", j->completed);
    jsonw_integer(&w, "failed", j->failed);
    jsonw_real(&w, "seconds", j->seconds);
    jsonw_end_object(&w);
}

static void send_one(struct run *run, enum notify_way way,
                     const struct notice *notice)
{
    struct clock *clock = run->cli->clock;
    /* Of a job that was stopped, people are told all the same. */
    const volatile bool *stop = flag_is_set(&cli_stop) ? NULL : &cli_stop;
    struct error err;
    int i;

    for (i = 0; i < TRIES; i++) {
        if (notify_send(&run->cli->values->notify, way, notice,
                        clock->now(clock), stop, &err))
            return;
        if (err.kind != ERROR_RETRY || flag_is_set(stop))
            break;
        clock->sleep(clock, i + 1, &cli_stop);
    }
    log_warn("notice_not_sent", "way=%s reason=%s", notify_way_names[way],
             err.message);
}

void run_notify(struct run *run, bool good)
{
    const struct job *j = &run->job;
    struct clock *clock = run->cli->clock;
    bool failed = !good || j->status == JOB_FAILED;
    char id[100], subject[200];
    struct strbuf data, text;
    int way;

    strbuf_init(&data, 4096);
    strbuf_init(&text, 4096);
    write_data(j, good, &data);
    snprintf(id, sizeof(id), "evt_%s_%.0f", j->id, clock->now(clock));
    snprintf(subject, sizeof(subject), "vitae: job %.80s %s", j->name,
             failed ? "has failed" : "is completed");
    strbuf_addf(&text, "%s\n\n%lld records, %lld answered, %lld failed\n",
                subject, (long long)j->total, (long long)j->completed,
                (long long)j->failed);
    for (way = 0; way < NOTIFY_WAYS; way++) {
        const struct notice notice = {
            .id = id,
            .type = failed ? "batch.failed" : "batch.completed",
            .created_at = clock->now(clock),
            .data = data.data,
            .subject = subject,
            .text = text.data,
        };

        if (notify_wants(&run->cli->values->notify, (enum notify_way)way))
            send_one(run, (enum notify_way)way, &notice);
    }
    strbuf_release(&data);
    strbuf_release(&text);
}
