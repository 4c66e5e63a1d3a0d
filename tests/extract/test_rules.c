#include "extract/rules.h"

#include "tests/tap.h"

struct rule_case {
    const char *rule, *value;
    const char *want; /* "" = refused */
};

static const struct rule_case cases[] = {
    { "email", "Jane.Roe@Example.COM", "Jane.Roe@example.com" },
    { "email", "<jane@x.org>", "jane@x.org" },
    { "email", "mailto:jane@x.org", "jane@x.org" },
    { "email", "jane@x.org.", "jane@x.org" },
    { "email", "j+tag_1@mail.x-y.co.uk", "j+tag_1@mail.x-y.co.uk" },
    { "email", "j\xc3\xb6rg@m\xc3\xbcller.de", "j\xc3\xb6rg@m\xc3\xbcller.de" },
    { "email", "jane at x dot org", "jane@x.org" },
    { "email", "jane (dot) roe [at] mail (dot) x [dot] org",
      "jane.roe@mail.x.org" },
    { "email", "jane.roe@\nx.org", "jane.roe@x.org" },
    { "email", "jane.roe \n @x.org", "jane.roe@x.org" },
    { "email", "jane@x.\norg", "jane@x.org" },
    { "email", "jane @ x.org", "jane@x.org" },
    { "email", "Jane Roe at x dot org", "" },
    { "email", "mail me at jane@x.org", "" },
    { "email", "at dot", "" },
    { "email", "jane@localhost", "" },
    { "email", "jane@x..org", "" },
    { "email", "jane@x.o", "" },
    { "email", "@x.org", "" },
    { "email", "jane@@x.org", "" },
    { "email", "jane roe@x.org", "" },
    { "email", "jane@x.org, roe@x.org", "" },

    { "phone", "(555) 123-4567", "555-123-4567" },
    { "phone", "+1 (555) 123-4567", "+1-555-123-4567" },
    { "phone", "555.123.4567", "555-123-4567" },
    { "phone", "5551234567", "5551234567" },
    { "phone", "+49 (0)30 901820", "+49-0-30-901820" },
    { "phone", "Mobile : +1-567-890-1234", "+1-567-890-1234" },
    { "phone", "555-123-4567 ext. 12", "555-123-4567 x12" },
    { "phone", "555-123-4567 x 12", "555-123-4567 x12" },
    { "phone", "555-123-4567 (home)", "555-123-4567" },
    { "phone", "12345", "" },
    { "phone", "1234567890123456", "" },
    { "phone", "call me", "" },

    { "url", "HTTP://Example.COM/Path?Q=A", "http://example.com/Path?Q=A" },
    { "url", "www.example.com", "www.example.com" },
    { "url", "https://x.org:8080/a.", "https://x.org:8080/a" },
    { "url", "javascript:alert(1)", "" },
    { "url", "data:text/html,x", "" },
    { "url", "file:///etc/passwd", "" },
    { "url", "my web site", "" },
    { "url", "http://", "" },
    { "url", "https://x.org/<script>", "" },

    { "linkedin", "linkedin.com/in/jane-roe",
      "https://www.linkedin.com/in/"
      "jane-roe" },
    { "linkedin", "https://www.linkedin.com/in/jane-roe/?trk=x",
      "https://www.linkedin.com/in/jane-roe" },
    { "linkedin", "http://de.LinkedIn.com/in/jane-roe#a",
      "https://www.linkedin.com/in/jane-roe" },
    { "linkedin", "in/jane-roe", "https://www.linkedin.com/in/jane-roe" },
    { "linkedin", "/in/jane-roe/", "https://www.linkedin.com/in/jane-roe" },
    { "linkedin", "https://evil.example/linkedin.com/in/jane",
      "https://www.linkedin.com/in/jane" },
    { "linkedin", "https://notlinkedin.com/in/jane", "" },
    { "linkedin", "https://www.linkedin.com/company/x", "" },
    { "linkedin", "jane-roe", "" },
    { "linkedin", "linkedin.com/in/", "" },

    { "us_state", "California", "CA" },
    { "us_state", "ca", "CA" },
    { "us_state", "Calif.", "CA" },
    { "us_state", "district of columbia", "DC" },
    { "us_state", "Bavaria", "Bavaria" },

    { "location", "San Francisco, California", "San Francisco, CA" },
    { "location", "San Francisco, California, USA", "San Francisco, CA" },
    { "location", "Boston, ma", "Boston, MA" },
    { "location", "Texas", "TX" },
    { "location", "New York", "New York" },
    { "location", "New York, New York", "New York, NY" },
    { "location", "Berlin, Germany", "Berlin, Germany" },
    { "location", "Remote", "Remote" },

    { "zipcode", "94107", "94107" },
    { "zipcode", "94107-1234", "941071234" },
    { "zipcode", "94107 1234", "941071234" },
    { "zipcode", "sw1a 1aa", "SW1A 1AA" },
    { "zipcode", "D-10115", "D-10115" },
    { "zipcode", "California", "" },

    { "name", "JANE", "Jane" },
    { "name", "jane roe", "Jane Roe" },
    { "name", "O'BRIEN-SMITH", "O'Brien-Smith" },
    { "name", "McDonald", "McDonald" },
    { "name", "MU\xc3\x91OZ", "Mu\xc3\xb1oz" },
    { "name", "\xd0\x98\xd0\x92\xd0\x90\xd0\x9d",
      "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd" },
    { "name", "\xe5\xb1\xb1\xe7\x94\xb0", "\xe5\xb1\xb1\xe7\x94\xb0" },
    { "name", "J.", "J." },
    { "name", "AJ", "AJ" },
    { "name", "jane@x.org", "" },
    { "name", "555 1234", "" },
};

