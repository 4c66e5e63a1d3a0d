#include "extract/redact.h"

#include "base/file.h"
#include "base/jsonr.h"
#include "extract/prompt.h"
#include "extract/values.h"
#include "tests/tap.h"

struct hide_case {
    const char *text, *hidden;
};

static const struct hide_case cases[] = {
    { "mail jane@x.org now", "mail [EMAIL-1] now" },
    { "a@x.org b@x.org a@x.org", "[EMAIL-1] [EMAIL-2] [EMAIL-1]" },
    { "jane [at] x [dot] org", "[EMAIL-1]" },
    { "jane(at)x.org", "[EMAIL-1]" },
    { "j\xc3\xb6rg@m\xc3\xbcller.de", "[EMAIL-1]" },
    { "Tel. (555) 123-4567 x12", "Tel. [PHONE-1]" },
    { "+1 555 123 4567", "[PHONE-1]" },
    { "+49 (0)30 / 901820", "[PHONE-1]" },
    { "5551234567", "[PHONE-1]" },
    { "555.201.2014", "[PHONE-1]" },
    { "0171-1234567", "[PHONE-1]" },
    { "linkedin.com/in/jane-roe", "[URL-1]" },
    { "See https://jane.example.com/cv?x=1 there", "See [URL-1] there" },
    { "github.com/jane", "[URL-1]" },
    { "www.jane.example", "[URL-1]" },
    { "jane.github.io", "[URL-1]" },
    { "jane@x.org | jane.dev | Boston", "[EMAIL-1] | [URL-1] | Boston" },
    { "Skype: jane.roe", "[URL-1]" },
    { "12 Main Street, Springfield, IL", "[ADDRESS-1], Springfield, IL" },
    { "1600 Pennsylvania Ave. NW", "[ADDRESS-1] NW" },
    { "4 Elm St Apt 3B", "[ADDRESS-1]" },
    { "4 elm street", "[ADDRESS-1]" },
    { "P.O. Box 77", "[ADDRESS-1]" },
    { "Hauptstra\xc3\x9f"
      "e 12, Berlin",
      "[ADDRESS-1], Berlin" },
    { "12 rue de la Paix, Paris", "[ADDRESS-1], Paris" },
    { "Calle Mayor 5, Madrid", "[ADDRESS-1], Madrid" },
    { "Via Roma, 10, Milano", "[ADDRESS-1], Milano" },
    { "Rua Augusta, 100", "[ADDRESS-1]" },
    { "Address: 7 Somewhere, Town", "Address: [ADDRESS-1], Town" },
    { "jane at x dot org", "[EMAIL-1]" },
    { "jane AT mail DOT x DOT org", "[EMAIL-1]" },
    { "mailto:jane%40x.org", "mailto:[EMAIL-1]" },
    { "jane&#64;x.org", "[EMAIL-1]" },
    { "jane_at_x.org", "[EMAIL-1]" },
    { "\"jane roe\"@x.org", "[EMAIL-1]" },
    { "jane@x,com, Boston", "[EMAIL-1], Boston" },
    { "212\xc2\xb7"
      "555\xc2\xb7"
      "0155",
      "[PHONE-1]" },
    { "212 \xe2\x80\x94 555 \xe2\x80\x94 0155", "[PHONE-1]" },
    { "linkedin . com / in / jane", "[URL-1]" },
    { "linkedin[.]com/in/jane", "[URL-1]" },
    { "Telegram @janeroe", "[URL-1]" },
    { "Skype live:jane.roe", "[URL-1]" },
    { "Skype calls at 9", "Skype calls at 9" },
    { "Portfolio: janeroe.dev/cv", "Portfolio: [URL-1]" },
    { "Web: ASP.NET, Node.js", "Web: ASP.NET, Node.js" },
    { "Portfolio: Node.js games", "Portfolio: Node.js games" },
    { "Calle Mayor 5\xc2\xba B, Madrid", "[ADDRESS-1]\xc2\xba B, Madrid" },
    { "Via Garibaldi 12/B, Torino", "[ADDRESS-1], Torino" },
    { "H.No. 12-3-456, Hyderabad", "[ADDRESS-1], Hyderabad" },
    { "jane@x.org, in/jane-roe", "[EMAIL-1], [URL-1]" },
    { "12 Main \xc5\xbftreet", "[ADDRESS-1]" }, /* capital: S */
    { "S\xe2\x84\xaaype: jane.roe", "[URL-1]" },
    { "Plot No 45, Sector 18, Gurgaon", "[ADDRESS-1], Gurgaon" },
    { "Flat No. 3B, Pune", "[ADDRESS-1], Pune" },
    { "\xe5\x8d\x83\xe4\xbb\xa3\xe7\x94\xb0\xe5\x8c\xba"
      "1-1",
      "[ADDRESS-1]" },
    { "\xed\x85\x8c\xed\x97\xa4\xeb\x9e\x80\xeb\xa1\x9c 152", "[ADDRESS-1]" },
    /* wrapped */
    { "jane.roe@\nx.org now", "[EMAIL-1] now" },
    { "Mail: jane.roe\n@x.org", "Mail: [EMAIL-1]" },
    { "jane@x.\norg", "[EMAIL-1]" },
    { "jane@example\n.org, Boston", "[EMAIL-1], Boston" },
    /* spelt out */
    { "jane dot roe at x dot org", "[EMAIL-1]" },
    { "jane (dot) roe (at) mail (dot) x (dot) org", "[EMAIL-1]" },
    { "jane[at]x[dot]co[dot]uk", "[EMAIL-1]" },
    { "jane at x (dot) org", "[EMAIL-1]" },
    { "jane (at) x dot org", "[EMAIL-1]" },
    { "jane@x dot org", "[EMAIL-1]" },
    { "1.800.FLOWERS", "[PHONE-1]" },
    { "1-800-FLOWERS", "[PHONE-1]" },
    { "1-800-Flowers", "[PHONE-1]" },
    { "(888) CALL-NOW", "[PHONE-1]" },
    { "+1 (888) GET-JANE", "[PHONE-1]" },
    { "512-555-HELP", "[PHONE-1]" },
    { "One Infinite Loop, Cupertino, CA", "[ADDRESS-1], Cupertino, CA" },
    { "1 Infinite Loop", "[ADDRESS-1]" },
    { "ONE ACME WAY", "[ADDRESS-1]" },
    { "Twenty-One Main Street", "[ADDRESS-1]" },
    /* not contact data */
    { "Mail jane@x.org.\nIn 2014 she left", "Mail [EMAIL-1].\nIn 2014 she "
                                            "left" },
    { "Engineer @\nBooking.com", "Engineer @\nBooking.com" },
    { "looked at a dot product", "looked at a dot product" },
    { "worked at the dot com boom", "worked at the dot com boom" },
    { "an 800-student school", "an 800-student school" },
    { "802.11AC-WIFI and S/4HANA 800-MODULE",
      "802.11AC-WIFI and S/4HANA 800-MODULE" },
    { "One Drive, One Day Close, One Team. Way forward",
      "One Drive, One Day Close, One Team. Way forward" },
    { "an 8 MiB loop over three main streets",
      "an 8 MiB loop over three main streets" },
    { "2014 \xe2\x80\x94 2018", "2014 \xe2\x80\x94 2018" },
    { "worked at Initech, built a dot matrix", "worked at Initech, built a dot "
                                               "matrix" },
    { "both in/out of house", "both in/out of house" },
    { "2014 - 2018", "2014 - 2018" },
    { "01/2015 - 03/2017", "01/2015 - 03/2017" },
    { "12.05.1990 - 01.02.2001", "12.05.1990 - 01.02.2001" },
    { "20140901", "20140901" },
    { "2019-01 to 2020-12", "2019-01 to 2020-12" },
    { "Sept 2014 \xe2\x80\x93 June 2018", "Sept 2014 \xe2\x80\x93 June 2018" },
    { "Node.js, ASP.NET, Socket.io", "Node.js, ASP.NET, Socket.io" },
    { "worked at Booking.com", "worked at Booking.com" },
    { "GPA 3.95/4.0, 1,200,000 users", "GPA 3.95/4.0, 1,200,000 users" },
    { "led 12 people on the way to 3 products", "led 12 people on the way to 3 "
                                                "products" },
    { "10 years in a Drive-by test", "10 years in a Drive-by test" },
};

