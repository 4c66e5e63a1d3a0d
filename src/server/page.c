#include "server/page_parts.h"

#include <pthread.h>
#include <string.h>

#include "server/page_web.h"

#define THREADS 2
#define WAITING 32
#define JSON_MOST (64 * KIB)

struct errand {
    struct exchange *x;
    void (*work)(struct exchange *x);
};

struct page {
    struct state *st;                         /* borrowed */
    const struct dispatch_settings *settings; /* borrowed */
    pthread_t threads[THREADS];
    size_t thread_count;
    pthread_mutex_t lock; /* of the errands */
    pthread_cond_t wake;
    volatile bool quit;
    struct errand waiting[WAITING]; /* a ring */
    size_t first, count;
    pthread_mutex_t tally_lock;
    struct page_tally *tallies; /* owned */
};

/* -- other threads -- */

static bool next_errand(struct page *p, struct errand *e)
{
    bool found;

    pthread_mutex_lock(&p->lock);
    while (!p->count && !flag_is_set(&p->quit))
        pthread_cond_wait(&p->wake, &p->lock);
    found = p->count > 0;
    if (found) {
        *e = p->waiting[p->first];
        p->first = (p->first + 1) % WAITING;
        p->count--;
    }
    pthread_mutex_unlock(&p->lock);
    return found;
}

static void *serve(void *context)
{
    struct page *p = context;
    struct errand e;

    while (next_errand(p, &e)) {
        if (flag_is_set(&p->quit))
            api_error(e.x, 503, "shutting_down", NULL,
                      "The server is shutting down.");
        else
            e.work(e.x);
        exchange_resume(e.x);
    }
    return NULL;
}

void page_later(struct exchange *x, void (*work)(struct exchange *x))
{
    struct page *p = api_of(x)->page;
    bool room;

    /* Suspended before another thread can resume it. */
    pthread_mutex_lock(&p->lock);
    room = p->count < WAITING && !flag_is_set(&p->quit);
    if (room) {
        exchange_suspend(x);
        p->waiting[(p->first + p->count++) % WAITING] =
            (struct errand){ x, work };
        pthread_cond_signal(&p->wake);
    }
    pthread_mutex_unlock(&p->lock);
    if (!room) {
        api_error(x, 503, "busy", NULL,
                  "The server is busy with other tables: try again in a "
                  "moment.");
        exchange_add_header(x, "Retry-After", "5");
    }
}

/* -- the parts -- */

struct state *page_state(struct page *p)
{
    return p->st;
}

const struct dispatch_settings *page_settings(const struct page *p)
{
    return p->settings;
}

const volatile bool *page_stop(const struct page *p)
{
    return &p->quit;
}

struct page_tally **page_tallies(struct page *p)
{
    return &p->tallies;
}

void page_lock(struct page *p)
{
    pthread_mutex_lock(&p->tally_lock);
}

void page_unlock(struct page *p)
{
    pthread_mutex_unlock(&p->tally_lock);
}

/* -- profiles -- */

/* What people may choose; the first is chosen beforehand. */
static const struct {
    const char *name, *title, *about;
} offers[] = {
    { "score", "Score candidates",
      "Five scores from 1 to 10, with a reason for each. Contact data is "
      "hidden from the model." },
    { "resume", "Read resumes",
      "Jobs, dates, skills, education and contact data out of each text, one "
      "column each." },
    { "news", "Read news",
      "Title, companies, sector, mood and a summary of each article." },
};

bool page_profile(const char *name, struct profile **profile, struct error *err)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(offers); i++)
        if (name && !strcmp(name, offers[i].name))
            return profile_open(profile, name, err);
    return error_set(err, ERROR_REJECT, "There is no such profile.");
}

static void options(struct exchange *x)
{
    struct strbuf out;
    struct jsonw w;
    size_t i;

    strbuf_init(&out, 64 * KIB);
    jsonw_init(&w, &out);
    jsonw_object(&w, NULL);
    jsonw_integer(&w, "max_upload", api_of(x)->max_upload);
    jsonw_array(&w, "profiles");
    for (i = 0; i < ARRAY_LEN(offers); i++) {
        jsonw_object(&w, NULL);
        jsonw_text(&w, "name", offers[i].name);
        jsonw_text(&w, "title", offers[i].title);
        jsonw_text(&w, "about", offers[i].about);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    jsonw_end_object(&w);
    api_reply(x, &out);
}

/* -- the page itself -- */

static void index_html(struct exchange *x)
{
    (void)page_send(x, "index.html");
}

static void web_file(struct exchange *x)
{
    if (!page_send(x, exchange_param(x)))
        api_not_found(x, "File");
}

const struct http_route page_routes[] = {
    { "GET", "/", BODY_NONE, 0, true, index_html },
    { "GET", "/web/{file}", BODY_NONE, 0, true, web_file },
    { "GET", "/page/options", BODY_NONE, 0, false, options },
    { "POST", "/page/tables", BODY_FORM, 0, false, page_upload },
    { "GET", "/page/tables/{id}", BODY_NONE, 0, false, page_get_table },
    { "POST", "/page/tables/{id}/estimate", BODY_MEMORY, JSON_MOST, false,
      page_estimate },
    { "POST", "/page/tables/{id}/start", BODY_MEMORY, JSON_MOST, false,
      page_start },
    { "GET", "/page/jobs/{id}/scores", BODY_NONE, 0, false, page_scores },
    { "GET", "/page/jobs/{id}/rows", BODY_NONE, 0, false, page_rows },
    { "GET", "/page/jobs/{id}/results.csv", BODY_NONE, 0, false, page_results },
};
const size_t page_route_count = ARRAY_LEN(page_routes);

/* -- opening -- */

bool page_open(struct page **out, struct state *st,
               const struct dispatch_settings *settings, struct error *err)
{
    struct page *p = calloc(1, sizeof(*p));

    *out = p;
    if (!p)
        return error_memory(err);
    p->st = st;
    p->settings = settings;
    pthread_mutex_init(&p->lock, NULL);
    pthread_mutex_init(&p->tally_lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    for (; p->thread_count < THREADS; p->thread_count++)
        if (pthread_create(&p->threads[p->thread_count], NULL, serve, p) != 0)
            return error_set(err, ERROR_RETRY, "cannot start another thread");
    return true;
}

void page_close(struct page *p)
{
    size_t i;

    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    flag_set(&p->quit, true);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (i = 0; i < p->thread_count; i++)
        pthread_join(p->threads[i], NULL);
    page_tallies_free(p->tallies);
    pthread_mutex_destroy(&p->lock);
    pthread_mutex_destroy(&p->tally_lock);
    pthread_cond_destroy(&p->wake);
    free(p);
}
