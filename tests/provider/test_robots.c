#include "provider/robots.h"

#include "tests/tap.h"

static const struct {
    const char *why, *text, *path;
    bool allowed;
} cases[] = {
    { "nothing said", "", "/a", true },
    { "all forbidden", "User-agent: *\nDisallow: /\n", "/a", false },
    { "an empty Disallow forbids nothing", "User-agent: *\nDisallow:\n", "/a",
      true },
    { "another path", "User-agent: *\nDisallow: /x\n", "/a", true },
    { "the longest rule decides", "User-agent: *\nDisallow: /a\nAllow: /a/b\n",
      "/a/b/c", true },
    { "Allow where they are as long", "User-agent: *\nDisallow: /a\nAllow: /a",
      "/a", true },
    { "our own group",
      "User-agent: *\nDisallow: /\n\nUser-agent: Vitae\n"
      "Disallow: /x\n",
      "/a", true },
    { "and not everybody's",
      "User-agent: vitae\nDisallow: /a\n"
      "User-agent: *\nAllow: /a/long\n",
      "/a/long", false },
    { "two names for a group",
      "user-agent: other\nuser-agent: vitae\ndisallow: /a\n", "/a", false },
    { "another's group", "User-agent: other\nDisallow: /\n", "/a", true },
    { "a star within", "User-agent: *\nDisallow: /*.pdf$\n", "/x/y.pdf",
      false },
    { "an end", "User-agent: *\nDisallow: /*.pdf$\n", "/x/y.pdf?z", true },
    { "comments, CR LF, a BOM",
      "\xef\xbb\xbfUser-agent: * # all\r\nDisallow: /a # x\r\n", "/a", false },
    { "many stars", "User-agent: *\nDisallow: /*a*a*a*a*a*a*a*a*b\n",
      "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true },
};

static void rules_are_heeded(void)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++)
        ok(robots_allow(cases[i].text, strlen(cases[i].text), "vitae",
                        cases[i].path) == cases[i].allowed,
           "%s", cases[i].why);
}

int main(void)
{
    rules_are_heeded();
    return tap_done();
}
