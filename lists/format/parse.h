/*
 * parse: bytes of a .zl file to a struct list. Strict: an error names file, line and column and
 * refuses the file; what only concerns one entry (an unknown attribute) parks that entry.
 */
#ifndef ZAGUAN_LISTS_FORMAT_PARSE_H
#define ZAGUAN_LISTS_FORMAT_PARSE_H

#include "lists/format/entry.h"

/* `name` stands in errors: "name:12:5: ...". `text` need not outlive the list. */
int list_parse(struct slice text, const char *name, struct arena *arena, struct list **list_out,
               struct error *err) MUST_CHECK;
int list_read(const char *path, struct arena *arena, struct list **list_out,
              struct error *err) MUST_CHECK;

/* The .zl files of a folder in order of their names, as paths. ERROR_NOT_FOUND: no such folder. */
int list_find_files(const char *folder, struct arena *arena, const char *const **paths_out,
                    size_t *count_out, struct error *err) MUST_CHECK;

#endif
