#include "common/base/args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct args_row *find_row(const struct args_row *rows, struct slice name)
{
    for (const struct args_row *row = rows; row->name != NULL; row++)
        if (slice_is(name, row->name))
            return row;
    return NULL;
}

static int list_add(struct args_list *list, const char *word, struct error *err)
{
    if (list->count >= ARGS_MOST_WORDS)
        return error_set(err, ERROR_USAGE, "more than %d words", ARGS_MOST_WORDS);
    const char **words = realloc(list->words, (list->count + 1) * sizeof *words);
    if (words == NULL)
        return error_system(err, "command line");
    list->words = words;
    list->words[list->count++] = word;
    return 0;
}

/* The name in "--name", "--name=value" or "-n"; empty when the word is no option. */
static struct slice option_name(const char *word, const char **value_out)
{
    *value_out = NULL;
    if (word[0] != '-' || word[1] == '\0')
        return slice_of(NULL);
    if (word[1] != '-')
        return slice_of(word + 1);
    const char *equals = strchr(word, '=');
    if (equals == NULL)
        return slice_of(word + 2);
    *value_out = equals + 1;
    return slice_new(word + 2, (size_t)(equals - word - 2));
}

struct parsing {
    const struct args_row *rows;
    int argc;
    char **argv;
    int next;
    char *values;
};

static bool is_option(const char *word)
{
    const char *ignored;
    return option_name(word, &ignored).size > 0;
}

static int take_list(struct parsing *p, struct args_list *list, const char *value,
                     struct error *err)
{
    if (value != NULL)
        return list_add(list, value, err);
    while (p->next < p->argc && !is_option(p->argv[p->next]) && strcmp(p->argv[p->next], "--") != 0)
        if (list_add(list, p->argv[p->next++], err) != 0)
            return -1;
    return 0;
}

static int take_option(struct parsing *p, struct slice name, const char *value, struct error *err)
{
    const struct args_row *row = find_row(p->rows, name);
    if (row == NULL)
        return error_set(err, ERROR_USAGE, "there is no option %s" SLICE_FORMAT,
                         name.size == 1 ? "-" : "--", SLICE_ARGUMENTS(name));
    char *field = p->values + row->field;
    switch (row->kind) {
    case ARGS_FLAG: {
        bool is_set = true;
        if (value != NULL)
            return error_set(err, ERROR_USAGE, "--%s takes no value", row->name);
        memcpy(field, &is_set, sizeof is_set);
        return 0;
    }
    case ARGS_VALUE:
        if (value == NULL && p->next < p->argc)
            value = p->argv[p->next++];
        if (value == NULL)
            return error_set(err, ERROR_USAGE, "%s%s needs a value: %s",
                             strlen(row->name) == 1 ? "-" : "--", row->name, row->value_name);
        memcpy(field, &value, sizeof value);
        return 0;
    case ARGS_LIST: {
        struct args_list list;
        memcpy(&list, field, sizeof list);
        size_t before = list.count;
        int failed = take_list(p, &list, value, err);
        memcpy(field, &list, sizeof list);
        if (failed == 0 && list.count == before)
            return error_set(err, ERROR_USAGE, "--%s needs a value: %s", row->name,
                             row->value_name);
        return failed;
    }
    }
    return error_set(err, ERROR_BUG, "--%s: unknown kind", row->name);
}

int args_parse(const struct args_row *rows, int argc, char **argv, void *values,
               struct args_list *words_out, struct error *err)
{
    struct parsing p = {rows, argc, argv, 1, values};
    while (p.next < argc) {
        const char *word = argv[p.next++];
        if (strcmp(word, "--") == 0) {
            while (p.next < argc)
                if (list_add(words_out, argv[p.next++], err) != 0)
                    return -1;
            return 0;
        }
        const char *value;
        struct slice name = option_name(word, &value);
        int failed =
            name.size > 0 ? take_option(&p, name, value, err) : list_add(words_out, word, err);
        if (failed != 0)
            return -1;
    }
    return 0;
}

const char *args_take_word(struct args_list *words, struct args_list *list)
{
    if (words->count > 0) {
        const char *word = words->words[0];
        words->count--;
        memmove(words->words, words->words + 1, words->count * sizeof *words->words);
        return word;
    }
    if (list != NULL && list->count > 1)
        return list->words[--list->count];
    return NULL;
}

void args_list_free(struct args_list *list)
{
    free(list->words);
    *list = (struct args_list){NULL, 0};
}

void args_print_help(const struct args_row *rows, struct buffer *into)
{
    for (const struct args_row *row = rows; row->name != NULL; row++) {
        char left[64];
        snprintf(left, sizeof left, "%s%s%s%s%s", strlen(row->name) == 1 ? "-" : "--", row->name,
                 row->kind == ARGS_FLAG ? "" : " ", row->kind == ARGS_FLAG ? "" : row->value_name,
                 row->kind == ARGS_LIST ? "..." : "");
        buffer_printf(into, "  %-28s %s\n", left, row->help);
    }
}
