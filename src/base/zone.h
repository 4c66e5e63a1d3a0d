/*
 * zone.h -- how far a place's clock is ahead of UTC.
 *
 * "UTC", "+05:30", "-08:00", or a name of the system's time zones, which is
 * read from its file (TZif) under /usr/share/zoneinfo: summer time as it is
 * at that moment.  Neither the environment nor the process's own zone is
 * touched.  An unknown name is ERROR_SETUP, EXIT_SETTINGS.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/error.h"

/* zone NULL or "": UTC. */
MUST_CHECK bool zone_offset(const char *zone, double time, double *seconds,
                            struct error *err);

#endif
