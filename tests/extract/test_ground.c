#include "extract/ground.h"

#include "tests/tap.h"

static struct ground *g;

struct ground_case {
    const char *why, *text, *value;
    enum ground_how how;
    const char *found; /* the piece of the text; NULL = the value itself */
};

static void check(const struct ground_case *c)
{
    struct ground_hit hit;
    struct error err;
    const char *want = c->found ? c->found : c->value;
    bool found;

    ok(ground_text(g, c->text, strlen(c->text), &err), "%s: a text", c->why);
    found = ground_find(g, c->value, strlen(c->value), &hit);
    ok(hit.how == c->how && found == (hit.how >= GROUND_EXACT), "%s: %s",
       c->why, ground_how_names[hit.how]);
    if (c->how >= GROUND_EXACT)
        ok(hit.len == strlen(want) &&
               !memcmp(c->text + hit.offset, want, hit.len),
           "%s: where", c->why);
}

static void check_all(const struct ground_case *cases, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        check(&cases[i]);
}

static void what_is_there_is_found(void)
{
    static const struct ground_case cases[] = {
        { "as it is", "I am Ann Example, engineer", "Ann Example", GROUND_EXACT,
          NULL },
        { "case", "ANN EXAMPLE", "Ann Example", GROUND_NORMALISED,
          "ANN EXAMPLE" },
        { "the exact place wins", "ann example ... Ann Example", "Ann Example",
          GROUND_EXACT, NULL },
        { "blanks and line ends", "Ann \t\n  Example", "Ann Example",
          GROUND_NORMALISED, "Ann \t\n  Example" },
        { "accents dropped", "Jose Munoz", "José Muñoz", GROUND_NORMALISED,
          "Jose Munoz" },
        { "accents decomposed", "Jose\xcc\x81", "José", GROUND_NORMALISED,
          "Jose\xcc\x81" },
        { "punctuation", "O\xe2\x80\x99Neil-Smith", "O'Neil Smith",
          GROUND_NORMALISED, "O\xe2\x80\x99Neil-Smith" },
        { "a hyphenated line end", "soft-\n   ware developer",
          "Software Developer", GROUND_NORMALISED, "soft-\n   ware developer" },
        { "a soft hyphen", "soft\xc2\xad\nware", "software", GROUND_NORMALISED,
          "soft\xc2\xad\nware" },
        { "one word or two", "WiFi and Java Script", "Wi-Fi", GROUND_NORMALISED,
          "WiFi" },
        { "two or one", "WiFi and Java Script", "JavaScript", GROUND_NORMALISED,
          "Java Script" },
        { "dots of an abbreviation", "BS, M.B.A.", "B.S.", GROUND_NORMALISED,
          "BS" },
        { "and without", "BS, M.B.A.", "MBA", GROUND_NORMALISED, "M.B.A" },
        { "thousands", "raised 1,250,000 dollars", "1250000", GROUND_NORMALISED,
          "1,250,000" },
        { "C++", "C, C++ and C#", "C++", GROUND_EXACT, NULL },
        { "C#", "C, C++ and C#", "C#", GROUND_EXACT, NULL },
        { "C", "C++, C and C#", "C", GROUND_EXACT, NULL },
        { "a trade mark", "Java\xe2\x84\xa2 8", "Java", GROUND_EXACT, NULL },
        { "a short word in a list", "sql, go, c", "Go", GROUND_NORMALISED,
          "go" },
        { "full width", "\xef\xbc\xb3\xef\xbc\xb1\xef\xbc\xac", "SQL",
          GROUND_NORMALISED, "\xef\xbc\xb3\xef\xbc\xb1\xef\xbc\xac" },
        { "Arabic digits", "\xd9\xa2\xd9\xa0\xd9\xa1\xd9\xa9", "2019",
          GROUND_NORMALISED, "\xd9\xa2\xd9\xa0\xd9\xa1\xd9\xa9" },
        { "Cyrillic", "ИВАН Петров", "Иван Петров", GROUND_NORMALISED,
          "ИВАН Петров" },
        { "after bytes that are no text", "\xff\xfe Ann", "Ann", GROUND_EXACT,
          NULL },
        { "the last word", "x Ann", "Ann", GROUND_EXACT, NULL },
    };

    check_all(cases, ARRAY_LEN(cases));
}

