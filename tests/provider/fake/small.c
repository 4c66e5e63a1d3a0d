#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/provider/fake/fake.h"

void fake_die(const char *what)
{
    fprintf(stderr, "fake_provider: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double clock_of(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double fake_now(void)
{
    return clock_of(CLOCK_MONOTONIC);
}

double fake_time(void)
{
    return clock_of(CLOCK_REALTIME);
}

uint64_t fake_hash(const void *data, size_t len)
{
    const unsigned char *p = data;
    uint64_t h = 14695981039346656037u; /* FNV-1a */

    while (len--)
        h = (h ^ *p++) * 1099511628211u;
    return h ? h : 1;
}

int fake_temporary(void)
{
    const char *folder = getenv("TMPDIR");
    char path[512];
    int fd;

    snprintf(path, sizeof(path), "%s/fake_provider.XXXXXX",
             folder && *folder ? folder : "/tmp");
    fd = mkstemp(path);
    if (fd < 0)
        fake_die(path);
    unlink(path);
    return fd;
}

const char *fake_map(int fd, size_t *len)
{
    struct stat st;
    void *data;

    *len = 0;
    if (fstat(fd, &st))
        fake_die("fstat");
    if (!st.st_size)
        return "";
    data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED)
        fake_die("mmap");
    *len = (size_t)st.st_size;
    return data;
}

void fake_unmap(const char *data, size_t len)
{
    if (len)
        munmap((void *)(uintptr_t)data, len);
}

void fake_write(int fd, const void *data, size_t len)
{
    const char *p = data;
    ssize_t n;

    while (len) {
        n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            fake_die("write");
        p += n;
        len -= (size_t)n;
    }
}
