/* The arrays of a builder to one piece of bytes. */
#include "lists/match/image_builder.h"

#include "common/mail/fold.h"
#include "lists/format/keyed_entry.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct laying {
    struct image_builder *b;
    struct image_header header;
    struct slice sections[IMAGE_SECTIONS];
};

static void lay(struct laying *l, enum image_section which, const void *rows, size_t count,
                size_t row_bytes)
{
    l->sections[which] = slice_new(rows, count * row_bytes);
}

static int lay_automaton(struct laying *l, struct error *err)
{
    struct image_builder *b = l->b;
    struct slice strings = buffer_slice(&b->strings);
    struct automaton a;
    struct automaton_literal *literals =
        arena_alloc_array(b->arena, b->literal_count, sizeof *literals);
    if (literals == NULL)
        return arena_error(b->arena, err);
    for (size_t i = 0; i < b->literal_count; i++)
        literals[i] = (struct automaton_literal){
            slice_part(strings, b->literals[i].text.at, b->literals[i].text.size),
            b->literals[i].row};
    if (automaton_build(literals, b->literal_count, strings, b->arena, &a, err) != 0)
        return -1;
    lay(l, IMAGE_CELLS, a.cells, a.cell_count, sizeof *a.cells);
    lay(l, IMAGE_OUTPUTS, a.outputs, a.output_count, sizeof *a.outputs);
    lay(l, IMAGE_ROWS, a.rows, a.row_count, sizeof *a.rows);
    lay(l, IMAGE_BITMAP, a.bitmap, a.bitmap_words, sizeof *a.bitmap);
    return 0;
}

char exact_kind(const struct image_class *class)
{
    switch ((enum entry_type) class->type) {
    case ENTRY_ADDR:
        return class->keyed_words > 0 ? EXACT_KEYED_ADDRESS : EXACT_ADDRESS;
    case ENTRY_DOMAIN:
        return EXACT_DOMAIN;
    case ENTRY_DKIM:
        return EXACT_SIGNER;
    case ENTRY_URL:
        return EXACT_HOST;
    case ENTRY_PHONE:
        return EXACT_KEYED_PHONE;
    case ENTRY_WALLET:
        return EXACT_KEYED_WALLET;
    case ENTRY_KPHRASE:
        return (char)(EXACT_KEYED_WORDS + class->keyed_words);
    case ENTRY_RE:
    case ENTRY_PHRASE:
    case ENTRY_CIDR:
    case ENTRY_OTHER:
        break;
    }
    return '\0';
}

struct slice exact_value(char kind, struct slice value, unsigned char digest[KEYED_DIGEST_BYTES])
{
    struct slice key_name;
    if (kind == EXACT_HOST)
        return slice_part(value, 0, slice_find_byte(value, '/'));
    if (kind == EXACT_ADDRESS || kind == EXACT_DOMAIN || kind == EXACT_SIGNER)
        return value;
    if (!keyed_entry_read(value, &key_name, digest))
        return (struct slice){NULL, 0};
    return slice_new((const char *)digest, KEYED_DIGEST_BYTES);
}

static int lay_slots(struct laying *l, struct error *err)
{
    struct image_builder *b = l->b;
    size_t count = exact_slots_for(b->exact_count);
    struct exact_slot *slots = arena_alloc_array(b->arena, count, sizeof *slots);
    struct exact_table table = {.slot_count = count};
    unsigned char digest[KEYED_DIGEST_BYTES];
    memcpy(table.key, l->header.key, sizeof table.key);
    if (slots == NULL)
        return arena_error(b->arena, err);
    for (uint32_t at = 4; at < b->entries.size;) {
        struct image_entry record;
        char *place = b->entries.data + at;
        memcpy(&record, place, sizeof record);
        char kind = exact_kind(&b->classes[record.class_index].row);
        if (kind != '\0') {
            struct slice whole = slice_new(place + sizeof record, record.value_size);
            struct slice value = exact_value(kind, whole, digest);
            record.next = exact_table_put(slots, count, exact_fingerprint(&table, kind, value), at);
            memcpy(place, &record, sizeof record);
        }
        at = image_entry_end(&record, at);
    }
    lay(l, IMAGE_SLOTS, slots, count, sizeof *slots);
    return 0;
}

static int lay_classes(struct laying *l, struct error *err)
{
    struct image_builder *b = l->b;
    struct image_class *classes = arena_alloc_array(b->arena, b->class_count, sizeof *classes);
    if (classes == NULL)
        return arena_error(b->arena, err);
    for (size_t i = 0; i < b->class_count; i++)
        classes[i] = b->classes[i].row;
    lay(l, IMAGE_CLASSES, classes, b->class_count, sizeof *classes);
    return 0;
}

static size_t place_sections(struct laying *l)
{
    size_t at = (sizeof l->header + 7) & ~(size_t)7;
    for (int i = 0; i < IMAGE_SECTIONS; i++) {
        l->header.sections[i].at = at;
        l->header.sections[i].size_bytes = l->sections[i].size;
        at = (at + l->sections[i].size + 7) & ~(size_t)7;
    }
    l->header.size_bytes = at + IMAGE_HASH_BYTES;
    return at;
}

static int write_all(struct laying *l, struct slice *bytes_out, struct error *err)
{
    size_t size = place_sections(l);
    char *bytes = calloc(1, size + IMAGE_HASH_BYTES);
    if (bytes == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for an image of the lists");
    memcpy(bytes, &l->header, sizeof l->header);
    for (int i = 0; i < IMAGE_SECTIONS; i++)
        if (l->sections[i].size > 0)
            memcpy(bytes + l->header.sections[i].at, l->sections[i].data, l->sections[i].size);
    crypto_generichash((unsigned char *)bytes + size, IMAGE_HASH_BYTES,
                       (const unsigned char *)bytes, size, NULL, 0);
    *bytes_out = slice_new(bytes, size + IMAGE_HASH_BYTES);
    return 0;
}

int image_finish(struct image_builder *b, uint64_t sources, int64_t now, struct slice *bytes_out,
                 struct error *err)
{
    struct laying l = {.b = b,
                       .header = {.magic = "zaguanLI",
                                  .version = IMAGE_VERSION,
                                  .byte_order = IMAGE_BYTE_ORDER,
                                  .fold_version = FOLD_VERSION,
                                  .section_count = IMAGE_SECTIONS,
                                  .sources = sources,
                                  .compiled_at = now,
                                  .entry_count = (uint32_t)b->entry_count,
                                  .scopes = b->scopes}};
    image_pcre2_version(l.header.pcre2);
    randombytes_buf(l.header.key, sizeof l.header.key);
    if (lay_automaton(&l, err) != 0 || lay_slots(&l, err) != 0 || lay_classes(&l, err) != 0)
        return -1;
    lay(&l, IMAGE_STRINGS, b->strings.data, b->strings.size, 1);
    lay(&l, IMAGE_ENTRIES, b->entries.data, b->entries.size, 1);
    lay(&l, IMAGE_LISTS, b->lists, b->list_count, sizeof *b->lists);
    lay(&l, IMAGE_DISAGREEMENTS, b->disagreements, b->disagreement_count, sizeof *b->disagreements);
    lay(&l, IMAGE_CODES, b->codes, b->code_count, sizeof *b->codes);
    for (int i = 0; i < 2; i++)
        lay(&l, i == 0 ? IMAGE_NETWORKS_4 : IMAGE_NETWORKS_6, b->networks[i].nodes,
            b->networks[i].count, sizeof(struct radix_node));
    return write_all(&l, bytes_out, err);
}