static void what_is_not_there_is_missing(void)
{
    static const struct ground_case cases[] = {
        { "another name", "Ann Example", "Bob Example", GROUND_MISSING, NULL },
        { "part of a word", "JavaScript", "Java", GROUND_MISSING, NULL },
        { "the end of a word", "JavaScript", "Script", GROUND_MISSING, NULL },
        { "a digit changed", "since 2018", "2019", GROUND_MISSING, NULL },
        { "part of a number", "2018", "18", GROUND_MISSING, NULL },
        { "numbers don't run together", "20 18", "2018", GROUND_MISSING, NULL },
        { "nor apart", "2018", "20 18", GROUND_MISSING, NULL },
        { "C is not C++", "C++, C#", "C", GROUND_MISSING, NULL },
        { "short words are not alike", "Perl", "Pearl", GROUND_MISSING, NULL },
        { "words in between", "Bank of East China", "Bank of China",
          GROUND_MISSING, NULL },
        { "a longer value", "Ann", "Ann Example", GROUND_MISSING, NULL },
        { "a state and a little word", "this or that", "OR", GROUND_MISSING,
          NULL },
        { "a neighbouring university", "University of Southern California",
          "University of California", GROUND_MISSING, NULL },
        { "a trade and a little word", "ready to go abroad", "Go",
          GROUND_MISSING, NULL },
        { "an empty text", "", "Ann", GROUND_MISSING, NULL },
        { "other scripts are not alike", "Екатерина", "Екатерино",
          GROUND_MISSING, NULL },
    };

    check_all(cases, ARRAY_LEN(cases));
}

static void nothing_to_look_for_is_not_looked_for(void)
{
    static const struct ground_case cases[] = {
        { "nothing", "Ann", "", GROUND_NOT_LOOKED, NULL },
        { "blanks", "Ann", " \n", GROUND_NOT_LOOKED, NULL },
        { "only punctuation", "Ann - x", "-", GROUND_NOT_LOOKED, NULL },
        { "bad bytes", "Ann", "\xff\x80", GROUND_NOT_LOOKED, NULL },
    };
    static char longer[GROUND_VALUE_MOST + 1];
    struct ground_hit hit;

    check_all(cases, ARRAY_LEN(cases));
    memset(longer, 'a', sizeof(longer));
    ground_find(g, longer, sizeof(longer), &hit);
    is_int(hit.how, GROUND_NOT_LOOKED, "a value over the ceiling");
}

static void phones_are_compared_by_digits(void)
{
    static const struct ground_case cases[] = {
        { "other punctuation", "Tel. 555.123.4567", "(555) 123-4567",
          GROUND_NORMALISED, "555.123.4567" },
        { "no punctuation", "Tel. 5551234567", "(555) 123-4567",
          GROUND_NORMALISED, "5551234567" },
        { "the value without", "(555) 123-4567", "5551234567",
          GROUND_NORMALISED, "555) 123-4567" },
        { "a country put before", "(555) 123-4567", "+1 555 123 4567",
          GROUND_NORMALISED, "555) 123-4567" },
        { "a country left out", "+1 555 123 4567", "555-123-4567",
          GROUND_NORMALISED, "555 123 4567" },
        { "a country in one piece", "+15551234567", "(555) 123-4567",
          GROUND_NORMALISED, "15551234567" },
        { "a trunk zero", "+49 (0)30 1234567", "+49301234567",
          GROUND_NORMALISED, "49 (0)30 1234567" },
        { "a national number", "030 / 123 45 67", "+49 30 1234567",
          GROUND_NORMALISED, "030 / 123 45 67" },
        { "an extension", "555-123-4567 x12", "555-123-4567 ext. 12",
          GROUND_NORMALISED, "555-123-4567" },
        { "a line end in the middle", "555-123-\n4567", "5551234567",
          GROUND_NORMALISED, "555-123-\n4567" },
        { "a trunk zero for a one", "177-1275-1908", "077-1275-1908",
          GROUND_MISSING, NULL },
        { "a digit changed", "(555) 123-4567", "(555) 123-4568", GROUND_MISSING,
          NULL },
        { "another country", "+44 30 1234567", "+49 30 1234567", GROUND_MISSING,
          NULL },
        { "a digit more", "555-123-45678", "555-123-4567", GROUND_MISSING,
          NULL },
        { "a digit before", "2555-123-4567", "555-123-4567", GROUND_MISSING,
          NULL },
        { "two exchanged", "(555) 123-4567", "(555) 132-4567", GROUND_MISSING,
          NULL },
    };

    check_all(cases, ARRAY_LEN(cases));
}

