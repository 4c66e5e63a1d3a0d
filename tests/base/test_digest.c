#include "base/digest.h"

#include <unistd.h>

#include "base/file.h"
#include "tests/folder.h"
#include "tests/tap.h"

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void sha256_is_the_standard_one(void)
{
    struct digest *d = digest_new();
    char hex[DIGEST_HEX];

    digest_of("", 0, hex);
    is_str(hex, EMPTY, "of nothing");
    digest_add(d, "a", 1);
    digest_add(d, "bc", 2);
    digest_end(d, hex);
    is_str(hex, ABC, "of abc in two parts");
}

static void md5_is_the_standard_one(void)
{
    struct digest *d = digest_new_md5();
    char hex[DIGEST_HEX];

    digest_add(d, "a", 1);
    digest_add(d, "bc", 2);
    digest_end(d, hex);
    is_str(hex, "900150983cd24fb0d6963f7d28e17f72", "RFC 1321: of abc");
}

static void webhooks_are_marked_by_the_standard(void)
{
    static const char text[] = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330."
                               "{\"test\": 2432232314}";
    char mark[DIGEST_BASE64];

    ok(digest_webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", text,
                      sizeof(text) - 1, mark),
       "a secret of the standard's form");
    is_str(mark, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
           "standardwebhooks.com's example");
    ok(!digest_webhook("whsec_!", "", 0, mark), "one that is no base64");
}

static void websockets_are_answered_by_the_standard(void)
{
    char accept[DIGEST_ACCEPT];

    digest_websocket("dGhlIHNhbXBsZSBub25jZQ==", accept);
    is_str(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "RFC 6455's example");
}

static void a_file_has_the_digest_of_its_bytes(void)
{
    const char *path = "a.file";
    char hex[DIGEST_HEX];
    struct error err;

    ok(file_write(path, "abc", 3, &err), "written");
    ok(digest_of_file(path, hex, &err), "read");
    is_str(hex, ABC, "the same digest");
    unlink(path);
    ok(!digest_of_file(path, hex, &err), "an absent file is refused");
    ok(strstr(err.message, path), "by name");
}

static void comparing_looks_at_every_byte(void)
{
    ok(digest_equal("abc", "abc", 3), "equal");
    ok(!digest_equal("abc", "abd", 3), "the last differs");
    ok(!digest_equal("abc", "xbc", 3), "the first differs");
    ok(digest_equal("a", "b", 0), "nothing equals nothing");
}

static void chance_stays_in_its_bounds(void)
{
    double sum = 0;
    bool inside = true;
    int i;

    for (i = 0; i < 10000; i++) {
        double x = random_unit();

        inside = inside && x >= 0 && x < 1;
        sum += x;
    }
    ok(inside, "0 <= x < 1");
    ok(sum > 4500 && sum < 5500, "and spread (mean %g)", sum / 10000);
}

static void identifiers_sort_by_time(void)
{
    char a[UUID_TEXT];
    char b[UUID_TEXT];
    char c[UUID_TEXT];
    struct error err;

    /* RFC 9562, A.6: 2022-02-22 19:22:22 UTC */
    ok(uuid_make(1645557742.0, a, &err), "made");
    ok(strncmp(a, "017f22e2-79b0-7", 15) == 0, "with its time: %s", a);
    ok(strchr("89ab", a[19]), "with its variant");
    is_int(strlen(a), 36, "36 characters");
    ok(uuid_make(1645557742.0004, b, &err), "0.4 ms later");
    ok(strcmp(a, b) < 0, "sorts later");
    ok(uuid_make(1645557743.0, c, &err), "a second later");
    ok(strcmp(b, c) < 0, "sorts later still");
    ok(uuid_make(1645557743.0, b, &err) && strcmp(b, c) != 0,
       "two of the same moment differ");
}

int main(void)
{
    folder_enter();
    sha256_is_the_standard_one();
    md5_is_the_standard_one();
    webhooks_are_marked_by_the_standard();
    websockets_are_answered_by_the_standard();
    a_file_has_the_digest_of_its_bytes();
    comparing_looks_at_every_byte();
    chance_stays_in_its_bounds();
    identifiers_sort_by_time();
    return tap_done();
}
