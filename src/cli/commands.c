#include "cli/commands.h"

const struct cli_command *const cli_commands[] = {
    /* Working */
    &cli_submit,
    &cli_check_batch,
    &cli_continuous,
    &cli_cancel,
    &cli_adopt,
#ifdef HAVE_SERVE
    &cli_serve,
    &cli_probe,
#endif
    /* Files */
    &cli_run,
    &cli_jobs,
    &cli_convert,
    &cli_analyze,
    &cli_export,
    /* Jobs at a server */
    &cli_submit_contents,
    &cli_results,
    /* Correcting */
    &cli_retry,
    &cli_requeue,
    &cli_replay,
    &cli_undo,
    &cli_forget,
    &cli_purge,
    /* Looking */
    &cli_status,
    &cli_list,
    &cli_waves,
    &cli_show,
    &cli_explain,
    &cli_plan,
    &cli_compare,
    &cli_try,
    &cli_tokens,
    &cli_dates,
    /* Setting up */
    &cli_init,
    &cli_load,
    &cli_doctor,
    &cli_sql,
    &cli_config,
    /* About vitae */
    &cli_help,
    &cli_version,
    NULL,
};
