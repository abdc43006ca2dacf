#include "common/base/limits.h"
#include "lists/format/gunzip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* An exact copy, so that a read behind its end is seen. */
static struct slice pack(const char *plain, size_t size)
{
    static unsigned char room[1 << 20];
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY),
                     Z_OK);
    unsigned char *copy = malloc(size + 1);
    assert_non_null(copy);
    memcpy(copy, plain, size);
    stream.next_in = copy;
    stream.avail_in = (uInt)size;
    stream.next_out = room;
    stream.avail_out = sizeof room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t packed = sizeof room - stream.avail_out;
    deflateEnd(&stream);
    free(copy);
    char *exact = malloc(packed);
    assert_non_null(exact);
    memcpy(exact, room, packed);
    return slice_new(exact, packed);
}

static enum error_kind unpack(struct slice packed, size_t most, size_t *size_out)
{
    BUFFER_CLEANUP plain = buffer_new(most);
    struct error err = {0};
    int failed = gunzip(packed, "x.gz", &plain, &err);
    *size_out = plain.size;
    return failed == 0 ? ERROR_NONE : err.kind;
}

static void what_was_packed_comes_back(void **state)
{
    static const char text[] = "%zaguan-list 1\n@end 0\n";
    struct slice packed = pack(text, sizeof text - 1);
    BUFFER_CLEANUP plain = buffer_new(KIB);
    struct error err = {0};
    (void)state;
    assert_true(gunzip_is_packed(packed));
    assert_int_equal(gunzip(packed, "x.gz", &plain, &err), 0);
    assert_string_equal(plain.data, text);
    free((void *)(uintptr_t)packed.data);
}

static void a_bomb_ends_early(void **state)
{
    size_t size, zeros = 32 * MIB;
    char *plain = calloc(1, zeros);
    assert_non_null(plain);
    struct slice packed = pack(plain, zeros);
    (void)state;
    assert_int_equal(unpack(packed, 64 * MIB, &size), ERROR_LIMIT);
    assert_true(size < packed.size * (GUNZIP_MOST_RATIO + 50));
    assert_int_equal(unpack(packed, KIB, &size), ERROR_LIMIT);
    assert_true(size <= KIB);
    free(plain);
    free((void *)(uintptr_t)packed.data);
}

static void cut_damaged_and_followed_files_are_refused(void **state)
{
    static const char text[] = "some text that is long enough to be cut somewhere";
    struct slice packed = pack(text, sizeof text);
    size_t size;
    (void)state;
    for (size_t cut = 0; cut < packed.size; cut++)
        assert_int_equal(unpack(slice_part(packed, 0, cut), KIB, &size), ERROR_INPUT);
    char *longer = malloc(packed.size + 1);
    assert_non_null(longer);
    memcpy(longer, packed.data, packed.size);
    longer[packed.size] = 'x';
    assert_int_equal(unpack(slice_new(longer, packed.size + 1), KIB, &size), ERROR_INPUT);
    longer[packed.size - 6] = (char)(longer[packed.size - 6] ^ 1); /* of the checksum */
    assert_int_equal(unpack(slice_new(longer, packed.size), KIB, &size), ERROR_INPUT);
    free(longer);
    free((void *)(uintptr_t)packed.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_packed_comes_back),
        cmocka_unit_test(a_bomb_ends_early),
        cmocka_unit_test(cut_damaged_and_followed_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
