/*
 * robots.h -- what a site's robots.txt lets us fetch (RFC 9309): pure.
 *
 * The group for our name, else the one for *; the longest rule that matches
 * the path decides, Allow where two are as long; * and a last $ are
 * understood.  No group, no rule, an odd line: allowed.  Linear but for *
 * (rules are cut at 1 KiB, so that a hostile file costs little).
 */
#ifndef PROVIDER_ROBOTS_H
#define PROVIDER_ROBOTS_H

#include "base/base.h"

/* agent in small letters; path with its query, from the slash on. */
bool robots_allow(const char *text, size_t len, const char *agent,
                  const char *path);

#endif
