#include "runner/runner.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/jsonr.h"
#include "tests/folder.h"
#include "tests/provider/fake/client.h"
#include "tests/tap.h"

static struct fake fake;

/* -- files -- */

/* What each request is told to be answered with; %d is its number. */
static void add_request(struct strbuf *out, int number, const char *directive)
{
    strbuf_addf(out,
                "{\"custom_id\":\"r%d\",\"method\":\"POST\","
                "\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\","
                "\"user\":\"r%d\",\"messages\":[{\"role\":\"system\","
                "\"content\":\"Read.\"},{\"role\":\"user\",\"content\":\"",
                number, number);
    strbuf_addf(out, "%d\\n%s", number, directive);
    strbuf_adds(out, "\"}]}}\n");
}

static void write_text(const char *path, const struct strbuf *text)
{
    struct error err;

    if (!file_write(path, text->data, text->len, &err))
        ok(false, "%s", err.message);
}

static void make_input(int count)
{
    char directive[64];
    struct strbuf text;
    int i;

    strbuf_init(&text, 64 * MIB);
    for (i = 0; i < count; i++) {
        snprintf(directive, sizeof(directive), "@@answer {\\\"n\\\":%d}", i);
        add_request(&text, i, directive);
    }
    write_text("in.jsonl", &text);
    strbuf_release(&text);
}

static void start_over(void)
{
    unlink("out.jsonl");
    unlink("err.jsonl");
    fake_calm(&fake);
}

static void read_text(const char *path, struct strbuf *out)
{
    struct error err;

    strbuf_init(out, 64 * MIB);
    if (file_exists(path) && !file_read(path, out, &err))
        ok(false, "%s", err.message);
}

static int count_lines(const char *path)
{
    struct strbuf text;
    int n = 0;
    size_t i;

    read_text(path, &text);
    for (i = 0; i < text.len; i++)
        n += text.data[i] == '\n';
    strbuf_release(&text);
    return n;
}

/* How many lines each request has in the file; content holds its number. */
static void tally(const char *path, int *counts, int count)
{
    struct json_doc *doc = json_doc_new();
    const struct json_node *root;
    struct file_lines lines;
    struct strbuf id;
    struct error err;
    bool too_long;
    size_t len;
    char *line;
    int n;

    memset(counts, 0, (size_t)count * sizeof(*counts));
    if (!file_exists(path) || !file_lines_open(&lines, path, MIB, &err)) {
        json_doc_free(doc);
        return;
    }
    strbuf_init(&id, 100);
    while (file_lines_next(&lines, &line, &len, &too_long, &err) && line) {
        root = json_read(doc, line, len, &json_limits_default, &err);
        strbuf_clear(&id);
        if (!root || !json_string(json_member(root, "custom_id"), &id) ||
            sscanf(id.data, "r%d", &n) != 1 || n < 0 || n >= count)
            ok(lines.last_unended, "a line of %s can't be read", path);
        else
            counts[n]++;
    }
    strbuf_release(&id);
    file_lines_close(&lines);
    json_doc_free(doc);
}

/* -- running -- */

static struct runner_settings usual(void)
{
    struct runner_settings s = { .base_url = fake.base_url,
                                 .concurrency = 8,
                                 .timeout = 60,
                                 .patience = 1,
                                 .backoff = 0.01 };

    return s;
}

static bool run_with(const struct runner_settings *s,
                     struct runner_result *result, struct error *err)
{
    error_clear(err);
    return runner_run(s, "in.jsonl", "out.jsonl", "err.jsonl", NULL,
                      &clock_system, result, err);
}

static void finishes(struct runner_result *result, const char *what)
{
    struct runner_settings s = usual();
    struct error err;
    bool good = run_with(&s, result, &err);

    ok(good, "%s: %s", what, good ? "it ends well" : err.message);
    is_int(result->done, result->total, "%s: all is done", what);
}

static void each_has_one_line(const char *path, int from, int count)
{
    int counts[2000], i, wrong = 0;

    tally(path, counts, from + count);
    for (i = 0; i < from; i++)
        wrong += counts[i] != 0;
    for (; i < from + count; i++)
        wrong += counts[i] != 1;
    is_int(wrong, 0, "%s holds each of %d once", path, count);
}

