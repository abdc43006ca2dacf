/*
 * image: one generation of all lists, compiled: flat arrays without pointers
 * (docs/formats/image.md), built in memory or written whole to a file that the daemons map
 * read-only.
 *
 * image_open() checks the hash over every byte, then that nothing in the arrays leads outside of
 * them: what stands in an image may be wrong, but reading it never is. An image of another version,
 * byte order, fold or PCRE2 is refused: it is compiled anew, never guessed at.
 */
#ifndef ZAGUAN_LISTS_MATCH_IMAGE_H
#define ZAGUAN_LISTS_MATCH_IMAGE_H

#include "lists/format/entry.h"
#include "lists/match/automaton.h"
#include "lists/match/exact_table.h"
#include "lists/match/radix.h"

#define IMAGE_VERSION 2
#define IMAGE_BYTE_ORDER 0x01020304U
#define IMAGE_PCRE2_BYTES 32
#define IMAGE_HASH_BYTES 32

/* Text in SECTION_STRINGS. */
struct image_text {
    uint32_t at, size;
};

struct image_list {
    struct image_text path, name, list_id, publisher, partner, digest_key, appeals;
    int64_t sequence, issued_at;
    uint32_t max_action, freshness, hold_quorum;
    uint32_t ceilings[CATEGORY_COUNT];
    uint32_t is_local, counts_for_quorum, is_shadow;
    uint32_t entry_count;
};

/* What a list disagrees with: kept for when that file cannot be read. */
struct image_disagreement {
    uint32_t list;
    struct image_text publisher, list_id, entry_id;
};

/* What many entries have alike. */
struct image_class {
    int64_t ends_at;
    struct image_text category_name, language, basis, from;
    uint32_t list, type, category, severity, scope, max_action;
    uint32_t has_subdomains, needs_dmarc, disagreements;
    uint32_t keyed_words; /* of a digest under the list's group key; 0: its values are clear */
};

/* Its value stands behind it; the next one begins at a multiple of four. */
struct image_entry {
    uint32_t id_low, id_high; /* of its hex digits */
    uint32_t class_index;
    uint32_t next; /* another one with the same exact value, later in no order; 0: none */
    uint16_t value_size;
    uint8_t id_digits, unused;
};

struct image_code {
    struct image_text source; /* of PCRE2, folded */
    uint32_t entry;
};

enum image_section {
    IMAGE_STRINGS,
    IMAGE_LISTS,
    IMAGE_DISAGREEMENTS,
    IMAGE_CLASSES,
    IMAGE_ENTRIES,
    IMAGE_CODES,
    IMAGE_CELLS,
    IMAGE_OUTPUTS,
    IMAGE_ROWS,
    IMAGE_BITMAP,
    IMAGE_SLOTS,
    IMAGE_NETWORKS_4,
    IMAGE_NETWORKS_6,
    IMAGE_SECTIONS
};

struct image_header {
    char magic[8];
    uint32_t version, byte_order, fold_version, section_count;
    char pcre2[IMAGE_PCRE2_BYTES];
    unsigned char key[EXACT_KEY_BYTES];
    uint64_t sources; /* what it was compiled from (compile.h) */
    int64_t compiled_at;
    uint32_t entry_count, scopes;
    uint64_t size_bytes; /* of the whole file with its hash */
    struct {
        uint64_t at, size_bytes;
    } sections[IMAGE_SECTIONS];
};

struct image {
    struct slice bytes;
    struct image_header header;
    struct slice strings, entries;
    const struct image_list *lists;
    size_t list_count;
    const struct image_disagreement *disagreements;
    size_t disagreement_count;
    const struct image_class *classes;
    size_t class_count;
    const struct image_code *codes;
    size_t code_count;
    struct automaton automaton;
    struct exact_table exact;
    const struct radix_node *networks[2]; /* IPv4, IPv6 */
    size_t network_counts[2];
};

/* ERROR_INPUT says what is wrong. `bytes` are aligned to eight and outlive the image. For fuzzing
 * the hash can be left out. */
int image_open(struct slice bytes, bool checks_hash, struct image *image_out,
               struct error *err) MUST_CHECK;

/* Maps a file; ERROR_NOT_FOUND when there is none. image_unmap() gives it back. */
int image_map(const char *path, struct image *image_out, struct error *err) MUST_CHECK;
void image_unmap(struct image *image);

/* "10.42 2022-12-11", as the image must have it. */
void image_pcre2_version(char version[IMAGE_PCRE2_BYTES]);

/* The empty slice when it leads outside. */
struct slice image_text(const struct image *image, struct image_text text);

/* The entry at an offset; false when none can stand there. */
bool image_entry_at(const struct image *image, uint32_t at, const struct image_entry **entry_out,
                    const struct image_class **class_out, struct slice *value_out);
/* Its hex digits, with a NUL. */
void image_entry_id(const struct image_entry *entry, char id_out[20]);
/* The offset behind it. */
uint32_t image_entry_end(const struct image_entry *entry, uint32_t at);

#endif
