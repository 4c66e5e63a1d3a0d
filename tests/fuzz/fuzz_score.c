/* Any bytes as an answer: a score is finite, names are whole characters. */
#include <math.h>

#include "base/text.h"
#include "io/score.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_doc *doc = json_doc_new();
    struct score score;
    size_t i;

    fuzz_check(doc != NULL);
    score_read(doc, (const char *)data, size, &score);
    fuzz_check(!score.found || isfinite(score.value));
    fuzz_check(score.count <= SCORE_PARTS);
    for (i = 0; i < score.count; i++) {
        fuzz_check(strlen(score.names[i]) < SCORE_NAME);
        fuzz_check(utf8_valid(score.names[i], strlen(score.names[i])));
    }
    json_doc_free(doc);
    return 0;
}