static void addresses_are_compared_to_the_letter(void)
{
    static const struct ground_case cases[] = {
        { "case", "mail: Ann.Example@Example.com", "ann.example@example.com",
          GROUND_NORMALISED, "Ann.Example@Example.com" },
        { "a blank slipped in", "ann.example@ example.com",
          "ann.example@example.com", GROUND_NORMALISED,
          "ann.example@ example.com" },
        { "at the end of a sentence", "Write to ann@example.com.",
          "ann@example.com", GROUND_EXACT, NULL },
        { "a dot is a letter here", "annexample@example.com",
          "ann.example@example.com", GROUND_MISSING, NULL },
        { "part of another address", "mary.ann@example.com", "ann@example.com",
          GROUND_MISSING, NULL },
        { "a longer domain", "ann@example.com.cn", "ann@example.com",
          GROUND_MISSING, NULL },
        { "nothing is alike", "annabella@example.com", "annabela@example.com",
          GROUND_MISSING, NULL },
        { "a URL without its scheme", "linkedin.com/in/ann-example",
          "https://www.linkedin.com/in/ann-example/", GROUND_NORMALISED,
          "linkedin.com/in/ann-example" },
        { "a URL with it", "see https://www.linkedin.com/in/ann-example",
          "linkedin.com/in/ann-example", GROUND_EXACT, NULL },
        { "a URL to the letter", "see https://www.linkedin.com/in/ann-example",
          "https://www.linkedin.com/in/ann-example", GROUND_EXACT,
          "linkedin.com/in/ann-example" },
        { "another person's", "linkedin.com/in/ann-example-2",
          "linkedin.com/in/ann-example", GROUND_MISSING, NULL },
        { "with and without a hyphen", "linkedin.com/in/annexample",
          "linkedin.com/in/ann-example", GROUND_MISSING, NULL },
    };

    check_all(cases, ARRAY_LEN(cases));
}

static void words_may_be_missing_or_in_another_order(void)
{
    static const struct ground_case cases[] = {
        { "last, first", "EXAMPLE, Ann", "Ann Example", GROUND_NORMALISED,
          "EXAMPLE, Ann" },
        { "an initial", "Ann B. Example", "Ann Example", GROUND_NORMALISED,
          "Ann B. Example" },
        { "a legal form too many", "Acme Widgets, Berlin", "Acme Widgets GmbH",
          GROUND_NORMALISED, "Acme Widgets" },
        { "a legal form in other words", "Acme Widgets Limited",
          "Acme Widgets Ltd.", GROUND_NORMALISED, "Acme Widgets" },
        { "another legal form is another company", "Acme Widgets AG, Bern",
          "Acme Widgets GmbH", GROUND_MISSING, NULL },
        { "a legal form less", "Acme Widgets Inc.", "Acme Widgets",
          GROUND_EXACT, NULL },
        { "small words", "Bachelor of Science, Computer Science",
          "Bachelor of Science in Computer Science", GROUND_NORMALISED,
          "Bachelor of Science, Computer Science" },
        { "and for &", "Smith and Jones", "Smith & Jones", GROUND_NORMALISED,
          "Smith and Jones" },
        { "only small words must be there", "to be or not", "The Company",
          GROUND_MISSING, NULL },
        { "no order for numbers", "12 Main", "Main 12", GROUND_MISSING, NULL },
    };

    check_all(cases, ARRAY_LEN(cases));
}

static void long_words_may_be_mistyped(void)
{
    static const struct ground_case cases[] = {
        { "a letter changed", "Univercity of Zurich", "University of Zurich",
          GROUND_FUZZY, "Univercity of Zurich" },
        { "a letter missing", "softwre engineer", "Software Engineer",
          GROUND_FUZZY, "softwre engineer" },
        { "two exchanged", "enigneer", "engineer", GROUND_FUZZY, "enigneer" },
        { "two of twelve", "Adminestratoin", "Administration", GROUND_FUZZY,
          "Adminestratoin" },
        { "a scanned m", "Modem Government", "Modern Government", GROUND_FUZZY,
          "Modem Government" },
        { "a scanned digit", "Senior Deve1oper", "Senior Developer",
          GROUND_FUZZY, "Senior Deve1oper" },
        { "the right word elsewhere",
          "engineer. Later: Quantum Systems Enginer", "Systems Engineer",
          GROUND_FUZZY, "Systems Enginer" },
        { "two of eight are too many", "enganear", "engineer", GROUND_MISSING,
          NULL },
        { "two words of two are too many", "softwere enginear",
          "software engineer", GROUND_MISSING, NULL },
        { "five letters are too short", "Smyth", "Smith", GROUND_MISSING,
          NULL },
    };

    check_all(cases, ARRAY_LEN(cases));
}

