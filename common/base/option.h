/*
 * option: settings as rows. One row names a setting, its field, type, limits, default and help;
 * reading, checking, printing, the sample file and the manual page come from the same rows.
 *
 * The struct that holds the values is plain data of the owner; strings are fixed arrays in it, so
 * that there is nothing to free. Ends with a row whose name is NULL.
 */
#ifndef ZAGUAN_BASE_OPTION_H
#define ZAGUAN_BASE_OPTION_H

#include "common/base/buffer.h"
#include <stdint.h>

enum option_type {
    OPTION_TEXT,   /* char[maximum]; a longer value is an error */
    OPTION_NUMBER, /* int64_t in [minimum, maximum] */
    OPTION_YES_NO, /* bool: yes or no */
    OPTION_CHOICE  /* int: index into choices */
};

struct option_row {
    const char *name;
    enum option_type type;
    size_t field; /* offsetof() */
    int64_t minimum, maximum;
    const char *const *choices; /* NULL-terminated */
    const char *fallback;       /* the default, as one would write it */
    const char *help;           /* plain words for the admin; may have several sentences */
};

const struct option_row *option_find(const struct option_row *rows, struct slice name);
/* Sets every field to its default; the defaults are tested to be valid. */
void option_set_defaults(const struct option_row *rows, void *values);
/* ERROR_INPUT that names the setting, the value and what would be right. */
int option_set(const struct option_row *row, void *values, struct slice text,
               struct error *err) MUST_CHECK;
/* The value as one would write it. */
void option_print(const struct option_row *row, const void *values, struct buffer *into);
/* What may be written: "yes or no", "0 to 65535", "none, each, daily or weekly". */
void option_print_allowed(const struct option_row *row, struct buffer *into);
/* The commented sample: help as # lines, then "#name = default". */
void option_print_sample(const struct option_row *rows, struct buffer *into);
/* The same as mdoc .It entries. */
void option_print_mdoc(const struct option_row *rows, struct buffer *into);

#endif
