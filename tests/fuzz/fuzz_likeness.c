/* A mail as its traits: name, address and text of a stranger. The same mail has the same traits,
 * and a normal form is its own. */
#include "common/base/limits.h"
#include "policy/normal_address.h"
#include "policy/person_name.h"
#include "policy/sketch.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const unsigned char key[KEYED_DIGEST_BYTES] = "a key";

static void check_names(struct slice text, struct arena *arena)
{
    struct slice normal = normal_address(text, arena), name = person_name(text, arena);
    if (normal.size > LIMIT_ADDRESS_BYTES) /* quotes can make it longer than what may be written */
        return;
    if (normal.size > 0 && !slice_equals(normal_address(normal, arena), normal))
        abort();
    if (name.size > 0 && slice_find_byte(name, '@') < name.size)
        abort();
    person_name_of_address(text, arena);
}

static struct shingles read(struct slice text, struct arena *arena)
{
    struct text_piece piece = {.where = TEXT_BODY, .text = text, .source = "text/plain"};
    const struct text_set set = {&piece, 1, NULL, 0};
    struct shingles shingles = {NULL, 0};
    if (shingles_read(&set, key, arena, &shingles, NULL) != 0)
        abort();
    return shingles;
}

static void check_sketch(struct slice text, struct arena *arena)
{
    unsigned char one[SKETCH_BYTES], other[SKETCH_BYTES];
    struct shingles shingles = read(text, arena), again = read(text, arena);
    if (shingles.count > SKETCH_MOST_SHINGLES || shingles.count != again.count)
        abort();
    if (shingles.count == 0)
        return;
    sketch_make(&shingles, key, one);
    sketch_make(&again, key, other);
    if (sketch_same_slots(one, other) != SKETCH_SLOTS)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    ARENA_CLEANUP *arena = arena_new(64 * MIB);
    struct slice text = {(const char *)bytes, size};
    if (sodium_init() < 0)
        abort();
    check_names(text, arena);
    check_sketch(text, arena);
    return 0;
}
