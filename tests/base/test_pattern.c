#include "base/pattern.h"

#include "tests/tap.h"

static struct pattern *compile(const char *source)
{
    struct error err;
    struct pattern *p = pattern_new(source, &err);

    if (!p)
        tap_note("%s", err.message);
    return p;
}

static void groups_tell_where_they_lie(void)
{
    struct pattern *p = compile("(\\d{4})-(\\d\\d)|(now)");
    struct pattern_match *m = pattern_match_new();
    const char *s = "from 2020-05 to now";
    size_t start;
    size_t end;

    ok(pattern_find(p, s, strlen(s), 0, m), "found");
    ok(pattern_group(m, 0, &start, &end) && start == 5 && end == 12,
       "the whole match");
    ok(pattern_group(m, 2, &start, &end) && start == 10 && end == 12,
       "the second group");
    ok(!pattern_group(m, 3, &start, &end), "a group that took no part");
    ok(!pattern_group(m, 40, &start, &end), "a group that cannot be");
    ok(pattern_find(p, s, strlen(s), 12, m), "found again further on");
    ok(pattern_group(m, 3, &start, &end) && start == 16, "the other branch");
    ok(!pattern_find(p, s, strlen(s), 18, m), "then no more");
    ok(!pattern_group(m, 0, &start, &end), "and no group is left over");
    ok(!pattern_find(p, s, strlen(s), 99, m), "a start beyond the end");
    pattern_match_free(m);
    pattern_free(p);
}

static void a_mark_tells_the_branch(void)
{
    struct pattern *p = compile("\\G(?|(a+)(*MARK:0)|(b)(*MARK:1)|(c))");
    struct pattern_match *m = pattern_match_new();

    ok(pattern_find(p, "aab", 3, 2, m), "found");
    is_str(pattern_mark(m), "1", "the second branch");
    ok(pattern_find(p, "c", 1, 0, m) && !pattern_mark(m), "one without a mark");
    ok(!pattern_find(p, "x", 1, 0, m) && !pattern_mark(m),
       "nor when not found");
    pattern_match_free(m);
    pattern_free(p);
}

static void letters_are_unicode(void)
{
    struct pattern *p = compile("(?i)^\\w+ ÉTÉ$");
    struct pattern_match *m = pattern_match_new();
    const char *s = "\xc3\xa9l\xc3\xa8ve \xc3\xa9t\xc3\xa9";

    ok(p && pattern_find(p, s, strlen(s), 0, m), "accents, without case");
    pattern_match_free(m);
    pattern_free(p);
}

static void a_trap_ends_as_no_match(void)
{
    struct pattern *p = compile("^(a|aa)+$");
    struct pattern_match *m = pattern_match_new();
    char s[4097];

    memset(s, 'a', sizeof(s));
    s[4096] = 'b';
    ok(!pattern_find(p, s, sizeof(s), 0, m), "2^4000 ways, given up");
    pattern_match_free(m);
    pattern_free(p);
}

/* The thread's own stack holds some 1,000 of these. */
static void a_long_way_back_is_found(void)
{
    struct pattern *p = compile("^(?:(a)|(b))+c");
    struct pattern_match *m = pattern_match_new();
    char s[8000];
    size_t start, end;

    memset(s, 'a', sizeof(s) - 1);
    s[sizeof(s) - 1] = 'c';
    ok(pattern_find(p, s, sizeof(s), 0, m) &&
           pattern_group(m, 0, &start, &end) && end == sizeof(s),
       "8,000 letters, each of which may be another");
    pattern_match_free(m);
    pattern_free(p);
}

static void a_bad_pattern_is_named(void)
{
    struct error err;

    ok(!pattern_new("a(b", &err), "refused");
    is_int(err.exit, EXIT_SETTINGS, "as an error of the settings");
    ok(strstr(err.message, "a(b") && strstr(err.message, "byte 3"),
       "which tells where: %s", err.message);
}

static void more_groups_than_room_still_match(void)
{
    struct pattern *p = compile("((((((((((((((((((((((((((((((((((((a"
                                "))))))))))))))))))))))))))))))))))))");
    struct pattern_match *m = pattern_match_new();
    size_t start;
    size_t end;

    ok(p && pattern_find(p, "a", 1, 0, m), "found");
    ok(pattern_group(m, 32, &start, &end), "group 32 is there");
    ok(!pattern_group(m, 33, &start, &end), "group 33 is not");
    pattern_match_free(m);
    pattern_free(p);
}

int main(void)
{
    groups_tell_where_they_lie();
    a_mark_tells_the_branch();
    letters_are_unicode();
    a_trap_ends_as_no_match();
    a_long_way_back_is_found();
    a_bad_pattern_is_named();
    more_groups_than_room_still_match();
    return tap_done();
}
