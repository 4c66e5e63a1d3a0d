#include "extract/values_plan.h"

bool values_look(struct values *v, const char *resume, size_t len,
                 struct error *err)
{
    struct error refused;

    v->looking = false;
    if (!resume || v->grounding == GROUNDING_OFF || !v->grounded)
        return true;
    if (!v->ground)
        v->ground = ground_new();
    if (!v->ground)
        return error_memory(err);
    v->looking = ground_text(v->ground, resume, len, &refused);
    if (!v->looking && refused.kind == ERROR_RETRY) {
        *err = refused;
        return false;
    }
    return true; /* too long to look through: nothing is said then */
}

/* As the model wrote it, else as the rules made it. */
static void find(struct values *v, const struct piece *piece,
                 struct ground_hit *hit)
{
    const char *text = v->text.data;

    ground_find(v->ground, text + piece->raw_at, piece->raw_len, hit);
    if (hit->how == GROUND_MISSING &&
        (piece->raw_at != piece->at || piece->raw_len != piece->len))
        ground_find(v->ground, text + piece->at, piece->len, hit);
}

bool values_ground(struct values *v, struct value *value,
                   const struct piece *piece)
{
    struct ground_hit hit;

    if (!v->looking)
        return true;
    find(v, piece, &hit);
    if (hit.how == GROUND_MISSING) {
        value->flags |= VALUE_UNGROUNDED;
        return v->grounding != GROUNDING_NULL;
    }
    if (hit.how != GROUND_NOT_LOOKED && value->found_at < 0) {
        value->found_at = (int64_t)hit.offset;
        value->found_len = (int64_t)hit.len;
    }
    return true;
}
