#include "extract/redact_rows.h"

#include <pthread.h>

#include "base/pattern.h"
#include "extract/marks.h"

#define HOSTS                                                                  \
    "linkedin\\.com|linkedin\\.cn|github\\.com|gitlab\\.com|bitbucket\\.org|"  \
    "twitter\\.com|x\\.com|facebook\\.com|fb\\.com|instagram\\.com|medium\\."  \
    "com|stackoverflow\\.com|behance\\.net|dribbble\\.com|kaggle\\.com|"       \
    "orcid\\.org|xing\\.com|t\\.me|wa\\.me|youtube\\.com|researchgate\\.net|"  \
    "leetcode\\.com|hackerrank\\.com|angel\\.co|about\\.me|github\\.io|"       \
    "gitlab\\.io|netlify\\.app|vercel\\.app"

/* An address without "www." or "://": asp.net looks like one, too, so the
 * line has to say more. */
#define SITE                                                                   \
    "[\\w-]{2,60}(?:\\.[\\w-]{2,60})?\\.(?:com|net|org|me|dev|io|co|info|"     \
    "tech|page|site|online|blog|xyz|in|de|fr|uk|eu|ai|app)\\b"                 \
    "(?:/[^\\s<>\"|)\\]]{0,200})?"

#define ACCOUNTS                                                               \
    "skype|telegram|whatsapp|wechat|twitter|github|linkedin|instagram|discord" \
    "|viber|tiktok|snapchat"

/* How the characters of \p{Han} begin. */
#define HAN                                                                    \
    "\xe2\xba|\xe2\xbb|\xe2\xbc|\xe2\xbd|\xe2\xbe|\xe2\xbf|\xe3|\xe4|\xe5|"    \
    "\xe6"                                                                     \
    "|\xe7|\xe8|\xe9|\xef|\xf0"

#define HOST "[\\p{L}\\p{N}][\\p{L}\\p{N}.-]{0,100}\\.[\\p{L}]{2,20}"

/* "(at)", "[dot]" and the like, between the words of an address. */
#define OPEN "[\\[({<]"
#define CLOSE "[\\])}>]"
#define DOT "(?: ?" OPEN " ?(?:dot|\\.) ?" CLOSE " ?| dot )"
#define DOT_WORDS                                                              \
    " dot |[dot|(dot|{dot|<dot|[ dot|( dot|{ dot|< dot|[.|(.|{.|<.|[ .|( ."    \
    "|{ .|< ."
#define LABEL "[\\w-]{1,60}"

#define TOLL_FREE "8(?:00|33|44|55|66|77|88)"
#define KEYS "(?=[0-9.-]*[A-Z])(?:[.-]?[A-Z0-9]){7,11}"

/*
 * A letter that has more than two cases is left out of the words: the
 * pattern takes "\xc3\x84" for "\xc3\xa4".  k and s, which U+212A and U+017F
 * match, are seen to in compile_words().
 */
