#include "server/state.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/folder.h"
#include "tests/tap.h"

static struct clock clock_;

static struct state *open_state(void)
{
    struct state *st;
    struct error err;

    error_clear(&err);
    ok(state_open(&st, "state", &clock_, &err), "it opens: %s", err.message);
    return st;
}

static struct served_file some_file(struct state *st, const char *owner)
{
    struct served_file f;
    char path[STATE_PATH];
    struct error err;

    memset(&f, 0, sizeof(f));
    ok(state_new_id(st, "file-", f.id, &err), "it gets an id");
    snprintf(f.owner, sizeof(f.owner), "%s", owner);
    snprintf(f.filename, sizeof(f.filename), "r\"\xc3\xa9.jsonl");
    snprintf(f.purpose, sizeof(f.purpose), "batch");
    f.bytes = 3;
    f.created_at = 1700000000.5;
    state_path(st, f.id, path);
    ok(file_write(path, "{}\n", 3, &err), "its bytes are there");
    return f;
}

static void ids_sort_by_time_even_in_one_moment(void)
{
    struct state *st = open_state();
    char a[STATE_ID], b[STATE_ID];
    struct error err;

    ok(state_new_id(st, "file-", a, &err) && state_new_id(st, "file-", b, &err),
       "two in one moment");
    ok(strcmp(a, b) < 0, "the later one is greater");
    clock_.fixed -= 3600;
    ok(state_new_id(st, "file-", a, &err), "one after the clock was set back");
    ok(strcmp(b, a) < 0, "is greater still");
    clock_.fixed += 3600;
    state_close(st);
}

static void what_was_recorded_is_there_again(void)
{
    struct state *st = open_state();
    struct served_file f = some_file(st, "me"), *found;
    struct served_batch *b = calloc(1, sizeof(*b)), *again;
    char id[STATE_ID];
    struct error err;

    ok(state_add_file(st, &f, &err), "a file is added");
    ok(state_new_id(st, "batch_", b->id, &err), "a batch too");
    snprintf(id, sizeof(id), "%s", b->id);
    snprintf(b->input, sizeof(b->input), "%s", f.id);
    snprintf(b->owner, sizeof(b->owner), "me");
    b->metadata = strdup("{\"a\":\"b\"}");
    b->status = SERVED_IN_PROGRESS;
    b->at[SERVED_IN_PROGRESS] = 1700000001.25;
    b->total = 7;
    b->priority = -3;
    b->paused = true;
    ok(state_add_batch(st, b, &err), "and recorded");
    ok(state_file_is_used(st, f.id), "the file is in use");
    state_close(st);

    st = open_state();
    found = state_file(st, "me", f.id);
    ok(found && found->bytes == 3 && found->created_at > 1700000000.4,
       "the file is there again");
    is_str(found ? found->filename : NULL, f.filename, "with its name");
    ok(!state_file(st, "you", f.id), "for its owner alone");
    again = state_batch(st, "me", id);
    ok(again && again->status == SERVED_IN_PROGRESS && again->total == 7 &&
           again->priority == -3 && again->paused &&
           again->at[SERVED_IN_PROGRESS] > 1700000001.2,
       "and the batch, as it was");
    is_str(again ? again->metadata : NULL, "{\"a\":\"b\"}",
           "with its metadata");
    ok(!state_batch(st, "", id), "for its owner alone");
    ok(state_remove_file(st, f.id, &err), "a file is removed");
    ok(!state_file(st, "me", f.id), "and gone");
    state_close(st);
}

static void what_did_not_end_is_removed(void)
{
    struct state *st = open_state();
    char path[STATE_PATH], temporary[STATE_PATH + 8];
    struct served_file f = some_file(st, "");
    struct error err;

    state_path(st, f.id, path);
    snprintf(temporary, sizeof(temporary), "%s.tmp", path);
    ok(file_write(temporary, "{", 1, &err), "half an upload is there");
    ok(file_exists(path), "and a whole one without its record");
    state_close(st);
    st = open_state();
    ok(!file_exists(path) && !file_exists(temporary), "both are removed");
    ok(!state_file(st, "", f.id), "nobody sees them");
    state_close(st);
}

static void one_server_has_the_folder(void)
{
    struct state *st = open_state(), *second;
    struct error err;

    /* flock is of the open file: a second opening is another holder. */
    ok(!state_open(&second, "state", &clock_, &err) && err.kind == ERROR_SETUP,
       "another is refused");
    state_close(second);
    state_close(st);
}

static void a_spoilt_record_keeps_nobody_down(void)
{
    struct state *st;
    struct error err;

    ok(file_write("state/batches/batch_1.json", "{\"id\":", 6, &err),
       "a record is spoilt");
    st = open_state();
    ok(!state_batch(st, NULL, "batch_1"), "its batch is not there");
    ok(file_exists("state/batches/batch_1.json"), "the record stays");
    state_close(st);
}

int main(void)
{
    folder_enter();
    clock_ = clock_fixed(1700000000);
    ids_sort_by_time_even_in_one_moment();
    what_was_recorded_is_there_again();
    what_did_not_end_is_removed();
    one_server_has_the_folder();
    a_spoilt_record_keeps_nobody_down();
    return tap_done();
}
