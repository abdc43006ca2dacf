#include "lists/match/image_build.h"

#include "common/base/buffer.h"
#include "common/mail/fold.h"
#include "lists/format/letter.h"
#include "lists/format/pattern.h"
#include "lists/format/pattern_code.h"
#include "lists/format/reading.h"
#include "lists/format/type.h"
#include "lists/match/image_builder.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BUILDER_BYTES ((size_t)1024 * 1024 * 1024)
#define SECTION_BYTES ((size_t)1024 * 1024 * 1024)

struct image_builder *image_builder_new(struct error *err)
{
    struct image_builder *b = calloc(1, sizeof *b);
    if (b != NULL)
        b->arena = arena_new(BUILDER_BYTES);
    if (b != NULL)
        b->scratch = arena_new(BUILDER_BYTES);
    if (b == NULL || b->arena == NULL || b->scratch == NULL) {
        image_builder_free(b);
        error_set(err, ERROR_SYSTEM, "no memory for lists");
        return NULL;
    }
    b->strings = buffer_new(SECTION_BYTES);
    b->entries = buffer_new(SECTION_BYTES);
    /* No offset is 0: that says "none". */
    (void)buffer_append(&b->entries, SLICE_LITERAL("\0\0\0\0"));
    return b;
}

void image_builder_free(struct image_builder *b)
{
    if (b == NULL)
        return;
    if (b->scratch != NULL) {
        buffer_free(&b->strings);
        buffer_free(&b->entries);
    }
    arena_free(b->scratch);
    arena_free(b->arena);
    free(b);
}

size_t image_entry_count(const struct image_builder *b)
{
    return b->entry_count;
}

static struct image_text add_text(struct image_builder *b, struct slice text)
{
    struct image_text added = {(uint32_t)b->strings.size, (uint32_t)text.size};
    return buffer_append(&b->strings, text) == 0 ? added : (struct image_text){0, 0};
}

/* --- lists ------------------------------------------------------------------------------------ */

static int add_disagreements(struct image_builder *b, const struct list *list, uint32_t index,
                             struct error *err)
{
    for (size_t i = 0; i < list->disagreement_count; i++) {
        struct image_disagreement *rows = reading_grow(
            b->arena, b->disagreements, b->disagreement_count, &b->disagreement_room, sizeof *rows);
        if (rows == NULL)
            return arena_error(b->arena, err);
        const struct disagreement *record = &list->disagreements[i];
        b->disagreements = rows;
        rows[b->disagreement_count++] = (struct image_disagreement){
            index, add_text(b, record->publisher), add_text(b, record->list_id),
            add_text(b, record->entry_id)};
    }
    return 0;
}

int image_add_list(struct image_builder *b, const struct list *list, const char *path,
                   uint32_t *list_out, struct error *err)
{
    struct image_list *lists =
        reading_grow(b->arena, b->lists, b->list_count, &b->list_room, sizeof *lists);
    if (lists == NULL)
        return arena_error(b->arena, err);
    b->lists = lists;
    struct image_list row = {
        .path = add_text(b, slice_of(path)),
        .name = add_text(b, list->name),
        .list_id = add_text(b, list->list_id),
        .publisher = add_text(b, list->publisher),
        .partner = add_text(b, list->partner),
        .digest_key = add_text(b, list->digest_key),
        .appeals = add_text(b, list->appeals),
        .sequence = list->sequence,
        .issued_at = list->issued_at,
        .max_action = list->max_action,
        .freshness = list->freshness,
        .hold_quorum = (uint32_t)list->hold_quorum,
        .is_local = list->is_local,
        .counts_for_quorum = list->counts_for_quorum,
        .is_shadow = list->is_shadow,
    };
    for (int i = 0; i < CATEGORY_COUNT; i++)
        row.ceilings[i] = list->ceilings[i];
    lists[b->list_count] = row;
    *list_out = (uint32_t)b->list_count++;
    return add_disagreements(b, list, *list_out, err);
}

/* --- classes ---------------------------------------------------------------------------------- */

static bool is_text_same(const struct image_builder *b, struct image_text text, struct slice other)
{
    return slice_equals(slice_new(b->strings.data + text.at, text.size), other);
}

