#include "runner/plan.h"

#define TAG_BITS 24
#define TAG_MASK (((uint64_t)1 << TAG_BITS) - 1)
#define MOST_OFFSET ((uint64_t)1 << (64 - TAG_BITS))
#define MOST_GROUPS 60000
#define SHORT_FILE 20 /* times the slots */

/* What only the making needs. */
struct making {
    struct plan *plan;
    size_t slots; /* requests at once */
    const volatile bool *stop;
    const struct plan_watch *watch; /* NULL = nobody looks */
    struct file_lines lines, earlier;
    struct json_doc *doc; /* owned */
    uint64_t *ids;        /* owned: 32 bits of hash, 32 of line + 1 */
    size_t id_slots;
    struct mark *marks; /* owned: the groups seen */
    size_t mark_slots;
};

struct mark {
    uint64_t hash; /* 0 = free */
    uint16_t number;
};

/* -- one line -- */

/* Lines without an id are told apart by where they stand. */
static uint64_t id_hash(const struct plan *p, const char *id, size_t len,
                        uint64_t offset)
{
    return id ? custom_id_hash(&p->key, id, len)
              : hash_bytes(&p->key, &offset, sizeof(offset));
}

static uint64_t tag_of(uint64_t hash)
{
    return hash >> (64 - TAG_BITS);
}

uint64_t plan_offset(const struct plan *p, size_t line)
{
    return p->lines[line] >> TAG_BITS;
}

bool plan_matches(const struct plan *p, size_t line, const char *custom_id,
                  size_t len)
{
    uint64_t offset = plan_offset(p, line);

    return tag_of(id_hash(p, custom_id, len, offset)) ==
           (p->lines[line] & TAG_MASK);
}

static uint16_t number_of(const struct plan *p, size_t line)
{
    return p->group ? p->group[line] : p->same;
}

int64_t plan_group(const struct plan *p, size_t line)
{
    uint16_t number = number_of(p, line);

    return p->kinds[number].shares ? number : -1;
}

size_t plan_lane(const struct plan *p, size_t line)
{
    return p->kinds[number_of(p, line)].lane;
}

static bool grow(struct plan *p, struct error *err)
{
    size_t size = p->size ? p->size + p->size / 2 : 4096;
    uint64_t *lines = realloc(p->lines, size * sizeof(*lines));
    uint16_t *group;

    if (!lines)
        return error_memory(err);
    p->lines = lines;
    if (p->group) {
        group = realloc(p->group, size * sizeof(*group));
        if (!group)
            return error_memory(err);
        p->group = group;
    }
    p->size = size;
    return true;
}

/* -- repeated custom_ids -- */

static void put_id(uint64_t *ids, size_t slots, uint64_t entry)
{
    size_t at = (size_t)(entry >> 32) & (slots - 1);

    while (ids[at])
        at = (at + 1) & (slots - 1);
    ids[at] = entry;
}

static bool grow_ids(struct making *m, struct error *err)
{
    size_t slots = m->id_slots ? m->id_slots * 2 : 8192, i;
    uint64_t *ids = calloc(slots, sizeof(*ids));

    if (!ids)
        return error_memory(err);
    for (i = 0; i < m->id_slots; i++)
        if (m->ids[i])
            put_id(ids, slots, m->ids[i]);
    free(m->ids);
    m->ids = ids;
    m->id_slots = slots;
    return true;
}

/* Equal hashes are not yet equal ids: looks at the earlier line itself. */
static bool same_id(struct making *m, size_t line,
                    const struct request *request, bool *same,
                    struct error *err)
{
    struct json_doc *doc = json_doc_new();
    struct request earlier;
    bool too_long, ok = false;
    size_t len;
    char *text;

    *same = false;
    if (!doc)
        return error_memory(err);
    if (!file_lines_seek(&m->earlier, plan_offset(m->plan, line), err) ||
        !file_lines_next(&m->earlier, &text, &len, &too_long, err))
        goto out;
    if (text && !request_read(doc, text, len, NULL, &earlier, err))
        goto out;
    *same = text && earlier.custom_id &&
            custom_id_equal(earlier.custom_id, earlier.custom_id_len,
                            request->custom_id, request->custom_id_len);
    ok = true;
out:
    json_doc_free(doc);
    return ok;
}

