#include "base/error.h"
#include "tests/tap.h"

static void failing_is_one_statement(void)
{
    struct error err;

    ok(!error_set(&err, ERROR_RETRY, "no %s", "luck"), "returns false");
    is_int(err.kind, ERROR_RETRY, "keeps the kind");
    is_str(err.message, "no luck", "formats the message");
    error_context(&err, "statement %s", "x");
    is_str(err.message, "statement x: no luck", "context goes before");
    is_int(err.kind, ERROR_RETRY, "context keeps the kind");
}

static void a_message_cannot_forge_a_line(void)
{
    struct error err;

    error_set(&err, ERROR_SETUP, "a\nb\033[2Jc");
    is_str(err.message, "a b [2Jc", "control characters become blanks");
}

static void a_cut_message_is_still_utf8(void)
{
    struct error err;
    char text[600];
    size_t i;

    for (i = 0; i + 1 < sizeof(text); i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    text[0] = 'x';
    text[1] = 'x';
    text[598] = '\0';
    error_set(&err, ERROR_SETUP, "x%s", text);
    ok(strlen(err.message) < sizeof(err.message), "is cut");
    is_int(err.message[strlen(err.message) - 1] & 0xc0, (char)0x80 & 0xc0,
           "ends on a whole character");
}

int main(void)
{
    failing_is_one_statement();
    a_message_cannot_forge_a_line();
    a_cut_message_is_still_utf8();
    return tap_done();
}
