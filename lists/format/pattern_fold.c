/* A parsed pattern to what PCRE2 gets, with its letters folded as the text is. */
#include "lists/format/pattern_node.h"

#include "common/base/buffer.h"
#include "common/base/limits.h"
#include "lists/format/letter.h"
#include <string.h>

#define FORM_BYTES                                                                                 \
    ((size_t)16 * 1024) /* of PCRE2 source: 300 bytes grow by folding and escapes                  \
                         */

struct reach {
    size_t least, most; /* bytes from the beginning of the match */
};

/* Literals of which one must occur. */
struct choice {
    struct pattern_literal literals[PATTERN_MOST_LITERALS];
    size_t count;
    size_t shortest; /* characters */
};

struct folding {
    enum fold_view view;
    bool is_joined;
    struct arena *arena;
    struct buffer *source;
    struct error *err;
};

struct slice pattern_join(struct slice text, struct arena *arena)
{
    char *joined = arena_alloc(arena, text.size);
    size_t size = 0;
    for (size_t i = 0; joined != NULL && i < text.size; i++)
        if (text.data[i] != ' ')
            joined[size++] = text.data[i];
    return slice_new(joined, size);
}

/* The fold takes blanks at the ends away, which here stand between two parts. */
static int fold_run(struct folding *f, struct slice run, struct slice *folded_out)
{
    struct slice inner = run;
    while (inner.size > 0 && inner.data[0] == ' ')
        inner = slice_from(inner, 1);
    while (inner.size > 0 && inner.data[inner.size - 1] == ' ')
        inner.size--;
    if (inner.size == 0) {
        *folded_out = slice_of(f->is_joined ? "" : " ");
        return 0;
    }
    struct folded folded;
    if (fold_text(inner, f->view, f->arena, &folded, f->err) != 0)
        return -1;
    const char *text = arena_printf(f->arena, "%s" SLICE_FORMAT "%s", run.data[0] == ' ' ? " " : "",
                                    SLICE_ARGUMENTS(slice_trim(folded.text)),
                                    run.data[run.size - 1] == ' ' ? " " : "");
    if (text == NULL)
        return arena_error(f->arena, f->err);
    *folded_out = f->is_joined ? pattern_join(slice_of(text), f->arena) : slice_of(text);
    return folded_out->data == NULL ? arena_error(f->arena, f->err) : 0;
}

static int fold_character(struct folding *f, int32_t character, struct slice *folded_out)
{
    char bytes[4];
    size_t size = letter_write(character, bytes);
    return fold_run(f, slice_new(bytes, size), folded_out);
}

static void write_literal(struct folding *f, struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        bool is_sign = c > 0x20 && c < 0x7F && strchr("\\^$.[]|()?*+{}-/#&~", c) != NULL;
        if (is_sign)
            buffer_append_byte(f->source, '\\');
        buffer_append_byte(f->source, c);
    }
}

static int write_class(struct folding *f, const struct node *node)
{
    buffer_append_text(f->source, node->is_negated ? "[^" : "[");
    for (size_t i = 0; i < node->range_count; i++) {
        struct class_range range = node->ranges[i];
        struct slice low, high;
        if (range.high == 0) {
            buffer_printf(f->source, "\\%c", (char)range.low);
            continue;
        }
        bool is_range = range.low != range.high;
        if (is_range && range.low >= 'A' && range.low <= 'Z') {
            range.low += 'a' - 'A';
            range.high += 'a' - 'A';
        }
        if (range.low == ' ') {
            buffer_append_byte(f->source, ' ');
            continue;
        }
        if (is_range) {
            buffer_printf(f->source, "%c-%c", (char)range.low, (char)range.high);
            continue;
        }
        if (fold_character(f, range.low, &low) != 0)
            return -1;
        high = low;
        if (letter_count(high) != 1)
            return error_set(f->err, ERROR_INPUT,
                             "a character inside [...] stands for none or several when folded; "
                             "write (?:a|b)");
        write_literal(f, low);
    }
    buffer_append_byte(f->source, ']');
    return 0;
}

static void write_quantifier(struct folding *f, const struct node *node)
{
    if (node->least == 0 && node->most == 1)
        buffer_append_byte(f->source, '?');
    else if (node->least != node->most)
        buffer_printf(f->source, "{%d,%d}", node->least, node->most);
    else if (node->most > 1)
        buffer_printf(f->source, "{%d}", node->most);
}

static void choose(struct choice *best, const struct choice *other)
{
    if (other->count > 0 && other->shortest > best->shortest)
        *best = *other;
}

/* Letters that follow one another and are not repeated. Returns the node behind them. */
static const struct node *take_run(const struct node *node, char *run, size_t *size_out)
{
    size_t size = 0;
    while (node != NULL && node->kind == NODE_LETTER && node->most == 1 && node->least == 1) {
        size += letter_write(node->letter, run + size);
        node = node->next;
    }
    *size_out = size;
    return node;
}

static int write_run(struct folding *f, struct slice run, struct reach *reach, struct choice *best)
{
    struct slice folded;
    if (fold_run(f, run, &folded) != 0)
        return -1;
    write_literal(f, folded);
    struct slice literal = slice_trim(folded);
    size_t lead = slice_starts_with(folded, " ") && literal.size > 0 ? 1 : 0;
    struct choice own = {.count = 1, .shortest = letter_count(literal)};
    own.literals[0] = (struct pattern_literal){literal, reach->least + lead, reach->most + lead};
    if (own.shortest >= PATTERN_LEAST_LITERAL)
        choose(best, &own);
    reach->least += folded.size;
    reach->most += folded.size;
    return 0;
}

