/*
 * floor: the highest number of every file of a partner that was ever accepted, and its hash
 * (partner_folder/NAME/floors). Nothing older is taken again, and another file under the same
 * number means that the publisher shows different things to different people. Raised and synced to
 * disk before what it names becomes active.
 *
 * Names are list-ids, "root" and "head".
 */
#ifndef ZAGUAN_LISTS_TRUST_FLOOR_H
#define ZAGUAN_LISTS_TRUST_FLOOR_H

#include "lists/format/record.h"

#define FLOOR_MOST 512
#define FLOOR_NAME_BYTES 33

struct floor {
    char name[FLOOR_NAME_BYTES];
    int64_t sequence;
    unsigned char hash[RECORD_HASH_BYTES];
};

struct floors {
    struct floor rows[FLOOR_MOST];
    size_t count;
};

enum floor_answer {
    FLOOR_NEWER,
    FLOOR_SAME,        /* this very file */
    FLOOR_OLDER,       /* replayed, or the web server lags */
    FLOOR_EQUIVOCATION /* the number we have, with other bytes */
};

/* A folder without floors has none. */
int floors_read(const char *folder, struct floors *floors_out, struct error *err) MUST_CHECK;
int floors_parse(struct slice text, const char *name, struct floors *floors_out,
                 struct error *err) MUST_CHECK;
int floors_write(const char *folder, const struct floors *floors, struct error *err) MUST_CHECK;

const struct floor *floors_find(const struct floors *floors, struct slice name);
enum floor_answer floors_ask(const struct floors *floors, struct slice name, int64_t sequence,
                             const unsigned char hash[RECORD_HASH_BYTES]);
/* ERROR_INPUT in words for FLOOR_OLDER and FLOOR_EQUIVOCATION. */
int floors_check(const struct floors *floors, struct slice name, int64_t sequence,
                 const unsigned char hash[RECORD_HASH_BYTES], struct error *err) MUST_CHECK;
/* In memory; -1 when there is no room. Never lowers. */
int floors_raise(struct floors *floors, struct slice name, int64_t sequence,
                 const unsigned char hash[RECORD_HASH_BYTES], struct error *err) MUST_CHECK;
/* When the root rotated the list key: all floors of lists go, "root" and "head" stay. */
void floors_forget_lists(struct floors *floors);
/* When it rotated the head key. */
void floors_forget_head(struct floors *floors);

#endif
