/*
 * reading: a list being parsed. Private to parse*.c.
 */
#ifndef ZAGUAN_LISTS_FORMAT_READING_H
#define ZAGUAN_LISTS_FORMAT_READING_H

#include "lists/format/cursor.h"

struct reading {
    struct cursor c; /* the line that is read */
    struct slice rest;
    struct arena *arena;
    struct list *list;
    struct entry *entry; /* whose attributes the lines with a blank at their start belong to */
    struct comment_set pending;
    size_t pending_room;
    size_t attribute_room, test_room;
    bool has_version, has_ended;
};

/* "+ TYPE VALUE ..." begins an entry; "  key value ..." goes on with it. */
int reading_entry_line(struct reading *r, struct error *err) MUST_CHECK;
int reading_attribute_line(struct reading *r, struct error *err) MUST_CHECK;
/* What is known only when all its lines are read. */
void reading_entry_end(struct reading *r);
/* A digest under a group key is one, under the list's key; how many words it is of. */
void reading_keyed_end(struct reading *r);

/* "%key value"; "- id ..."; "~ publisher/list/entry ..." */
int reading_header_line(struct reading *r, struct error *err) MUST_CHECK;
int reading_retraction_line(struct reading *r, struct error *err) MUST_CHECK;
int reading_disagreement_line(struct reading *r, struct error *err) MUST_CHECK;

int reading_add_comment(struct reading *r, struct comment_set *set, size_t *room,
                        struct slice comment, struct error *err) MUST_CHECK;
/* Room for one more in an array of the arena that doubles. NULL: no room. */
void *reading_grow(struct arena *arena, void *rows, size_t count, size_t *room, size_t row_bytes);

bool is_hex(struct slice text, size_t least, size_t most);

#endif
