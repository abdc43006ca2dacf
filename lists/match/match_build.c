/* A matcher of its own, or over an image that is mapped. */
#include "lists/match/matcher.h"

#include <sodium.h>
#include <stdlib.h>

#define MATCHER_BYTES ((size_t)2 * 1024 * 1024 * 1024)

struct matcher *matcher_make(struct error *err)
{
    struct arena *arena = arena_new(MATCHER_BYTES);
    struct matcher *matcher = arena == NULL ? NULL : arena_alloc(arena, sizeof *matcher);
    if (matcher == NULL) {
        arena_free(arena);
        error_set(err, ERROR_SYSTEM, "no memory for lists");
        return NULL;
    }
    matcher->arena = arena;
    matcher->has_jit = true;
    matcher->builder = image_builder_new(err);
    if (matcher->builder != NULL)
        return matcher;
    matcher_free(matcher);
    return NULL;
}

static void forget_image(struct matcher *matcher)
{
    match_codes_free(matcher);
    free(matcher->codes);
    if (matcher->bytes == NULL)
        image_unmap(&matcher->image);
    free(matcher->bytes);
}

void matcher_free(struct matcher *matcher)
{
    if (matcher == NULL)
        return;
    image_builder_free(matcher->builder);
    forget_image(matcher);
    sodium_memzero(matcher->keys, matcher->key_count * sizeof *matcher->keys);
    arena_free(matcher->arena);
}

int matcher_add_list(struct matcher *matcher, const struct list *list, const char *path,
                     uint32_t *list_out, struct error *err)
{
    return image_add_list(matcher->builder, list, path, list_out, err);
}

int matcher_add(struct matcher *matcher, uint32_t list, const struct list *source,
                const struct entry *entry, uint32_t *at_out, struct error *err)
{
    return image_add_entry(matcher->builder, list, source, entry, at_out, err);
}

static void read_list(const struct image *image, const struct image_list *row, struct list *list)
{
    *list = (struct list){
        .name = image_text(image, row->name),
        .list_id = image_text(image, row->list_id),
        .publisher = image_text(image, row->publisher),
        .partner = image_text(image, row->partner),
        .digest_key = image_text(image, row->digest_key),
        .appeals = image_text(image, row->appeals),
        .sequence = row->sequence,
        .issued_at = row->issued_at,
        .max_action = (enum list_action)row->max_action,
        .freshness = (enum list_action)row->freshness,
        .hold_quorum = (int)row->hold_quorum,
        .is_local = row->is_local != 0,
        .counts_for_quorum = row->counts_for_quorum != 0,
        .is_shadow = row->is_shadow != 0,
    };
    for (int i = 0; i < CATEGORY_COUNT; i++)
        list->ceilings[i] = (enum list_action)row->ceilings[i];
}

static unsigned keyed_bit(const struct image_class *class)
{
    switch (exact_kind(class)) {
    case EXACT_KEYED_ADDRESS:
        return MATCHER_KEYED_ADDRESS;
    case EXACT_KEYED_PHONE:
        return MATCHER_KEYED_PHONE;
    case EXACT_KEYED_WALLET:
        return MATCHER_KEYED_WALLET;
    default:
        return class->type == ENTRY_KPHRASE ? 1u << class->keyed_words : 0;
    }
}