static int write_branch(struct folding *f, const struct node *node, struct reach *reach,
                        struct choice *best);

/* The literals of all branches together, if every branch has one. */
static void join(struct choice *all, const struct choice *branch, bool *is_whole)
{
    if (branch->count == 0 || all->count + branch->count > PATTERN_MOST_LITERALS) {
        *is_whole = false;
        return;
    }
    memcpy(all->literals + all->count, branch->literals,
           branch->count * sizeof branch->literals[0]);
    all->count += branch->count;
    if (branch->shortest < all->shortest)
        all->shortest = branch->shortest;
}

static int write_group(struct folding *f, const struct node *node, struct reach *reach,
                       struct choice *best)
{
    struct choice all = {.shortest = SIZE_MAX};
    struct reach together = {SIZE_MAX, 0};
    bool is_whole = node->least == 1;
    buffer_append_text(f->source, "(?:");
    for (size_t i = 0; i < node->branch_count; i++) {
        struct choice branch = {.count = 0};
        struct reach end = *reach;
        if (i > 0)
            buffer_append_byte(f->source, '|');
        if (write_branch(f, node->branches[i], &end, &branch) != 0)
            return -1;
        if (is_whole)
            join(&all, &branch, &is_whole);
        together.least = end.least < together.least ? end.least : together.least;
        together.most = end.most > together.most ? end.most : together.most;
    }
    buffer_append_byte(f->source, ')');
    write_quantifier(f, node);
    if (is_whole)
        choose(best, &all);
    if (node->least == 1)
        reach->least = together.least;
    reach->most = together.most;
    return 0;
}

/* A letter that is repeated, or what stands for many. */
static int write_single(struct folding *f, const struct node *node, struct reach *reach)
{
    size_t size = 4, least_size = 1;
    struct slice folded;
    switch (node->kind) {
    case NODE_LETTER:
        if (fold_character(f, node->letter, &folded) != 0)
            return -1;
        if (folded.size == 0 && node->letter == ' ')
            return 0;
        if (folded.size == 0)
            return error_set(f->err, ERROR_INPUT, "a repeated character vanishes when folded");
        buffer_append_text(f->source, "(?:");
        write_literal(f, folded);
        buffer_append_byte(f->source, ')');
        size = least_size = folded.size;
        break;
    case NODE_ANY:
        buffer_append_byte(f->source, '.');
        break;
    case NODE_CLASS:
        if (write_class(f, node) != 0)
            return -1;
        break;
    case NODE_KIND:
        buffer_printf(f->source, "\\%c", (char)node->letter);
        break;
    case NODE_WORD_EDGE:
        buffer_append_text(f->source, "\\b");
        return 0;
    case NODE_BEGIN:
        buffer_append_byte(f->source, '^');
        return 0;
    case NODE_END:
        buffer_append_byte(f->source, '$');
        return 0;
    case NODE_GROUP:
        return error_set(f->err, ERROR_BUG, "a group is no single part");
    }
    write_quantifier(f, node);
    reach->least += least_size * (size_t)node->least;
    reach->most += size * (size_t)node->most;
    return 0;
}

static int write_branch(struct folding *f, const struct node *node, struct reach *reach,
                        struct choice *best)
{
    while (node != NULL) {
        char run[LIMIT_PATTERN_BYTES];
        size_t size;
        const struct node *behind = take_run(node, run, &size);
        int failed;
        if (size > 0) {
            failed = write_run(f, slice_new(run, size), reach, best);
            node = behind;
        } else {
            failed = node->kind == NODE_GROUP ? write_group(f, node, reach, best)
                                              : write_single(f, node, reach);
            node = node->next;
        }
        if (failed != 0)
            return -1;
    }
    return 0;
}

int pattern_fold(const struct pattern *pattern, enum fold_view view, bool is_joined,
                 struct arena *arena, struct pattern_form *form_out, struct error *err)
{
    BUFFER_CLEANUP source = buffer_new(FORM_BYTES);
    struct folding f = {view, is_joined, arena, &source, err};
    struct choice best = {.count = 0};
    struct reach reach = {0, 0};
    if (write_branch(&f, pattern->first, &reach, &best) != 0)
        return -1;
    if (buffer_check(&source, "the pattern", err) != 0)
        return -1;
    struct pattern_form form = {.source = arena_copy(arena, buffer_slice(&source)),
                                .literal_count = best.count};
    form.literals = arena_alloc_array(arena, best.count, sizeof *form.literals);
    if (form.source.data == NULL || form.literals == NULL)
        return arena_error(arena, err);
    memcpy(form.literals, best.literals, best.count * sizeof best.literals[0]);
    *form_out = form;
    return 0;
}

int pattern_check(struct slice text, struct arena *arena, struct error *err)
{
    struct pattern *pattern;
    struct pattern_form form;
    if (pattern_parse(text, arena, &pattern, err) != 0 ||
        pattern_fold(pattern, FOLD_PLAIN, false, arena, &form, err) != 0)
        return -1;
    if (form.literal_count == 0)
        return error_set(err, ERROR_INPUT,
                         "the pattern needs four characters in a row that every match has (outside "
                         "? and {m,n}, or in every branch of a group)");
    return 0;
}