const struct redact_row redact_rows[] = {
    { REDACT_EMAIL, GROW_MAIL, IN_LINES, 0, "@", "@ ?" HOST },
    { REDACT_EMAIL, GROW_MAIL, OVER_LINES, 0, "@",
      "(?<=[\\w.+-])@ ?\\n ?" HOST },
    { REDACT_EMAIL, GROW_MAIL, OVER_LINES, 0, "@", " ?\\n ?@" HOST },
    { REDACT_EMAIL, GROW_MAIL, OVER_LINES, 0, "@",
      "(?<=[\\w.+-])@[\\p{L}\\p{N}-]{1,60}(?:\\. ?\\n ?| ?\\n ?\\.)"
      "(?i:com|org|net|edu|gov|io|dev|info|de|fr|uk|co\\.uk)(?![\\w-])" },
    { REDACT_EMAIL, GROW_MAIL, IN_LINES, 0,
      "[at|(at|{at|<at|[ at|( at|{ at|< at",
      "(?i) ?" OPEN " ?at ?" CLOSE " ?" LABEL "(?:(?:" DOT "|\\.)" LABEL
      "){1,4}" },
    { REDACT_EMAIL, GROW_MAIL, IN_LINES, 0, DOT_WORDS,
      "(?i) at " LABEL "(?:" DOT LABEL "){0,3} ?" OPEN " ?dot ?" CLOSE
      " ?[a-z]{2,10}\\b" },
    { REDACT_EMAIL, GROW_MAIL, IN_LINES, 0, DOT_WORDS,
      "(?i)@ ?" LABEL "(?:" DOT LABEL "){0,3}" DOT "[a-z]{2,10}\\b" },
    { REDACT_EMAIL, GROW_MAIL, IN_CONTACT_LINES, 0, NULL,
      "(?i) at [\\w-]{1,60}(?: dot |\\.)(?:com|org|net|edu|io|dev|me|co|info|"
      "[a-z]{2})\\b" },
    { REDACT_EMAIL, GROW_MAIL, IN_LINES, 0, " dot ",
      "(?i) at (?!(?:an?|the|each|this|that|one|every|our|its|his|her|their) "
      ")" LABEL "(?: dot " LABEL "){0,3} dot [a-z]{2,10}\\b" },
    { REDACT_EMAIL, GROW_MAIL, IN_LINES, 0, "%40|&#|&commat|_at_",
      "(?i)(?:%40|&#(?:64|x40);|&commat;|_at_)[\\w.-]{1,100}\\.[a-z]{2,20}"
      "\\b" },
    { REDACT_EMAIL, GROW_NOT, IN_LINES, 0, "@",
      "\"[^\"@\\n]{1,60}\"@[\\p{L}\\p{N}.-]{3,100}" },
    { REDACT_EMAIL, GROW_MAIL, IN_LINES, 0, "@",
      "(?i)@[\\p{L}\\p{N}-]{1,60},(?:com|org|net|edu|co|de|fr|uk|in)\\b" },
    { REDACT_URL, GROW_NOT, IN_LINES, 0, "linkedin|github|gitlab|facebook",
      "(?i)\\b(?:linkedin|github|gitlab|facebook) ?[\\[({]? ?(?:\\.|dot) ?"
      "[\\])}]? ?com ?/ ?(?:(?:in|pub) ?/ ?)?[\\w./-]{2,80}" },
    { REDACT_URL, GROW_NOT, IN_CONTACT_LINES, 0, NULL,
      "(?i)(?<![\\w/.-])in/[\\w-]{3,60}" },
    { REDACT_URL, GROW_NOT, IN_LINES, 0, "://|www\\.",
      "(?i)\\b(?:https?://|www\\.)[^\\s<>\"|)\\]]{3,300}" },
    { REDACT_URL, GROW_WORD, IN_LINES, 0, HOSTS,
      "(?i)\\b(?:" HOSTS ")\\b(?:/[^\\s<>\"|)\\]]{0,200})?" },
    { REDACT_URL, GROW_NOT, IN_LINES, 0, ACCOUNTS,
      "(?i)\\b(?:" ACCOUNTS ")(?: ?: ?@?| @| (?=live:))[\\w.:/-]{3,80}" },
    { REDACT_URL, GROW_NOT, IN_LINES, 0, "portfolio|site|homepage|blog",
      "(?i)\\b(?:portfolio|website|web site|site|homepage|blog) ?: ?\\K" SITE },
    { REDACT_URL, GROW_NOT, IN_CONTACT_LINES, 0, NULL,
      "(?i)(?<![@\\w.])" SITE },
    { REDACT_ADDRESS, GROW_NOT, IN_LINES, 1,
      " st| ave| road| rd| boulevard| blvd| lane| ln| dr| court| ct| pl| sq"
      "| ter| way| parkway| pkwy| highway| hwy| cir| trail| trl| close"
      "| crescent| gardens| grove| mews| alley| turnpike| expressway"
      "| freeway| loop| plaza",
      "\\b[0-9]{1,6}[A-Za-z]?(?:-[0-9]{1,4})?,?(?: "
      "(?:\\p{Lu}|[0-9])[\\p{L}\\p{N}.'-]"
      "{0,30}){1,5}? (?i:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|"
      "drive|dr|court|ct|place|pl|square|sq|terrace|ter|way|parkway|pkwy|"
      "highway|hwy|circle|cir|trail|trl|close|crescent|gardens|grove|mews|"
      "alley|turnpike|expressway|freeway|(?-i:Loop|LOOP|Plaza|PLAZA))"
      "\\b\\.?(?i:,? ?(?:apt|apartment|suite|ste|unit|flat|floor|#)\\.? ?#?"
      "[\\w-]{1,8})?" },
    { REDACT_ADDRESS, GROW_NOT, IN_LINES, 0,
      " street| ave| road| boulevard| blvd| lane| drive| place| square| way"
      "| parkway| pkwy| court| loop| plaza",
      "\\b(?=\\p{Lu})(?i:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|"
      "ninety)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|"
      "one(?: hundred)?|two|three|four|five|six|seven|eight|nine|ten|eleven|"
      "twelve|(?:thir|four|fif|six|seven|eigh|nine)teen)"
      "(?: \\p{Lu}[\\p{L}'-]{1,30}){1,4}? (?i:street|avenue|ave|road|boulevard|"
      "blvd|lane|drive|place|square|way|parkway|pkwy|court|(?-i:Loop|LOOP|"
      "Plaza|PLAZA))\\b" },
    { REDACT_ADDRESS, GROW_NOT, IN_LINES, 1,
      " street| avenue| road| boulevard| lane",
      "(?i)\\b[0-9]{1,6} [\\p{L}.'-]{2,20} "
      "(?:street|avenue|road|boulevard|lane)"
      "\\b" },
    { REDACT_ADDRESS, GROW_NOT, IN_LINES, 1, "box",
      "(?i)\\bp\\.? ?o\\.? ?box ?[0-9]{1,8}" },
    { REDACT_ADDRESS, GROW_WORD, IN_LINES, 1,
      "strass|stra\xc3|stra\xe1|str.|weg|platz|allee|gasse|damm|ufer"
      "|straat|laan|plein|gracht|kade|gatan|v\xc3|vej|gade|veien|katu|tie",
      "(?i)(?:stra(?:ß|ss)e|str\\.|weg|platz|allee|gasse|damm|ufer|straat|"
      "laan|plein|gracht|kade|gatan|vägen|vej|gade|veien|katu|tie) ?[0-9]{1,4}"
      " ?[a-z]?\\b" },
    { REDACT_ADDRESS, GROW_NOT, IN_LINES, 1,
      " rue | avenue | boulevard | place | chemin | all\xc3| impasse "
      "| quai | cours | route ",
      "(?i)\\b[0-9]{1,4}(?: ?(?:bis|ter|quater))?,? (?:rue|avenue|boulevard|"
      "place|chemin|allée|impasse|quai|cours|route) [^\\n,|]{2,40}" },
    { REDACT_ADDRESS, GROW_NOT, IN_LINES, 1,
      "calle |c/ |avenida |avda|av. |plaza |paseo |via |viale |piazza "
      "|corso |rua |travessa |pra\xc3|ulica |ul. ",
      "(?i)\\b(?:calle|c/|avenida|avda\\.?|av\\.|plaza|paseo|via|viale|piazza|"
      "corso|rua|travessa|praça|ulica|ul\\.) [^\\n,|0-9]{2,40},? ?(?:n["
      "º°o]?\\.? ?)?[0-9]{1,5}(?:/[0-9a-z]{1,4}\\b)?" },
    { REDACT_ADDRESS, GROW_NOT, IN_LINES, 1, "ул.|улица|проспект",
      "(?:ул\\.|улица|проспект) [^\\n,|0-9]{2,40},? ?(?:д\\.? ?)?[0-9]{1,4}"
      "(?:,? ?кв\\.? ?[0-9]{1,4})?" },
    { REDACT_ADDRESS, GROW_NOT, IN_LINES, 1, HAN,
      "[\\p{Han}]{1,8}[路街道巷] ?[0-9]{1,5} "
      "?[号號]|[\\p{Han}]{1,10}[0-9]{1,3}(?:"
      "丁目|-[0-9]{1,3}-[0-9]{1,3}|番地)[0-9\\p{Han}-]{0,20}" },
    { REDACT_ADDRESS, GROW_NOT, IN_LINES, 1, "区|區|市|町|村",
      "\\p{Han}{1,10}[区區市町村]\\p{Han}{0,8}[0-9]{1,4}(?:-[0-9]{1,4}){1,3}" },
    { REDACT_ADDRESS, GROW_NOT, IN_LINES, 1, "로|길",
      "\\p{Hangul}{1,12}[로길] "
      "?[0-9]{1,4}(?:-[0-9]{1,4})?(?![0-9\\p{Hangul}])" },
    { REDACT_ADDRESS, GROW_NOT, IN_LINES, 1, "plot|flat|house|door|h.no|h. no",
      "(?i)\\b(?:plot|flat|house|door|h\\.) ?(?:no\\b\\.?|number|#) ?:? ?"
      "[a-z/-]{0,4}[0-9][\\w/-]{0,10}(?:, ?sector[ -]?[0-9]{1,3})?" },
    { REDACT_ADDRESS, GROW_NOT, IN_LINES, 1,
      "address|adres|direcci|indirizzo|endere",
      "(?i)\\b(?:street |home |mailing |postal )?(?:address|adresse|"
      "dirección|indirizzo|endereço|adres) ?: ?\\K[^\\n,|]{0,60}[0-9][^\\n,|]"
      "{0,60}" },
    { REDACT_PHONE, GROW_NOT, IN_LINES, 7, NULL,
      "(?i)(?<![\\w.$€£])(?:\\+|00)?[(]?[0-9](?:[ \\t\xc2\xa0"
      "./·–—‒−‑()-]{0,3}[0-9]){6,16}(?: ?(?:"
      "x|ext\\.?|extension) ?[0-9]{1,6})?(?!\\w)" },
    /* Letters for digits: 1-800-FLOWERS, 800.CALL.NOW, (512) 555-HELP. */
    { REDACT_PHONE, GROW_NOT, IN_LINES, 3, "800|833|844|855|866|877|888",
      "(?<![\\w.-])(?:(?i:\\+?1[ .-]?\\(?" TOLL_FREE "\\)?[ .-]" KEYS ")|"
      "(?:\\(" TOLL_FREE "\\) ?|" TOLL_FREE "[.-])" KEYS ")(?!\\w)" },
    { REDACT_PHONE, GROW_NOT, IN_LINES, 6, NULL,
      "(?<![\\w.-])(?:\\+?1[ .-]?)?"
      "(?:\\([2-9][0-9]{2}\\) ?|[2-9][0-9]{2}[ .-])"
      "[2-9][0-9]{2}[.-][A-Z]{4}(?!\\w)" },
};
const size_t redact_row_count = ARRAY_LEN(redact_rows);

