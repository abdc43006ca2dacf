/*
 * source: where an active list comes from and how far its word reaches. The admin's own files in
 * list_folder are local: no publisher, no ceiling. A partner's list stands in the partner folder
 * once it was accepted, or is being tried (shadow): its hits are counted and have no effect.
 *
 * The reach of an entry at match time is the least of: entry, list, the partner's ceiling for the
 * category, freshness of the partner's head (docs/lists.md).
 */
#ifndef ZAGUAN_LISTS_MATCH_SOURCE_H
#define ZAGUAN_LISTS_MATCH_SOURCE_H

#include "common/base/settings.h"
#include "lists/format/entry.h"

struct list_source {
    const char *path;
    bool is_local;
    bool is_shadow;                            /* counted only */
    const char *publisher;                     /* name of the partner; "" for local */
    enum list_action ceilings[CATEGORY_COUNT]; /* of the partner; HOLD for local */
    enum list_action freshness; /* HOLD when fresh, falls when the partner is silent */
    bool counts_for_quorum;
    int hold_quorum; /* distinct partners that must hit in one category to hold; local: 1 */
};

/* Everything that is active or in shadow now, in a fixed order; strings in the arena. */
int sources_read(const struct settings *settings, struct arena *arena,
                 struct list_source **sources_out, size_t *count_out, struct error *err) MUST_CHECK;

/* What the source says becomes part of the list; `partner` is not copied. */
void list_set_source(struct list *list, const struct list_source *source);

#endif
