/* Literals to a double array, breadth first, so that a state's fail state is always there first. */
#include "lists/match/automaton.h"

#include "lists/format/reading.h"
#include <stdlib.h>
#include <string.h>

#define LEAST_BITMAP_BITS 10
#define MOST_BITMAP_BITS 17 /* 16 KiB */
#define BYTES_OF_ALPHABET 256
#define MOST_TRIES 128 /* cells looked at for several children, then the end is taken */

uint32_t automaton_hash(const char *bytes);

/* A state whose children are still to be placed: the literals that go through it. */
struct waiting {
    uint32_t state;
    uint32_t depth;
    size_t begin, end;
};

struct building {
    struct automaton_literal *literals;
    size_t count;
    struct arena *arena;
    struct automaton_cell *cells;
    size_t cell_count, cell_room;
    size_t first_free; /* no cell before it is free, but the first ones: below any base and byte */
    size_t last_room;
    struct waiting *waiting;
    size_t waiting_count, waiting_room;
    struct automaton_output *outputs;
    size_t output_count, output_room;
};

static size_t head_size(const struct automaton_literal *literal)
{
    return literal->text.size < AUTOMATON_MOST_BYTES ? literal->text.size : AUTOMATON_MOST_BYTES;
}

static int compare_literals(const void *a, const void *b)
{
    const struct automaton_literal *left = a, *right = b;
    int order = slice_compare(slice_part(left->text, 0, head_size(left)),
                              slice_part(right->text, 0, head_size(right)));
    if (order != 0)
        return order;
    return (left->row.entry > right->row.entry) - (left->row.entry < right->row.entry);
}

/* Cells up to base + 255 exist. */
static int make_cells(struct building *b, size_t count, struct error *err)
{
    while (b->cell_count < count) {
        struct automaton_cell *cells =
            reading_grow(b->arena, b->cells, b->cell_count, &b->cell_room, sizeof *cells);
        if (cells == NULL)
            return arena_error(b->arena, err);
        b->cells = cells;
        cells[b->cell_count++] = (struct automaton_cell){0, AUTOMATON_NONE, 0, 0};
    }
    return 0;
}

static bool is_free(const struct building *b, size_t cell)
{
    return cell != 0 && (cell >= b->cell_count || b->cells[cell].check == AUTOMATON_NONE);
}

static bool fits(const struct building *b, size_t base, const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_free(b, base + bytes[i]))
            return false;
    return true;
}

/*
 * A single child goes into the first free cell. Several are tried from where the last ones found
 * room: whatever is left behind there is filled by single ones, which nearly all are.
 */
static size_t find_base(struct building *b, const unsigned char *bytes, size_t count)
{
    while (!is_free(b, b->first_free))
        b->first_free++;
    if (count == 1)
        return b->first_free - bytes[0];
    size_t cell = b->last_room > b->first_free ? b->last_room : b->first_free;
    for (int tries = 0; tries < MOST_TRIES && cell < b->cell_count; tries++, cell++) {
        if (!is_free(b, cell) || !fits(b, cell - bytes[0], bytes, count))
            continue;
        if (tries > MOST_TRIES / 2)
            b->last_room = cell;
        return cell - bytes[0];
    }
    b->last_room = b->cell_count;
    return b->cell_count;
}

static uint32_t fail_of(const struct building *b, uint32_t parent, unsigned char byte)
{
    while (parent != 0) {
        parent = b->cells[parent].fail;
        size_t child = (size_t)b->cells[parent].base + byte;
        if (child < b->cell_count && b->cells[child].check == parent)
            return (uint32_t)child;
    }
    return 0;
}

/* The literals that end with this state come first of those that go through it. */
static int end_literals(struct building *b, struct waiting *w, struct error *err)
{
    size_t first = w->begin;
    while (w->begin < w->end && head_size(&b->literals[w->begin]) == w->depth)
        w->begin++;
    struct automaton_cell *cell = &b->cells[w->state];
    cell->output = w->state == 0 ? 0 : b->cells[cell->fail].output;
    if (w->begin == first)
        return 0;
    struct automaton_output *outputs =
        reading_grow(b->arena, b->outputs, b->output_count, &b->output_room, sizeof *outputs);
    if (outputs == NULL)
        return arena_error(b->arena, err);
    b->outputs = outputs;
    outputs[b->output_count++] = (struct automaton_output){
        (uint32_t)first, (uint32_t)(w->begin - first), w->depth, cell->output};
    cell->output = (uint32_t)b->output_count;
    return 0;
}

