/*
 * watchdog.h -- ends a call of an ODBC driver that would wait for ever.
 *
 * A server that is stopped, or a network that swallows everything, leaves
 * psqlodbc waiting: its time limits are the server's own, and the kernel at
 * the other end still acknowledges (tcp_user_timeout does not see it).  So a
 * thread shuts the connection's socket down when a call takes longer than
 * the server could have let it; the driver then reports a connection lost.
 *
 * Which socket it is: the one that was not there before connecting.  Where
 * that is not plain (none, or several), nothing is shut down.
 */
#ifndef DB_WATCHDOG_H
#define DB_WATCHDOG_H

#include "base/error.h"

struct watchdog;

MUST_CHECK bool watchdog_new(struct watchdog **dog, struct error *err);
/* NULL is fine, here and below. */
void watchdog_free(struct watchdog *dog);

/* Before and after connecting. */
void watchdog_connecting(struct watchdog *dog);
void watchdog_connected(struct watchdog *dog);

/* A call begins that may take so long (0 = for ever), and has ended. */
void watchdog_watch(struct watchdog *dog, double seconds);
void watchdog_rest(struct watchdog *dog);

#endif
