/*
 * args: the command line of one subcommand, as rows.
 *
 *     static const struct args_row rows[] = {
 *         {"json", ARGS_FLAG, offsetof(struct wanted, is_json), NULL, "machine-readable output"},
 *         {"sender", ARGS_VALUE, offsetof(struct wanted, sender), "ADDRESS", "envelope sender"},
 *         {"list", ARGS_LIST, offsetof(struct wanted, lists), "FILE", "lists to match"},
 *         {NULL}};
 *
 * Flag: bool. Value: const char *. List: struct args_list, which takes every word up to the next
 * option and may be given several times. Other words go to `words`. "--" ends options; "--x=v" is
 * "--x v"; a row named "c" with one letter is "-c". An unknown option is ERROR_USAGE that names it.
 * Since a list takes every word, a single missing positional word is given back from the end of the
 * last list by args_take_word().
 */
#ifndef ZAGUAN_BASE_ARGS_H
#define ZAGUAN_BASE_ARGS_H

#include "common/base/buffer.h"

#define ARGS_MOST_WORDS 4096

enum args_kind { ARGS_FLAG, ARGS_VALUE, ARGS_LIST };

struct args_row {
    const char *name;
    enum args_kind kind;
    size_t field; /* offsetof() into `values` */
    const char *value_name;
    const char *help;
};

struct args_list {
    const char **words; /* points into argv; freed by args_list_free() */
    size_t count;
};

/* `values` must be zeroed. argv[0] is not read. */
int args_parse(const struct args_row *rows, int argc, char **argv, void *values,
               struct args_list *words_out, struct error *err) MUST_CHECK;
/* If no word is left, takes the last one of `list` when it has more than one. NULL: there is none.
 */
const char *args_take_word(struct args_list *words, struct args_list *list);
void args_list_free(struct args_list *list);
void args_print_help(const struct args_row *rows, struct buffer *into);

#endif
