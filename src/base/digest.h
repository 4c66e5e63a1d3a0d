/*
 * digest.h -- SHA-256, MD5 (nettle), marks of webhooks and identifiers.
 *
 * MD5 and SHA-1 only where a protocol asks for them: they say that bytes came
 * over whole, or were understood, never who sent them.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/error.h"

#define DIGEST_HEX 65 /* 64 digits and NUL */
#define UUID_TEXT 37

struct digest; /* a running SHA-256, or MD5 */

struct digest *digest_new(void); /* NULL: out of memory */
/* 32 digits. */
struct digest *digest_new_md5(void);
void digest_add(struct digest *d, const void *data, size_t len);
/* Writes the hex form and frees d. */
void digest_end(struct digest *d, char *hex);

void digest_of(const void *data, size_t len, char *hex);
MUST_CHECK bool digest_of_file(const char *path, char *hex, struct error *err);
/* Standard Webhooks' mark: base64 of the HMAC of data, whose key is secret,
 * or what follows "whsec_" out of base64 (false: it is none). */
#define DIGEST_BASE64 45
bool digest_webhook(const char *secret, const void *data, size_t len,
                    char *base64);
/* What a server answers to a WebSocket's key (RFC 6455, 4.2.2). */
#define DIGEST_ACCEPT 29
void digest_websocket(const char *key, char *accept);
/* Takes the same time wherever they differ. */
bool digest_equal(const void *a, const void *b, size_t len);

/* Random bytes from the kernel. */
MUST_CHECK bool random_bytes(void *out, size_t len, struct error *err);
/* 0 <= x < 1, for jitter; never fails (falls back to the clock). */
double random_unit(void);

/* UUIDv7 (RFC 9562) of Unix time now: sorts by time. */
MUST_CHECK bool uuid_make(double now, char *out, struct error *err);

#endif
