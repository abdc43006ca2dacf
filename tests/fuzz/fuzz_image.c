/*
 * A damaged image. With its hash checked, every damage is refused; without, what is still opened
 * may say wrong things of a mail, but reads nothing outside of itself and comes to an end.
 */
#include "common/base/limits.h"
#include "tests/fuzz/match_lists.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of four bytes three say where and one what is changed there. */
static void damage(char *bytes, size_t size, const uint8_t *data, size_t count)
{
    for (size_t i = 0; i + 3 < count; i += 4) {
        size_t place = ((size_t)data[i] << 16 | (size_t)data[i + 1] << 8 | data[i + 2]) % size;
        bytes[place] = (char)(bytes[place] ^ (char)data[i + 3]);
    }
}

static void open_and_match(char *bytes, size_t size)
{
    static const char text[] =
        "te voy a matar aaaa bbbb abcd efgh http://malo.example/pagina aaaaab";
    struct matcher *matcher;
    struct error err = {0};
    struct hit_set hits;
    if (matcher_over(bytes, size, &matcher, &err) != 0)
        return;
    struct arena *arena = arena_new(64 * MIB);
    if (arena == NULL)
        abort();
    match_lists_ask(matcher, SLICE_LITERAL(text), budget_of(2000), arena, &hits);
    arena_free(arena);
    matcher_free(matcher);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct matcher *good;
    struct image image;
    struct error err = {0};
    if (good == NULL)
        good = match_lists_new();
    size_t whole = good->image.bytes.size;
    if (size == 0)
        return 0;
    /* The first byte says whether the end is missing too. */
    size_t kept = data[0] < 200 ? whole : whole * data[0] / 256;
    char *bytes = malloc(kept), *original = malloc(kept);
    if (bytes == NULL || original == NULL)
        abort();
    memcpy(original, good->image.bytes.data, kept);
    memcpy(bytes, original, kept);
    damage(bytes, kept, data + 1, size - 1);
    bool is_same = kept == whole && memcmp(bytes, original, kept) == 0;
    free(original);
    if ((image_open(slice_new(bytes, kept), true, &image, &err) == 0) != is_same)
        abort();
    open_and_match(bytes, kept);
    return 0;
}
