/*
 * format: a list as canonical text: entries sorted by id, attributes in one order, comments with
 * their entry, @end counted. Formatting twice changes nothing, and what is parsed of it is the
 * same.
 */
#ifndef ZAGUAN_LISTS_FORMAT_FORMAT_H
#define ZAGUAN_LISTS_FORMAT_FORMAT_H

#include "common/base/buffer.h"
#include "lists/format/entry.h"

/* Appends; buffer_check() says whether all of it had room. */
void list_format(const struct list *list, struct buffer *into);
/* One entry as list_format() writes it. */
void entry_format(const struct entry *entry, struct buffer *into);

#endif