static void contact_data_is_hidden_and_comes_back(void)
{
    struct error err;
    struct redaction *r = redaction_new(&err);
    struct strbuf hidden, back;
    size_t i;

    strbuf_init(&hidden, KIB);
    strbuf_init(&back, KIB);
    for (i = 0; r && i < ARRAY_LEN(cases); i++) {
        const struct hide_case *c = &cases[i];

        strbuf_clear(&hidden);
        strbuf_clear(&back);
        ok(redaction_find(r, c->text, strlen(c->text), &err), "it is read");
        redaction_hide(r, &hidden);
        redaction_restore(r, hidden.data, hidden.len, &back);
        is_str(hidden.data, c->hidden, "%s", c->text);
        is_str(back.data, c->text, "and comes back");
    }
    redaction_free(r);
    strbuf_release(&hidden);
    strbuf_release(&back);
}

static void models_may_be_careless_with_placeholders(void)
{
    static const char text[] = "jane@x.org, 555-123-4567";
    static const struct {
        const char *answer, *want;
    } answers[] = {
        { "[EMAIL-1]", "jane@x.org" },
        { "EMAIL-1", "jane@x.org" },
        { "[email-1]", "jane@x.org" },
        { "<[PHONE-1]>", "<555-123-4567>" },
        { "[EMAIL-2]", "[EMAIL-2]" },
        { "[EMAIL-1", "jane@x.org" },
        { "MYEMAIL-1", "MYEMAIL-1" },
        { "[EMAIL-1x]", "[EMAIL-1x]" },
        { "EMAIL-1, PHONE-1", "jane@x.org, 555-123-4567" },
        { "[EMAIL-]", "[EMAIL-]" },
        { "", "" },
    };
    struct error err;
    struct redaction *r = redaction_new(&err);
    struct strbuf back;
    size_t i;

    strbuf_init(&back, KIB);
    if (ok(r && redaction_find(r, text, strlen(text), &err), "it is read"))
        for (i = 0; i < ARRAY_LEN(answers); i++) {
            strbuf_clear(&back);
            redaction_restore(r, answers[i].answer, strlen(answers[i].answer),
                              &back);
            is_str(back.data, answers[i].want, "%s", answers[i].answer);
        }
    redaction_free(r);
    strbuf_release(&back);
}

