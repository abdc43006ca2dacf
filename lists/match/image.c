#include "lists/match/image.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include "common/base/files.h"
#include "common/mail/fold.h"
#include "lists/format/keyed_entry.h"
#include <errno.h>
#include <fcntl.h>
#include <pcre2.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const size_t row_bytes[IMAGE_SECTIONS] = {
    [IMAGE_STRINGS] = 1,
    [IMAGE_LISTS] = sizeof(struct image_list),
    [IMAGE_DISAGREEMENTS] = sizeof(struct image_disagreement),
    [IMAGE_CLASSES] = sizeof(struct image_class),
    [IMAGE_ENTRIES] = 4,
    [IMAGE_CODES] = sizeof(struct image_code),
    [IMAGE_CELLS] = sizeof(struct automaton_cell),
    [IMAGE_OUTPUTS] = sizeof(struct automaton_output),
    [IMAGE_ROWS] = sizeof(struct automaton_row),
    [IMAGE_BITMAP] = sizeof(uint64_t),
    [IMAGE_SLOTS] = sizeof(struct exact_slot),
    [IMAGE_NETWORKS_4] = sizeof(struct radix_node),
    [IMAGE_NETWORKS_6] = sizeof(struct radix_node),
};

void image_pcre2_version(char version[IMAGE_PCRE2_BYTES])
{
    char text[64] = ""; /* at most 24 are needed (pcre2api) */
    (void)pcre2_config(PCRE2_CONFIG_VERSION, text);
    memset(version, 0, IMAGE_PCRE2_BYTES);
    memcpy(version, text, strnlen(text, IMAGE_PCRE2_BYTES - 1));
}

struct slice image_text(const struct image *image, struct image_text text)
{
    if (text.at > image->strings.size || text.size > image->strings.size - text.at)
        return (struct slice){NULL, 0};
    return slice_part(image->strings, text.at, text.size);
}

bool image_entry_at(const struct image *image, uint32_t at, const struct image_entry **entry_out,
                    const struct image_class **class_out, struct slice *value_out)
{
    size_t size = image->entries.size;
    if (at % 4 != 0 || at >= size || size - at < sizeof(struct image_entry))
        return false;
    const struct image_entry *entry = (const void *)(image->entries.data + at);
    if (entry->class_index >= image->class_count || entry->id_digits > 16 ||
        entry->value_size > size - at - sizeof *entry)
        return false;
    *entry_out = entry;
    *class_out = &image->classes[entry->class_index];
    *value_out = slice_new(image->entries.data + at + sizeof *entry, entry->value_size);
    return true;
}

void image_entry_id(const struct image_entry *entry, char id_out[20])
{
    char digits[20];
    unsigned long long id = (unsigned long long)entry->id_high << 32 | entry->id_low;
    snprintf(digits, sizeof digits, "%016llx", id);
    size_t count = entry->id_digits <= 16 ? entry->id_digits : 16;
    memcpy(id_out, digits + 16 - count, count + 1);
}

uint32_t image_entry_end(const struct image_entry *entry, uint32_t at)
{
    return at + (uint32_t)((sizeof *entry + entry->value_size + 3U) & ~3U);
}

static int refuse(struct error *err, const char *why)
{
    return error_set(err, ERROR_INPUT, "the image of the lists is not used: %s", why);
}

static int check_header(const struct image_header *h, size_t size, struct error *err)
{
    char pcre2[IMAGE_PCRE2_BYTES];
    image_pcre2_version(pcre2);
    if (memcmp(h->magic, "zaguanLI", sizeof h->magic) != 0)
        return refuse(err, "it is none");
    if (h->version != IMAGE_VERSION || h->byte_order != IMAGE_BYTE_ORDER ||
        h->fold_version != FOLD_VERSION || h->section_count != IMAGE_SECTIONS)
        return refuse(err, "it was made by another version");
    if (memcmp(h->pcre2, pcre2, sizeof pcre2) != 0)
        return refuse(err, "it was made with another PCRE2");
    if (h->size_bytes != size)
        return refuse(err, "it is cut off");
    for (int i = 0; i < IMAGE_SECTIONS; i++) {
        uint64_t at = h->sections[i].at, bytes = h->sections[i].size_bytes;
        if (at % 8 != 0 || at < sizeof *h || at > size - IMAGE_HASH_BYTES ||
            bytes > size - IMAGE_HASH_BYTES - at || bytes % row_bytes[i] != 0 || bytes > UINT32_MAX)
            return refuse(err, "a section leads outside of it");
    }
    return 0;
}

static int check_hash(struct slice bytes, struct error *err)
{
    unsigned char hash[IMAGE_HASH_BYTES];
    size_t size = bytes.size - sizeof hash;
    crypto_generichash(hash, sizeof hash, (const unsigned char *)bytes.data, size, NULL, 0);
    if (memcmp(hash, bytes.data + size, sizeof hash) != 0)
        return refuse(err, "its hash is wrong");
    return 0;
}

