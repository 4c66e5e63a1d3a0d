/*
 * upstream_main.c -- upstream.c as a program: upstream SECONDS [BYTES].
 * Prints its base URL and runs until it is killed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "tests/bench/upstream.h"

int main(int argc, char **argv)
{
    struct upstream u;

    if (argc < 2)
        return 2;
    upstream_start(&u, strtod(argv[1], NULL),
                   argc > 2 ? strtoul(argv[2], NULL, 10) : 200);
    printf("%s\n", u.base_url);
    fflush(stdout);
    waitpid(u.pid, NULL, 0);
    return 0;
}
