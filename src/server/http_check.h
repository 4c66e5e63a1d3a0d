/*
 * http_check.h -- what a request's head must be like.  Pure.
 *
 * A server on loopback is reachable from every web page that its user
 * visits: the page can post to localhost, and a name of its own that
 * resolves to 127.0.0.1 lets it read the answers (DNS rebinding).  So there
 * a Host that is no name of this machine is refused, and everywhere an
 * Origin that isn't the server itself.
 */
#ifndef SERVER_HTTP_CHECK_H
#define SERVER_HTTP_CHECK_H

#include "base/base.h"

/* "127.0.0.1:4080", "[::1]:4080", "localhost": a name of this machine. */
bool host_is_local(const char *host);
/* Letters, digits, "-._:[]" and nothing else. */
bool host_is_sane(const char *host);
/* origin ("http://localhost:4080") is the page's that host names. */
bool origin_is_own(const char *origin, const char *host);

/* token is in a header's list: "keep-alive, Upgrade"; case doesn't count. */
bool list_has_token(const char *list, const char *token);
/* 16 bytes in base64: 22 digits and "==". */
bool websocket_key_is_sane(const char *key);

enum range {
    RANGE_NONE, /* absent or not understood: the whole */
    RANGE_PART,
    RANGE_OUTSIDE, /* 416 */
};
/* One "bytes=" range of something that is size bytes long. */
enum range range_read(const char *text, uint64_t size, uint64_t *from,
                      uint64_t *len);

/* path against "/v1/files/{id}/content"; the segment at {} is param (empty when
 * there is none), which holds size bytes; {id*}, at the end, is all that is
 * left, slashes too.  Longer ones don't match. */
bool path_matches(const char *pattern, const char *path, char *param,
                  size_t size);

#endif
