/*
 * status_check.h -- vitae status --check: is anything wrong?
 *
 * For monitoring (Nagios, Icinga, Zabbix): the first line sums up, with
 * numbers after a "|", then one line a finding, the gravest first.  The
 * program ends with 0 (all is well), 1 (warning) or 2 (critical); what keeps
 * it from looking has the usual codes, 3 and more.
 */
#ifndef CLI_STATUS_CHECK_H
#define CLI_STATUS_CHECK_H

#include "cli/cli.h"
#include "db/db.h"

/* When to speak up. */
struct monitor_settings {
    double overdue;         /* a look, a window, a command, seconds */
    double no_progress;     /* nothing moved although there is work */
    double backlog_age;     /* of the oldest record that waits; 0 = any */
    int64_t max_dead;       /* records given up */
    int64_t check_failures; /* looks at a batch in a row */
    double budget_percent;  /* of a day's or month's limit, a warning */
};

/* Prints and sets cli->exit. */
MUST_CHECK bool status_check(struct cli *cli, struct db *db, struct error *err);

#endif
