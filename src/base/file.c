#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define READ_STEP (64 * KIB)
#define WRITE_BUFFER (256 * KIB)
#define START_BYTES (8 * MIB)

/* The error numbers that mean "the disk", not "this file". */
static bool is_disk(int number)
{
    return number == ENOSPC || number == EDQUOT || number == EIO ||
           number == EFBIG || number == EROFS;
}

static bool is_passing(int number)
{
    return number == EMFILE || number == ENFILE || number == ENOMEM ||
           number == EAGAIN;
}

bool file_failure(const char *verb, const char *path, struct error *err)
{
    int number = errno;
    bool disk = is_disk(number);

    error_exit(
        err, is_passing(number) ? ERROR_RETRY : ERROR_SETUP, EXIT_SETTINGS,
        "cannot %s %.300s: %s%s", verb, path, strerror(number),
        number == ENOSPC || number == EDQUOT ? "; make room and start again"
                                             : "");
    if (disk)
        error_code(err, "disk");
    return false;
}

static int open_again(const char *path, int flags)
{
    int fd;

    do
        fd = open(path, flags | O_CLOEXEC, 0600);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static bool read_some(int fd, const char *path, struct strbuf *out, bool *more,
                      struct error *err)
{
    char block[READ_STEP];
    ssize_t got;

    do
        got = read(fd, block, sizeof(block));
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return file_failure("read", path, err);
    strbuf_add(out, block, (size_t)got);
    if (!strbuf_ok(out))
        return error_exit(err, ERROR_REJECT, EXIT_SETTINGS,
                          "%.300s is too large: more than %zu bytes", path,
                          out->ceiling);
    *more = got > 0;
    return true;
}

bool file_read(const char *path, struct strbuf *out, struct error *err)
{
    int fd = open_again(path, O_RDONLY);
    bool more = true;
    bool ok = true;

    if (fd < 0)
        return file_failure("read", path, err);
    while (ok && more)
        ok = read_some(fd, path, out, &more, err);
    close(fd);
    return ok;
}

bool file_write(const char *path, const void *data, size_t len,
                struct error *err)
{
    struct file_writer w = FILE_WRITER_CLOSED;

    if (file_create(&w, path, err) && file_add(&w, data, len, err))
        return file_commit(&w, err);
    file_abandon(&w);
    return false;
}

static bool make_one(const char *path, struct error *err)
{
    struct stat st;

    if (mkdir(path, 0700) == 0)
        return true;
    if (errno != EEXIST)
        return file_failure("make the folder", path, err);
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "%.300s is in the way: it is not a folder", path);
    return true;
}

bool file_make_folder(const char *path, struct error *err)
{
    char *copy = strdup(path);
    bool ok = true;
    char *at;

    if (!copy)
        return error_memory(err);
    for (at = copy + (*copy == '/'); ok && *at; at++) {
        if (*at != '/' || at[-1] == '/')
            continue;
        *at = '\0';
        ok = make_one(copy, err);
        *at = '/';
    }
    if (ok)
        ok = make_one(path, err);
    free(copy);
    return ok;
}

bool file_each_name(const char *folder, file_visit *visit, void *context,
                    struct error *err)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    char path[PATH_MAX];
    bool ok = true;
    int len;

    if (!dir)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "cannot read the folder %.300s: %s", folder,
                          strerror(errno));
    while (ok && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.' || strlen(entry->d_name) > 200)
            continue;
        len = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (len > 0 && (size_t)len < sizeof(path))
            ok = visit(context, path, entry->d_name, err);
    }
    closedir(dir);
    return ok;
}

bool file_remove(const char *path, struct error *err)
{
    if (unlink(path) == 0 || errno == ENOENT)
        return true;
    return file_failure("remove", path, err);
}

bool file_exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

off_t file_size(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? st.st_size : -1;
}

