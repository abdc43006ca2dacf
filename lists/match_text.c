/*
 * Phrases and patterns in one piece of text: a literal that must occur says where to look, PCRE2
 * what it means. A match can begin only so far before its literal as the pattern can reach, so
 * PCRE2 is asked about those places alone, and about none of them twice.
 */
#include "lists/matcher.h"

#include "lists/letter.h"
#include <string.h>

#define FOLD_BYTES ((size_t)64 * 1024 * 1024)
#define CANDIDATES_PER_CLOCK 64

struct searching {
    struct matching *m;
    const struct text_piece *piece;
    struct folded folded;
};

static void hit_at(struct searching *s, uint32_t target, size_t begin, size_t end)
{
    matching_add_hit(s->m, target, s->piece->where, scope_name((unsigned)s->piece->where),
                     fold_original(&s->folded, begin, end));
}

static void try_phrase(struct searching *s, const struct literal *literal, size_t at)
{
    struct slice text = s->folded.text;
    if (letter_is_edge(text, at) && letter_is_edge(text, at + literal->text.size))
        hit_at(s, literal->owner, at, at + literal->text.size);
}

static void strike(struct searching *s, uint32_t target, int fault)
{
    struct matching *m = s->m;
    if (fault == PCRE2_ERROR_NOMATCH || ++m->strikes[target] < MATCH_STRIKES)
        return;
    const struct target *slow = &m->matcher->targets[target];
    m->is_done[target] = 1;
    matching_add_limit(m, arena_printf(m->arena,
                                       "lists: pattern " SLICE_FORMAT "/" SLICE_FORMAT
                                       " takes too long on this text",
                                       SLICE_ARGUMENTS(slow->list->name),
                                       SLICE_ARGUMENTS(slow->entry->id)));
}

/*
 * The places where a match may begin, from *begin_out to *last_out; false: all were tried. The
 * literals of one pattern reach back differently far, so what was tried is a stretch, not a mark.
 */
static bool window(struct searching *s, const struct literal *literal, size_t at, size_t *begin_out,
                   size_t *last_out)
{
    struct tried *tried = &s->m->tried[literal->owner * MATCH_FORMS + literal->form];
    struct slice text = s->folded.text;
    if (at < literal->least_before)
        return false;
    size_t begin = at > literal->most_before ? at - literal->most_before : 0;
    size_t last = at - literal->least_before;
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
    *tried = (struct tried){s->m->round, from, to};
    while (begin < last && ((unsigned char)text.data[begin] & 0xC0) == 0x80)
        begin++;
    if (((unsigned char)text.data[begin] & 0xC0) == 0x80)
        return false; /* a match begins with a whole character */
    *begin_out = begin;
    *last_out = last;
    return true;
}

static void try_pattern(struct searching *s, const struct literal *literal, size_t at)
{
    struct matching *m = s->m;
    struct slice text = s->folded.text;
    size_t begin, last;
    if (!window(s, literal, at, &begin, &last))
        return;
    pcre2_set_offset_limit(m->context, last);
    int found =
        pcre2_match(m->matcher->targets[literal->owner].code[literal->form], (PCRE2_SPTR)text.data,
                    text.size, begin, PCRE2_NO_UTF_CHECK, m->data, m->context);
    if (found < 0) {
        strike(s, literal->owner, found);
        return;
    }
    size_t *ends = pcre2_get_ovector_pointer(m->data);
    hit_at(s, literal->owner, ends[0], ends[1]);
}

static bool found_literal(void *context, const struct literal *literal, size_t at)
{
    struct searching *s = context;
    struct matching *m = s->m;
    const struct entry *entry = m->matcher->targets[literal->owner].entry;
    if (++m->candidates % CANDIDATES_PER_CLOCK == 0 && deadline_has_passed(m->input->deadline))
        matching_stop(m, "lists: the time for matching was used up");
    if (m->has_stopped)
        return false;
    if ((entry->scope & (unsigned)s->piece->where) == 0 || !matching_wants(m, literal->owner))
        return true;
    if (entry->type == ENTRY_PHRASE)
        try_phrase(s, literal, at);
    else
        try_pattern(s, literal, at);
    return true;
}

void match_text(struct matching *m, const struct text_piece *piece)
{
    struct error err = {0};
    if ((m->matcher->scopes & (unsigned)piece->where) == 0 || piece->text.size == 0)
        return;
    ARENA_CLEANUP *scratch = arena_new(FOLD_BYTES);
    struct searching s = {.m = m, .piece = piece};
    for (int view = 0; view < MATCH_VIEWS && !m->has_stopped; view++) {
        m->round++;
        if (m->matcher->literals[view].count == 0)
            continue;
        if (scratch == NULL ||
            fold_text(piece->text, (enum fold_view)view, scratch, &s.folded, &err) != 0) {
            matching_add_limit(m, "lists: a text was too long to be folded");
            return;
        }
        literals_scan(&m->matcher->literals[view], s.folded.text, found_literal, &s);
    }
}