static long asked(int number)
{
    char id[16];

    snprintf(id, sizeof(id), "r%d", number);
    return fake_accepted(&fake, id);
}

/* -- the plain way -- */

static void each_request_is_answered_once(void)
{
    struct runner_result result;
    long chats = fake_number(&fake, "chats");
    struct strbuf text;

    start_over();
    make_input(300);
    finishes(&result, "300 requests");
    is_int(result.total, 300, "all are seen");
    is_int(result.asked, 300, "each was asked once");
    is_int(fake_number(&fake, "chats") - chats, 300, "the endpoint agrees");
    each_has_one_line("out.jsonl", 0, 300);
    ok(!file_exists("err.jsonl"), "no errors file is made for nothing");
    read_text("out.jsonl", &text);
    ok(strstr(text.data, "{\"id\":\"batch_req_7\",\"custom_id\":\"r6\","
                         "\"response\":{\"status_code\":200,") != NULL,
       "lines have the form of OpenAI's batch output");
    strbuf_release(&text);
}

static void a_second_run_asks_nothing(void)
{
    struct runner_result result;

    finishes(&result, "once more");
    is_int(result.already, 300, "all had an answer");
    is_int(result.asked, 0, "nothing is asked");
    each_has_one_line("out.jsonl", 0, 300);
}

static void a_half_written_line_is_cut_off(void)
{
    struct runner_result result;
    struct strbuf text;
    char *last;

    read_text("out.jsonl", &text);
    text.data[text.len - 1] = '\0';
    last = strrchr(text.data, '\n');
    strbuf_cut(&text, (size_t)(last - text.data) + 100);
    write_text("out.jsonl", &text);
    strbuf_release(&text);
    finishes(&result, "half a line");
    is_int(result.already, 299, "the last answer is not counted");
    is_int(result.asked, 1, "and asked again");
    each_has_one_line("out.jsonl", 0, 300);
}

static void blocks_never_written_are_cut_off(void)
{
    struct runner_result result;
    struct strbuf text;
    char *at;

    read_text("out.jsonl", &text);
    at = text.data + text.len / 2;
    memset(at, 0, 300);
    write_text("out.jsonl", &text);
    strbuf_release(&text);
    finishes(&result, "a hole");
    ok(result.already > 100 && result.already < 200, "%d are left",
       (int)result.already);
    each_has_one_line("out.jsonl", 0, 300);
}

static void answers_to_other_requests_are_refused(void)
{
    struct runner_settings s = usual();
    struct runner_result result;
    struct error err;
    struct strbuf text;

    strbuf_init(&text, MIB);
    add_request(&text, 400, "");
    write_text("in.jsonl", &text);
    strbuf_release(&text);
    ok(!run_with(&s, &result, &err), "another input, the same answers");
    is_int(err.kind, ERROR_SETUP, "an operator must look");
    ok(strstr(err.message, "other requests"), "%s", err.message);
    is_int(result.asked, 0, "nothing is asked");
}

/* -- order -- */

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* custom_id and content of each answer, sorted. */
static void sorted_answers(struct strbuf *out)
{
    static char *lines[1000];
    struct strbuf text;
    size_t n = 0, i;
    char *line, *content, *at;

    read_text("out.jsonl", &text);
    for (at = text.data; *at && n < ARRAY_LEN(lines); at = line + 1) {
        line = strchr(at, '\n');
        *line = '\0';
        content = strstr(at, "\"content\":");
        at = strstr(at, "\"custom_id\":");
        memmove(at + 20, content, 60);
        at[80] = '\0';
        lines[n++] = at;
    }
    qsort(lines, n, sizeof(*lines), compare);
    strbuf_init(out, MIB);
    for (i = 0; i < n; i++)
        strbuf_addf(out, "%.20s\n", lines[i] + 20);
    strbuf_release(&text);
}

