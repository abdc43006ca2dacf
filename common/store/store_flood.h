/*
 * store_flood: what must outlive a restart of zaguan-policy about strangers who write to a member:
 * her usual number, and whether a flood is on and was told. Numbers alone, nobody's address.
 * Owner of this table: policy/flood.c; review/ marks what it has told.
 */
#ifndef ZAGUAN_STORE_STORE_FLOOD_H
#define ZAGUAN_STORE_STORE_FLOOD_H

#include "common/store/store.h"

struct store_flood {
    int64_t member_id;
    int64_t usual;    /* strangers in a window, in thousandths */
    int64_t usual_at; /* until when it was learned */
    int64_t began_at; /* of the flood; 0: none is on */
    int64_t last_at;  /* when it was last above what is usual */
    int64_t told_at;  /* when she was written to about it; 0: not yet */
};

int store_flood_get(struct store *store, int64_t member_id, struct store_flood *flood_out,
                    struct error *err) MUST_CHECK; /* 1/0/-1 */
/* What was learned; the flood itself stays as it is. */
int store_flood_learn(struct store *store, int64_t member_id, int64_t usual, int64_t usual_at,
                      struct error *err) MUST_CHECK;
/* 1 it begins now, 0 one is on already (then only last_at moves). */
int store_flood_begin(struct store *store, int64_t member_id, int64_t now,
                      struct error *err) MUST_CHECK;
int store_flood_touch(struct store *store, int64_t member_id, int64_t now,
                      struct error *err) MUST_CHECK;
/* 1 marked, 0 no flood is on or it was told before. */
int store_flood_tell(struct store *store, int64_t member_id, int64_t now,
                     struct error *err) MUST_CHECK;
/* Floods that were not above what is usual since `before` end. */
int store_flood_end(struct store *store, int64_t before, struct error *err) MUST_CHECK;

#endif
