#include "lists/format/delta.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- applying --------------------------------------------------------------------------------- */

struct applying {
    struct slice old, script;
    const char *name;
    struct buffer *into;
    long long old_line; /* lines of the old text that were copied or left out */
    long long line;     /* of the script */
};

static int fault(const struct applying *a, const char *what, struct error *err)
{
    return error_set(err, ERROR_INPUT, "%s:%lld: %s", a->name, a->line, what);
}

/* The next line with its LF; false: there is none. */
static bool next_line(struct slice *rest, struct slice *line_out)
{
    size_t end = slice_find_byte(*rest, '\n');
    if (end == rest->size)
        return false;
    *line_out = slice_part(*rest, 0, end + 1);
    *rest = slice_from(*rest, end + 1);
    return true;
}

static int copy(struct applying *a, struct slice *from, long long count, bool is_kept,
                const char *what, struct error *err)
{
    struct slice line;
    for (; count > 0; count--) {
        if (!next_line(from, &line))
            return fault(a, what, err);
        if (is_kept)
            buffer_append(a->into, line);
        if (a->into->has_overflowed)
            return fault(a, "the result is longer than the list may be", err);
        if (from == &a->old)
            a->old_line++;
        else
            a->line++;
    }
    return 0;
}

static int read_command(const struct applying *a, struct slice line, char *what_out,
                        long long *at_out, long long *count_out, struct error *err)
{
    line = slice_part(line, 0, line.size - 1);
    size_t blank = slice_find_byte(line, ' ');
    if (line.size == 0 || (line.data[0] != 'a' && line.data[0] != 'd') ||
        !slice_to_number(slice_part(line, 1, blank - 1), 0, INT32_MAX, at_out) ||
        !slice_to_number(slice_from(line, blank + 1), 1, INT32_MAX, count_out))
        return fault(a, "dL N or aL N is expected", err);
    *what_out = line.data[0];
    return 0;
}

static int run_command(struct applying *a, struct slice line, struct error *err)
{
    static const char beyond[] = "a line behind the end of the old text";
    char what = 0;
    long long at = 0, count = 0;
    if (read_command(a, line, &what, &at, &count, err) != 0)
        return -1;
    at -= what == 'd'; /* lines before it */
    if (at < a->old_line)
        return fault(a, "a line that was passed already", err);
    if (copy(a, &a->old, at - a->old_line, true, beyond, err) != 0)
        return -1;
    return what == 'd' ? copy(a, &a->old, count, false, beyond, err)
                       : copy(a, &a->script, count, true, "cut off", err);
}

int delta_apply(struct slice old, struct slice script, const char *name, struct buffer *into,
                struct error *err)
{
    struct applying a = {.old = old, .script = script, .name = name, .into = into, .line = 1};
    struct slice line;
    while (next_line(&a.script, &line)) {
        if (run_command(&a, line, err) != 0)
            return -1;
        a.line++;
    }
    if (a.script.size > 0)
        return fault(&a, "cut off", err);
    buffer_append(into, a.old);
    return into->has_overflowed ? fault(&a, "the result is longer than the list may be", err) : 0;
}

/* --- making ----------------------------------------------------------------------------------- */

/* A record of a list: a line and those behind it that begin with a blank. */
struct block {
    struct slice text;
    long long first, lines; /* from 0 */
    uint64_t hash;
    size_t twin; /* its place in the other text and one; 0: none, or not the only one */
};

struct blocks {
    struct block *rows;
    size_t count;
};

static uint64_t hash_of(struct slice text)
{
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (size_t i = 0; i < text.size; i++)
        hash = (hash ^ (unsigned char)text.data[i]) * 0x100000001b3ULL;
    return hash;
}

static bool begins_block(struct slice line)
{
    return line.data[0] != ' ';
}

