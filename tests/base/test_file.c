#include "base/file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/folder.h"
#include "tests/tap.h"

static struct error err;

static const char *content(const char *path)
{
    static struct strbuf text = { 0 };

    strbuf_release(&text);
    strbuf_init(&text, MIB);
    return file_read(path, &text, &err) ? text.data : NULL;
}

static void writing_is_whole_and_private(void)
{
    struct stat st;

    ok(file_write("a", "one", 3, &err), "written");
    is_str(content("a"), "one", "as given");
    ok(stat("a", &st) == 0 && (st.st_mode & 0777) == 0600, "mode 0600");
    ok(!file_exists("a.tmp"), "no temporary is left");
    ok(file_write("a", "two", 3, &err), "written again");
    is_str(content("a"), "two", "replaced");
    is_int(file_size("a"), 3, "its size");
    is_int(file_size("absent"), -1, "an absent file has none");
}

static void an_abandoned_file_leaves_the_old_one(void)
{
    struct file_writer w;

    ok(file_create(&w, "a", &err) && file_add(&w, "half", 4, &err), "begun");
    ok(file_exists("a.tmp"), "in a temporary");
    file_abandon(&w);
    is_str(content("a"), "two", "the old one stands");
    ok(!file_exists("a.tmp"), "the temporary is gone");
    file_abandon(&w);
    is_str(content("a"), "two", "abandoning twice is harmless");
}

static void planted_links_are_not_followed(void)
{
    struct file_writer w;

    ok(file_write("victim", "v", 1, &err), "a victim");
    ok(symlink("victim", "b.tmp") == 0, "a link under the temporary name");
    ok(file_write("b", "new", 3, &err), "is cleared away");
    is_str(content("victim"), "v", "the victim is untouched");
    ok(link("victim", "c.tmp") == 0, "a hard link likewise");
    ok(file_write("c", "new", 3, &err), "is cleared away");
    is_str(content("victim"), "v", "the victim is untouched");
    ok(symlink("victim", "log") == 0, "a link where one appends");
    ok(!file_append(&w, "log", -1, &err), "is refused");
    ok(strstr(err.message, "log"), "by name: %s", err.message);
}

static void a_replaced_temporary_is_not_renamed(void)
{
    struct file_writer w;

    ok(file_create(&w, "d", &err) && file_add(&w, "x", 1, &err), "begun");
    ok(unlink("d.tmp") == 0 && symlink("victim", "d.tmp") == 0, "replaced");
    ok(!file_commit(&w, &err), "refused");
    ok(!file_exists("d"), "nothing is there");
    ok(file_exists("d.tmp"), "the stranger's file stays");
    unlink("d.tmp");
}

static void appending_goes_on_where_told(void)
{
    struct file_writer w;

    ok(file_append(&w, "e", -1, &err), "a new file");
    ok(file_add(&w, "12345", 5, &err) && file_sync(&w, &err), "five bytes");
    is_str(content("e"), "12345", "there after the sync");
    ok(file_commit(&w, &err), "closed");
    ok(file_append(&w, "e", 3, &err), "opened and cut to three");
    is_int(w.written, 3, "it stands there");
    ok(file_add(&w, "xyz", 3, &err), "three more");
    is_int(w.written, 6, "six with them");
    ok(file_commit(&w, &err), "closed");
    is_str(content("e"), "123xyz", "in order");
    ok(!file_append(&w, "e", 99, &err), "beyond its end is refused");
    is_int(err.kind, ERROR_REJECT, "as wrong");
}

static void large_pieces_keep_their_order(void)
{
    size_t len = 3 * MIB;
    char *data = malloc(len);
    struct file_writer w;
    struct strbuf back;
    size_t i;

    for (i = 0; i < len; i++)
        data[i] = (char)(i * 7 + i / 256);
    ok(file_create(&w, "big", &err), "begun");
    ok(file_add(&w, data, 10, &err), "a small piece");
    ok(file_add(&w, data + 10, len - 20, &err), "a large one");
    ok(file_add(&w, data + len - 10, 10, &err), "a small one");
    ok(file_commit(&w, &err), "committed");
    strbuf_init(&back, len);
    ok(file_read("big", &back, &err), "read");
    ok(back.len == len && memcmp(back.data, data, len) == 0, "the same bytes");
    strbuf_release(&back);
    strbuf_init(&back, len - 1);
    ok(!file_read("big", &back, &err), "one byte over the ceiling is refused");
    is_int(err.kind, ERROR_REJECT, "as wrong");
    strbuf_release(&back);
    free(data);
}

