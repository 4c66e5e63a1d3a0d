#include "batch/spool.h"

#include "base/file.h"

static const char *const suffixes[] = {
    [SPOOL_REQUESTS] = "requests.jsonl",
    [SPOOL_OUTPUT] = "output.jsonl",
    [SPOOL_ERRORS] = "errors.jsonl",
    [SPOOL_RECORDS] = "records.jsonl",
};

bool spool_path(const char *spool, const char *key, enum spool_file which,
                char *out, struct error *err)
{
    int len =
        snprintf(out, SPOOL_PATH, "%s/%s.%s", spool, key, suffixes[which]);

    if (len < 0 || len >= SPOOL_PATH)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the path of the spool folder is too long: set "
                          "batch.spool to a shorter one");
    return true;
}

void spool_upload_name(const char *key, char *out, size_t size)
{
    snprintf(out, size, "vitae-%s.jsonl", key);
}

bool spool_clear(const char *spool, const char *key, bool answers,
                 struct error *err)
{
    char path[SPOOL_PATH];

    if (!spool_path(spool, key, SPOOL_REQUESTS, path, err) ||
        !file_remove(path, err))
        return false;
    if (!answers)
        return true;
    return spool_path(spool, key, SPOOL_RECORDS, path, err) &&
           file_remove(path, err) &&
           spool_path(spool, key, SPOOL_OUTPUT, path, err) &&
           file_remove(path, err) &&
           spool_path(spool, key, SPOOL_ERRORS, path, err) &&
           file_remove(path, err);
}
