/*
 * notes.h -- what a careful operator would want to know of a site.
 *
 * Looks, changes nothing: triggers, replication, history and the like that a
 * write sets off; keys that are not unique, masked or encrypted columns, row
 * security, a compatibility level without OPENJSON, a standby.  What an
 * engine or its version doesn't know, or this login may not see, is passed
 * over.
 */
#ifndef DB_NOTES_H
#define DB_NOTES_H

#include "db/db.h"

/* spoils: vitae would not work rightly. */
typedef void db_note(void *context, bool spoils, const char *text);

/* {source} and {key} are set; table and key as the settings have them. */
MUST_CHECK bool db_notes(struct db *db, const char *table, const char *key,
                         db_note *note, void *context, struct error *err);

#endif
