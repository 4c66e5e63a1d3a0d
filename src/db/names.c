#include "db/names.h"

#include <stdlib.h>
#include <string.h>

static bool same(const char *name, const char *s, size_t len)
{
    return strncmp(name, s, len) == 0 && name[len] == '\0';
}

static void release_list(struct name_list *list)
{
    size_t i;

    for (i = 0; i < list->count; i++) {
        free((char *)list->columns[i].name);
        free((char *)list->columns[i].path);
        free((char *)list->columns[i].type);
    }
    free(list->columns);
    list->columns = NULL;
    list->count = 0;
}

void names_release(struct names *names)
{
    size_t i;

    for (i = 0; i < names->name_count; i++) {
        free(names->names[i].brace);
        free(names->names[i].text);
    }
    for (i = 0; i < names->list_count; i++) {
        release_list(&names->lists[i]);
        free(names->lists[i].name);
    }
    free(names->names);
    free(names->lists);
    memset(names, 0, sizeof(*names));
}

const struct name *names_find(const struct names *names, const char *brace,
                              size_t len)
{
    size_t i;

    for (i = 0; i < names->name_count; i++)
        if (same(names->names[i].brace, brace, len))
            return &names->names[i];
    return NULL;
}

const struct name_list *names_find_list(const struct names *names,
                                        const char *list, size_t len)
{
    size_t i;

    for (i = 0; i < names->list_count; i++)
        if (same(names->lists[i].name, list, len))
            return &names->lists[i];
    return NULL;
}

static struct name *add_name(struct names *names, const char *brace)
{
    struct name *grown =
        realloc(names->names, (names->name_count + 1) * sizeof(*grown));

    if (!grown)
        return NULL;
    names->names = grown;
    grown += names->name_count;
    memset(grown, 0, sizeof(*grown));
    grown->brace = strdup(brace);
    if (!grown->brace)
        return NULL;
    names->name_count++;
    return grown;
}

bool names_set(struct names *names, const char *brace, const char *text,
               bool is_fragment, struct error *err)
{
    struct name *name = (struct name *)names_find(names, brace, strlen(brace));
    char *copy = strdup(text);

    if (copy && !name)
        name = add_name(names, brace);
    if (!copy || !name) {
        free(copy);
        return error_memory(err);
    }
    free(name->text);
    name->text = copy;
    name->is_fragment = is_fragment;
    return true;
}

static bool only(const char *s, const char *allowed)
{
    return s[0] && s[strspn(s, allowed)] == '\0';
}

#define LETTERS                                                                \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

static bool check_column(const struct db_column *c, struct error *err)
{
    if (!only(c->path, LETTERS))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "column %s: the name \"%s\" may hold only letters, "
                          "digits and _",
                          c->name, c->path);
    if (c->type && !only(c->type, LETTERS " (),"))
        return error_exit(err, ERROR_SETUP, EXIT_DATABASE,
                          "column %s has the type \"%s\", which cannot be "
                          "written",
                          c->name, c->type);
    return true;
}

static struct name_list *add_list(struct names *names, const char *list)
{
    struct name_list *grown =
        realloc(names->lists, (names->list_count + 1) * sizeof(*grown));

    if (!grown)
        return NULL;
    names->lists = grown;
    grown += names->list_count;
    memset(grown, 0, sizeof(*grown));
    grown->name = strdup(list);
    if (!grown->name)
        return NULL;
    names->list_count++;
    return grown;
}

static bool copy_column(struct db_column *to, const struct db_column *from)
{
    to->name = strdup(from->name);
    to->path = strdup(from->path);
    to->type = strdup(from->type ? from->type : "");
    to->rule = from->rule;
    return to->name && to->path && to->type;
}

bool names_set_list(struct names *names, const char *list,
                    const struct db_column *columns, size_t count,
                    struct error *err)
{
    struct name_list *l =
        (struct name_list *)names_find_list(names, list, strlen(list));
    size_t i;

    for (i = 0; i < count; i++)
        if (!check_column(&columns[i], err))
            return false;
    if (!l)
        l = add_list(names, list);
    if (!l)
        return error_memory(err);
    release_list(l);
    l->columns = calloc(count + 1, sizeof(*l->columns));
    if (!l->columns)
        return error_memory(err);
    l->count = count;
    for (i = 0; i < count; i++)
        if (!copy_column(&l->columns[i], &columns[i]))
            return error_memory(err);
    return true;
}
