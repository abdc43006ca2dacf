/* How source*.c collect. Private to them. */
#ifndef ZAGUAN_LISTS_MATCH_SOURCE_ADD_H
#define ZAGUAN_LISTS_MATCH_SOURCE_ADD_H

#include "lists/match/source.h"

#define SOURCES_MOST 4096

struct source_set {
    struct arena *arena;
    struct list_source *rows; /* SOURCES_MOST */
    size_t count;
};

/* Beyond the maximum it is left out. */
void source_set_add(struct source_set *set, const struct list_source *source);
int source_set_add_partners(const struct settings *settings, struct source_set *set,
                            struct error *err) MUST_CHECK;

#endif
