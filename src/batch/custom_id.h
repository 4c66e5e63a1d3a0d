/*
 * custom_id.h -- the name of a record's request, injective and safe.
 *
 * prefix and key where the key is plain ([A-Za-z0-9-]), else prefix, "_" and
 * 32 digits of the key's SHA-256: at most 64 of [A-Za-z0-9_-], which every
 * provider takes (anthropic-sdk-python#984: longer ones are refused;
 * sglang#1415: servers hang on repeated ones).
 */
#ifndef BATCH_CUSTOM_ID_H
#define BATCH_CUSTOM_ID_H

#define CUSTOM_ID 65
/* One that the user's own file gave (record.h). */
#define CUSTOM_ID_GIVEN 129

/* out holds CUSTOM_ID bytes. */
void custom_id_make(const char *prefix, const char *key, char *out);

#endif