/* Notes the id for the line that comes next, unless an earlier one has it. */
static bool note_id(struct making *m, const struct request *request,
                    uint64_t hash, bool *repeated, struct error *err)
{
    uint64_t high = hash >> 32;
    size_t at;

    if (2 * m->plan->count >= m->id_slots && !grow_ids(m, err))
        return false;
    for (at = (size_t)high & (m->id_slots - 1); m->ids[at];
         at = (at + 1) & (m->id_slots - 1)) {
        if (m->ids[at] >> 32 != high)
            continue;
        if (!same_id(m, (size_t)(m->ids[at] & UINT32_MAX) - 1, request,
                     repeated, err))
            return false;
        if (*repeated)
            return true;
    }
    m->ids[at] = high << 32 | (m->plan->count + 1);
    return true;
}

/* -- groups -- */

static struct mark *find_mark(struct making *m, uint64_t hash)
{
    size_t at = (size_t)hash & (m->mark_slots - 1);

    while (m->marks[at].hash && m->marks[at].hash != hash)
        at = (at + 1) & (m->mark_slots - 1);
    return &m->marks[at];
}

static bool grow_marks(struct making *m, struct error *err)
{
    struct mark *old = m->marks;
    size_t slots = m->mark_slots, i;

    m->mark_slots = slots ? slots * 2 : 64;
    m->marks = calloc(m->mark_slots, sizeof(*m->marks));
    if (!m->marks) {
        m->marks = old;
        m->mark_slots = slots;
        return error_memory(err);
    }
    for (i = 0; i < slots; i++)
        if (old[i].hash)
            *find_mark(m, old[i].hash) = old[i];
    free(old);
    return true;
}

static bool add_kind(struct plan *p, size_t lane, bool shares, uint16_t *number,
                     struct error *err)
{
    size_t size = p->kind_size ? 2 * p->kind_size : 16;
    struct plan_kind *kinds;

    if (p->kind_count == p->kind_size) {
        kinds = realloc(p->kinds, size * sizeof(*kinds));
        if (!kinds)
            return error_memory(err);
        p->kinds = kinds;
        p->kind_size = size;
    }
    *number = (uint16_t)p->kind_count;
    p->kinds[p->kind_count++] =
        (struct plan_kind){ .lane = (uint8_t)lane, .shares = shares };
    return true;
}

/* The lane of the request's model. */
static bool find_lane(struct making *m, const struct request *request,
                      size_t *lane, struct error *err)
{
    struct plan *p = m->plan;
    uint64_t hash =
        request->model
            ? hash_bytes(&p->key, request->model, request->model_len) | 1
            : 0;
    struct plan_lane *l;

    for (*lane = 0; *lane < p->lane_count; ++*lane)
        if (p->lanes[*lane].hash == hash)
            return true;
    if (p->lane_count == PLAN_LANES) {
        l = &p->lanes[--*lane];
        free(l->model); /* several now */
        l->model = NULL;
        return true;
    }
    l = &p->lanes[p->lane_count++];
    l->hash = hash;
    l->model =
        request->model ? strndup(request->model, request->model_len) : NULL;
    l->model_len = request->model_len;
    if (request->model && !l->model)
        return error_memory(err);
    return add_kind(p, *lane, false, &l->rest, err);
}

/* The number of the request's kind. */
static bool group_number(struct making *m, const struct request *request,
                         uint16_t *number, struct error *err)
{
    struct plan *p = m->plan;
    struct mark *mark;
    size_t lane;

    if (!find_lane(m, request, &lane, err))
        return false;
    *number = p->lanes[lane].rest;
    if (!request->group)
        return true;
    if (2 * (size_t)p->groups >= m->mark_slots && !grow_marks(m, err))
        return false;
    mark = find_mark(m, request->group);
    if (!mark->hash && p->groups >= MOST_GROUPS)
        return true;
    if (!mark->hash) {
        if (!add_kind(p, lane, true, &mark->number, err))
            return false;
        mark->hash = request->group;
        p->groups++;
    }
    *number = mark->number;
    return true;
}

/* Numbers are kept only once they differ. */
static bool note_group(struct plan *p, uint16_t number, struct error *err)
{
    size_t i;

    if (!p->count)
        p->same = number;
    if (!p->group && number != p->same) {
        p->group = calloc(p->size, sizeof(*p->group));
        if (!p->group)
            return error_memory(err);
        for (i = 0; i < p->count; i++)
            p->group[i] = p->same;
    }
    if (p->group)
        p->group[p->count] = number;
    return true;
}

/* -- order -- */

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* Lane and group, then length (longest first; 0 in long files), then line.
 * rank has the groups' places. */
