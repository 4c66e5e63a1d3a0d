/*
 * manual.h -- help, the manual page and completion, from the tables.
 */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include "base/strbuf.h"
#include "cli/cli.h"

/* "vitae help": every command in a line. */
void manual_overview(const struct cli_command *const *commands,
                     struct strbuf *out);
/* "vitae help CMD". */
void manual_command(const struct cli_command *command, struct strbuf *out);
/* The whole manual page, troff with man macros. */
void manual_page(const struct cli_command *const *commands,
                 const struct settings_schema *schema, struct strbuf *out);
/* For bash: complete -F. */
void manual_completion(const struct cli_command *const *commands,
                       struct strbuf *out);

#endif
