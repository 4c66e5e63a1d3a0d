#include "runner/local.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/folder.h"
#include "tests/provider/fake/client.h"
#include "tests/tap.h"

static struct fake fake;
static struct provider_settings settings;
static struct provider *p;

static void add_request(struct strbuf *out, int number, const char *directive)
{
    strbuf_addf(out,
                "{\"custom_id\":\"unified_%d\",\"method\":\"POST\","
                "\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\","
                "\"user\":\"unified_%d\",\"messages\":[{\"role\":\"user\","
                "\"content\":\"%d\\n%s\"}]}}\n",
                number, number, number, directive);
}

static void write_requests(const char *path, int count, const char *last)
{
    struct strbuf text;
    struct error err;
    int i;

    strbuf_init(&text, MIB);
    for (i = 0; i < count; i++)
        add_request(&text, i, i == count - 1 ? last : "@@answer {}");
    ok(file_write(path, text.data, text.len, &err), "%s is written", path);
    strbuf_release(&text);
}

static void open_provider(void)
{
    struct error err;

    settings = (struct provider_settings){ .name = (char *)"local",
                                           .base_url = fake.base_url,
                                           .model = (char *)"m",
                                           .spool = (char *)"spool",
                                           .concurrency = 4,
                                           .timeout = 60 };
    ok(provider_open(&p, &settings, &clock_system, &err), "local opens");
}

/* Upload and create under the key. */
static void make_batch(const char *key, int count, const char *last,
                       struct remote_batch *b)
{
    char path[100], file_id[REMOTE_ID];
    struct error err;

    snprintf(path, sizeof(path), "spool/%s.requests.jsonl", key);
    write_requests(path, count, last);
    ok(p->ops->upload(p, path, "vitae-k.jsonl", file_id, NULL, &err),
       "%s is taken up", path);
    is_str(file_id, path + 6, "where it lies");
    ok(p->ops->create(p, file_id, key, "m", b, &err), "a batch is made");
    is_int(b->status, REMOTE_RUNNING, "it runs");
    is_str(b->key, key, "under its key");
}

static void a_batch_is_run_by_looking_at_it(void)
{
    struct remote_batch b, again;
    struct answer answer;
    struct json_doc *doc = json_doc_new();
    struct file_lines lines;
    struct error err;
    bool too_long;
    size_t len;
    char *line;
    int n = 0;

    make_batch("k1", 5, "@@status 400 no", &b);
    ok(p->ops->poll(p, b.id, NULL, &b, &err), "it is looked at");
    is_int(b.status, REMOTE_COMPLETED, "and done");
    is_str(b.word, "completed", "with the word for it");
    ok(b.total == 5 && b.completed == 4 && b.failed == 1, "four of five");
    ok(p->ops->poll(p, b.id, NULL, &again, &err), "it is looked at again");
    is_int(fake_number(&fake, "chats"), 5, "nothing is asked twice");
    ok(again.total == 5 && again.failed == 1, "the counts are kept");
    ok(p->ops->download(p, again.output_file, "spool/k1.output.jsonl", NULL,
                        &err),
       "answers come");
    ok(p->ops->download(p, again.error_file, "spool/k1.errors.jsonl", NULL,
                        &err) &&
           p->ops->download(p, again.error_file, "spool/k1.errors.jsonl", NULL,
                            &err),
       "errors too, and once more");
    answer_init(&answer);
    ok(file_lines_open(&lines, "spool/k1.output.jsonl", MIB, &err), "opens");
    while (file_lines_next(&lines, &line, &len, &too_long, &err) && line)
        n += p->ops->decode(p, doc, line, len, &answer, &err) &&
             answer.outcome == ANSWER_OK && !strcmp(answer.content.data, "{}");
    file_lines_close(&lines);
    is_int(n, 4, "four answers are read");
    ok(file_lines_open(&lines, "spool/k1.errors.jsonl", MIB, &err) &&
           file_lines_next(&lines, &line, &len, &too_long, &err) && line &&
           p->ops->decode(p, doc, line, len, &answer, &err),
       "one error is");
    is_str(answer.custom_id, "unified_4", "of the last request");
    ok(answer.outcome == ANSWER_FAILED && !answer.retryable && answer.our_fault,
       "final, and the request's own");
    file_lines_close(&lines);
    answer_release(&answer);
    json_doc_free(doc);
}

static void creating_again_changes_nothing(void)
{
    struct remote_batch b;
    struct error err;
    bool found;

    ok(p->ops->find(p, "k1", 0, 0, &found, &b, &err) && found, "it is found");
    is_str(b.id, "local-k1", "by its key");
    ok(p->ops->create(p, "k1.requests.jsonl", "k1", "m", &b, &err), "again");
    is_int(b.status, REMOTE_COMPLETED, "it is still done");
    ok(p->ops->find(p, "k0", 0, 0, &found, &b, &err) && !found,
       "another is not found");
    ok(!p->ops->poll(p, "local-k0", NULL, &b, &err), "nor looked at");
    is_int(err.kind, ERROR_RETRY, "it is held on to");
    is_str(err.code, "not_found", "and reported");
}

