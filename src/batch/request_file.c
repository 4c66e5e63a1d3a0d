#include "batch/request_file.h"

#include "base/digest.h"
#include "base/task.h"

void request_file_init(struct request_file *f)
{
    memset(f, 0, sizeof(*f));
    f->file.fd = -1;
    f->ok = true;
    strbuf_init(&f->filling, REQUEST_FILE_BLOCK + REQUEST_FILE_LINE);
    strbuf_init(&f->writing, REQUEST_FILE_BLOCK + REQUEST_FILE_LINE);
}

/* In the thread. */
static void write_block(void *context, void *job)
{
    struct request_file *f = context;
    const struct strbuf *block = job;

    f->ok = file_add(&f->file, block->data, block->len, &f->err);
    digest_add(f->digest, block->data, block->len);
}

bool request_file_create(struct request_file *f, const char *path,
                         struct error *err)
{
    f->digest = digest_new();
    if (!f->digest)
        return error_memory(err);
    return task_new(&f->task, write_block, f, err) &&
           file_create(&f->file, path, err);
}

/* The thread's last block is written. */
static bool wait_for_thread(struct request_file *f, struct error *err)
{
    (void)task_take(f->task);
    if (!f->ok)
        *err = f->err;
    return f->ok;
}

/* What was filled is written, while the other buffer is filled. */
static bool hand_over(struct request_file *f, struct error *err)
{
    struct strbuf written;

    if (!wait_for_thread(f, err))
        return false;
    written = f->writing;
    f->writing = f->filling;
    f->filling = written;
    strbuf_clear(&f->filling);
    task_start(f->task, &f->writing);
    return true;
}

bool request_file_add(struct request_file *f, const char *line, size_t len,
                      struct error *err)
{
    strbuf_add(&f->filling, line, len);
    if (!strbuf_ok(&f->filling))
        return error_memory(err);
    return f->filling.len < REQUEST_FILE_BLOCK || hand_over(f, err);
}

bool request_file_commit(struct request_file *f, char *hex, struct error *err)
{
    if (!hand_over(f, err) || !wait_for_thread(f, err))
        return false;
    digest_end(f->digest, hex);
    f->digest = NULL;
    return file_commit(&f->file, err);
}

void request_file_release(struct request_file *f)
{
    char hex[DIGEST_HEX];

    task_free(f->task);
    f->task = NULL;
    if (f->digest)
        digest_end(f->digest, hex);
    f->digest = NULL;
    file_abandon(&f->file);
    strbuf_release(&f->filling);
    strbuf_release(&f->writing);
}