static void answers_do_not_depend_on_order(void)
{
    struct runner_result result;
    struct strbuf a, b, text;
    char directive[64];
    int i;

    start_over();
    make_input(200);
    finishes(&result, "in order");
    sorted_answers(&a);
    start_over();
    strbuf_init(&text, MIB);
    for (i = 0; i < 200; i++) {
        snprintf(directive, sizeof(directive), "@@answer {\\\"n\\\":%d}",
                 i * 77 % 200);
        add_request(&text, i * 77 % 200, directive);
    }
    write_text("in.jsonl", &text);
    finishes(&result, "shuffled");
    sorted_answers(&b);
    ok(a.len > 1000, "there are answers to compare");
    is_str(b.data, a.data, "the same answers");
    strbuf_release(&text);
    strbuf_release(&a);
    strbuf_release(&b);
}

/* -- faults of the endpoint -- */

static const struct {
    const char *why;
    const char *script;
    int answers, errors; /* lines */
    int more;            /* requests beyond one each, at least */
} faults[] = {
    { "a 500 passes", "chat@2 status=500", 20, 0, 1 },
    { "an HTML page passes", "chat@3 status=502 html", 20, 0, 1 },
    { "a 200 that is HTML passes", "chat@3 html", 20, 0, 1 },
    { "half an answer passes", "chat@4-5 cutbody=40", 20, 0, 2 },
    { "a break before the answer passes", "chat@1 drop", 20, 0, 1 },
    { "a lost answer passes", "chat@1 lose", 20, 0, 1 },
    { "a reset passes", "chat@1 reset", 20, 0, 1 },
    { "a full queue is waited for", "chat@2-4 status=503", 20, 0, 3 },
    { "a loading model is waited for",
      "chat@1 status=503 body=\"{\\\"error\\\":{\\\"message\\\":\\\"Loading "
      "model\\\"}}\"",
      20, 0, 1 },
    { "a 400 is final", "chat@5 status=400", 19, 1, 0 },
    { "what never passes is given up",
      "chat@1+ status=500 body=\"{\\\"error\\\":\\\"no\\\"}\"", 0, 20, 80 },
};

static void faults_are_outlived(void)
{
    struct runner_result result;
    size_t i;

    for (i = 0; i < ARRAY_LEN(faults); i++) {
        start_over();
        make_input(20);
        fake_script(&fake, faults[i].script);
        finishes(&result, faults[i].why);
        is_int(count_lines("out.jsonl"), faults[i].answers, "%s: answers",
               faults[i].why);
        is_int(count_lines("err.jsonl"), faults[i].errors, "%s: errors",
               faults[i].why);
        is_int(result.failed, faults[i].errors, "%s: failed", faults[i].why);
        ok(result.asked >= 20 + faults[i].more, "%s: %d were asked",
           faults[i].why, (int)result.asked);
    }
    start_over();
}

static void what_it_asks_for_is_waited(void)
{
    double begun = clock_system.monotonic(&clock_system);
    struct runner_result result;

    start_over();
    make_input(3);
    fake_script(&fake, "chat@1 status=429 header=\"Retry-After: 1\"");
    finishes(&result, "Retry-After: 1");
    ok(clock_system.monotonic(&clock_system) - begun >= 1, "a second passed");
}

static const struct {
    const char *why;
    const char *script;
    enum error_kind kind;
    const char *says;
} ends[] = {
    { "a wrong key", "chat@1+ status=401", ERROR_SETUP, "key" },
    { "no such model", "chat@1+ status=404", ERROR_SETUP, "model" },
    { "sent elsewhere", "chat@1+ status=302", ERROR_SETUP, "base_url" },
    { "connections that break", "chat@1+ drop", ERROR_RETRY, "breaks off" },
};

static void an_endpoint_that_is_not_right_ends_the_run(void)
{
    struct runner_settings s = usual();
    struct runner_result result;
    struct error err;
    size_t i;

    s.attempts = 1000;
    for (i = 0; i < ARRAY_LEN(ends); i++) {
        start_over();
        make_input(50);
        fake_script(&fake, ends[i].script);
        ok(!run_with(&s, &result, &err), "%s ends the run", ends[i].why);
        is_int(err.kind, ends[i].kind, "%s: kind", ends[i].why);
        ok(strstr(err.message, ends[i].says), "%s: %s", ends[i].why,
           err.message);
        is_int(count_lines("err.jsonl"), 0, "%s: no request's fault",
               ends[i].why);
    }
    start_over();
}

