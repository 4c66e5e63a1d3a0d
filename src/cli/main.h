/*
 * main.h -- everything that main() does: signals, the command line, the
 * settings and the log that the command needs, its run, its exit code.
 *
 * SIGINT, SIGTERM and SIGHUP set cli_stop; a second one ends the program at
 * once.  An error is printed here, once.  What standard output could not
 * take is a failure.
 */
#ifndef CLI_MAIN_H
#define CLI_MAIN_H

/* The exit code: enum exit_code (base/error.h). */
int cli_main(int argc, char **argv);

#endif