static void each_rule_keeps_its_promise(void)
{
    struct strbuf out;
    size_t i;

    strbuf_init(&out, KIB);
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        const struct rule *rule = rule_find(cases[i].rule);

        strbuf_clear(&out);
        if (!ok(rule != NULL, "there is a rule %s", cases[i].rule))
            continue;
        rule->apply(cases[i].value, strlen(cases[i].value), &out);
        is_str(out.data, cases[i].want, "%s of \"%s\"", cases[i].rule,
               cases[i].value);
    }
    strbuf_release(&out);
}

/* What comes out of a rule stays when the rule is applied again: stored
 * answers can be replayed. */
static void applying_twice_changes_nothing(void)
{
    struct strbuf once, twice;
    size_t i;

    strbuf_init(&once, KIB);
    strbuf_init(&twice, KIB);
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        const struct rule *rule = rule_find(cases[i].rule);

        strbuf_clear(&once);
        strbuf_clear(&twice);
        rule->apply(cases[i].value, strlen(cases[i].value), &once);
        rule->apply(once.data, once.len, &twice);
        if (once.len)
            is_str(twice.data, once.data, "%s of \"%s\" again", cases[i].rule,
                   cases[i].value);
    }
    strbuf_release(&once);
    strbuf_release(&twice);
}

static void rules_take_any_bytes(void)
{
    struct strbuf out;
    char text[64];
    unsigned seed = 1;
    size_t i, j, rule, failures = 0;

    strbuf_init(&out, KIB);
    for (i = 0; i < 2000; i++) {
        size_t len = i % sizeof(text);

        for (j = 0; j < len; j++) {
            seed = seed * 1103515245 + 12345;
            text[j] = "0123456789+-.@:/ xXnNaA'#\xc3\xa9()"[(seed >> 16) % 30];
        }
        for (rule = 0; rule < rules_count; rule++) {
            strbuf_clear(&out);
            rules[rule].apply(text, len, &out);
            failures += !strbuf_ok(&out);
        }
    }
    is_int((long long)failures, 0, "what comes out stays under its ceiling");
    strbuf_release(&out);
}

static const struct {
    const char *word;
    bool null;
} words[] = {
    { "", true },
    { "N/A", true },
    { "n/a", true },
    { "NULL", true },
    { "None", true },
    { "NA", true },
    { "na", true },
    { "Na", false },
    { "-", true },
    { "\xe2\x80\x93", true },
    { "Unknown", true },
    { "Not specified", true },
    { "not  specified", false },
    { "Nonesuch", false },
    { "Nil", true },
    { "N", false },
    { "Nullmann", false },
    { "?", true },
};

static void null_words_are_known(void)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(words); i++)
        is_int(rule_is_null_word(words[i].word, strlen(words[i].word)),
               words[i].null, "\"%s\"", words[i].word);
}

static void trimming_takes_what_cannot_be_seen(void)
{
    const char *s = "\xe2\x80\x8b \xc2\xa0x y\xe3\x80\x80\n";
    size_t len = strlen(s);

    rule_trim(&s, &len);
    ok(len == 3 && !memcmp(s, "x y", 3), "of any kind, at both ends");
    len = 2;
    s = " \n";
    rule_trim(&s, &len);
    is_int(len, 0, "to nothing");
}

int main(void)
{
    each_rule_keeps_its_promise();
    applying_twice_changes_nothing();
    rules_take_any_bytes();
    null_words_are_known();
    trimming_takes_what_cannot_be_seen();
    return tap_done();
}
