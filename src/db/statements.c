#include "db/statements.h"

#include <string.h>

#include "db/dialect.h"

struct file {
    const char *name;
    const char *dialect; /* "" = portable */
    const char *text;
};

/* Compilers need to know strings of 4095 bytes only; all known ones do. */
#pragma GCC diagnostic ignored "-Woverlength-strings"
static const struct file files[] = {
#include "db/statements.inc"
};

const char *(*statement_extra)(const char *name) = NULL;

static const char *find(const char *name, const char *dialect)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(files); i++)
        if (strcmp(files[i].name, name) == 0 &&
            strcmp(files[i].dialect, dialect) == 0)
            return files[i].text;
    return NULL;
}

const char *statement_text(const char *name, enum db_engine engine)
{
    const char *text = statement_extra ? statement_extra(name) : NULL;

    if (!text)
        text = find(name, dialect_of(engine)->name);
    return text ? text : find(name, "");
}

const char *statement_file(size_t index, const char **name,
                           const char **dialect)
{
    if (index >= ARRAY_LEN(files))
        return NULL;
    *name = files[index].name;
    *dialect = files[index].dialect;
    return files[index].text;
}
