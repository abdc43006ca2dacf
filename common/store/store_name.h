/*
 * store_name: the names a member signs with, as keyed digests (keyed.h). Unlike a contact the
 * digest is the same for every member of that name: a mail is asked whose name it shows. Owner of
 * the table: policy/member_name.c.
 */
#ifndef ZAGUAN_STORE_STORE_NAME_H
#define ZAGUAN_STORE_STORE_NAME_H

#include "common/base/keyed.h"
#include "common/store/store.h"

struct store_name {
    int64_t member_id;
    unsigned char digest[KEYED_DIGEST_BYTES];
};

/* Of one member at most `most` stay, those seen last. */
int store_name_put(struct store *store, const struct store_name *name, int64_t seen_at,
                   int64_t most, struct error *err) MUST_CHECK;
/* 1 with the last time it was put, 0 not there. */
int store_name_seen(struct store *store, const struct store_name *name, int64_t *seen_at_out,
                    struct error *err) MUST_CHECK;
/* Of members who are on. */
int store_name_list(struct store *store, struct arena *arena, struct store_name **names_out,
                    size_t *count_out, struct error *err) MUST_CHECK;
int store_name_count(struct store *store, int64_t member_id, int64_t *count_out,
                     struct error *err) MUST_CHECK;
int store_name_forget(struct store *store, int64_t member_id, struct error *err) MUST_CHECK;

#endif
