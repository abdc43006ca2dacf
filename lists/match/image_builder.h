/* An image being built. Private to image_build.c and image_finish.c. */
#ifndef ZAGUAN_LISTS_MATCH_IMAGE_BUILDER_H
#define ZAGUAN_LISTS_MATCH_IMAGE_BUILDER_H

#include "common/base/buffer.h"
#include "lists/match/image_build.h"

#define CLASS_BUCKETS 4096

struct built_class {
    struct image_class row;
    uint32_t next; /* 1 + the next one of its bucket */
};

struct built_literal {
    struct image_text text;
    struct automaton_row row;
};

struct image_builder {
    struct arena *arena, *scratch; /* scratch: of one entry */
    struct buffer strings, entries;
    struct image_list *lists;
    size_t list_count, list_room;
    struct image_disagreement *disagreements;
    size_t disagreement_count, disagreement_room;
    struct built_class *classes;
    size_t class_count, class_room;
    uint32_t class_buckets[CLASS_BUCKETS];
    struct image_code *codes;
    size_t code_count, code_room;
    struct built_literal *literals;
    size_t literal_count, literal_room;
    struct radix networks[2];
    size_t entry_count, exact_count;
    uint32_t scopes;
};

#endif
