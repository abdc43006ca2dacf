#include "lists/matcher.h"

#include "lists/letter.h"
#include "lists/reading.h"
#include <stdlib.h>
#include <string.h>

#define PCRE2_STACK_LEAST ((size_t)32 * 1024)
#define PCRE2_STACK_MOST ((size_t)256 * 1024)
#define PCRE2_MATCH_LIMIT 100000
#define PCRE2_HEAP_KIB 4096

bool matching_wants(const struct matching *m, uint32_t target)
{
    return !m->is_done[target] && m->input->now < m->matcher->targets[target].ends_at;
}

void matching_add_hit(struct matching *m, uint32_t target, enum text_where where,
                      const char *where_name, struct slice text)
{
    struct hit *hits =
        reading_grow(m->arena, m->hits->hits, m->hits->count, &m->hit_room, sizeof *hits);
    if (hits == NULL) {
        matching_stop(m, "lists: no room for more hits");
        return;
    }
    m->hits->hits = hits;
    m->is_done[target] = 1;
    hits[m->hits->count++] =
        (struct hit){m->matcher->targets[target].list, m->matcher->targets[target].entry, where,
                     where_name, letter_cut(text, MATCH_TEXT_BYTES)};
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

/* One set per call: PCRE2's match data and stacks must not be shared by threads. */
static int begin_pcre2(struct matching *m, struct error *err)
{
    m->context = pcre2_match_context_create(NULL);
    m->data = pcre2_match_data_create(1, NULL);
    m->stack = pcre2_jit_stack_create(PCRE2_STACK_LEAST, PCRE2_STACK_MOST, NULL);
    if (m->context == NULL || m->data == NULL || m->stack == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for matching");
    pcre2_set_match_limit(m->context, PCRE2_MATCH_LIMIT);
    pcre2_set_depth_limit(m->context, PCRE2_MATCH_LIMIT);
    pcre2_set_heap_limit(m->context, PCRE2_HEAP_KIB);
    pcre2_jit_stack_assign(m->context, NULL, m->stack);
    return 0;
}

static void end_pcre2(struct matching *m)
{
    pcre2_jit_stack_free(m->stack);
    pcre2_match_data_free(m->data);
    pcre2_match_context_free(m->context);
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
        if (deadline_has_passed(m->input->deadline)) {
            matching_stop(m, "lists: the time for matching was used up");
            return;
        }
        match_text(m, &texts->pieces[i]);
        match_links(m, &texts->pieces[i]);
    }
}

static int begin_matching(struct matching *m, struct error *err)
{
    size_t count = m->matcher->target_count;
    m->is_done = arena_alloc_array(m->arena, count, sizeof *m->is_done);
    m->strikes = arena_alloc_array(m->arena, count, sizeof *m->strikes);
    m->tried = arena_alloc_array(m->arena, count * MATCH_FORMS, sizeof *m->tried);
    if (m->is_done == NULL || m->strikes == NULL || m->tried == NULL)
        return arena_error(m->arena, err);
    return begin_pcre2(m, err);
}

int matcher_match(const struct matcher *matcher, const struct match_input *input,
                  struct arena *arena, struct hit_set *hits_out, struct error *err)
{
    struct hit_set hits = {.is_complete = true};
    struct matching m = {.matcher = matcher, .input = input, .arena = arena, .hits = &hits};
    if (matcher->target_count > 0) {
        if (begin_matching(&m, err) != 0) {
            end_pcre2(&m);
            return -1;
        }
        match_exact(&m);
        match_pieces(&m);
        end_pcre2(&m);
    }
    if (hits.count > 0)
        qsort(hits.hits, hits.count, sizeof *hits.hits, compare_hits);
    *hits_out = hits;
    return 0;
}