static int cut(struct slice text, struct blocks *blocks, struct error *err)
{
    struct slice rest = text, line;
    size_t room = 1;
    long long number = 0;
    while (next_line(&rest, &line))
        room += begins_block(line);
    if (rest.size > 0)
        return error_set(err, ERROR_INPUT, "delta: the last line does not end");
    blocks->rows = calloc(room, sizeof *blocks->rows);
    if (blocks->rows == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for a delta");
    for (rest = text; next_line(&rest, &line); number++) {
        struct block *last = blocks->count == 0 ? NULL : &blocks->rows[blocks->count - 1];
        if (last != NULL && !begins_block(line)) {
            last->text.size += line.size;
            last->lines++;
        } else {
            blocks->rows[blocks->count++] = (struct block){line, number, 1, 0, 0};
        }
    }
    for (size_t i = 0; i < blocks->count; i++)
        blocks->rows[i].hash = hash_of(blocks->rows[i].text);
    return 0;
}

static int compare_hashes(const void *a, const void *b)
{
    const struct block *x = *(struct block *const *)a, *y = *(struct block *const *)b;
    return x->hash < y->hash ? -1 : x->hash > y->hash;
}

static bool is_alone(struct block **sorted, size_t count, size_t at)
{
    return (at == 0 || sorted[at - 1]->hash != sorted[at]->hash) &&
           (at + 1 == count || sorted[at + 1]->hash != sorted[at]->hash);
}

/* Blocks that stand once in each text are the same block. */
static void pair(struct blocks *old, struct blocks *new, struct block **a, struct block **b)
{
    for (size_t i = 0; i < old->count; i++)
        a[i] = &old->rows[i];
    for (size_t i = 0; i < new->count; i++)
        b[i] = &new->rows[i];
    qsort(a, old->count, sizeof(struct block *), compare_hashes);
    qsort(b, new->count, sizeof(struct block *), compare_hashes);
    for (size_t i = 0, k = 0; i < old->count && k < new->count;) {
        if (a[i]->hash != b[k]->hash) {
            if (a[i]->hash < b[k]->hash)
                i++;
            else
                k++;
            continue;
        }
        if (is_alone(a, old->count, i) && is_alone(b, new->count, k) &&
            slice_equals(a[i]->text, b[k]->text)) {
            a[i]->twin = (size_t)(b[k] - new->rows) + 1;
            b[k]->twin = (size_t)(a[i] - old->rows) + 1;
        }
        i++;
        k++;
    }
}

/*
 * Of the pairs only those stay that keep their order: the longest rising run of places in the new
 * text (patience). `tails[n]` ends the best run of n + 1; `before` is the one before each.
 */
static void keep_order(struct blocks *old, struct blocks *new, size_t *tails, size_t *before)
{
    size_t length = 0;
    for (size_t i = 0; i < old->count; i++) {
        if (old->rows[i].twin == 0)
            continue;
        size_t low = 0, high = length;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (old->rows[tails[middle]].twin < old->rows[i].twin)
                low = middle + 1;
            else
                high = middle;
        }
        before[i] = low == 0 ? SIZE_MAX : tails[low - 1];
        tails[low] = i;
        length += low == length;
    }
    for (size_t i = 0; i < new->count; i++)
        new->rows[i].twin = 0;
    for (size_t at = length == 0 ? SIZE_MAX : tails[length - 1]; at != SIZE_MAX; at = before[at])
        new->rows[old->rows[at].twin - 1].twin = at + 1;
}

/* From the end of one pair to the next: what stands between goes and comes. */
static void write_gap(const struct blocks *old, size_t old_at, size_t old_end,
                      const struct blocks *new, size_t new_at, size_t new_end,
                      struct buffer *script)
{
    while (old_at < old_end && new_at < new_end &&
           slice_equals(old->rows[old_at].text, new->rows[new_at].text)) {
        old_at++;
        new_at++;
    }
    long long gone = 0, come = 0, line = 0;
    if (old_at > 0)
        line = old->rows[old_at - 1].first + old->rows[old_at - 1].lines;
    for (size_t i = old_at; i < old_end; i++)
        gone += old->rows[i].lines;
    for (size_t i = new_at; i < new_end; i++)
        come += new->rows[i].lines;
    if (gone > 0)
        buffer_printf(script, "d%lld %lld\n", line + 1, gone);
    if (come > 0)
        buffer_printf(script, "a%lld %lld\n", line + gone, come);
    for (size_t i = new_at; i < new_end; i++)
        buffer_append(script, new->rows[i].text);
}

static void write_script(const struct blocks *old, const struct blocks *new, struct buffer *script)
{
    size_t old_at = 0, new_at = 0;
    for (size_t i = 0; i < new->count; i++) {
        if (new->rows[i].twin == 0)
            continue;
        write_gap(old, old_at, new->rows[i].twin - 1, new, new_at, i, script);
        old_at = new->rows[i].twin;
        new_at = i + 1;
    }
    write_gap(old, old_at, old->count, new, new_at, new->count, script);
}

int delta_make(struct slice old, struct slice new, struct buffer *script, struct error *err)
{
    struct blocks a = {.count = 0}, b = {.count = 0};
    int failed = cut(old, &a, err) != 0 || cut(new, &b, err) != 0 ? -1 : 0;
    struct block **sorted = calloc(a.count + b.count + 1, sizeof(struct block *));
    size_t *places = calloc(2 * a.count + 1, sizeof *places);
    if (failed == 0 && (sorted == NULL || places == NULL))
        failed = error_set(err, ERROR_SYSTEM, "no memory for a delta");
    if (failed == 0) {
        pair(&a, &b, sorted, sorted + a.count);
        keep_order(&a, &b, places, places + a.count);
        write_script(&a, &b, script);
        failed = buffer_check(script, "delta", err);
    }
    free(places);
    free(sorted);
    free(a.rows);
    free(b.rows);
    return failed;
}