static void scripts_without_blanks_are_searched_inside(void)
{
    static const struct ground_case cases[] = {
        { "inside a run", "我在北京大学学习计算机", "北京大学", GROUND_EXACT,
          NULL },
        { "blanks and line ends", "山 田\n太郎", "山田太郎", GROUND_NORMALISED,
          "山 田\n太郎" },
        { "the given name first", "氏名 太郎　山田", "山田太郎",
          GROUND_NORMALISED, "太郎　山田" },
        { "but parted", "太郎山田", "山田太郎", GROUND_MISSING, NULL },
        { "a middle dot", "テスト・カンパニー", "テストカンパニー",
          GROUND_NORMALISED, "テスト・カンパニー" },
        { "half width", "ｶﾝﾊﾟﾆｰ", "カンパニー", GROUND_NORMALISED, "ｶﾝﾊﾟﾆｰ" },
        { "a long mark before a blank", "データベー ス設計", "データベース設計",
          GROUND_NORMALISED, "データベー ス設計" },
        { "a long mark at the end", "サーバ管理", "サーバー", GROUND_NORMALISED,
          "サーバ" },
        { "a legal form too many", "例文商事で働く", "株式会社例文商事",
          GROUND_NORMALISED, "例文商事" },
        { "another legal form", "㈱例文商事", "例文商事株式会社",
          GROUND_NORMALISED, "例文商事" },
        { "another company", "例文商事有限会社", "例文商事株式会社",
          GROUND_MISSING, NULL },
        { "Korean with a particle", "삼성물산에서 일했습니다", "삼성물산",
          GROUND_EXACT, NULL },
        { "Thai", "ทำงานที่กรุงเทพมหานคร", "กรุงเทพ", GROUND_EXACT, NULL },
        { "a date", "2019年4月", "2019年4月", GROUND_EXACT, NULL },
        { "one character of a name", "王伟\n工程师", "伟", GROUND_EXACT, NULL },
        { "not inside of a word", "国王的工程师", "王", GROUND_MISSING, NULL },
        { "one character changed", "三井物産", "三井物流", GROUND_MISSING,
          NULL },
        { "a neighbouring company", "三菱商事株式会社", "三菱電機株式会社",
          GROUND_MISSING, NULL },
        { "two exchanged", "山田太郎", "太田山郎", GROUND_MISSING, NULL },
        { "a voiced sign matters", "カンパニ", "ガンパニ", GROUND_MISSING,
          NULL },
    };

    check_all(cases, ARRAY_LEN(cases));
}

static void a_text_over_the_ceiling_is_refused(void)
{
    char *text = malloc(GROUND_TEXT_MOST + 1);
    struct ground_hit hit;
    struct error err;

    memset(text, 'a', GROUND_TEXT_MOST + 1);
    ok(ground_text(g, "Ann", 3, &err), "a text");
    ok(!ground_text(g, text, GROUND_TEXT_MOST + 1, &err), "one byte too many");
    is_int(err.kind, ERROR_REJECT, "is refused");
    ok(!ground_find(g, "Ann", 3, &hit), "and the one before is forgotten");
    free(text);
}

/* What somebody could write to keep us busy. */
static void hostile_texts_end_soon(void)
{
    static const char *const units[] = { "a",    "a ",          "aaaaaaaa ",
                                         "1 ",   "1-",          "王",
                                         "of ",  "c++",         "a.b.",
                                         "ｶﾞー", "engineer-\n", "1234567 " };
    static const char *const values[] = {
        "aaaaaaaa aaaaaaaa aaaaaaaa aaaaaaaa b",
        "a a a a a a a b",
        "engineers",
        "1 1 1 1 1 1 2",
        "王王王王王王王王王王王王王王王李",
        "of of of the x",
        "12345671234567123456",
        "555-123-4567",
        "c++++++++++d"
    };
    char *text = malloc(GROUND_TEXT_MOST);
    struct ground_hit hit;
    struct error err;
    size_t i, j, len;

    for (i = 0; i < ARRAY_LEN(units); i++) {
        size_t unit = strlen(units[i]);

        for (len = 0; len + unit <= GROUND_TEXT_MOST; len += unit)
            memcpy(text + len, units[i], unit);
        ok(ground_text(g, text, len, &err), "2 MiB of \"%s\"", units[i]);
        for (j = 0; j < ARRAY_LEN(values); j++)
            ground_find(g, values[j], strlen(values[j]), &hit);
    }
    free(text);
}

int main(void)
{
    g = ground_new();
    what_is_there_is_found();
    what_is_not_there_is_missing();
    nothing_to_look_for_is_not_looked_for();
    phones_are_compared_by_digits();
    addresses_are_compared_to_the_letter();
    words_may_be_missing_or_in_another_order();
    long_words_may_be_mistyped();
    scripts_without_blanks_are_searched_inside();
    a_text_over_the_ceiling_is_refused();
    hostile_texts_end_soon();
    ground_free(g);
    return tap_done();
}
