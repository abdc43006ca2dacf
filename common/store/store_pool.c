#include "common/store/store_pool.h"

#include <pthread.h>
#include <stdlib.h>

#define WAITING_MOST 32

struct store_pool {
    pthread_mutex_t mutex;
    const char *path;
    struct store *waiting[WAITING_MOST];
    size_t count;
};

struct store_pool *store_pool_new(const char *path)
{
    struct store_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return NULL;
    pthread_mutex_init(&pool->mutex, NULL);
    pool->path = path;
    return pool;
}

void store_pool_free(struct store_pool *pool)
{
    if (pool == NULL)
        return;
    while (pool->count > 0)
        store_close(pool->waiting[--pool->count]);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

int store_pool_take(struct store_pool *pool, struct store **store_out, struct error *err)
{
    struct store *store = NULL;
    pthread_mutex_lock(&pool->mutex);
    if (pool->count > 0)
        store = pool->waiting[--pool->count];
    pthread_mutex_unlock(&pool->mutex);
    if (store == NULL)
        return store_open(pool->path, store_out, err);
    *store_out = store;
    return 0;
}

void store_pool_give(struct store_pool *pool, struct store *store, bool is_good)
{
    pthread_mutex_lock(&pool->mutex);
    if (is_good && pool->count < WAITING_MOST) {
        pool->waiting[pool->count++] = store;
        store = NULL;
    }
    pthread_mutex_unlock(&pool->mutex);
    store_close(store);
}
