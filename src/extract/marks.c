#include "extract/marks.h"

struct marks {
    uint16_t next[MARKS_STATES][256];
    uint64_t bits[MARKS_STATES];
    uint16_t fallback[MARKS_STATES]; /* the longest proper end of a state
                                        that words begin with */
    uint16_t count;
};

/* -- the words, as a tree: 0 = no such step, and the root -- */

static bool step_to(struct marks *m, uint16_t *state, char c, struct error *err)
{
    uint16_t *next = &m->next[*state][(unsigned char)c];

    if (!*next) {
        if (m->count == MARKS_STATES)
            return error_set(err, ERROR_SETUP, "too many words to look for");
        *next = m->count++;
    }
    *state = *next;
    return true;
}

static bool add_words(struct marks *m, const struct mark *mark,
                      struct error *err)
{
    const char *s = mark->words;
    uint16_t state = 0;

    for (;; s++) {
        if (*s && *s != '|') {
            s += *s == '\\' && s[1];
            if (!step_to(m, &state, *s, err))
                return false;
            continue;
        }
        m->bits[state] |= mark->bits;
        state = 0;
        if (!*s)
            return true;
    }
}

/* -- the tree becomes an automaton -- */

/* A state is done when the steps of its fallback, which is nearer to the
 * root, are: so states go by their depth. */
static void link_states(struct marks *m)
{
    uint16_t queue[MARKS_STATES];
    size_t put = 0, at;
    unsigned c;

    queue[put++] = 0;
    for (at = 0; at < put; at++) {
        uint16_t state = queue[at];
        const uint16_t *instead = m->next[m->fallback[state]];

        m->bits[state] |= m->bits[m->fallback[state]];
        for (c = 0; c < 256; c++) {
            uint16_t *next = &m->next[state][c];

            if (!*next) {
                *next = instead[c];
                continue;
            }
            m->fallback[*next] = state ? instead[c] : 0;
            queue[put++] = *next;
        }
    }
}

/* Capitals go where small letters go. */
static void fold_case(struct marks *m)
{
    size_t i;

    for (i = 0; i < m->count; i++)
        memcpy(&m->next[i]['A'], &m->next[i]['a'], 26 * sizeof(m->next[0][0]));
}

bool marks_new(struct marks **marks, const struct mark *list, size_t count,
               struct error *err)
{
    struct marks *m = calloc(1, sizeof(*m));
    size_t i;

    *marks = NULL;
    if (!m)
        return error_memory(err);
    m->count = 1;
    for (i = 0; i < count; i++)
        if (!add_words(m, &list[i], err)) {
            marks_free(m);
            return false;
        }
    link_states(m);
    fold_case(m);
    *marks = m;
    return true;
}

void marks_free(struct marks *m)
{
    free(m);
}

uint64_t marks_seen(const struct marks *m, const char *text, size_t len)
{
    uint64_t seen = 0;
    size_t state = 0, i;

    for (i = 0; i < len; i++) {
        state = m->next[state][(unsigned char)text[i]];
        seen |= m->bits[state];
    }
    return seen;
}
