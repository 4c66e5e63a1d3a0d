#include "provider/fetch.h"

#include "tests/tap.h"

static void what_must_not_be_fetched_is_not(void)
{
    static const char *const urls[] = {
        "http://127.0.0.1:1/",     "http://localhost:1/",
        "http://[::1]:1/",         "http://2130706433/",
        "http://0x7f.1/",          "file:///etc/passwd",
        "ftp://127.0.0.1/x",       "http://user:word@127.0.0.1/",
        "http://[::ffff:7f00:1]/", "nonsense",
    };
    const struct fetch_settings settings = { .timeout = 60 };
    struct fetch_page pages[ARRAY_LEN(urls)];
    struct fetcher *f = NULL;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(urls); i++)
        fetch_page_init(&pages[i], urls[i]);
    ok(fetch_open(&f, &settings, &err) &&
           fetch_pages(f, pages, ARRAY_LEN(urls), NULL, &err),
       "a list of what must not be fetched");
    for (i = 0; i < ARRAY_LEN(urls); i++) {
        ok(pages[i].why[0] && !pages[i].body.len, "%s: %s", urls[i],
           pages[i].why);
        fetch_page_release(&pages[i]);
    }
    fetch_close(f);
}

int main(void)
{
    what_must_not_be_fetched_is_not();
    return tap_done();
}
