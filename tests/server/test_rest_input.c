#include "server/rest_input.h"

#include "tests/tap.h"

static const struct {
    enum rest_kind kind;
    const char *body;
    const char *input; /* NULL: refused */
    const char *param; /* of the fault; else the name */
} cases[] = {
    { REST_URLS, "{\"urls\":[\"https://a.example/x\",\"http://b.example\"]}",
      "https://a.example/x\nhttp://b.example\n", "batch" },
    { REST_URLS, "{\"urls\":[\"https://a.example\"],\"batch_name\":\"m-1.a\"}",
      "https://a.example\n", "m-1.a" },
    { REST_URLS,
      "{\"urls\":[\"https://a\"],\"batch_name\":null,"
      "\"wait_for_completion\":null}",
      "https://a\n", "batch" },
    { REST_URLS, "{\"urls\":[\"https://a\"],\"name\":\"short\"}", "https://a\n",
      "short" },
    { REST_URLS,
      "{\"urls\":[\"https://a\"],\"name\":\"short\",\"batch_name\":\"long\"}",
      "https://a\n", "long" },
    { REST_URLS, "{\"urls\":[\"https://a\"],\"wait\":\"yes\"}", NULL,
      "wait_for_completion" },
    { REST_URLS, "{}", NULL, "urls" },
    { REST_URLS, "{\"urls\":[]}", NULL, "urls" },
    { REST_URLS, "{\"urls\":\"https://a.example\"}", NULL, "urls" },
    { REST_URLS, "{\"urls\":[\"https://a.example\",7]}", NULL, "urls[1]" },
    { REST_URLS, "{\"urls\":[\"ftp://a.example\"]}", NULL, "urls[0]" },
    { REST_URLS, "{\"urls\":[\"file:///etc/passwd\"]}", NULL, "urls[0]" },
    { REST_URLS, "{\"urls\":[\"https://a\\nhttps://b\"]}", NULL, "urls[0]" },
    { REST_URLS, "{\"urls\":[\"https://a b\"]}", NULL, "urls[0]" },
    { REST_URLS, "{\"urls\":[\"https://a\\u0000b\"]}", NULL, "urls[0]" },
    { REST_URLS, "{\"urls\":[\"https://a\"],\"batch_name\":\"../x\"}", NULL,
      "batch_name" },
    { REST_URLS, "{\"urls\":[\"https://a\"],\"batch_name\":\"\"}", NULL,
      "batch_name" },
    { REST_URLS, "{\"urls\":[\"https://a\"],\"batch_name\":7}", NULL,
      "batch_name" },
    { REST_URLS, "{\"urls\":[\"https://a\"],\"wait_for_completion\":\"yes\"}",
      NULL, "wait_for_completion" },
    { REST_URLS, "[]", NULL, "" },
    { REST_URLS, "{\"urls\":", NULL, "" },
    { REST_CONTENTS,
      "{\"contents\":[{\"id\":\"1\",\"title\":\"T\",\"contents\":\"a\\n\\\"b\"}"
      ","
      "{\"contents\":\"c\",\"id\":\"\xc3\xa9\",\"more\":1}]}",
      "[{\"id\":\"1\",\"title\":\"T\",\"contents\":\"a\\n\\\"b\"},"
      "{\"id\":\"\xc3\xa9\",\"contents\":\"c\"}]",
      "batch" },
    { REST_CONTENTS, "{\"urls\":[\"https://a\"]}", NULL, "contents" },
    { REST_CONTENTS, "{\"contents\":[\"a\"]}", NULL, "contents[0]" },
    { REST_CONTENTS, "{\"contents\":[{\"contents\":\"a\"}]}", NULL,
      "contents[0].id" },
    { REST_CONTENTS, "{\"contents\":[{\"id\":1,\"contents\":\"a\"}]}",
      "[{\"id\":\"1\",\"contents\":\"a\"}]", "batch" },
    { REST_CONTENTS,
      "{\"contents\":[{\"id\":1,\"contents\":\"a\"},"
      "{\"id\":\"1\",\"contents\":\"b\"}]}",
      NULL, "contents[1].id" },
    { REST_CONTENTS, "{\"contents\":[{\"id\":true,\"contents\":\"a\"}]}", NULL,
      "contents[0].id" },
    { REST_CONTENTS, "{\"contents\":[{\"id\":\"1\",\"contents\":7}]}", NULL,
      "contents[0].contents" },
    { REST_CONTENTS,
      "{\"contents\":[{\"id\":\"1\",\"contents\":\"a\"},"
      "{\"id\":\"2\",\"contents\":\" \\n\"}]}",
      NULL, "contents[1].contents" },
    { REST_CONTENTS,
      "{\"contents\":[{\"id\":\"1\",\"title\":[],"
      "\"contents\":\"a\"}]}",
      NULL, "contents[0].title" },
    { REST_CONTENTS,
      "{\"contents\":[{\"id\":\"1\",\"contents\":\"a\"},"
      "{\"id\":\"2\",\"contents\":\"b\"},{\"id\":\"1\",\"contents\":\"c\"}]}",
      NULL, "contents[2].id" },
    { REST_CONTENTS, "{\"contents\":[{\"id\":\"a\\nb\",\"contents\":\"a\"}]}",
      NULL, "contents[0].id" },
};