static uint64_t order_key(const struct plan *p, size_t line,
                          const uint16_t *rank, uint64_t file_end,
                          bool by_length)
{
    uint64_t end = line + 1 < p->count ? plan_offset(p, line + 1) : file_end;
    uint64_t len = (end - plan_offset(p, line)) / 64;
    uint64_t group = rank[number_of(p, line)];

    if (len > UINT16_MAX)
        len = UINT16_MAX;
    return group << 48 | (by_length ? UINT16_MAX - len : 0) << 32 | line;
}

/* The groups' places when lane comes after lane; the caller's to free. */
static uint16_t *rank_groups(const struct plan *p)
{
    uint16_t *rank = calloc(p->kind_count + 1, sizeof(*rank)), place = 0;
    size_t lane, i;

    for (lane = 0; rank && lane < p->lane_count; lane++)
        for (i = 0; i < p->kind_count; i++)
            if (p->kinds[i].lane == lane)
                rank[i] = place++;
    return rank;
}

/* The first of a group fills the prompt cache while the others wait: let it
 * be a short one. */
static void shortest_first(struct plan *p, size_t from, size_t to)
{
    uint32_t last = p->order[to - 1];
    size_t i;

    if (plan_group(p, last) < 0)
        return;
    for (i = to - 1; i > from; i--)
        p->order[i] = p->order[i - 1];
    p->order[from] = last;
}

static void rotate_groups(struct plan *p)
{
    size_t from = 0, to;

    for (to = 1; to <= p->count; to++) {
        if (to < p->count &&
            plan_group(p, p->order[to]) == plan_group(p, p->order[from]))
            continue;
        shortest_first(p, from, to);
        from = to;
    }
}

/* Those at the positions from..to of the order. */
static bool sort_lines(struct making *m, size_t from, size_t to, bool by_length,
                       struct error *err)
{
    struct plan *p = m->plan;
    uint32_t *order = p->order + (from - p->order_from);
    uint64_t *keys = malloc((to - from + 1) * sizeof(*keys));
    uint16_t *rank = rank_groups(p);
    bool ok = (keys && rank) || error_memory(err);
    size_t i;

    if (ok) {
        for (i = 0; i < to - from; i++)
            keys[i] = order_key(p, order[i], rank, m->lines.next, by_length);
        qsort(keys, to - from, sizeof(*keys), compare);
        for (i = 0; i < to - from; i++)
            order[i] = (uint32_t)keys[i];
    }
    free(keys);
    free(rank);
    return ok;
}

/* The last ones of each lane, so that none is begun late that takes long. */
static bool sort_ends(struct making *m, size_t window, struct error *err)
{
    struct plan *p = m->plan;
    size_t i, from;

    for (i = 0; i < p->lane_count; i++) {
        const struct plan_lane *lane = &p->lanes[i];

        from =
            lane->end - lane->next > window ? lane->end - window : lane->next;
        if (!sort_lines(m, from, lane->end, true, err))
            return false;
    }
    return true;
}

/* As in the file, from position `from` on. */
static bool begin_order(struct plan *p, size_t from, struct error *err)
{
    size_t i;

    p->order_from = from;
    p->order = malloc((p->count - from) * sizeof(*p->order));
    for (i = 0; p->order && i < p->count - from; i++)
        p->order[i] = (uint32_t)(from + i);
    return p->order || error_memory(err);
}

/* Where the lanes are in the order, one behind the other. */
static void find_lanes(struct plan *p)
{
    size_t at = 0, i;

    for (i = 0; i < p->count; i++)
        p->lanes[plan_lane(p, i)].undone++;
    for (i = 0; i < p->lane_count; i++) {
        p->lanes[i].next = at;
        at += p->lanes[i].undone;
        p->lanes[i].end = at;
    }
}

/* One group needs an order for its last lines only. */
static bool make_order(struct making *m, struct error *err)
{
    struct plan *p = m->plan;
    size_t window = SHORT_FILE * m->slots;
    bool is_short = p->count <= window, whole = p->group || is_short;

    find_lanes(p);
    if (!p->count || (!whole && !window))
        return true;
    if (!begin_order(p, whole ? 0 : p->count - window, err) ||
        (whole && !sort_lines(m, 0, p->count, is_short, err)))
        return false;
    if (!is_short)
        return sort_ends(m, window, err);
    rotate_groups(p);
    return true;
}

/* -- making -- */