bool file_sync_folder(const char *folder, struct error *err)
{
    int fd = open_again(folder, O_RDONLY | O_DIRECTORY);
    bool ok = true;

    if (fd < 0)
        return file_failure("open the folder", folder, err);
    /* EINVAL: a file system whose folders need no sync, or know none. */
    if (fsync(fd) != 0 && errno != EINVAL)
        ok = file_failure("sync the folder", folder, err);
    close(fd);
    return ok;
}

static bool sync_folder_of(const char *path, struct error *err)
{
    const char *slash = strrchr(path, '/');
    char *folder;
    bool ok;

    if (!slash)
        return file_sync_folder(".", err);
    folder = strndup(path, slash == path ? 1 : (size_t)(slash - path));
    if (!folder)
        return error_memory(err);
    ok = file_sync_folder(folder, err);
    free(folder);
    return ok;
}

uint64_t file_room(const char *folder)
{
    struct statvfs st;

    if (statvfs(folder, &st) != 0)
        return UINT64_MAX;
    return (uint64_t)st.f_bavail * st.f_frsize;
}

/* ------------------------------------------------------------ writing */

static void release(struct file_writer *w)
{
    if (w->fd >= 0)
        close(w->fd);
    free(w->path);
    free(w->temporary);
    free(w->buffer);
    memset(w, 0, sizeof(*w));
    w->fd = -1;
}

static bool prepare(struct file_writer *w, const char *path, struct error *err)
{
    memset(w, 0, sizeof(*w));
    w->fd = -1;
    w->path = strdup(path);
    w->buffer = malloc(WRITE_BUFFER);
    if (w->path && w->buffer)
        return true;
    release(w);
    return error_memory(err);
}

bool file_create(struct file_writer *w, const char *path, struct error *err)
{
    size_t len = strlen(path) + sizeof(".tmp");

    if (!prepare(w, path, err))
        return false;
    w->temporary = malloc(len);
    if (!w->temporary) {
        release(w);
        return error_memory(err);
    }
    snprintf(w->temporary, len, "%s.tmp", path);
    /* A left-over goes first: O_EXCL then follows no planted link, hard
     * ones included. */
    if (unlink(w->temporary) == 0 || errno == ENOENT)
        w->fd =
            open_again(w->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (w->fd >= 0)
        return true;
    file_failure("write", w->temporary, err);
    release(w);
    return false;
}

/* A new name must survive a power cut too. */
static bool open_for_appending(struct file_writer *w, struct error *err)
{
    w->fd = open_again(w->path, O_WRONLY | O_NOFOLLOW);
    if (w->fd >= 0)
        return true;
    if (errno != ENOENT)
        return file_failure("write", w->path, err);
    w->fd = open_again(w->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (w->fd < 0)
        return file_failure("write", w->path, err);
    return sync_folder_of(w->path, err);
}

static bool go_to_end(struct file_writer *w, off_t at, struct error *err)
{
    off_t end = lseek(w->fd, 0, SEEK_END);

    if (end < 0)
        return file_failure("write", w->path, err);
    if (at > end)
        return error_set(err, ERROR_REJECT,
                         "%.300s is shorter than it was: %lld bytes, "
                         "not %lld",
                         w->path, (long long)end, (long long)at);
    if (at >= 0) {
        if (ftruncate(w->fd, at) != 0 || lseek(w->fd, at, SEEK_SET) < 0)
            return file_failure("cut", w->path, err);
        end = at;
    }
    w->written = w->started = (uint64_t)end;
    return true;
}

bool file_append(struct file_writer *w, const char *path, off_t at,
                 struct error *err)
{
    if (!prepare(w, path, err))
        return false;
    if (open_for_appending(w, err) && go_to_end(w, at, err))
        return true;
    release(w);
    return false;
}

static bool write_all(struct file_writer *w, const char *data, size_t len,
                      struct error *err)
{
    while (len > 0) {
        ssize_t done = write(w->fd, data, len);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            if (done == 0)
                errno = ENOSPC;
            w->failed = true;
            return file_failure("write", w->path, err);
        }
        data += done;
        len -= (size_t)done;
    }
    return true;
}

static bool usable(const struct file_writer *w, struct error *err)
{
    if (w->fd >= 0 && !w->failed)
        return true;
    error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
               "%.300s: an earlier write failed", w->path ? w->path : "file");
    error_code(err, "disk");
    return false;
}

