/*
 * Contact data: what a pattern finds in a line is never passed over, whatever
 * the line's words promise.
 */
#include "base/pattern.h"
#include "base/text.h"
#include "extract/redact_rows.h"
#include "tests/fuzz/fuzz.h"

static struct pattern_match *match;

static void check_line(const char *text, size_t begin, size_t end)
{
    uint64_t worth = redact_rows_worth(text + begin, end - begin);
    size_t row;

    for (row = 0; row < redact_row_count; row++)
        fuzz_check(worth >> row & 1 ||
                   !pattern_find(redact_pattern(row), text, end, begin, match));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    size_t at, end;
    struct error err;

    if (!match) {
        fuzz_check(redact_rows_ready(&err));
        match = pattern_match_new();
        fuzz_check(match);
    }
    if (!utf8_valid(text, size))
        return 0;
    for (at = 0; at < size; at = end + 1) {
        const char *line_end = memchr(text + at, '\n', size - at);

        end = line_end ? (size_t)(line_end - text) : size;
        check_line(text, at, end);
    }
    return 0;
}
