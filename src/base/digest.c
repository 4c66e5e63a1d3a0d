#include "base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/memops.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/file.h"

struct digest {
    bool is_md5;
    union {
        struct sha256_ctx sha;
        struct md5_ctx md5;
    } of;
};

static void hex_of(const uint8_t *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    size_t i;

    for (i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

static void finish(struct sha256_ctx *sha, char *hex)
{
    uint8_t bytes[SHA256_DIGEST_SIZE];

    sha256_digest(sha, sizeof(bytes), bytes);
    hex_of(bytes, sizeof(bytes), hex);
}

struct digest *digest_new(void)
{
    struct digest *d = calloc(1, sizeof(*d));

    if (d)
        sha256_init(&d->of.sha);
    return d;
}

struct digest *digest_new_md5(void)
{
    struct digest *d = calloc(1, sizeof(*d));

    if (d) {
        d->is_md5 = true;
        md5_init(&d->of.md5);
    }
    return d;
}

void digest_add(struct digest *d, const void *data, size_t len)
{
    if (d->is_md5)
        md5_update(&d->of.md5, len, data);
    else
        sha256_update(&d->of.sha, len, data);
}

void digest_end(struct digest *d, char *hex)
{
    uint8_t bytes[MD5_DIGEST_SIZE];

    if (d->is_md5) {
        md5_digest(&d->of.md5, sizeof(bytes), bytes);
        hex_of(bytes, sizeof(bytes), hex);
    } else {
        finish(&d->of.sha, hex);
    }
    free(d);
}

void digest_of(const void *data, size_t len, char *hex)
{
    struct sha256_ctx sha;

    sha256_init(&sha);
    sha256_update(&sha, len, data);
    finish(&sha, hex);
}

bool digest_of_file(const char *path, char *hex, struct error *err)
{
    uint8_t block[32768];
    struct sha256_ctx sha;
    ssize_t got;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return file_failure("read", path, err);
    sha256_init(&sha);
    while ((got = read(fd, block, sizeof(block))) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            file_failure("read", path, err);
            close(fd);
            return false;
        }
        sha256_update(&sha, (size_t)got, block);
    }
    close(fd);
    finish(&sha, hex);
    return true;
}

bool digest_webhook(const char *secret, const void *data, size_t len,
                    char *base64)
{
    static const char prefix[] = "whsec_";
    uint8_t key[512], bytes[SHA256_DIGEST_SIZE];
    size_t key_len = strlen(secret);
    struct base64_decode_ctx decode;
    struct hmac_sha256_ctx hmac;

    if (key_len > sizeof(key))
        return false;
    if (!strncmp(secret, prefix, sizeof(prefix) - 1)) {
        secret += sizeof(prefix) - 1;
        base64_decode_init(&decode);
        if (!base64_decode_update(&decode, &key_len, key, strlen(secret),
                                  secret) ||
            !base64_decode_final(&decode) || !key_len)
            return false;
    } else {
        memcpy(key, secret, key_len);
    }
    hmac_sha256_set_key(&hmac, key_len, key);
    explicit_bzero(key, sizeof(key));
    hmac_sha256_update(&hmac, len, data);
    hmac_sha256_digest(&hmac, sizeof(bytes), bytes);
    base64_encode_raw(base64, sizeof(bytes), bytes);
    base64[DIGEST_BASE64 - 1] = '\0';
    return true;
}

void digest_websocket(const char *key, char *accept)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    uint8_t bytes[SHA1_DIGEST_SIZE];
    struct sha1_ctx sha;

    sha1_init(&sha);
    sha1_update(&sha, strlen(key), (const uint8_t *)key);
    sha1_update(&sha, sizeof(guid) - 1, (const uint8_t *)guid);
    sha1_digest(&sha, sizeof(bytes), bytes);
    base64_encode_raw(accept, sizeof(bytes), bytes);
    accept[DIGEST_ACCEPT - 1] = '\0';
}

bool digest_equal(const void *a, const void *b, size_t len)
{
    return memeql_sec(a, b, len);
}

bool random_bytes(void *out, size_t len, struct error *err)
{
    uint8_t *at = out;

    while (len > 0) {
        ssize_t got = getrandom(at, len, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return error_set(err, ERROR_SETUP, "no random numbers: %s",
                             strerror(errno));
        at += got;
        len -= (size_t)got;
    }
    return true;
}

/* Spreads the bits of a clock reading (splitmix64). */
static uint64_t clock_noise(void)
{
    struct timespec ts;
    uint64_t x;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    x = (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

double random_unit(void)
{
    struct error err;
    uint64_t x;

    if (!random_bytes(&x, sizeof(x), &err))
        x = clock_noise();
    return ldexp((double)(x >> 11), -53);
}

/* The 16 bytes: 48 bits of milliseconds, version, 12 bits of the fraction
 * of a millisecond (RFC 9562 6.2, method 3), variant, 62 random bits. */
static void uuid_fill(double now, uint8_t *b)
{
    double ms = floor(now * 1000);
    uint64_t whole = ms > 0 ? (uint64_t)ms : 0;
    double rest = now * 1000 - ms;
    unsigned fraction = rest < 1 ? (unsigned)(rest * 4096) : 0xfff;
    int i;

    for (i = 0; i < 6; i++)
        b[i] = (uint8_t)(whole >> (8 * (5 - i)));
    b[6] = (uint8_t)(0x70 | fraction >> 8);
    b[7] = (uint8_t)fraction;
    b[8] = (uint8_t)(0x80 | (b[8] & 0x3f));
}

bool uuid_make(double now, char *out, struct error *err)
{
    uint8_t b[16];
    char hex[33];

    if (!random_bytes(b, sizeof(b), err))
        return false;
    uuid_fill(now, b);
    hex_of(b, sizeof(b), hex);
    snprintf(out, UUID_TEXT, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8,
             hex + 12, hex + 16, hex + 20);
    return true;
}
