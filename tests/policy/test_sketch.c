#include "policy/sketch.h"

#include "common/base/buffer.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ARENA_BYTES ((size_t)16 << 20)

static const unsigned char key[KEYED_DIGEST_BYTES] = "the key of these tests.";
static const unsigned char seed[KEYED_DIGEST_BYTES] = "of one member..........";
static const unsigned char other_seed[KEYED_DIGEST_BYTES] = "of another.............";

/* The same numbers in every run. */
static uint64_t draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* Words as a language has them: a few very often (the least of three draws), many seldom. */
static unsigned draw_word(uint64_t *state)
{
    unsigned a = (unsigned)(draw(state) % 3000), b = (unsigned)(draw(state) % 3000),
             c = (unsigned)(draw(state) % 3000);
    unsigned least = a < b ? a : b;
    return least < c ? least : c;
}

static void write_text(const unsigned *words, size_t count, struct buffer *into)
{
    buffer_clear(into);
    for (size_t i = 0; i < count; i++)
        buffer_printf(into, "%sw%ux", i == 0 ? "" : i % 12 == 0 ? ".\n" : " ", words[i]);
}

static struct shingles read_pieces(const struct text_piece *pieces, size_t count,
                                   struct arena *arena)
{
    const struct text_set set = {(struct text_piece *)(uintptr_t)pieces, count, NULL, 0};
    struct shingles shingles;
    assert_int_equal(shingles_read(&set, key, arena, &shingles, NULL), 0);
    return shingles;
}

/* Of exact size: whoever reads beyond the end is seen. */
static struct shingles read_text(struct slice text, struct arena *arena)
{
    char *copy = malloc(text.size == 0 ? 1 : text.size);
    assert_non_null(copy);
    memcpy(copy, text.data, text.size);
    const struct text_piece piece = {
        .where = TEXT_BODY, .text = slice_new(copy, text.size), .source = "text/plain"};
    struct shingles shingles = read_pieces(&piece, 1, arena);
    free(copy);
    return shingles;
}

static int same_slots(struct slice one, struct slice other)
{
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    unsigned char a[SKETCH_BYTES], b[SKETCH_BYTES];
    struct shingles first = read_text(one, arena), second = read_text(other, arena);
    assert_true(first.count > 0 && second.count > 0);
    sketch_make(&first, seed, a);
    sketch_make(&second, seed, b);
    return sketch_same_slots(a, b);
}

enum { TEXTS = 120, MOST_WORDS = 400 };

static void a_tenth_of_the_words_changed_is_the_same_text(void **state)
{
    (void)state;
    BUFFER_CLEANUP before = buffer_new(1 << 16), after = buffer_new(1 << 16);
    uint64_t numbers = 1;
    int missed = 0;
    for (size_t round = 0; round < TEXTS; round++) {
        unsigned words[MOST_WORDS];
        size_t count = 60 + draw(&numbers) % (MOST_WORDS - 60);
        for (size_t i = 0; i < count; i++)
            words[i] = draw_word(&numbers);
        write_text(words, count, &before);
        for (size_t i = 0; i < count / 10; i++)
            words[draw(&numbers) % count] = 5000 + (unsigned)i;
        write_text(words, count, &after);
        missed += same_slots(buffer_slice(&before), buffer_slice(&after)) < SKETCH_SAME_SLOTS;
    }
    assert_int_equal(missed, 0);
}

static void unrelated_texts_of_one_language_are_never_the_same(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new((size_t)64 << 20);
    static unsigned char sketches[TEXTS][SKETCH_BYTES];
    BUFFER_CLEANUP text = buffer_new(1 << 16);
    uint64_t numbers = 7;
    int most = 0;
    for (size_t round = 0; round < TEXTS; round++) {
        unsigned words[MOST_WORDS];
        size_t count = 60 + draw(&numbers) % (MOST_WORDS - 60);
        for (size_t i = 0; i < count; i++)
            words[i] = draw_word(&numbers) / 10; /* 300 words: poorer than any real text */
        write_text(words, count, &text);
        struct shingles shingles = read_text(buffer_slice(&text), arena);
        sketch_make(&shingles, seed, sketches[round]);
        for (size_t other = 0; other < round; other++) {
            int same = sketch_same_slots(sketches[round], sketches[other]);
            most = same > most ? same : most;
        }
    }
    assert_in_range(most, 0, SKETCH_SAME_SLOTS / 2);
}

/* Half of each text is a footer that both have. */
static void a_shared_footer_is_not_the_same_text(void **state)
{
    (void)state;
    BUFFER_CLEANUP one = buffer_new(1 << 16), other = buffer_new(1 << 16);
    unsigned words[200];
    uint64_t numbers = 3;
    for (size_t round = 0; round < 40; round++) {
        for (size_t i = 0; i < 200; i++)
            words[i] = draw_word(&numbers);
        write_text(words, 200, &one);
        for (size_t i = 0; i < 130; i++)
            words[i] = draw_word(&numbers);
        write_text(words, 200, &other);
        assert_in_range(same_slots(buffer_slice(&one), buffer_slice(&other)), 0,
                        SKETCH_SAME_SLOTS - 1);
    }
}