static void a_dead_endpoint_ends_the_run(void)
{
    struct runner_settings s = usual();
    struct runner_result result;
    struct error err;
    struct fake dead;

    fake_start(&dead, NULL);
    fake_stop(&dead);
    start_over();
    make_input(50);
    s.base_url = dead.base_url;
    ok(!run_with(&s, &result, &err), "nobody listens");
    is_int(err.kind, ERROR_RETRY, "to be tried again later");
    ok(strstr(err.message, "can't be reached"), "%s", err.message);
    is_int(count_lines("err.jsonl"), 0, "no request's fault");
}

static void another_endpoint_takes_over(void)
{
    struct runner_settings s = usual();
    struct runner_result result;
    struct error err;
    struct fake other;
    char urls[200];

    start_over();
    make_input(200);
    fake_start(&other, "--fault", "chat@5+ drop", NULL);
    snprintf(urls, sizeof(urls), "%s,%s", other.base_url, fake.base_url);
    s.base_url = urls;
    ok(run_with(&s, &result, &err), "one of two breaks: %s", err.message);
    each_has_one_line("out.jsonl", 0, 200);
    ok(fake_number(&other, "chats") >= 4, "both had work");
    fake_stop(&other);
}

static void too_many_at_once_are_fewer_soon(void)
{
    struct runner_settings s = usual();
    struct runner_result result;
    struct error err;
    struct fake small;

    start_over();
    make_input(600);
    fake_start(&small, "--set", "busy=8", "--set", "latency=0.005", NULL);
    s.concurrency = 64;
    s.base_url = small.base_url;
    ok(run_with(&s, &result, &err), "64 at once where 8 may: %s", err.message);
    each_has_one_line("out.jsonl", 0, 600);
    ok(result.asked < 900, "%d were asked for 600 answers", (int)result.asked);
    fake_stop(&small);
}

/* attempts = 1: any failure that counts would end a request. */
static void no_memory_beside_others_is_no_fault(void)
{
    struct runner_settings s = usual();
    struct runner_result result;
    struct error err;

    start_over();
    make_input(60);
    fake_script(&fake, "chat@9-13 status=500 body=\"{\\\"error\\\":"
                       "\\\"CUDA error: out of memory\\\"}\"");
    s.concurrency = 8;
    s.attempts = 1;
    ok(run_with(&s, &result, &err), "no memory for 8 at once: %s", err.message);
    each_has_one_line("out.jsonl", 0, 60);
    is_int(result.failed, 0, "none is given up");
    start_over();
    make_input(1);
    fake_script(&fake, "chat@1 status=500 body=\"{\\\"error\\\":"
                       "\\\"CUDA error: out of memory\\\"}\"");
    ok(run_with(&s, &result, &err), "no memory for one alone");
    is_int(result.failed, 1, "is its own fault");
}

static void a_text_too_long_is_told_with_its_numbers(void)
{
    struct runner_result result;
    struct strbuf text;

    start_over();
    make_input(3);
    fake_script(&fake,
                "chat@2 status=400 body=\"{\\\"error\\\":{\\\"code\\\":400,"
                "\\\"type\\\":\\\"exceed_context_size_error\\\",\\\"message\\\""
                ":\\\"long\\\",\\\"n_prompt_tokens\\\":9000,\\\"n_ctx\\\":8192"
                "}}\"");
    finishes(&result, "too long");
    read_text("err.jsonl", &text);
    ok(strstr(text.data, "\"status_code\":400") &&
           strstr(text.data, "context_length_exceeded") &&
           strstr(text.data, "9000 tokens long") &&
           strstr(text.data, "holds 8192"),
       "%s", text.data);
    strbuf_release(&text);
}