static bool is_of_class(const struct image_builder *b, const struct image_class *class,
                        const struct image_class *wanted, const struct entry *entry)
{
    return class->ends_at == wanted->ends_at && class->list == wanted->list &&
           class->type == wanted->type && class->category == wanted->category &&
           class->severity == wanted->severity && class->scope == wanted->scope &&
           class->max_action == wanted->max_action &&
           class->has_subdomains == wanted->has_subdomains &&
           class->needs_dmarc == wanted->needs_dmarc && class->keyed_words == wanted->keyed_words &&
           class->disagreements == wanted->disagreements &&
           is_text_same(b, class->category_name, entry->category_name) &&
           is_text_same(b, class->language, entry->language) &&
           is_text_same(b, class->basis, entry->basis) && is_text_same(b, class->from, entry->from);
}

static uint32_t class_hash(const struct image_class *c, const struct entry *entry)
{
    uint64_t hash = (uint64_t)c->ends_at;
    const uint64_t parts[] = {
        c->list,           c->type,          c->category,          c->severity,
        c->scope,          c->max_action,    c->has_subdomains,    c->needs_dmarc,
        entry->basis.size, entry->from.size, entry->language.size, entry->category_name.size};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        hash = (hash ^ parts[i]) * 0x9E3779B97F4A7C15U;
    return (uint32_t)(hash >> 32);
}

static int add_class(struct image_builder *b, const struct image_class *wanted,
                     const struct entry *entry, uint32_t bucket, uint32_t *class_out,
                     struct error *err)
{
    struct built_class *classes =
        reading_grow(b->arena, b->classes, b->class_count, &b->class_room, sizeof *classes);
    if (classes == NULL)
        return arena_error(b->arena, err);
    b->classes = classes;
    classes[b->class_count] = (struct built_class){*wanted, b->class_buckets[bucket]};
    struct image_class *added = &classes[b->class_count].row;
    added->category_name = add_text(b, entry->category_name);
    added->language = add_text(b, entry->language);
    added->basis = add_text(b, entry->basis);
    added->from = add_text(b, entry->from);
    *class_out = (uint32_t)b->class_count++;
    b->class_buckets[bucket] = *class_out + 1;
    return 0;
}

static int find_class(struct image_builder *b, uint32_t list, const struct list *source,
                      const struct entry *entry, uint32_t *class_out, struct error *err)
{
    struct image_class wanted = {.ends_at = entry_ends_at(source, entry),
                                 .list = list,
                                 .type = entry->type,
                                 .category = entry->category,
                                 .severity = (uint32_t)entry->severity,
                                 .scope = entry->scope,
                                 .max_action = entry->max_action,
                                 .has_subdomains = entry->has_subdomains,
                                 .needs_dmarc = entry->needs_dmarc,
                                 .disagreements = (uint32_t)entry->disagreements,
                                 .keyed_words = (uint32_t)entry->keyed_words};
    uint32_t bucket = class_hash(&wanted, entry) % CLASS_BUCKETS;
    for (uint32_t at = b->class_buckets[bucket]; at != 0; at = b->classes[at - 1].next)
        if (is_of_class(b, &b->classes[at - 1].row, &wanted, entry)) {
            *class_out = at - 1;
            return 0;
        }
    return add_class(b, &wanted, entry, bucket, class_out, err);
}

/* --- entries ---------------------------------------------------------------------------------- */

static int add_record(struct image_builder *b, uint32_t class_index, const struct entry *entry,
                      struct slice value, struct error *err)
{
    static const char padding[4];
    uint64_t id = 0;
    for (size_t i = 0; i < entry->id.size && i < 16; i++) {
        unsigned char c = (unsigned char)entry->id.data[i];
        id = id << 4 | (c <= '9' ? c - '0' : (c - 'a' + 10)) % 16U;
    }
    if (value.size > UINT16_MAX)
        return error_set(err, ERROR_INPUT, "the value is too long");
    struct image_entry record = {.id_low = (uint32_t)id,
                                 .id_high = (uint32_t)(id >> 32),
                                 .class_index = class_index,
                                 .value_size = (uint16_t)value.size,
                                 .id_digits = (uint8_t)(entry->id.size < 16 ? entry->id.size : 16)};
    (void)buffer_append(&b->entries, slice_new((const char *)&record, sizeof record));
    (void)buffer_append(&b->entries, value);
    (void)buffer_append(&b->entries, slice_new(padding, (4 - value.size % 4) % 4));
    return buffer_check(&b->entries, "all lists together", err);
}

