#include "io/html.h"

#include "base/text.h"
#include "tests/tap.h"

#define LONG                                                                   \
    "One sentence that is long enough to be taken for the content of a page, " \
    "and another one behind it that says nothing more."

static const struct {
    const char *why, *page, *want; /* title|text */
} cases[] = {
    { "paragraphs and a title",
      "<html><head><title>A &amp; B</title><style>p{}</style></head><body>"
      "<p>" LONG "</p><p>two<br>three</p></body></html>",
      "A & B|" LONG "\n\ntwo\nthree" },
    { "scripts and comments go",
      "<p>" LONG "<script>if (a<b) document.write('<p>x</p>')</script>"
      "<!-- <p>y</p> --> z",
      "|" LONG " z" },
    { "navigation, asides and forms go",
      "<header>top</header><nav>Home <nav>x</nav> y</nav><p>" LONG
      "</p><aside>ad</aside><form>q</form><footer>f</footer>",
      "|" LONG },
    { "main alone",
      "<div>menu</div><MAIN id=x><p>" LONG "</p></MAIN><div>more</div>",
      "|" LONG },
    { "articles alone",
      "<div>menu</div><article><header>H</header>" LONG
      "</article><div>x</div><article>two</article>",
      "|H\n" LONG "\ntwo" },
    { "a list", "<ul><li>one<li>two</li></ul>" LONG, "|- one\n- two\n" LONG },
    { "a table's cells are apart",
      "<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>" LONG,
      "|a b\nc\n" LONG },
    { "entities", "&lt;&#65;&#x42;&nbsp;&eacute;&bogus;&amp &euro;" LONG,
      "|<AB \xc3\xa9&bogus;&amp \xe2\x82\xac" LONG },
    { "a > in an attribute", "<a title=\"x>y\" href=z>" LONG "</a>", "|" LONG },
    { "a < alone", "1 < 2 " LONG, "|1 < 2 " LONG },
    { "a navigation that never ends is not all", "<nav>Home " LONG,
      "|Home " LONG },
    { "a main with nothing in it is not all", "<main></main><p>" LONG "</p>",
      "|" LONG },
    { "windows-1252", "<meta charset=iso-8859-1><p>caf\xe9 \x93q\x94 " LONG,
      "|caf\xc3\xa9 \xe2\x80\x9cq\xe2\x80\x9d " LONG },
    { "not said, not UTF-8", "<p>caf\xe9 " LONG, "|caf\xc3\xa9 " LONG },
    { "an unclosed tag", LONG " <a href", "|" LONG },
    { "nothing", "", "|" },
};

static void pages_become_text(void)
{
    struct strbuf got, text;
    size_t i;

    strbuf_init(&got, MIB);
    strbuf_init(&text, MIB);
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        strbuf_clear(&got);
        strbuf_clear(&text);
        html_text(cases[i].page, strlen(cases[i].page), "text/html", &got,
                  &text);
        strbuf_addc(&got, '|');
        strbuf_add(&got, text.data, text.len);
        is_str(got.data, cases[i].want, "%s", cases[i].why);
    }
    strbuf_release(&got);
    strbuf_release(&text);
}

static void other_types_are_minded(void)
{
    static const char plain[] = "a <b> c\n";
    static const char kanji[] = "<p>\x93\xfa\x96{"; /* Shift_JIS */
    struct strbuf title, text;

    strbuf_init(&title, KIB);
    strbuf_init(&text, KIB);
    html_text(plain, strlen(plain), "text/plain; charset=utf-8", &title, &text);
    is_str(text.data, plain, "plain text stays");
    strbuf_clear(&text);
    html_text(kanji, strlen(kanji), "text/html; charset=Shift_JIS", &title,
              &text);
    is_str(text.data, "\xe6\x97\xa5\xe6\x9c\xac", "the header's charset");
    strbuf_release(&title);
    strbuf_release(&text);
}

int main(void)
{
    pages_become_text();
    other_types_are_minded();
    return tap_done();
}