/* What the labels of a sample call contact data. */
static const char *const contact_labels[] = {
    "/labels/email",
    "/labels/mobile",
    "/labels/website",
    "/labels/basics/email",
    "/labels/basics/phone",
    "/labels/basics/url",
    "/labels/basics/url/href",
    "/labels/basics/profiles/0/url",
    "/labels/basics/profiles/1/url",
    "/labels/basics/profiles/2/url",
    "/labels/basics/location/address",
};

static size_t check_sample(const struct json_node *root, const char *name)
{
    const struct prompt_limits limits = { .redact = true };
    enum prompt_verdict verdict;
    struct strbuf text, prompt, label;
    struct error err;
    unsigned flags = 0;
    size_t i, found = 0;

    strbuf_init(&text, MIB);
    strbuf_init(&prompt, MIB);
    strbuf_init(&label, KIB);
    if (!json_string(json_member(root, "text"), &text) ||
        !prompt_build(text.data, text.len, &limits, &prompt, &verdict, &flags,
                      &err))
        ok(false, "%s is built", name);
    if (flags & PROMPT_SUSPICIOUS)
        ok(false, "%s: honest, but flagged: %s", name, prompt.data);
    for (i = 0; i < ARRAY_LEN(contact_labels); i++) {
        strbuf_clear(&label);
        if (!json_string(json_pointer(root, contact_labels[i]), &label) ||
            label.len < 5 || !strstr(text.data, label.data))
            continue;
        found++;
        if (strstr(prompt.data, label.data))
            ok(false, "%s: %s leaves: %s", name, contact_labels[i], label.data);
    }
    strbuf_release(&text);
    strbuf_release(&prompt);
    strbuf_release(&label);
    return found;
}

