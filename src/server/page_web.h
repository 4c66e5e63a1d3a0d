/*
 * page_web.h -- the files of src/server/web, which stand in the program
 * (web/embed.awk): nothing is read from the disk, whatever a name says.
 */
#ifndef SERVER_PAGE_WEB_H
#define SERVER_PAGE_WEB_H

#include "server/http_server.h"

/* Replies with the file of that name; false = there is none. */
bool page_send(struct exchange *x, const char *name);

#endif