/* Kept for the program's life. */
static struct {
    struct pattern *patterns[ARRAY_LEN(redact_rows)];
    struct marks *marks;
    struct error err; /* why it isn't ready */
    bool ready;
} compiled;

static uint64_t row_bit(size_t row)
{
    return (uint64_t)1 << row;
}

/* K and S in disguise: what holds them may hold any word. */
#define OTHER_CASES "\xe2\x84\xaa|\xc5\xbf"

static bool compile_words(struct error *err)
{
    struct mark list[ARRAY_LEN(redact_rows) + 1];
    size_t count = 0, i;

    list[count++] = (struct mark){ OTHER_CASES, UINT64_MAX };
    for (i = 0; i < ARRAY_LEN(redact_rows); i++)
        if (redact_rows[i].words)
            list[count++] = (struct mark){ redact_rows[i].words, row_bit(i) };
    return marks_new(&compiled.marks, list, count, err);
}

static void prepare(void)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(redact_rows); i++)
        if (!(compiled.patterns[i] =
                  pattern_new(redact_rows[i].pattern, &compiled.err)))
            return;
    compiled.ready = compile_words(&compiled.err);
}

bool redact_rows_ready(struct error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, prepare);
    if (!compiled.ready)
        *err = compiled.err;
    return compiled.ready;
}

const struct pattern *redact_pattern(size_t row)
{
    return compiled.patterns[row];
}

static unsigned count_digits(const char *line, size_t len)
{
    unsigned digits = 0;
    size_t i;

    for (i = 0; i < len; i++)
        digits += line[i] >= '0' && line[i] <= '9';
    return digits;
}

uint64_t redact_rows_worth(const char *line, size_t len)
{
    uint64_t worth = marks_seen(compiled.marks, line, len);
    unsigned digits = count_digits(line, len);
    size_t i;

    for (i = 0; i < ARRAY_LEN(redact_rows); i++) {
        if (!redact_rows[i].words)
            worth |= row_bit(i);
        if (digits < redact_rows[i].digits)
            worth &= ~row_bit(i);
    }
    return worth;
}
