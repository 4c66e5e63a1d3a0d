#include "provider/mail.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/strbuf.h"
#include "provider/http_private.h"

#define SECONDS 30L
#define CONNECT_SECONDS 10L
#define MOST_RECIPIENTS 50
#define LONGEST_ADDRESS 254

/* -- addresses -- */

/* Nothing that could end a line or a command. */
static bool is_address(const char *text, size_t len)
{
    const char *at = memchr(text, '@', len);
    size_t i;

    for (i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] == '<' || text[i] == '>' ||
            text[i] == ',' || text[i] == '"' || (text[i] & 0x80))
            return false;
    return at && at > text && at + 1 < text + len && len <= LONGEST_ADDRESS;
}

/* The next of a list with commas; false at its end. */
static bool next_address(const char **list, const char **at, size_t *len)
{
    *list += strspn(*list, ", \t");
    *at = *list;
    *len = strcspn(*list, ", \t");
    *list += *len;
    return *len > 0;
}

static bool lacks(const char *what, struct error *err)
{
    return error_exit(err, ERROR_SETUP, EXIT_SETTINGS, "%s", what);
}

bool mail_check(const struct notify_settings *s, struct error *err)
{
    const char *list = s->to ? s->to : "", *at;
    size_t len, count = 0;

    if (strncasecmp(s->smtp, "smtp://", 7) != 0 &&
        strncasecmp(s->smtp, "smtps://", 8) != 0)
        return lacks("notify.smtp is a mail server's address: "
                     "smtp://host:25 or smtps://host:465",
                     err);
    if (!s->from || !is_address(s->from, strlen(s->from)))
        return lacks("set notify.from to the sender's e-mail address", err);
    while (next_address(&list, &at, &len))
        if (!is_address(at, len) || ++count > MOST_RECIPIENTS)
            return lacks("notify.to holds what is no e-mail address, or more "
                         "than 50",
                         err);
    return count || lacks("set notify.to to who gets the e-mails", err);
}

static struct curl_slist *recipients(const struct notify_settings *s)
{
    const char *list = s->to, *at;
    struct curl_slist *out = NULL, *more;
    char text[LONGEST_ADDRESS + 3];
    size_t len;

    while (next_address(&list, &at, &len)) {
        snprintf(text, sizeof(text), "<%.*s>", (int)len, at);
        more = curl_slist_append(out, text);
        if (!more)
            break;
        out = more;
    }
    return out;
}

/* -- the letter -- */

static void add_date(struct strbuf *out, double now)
{
    static const char *const days[] = { "Sun", "Mon", "Tue", "Wed",
                                        "Thu", "Fri", "Sat" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr",
                                          "May", "Jun", "Jul", "Aug",
                                          "Sep", "Oct", "Nov", "Dec" };
    time_t t = (time_t)now;
    struct tm tm;

    if (gmtime_r(&t, &tm))
        strbuf_addf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n",
                    days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
                    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* A header's text: printable ASCII. */
static void add_plain(struct strbuf *out, const char *text)
{
    for (; *text; text++)
        strbuf_addc(out, *text >= ' ' && *text < 0x7f ? *text : '?');
}

static void add_lines(struct strbuf *out, const char *text)
{
    size_t len;

    for (; *text; text += len, text += *text == '\n') {
        len = strcspn(text, "\r\n");
        strbuf_add(out, text, len);
        strbuf_adds(out, "\r\n");
        text += text[len] == '\r';
    }
}

static bool write_letter(const struct notify_settings *s,
                         const struct notice *n, double now, struct strbuf *out,
                         struct error *err)
{
    const char *domain = strchr(s->from, '@') + 1;

    add_date(out, now);
    strbuf_addf(out, "From: vitae <%s>\r\nTo: %s\r\nSubject: ", s->from, s->to);
    add_plain(out, n->subject);
    strbuf_addf(out,
                "\r\nMessage-ID: <%s@%s>\r\nAuto-Submitted: auto-generated\r\n"
                "MIME-Version: 1.0\r\n"
                "Content-Type: text/plain; charset=utf-8\r\n"
                "Content-Transfer-Encoding: 8bit\r\n\r\n",
                n->id, domain);
    add_lines(out, n->text);
    return strbuf_ok(out) || error_memory(err);
}

/* -- sending -- */

struct letter {
    const struct strbuf *text;
    size_t at;
    const volatile bool *stop;
};

static size_t give(char *out, size_t one, size_t n, void *context)
{
    struct letter *l = context;
    size_t len = l->text->len - l->at;

    if (len > one * n)
        len = one * n;
    memcpy(out, l->text->data + l->at, len);
    l->at += len;
    return len;
}

static int watch(void *context, curl_off_t a, curl_off_t b, curl_off_t c,
                 curl_off_t d)
{
    const struct letter *l = context;

    (void)a, (void)b, (void)c, (void)d;
    return l->stop && flag_is_set(l->stop);
}

static bool set_letter(CURL *easy, struct letter *letter, const char *from,
                       struct curl_slist *to)
{
    return !curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from) &&
           !curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to) &&
           !curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L) &&
           !curl_easy_setopt(easy, CURLOPT_READFUNCTION, give) &&
           !curl_easy_setopt(easy, CURLOPT_READDATA, letter) &&
           !curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, watch) &&
           !curl_easy_setopt(easy, CURLOPT_XFERINFODATA, letter) &&
           !curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
}