static void nothing_of_the_samples_leaves(void)
{
    static const char *const folders[] = { "bazil", "jsonresume",
                                           "reactive_resume", "rendercv" };
    struct json_doc *doc = json_doc_new();
    struct file_lines lines;
    struct strbuf path;
    struct error err;
    size_t i, found = 0, len, samples = 0;
    bool too_long;
    char *line;

    strbuf_init(&path, 4096);
    for (i = 0; i < ARRAY_LEN(folders); i++) {
        strbuf_clear(&path);
        strbuf_addf(&path, "%s/tests/data/resumes/%s/resumes.jsonl",
                    getenv("srcdir"), folders[i]);
        if (!file_lines_open(&lines, path.data, MIB, &err)) {
            ok(false, "%s", err.message);
            continue;
        }
        while (file_lines_next(&lines, &line, &len, &too_long, &err) && line) {
            const struct json_node *root =
                json_read(doc, line, len, NULL, &err);

            samples++;
            found += root ? check_sample(root, folders[i]) : 0;
        }
        file_lines_close(&lines);
    }
    ok(found >= 60, "%zu values of %zu samples stayed here", found, samples);
    json_doc_free(doc);
    strbuf_release(&path);
}

/* prompt_clean() makes them plain first. */
static void digits_of_other_scripts_are_digits(void)
{
    static const char text[] =
        "\xd9\xa0\xd9\xa1\xd9\xa2-\xd9\xa3\xd9\xa4\xd9\xa5\xd9\xa6\xd9\xa7"
        "\xd9\xa8\xd9\xa9\xd9\xa0";
    const struct prompt_limits limits = { .redact = true };
    enum prompt_verdict verdict;
    struct strbuf prompt;
    struct error err;
    unsigned flags;

    strbuf_init(&prompt, KIB);
    ok(prompt_build(text, strlen(text), &limits, &prompt, &verdict, &flags,
                    &err) &&
           strstr(prompt.data, "\n[PHONE-1]\n"),
       "an Arabic phone is hidden");
    strbuf_release(&prompt);
}

static void values_get_their_text_back(void)
{
    static const char resume[] =
        "Jane Roe\n12 Main Street, Springfield\n(555) 123-4567 "
        "jane\xe2\x80\x8b@x.org\nlinkedin.com/in/jane-roe\n";
    static const char answer[] =
        "{\"first_name\":\"Jane\",\"middle_name\":null,\"last_name\":\"Roe\","
        "\"emails\":[\"[EMAIL-1]\"],\"phones\":[\"PHONE-1\"],\"linkedin\":"
        "\"[URL-1]\",\"address\":\"[ADDRESS-1]\",\"city\":\"Springfield\","
        "\"state\":null,\"zipcode\":null,\"bachelors\":null,\"masters\":null,"
        "\"certifications\":[],\"positions\":[],\"titles\":[],\"industries\":"
        "[],\"categories\":[],\"skills\":[],\"software_languages\":[],"
        "\"software_apps\":[],\"hardware\":[],\"project_types\":[],"
        "\"specialty\":null,\"summary\":null,\"years_of_experience\":null,"
        "\"average_tenure\":null,\"length_in_us\":null}";
    static const char *const want[] = { "jane@x.org",
                                        NULL,
                                        "555-123-4567",
                                        NULL,
                                        "https://www.linkedin.com/in/"
                                        "jane-roe",
                                        "12 Main Street" };
    enum values_outcome outcome = VALUES_EMPTY;
    struct profile *p = NULL;
    struct values *v = NULL;
    struct error err;
    char detail[256], text[256];
    size_t i;

    if (!ok(profile_open(&p, "resume", &err) && values_new(&v, p, NULL, &err) &&
                values_set_redact(v, true, &err) &&
                values_read(v, answer, strlen(answer), resume, strlen(resume),
                            0, &outcome, detail, &err) &&
                outcome == VALUES_OK,
            "an answer with placeholders"))
        return;
    for (i = 0; i < ARRAY_LEN(want); i++) {
        const struct value *value = values_at(v, 3 + i);

        snprintf(text, sizeof(text), "%.*s", (int)value->len,
                 value->text ? value->text : "");
        is_str(text, want[i] ? want[i] : "", "%s", p->columns[3 + i].name);
    }
    values_free(v);
    profile_close(p);
}

int main(void)
{
    contact_data_is_hidden_and_comes_back();
    models_may_be_careless_with_placeholders();
    nothing_of_the_samples_leaves();
    digits_of_other_scripts_are_digits();
    values_get_their_text_back();
    return tap_done();
}