static void lines_that_can_not_be_asked_are_errors(void)
{
    struct runner_result result;
    struct strbuf text;

    start_over();
    strbuf_init(&text, MIB);
    add_request(&text, 0, "");
    strbuf_adds(&text, "{\"custom_id\":\"r1\",\"url\":\"/v1/nothing\"}\n"
                       "not JSON\n\n");
    add_request(&text, 2, "");
    add_request(&text, 0, "");
    add_request(&text, 3, "");
    strbuf_cut(&text, text.len - 1); /* no last newline */
    write_text("in.jsonl", &text);
    strbuf_release(&text);
    finishes(&result, "bad lines");
    is_int(result.total, 5, "five lines count");
    is_int(result.duplicates, 1, "one repeats an id");
    is_int(result.failed, 2, "two can't be asked");
    is_int(result.asked, 3, "three are");
    read_text("err.jsonl", &text);
    ok(strstr(text.data, "\"custom_id\":\"r1\"") &&
           strstr(text.data, "line 3 of the request file can't be asked"),
       "the line is named: %s", text.data);
    strbuf_release(&text);
    finishes(&result, "again");
    is_int(result.already, 5, "refused is done, too");
    is_int(count_lines("err.jsonl"), 2, "and written once");
}

/* -- stopping -- */

struct until {
    int64_t done;
    volatile bool stop;
    int64_t last;
    bool backwards;
};

static bool stop_after(void *context, int64_t done, int64_t failed,
                       int64_t total)
{
    struct until *u = context;

    u->backwards = u->backwards || done < u->last || done > total;
    u->last = done;
    (void)failed;
    return done < u->done;
}

static void a_stop_keeps_what_is_done(void)
{
    struct until until = { .done = 20 };
    struct provider_watch watch = { .progress = stop_after,
                                    .context = &until,
                                    .stop = &until.stop };
    struct runner_settings s = usual();
    struct runner_result result;
    struct error err;
    int64_t first;

    start_over();
    make_input(400);
    fake_script(&fake, "set latency=0.03");
    ok(runner_run(&s, "in.jsonl", "out.jsonl", "err.jsonl", &watch,
                  &clock_system, &result, &err),
       "a stop is no error");
    ok(result.stopped && result.done >= 20 && result.done < 400,
       "stopped at %d", (int)result.done);
    is_int(count_lines("out.jsonl"), result.done, "all of them are written");
    is_int(result.asked, result.done, "what was in the air has landed");
    ok(!until.backwards, "progress only grows");
    fake_script(&fake, "set latency=0");
    first = result.asked;
    finishes(&result, "the rest");
    is_int(first + result.asked, 400, "nothing is asked twice");
    flag_set(&until.stop, true);
    start_over();
    ok(runner_run(&s, "in.jsonl", "out.jsonl", "err.jsonl", &watch,
                  &clock_system, &result, &err) &&
           result.stopped && !result.asked,
       "a stop before the start asks nothing");
}

/* -- kill -9 -- */

static pid_t run_in_child(void)
{
    struct runner_settings s = usual();
    struct runner_result result;
    struct error err;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid)
        return pid;
    _exit(run_with(&s, &result, &err) ? 0 : 1);
}

static void killing_loses_and_repeats_next_to_nothing(void)
{
    enum { COUNT = 1000, CONCURRENCY = 8, UNSYNCED = 100 };
    static int before[COUNT], had[COUNT];
    static long were[COUNT];
    int status = 0, kills = 0, i, again = 0;
    unsigned us = 20000;
    int64_t sum = 0;
    pid_t pid;

    start_over();
    make_input(COUNT);
    fake_script(&fake, "set latency=0.001");
    for (i = 0; i < COUNT; i++)
        sum -= asked(i);
    memset(had, 0, sizeof(had));
    for (;;) {
        pid = run_in_child();
        us = us * 1103515245 % 60000 + 5000;
        if (kills < 15) {
            usleep(us);
            kill(pid, SIGKILL);
        }
        waitpid(pid, &status, 0);
        if (WIFEXITED(status))
            break;
        kills++;
        tally("out.jsonl", before, COUNT);
        for (i = 0; i < COUNT; i++) {
            if (before[i] && !had[i]) {
                had[i] = 1;
                were[i] = asked(i);
            }
            again += had[i] && asked(i) != were[i];
            again += before[i] > 1;
        }
    }
    is_int(WEXITSTATUS(status), 0, "after %d kills it ends well", kills);
    is_int(again, 0, "nothing finished is asked again");
    each_has_one_line("out.jsonl", 0, COUNT);
    for (i = 0; i < COUNT; i++)
        sum += asked(i);
    ok(sum <= COUNT + kills * (CONCURRENCY + UNSYNCED),
       "%d repeats in %d kills", (int)sum - COUNT, kills);
    fake_script(&fake, "set latency=0");
}