static int add_literal(struct image_builder *b, enum image_form form,
                       const struct pattern_literal *part, const struct entry *entry, uint32_t at,
                       uint32_t code, struct error *err)
{
    uint32_t view = form == IMAGE_PLAIN ? IMAGE_VIEW_PLAIN : IMAGE_VIEW_TIGHT;
    uint32_t mask = view | (entry->scope & IMAGE_PLACES);
    /* The same in both views: one row. */
    for (size_t i = b->literal_count; i > 0 && b->literals[i - 1].row.entry == at; i--) {
        struct built_literal *last = &b->literals[i - 1];
        if (last->row.code == code && last->row.least_before == part->least_before &&
            last->row.most_before == part->most_before && is_text_same(b, last->text, part->text)) {
            last->row.mask |= mask;
            return 0;
        }
    }
    struct built_literal *literals =
        reading_grow(b->arena, b->literals, b->literal_count, &b->literal_room, sizeof *literals);
    if (literals == NULL)
        return arena_error(b->arena, err);
    b->literals = literals;
    literals[b->literal_count++] =
        (struct built_literal){add_text(b, part->text),
                               {.entry = at,
                                .code = code,
                                .mask = mask,
                                .least_before = (uint32_t)part->least_before,
                                .most_before = (uint32_t)part->most_before}};
    return 0;
}

static size_t shortest_literal(const struct pattern_form *form)
{
    size_t shortest = SIZE_MAX;
    for (size_t i = 0; i < form->literal_count; i++) {
        size_t count = letter_count(form->literals[i].text);
        shortest = count < shortest ? count : shortest;
    }
    return form->literal_count == 0 ? 0 : shortest;
}

/* The code with this source of the entry, made when the last view had another. */
static int find_code(struct image_builder *b, struct slice source, uint32_t at, uint32_t *code_out,
                     struct error *err)
{
    for (size_t i = b->code_count; i > 0 && b->codes[i - 1].entry == at; i--)
        if (is_text_same(b, b->codes[i - 1].source, source)) {
            *code_out = (uint32_t)i - 1;
            return 0;
        }
    pcre2_code *code = NULL;
    if (pattern_compile(source, &code, err) != 0)
        return -1;
    pcre2_code_free(code);
    struct image_code *codes =
        reading_grow(b->arena, b->codes, b->code_count, &b->code_room, sizeof *codes);
    if (codes == NULL)
        return arena_error(b->arena, err);
    b->codes = codes;
    codes[b->code_count] = (struct image_code){add_text(b, source), at};
    *code_out = (uint32_t)b->code_count++;
    return 0;
}

static enum fold_view view_of(enum image_form form)
{
    return form == IMAGE_PLAIN ? FOLD_PLAIN : FOLD_TIGHT;
}

static int add_pattern(struct image_builder *b, const struct entry *entry, uint32_t at,
                       struct error *err)
{
    struct pattern *pattern;
    struct slice last = {NULL, 0};
    if (pattern_parse(entry->value, b->scratch, &pattern, err) != 0)
        return -1;
    for (enum image_form form = IMAGE_PLAIN; form < IMAGE_FORMS; form++) {
        struct pattern_form folded;
        uint32_t code = 0;
        if (pattern_fold(pattern, view_of(form), form == IMAGE_JOINED, b->scratch, &folded, err) !=
            0)
            return -1;
        if (folded.literal_count == 0 && form == IMAGE_PLAIN)
            return error_set(err, ERROR_INPUT, "no literal of four characters");
        if (folded.literal_count == 0 ||
            (form == IMAGE_JOINED &&
             (slice_equals(folded.source, last) || shortest_literal(&folded) < IMAGE_LEAST_JOINED)))
            continue;
        last = folded.source;
        if (find_code(b, folded.source, at, &code, err) != 0)
            return -1;
        for (size_t i = 0; i < folded.literal_count; i++)
            if (add_literal(b, form, &folded.literals[i], entry, at, code, err) != 0)
                return -1;
    }
    return 0;
}

