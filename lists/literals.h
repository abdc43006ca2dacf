/*
 * literals: finds which of many literals stand where in a text, in one pass. A literal is known by
 * its first four bytes; a bitmap that fits into the fastest cache says for nearly every place of a
 * text that nothing begins there. Immutable after literals_seal().
 */
#ifndef ZAGUAN_LISTS_LITERALS_H
#define ZAGUAN_LISTS_LITERALS_H

#include "common/base/arena.h"
#include <stdint.h>

#define LITERAL_LEAST_BYTES 4

struct literal {
    struct slice text;
    uint32_t owner; /* the caller's number */
    uint32_t form;  /* likewise */
    uint32_t next;  /* private */
    size_t least_before, most_before;
};

struct literals {
    struct literal *rows;
    size_t count, room;
    uint32_t *buckets; /* 1 + the row that begins the chain; 0: none */
    uint64_t *bitmap;
    int shift; /* 32 - bits of the hash, which grow with the count */
};

/* -1: no room. The text must live as long as the index and have LITERAL_LEAST_BYTES. */
int literals_add(struct literals *index, struct arena *arena, const struct literal *literal,
                 struct error *err) MUST_CHECK;
int literals_seal(struct literals *index, struct arena *arena, struct error *err) MUST_CHECK;

/* Calls found() for every literal at every place, in order of places, until it returns false. */
void literals_scan(const struct literals *index, struct slice text,
                   bool (*found)(void *context, const struct literal *literal, size_t at),
                   void *context);

#endif
