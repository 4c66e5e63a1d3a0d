#include "batch/brake.h"

#include "tests/tap.h"

static struct brake brake;

static void refuse(int times, const char *code, long native)
{
    struct error why;

    error_set(&why, ERROR_REJECT, "no");
    error_code(&why, code);
    why.native = native;
    while (times--)
        brake_refused(&brake, &why);
}

int main(void)
{
    struct error err = { .kind = ERROR_NONE };

    brake_reset(&brake);
    ok(brake_check(&brake, 3, &err), "nothing happened yet");
    refuse(2, "23514", 7);
    ok(brake_check(&brake, 3, &err), "a few bad records are no reason");
    refuse(1, "23514", 7);
    ok(!brake_check(&brake, 3, &err) && err.kind == ERROR_SETUP,
       "one reason for all stops the batch");
    is_int(err.exit, EXIT_DATABASE, "for the database's owner");
    ok(strstr(err.message, "23514 (7)") && strstr(err.message, "doctor"),
       "the reason and the cure: %s", err.message);
    ok(brake_check(&brake, 0, &err), "unless the brake is off");
    brake_wrote(&brake);
    ok(brake_check(&brake, 3, &err), "or a record was written");

    brake_reset(&brake);
    refuse(3, "22001", 7);
    refuse(1, "22001", 8);
    ok(brake_check(&brake, 3, &err), "two reasons are the records' own");
    return tap_done();
}
