/* The parts of a parsed pattern. Private to pattern*.c. */
#ifndef ZAGUAN_LISTS_FORMAT_PATTERN_NODE_H
#define ZAGUAN_LISTS_FORMAT_PATTERN_NODE_H

#include "lists/format/pattern.h"

enum node_kind {
    NODE_LETTER,
    NODE_ANY,   /* . */
    NODE_CLASS, /* [...] */
    NODE_KIND,  /* \d \w \s and their opposites */
    NODE_GROUP,
    NODE_WORD_EDGE, /* \b */
    NODE_BEGIN,
    NODE_END
};

/* low to high, or the letter of \d \w \s when high is 0 */
struct class_range {
    int32_t low, high;
};

struct node {
    enum node_kind kind;
    int32_t letter; /* NODE_LETTER: the character; NODE_KIND: d, w, s, D, W, S */
    bool is_negated;
    struct class_range *ranges;
    size_t range_count;
    struct node **branches; /* the first node of each; NULL: an empty branch */
    size_t branch_count;
    int least, most; /* repetitions; 1, 1 when there is no quantifier */
    struct node *next;
};

struct pattern {
    struct node *first;
    int gap_count;
};

#endif