/* A large file goes to the disk while it is written, so that little is left
 * for the sync at its end to wait for.  A hint. */
static void start_writing(struct file_writer *w)
{
#ifdef SYNC_FILE_RANGE_WRITE
    if (w->written - w->started < START_BYTES)
        return;
    (void)sync_file_range(w->fd, (off_t)w->started,
                          (off_t)(w->written - w->started),
                          SYNC_FILE_RANGE_WRITE);
    w->started = w->written;
#else
    (void)w;
#endif
}

static bool flush(struct file_writer *w, struct error *err)
{
    size_t used = w->used;

    if (!usable(w, err))
        return false;
    w->used = 0;
    if (!write_all(w, w->buffer, used, err))
        return false;
    start_writing(w);
    return true;
}

bool file_add(struct file_writer *w, const void *data, size_t len,
              struct error *err)
{
    if (!usable(w, err))
        return false;
    if (len > WRITE_BUFFER - w->used && !flush(w, err))
        return false;
    w->written += len;
    if (len >= WRITE_BUFFER)
        return write_all(w, data, len, err);
    if (len)
        memcpy(w->buffer + w->used, data, len);
    w->used += len;
    return true;
}

bool file_flush(struct file_writer *w, struct error *err)
{
    return flush(w, err);
}

bool file_sync(struct file_writer *w, struct error *err)
{
    if (!flush(w, err))
        return false;
    if (fdatasync(w->fd) == 0)
        return true;
    w->failed = true;
    return file_failure("sync", w->path, err);
}

/* What is renamed must be what was written: another program may have put
 * its own file under the temporary name. */
static bool still_ours(const struct file_writer *w)
{
    struct stat ours;
    struct stat there;

    return fstat(w->fd, &ours) == 0 && lstat(w->temporary, &there) == 0 &&
           ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

static bool put_in_place(struct file_writer *w, struct error *err)
{
    if (!w->temporary)
        return true;
    if (!still_ours(w))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "%.300s was replaced while it was written; "
                          "is another vitae at work there?",
                          w->temporary);
    if (rename(w->temporary, w->path) != 0)
        return file_failure("write", w->path, err);
    free(w->temporary);
    w->temporary = NULL;
    return sync_folder_of(w->path, err);
}

static bool flush_and_fsync(struct file_writer *w, struct error *err)
{
    if (!flush(w, err))
        return false;
    if (fsync(w->fd) == 0)
        return true;
    w->failed = true;
    return file_failure("sync", w->path, err);
}

bool file_commit(struct file_writer *w, struct error *err)
{
    bool ok = flush_and_fsync(w, err) && put_in_place(w, err);

    file_abandon(w);
    return ok;
}

void file_abandon(struct file_writer *w)
{
    if (w->fd < 0)
        return;
    if (w->temporary && still_ours(w))
        unlink(w->temporary);
    release(w);
}

/* ------------------------------------------------------------- locking */

bool file_lock(const char *path, int *fd, struct error *err)
{
    int rc;

    *fd = open_again(path, O_RDWR | O_CREAT | O_NOFOLLOW);
    if (*fd < 0)
        return file_failure("lock", path, err);
    do
        rc = flock(*fd, LOCK_EX | LOCK_NB);
    while (rc != 0 && errno == EINTR);
    if (rc == 0)
        return true;
    rc = errno;
    close(*fd);
    *fd = -1;
    errno = rc;
    return rc == EWOULDBLOCK ? true : file_failure("lock", path, err);
}

void file_unlock(int fd)
{
    if (fd >= 0)
        close(fd);
}
