#include "base/jsonw.h"
#include "provider/provider.h"

void request_template_init(struct request_template *t)
{
    strbuf_init(&t->head, MIB);
    strbuf_init(&t->middle, 16 * MIB);
    strbuf_init(&t->tail, 16 * MIB);
}

void request_template_release(struct request_template *t)
{
    strbuf_release(&t->head);
    strbuf_release(&t->middle);
    strbuf_release(&t->tail);
}

void request_line(const struct request_template *t, const char *custom_id,
                  const char *text, size_t len, struct strbuf *out)
{
    strbuf_add(out, t->head.data, t->head.len);
    jsonw_escape(out, custom_id, strlen(custom_id));
    strbuf_add(out, t->middle.data, t->middle.len);
    jsonw_escape(out, text, len);
    strbuf_add(out, t->tail.data, t->tail.len);
}
