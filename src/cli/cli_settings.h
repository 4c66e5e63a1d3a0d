/*
 * cli_settings.h -- all settings of the program, and where they come from.
 *
 * The one table (settings_rows.c) fills the structs of the lower layers,
 * each of which is declared where it is used.  Sources, later ones win:
 * defaults; the file (--config, else $VITAE_CONFIG, else ./vitae.conf, else
 * the system's); systemd credentials and the environment; --set and the
 * options that stand for it.
 *
 * Secrets: VITAE_SECTION_KEY, $CREDENTIALS_DIRECTORY/section.key, and for
 * keys of providers api_key_file= or the variable people already have
 * (OPENAI_API_KEY ...).  In a named section that variable serves only when
 * the section has no base_url and no key of its own: a key for one host
 * is never sent to another by accident.
 */
#ifndef CLI_CLI_SETTINGS_H
#define CLI_CLI_SETTINGS_H

#include "base/settings.h"
#include "batch/batch.h"
#include "batch/worker.h"
#include "cli/parse.h"
#include "cli/status_check.h"
#include "db/db.h"
#include "provider/notify.h"
#include "provider/provider.h"

/* What a provider's section may leave to all. */
struct runner_defaults {
    int64_t concurrency;
    int64_t requests_per_minute;
    int64_t tokens_per_minute;
    int64_t requests_per_day;
    double timeout;
};

struct logging_settings {
    char *file;
    int level;  /* enum log_level */
    int format; /* 0 text, 1 JSON */
    int64_t max_size;
};

struct serve_settings {
    char *listen;
    char *upstream;
    char *upstream_key_file;
    int64_t context;
    int64_t batches;
    int64_t log_every;
    char *api_key_file;
    char *state;
    int64_t max_upload;
    int64_t max_requests;
    char *job_provider;
    char *job_profile;
    int64_t job_slots;
};

struct vitae_settings {
    struct monitor_settings monitor;
    struct db_settings database;
    struct source_settings source;
    struct provider_settings provider; /* the unnamed section */
    struct batch_settings batch;
    struct runner_defaults runner;
    struct extract_settings extract;
    struct logging_settings log;
    struct serve_settings serve;
    struct notify_settings notify;
};

extern const struct settings_schema vitae_schema;

/* Reads all sources into cli->settings, cli->values and cli->provider. */
MUST_CHECK bool vitae_load(struct cli *cli, const struct cli_call *call,
                           struct error *err);
void vitae_unload(struct cli *cli);

/* The section of that name, ready to open: "" or NULL = the unnamed one.
 * The name of a provider ("local") serves where no section has it.  NULL
 * with err when there is neither. */
struct provider_settings *vitae_provider(struct settings *settings,
                                         struct vitae_settings *values,
                                         const char *name, struct error *err);

/* What such a section is called in settings.h: "provider", "provider:NAME";
 * out holds VITAE_SECTION bytes. */
#define VITAE_SECTION 200
void vitae_section(const char *name, char *out);

/* The same for a worker (worker.h): context is the struct cli; NULL when
 * there is no such section any more. */
const struct provider_settings *cli_section(void *context, const char *section);

/* etc/vitae.conf. */
void vitae_example(struct strbuf *out);

#endif