static void bodies_are_read_strictly(void)
{
    struct rest_input in;
    struct strbuf out;
    struct error err;
    size_t i;

    strbuf_init(&out, MIB);
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        strbuf_clear(&out);
        if (!rest_input_read(cases[i].body, strlen(cases[i].body),
                             cases[i].kind, &in, &out, &err)) {
            ok(!cases[i].input, "%s: refused: %s", cases[i].body, err.message);
            is_int(err.kind, ERROR_REJECT, "the client's fault");
            is_str(in.param, cases[i].param, "the field is named");
        } else if (ok(cases[i].input != NULL, "%s: taken", cases[i].body)) {
            is_str(out.data, cases[i].input, "the input file");
            is_str(in.name, cases[i].param, "the batch's name");
        }
    }
    strbuf_release(&out);
}

static void one_may_wait(void)
{
    static const char *const bodies[] = {
        "{\"urls\":[\"https://a\"],\"wait_for_completion\":true}",
        "{\"urls\":[\"https://a\"],\"wait\":true}",
    };
    struct rest_input in;
    struct strbuf out;
    struct error err;
    size_t i;

    strbuf_init(&out, MIB);
    for (i = 0; i < ARRAY_LEN(bodies); i++)
        ok(rest_input_read(bodies[i], strlen(bodies[i]), REST_URLS, &in, &out,
                           &err) &&
               in.wait,
           "%s", bodies[i]);
    strbuf_release(&out);
}

static void there_is_a_ceiling(void)
{
    struct rest_input in;
    struct strbuf body, out;
    struct error err;
    int i;

    strbuf_init(&body, MIB);
    strbuf_init(&out, MIB);
    strbuf_adds(&body, "{\"urls\":[\"http://a\"");
    for (i = 1; i < REST_MOST; i++)
        strbuf_adds(&body, ",\"http://a\"");
    strbuf_adds(&body, "]}");
    ok(rest_input_read(body.data, body.len, REST_URLS, &in, &out, &err),
       "as many as there may be");
    is_int(in.count, REST_MOST, "all of them");
    strbuf_cut(&body, body.len - 2);
    strbuf_adds(&body, ",\"http://a\"]}");
    ok(!rest_input_read(body.data, body.len, REST_URLS, &in, &out, &err),
       "one more is refused");
    is_str(in.param, "urls", "for the whole list");
    strbuf_release(&body);
    strbuf_release(&out);
}

int main(void)
{
    bodies_are_read_strictly();
    one_may_wait();
    there_is_a_ceiling();
    return tap_done();
}