static int add_waiting(struct building *b, const struct waiting *next, struct error *err)
{
    struct waiting *waiting =
        reading_grow(b->arena, b->waiting, b->waiting_count, &b->waiting_room, sizeof *waiting);
    if (waiting == NULL)
        return arena_error(b->arena, err);
    b->waiting = waiting;
    waiting[b->waiting_count++] = *next;
    return 0;
}

static size_t bytes_behind(const struct building *b, const struct waiting *w, unsigned char *bytes)
{
    size_t count = 0;
    for (size_t i = w->begin; i < w->end; i++) {
        unsigned char byte = (unsigned char)b->literals[i].text.data[w->depth];
        if (count == 0 || bytes[count - 1] != byte)
            bytes[count++] = byte;
    }
    return count;
}

static int place_children(struct building *b, struct waiting w, struct error *err)
{
    unsigned char bytes[BYTES_OF_ALPHABET];
    if (end_literals(b, &w, err) != 0)
        return -1;
    size_t count = bytes_behind(b, &w, bytes);
    if (count == 0)
        return 0;
    size_t base = find_base(b, bytes, count);
    if (base > UINT32_MAX - BYTES_OF_ALPHABET)
        return error_set(err, ERROR_LIMIT, "more literals than one automaton can hold");
    if (make_cells(b, base + BYTES_OF_ALPHABET, err) != 0)
        return -1;
    b->cells[w.state].base = (uint32_t)base;
    for (size_t i = 0; i < count; i++)
        b->cells[base + bytes[i]].check = w.state;
    for (size_t i = 0; i < count; i++) {
        struct waiting next = {(uint32_t)(base + bytes[i]), w.depth + 1, w.begin, w.begin};
        while (next.end < w.end &&
               (unsigned char)b->literals[next.end].text.data[w.depth] == bytes[i])
            next.end++;
        w.begin = next.end;
        b->cells[next.state].fail = fail_of(b, w.state, bytes[i]);
        if (add_waiting(b, &next, err) != 0)
            return -1;
    }
    return 0;
}

static int build_bitmap(const struct building *b, struct automaton *a, struct error *err)
{
    int bits = LEAST_BITMAP_BITS;
    while (bits < MOST_BITMAP_BITS && (size_t)1 << bits < b->count * 8)
        bits++;
    a->bitmap_words = (size_t)1 << (bits - 6);
    uint64_t *bitmap = arena_alloc_array(b->arena, a->bitmap_words, sizeof *bitmap);
    if (bitmap == NULL)
        return arena_error(b->arena, err);
    for (size_t i = 0; i < b->count; i++) {
        uint32_t hash = automaton_hash(b->literals[i].text.data) >> (32 - bits);
        bitmap[hash / 64] |= (uint64_t)1 << hash % 64;
    }
    a->bitmap = bitmap;
    return 0;
}

static int build_rows(const struct building *b, struct slice strings, struct automaton *a,
                      struct error *err)
{
    struct automaton_row *rows = arena_alloc_array(b->arena, b->count, sizeof *rows);
    if (rows == NULL)
        return arena_error(b->arena, err);
    for (size_t i = 0; i < b->count; i++) {
        const struct automaton_literal *literal = &b->literals[i];
        size_t head = head_size(literal);
        rows[i] = literal->row;
        rows[i].rest_at = (uint32_t)((size_t)(literal->text.data - strings.data) + head);
        rows[i].rest_size = (uint32_t)(literal->text.size - head);
        if (rows[i].rest_size == 0)
            rows[i].rest_at = 0;
    }
    a->rows = rows;
    return 0;
}

int automaton_build(struct automaton_literal *literals, size_t count, struct slice strings,
                    struct arena *arena, struct automaton *automaton_out, struct error *err)
{
    struct building b = {
        .literals = literals, .count = count, .arena = arena, .first_free = BYTES_OF_ALPHABET};
    struct automaton a = {.row_count = count, .strings = strings};
    if (count == 0) {
        *automaton_out = a;
        return 0;
    }
    qsort(literals, count, sizeof *literals, compare_literals);
    if (make_cells(&b, 2 * BYTES_OF_ALPHABET, err) != 0 ||
        add_waiting(&b, &(struct waiting){0, 0, 0, count}, err) != 0)
        return -1;
    for (size_t i = 0; i < b.waiting_count; i++)
        if (place_children(&b, b.waiting[i], err) != 0)
            return -1;
    if (build_bitmap(&b, &a, err) != 0 || build_rows(&b, strings, &a, err) != 0)
        return -1;
    a.cells = b.cells;
    a.cell_count = b.cell_count;
    a.outputs = b.outputs;
    a.output_count = b.output_count;
    *automaton_out = a;
    return 0;
}