static int add_phrase(struct image_builder *b, const struct entry *entry, uint32_t at,
                      struct error *err)
{
    for (enum image_form form = IMAGE_PLAIN; form < IMAGE_FORMS; form++) {
        struct folded folded;
        if (fold_text(slice_trim(entry->value), view_of(form), b->scratch, &folded, err) != 0)
            return -1;
        struct slice text = slice_trim(folded.text);
        struct slice joined = form == IMAGE_JOINED ? pattern_join(text, b->scratch) : text;
        if (text.size < LITERAL_LEAST_BYTES && form == IMAGE_PLAIN)
            return error_set(err, ERROR_INPUT, "too little is left of the phrase when folded");
        if (joined.size < LITERAL_LEAST_BYTES ||
            (form == IMAGE_JOINED &&
             (slice_equals(joined, text) || letter_count(joined) < IMAGE_LEAST_JOINED)))
            continue;
        struct pattern_literal literal = {.text = joined};
        if (add_literal(b, form, &literal, entry, at, AUTOMATON_NONE, err) != 0)
            return -1;
    }
    return 0;
}

static int add_network(struct image_builder *b, const struct entry *entry, uint32_t at,
                       struct error *err)
{
    struct network network;
    uint32_t *place;
    if (!network_read(entry->value, &network))
        return error_set(err, ERROR_INPUT, "not a network");
    network_mask(&network);
    if (radix_add(&b->networks[network.family == AF_INET ? 0 : 1], network.address, network.prefix,
                  b->arena, &place, err) != 0)
        return -1;
    struct image_entry record;
    memcpy(&record, b->entries.data + at, sizeof record);
    record.next = *place;
    memcpy(b->entries.data + at, &record, sizeof record);
    *place = at;
    return 0;
}

static int add_meaning(struct image_builder *b, const struct entry *entry, uint32_t at,
                       struct error *err)
{
    arena_reset(b->scratch);
    switch (entry->type) {
    case ENTRY_RE:
        b->scopes |= entry->scope;
        return add_pattern(b, entry, at, err);
    case ENTRY_PHRASE:
        b->scopes |= entry->scope;
        return add_phrase(b, entry, at, err);
    case ENTRY_CIDR:
        return add_network(b, entry, at, err);
    case ENTRY_URL:
        b->scopes |= IMAGE_HAS_HOSTS;
        b->exact_count++;
        return 0;
    case ENTRY_KPHRASE:
    case ENTRY_PHONE:
    case ENTRY_WALLET:
        b->scopes |= entry->scope;
        b->exact_count++;
        return 0;
    case ENTRY_ADDR:
    case ENTRY_DOMAIN:
    case ENTRY_DKIM:
        b->exact_count++;
        return 0;
    case ENTRY_OTHER:
        break;
    }
    return error_set(err, ERROR_BUG, "an entry that is never matched");
}

/* An address is known without its tag, as the canonical address of a message is. */
static struct slice known_value(struct image_builder *b, const struct entry *entry)
{
    if (entry->type != ENTRY_ADDR || entry->keyed_words > 0)
        return entry->value;
    size_t at = slice_find_last_byte(entry->value, '@');
    struct slice local = slice_part(entry->value, 0, at);
    size_t tag = slice_find_byte(local, '+');
    if (tag == 0 || tag >= local.size)
        return entry->value;
    local.size = tag;
    const char *text = arena_printf(b->scratch, SLICE_FORMAT SLICE_FORMAT, SLICE_ARGUMENTS(local),
                                    SLICE_ARGUMENTS(slice_from(entry->value, at)));
    return slice_of(text == NULL ? "" : text);
}

int image_add_entry(struct image_builder *b, uint32_t list, const struct list *source,
                    const struct entry *entry, uint32_t *at_out, struct error *err)
{
    uint32_t class_index = 0, at = (uint32_t)b->entries.size;
    size_t literals = b->literal_count, codes = b->code_count;
    arena_reset(b->scratch);
    if (find_class(b, list, source, entry, &class_index, err) != 0 ||
        add_record(b, class_index, entry, known_value(b, entry), err) != 0)
        return -1;
    if (add_meaning(b, entry, at, err) != 0) {
        b->entries.size = at;
        b->literal_count = literals;
        b->code_count = codes;
        return -1;
    }
    b->entry_count++;
    b->lists[list].entry_count++;
    *at_out = at;
    return buffer_check(&b->strings, "all lists together", err);
}
