#include "server/page_parts.h"

#include <pthread.h>
#include <string.h>

#include "base/thread_pool.h"
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
    struct thread_pool *pool;                 /* owned; of errands */
    pthread_mutex_t tally_lock;
    struct page_tally *tallies; /* owned */
};

/* -- other threads -- */

static void run(void *context, void *own, void *job)
{
    const struct page *p = context;
    const struct errand *e = job;

    (void)own;
    if (flag_is_set(page_stop(p)))
        api_error(e->x, 503, "shutting_down", NULL,
                  "The server is shutting down.");
    else
        e->work(e->x);
    exchange_resume(e->x);
}

/* Suspended before another thread can resume it. */
void page_later(struct exchange *x, void (*work)(struct exchange *x))
{
    struct errand e = { x, work };

    exchange_suspend(x);
    if (thread_pool_put(api_of(x)->page->pool, &e))
        return;
    api_error(x, 503, "busy", NULL,
              "The server is busy with other tables: try again in a moment.");
    exchange_add_header(x, "Retry-After", "5");
    exchange_resume(x);
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
    return thread_pool_stop(p->pool);
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
    struct thread_pool_settings pool = { .threads = THREADS,
                                         .waiting = WAITING,
                                         .job_size = sizeof(struct errand),
                                         .run = run,
                                         .context = p };

    *out = p;
    if (!p)
        return error_memory(err);
    p->st = st;
    p->settings = settings;
    pthread_mutex_init(&p->tally_lock, NULL);
    return thread_pool_open(&p->pool, &pool, err);
}

void page_close(struct page *p)
{
    if (!p)
        return;
    thread_pool_close(p->pool);
    page_tallies_free(p->tallies);
    pthread_mutex_destroy(&p->tally_lock);
    free(p);
}
