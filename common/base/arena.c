#include "common/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)16 * 1024)

struct block {
    struct block *next;
    size_t size;
    size_t used;
    _Alignas(max_align_t) char bytes[];
};

struct arena {
    struct block *first; /* the block being filled */
    size_t budget_bytes;
    size_t used_bytes;
    bool is_exhausted;
};

struct arena *arena_new(size_t budget_bytes)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena != NULL)
        arena->budget_bytes = budget_bytes;
    return arena;
}

static void free_blocks(struct block *block)
{
    while (block != NULL) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    free_blocks(arena->first);
    free(arena);
}

void arena_cleanup(struct arena **arena)
{
    arena_free(*arena);
    *arena = NULL;
}

void arena_reset(struct arena *arena)
{
    struct block *kept = arena->first;
    if (kept != NULL && kept->size == BLOCK_BYTES) {
        free_blocks(kept->next);
        kept->next = NULL;
        kept->used = 0;
    } else {
        free_blocks(kept);
        arena->first = NULL;
    }
    arena->used_bytes = 0;
    arena->is_exhausted = false;
}

static struct block *add_block(struct arena *arena, size_t size)
{
    size_t wanted = size > BLOCK_BYTES ? size : BLOCK_BYTES;
    struct block *block = malloc(sizeof *block + wanted);
    if (block == NULL)
        return NULL;
    block->size = wanted;
    block->used = 0;
    /* A large piece goes behind the block that still has room. */
    if (size > BLOCK_BYTES && arena->first != NULL) {
        block->next = arena->first->next;
        arena->first->next = block;
    } else {
        block->next = arena->first;
        arena->first = block;
    }
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size_t align = _Alignof(max_align_t);
    size_t rounded = (size + align - 1) & ~(align - 1);
    if (rounded < size || rounded > arena->budget_bytes ||
        arena->used_bytes > arena->budget_bytes - rounded) {
        arena->is_exhausted = true;
        return NULL;
    }
    if (rounded == 0)
        rounded = align;
    struct block *block = arena->first;
    if (block == NULL || block->size - block->used < rounded)
        block = add_block(arena, rounded);
    if (block == NULL) {
        arena->is_exhausted = true;
        return NULL;
    }
    void *piece = block->bytes + block->used;
    block->used += rounded;
    arena->used_bytes += rounded;
    return memset(piece, 0, rounded);
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        arena->is_exhausted = true;
        return NULL;
    }
    return arena_alloc(arena, count * size);
}

struct slice arena_copy(struct arena *arena, struct slice s)
{
    char *copy = s.size == SIZE_MAX ? NULL : arena_alloc(arena, s.size + 1);
    if (copy == NULL)
        return (struct slice){NULL, 0};
    if (s.size > 0)
        memcpy(copy, s.data, s.size);
    return (struct slice){copy, s.size};
}

char *arena_copy_text(struct arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = arena_alloc(arena, size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = wanted < 0 ? NULL : arena_alloc(arena, (size_t)wanted + 1);
    if (text == NULL)
        return NULL;
    va_start(arguments, format);
    vsnprintf(text, (size_t)wanted + 1, format, arguments);
    va_end(arguments);
    return text;
}

size_t arena_used_bytes(const struct arena *arena)
{
    return arena->used_bytes;
}

bool arena_is_exhausted(const struct arena *arena)
{
    return arena->is_exhausted;
}

int arena_error(const struct arena *arena, struct error *err)
{
    return error_set(err, ERROR_LIMIT, "no room left: more than %zu bytes would be needed",
                     arena->budget_bytes);
}
