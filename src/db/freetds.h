/*
 * freetds.h -- what only FreeTDS needs.
 *
 * Its ODBC driver (1.3.17) checks no certificate unless a freetds.conf says
 * so, and reads one only for Servername=, never for Server=.  So the server
 * that a connection string names is written into a freetds.conf of our own,
 * in memory, and FREETDSCONF points there.  It holds no secrets.
 */
#ifndef DB_FREETDS_H
#define DB_FREETDS_H

#include "db/db.h"

/* Turns Server= into Servername= with the certificate checked.  *fd is the
 * file (-1 = none was needed or possible: a DSN or a Servername of the
 * operator's own); it must stay open as long as there may be connecting. */
MUST_CHECK bool freetds_check_certificate(const struct db_settings *settings,
                                          struct strbuf *string, int *fd,
                                          struct error *err);
/* Before each connecting. */
MUST_CHECK bool freetds_use(int fd, struct error *err);

#endif
