/*
 * store_likeness: traits by which a sender whom a member blocked is known again, as keyed digests
 * and keyed sketches; nothing of it can be read back. Also whom she said it is not.
 * Owner of this table: policy/likeness.c. Rows go with the member.
 */
#ifndef ZAGUAN_STORE_STORE_LIKENESS_H
#define ZAGUAN_STORE_STORE_LIKENESS_H

#include "common/base/keyed.h"
#include "common/store/store.h"

/* In the table: a number once given stays. */
enum store_likeness_kind {
    STORE_LIKENESS_EXCUSED = 1, /* of whom she said that it is somebody else */
    STORE_LIKENESS_ADDRESS = 2,
    STORE_LIKENESS_REPLY_TO = 3,
    STORE_LIKENESS_DOMAIN = 4,
    STORE_LIKENESS_NAME = 5,
    STORE_LIKENESS_TEXT = 6
};

struct store_likeness {
    int64_t member_id;
    unsigned char sender[KEYED_DIGEST_BYTES]; /* of whom she blocked or excused: store_sender.h */
    enum store_likeness_kind kind;
    struct slice value;
    int64_t created_at;
};

/* What is there already becomes as new as this. */
int store_likeness_put(struct store *store, const struct store_likeness *likeness,
                       struct error *err) MUST_CHECK;
/* What was learnt of one sender, when the block is taken back; or that she excused him. */
int store_likeness_forget(struct store *store, int64_t member_id,
                          const unsigned char sender[KEYED_DIGEST_BYTES],
                          struct error *err) MUST_CHECK;
int store_likeness_blame(struct store *store, int64_t member_id,
                         const unsigned char sender[KEYED_DIGEST_BYTES],
                         struct error *err) MUST_CHECK;
/* All that was learnt of anybody; whom she excused stays. */
int store_likeness_forget_all(struct store *store, int64_t member_id, struct error *err) MUST_CHECK;
/* 1 something was learnt of somebody, 0 not: all that is asked of most members. */
int store_likeness_any(struct store *store, int64_t member_id, struct error *err) MUST_CHECK;
/* 1 there is such a value, 0 not. */
int store_likeness_find(struct store *store, int64_t member_id, enum store_likeness_kind kind,
                        struct slice value, struct error *err) MUST_CHECK;
/* All values of one kind, in the arena. */
int store_likeness_list(struct store *store, int64_t member_id, enum store_likeness_kind kind,
                        struct arena *arena, struct slice **values_out, size_t *count_out,
                        struct error *err) MUST_CHECK;
/* How many traits are kept of those she blocked. */
int store_likeness_count(struct store *store, int64_t member_id, int64_t *count_out,
                         struct error *err) MUST_CHECK;
/* Of one kind only the newest `most` stay. */
int store_likeness_keep(struct store *store, int64_t member_id, enum store_likeness_kind kind,
                        int64_t most, struct error *err) MUST_CHECK;
/* Those not seen or learnt since `before`, of all members. */
int store_likeness_age(struct store *store, int64_t before, struct error *err) MUST_CHECK;

#endif
