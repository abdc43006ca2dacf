/*
 * automaton: which of many literals stand where in a text, in one pass whose time grows with the
 * text alone (Aho and Corasick 1975), as a double array: a state is one cell of 16 bytes, its child
 * for byte b is cell base + b, if that cell's check names it. Where no literal has begun, a bitmap
 * of hashed first four bytes, small enough for the fastest cache, says for nearly every place that
 * none begins there.
 *
 * Flat arrays without pointers, so that they can stand in a mapped image (docs/formats/image.md).
 * Only the first AUTOMATON_MOST_BYTES of a literal are states; what is behind them is compared.
 */
#ifndef ZAGUAN_LISTS_MATCH_AUTOMATON_H
#define ZAGUAN_LISTS_MATCH_AUTOMATON_H

#include "common/base/arena.h"
#include <stdint.h>

#define LITERAL_LEAST_BYTES 4
#define AUTOMATON_MOST_BYTES 48
#define AUTOMATON_NONE UINT32_MAX

struct automaton_cell {
    uint32_t base, check; /* check AUTOMATON_NONE: no state */
    uint32_t fail;        /* the longest ending of this state that is a state */
    uint32_t output;      /* 1 + the index of what ends here, or in an ending; 0: nothing */
};

struct automaton_output {
    uint32_t first_row, row_count, size_bytes;
    uint32_t next; /* as cell.output, of a shorter literal: always smaller than this one */
};

struct automaton_row {
    uint32_t entry, code; /* the owner's numbers */
    uint32_t mask;        /* found only when all kinds of it are asked for */
    uint32_t least_before, most_before;
    uint32_t rest_at, rest_size; /* of the literal, in `strings` */
};

struct automaton {
    const struct automaton_cell *cells;
    size_t cell_count;
    const struct automaton_output *outputs;
    size_t output_count;
    const struct automaton_row *rows;
    size_t row_count;
    const uint64_t *bitmap; /* a power of two of words */
    size_t bitmap_words;
    struct slice strings;
};

struct automaton_literal {
    struct slice text;
    struct automaton_row row; /* rest_* are set by building */
};

/* The arrays, in the arena; `literals` are sorted in place. A text has LITERAL_LEAST_BYTES and
 * stands in `strings`, which the automaton goes on to need. */
int automaton_build(struct automaton_literal *literals, size_t count, struct slice strings,
                    struct arena *arena, struct automaton *automaton_out,
                    struct error *err) MUST_CHECK;

/* Nothing in it leads outside of it or round in a circle. */
bool automaton_is_sound(const struct automaton *automaton);

/*
 * Calls found() for every row whose mask shares a bit with each of `views` and `places`, at every
 * place of its literal, until found() or goes_on() returns false. goes_on() is asked every few
 * thousand steps, whether anything is found or not.
 */
struct automaton_search {
    uint32_t views, places;
    bool (*found)(void *context, const struct automaton_row *row, size_t at, size_t size);
    bool (*goes_on)(void *context);
    void *context;
};
void automaton_scan(const struct automaton *automaton, struct slice text,
                    const struct automaton_search *search);

#endif