static const char threat[] =
    "Sé muy bien dónde vives y a qué hora sales cada mañana del trabajo. Nadie te va a creer "
    "cuando lo cuentes, y la próxima vez que hables en esa radio vas a ver lo que pasa contigo y "
    "con toda tu familia. Todavía estás a tiempo de callarte para siempre y de desaparecer.";
static const char disguised[] =
    "SE  MUY B1EN D0NDE V1VES y a que hora sales cada manana del trabajo!! Nadie te va a creer\r\n"
    "cuando lo cuentes; y la proxima vez que hables en esa radio vas a ver lo que pasa contigo y\n"
    "con toda tu familia...  Todav\xc3\xad"
    "a est\xc3\xa1s a tiempo de c\xd0\xb0llarte para siempre "
    "y de desaparecer";

static void case_accents_signs_and_look_alikes_change_nothing(void **state)
{
    (void)state;
    assert_int_equal(same_slots(slice_of(threat), slice_of(disguised)), SKETCH_SLOTS);
}

static void what_both_quote_says_nothing(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    BUFFER_CLEANUP quoting = buffer_new(1 << 16);
    struct slice rest = slice_of(disguised), line;
    while (slice_next(&rest, '\n', &line))
        buffer_printf(&quoting, " > " SLICE_FORMAT "\n", SLICE_ARGUMENTS(line));
    assert_int_equal(read_text(buffer_slice(&quoting), arena).count, 0);
}

static void the_same_text_as_html_and_plain_counts_once(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    struct text_piece pieces[2] = {
        {.where = TEXT_BODY, .text = slice_of(threat), .source = "text/plain"},
        {.where = TEXT_BODY, .text = slice_of(threat), .source = "text/html"}};
    size_t once = read_pieces(pieces, 1, arena).count;
    assert_true(once > 0);
    assert_int_equal(read_pieces(pieces, 2, arena).count, once);
    /* 30 words, twice: no text of 40 */
    pieces[0].text.size = pieces[1].text.size = 170;
    assert_int_equal(read_pieces(pieces, 2, arena).count, 0);
}

static void what_a_reader_does_not_see_is_no_text(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    struct text_piece pieces[2] = {
        {.where = TEXT_BODY, .text = slice_of(threat), .source = "text/html", .is_hidden = true},
        {.where = TEXT_SUBJECT, .text = slice_of(threat), .source = "subject"}};
    assert_int_equal(read_pieces(pieces, 2, arena).count, 0);
}

static void short_and_empty_texts_have_no_sketch(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    BUFFER_CLEANUP laugh = buffer_new(1 << 16);
    for (int i = 0; i < 200; i++)
        buffer_append_text(&laugh, "ja ");
    assert_int_equal(read_text(slice_of(""), arena).count, 0);
    assert_int_equal(read_text(slice_of("one two three four"), arena).count, 0);
    assert_int_equal(read_text(slice_of(" \n > \n...\n"), arena).count, 0);
    assert_int_equal(read_text(buffer_slice(&laugh), arena).count, 0);
}

static void a_long_text_is_read_to_a_bound_and_no_further(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    BUFFER_CLEANUP text = buffer_new(1 << 22);
    for (unsigned i = 0; i < 200000; i++)
        buffer_printf(&text, "\xc3\xb1%u ", i);
    struct shingles shingles = read_text(buffer_slice(&text), arena);
    assert_in_range(shingles.count, 1000, SKETCH_MOST_SHINGLES);
    for (size_t i = 1; i < shingles.count; i++)
        assert_true(shingles.hashes[i - 1] < shingles.hashes[i]);
}

static void two_members_sketches_of_one_text_do_not_look_alike(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    unsigned char hers[SKETCH_BYTES], others[SKETCH_BYTES];
    struct shingles shingles = read_text(slice_of(threat), arena);
    sketch_make(&shingles, seed, hers);
    sketch_make(&shingles, other_seed, others);
    assert_int_equal(sketch_same_slots(hers, others), 0);
    assert_int_equal(sketch_same_slots(hers, hers), SKETCH_SLOTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tenth_of_the_words_changed_is_the_same_text),
        cmocka_unit_test(unrelated_texts_of_one_language_are_never_the_same),
        cmocka_unit_test(a_shared_footer_is_not_the_same_text),
        cmocka_unit_test(case_accents_signs_and_look_alikes_change_nothing),
        cmocka_unit_test(what_both_quote_says_nothing),
        cmocka_unit_test(the_same_text_as_html_and_plain_counts_once),
        cmocka_unit_test(what_a_reader_does_not_see_is_no_text),
        cmocka_unit_test(short_and_empty_texts_have_no_sketch),
        cmocka_unit_test(a_long_text_is_read_to_a_bound_and_no_further),
        cmocka_unit_test(two_members_sketches_of_one_text_do_not_look_alike),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
