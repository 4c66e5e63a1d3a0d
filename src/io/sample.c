#include "io/sample.h"

#include "base/file.h"
#include "io/csv.h"
#include "io/output.h"

#define LIST(name) name, ARRAY_LEN(name)

static const char *const given[] = {
    "Ann",   "Bjorn", "Chidi",  "Daria", "Emeka", "Fatima", "Greta", "Hiro",
    "Ines",  "Jonas", "Kamala", "Liam",  "Mei",   "Nadia",  "Omar",  "Priya",
    "Quinn", "Ramon", "Sofia",  "Tariq", "Uma",   "Viktor", "Wanda", "Yusuf",
};
static const char *const family[] = {
    "Abara",  "Berg",   "Castillo", "Dunmore", "Eriksen", "Farrow", "Gupta",
    "Haddad", "Ishida", "Jansen",   "Kowal",   "Lindt",   "Moreau", "Novak",
    "Okoye",  "Petrov", "Quispe",   "Rossi",   "Sato",    "Tanaka", "Vance",
};
static const char *const fields[] = {
    "backend development", "data engineering",   "quality assurance",
    "network operations",  "accounting",         "technical support",
    "product management",  "mechanical design",  "nursing",
    "logistics planning",  "customer relations", "machine learning",
};
static const char *const skills[] = {
    "C",        "Python",     "SQL",         "Java",       "Linux",
    "Excel",    "Kubernetes", "PostgreSQL",  "SAP",        "AutoCAD",
    "Rust",     "Terraform",  "negotiation", "scheduling", "statistics",
    "teaching", "German",     "writing",     "budgeting",  "TypeScript",
};
static const char *const degrees[] = {
    "BSc Computer Science",
    "MSc Statistics",
    "BA Economics",
    "MBA",
    "PhD Physics",
    "Apprenticeship",
    "High school",
    "BEng Mechanical Eng.",
    "none",
};
static const char *const verbs[] = {
    "Led a team of %d in %s.",
    "Cut costs by %d%% in %s.",
    "Wrote \"%d rules of %s\", a guide used by three teams.",
    "Moved %d systems of a regional firm; background in %s.",
    "Trained %d colleagues in %s, remote and on site.",
};

/* splitmix64: the same everywhere. */
static uint64_t chance(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static const char *one_of(const char *const *list, size_t count,
                          uint64_t *state)
{
    return list[chance(state) % count];
}

static void add(struct strbuf *row, const char *text)
{
    strbuf_addc(row, ',');
    csv_add(row, text, strlen(text), false);
}

static void add_skills(struct strbuf *row, uint64_t *state)
{
    size_t from = chance(state) % ARRAY_LEN(skills);
    size_t n = 2 + chance(state) % 4, i;
    char text[160] = "";
    size_t len = 0;

    for (i = 0; i < n; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
                                i ? ", " : "",
                                skills[(from + 3 * i) % ARRAY_LEN(skills)]);
    add(row, text);
}

static void add_summary(struct strbuf *row, uint64_t *state)
{
    const char *verb = one_of(LIST(verbs), state);
    const char *field = one_of(LIST(fields), state);
    int n = 2 + (int)(chance(state) % 30);
    char number[16];
    struct strbuf text;

    strbuf_init(&text, 400);
    snprintf(number, sizeof(number), "%d", n);
    for (; *verb; verb++) {
        if (*verb != '%') {
            strbuf_addc(&text, *verb);
            continue;
        }
        verb++;
        strbuf_adds(&text, *verb == 'd' ? number : *verb == 's' ? field : "%");
    }
    add(row, text.data);
    strbuf_release(&text);
}

static void add_row(struct strbuf *row, int64_t number, uint64_t *state)
{
    char text[80];

    strbuf_addf(row, "%lld", (long long)number);
    snprintf(text, sizeof(text), "%s %s", one_of(LIST(given), state),
             one_of(LIST(family), state));
    add(row, text);
    snprintf(text, sizeof(text), "%d years", (int)(chance(state) % 31));
    add(row, text);
    add_skills(row, state);
    add(row, one_of(LIST(degrees), state));
    add_summary(row, state);
    strbuf_addc(row, '\n');
}

static bool stopped(struct error *err)
{
    error_exit(err, ERROR_RETRY, EXIT_INTERRUPTED,
               "stopped: nothing was written");
    error_code(err, "stopped");
    return false;
}

static bool write_rows(struct file_writer *file, int64_t count, uint64_t seed,
                       const volatile bool *stop, struct error *err)
{
    uint64_t state = seed;
    struct strbuf row;
    int64_t i;
    bool ok = true;

    strbuf_init(&row, 4 * KIB);
    strbuf_adds(&row, "candidate_id,name,experience,skills,education,summary"
                      "\n");
    for (i = 0; ok && i < count; i++) {
        add_row(&row, 1001 + i, &state);
        ok = *stop ? stopped(err) : file_add(file, row.data, row.len, err);
        strbuf_clear(&row);
    }
    if (ok && row.len)
        ok = file_add(file, row.data, row.len, err);
    strbuf_release(&row);
    return ok;
}

bool sample_write(const char *path, int64_t count, uint64_t seed, bool replace,
                  const volatile bool *stop, struct error *err)
{
    struct file_writer file = FILE_WRITER_CLOSED;
    bool ok;

    if (!output_is_free(path, replace, err))
        return false;
    ok = file_create(&file, path, err) &&
         write_rows(&file, count, seed, stop, err) && file_commit(&file, err);
    file_abandon(&file);
    return ok;
}
