#include "lists/match/automaton.h"

#include <string.h>

#define STEPS_PER_LOOK 4096 /* a power of two */

uint32_t automaton_hash(const char *bytes);

/* Knuth's multiplicative hash of four bytes. */
uint32_t automaton_hash(const char *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return word * 2654435769U;
}

static int shift_of(const struct automaton *a)
{
    return 32 - 6 - __builtin_ctzll(a->bitmap_words);
}

/* The state behind `state` and `byte`; a fail chain is never longer than the deepest state. */
static uint32_t step(const struct automaton_cell *cells, uint32_t state, unsigned char byte)
{
    for (int left = AUTOMATON_MOST_BYTES + 1; left > 0; left--) {
        uint32_t child = cells[state].base + byte;
        if (cells[child].check == state)
            return child;
        if (state == 0)
            return 0;
        state = cells[state].fail;
    }
    return 0;
}

/* Is it time to ask, and the answer no? */
static bool has_ended(const struct automaton_search *search, size_t *steps)
{
    return (++*steps & (STEPS_PER_LOOK - 1)) == 0 && !search->goes_on(search->context);
}

/* False: the search is over. */
static bool report(const struct automaton *a, uint32_t output, struct slice text, size_t end,
                   const struct automaton_search *search, size_t *steps)
{
    for (; output != 0; output = a->outputs[output - 1].next) {
        const struct automaton_output *o = &a->outputs[output - 1];
        for (uint32_t i = o->first_row; i < o->first_row + o->row_count; i++) {
            const struct automaton_row *row = &a->rows[i];
            if (has_ended(search, steps))
                return false;
            if ((row->mask & search->views) == 0 || (row->mask & search->places) == 0 ||
                row->rest_size > text.size - end ||
                memcmp(text.data + end, a->strings.data + row->rest_at, row->rest_size) != 0)
                continue;
            size_t at = end - o->size_bytes;
            if (!search->found(search->context, row, at, o->size_bytes + row->rest_size))
                return false;
        }
    }
    return true;
}

void automaton_scan(const struct automaton *a, struct slice text,
                    const struct automaton_search *search)
{
    if (a->row_count == 0 || text.size < LITERAL_LEAST_BYTES)
        return;
    const struct automaton_cell *cells = a->cells;
    const size_t last = text.size - LITERAL_LEAST_BYTES; /* where a literal can begin */
    const int shift = shift_of(a);
    uint32_t state = 0;
    size_t steps = 0;
    for (size_t i = 0; i < text.size;) {
        if (state == 0) {
            for (; i <= last; i++) {
                uint32_t hash = automaton_hash(text.data + i) >> shift;
                if ((a->bitmap[hash / 64] >> hash % 64 & 1) != 0)
                    break;
            }
            if (i > last)
                return;
        }
        state = step(cells, state, (unsigned char)text.data[i++]);
        if (has_ended(search, &steps) ||
            (cells[state].output != 0 && !report(a, cells[state].output, text, i, search, &steps)))
            return;
    }
}

static bool are_outputs_sound(const struct automaton *a)
{
    for (size_t i = 0; i < a->output_count; i++) {
        const struct automaton_output *o = &a->outputs[i];
        if (o->next > i || o->first_row > a->row_count ||
            o->row_count > a->row_count - o->first_row || o->size_bytes > AUTOMATON_MOST_BYTES)
            return false;
    }
    for (size_t i = 0; i < a->row_count; i++)
        if (a->rows[i].rest_at > a->strings.size ||
            a->rows[i].rest_size > a->strings.size - a->rows[i].rest_at)
            return false;
    return true;
}

/*
 * How many bytes lead to each state must be known, or a literal could seem to begin before its
 * text: every state is reached from the root, its output is as long as that at most, its fail is
 * shorter.
 */
static bool are_depths_sound(const struct automaton *a, uint8_t *depths)
{
    for (size_t i = 1; i < a->cell_count; i++) {
        size_t at = i;
        int depth = 0;
        while (at != 0 && depths[at] == 0 && depth <= AUTOMATON_MOST_BYTES) {
            at = a->cells[at].check;
            depth++;
            if (at >= a->cell_count)
                break;
        }
        if (a->cells[i].check == AUTOMATON_NONE)
            continue;
        if (at >= a->cell_count || depth + depths[at] > AUTOMATON_MOST_BYTES)
            return false;
        depths[i] = (uint8_t)(depth + depths[at]);
    }
    for (size_t i = 1; i < a->cell_count; i++) {
        const struct automaton_cell *c = &a->cells[i];
        if (c->check == AUTOMATON_NONE)
            continue;
        if (c->fail != 0 && (a->cells[c->fail].check == AUTOMATON_NONE || depths[c->fail] == 0 ||
                             depths[c->fail] >= depths[i]))
            return false;
        if (c->output != 0 && a->outputs[c->output - 1].size_bytes > depths[i])
            return false;
    }
    return true;
}

bool automaton_is_sound(const struct automaton *a)
{
    if (a->row_count == 0)
        return true;
    if (a->cell_count <= 256 || a->bitmap_words == 0 || a->bitmap_words > (size_t)1 << 20 ||
        (a->bitmap_words & (a->bitmap_words - 1)) != 0 || !are_outputs_sound(a))
        return false;
    for (size_t i = 0; i < a->cell_count; i++) {
        const struct automaton_cell *c = &a->cells[i];
        if (c->base > a->cell_count - 256 || c->fail >= a->cell_count ||
            c->output > a->output_count ||
            (c->check != AUTOMATON_NONE && c->check >= a->cell_count))
            return false;
    }
    if (a->cells[0].output != 0)
        return false;
    ARENA_CLEANUP *arena = arena_new(a->cell_count + 64);
    uint8_t *depths = arena == NULL ? NULL : arena_alloc(arena, a->cell_count);
    return depths != NULL && are_depths_sound(a, depths);
}
