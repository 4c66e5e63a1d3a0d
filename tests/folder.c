#include "tests/folder.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[PATH_MAX];
static pid_t owner;

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *walk)
{
    (void)st;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void remove_folder(void)
{
    /* A forked child's exit is not the test's end. */
    if (getpid() != owner)
        return;
    if (chdir("/") == 0)
        nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *folder_enter(void)
{
    char name[] = "folder.XXXXXX";

    if (!mkdtemp(name) || !realpath(name, folder) || chdir(folder) != 0) {
        perror("folder_enter");
        exit(1);
    }
    owner = getpid();
    atexit(remove_folder);
    return folder;
}