/* A password never goes out in the clear: a libcurl without TLS refuses
 * CURLOPT_USE_SSL, and nothing is sent. */
static bool set_server(CURL *easy, const struct notify_settings *s, char *why)
{
    bool secret = s->smtp_password && *s->smtp_password;
    long tls = secret ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY;

    why[0] = '\0';
    return !curl_easy_setopt(easy, CURLOPT_URL, s->smtp) &&
           !curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps") &&
           !curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) &&
           !curl_easy_setopt(easy, CURLOPT_PROXY, "") &&
           !curl_easy_setopt(easy, CURLOPT_TIMEOUT, SECONDS) &&
           !curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS) &&
           !curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, why) &&
           (!curl_easy_setopt(easy, CURLOPT_USE_SSL, tls) || !secret) &&
           (!secret ||
            !curl_easy_setopt(easy, CURLOPT_PASSWORD, s->smtp_password));
}

static bool set_up(CURL *easy, const struct notify_settings *s,
                   struct letter *letter, const char *from,
                   struct curl_slist *to, char *why, struct error *err)
{
    return (set_server(easy, s, why) && set_letter(easy, letter, from, to)) ||
           error_exit(err, ERROR_SETUP, EXIT_PROVIDER,
                      "this libcurl can't send mail%s",
                      s->smtp_password && *s->smtp_password
                          ? " over TLS, which notify.smtp_password needs"
                          : "");
}

static bool failed(CURL *easy, CURLcode code, const char *why,
                   struct error *err)
{
    enum error_kind kind = ERROR_RETRY;
    long reply = 0;

    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply);
    if (code == CURLE_LOGIN_DENIED || code == CURLE_PEER_FAILED_VERIFICATION ||
        code == CURLE_USE_SSL_FAILED || reply / 100 == 5)
        kind = ERROR_SETUP;
    error_exit(err, kind, EXIT_PROVIDER, "the mail server: %.200s",
               *why ? why : curl_easy_strerror(code));
    err->native = reply;
    return false;
}

bool mail_send(const struct notify_settings *s, const struct notice *notice,
               double now, const volatile bool *stop, struct error *err)
{
    struct letter letter = { NULL, 0, stop };
    char from[LONGEST_ADDRESS + 3], why[CURL_ERROR_SIZE];
    struct curl_slist *to = NULL;
    struct strbuf text;
    CURL *easy = NULL;
    CURLcode code;
    bool ok;

    strbuf_init(&text, MIB);
    ok = mail_check(s, err) && http_start(err) &&
         write_letter(s, notice, now, &text, err);
    if (ok) {
        easy = curl_easy_init();
        to = recipients(s);
        ok = (easy && to) || error_memory(err);
    }
    if (ok) {
        letter.text = &text;
        snprintf(from, sizeof(from), "<%s>", s->from);
        ok = set_up(easy, s, &letter, from, to, why, err);
    }
    if (ok) {
        code = curl_easy_perform(easy);
        ok = code == CURLE_OK || failed(easy, code, why, err);
    }
    curl_slist_free_all(to);
    curl_easy_cleanup(easy);
    strbuf_release(&text);
    return ok;
}
