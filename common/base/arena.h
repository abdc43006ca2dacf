/*
 * arena: memory of one message, request or update, given back all at once.
 *
 * Every arena has a budget; beyond it, or when the system has no memory, allocation returns NULL
 * and is_exhausted() stays true. What is allocated is zeroed and aligned for any type. Not for
 * sharing between threads.
 */
#ifndef ZAGUAN_BASE_ARENA_H
#define ZAGUAN_BASE_ARENA_H

#include "common/base/error.h"
#include "common/base/slice.h"

struct arena;

#define ARENA_CLEANUP __attribute__((cleanup(arena_cleanup))) struct arena

struct arena *arena_new(size_t budget_bytes); /* NULL: no memory */
void arena_free(struct arena *arena);         /* NULL is fine */
void arena_cleanup(struct arena **arena);     /* for ARENA_CLEANUP *a = arena_new(...) */
void arena_reset(struct arena *arena); /* forgets all, keeps one block for the next message */

void *arena_alloc(struct arena *arena, size_t size);
void *arena_alloc_array(struct arena *arena, size_t count, size_t size);
/* A copy that ends with a NUL that is not counted. On failure the empty slice {NULL, 0}. */
struct slice arena_copy(struct arena *arena, struct slice s);
char *arena_copy_text(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
size_t arena_used_bytes(const struct arena *arena);
bool arena_is_exhausted(const struct arena *arena);
/* error_set(ERROR_LIMIT or ERROR_SYSTEM) in the words for "no room left". Always -1. */
int arena_error(const struct arena *arena, struct error *err);

#endif
