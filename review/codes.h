/*
 * codes: the numbers of a digest as people write them: "1", "1 3-5", "1, 2 y 7", "#4", "all".
 * Reading never expands a range, so "1-99999999" costs nothing; what is beyond the digest is named
 * back.
 */
#ifndef ZAGUAN_REVIEW_CODES_H
#define ZAGUAN_REVIEW_CODES_H

#include "common/base/arena.h"
#include "common/base/buffer.h"
#include <stdint.h>

#define CODES_MOST_RANGES 200

struct codes_range {
    int64_t first, last;
};

struct codes {
    struct codes_range *ranges;
    size_t count;
    bool is_all;
    bool is_lane; /* "release lane": the code that stands for many mails */
    bool is_cut;  /* more than CODES_MOST_RANGES: the rest was not read */
};

/* 1 read, 0 it holds something that is no code (then nothing of it counts), -1. `folded`: as
 * plain_fold() writes it. An empty text gives no ranges. */
int codes_read(struct slice folded, struct arena *arena, struct codes *codes_out,
               struct error *err) MUST_CHECK;

/* Numbers seen one after the other, written as "1, 3-5". */
struct codes_list {
    int64_t *numbers;
    size_t count, room;
};
int codes_list_add(struct codes_list *list, int64_t number, struct arena *arena,
                   struct error *err) MUST_CHECK;
/* Unless it is the last one already. */
int codes_list_add_once(struct codes_list *list, int64_t number, struct arena *arena,
                        struct error *err) MUST_CHECK;
void codes_list_write(const struct codes_list *list, struct buffer *into);

#endif
