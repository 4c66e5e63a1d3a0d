/* Any bytes as a page: text and title are valid UTF-8, no longer than the
 * page could make them. */
#include "base/text.h"
#include "io/html.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct strbuf title, text;

    strbuf_init(&title, 64 * MIB);
    strbuf_init(&text, 64 * MIB);
    html_text((const char *)data, size, "text/html", &title, &text);
    fuzz_check(strbuf_ok(&title) && strbuf_ok(&text));
    fuzz_check(utf8_valid(title.data, title.len));
    fuzz_check(utf8_valid(text.data, text.len));
    fuzz_check(text.len <= 8 * size + 16);
    strbuf_release(&title);
    strbuf_release(&text);
    return 0;
}
