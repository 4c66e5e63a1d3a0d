#include "server/usage.h"

#include "base/file.h"
#include "base/jsonr.h"

#define LONGEST (64 * MIB)

static int64_t of(const struct json_node *usage, const char *chat,
                  const char *responses)
{
    int64_t n = json_member_integer(usage, chat, -1);

    if (n < 0)
        n = json_member_integer(usage, responses, 0);
    return n > 0 ? n : 0;
}

static void count_line(struct usage *u, struct json_doc *doc, const char *line,
                       size_t len)
{
    struct error ignored;
    const struct json_node *root =
        json_read(doc, line, len, &json_limits_default, &ignored);
    const struct json_node *usage = json_pointer(root, "/response/body/usage");
    const struct json_node *details =
        json_member(usage, "prompt_tokens_details");

    if (!details)
        details = json_member(usage, "input_tokens_details");
    u->input += of(usage, "prompt_tokens", "input_tokens");
    u->output += of(usage, "completion_tokens", "output_tokens");
    u->cached += of(details, "cached_tokens", "cached_tokens");
}

bool usage_count(struct usage *u, const char *path, uint64_t most,
                 struct error *err)
{
    struct file_lines lines = { .fd = -1 };
    struct json_doc *doc;
    uint64_t end =
        most > UINT64_MAX - u->offset ? UINT64_MAX : u->offset + most;
    bool ok = true, too_long;
    char *line;
    size_t len;

    if (file_size(path) <= (off_t)u->offset)
        return true;
    doc = json_doc_new();
    if (!doc)
        return error_memory(err);
    ok = file_lines_open(&lines, path, LONGEST, err) &&
         file_lines_seek(&lines, u->offset, err);
    while (ok && u->offset < end) {
        ok = file_lines_next(&lines, &line, &len, &too_long, err);
        if (!ok || (!line && !too_long) || lines.last_unended)
            break;
        if (line)
            count_line(u, doc, line, len);
        u->offset = lines.next;
    }
    file_lines_close(&lines);
    json_doc_free(doc);
    return ok;
}
