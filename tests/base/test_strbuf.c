#include "base/strbuf.h"
#include "tests/tap.h"

static void additions_add_up(void)
{
    struct strbuf b;

    strbuf_init(&b, 100);
    is_str(b.data, "", "an empty buffer is an empty string");
    strbuf_adds(&b, "ab");
    strbuf_addc(&b, 'c');
    strbuf_addf(&b, "%d", 42);
    is_str(b.data, "abc42", "in order");
    is_int(b.len, 5, "with its length");
    strbuf_cut(&b, 3);
    is_str(b.data, "abc", "and can be cut");
    strbuf_release(&b);
}

static void the_ceiling_is_remembered(void)
{
    struct strbuf b;

    strbuf_init(&b, 4);
    strbuf_adds(&b, "abcd");
    ok(strbuf_ok(&b), "up to the ceiling is fine");
    strbuf_addc(&b, 'e');
    ok(!strbuf_ok(&b), "one more fails");
    is_str(b.data, "abcd", "what was added before stays");
    ok(!strbuf_take(&b), "a failed buffer gives nothing away");
    strbuf_clear(&b);
    ok(strbuf_ok(&b), "clear forgives");
    strbuf_release(&b);
}

static void a_cut_never_splits_a_character(void)
{
    char s[] = "a\xe2\x82";

    utf8_trim_cut(s);
    is_str(s, "a", "an incomplete character goes");
}

int main(void)
{
    additions_add_up();
    the_ceiling_is_remembered();
    a_cut_never_splits_a_character();
    return tap_done();
}
