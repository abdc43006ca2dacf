/*
 * Phrases and patterns in one piece of text: a literal that must occur says where to look, PCRE2
 * what it means. A match can begin only so far before its literal as the pattern can reach, so
 * PCRE2 is asked about those places alone, and about none of them twice.
 */
#include "lists/match/matcher.h"

#include "lists/format/letter.h"
#include <string.h>

#define FOLD_BYTES ((size_t)64 * 1024 * 1024)

struct searching {
    struct matching *m;
    const struct text_piece *piece;
    const struct folded *folded;
};

static void hit_at(struct searching *s, uint32_t entry, size_t begin, size_t end)
{
    matching_add_hit(s->m, entry, s->piece->where, scope_name((unsigned)s->piece->where),
                     fold_original(s->folded, begin, end));
}

static void try_phrase(struct searching *s, uint32_t entry, size_t at, size_t size)
{
    struct slice text = s->folded->text;
    if (letter_is_edge(text, at) && letter_is_edge(text, at + size))
        hit_at(s, entry, at, at + size);
}

/*
 * The places where a match may begin, from *begin_out to *last_out; false: all were tried. The
 * literals of one pattern reach back differently far, so what was tried is a stretch, not a mark.
 */
static bool window(struct searching *s, const struct automaton_row *row, size_t at,
                   size_t *begin_out, size_t *last_out)
{
    struct seen *tried = matching_seen(s->m, row->code, true);
    struct slice text = s->folded->text;
    if (tried == NULL || tried->is_done || at < row->least_before)
        return false;
    size_t begin = at > row->most_before ? at - row->most_before : 0;
    size_t last = at - row->least_before;
    while (begin > 0 && ((unsigned char)text.data[begin] & 0xC0) == 0x80)
        begin--;
    bool is_known = tried->round == s->m->round;
    if (is_known && begin >= tried->begin && begin < tried->end)
        begin = tried->end;
    if (begin > last)
        return false;
    bool touches = is_known && begin <= tried->end && last + 1 >= tried->begin;
    size_t from = touches && tried->begin < begin ? tried->begin : begin;
    size_t to = touches && tried->end > last + 1 ? tried->end : last + 1;
    tried->round = s->m->round;
    tried->begin = from;
    tried->end = to;
    while (begin < last && ((unsigned char)text.data[begin] & 0xC0) == 0x80)
        begin++;
    if (((unsigned char)text.data[begin] & 0xC0) == 0x80)
        return false; /* a match begins with a whole character */
    *begin_out = begin;
    *last_out = last;
    return true;
}

static bool goes_on(void *context)
{
    struct searching *s = context;
    return matching_goes_on(s->m);
}

static bool found_literal(void *context, const struct automaton_row *row, size_t at, size_t size)
{
    struct searching *s = context;
    struct matching *m = s->m;
    struct slice value;
    size_t begin, last, from, to;
    if (!matching_goes_on(m))
        return false;
    if (matching_wants(m, row->entry, &value) == NULL)
        return true;
    if (row->code == AUTOMATON_NONE)
        try_phrase(s, row->entry, at, size);
    else if (window(s, row, at, &begin, &last) &&
             match_code_finds(m, row->code, s->folded->text, begin, last, &from, &to))
        hit_at(s, row->entry, from, to);
    return !m->has_stopped;
}

void match_text(struct matching *m, const struct text_piece *piece)
{
    struct error err = {0};
    struct folded views[MATCH_VIEWS];
    if ((m->matcher->image.header.scopes & (unsigned)piece->where) == 0 || piece->text.size == 0)
        return;
    ARENA_CLEANUP *scratch = arena_new(FOLD_BYTES);
    if (scratch == NULL || fold_both(piece->text, scratch, views, &err) != 0) {
        matching_add_limit(m, "lists: a text was too long to be folded");
        return;
    }
    struct searching s = {.m = m, .piece = piece};
    struct automaton_search search = {.places = (unsigned)piece->where,
                                      .found = found_literal,
                                      .goes_on = goes_on,
                                      .context = &s};
    match_keyed_text(m, piece, &views[FOLD_PLAIN], scratch);
    for (int view = 0; view < MATCH_VIEWS && matching_goes_on(m); view++) {
        m->round++;
        s.folded = &views[view];
        search.views = view == FOLD_PLAIN ? IMAGE_VIEW_PLAIN : IMAGE_VIEW_TIGHT;
        automaton_scan(&m->matcher->image.automaton, views[view].text, &search);
    }
}
