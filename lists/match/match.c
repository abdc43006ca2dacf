#include "lists/match/matcher.h"

#include "lists/format/letter.h"
#include "lists/format/reading.h"
#include <stdlib.h>
#include <string.h>

#define SEEN_ROOM 64

/* --- what was seen ---------------------------------------------------------------------------- */

static size_t seen_place(const struct seen *seen, size_t room, uint32_t key)
{
    size_t at = key * 2654435769U & (room - 1);
    while (seen[at].key != 0 && seen[at].key != key)
        at = (at + 1) & (room - 1);
    return at;
}

static bool grow_seen(struct matching *m)
{
    size_t room = m->seen_room == 0 ? SEEN_ROOM : m->seen_room * 2;
    struct seen *seen = arena_alloc_array(m->arena, room, sizeof *seen);
    if (seen == NULL) {
        matching_stop(m, "lists: no room for more candidates");
        return false;
    }
    for (size_t i = 0; i < m->seen_room; i++)
        if (m->seen[i].key != 0)
            seen[seen_place(seen, room, m->seen[i].key)] = m->seen[i];
    m->seen = seen;
    m->seen_room = room;
    return true;
}

struct seen *matching_seen(struct matching *m, uint32_t number, bool is_code)
{
    /* An entry's place is a multiple of four. */
    uint32_t key = is_code ? number * 2 + 1 : number;
    if (2 * m->seen_count >= m->seen_room && !grow_seen(m))
        return NULL;
    struct seen *seen = &m->seen[seen_place(m->seen, m->seen_room, key)];
    if (seen->key == 0) {
        seen->key = key;
        m->seen_count++;
    }
    return seen;
}

const struct image_class *matching_wants(struct matching *m, uint32_t entry,
                                         struct slice *value_out)
{
    const struct image_entry *record;
    const struct image_class *class;
    if (!image_entry_at(&m->matcher->image, entry, &record, &class, value_out) ||
        m->input->now >= class->ends_at || (m->only != 0 && m->only != entry))
        return NULL;
    if (m->seen_count == 0)
        return class;
    const struct seen *seen = &m->seen[seen_place(m->seen, m->seen_room, entry)];
    return seen->key != 0 && seen->is_done ? NULL : class;
}

/* --- hits and limits -------------------------------------------------------------------------- */

void matching_add_hit(struct matching *m, uint32_t entry, enum text_where where,
                      const char *where_name, struct slice text)
{
    struct hit *hits =
        reading_grow(m->arena, m->hits->hits, m->hits->count, &m->hit_room, sizeof *hits);
    struct entry *read = arena_alloc(m->arena, sizeof *read);
    struct seen *seen = matching_seen(m, entry, false);
    uint32_t list;
    int64_t ends_at;
    if (hits == NULL || read == NULL || seen == NULL || m->hits->count >= MATCH_MOST_HITS ||
        !image_read_entry(&m->matcher->image, entry, m->arena, read, &list, &ends_at)) {
        matching_stop(m, "lists: no room for more hits");
        return;
    }
    m->hits->hits = hits;
    seen->is_done = true;
    hits[m->hits->count++] = (struct hit){&m->matcher->lists[list], read, where, where_name,
                                          letter_cut(text, MATCH_TEXT_BYTES)};
}

void matching_add_limit(struct matching *m, const char *limit)
{
    m->hits->is_complete = false;
    for (size_t i = 0; i < m->hits->limit_count; i++)
        if (limit == NULL || strcmp(m->hits->limits[i], limit) == 0)
            return;
    const char **limits = reading_grow(m->arena, m->hits->limits, m->hits->limit_count,
                                       &m->limit_room, sizeof *limits);
    if (limits == NULL || limit == NULL)
        return;
    m->hits->limits = limits;
    limits[m->hits->limit_count++] = limit;
}

void matching_stop(struct matching *m, const char *limit)
{
    m->has_stopped = true;
    matching_add_limit(m, limit);
}

bool matching_goes_on(struct matching *m)
{
    if (!m->has_stopped && budget_is_used_up(&m->budget))
        matching_stop(m, "lists: the time for matching was used up");
    return !m->has_stopped;
}

static int compare_hits(const void *a, const void *b)
{
    const struct hit *left = a, *right = b;
    if (left->entry->severity != right->entry->severity)
        return right->entry->severity - left->entry->severity;
    int order = slice_compare(left->list->name, right->list->name);
    return order != 0 ? order : slice_compare(left->entry->id, right->entry->id);
}

static void match_pieces(struct matching *m)
{
    const struct text_set *texts = m->input->texts;
    for (size_t i = 0; texts != NULL && i < texts->count && !m->has_stopped; i++) {
        if (!matching_goes_on(m))
            return;
        match_text(m, &texts->pieces[i]);
        match_links(m, &texts->pieces[i]);
    }
}

int matcher_match_only(const struct matcher *matcher, const struct match_input *input,
                       uint32_t only, struct arena *arena, struct hit_set *hits_out,
                       struct error *err)
{
    struct hit_set hits = {.is_complete = true};
    struct matching m = {.matcher = matcher,
                         .input = input,
                         .budget = input->budget,
                         .arena = arena,
                         .hits = &hits,
                         .only = only};
    if (matcher->builder != NULL)
        return error_set(err, ERROR_BUG, "the lists are not compiled yet");
    if (matcher->image.header.entry_count > 0) {
        match_exact(&m);
        match_pieces(&m);
        pcre2_jit_stack_free(m.stack);
        pcre2_match_data_free(m.data);
        pcre2_match_context_free(m.context);
    }
    if (hits.count > 0)
        qsort(hits.hits, hits.count, sizeof *hits.hits, compare_hits);
    *hits_out = hits;
    return 0;
}

int matcher_match(const struct matcher *matcher, const struct match_input *input,
                  struct arena *arena, struct hit_set *hits_out, struct error *err)
{
    return matcher_match_only(matcher, input, 0, arena, hits_out, err);
}
