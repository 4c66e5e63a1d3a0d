/*
 * commands.h -- the list of commands.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/cli.h"

/* In the order of the help; NULL ends it. */
extern const struct cli_command *const cli_commands[];

extern const struct cli_command cli_analyze;
extern const struct cli_command cli_cancel;
extern const struct cli_command cli_adopt;
extern const struct cli_command cli_check_batch;
extern const struct cli_command cli_compare;
extern const struct cli_command cli_config;
extern const struct cli_command cli_convert;
extern const struct cli_command cli_jobs;
extern const struct cli_command cli_run;
extern const struct cli_command cli_dates;
extern const struct cli_command cli_continuous;
extern const struct cli_command cli_doctor;
extern const struct cli_command cli_explain;
extern const struct cli_command cli_export;
extern const struct cli_command cli_forget;
extern const struct cli_command cli_help;
extern const struct cli_command cli_init;
extern const struct cli_command cli_list;
extern const struct cli_command cli_load;
extern const struct cli_command cli_plan;
extern const struct cli_command cli_probe;
extern const struct cli_command cli_purge;
extern const struct cli_command cli_replay;
extern const struct cli_command cli_requeue;
extern const struct cli_command cli_results;
extern const struct cli_command cli_retry;
extern const struct cli_command cli_serve;
extern const struct cli_command cli_show;
extern const struct cli_command cli_sql;
extern const struct cli_command cli_status;
extern const struct cli_command cli_submit;
extern const struct cli_command cli_submit_contents;
extern const struct cli_command cli_try;
extern const struct cli_command cli_undo;
extern const struct cli_command cli_tokens;
extern const struct cli_command cli_version;
extern const struct cli_command cli_waves;

#endif
