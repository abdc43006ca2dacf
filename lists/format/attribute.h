/*
 * attribute: what may stand behind an entry's value, one row each (docs/formats/zl.md,
 * "Attributes"), in the order in which fmt writes them.
 */
#ifndef ZAGUAN_LISTS_FORMAT_ATTRIBUTE_H
#define ZAGUAN_LISTS_FORMAT_ATTRIBUTE_H

#include "lists/format/entry.h"

enum attribute_kind {
    ATTRIBUTE_FLAG, /* the word alone */
    ATTRIBUTE_WORD, /* one word behind it */
    ATTRIBUTE_REST, /* the rest of the line */
    ATTRIBUTE_TEST  /* a quoted text; may be given many times */
};

struct attribute_row {
    const char *name;
    enum attribute_kind kind;
    int line; /* fmt puts those of one number on one line */
    /* NULL: read; else what is wrong, which parks the entry. */
    const char *(*read)(struct entry *entry, struct slice value);
};

extern const struct attribute_row attribute_rows[]; /* ends with a NULL name */

const struct attribute_row *attribute_find(struct slice key);

#endif