/* -- a full disk -- */

static void a_full_disk_stops_cleanly(void)
{
    struct rlimit limit = { 20000, 20000 };
    struct runner_settings s = usual();
    struct runner_result result;
    struct error err;
    int status;
    pid_t pid;

    start_over();
    make_input(200);
    fflush(stdout);
    pid = fork();
    if (!pid) {
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        _exit(!run_with(&s, &result, &err) && err.kind == ERROR_SETUP &&
                      !strcmp(err.code, "disk")
                  ? 0
                  : 1);
    }
    waitpid(pid, &status, 0);
    ok(WIFEXITED(status) && !WEXITSTATUS(status), "the disk is blamed");
    finishes(&result, "with room again");
    ok(result.already > 10, "%d answers were kept", (int)result.already);
    each_has_one_line("out.jsonl", 0, 200);
}

static void the_days_requests_are_remembered(void)
{
    struct runner_settings s = usual();
    struct until until = { .done = 6 };
    struct provider_watch watch = { .progress = stop_after,
                                    .context = &until,
                                    .stop = &until.stop };
    struct runner_result result;
    struct error err;

    start_over();
    make_input(20);
    s.requests_per_day = 6;
    s.day_file = "today";
    ok(runner_run(&s, "in.jsonl", "out.jsonl", "err.jsonl", &watch,
                  &clock_system, &result, &err),
       "six a day");
    is_int(result.asked, 6, "are asked");
    until.done = 0;
    ok(runner_run(&s, "in.jsonl", "out.jsonl", "err.jsonl", &watch,
                  &clock_system, &result, &err),
       "another run on that day");
    is_int(result.asked, 0, "asks none");
}

struct remark {
    char text[200];
    bool stop;
};

static void note_remark(void *context, const char *text)
{
    struct remark *r = context;

    snprintf(r->text, sizeof(r->text), "%s", text);
    flag_set(&r->stop, true);
}

static void why_it_waits_is_told(void)
{
    struct runner_settings s = usual();
    struct remark remark = { .stop = false };
    struct provider_watch watch = { .remark = note_remark,
                                    .context = &remark,
                                    .stop = &remark.stop };
    struct runner_result result;
    struct error err;

    start_over();
    make_input(20);
    s.requests_per_day = 6;
    ok(runner_run(&s, "in.jsonl", "out.jsonl", "err.jsonl", &watch,
                  &clock_system, &result, &err) &&
           result.stopped,
       "a run that waits for the next day");
    ok(strstr(remark.text, "waiting till ") == remark.text &&
           strstr(remark.text, "T00:00:0") &&
           strstr(remark.text, "requests_per_day"),
       "till when and why: %s", remark.text);
}

int main(void)
{
    folder_enter();
    signal(SIGPIPE, SIG_IGN);
    fake_start(&fake, NULL);
    each_request_is_answered_once();
    a_second_run_asks_nothing();
    a_half_written_line_is_cut_off();
    blocks_never_written_are_cut_off();
    answers_to_other_requests_are_refused();
    answers_do_not_depend_on_order();
    faults_are_outlived();
    what_it_asks_for_is_waited();
    an_endpoint_that_is_not_right_ends_the_run();
    a_dead_endpoint_ends_the_run();
    another_endpoint_takes_over();
    too_many_at_once_are_fewer_soon();
    no_memory_beside_others_is_no_fault();
    a_text_too_long_is_told_with_its_numbers();
    lines_that_can_not_be_asked_are_errors();
    a_stop_keeps_what_is_done();
    killing_loses_and_repeats_next_to_nothing();
    a_full_disk_stops_cleanly();
    the_days_requests_are_remembered();
    why_it_waits_is_told();
    fake_stop(&fake);
    return tap_done();
}
