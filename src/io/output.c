#include "io/output.h"

#include <sys/stat.h>

static size_t without(const char *name, size_t len, const char *suffix)
{
    size_t n = strlen(suffix);

    return len > n && strncmp(name + len - n, suffix, n) == 0 ? len - n : len;
}

bool output_name(const char *in, const char *folder, const char *suffix,
                 char *out, struct error *err)
{
    const char *slash = strrchr(in, '/');
    const char *name = slash ? slash + 1 : in;
    const char *dot = strrchr(name, '.');
    size_t len = dot && dot != name ? (size_t)(dot - name) : strlen(name);
    size_t before = folder ? 0 : (size_t)(name - in);
    int n;

    len = without(name, len, "_batch");
    len = without(name, len, "_results");
    n = snprintf(out, OUTPUT_NAME, "%.*s%s%s%.*s%s", (int)before, in,
                 folder ? folder : "", folder && *folder ? "/" : "", (int)len,
                 name, suffix);
    return (n >= 0 && n < OUTPUT_NAME) ||
           error_exit(err, ERROR_SETUP, EXIT_USAGE,
                      "the output's name would be too long");
}

bool output_is_other(const char *path, const char *in, struct error *err)
{
    struct stat out, read;

    return stat(path, &out) != 0 || stat(in, &read) != 0 ||
           out.st_dev != read.st_dev || out.st_ino != read.st_ino ||
           error_exit(err, ERROR_REJECT, EXIT_USAGE,
                      "%s is what is read: name another file for the output",
                      path);
}

bool output_is_free(const char *path, bool replace, struct error *err)
{
    struct stat there;

    if (lstat(path, &there) != 0)
        return true;
    if (!S_ISREG(there.st_mode))
        return error_exit(err, ERROR_REJECT, EXIT_USAGE,
                          "%s is a link, a device or a folder, and not "
                          "replaced: name a file for the output",
                          path);
    return replace || error_exit(err, ERROR_REJECT, EXIT_USAGE,
                                 "%s exists: --force replaces it", path);
}
