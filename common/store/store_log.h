/*
 * store_log: who did what to a member's items; it is hers, shown in her digest, gone when she is
 * forgotten. No addresses in `note`. Written by whoever acts (review, admin), owner: review/.
 */
#ifndef ZAGUAN_STORE_STORE_LOG_H
#define ZAGUAN_STORE_STORE_LOG_H

#include "common/store/store.h"

struct store_log_line {
    int64_t member_id, at, item_id; /* item_id 0: none */
    struct slice actor;             /* "member", "admin", "reviewer", "zaguan" */
    struct slice action;            /* "released", "looked", "consent recorded", ... */
    struct slice note;
};
int store_log_add(struct store *store, const struct store_log_line *line,
                  struct error *err) MUST_CHECK;
int store_log_list(struct store *store, int64_t member_id, int64_t since, struct arena *arena,
                   struct store_log_line **lines_out, size_t *count_out,
                   struct error *err) MUST_CHECK;

/* Totals for `zaguan stats`, no addresses: name -> count. */
int store_counter_add(struct store *store, const char *name, int64_t amount,
                      struct error *err) MUST_CHECK;
struct store_counter {
    struct slice name;
    int64_t count;
};
int store_counter_list(struct store *store, struct arena *arena, struct store_counter **rows_out,
                       size_t *count_out, struct error *err) MUST_CHECK;

#endif