/* What a matcher has of its image beside it. */
static int begin_matching(struct matcher *matcher, struct error *err)
{
    const struct image *image = &matcher->image;
    matcher->lists = arena_alloc_array(matcher->arena, image->list_count, sizeof *matcher->lists);
    matcher->codes = calloc(image->code_count + 1, sizeof *matcher->codes);
    if (matcher->lists == NULL || matcher->codes == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for lists");
    for (size_t i = 0; i < image->list_count; i++)
        read_list(image, &image->lists[i], &matcher->lists[i]);
    for (size_t i = 0; i < image->class_count; i++)
        matcher->keyed |= keyed_bit(&image->classes[i]);
    return 0;
}

int matcher_seal(struct matcher *matcher, uint64_t sources, int64_t now, struct error *err)
{
    struct slice bytes;
    if (image_finish(matcher->builder, sources, now, &bytes, err) != 0)
        return -1;
    image_builder_free(matcher->builder);
    matcher->builder = NULL;
    matcher->bytes = (char *)(uintptr_t)bytes.data;
    if (image_open(bytes, false, &matcher->image, err) != 0)
        return -1;
    return begin_matching(matcher, err);
}

int matcher_unseal(struct matcher *matcher, struct error *err)
{
    struct image_builder *builder = image_builder_new(err);
    if (builder == NULL)
        return -1;
    forget_image(matcher);
    matcher->image = (struct image){.list_count = 0};
    matcher->codes = NULL;
    matcher->bytes = NULL;
    matcher->builder = builder;
    return 0;
}

int matcher_over(char *bytes, size_t size, struct matcher **matcher_out, struct error *err)
{
    struct arena *arena = arena_new(MATCHER_BYTES);
    struct matcher *matcher = arena == NULL ? NULL : arena_alloc(arena, sizeof *matcher);
    if (matcher == NULL) {
        arena_free(arena);
        free(bytes);
        return error_set(err, ERROR_SYSTEM, "no memory for lists");
    }
    matcher->arena = arena;
    matcher->bytes = bytes;
    if (image_open(slice_new(bytes, size), false, &matcher->image, err) != 0 ||
        begin_matching(matcher, err) != 0) {
        matcher_free(matcher);
        return -1;
    }
    *matcher_out = matcher;
    return 0;
}

int matcher_map(const char *path, struct matcher **matcher_out, struct error *err)
{
    struct arena *arena = arena_new(MATCHER_BYTES);
    struct matcher *matcher = arena == NULL ? NULL : arena_alloc(arena, sizeof *matcher);
    if (matcher == NULL) {
        arena_free(arena);
        return error_set(err, ERROR_SYSTEM, "no memory for lists");
    }
    matcher->arena = arena;
    matcher->has_jit = true;
    if (image_map(path, &matcher->image, err) != 0 || begin_matching(matcher, err) != 0) {
        matcher_free(matcher);
        return -1;
    }
    *matcher_out = matcher;
    return 0;
}

size_t matcher_entry_count(const struct matcher *matcher)
{
    return matcher->image.header.entry_count;
}

uint64_t matcher_sources(const struct matcher *matcher)
{
    return matcher->image.header.sources;
}

const struct list *const *matcher_lists(const struct matcher *matcher, size_t *count_out)
{
    *count_out = matcher->parsed_count;
    return (const struct list *const *)matcher->parsed;
}

bool image_read_entry(const struct image *image, uint32_t at, struct arena *arena,
                      struct entry *entry_out, uint32_t *list_out, int64_t *ends_at_out)
{
    const struct image_entry *record;
    const struct image_class *class;
    struct slice value;
    char id[20];
    if (!image_entry_at(image, at, &record, &class, &value))
        return false;
    image_entry_id(record, id);
    *entry_out = (struct entry){
        .type = (enum entry_type) class->type,
        .type_name = slice_of(entry_type_name((enum entry_type) class->type)),
        .value = value,
        .has_subdomains = class->has_subdomains != 0,
        .needs_dmarc = class->needs_dmarc != 0,
        .keyed_words = (int)class->keyed_words,
        .id = arena_copy(arena, slice_of(id)),
        .category = (enum category) class->category,
        .category_name = image_text(image, class->category_name),
        .severity = (int)class->severity,
        .disagreements = (int)class->disagreements,
        .language = image_text(image, class->language),
        .scope = class->scope,
        .max_action = (enum list_action) class->max_action,
        .basis = image_text(image, class->basis),
        .from = image_text(image, class->from),
        .expires_at = class->ends_at,
        .added_at = class->ends_at, /* what the type allows is in it already */
    };
    *list_out = class->list;
    *ends_at_out = class->ends_at;
    return entry_out->id.data != NULL;
}
