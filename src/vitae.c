/*
 * vitae.c -- main(): the command table.
 */
#include "base/base.h"

int main(void)
{
    puts("vitae " PACKAGE_VERSION);
    return 0;
}
