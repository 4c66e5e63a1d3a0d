/*
 * folder.h -- a fresh folder for a test to work in.
 *
 * Made beside the test in the build folder, entered by chdir, removed with
 * all its content when the program ends normally.
 */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

/* The absolute path (static). */
const char *folder_enter(void);

#endif
