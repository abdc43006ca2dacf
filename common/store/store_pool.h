/*
 * store_pool: open database connections that wait for the next message. A struct store belongs to
 * one thread at a time; opening one for each SMTP connection would cost more than the lookups.
 */
#ifndef ZAGUAN_STORE_STORE_POOL_H
#define ZAGUAN_STORE_STORE_POOL_H

#include "common/store/store.h"
#include <stdbool.h>

struct store_pool;

/* Opens nothing yet: a dead database must not keep a daemon from starting. */
struct store_pool *store_pool_new(const char *path); /* NULL: no memory */
void store_pool_free(struct store_pool *pool);
int store_pool_take(struct store_pool *pool, struct store **store_out,
                    struct error *err) MUST_CHECK;
/* `is_good` false: a verb failed; it is closed, and the next one starts afresh. */
void store_pool_give(struct store_pool *pool, struct store *store, bool is_good);

#endif
