#include "provider/keyed_id.h"

#include <ctype.h>

#include "base/digest.h"

#define KEY_DIGITS 32
#define TEXT_DIGITS 8
#define RECORD_AT (KEY_DIGITS + 1 + TEXT_DIGITS)

static bool is_plain(const char *s)
{
    size_t len = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                           "abcdefghijklmnopqrstuvwxyz0123456789-");

    return len && !s[len] && len < KEYED_RECORD - 1;
}

void keyed_record(const char *userid, char *out)
{
    char hex[DIGEST_HEX];

    if (is_plain(userid)) {
        snprintf(out, KEYED_RECORD, "-%.22s", userid);
        return;
    }
    digest_of(userid, strlen(userid), hex);
    snprintf(out, KEYED_RECORD, "_%.22s", hex);
}

void keyed_id_make(const char *batch_key, const char *text_hash,
                   const char *userid, char *out)
{
    char record[KEYED_RECORD];
    size_t n = 0;

    for (; *batch_key && n < KEY_DIGITS; batch_key++)
        if (*batch_key != '-')
            out[n++] = *batch_key;
    keyed_record(userid, record);
    snprintf(out + n, KEYED_ID - n, "-%.8s%s", text_hash, record);
}

static bool are_digits(const char *s, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (!isdigit((unsigned char)s[i]) && (s[i] < 'a' || s[i] > 'f'))
            return false;
    return true;
}

bool keyed_id_read(const char *id, size_t len, struct keyed_id *out)
{
    size_t record = len > RECORD_AT ? len - RECORD_AT : 0;

    if (record < 2 || record >= KEYED_RECORD || !are_digits(id, KEY_DIGITS) ||
        id[KEY_DIGITS] != '-' ||
        !are_digits(id + KEY_DIGITS + 1, TEXT_DIGITS) ||
        (id[RECORD_AT] != '-' && id[RECORD_AT] != '_'))
        return false;
    snprintf(out->key, sizeof(out->key), "%.8s-%.4s-%.4s-%.4s-%.12s", id,
             id + 8, id + 12, id + 16, id + 20);
    snprintf(out->text, sizeof(out->text), "%.8s", id + KEY_DIGITS + 1);
    snprintf(out->record, sizeof(out->record), "%.*s", (int)record,
             id + RECORD_AT);
    return true;
}