static void names_from_outside_are_no_paths(void)
{
    static const char *const names[] = { "../etc/passwd", "/etc/passwd",
                                         ".hidden", "a/b", "" };
    struct remote_batch b;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(names); i++) {
        ok(!p->ops->download(p, names[i], "spool/x", NULL, &err),
           "\"%s\" is not fetched", names[i]);
        ok(!p->ops->remove_file(p, names[i], &err), "\"%s\" not removed",
           names[i]);
        ok(!p->ops->poll(p, names[i], NULL, &b, &err), "\"%s\" not looked at",
           names[i]);
    }
}

static void only_one_process_runs_a_batch(void)
{
    struct remote_batch b;
    struct error err;
    long chats;
    int lock;

    make_batch("k2", 3, "", &b);
    chats = fake_number(&fake, "chats");
    ok(file_lock("spool/local-k2.lock", &lock, &err) && lock >= 0,
       "somebody is at it");
    ok(p->ops->poll(p, b.id, NULL, &b, &err), "another looks");
    is_int(b.status, REMOTE_RUNNING, "and is told that it runs");
    is_int(fake_number(&fake, "chats"), chats, "without asking");
    ok(p->ops->cancel(p, b.id, &b, &err), "it is cancelled meanwhile");
    is_int(b.status, REMOTE_CANCELLING, "which takes a moment");
    file_unlock(lock);
    ok(p->ops->poll(p, b.id, NULL, &b, &err), "the next look");
    is_int(b.status, REMOTE_CANCELLED, "finds it cancelled");
    is_int(fake_number(&fake, "chats"), chats, "without asking");
}

static bool cancel_midway(void *context, int64_t done, int64_t failed,
                          int64_t total)
{
    struct remote_batch b;
    struct error err;

    (void)context, (void)failed, (void)total;
    if (done >= 3 && !p->ops->cancel(p, "local-k3", &b, &err))
        ok(false, "%s", err.message);
    return true;
}

static void a_running_batch_can_be_cancelled(void)
{
    struct provider_watch watch = { .progress = cancel_midway };
    struct remote_batch b;
    struct error err;

    make_batch("k3", 60, "", &b);
    fake_script(&fake, "set latency=0.15");
    ok(p->ops->poll(p, b.id, &watch, &b, &err), "it ends");
    fake_script(&fake, "set latency=0");
    is_int(b.status, REMOTE_CANCELLED, "cancelled");
    ok(b.completed >= 3 && b.completed < 60, "%d are done", (int)b.completed);
    is_str(b.output_file, "local-k3.answers.jsonl", "and can be had");
    ok(p->ops->remove_file(p, b.output_file, &err), "they are removed");
    ok(!file_exists("spool/local-k3.json") &&
           !file_exists("spool/local-k3.lock") &&
           !file_exists("spool/local-k3.cancel"),
       "and with them all that is left of the batch");
}

static void stopping_goes_on_later(void)
{
    static volatile bool stop;
    struct provider_watch watch = { .stop = &stop };
    struct remote_batch b;
    struct error err;

    make_batch("k4", 3, "", &b);
    flag_set(&stop, true);
    ok(p->ops->poll(p, b.id, &watch, &b, &err), "stopped at once");
    is_int(b.status, REMOTE_RUNNING, "it still runs");
    stop = false;
    ok(p->ops->poll(p, b.id, &watch, &b, &err), "looked at again");
    is_int(b.status, REMOTE_COMPLETED, "it is done");
}

static void a_lost_request_file_fails_the_batch(void)
{
    struct remote_batch b;
    struct error err;

    make_batch("k5", 3, "", &b);
    unlink("spool/k5.requests.jsonl");
    ok(p->ops->poll(p, b.id, NULL, &b, &err), "looked at");
    is_int(b.status, REMOTE_FAILED, "it has failed");
    is_str(b.error_code, "input_gone", "with its reason");
}

static void a_file_from_elsewhere_is_copied(void)
{
    char file_id[REMOTE_ID];
    struct error err;

    write_requests("elsewhere.jsonl", 1, "");
    ok(p->ops->upload(p, "elsewhere.jsonl", "vitae-e.jsonl", file_id, NULL,
                      &err),
       "taken up");
    is_str(file_id, "vitae-e.jsonl", "under the name given");
    ok(file_size("spool/vitae-e.jsonl") == file_size("elsewhere.jsonl"),
       "whole");
}

static void doctor_asks_for_models_only(void)
{
    long chats = fake_number(&fake, "chats");
    struct strbuf report;
    struct error err;

    strbuf_init(&report, 10 * KIB);
    fake_script(&fake, "set model=m");
    ok(p->ops->check(p, &report, &err), "the endpoint is there: %s",
       report.data);
    is_int(fake_number(&fake, "chats"), chats, "nothing is spent");
    strbuf_release(&report);
}

int main(void)
{
    struct error err;

    folder_enter();
    signal(SIGPIPE, SIG_IGN);
    if (!file_make_folder("spool", &err))
        return 1;
    provider_register(&provider_local);
    fake_start(&fake, NULL);
    open_provider();
    a_batch_is_run_by_looking_at_it();
    creating_again_changes_nothing();
    names_from_outside_are_no_paths();
    only_one_process_runs_a_batch();
    a_running_batch_can_be_cancelled();
    stopping_goes_on_later();
    a_lost_request_file_fails_the_batch();
    a_file_from_elsewhere_is_copied();
    doctor_asks_for_models_only();
    provider_close(p);
    fake_stop(&fake);
    return tap_done();
}