static bool add_line(struct making *m, const struct request *request,
                     bool *was_repeated, struct error *err)
{
    struct plan *p = m->plan;
    uint64_t offset = m->lines.offset, hash;
    bool repeated = false;
    uint16_t group;

    if (p->count >= UINT32_MAX - 1 || offset >= MOST_OFFSET)
        return error_set(err, ERROR_REJECT, "%.300s is too large", p->path);
    hash = id_hash(p, request->custom_id, request->custom_id_len, offset);
    if (request->custom_id && !note_id(m, request, hash, &repeated, err))
        return false;
    *was_repeated = repeated;
    if (repeated) {
        p->duplicates++;
        return true;
    }
    if (p->count == p->size && !grow(p, err))
        return false;
    if (!group_number(m, request, &group, err) || !note_group(p, group, err))
        return false;
    p->lines[p->count++] = offset << TAG_BITS | tag_of(hash);
    return true;
}

static bool is_blank(const char *line)
{
    return !line[strspn(line, " \t")];
}

/* *more = false at the end of the file. */
static bool read_line(struct making *m, bool *more, struct error *err)
{
    struct request request = { 0 };
    bool too_long = false, repeated = false;
    size_t len;
    char *line;

    if (!file_lines_next(&m->lines, &line, &len, &too_long, err))
        return false;
    *more = line || too_long;
    if (!*more || (line && is_blank(line)))
        return true;
    if (line && !request_read(m->doc, line, len, &m->plan->key, &request, err))
        return false;
    if (!add_line(m, &request, &repeated, err))
        return false;
    if (m->watch)
        m->watch->line(m->watch->context, m->lines.number,
                       line ? &request : NULL, repeated);
    return true;
}

static bool read_lines(struct making *m, struct error *err)
{
    bool more = true;

    while (more) {
        if (flag_is_set(m->stop)) {
            error_set(err, ERROR_RETRY, "stopped");
            error_code(err, "stopped");
            return false;
        }
        if (!read_line(m, &more, err))
            return false;
    }
    return true;
}

static bool make(struct making *m, struct error *err)
{
    struct plan *p = m->plan;

    m->doc = json_doc_new();
    if (!m->doc)
        return error_memory(err);
    if (!file_lines_open(&m->lines, p->path, p->max_line, err) ||
        !file_lines_open(&m->earlier, p->path, p->max_line, err) ||
        !read_lines(m, err) || !make_order(m, err))
        return false;
    p->done = calloc(p->count / 8 + 1, 1);
    p->undone = p->count;
    return p->done || error_memory(err);
}

bool plan_open_watched(struct plan *p, const char *path, size_t max_line,
                       size_t slots, const volatile bool *stop,
                       const struct plan_watch *watch, struct error *err)
{
    struct making m = {
        .plan = p, .slots = slots, .stop = stop, .watch = watch
    };
    bool ok;

    m.lines.fd = m.earlier.fd = -1;
    *p = (struct plan){ .max_line = max_line, .key = hash_key_random() };
    p->path = strdup(path);
    ok = p->path ? make(&m, err) : error_memory(err);
    file_lines_close(&m.lines);
    file_lines_close(&m.earlier);
    json_doc_free(m.doc);
    free(m.ids);
    free(m.marks);
    if (!ok)
        plan_close(p);
    return ok;
}

bool plan_open(struct plan *p, const char *path, size_t max_line, size_t slots,
               const volatile bool *stop, struct error *err)
{
    return plan_open_watched(p, path, max_line, slots, stop, NULL, err);
}

void plan_close(struct plan *p)
{
    size_t i;

    free(p->path);
    free(p->lines);
    free(p->done);
    free(p->order);
    free(p->group);
    free(p->kinds);
    for (i = 0; i < p->lane_count; i++)
        free(p->lanes[i].model);
    *p = (struct plan){ 0 };
}

/* -- using -- */

static bool is_done(const struct plan *p, size_t line)
{
    return p->done[line / 8] >> (line % 8) & 1;
}

void plan_done(struct plan *p, size_t line)
{
    if (is_done(p, line))
        return;
    p->done[line / 8] |= (uint8_t)(1 << (line % 8));
    p->undone--;
    p->lanes[plan_lane(p, line)].undone--;
}

bool plan_next_in(struct plan *p, size_t lane, size_t *line)
{
    struct plan_lane *l = &p->lanes[lane];

    while (l->next < l->end) {
        *line = p->order && l->next >= p->order_from
                    ? p->order[l->next - p->order_from]
                    : l->next;
        l->next++;
        if (!is_done(p, *line))
            return true;
    }
    return false;
}

bool plan_next(struct plan *p, size_t *line)
{
    size_t lane;

    for (lane = 0; lane < p->lane_count; lane++)
        if (plan_next_in(p, lane, line))
            return true;
    return false;
}
