#include "cli/commands.h"

const struct cli_command *const cli_commands[] = {
    &cli_submit,  &cli_check_batch, &cli_continuous, &cli_init,    &cli_load,
    &cli_doctor,  &cli_config,      &cli_status,     &cli_list,    &cli_show,
    &cli_explain, &cli_plan,        &cli_cancel,     &cli_retry,   &cli_requeue,
    &cli_replay,  &cli_undo,        &cli_help,       &cli_version, NULL,
};
