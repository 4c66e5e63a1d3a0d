/*
 * show_request.h -- what would leave this machine for one record.
 *
 * Nothing is claimed, sent or written; an unknown record is EXIT_USAGE.
 */
#ifndef CLI_SHOW_REQUEST_H
#define CLI_SHOW_REQUEST_H

#include "cli/cli.h"

/* Prints the request line of the record, made as a batch makes it. */
MUST_CHECK bool show_request(struct cli *cli, const char *userid,
                             struct error *err);

#endif