/* RLIMIT_FSIZE makes write() fail with EFBIG: the nearest to a full disk
 * that a test may cause. */
static void a_full_disk_stops_the_writer(void)
{
    struct rlimit old;
    struct rlimit small;
    struct file_writer w;
    char block[8192] = { 0 };

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    small.rlim_cur = 4096;
    ok(file_create(&w, "full", &err), "begun");
    ok(file_add(&w, block, sizeof(block), &err), "buffered");
    setrlimit(RLIMIT_FSIZE, &small);
    ok(!file_sync(&w, &err), "the sync fails");
    is_str(err.code, "disk", "as the disk's fault");
    is_int(err.kind, ERROR_SETUP, "for an operator");
    setrlimit(RLIMIT_FSIZE, &old);
    ok(!file_add(&w, "x", 1, &err), "nothing more is taken");
    ok(!file_commit(&w, &err), "nor committed");
    ok(!file_exists("full") && !file_exists("full.tmp"), "nothing is left");
}

struct seen {
    int names, most;
    bool paths_are_whole;
};

static bool see(void *context, const char *path, const char *name,
                struct error *why)
{
    struct seen *s = context;
    char want[300];

    snprintf(want, sizeof(want), "visited/%.250s", name);
    s->paths_are_whole = s->paths_are_whole && !strcmp(path, want);
    return ++s->names < s->most ||
           error_set(why, ERROR_REJECT, "that is enough");
}

static void a_folder_is_gone_through(void)
{
    struct seen s = { .most = 10, .paths_are_whole = true };
    char path[300];

    ok(file_make_folder("visited/folder", &err) &&
           file_write("visited/a", "x", 1, &err) &&
           file_write("visited/.hidden", "x", 1, &err),
       "a folder with three things, one hidden");
    snprintf(path, sizeof(path), "visited/%0201d", 0);
    ok(file_write(path, "x", 1, &err), "and one of a name of 201 bytes");
    ok(file_each_name("visited", see, &s, &err), "is gone through");
    is_int(s.names, 2, "two are met");
    ok(s.paths_are_whole, "with their paths");
    s.names = 0;
    s.most = 1;
    ok(!file_each_name("visited", see, &s, &err), "until one is refused");
    is_int(s.names, 1, "which is the last");
    is_str(err.message, "that is enough", "and says why");
    ok(!file_each_name("absent", see, &s, &err) && err.kind == ERROR_SETUP &&
           strstr(err.message, "absent"),
       "a folder that isn't there is named");
}

static void folders_are_made_with_their_parents(void)
{
    struct stat st;

    ok(file_make_folder("f/g//h/", &err), "made");
    ok(stat("f/g/h", &st) == 0 && S_ISDIR(st.st_mode), "all of them");
    is_int(st.st_mode & 0777, 0700, "private");
    ok(file_make_folder("f/g", &err), "again is fine");
    ok(!file_make_folder("a/b", &err), "a file in the way is refused");
    ok(strstr(err.message, "a is in the way"), "by name: %s", err.message);
    ok(file_remove("absent", &err), "removing nothing is fine");
    ok(file_room(".") > 0, "there is room");
    ok(!file_write("none/x", "x", 1, &err), "no folder, no file");
    ok(strstr(err.message, "none/x"), "by name: %s", err.message);
}

static void a_lock_is_held_by_one(void)
{
    int a;
    int b;

    ok(file_lock("lock", &a, &err) && a >= 0, "taken");
    ok(file_lock("lock", &b, &err) && b == -1, "not by two");
    file_unlock(a);
    ok(file_lock("lock", &b, &err) && b >= 0, "free again");
    file_unlock(b);
}

int main(void)
{
    folder_enter();
    writing_is_whole_and_private();
    an_abandoned_file_leaves_the_old_one();
    planted_links_are_not_followed();
    a_replaced_temporary_is_not_renamed();
    appending_goes_on_where_told();
    large_pieces_keep_their_order();
    a_full_disk_stops_the_writer();
    a_folder_is_gone_through();
    folders_are_made_with_their_parents();
    a_lock_is_held_by_one();
    return tap_done();
}