static const void *section(const struct image *image, enum image_section which, size_t *count_out)
{
    *count_out = (size_t)image->header.sections[which].size_bytes / row_bytes[which];
    return image->bytes.data + image->header.sections[which].at;
}

static void find_sections(struct image *image)
{
    struct automaton *a = &image->automaton;
    size_t words;
    image->strings.data = section(image, IMAGE_STRINGS, &image->strings.size);
    image->entries.data = section(image, IMAGE_ENTRIES, &words);
    image->entries.size = words * 4;
    image->lists = section(image, IMAGE_LISTS, &image->list_count);
    image->disagreements = section(image, IMAGE_DISAGREEMENTS, &image->disagreement_count);
    image->classes = section(image, IMAGE_CLASSES, &image->class_count);
    image->codes = section(image, IMAGE_CODES, &image->code_count);
    a->cells = section(image, IMAGE_CELLS, &a->cell_count);
    a->outputs = section(image, IMAGE_OUTPUTS, &a->output_count);
    a->rows = section(image, IMAGE_ROWS, &a->row_count);
    a->bitmap = section(image, IMAGE_BITMAP, &a->bitmap_words);
    a->strings = image->strings;
    image->exact.slots = section(image, IMAGE_SLOTS, &image->exact.slot_count);
    memcpy(image->exact.key, image->header.key, sizeof image->exact.key);
    image->networks[0] = section(image, IMAGE_NETWORKS_4, &image->network_counts[0]);
    image->networks[1] = section(image, IMAGE_NETWORKS_6, &image->network_counts[1]);
}

static bool is_list_sound(const struct image_list *list)
{
    bool is_sound = list->max_action <= LIST_ACTION_HOLD && list->freshness <= LIST_ACTION_HOLD &&
                    list->hold_quorum <= INT32_MAX;
    for (int i = 0; i < CATEGORY_COUNT; i++)
        is_sound = is_sound && list->ceilings[i] <= LIST_ACTION_HOLD;
    return is_sound;
}

static bool is_class_sound(const struct image *image, const struct image_class *class)
{
    return class->list < image->list_count && class->type <= ENTRY_OTHER &&
           class->category < CATEGORY_COUNT && class->severity <= 5 &&
           class->disagreements <= INT32_MAX && class->keyed_words <= KEYED_ENTRY_MOST_WORDS &&
           class->max_action <= LIST_ACTION_HOLD;
}

static bool are_rows_sound(const struct image *image)
{
    for (size_t i = 0; i < image->list_count; i++)
        if (!is_list_sound(&image->lists[i]))
            return false;
    for (size_t i = 0; i < image->class_count; i++)
        if (!is_class_sound(image, &image->classes[i]))
            return false;
    for (size_t i = 0; i < image->disagreement_count; i++)
        if (image->disagreements[i].list >= image->list_count)
            return false;
    for (size_t i = 0; i < image->automaton.row_count; i++) {
        uint32_t code = image->automaton.rows[i].code;
        if (code != AUTOMATON_NONE && code >= image->code_count)
            return false;
    }
    return true;
}

int image_open(struct slice bytes, bool checks_hash, struct image *image_out, struct error *err)
{
    struct image image = {.bytes = bytes};
    if (bytes.size < sizeof image.header + IMAGE_HASH_BYTES)
        return refuse(err, "it is too short");
    memcpy(&image.header, bytes.data, sizeof image.header);
    if (check_header(&image.header, bytes.size, err) != 0 ||
        (checks_hash && check_hash(bytes, err) != 0))
        return -1;
    find_sections(&image);
    if (!are_rows_sound(&image) || !automaton_is_sound(&image.automaton) ||
        !radix_is_sound(image.networks[0], image.network_counts[0]) ||
        !radix_is_sound(image.networks[1], image.network_counts[1]))
        return refuse(err, "its tables contradict themselves");
    *image_out = image;
    return 0;
}

int image_map(const char *path, struct image *image_out, struct error *err)
{
    CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat found;
    if (fd < 0) {
        bool is_missing = errno == ENOENT;
        error_system(err, "%s: cannot be read", path);
        if (is_missing && err != NULL)
            err->kind = ERROR_NOT_FOUND;
        return -1;
    }
    if (fstat(fd, &found) != 0 || found.st_size <= 0)
        return error_set(err, ERROR_INPUT, "%s: the image of the lists is empty", path);
    size_t size = (size_t)found.st_size;
    void *map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return error_system(err, "%s: cannot be mapped", path);
    if (image_open(slice_new(map, size), true, image_out, err) != 0) {
        munmap(map, size);
        return error_context(err, "%s", path);
    }
    return 0;
}

void image_unmap(struct image *image)
{
    if (image->bytes.data != NULL)
        munmap((void *)(uintptr_t)image->bytes.data, image->bytes.size);
    image->bytes.data = NULL;
}
