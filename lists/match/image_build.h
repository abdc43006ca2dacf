/*
 * image_build: lists and entries to the bytes of an image. Entries are added one by one; what
 * cannot be compiled is refused with ERROR_INPUT and leaves nothing behind.
 */
#ifndef ZAGUAN_LISTS_MATCH_IMAGE_BUILD_H
#define ZAGUAN_LISTS_MATCH_IMAGE_BUILD_H

#include "common/base/keyed.h"
#include "lists/match/image.h"

/* What is compiled of a phrase or pattern: for each view, and for the tight one without spaces. */
enum image_form { IMAGE_PLAIN, IMAGE_TIGHT, IMAGE_JOINED, IMAGE_FORMS };
/* The two halves of an automaton_row's mask are asked of apart, so a row has bits of both. */
#define IMAGE_VIEW_PLAIN ((uint32_t)1 << 16)
#define IMAGE_VIEW_TIGHT ((uint32_t)1 << 17)
#define IMAGE_PLACES ((uint32_t)0xFFFF)     /* enum text_where */
#define IMAGE_HAS_HOSTS ((uint32_t)1 << 31) /* in header.scopes: some entry is a `url` */
#define IMAGE_LEAST_JOINED 8 /* characters of the literal: without spaces it must say more */

/* Kinds of exact values; of the keyed ones the value is the digest's bytes. */
#define EXACT_ADDRESS 'a'
#define EXACT_DOMAIN 'd'
#define EXACT_SIGNER 'k'
#define EXACT_HOST 'u'
#define EXACT_KEYED_ADDRESS 'A'
#define EXACT_KEYED_PHONE 'P'
#define EXACT_KEYED_WALLET 'W'
#define EXACT_KEYED_WORDS '0' /* and how many words */

/* The kind of a class's values, NUL when they are not exact; and the part of a value that is looked
 * for: the bytes of a digest (in `digest`), the host of a url, else all of it. */
char exact_kind(const struct image_class *class);
struct slice exact_value(char kind, struct slice value, unsigned char digest[KEYED_DIGEST_BYTES]);

struct image_builder;

struct image_builder *image_builder_new(struct error *err);
void image_builder_free(struct image_builder *builder);

/* `path` is what the list is known by from one generation to the next. */
int image_add_list(struct image_builder *builder, const struct list *list, const char *path,
                   uint32_t *list_out, struct error *err) MUST_CHECK;
/* *at_out: where it stands in the image. */
int image_add_entry(struct image_builder *builder, uint32_t list, const struct list *source,
                    const struct entry *entry, uint32_t *at_out, struct error *err) MUST_CHECK;
size_t image_entry_count(const struct image_builder *builder);

/* The whole image; the caller frees *bytes_out->data. The builder takes nothing more. */
int image_finish(struct image_builder *builder, uint64_t sources, int64_t now,
                 struct slice *bytes_out, struct error *err) MUST_CHECK;

#endif
