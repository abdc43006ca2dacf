/* Corpus files: RFC 4180, columns by name, errors that name the row; and what matching means. */
#include "lists/check/corpus.h"

#include "lists/match/matcher.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ARENA_BYTES ((size_t)16 * 1024 * 1024)

struct exact {
    char *bytes;
    struct arena *arena;
    struct corpus corpus;
    struct error err;
    int answer;
};

/* Input copied to its exact size, so that ASan sees overreads. */
static struct exact parse(struct slice csv)
{
    struct exact x = {.bytes = malloc(csv.size + (csv.size == 0)), .arena = arena_new(ARENA_BYTES)};
    assert_non_null(x.bytes);
    memcpy(x.bytes, csv.data, csv.size);
    x.answer = corpus_parse(slice_new(x.bytes, csv.size), "c.csv", x.arena, &x.corpus, &x.err);
    return x;
}

static void end(struct exact *x)
{
    arena_free(x->arena);
    free(x->bytes);
}

static void test_texts_are_read_as_rfc_4180_says(void **state)
{
    static const struct {
        const char *csv, *text;
        enum corpus_expected expected;
    } rows[] = {
        {"text,expected\nplain,abuse\n", "plain", CORPUS_ABUSE},
        {"text,expected\nno final line end,benign", "no final line end", CORPUS_BENIGN},
        {"text,expected\r\nreturn,abuse\r\n", "return", CORPUS_ABUSE},
        {"\xEF\xBB\xBFtext,expected\nmark,abuse\n", "mark", CORPUS_ABUSE},
        {"Expected, Text ,kind\nBENIGN,swapped,x\n", "swapped", CORPUS_BENIGN},
        {"text,expected\n\"a, b\",abuse\n", "a, b", CORPUS_ABUSE},
        {"text,expected\n\"she said \"\"no\"\"\",benign\n", "she said \"no\"", CORPUS_BENIGN},
        {"text,expected\n\"\"\"\",benign\n", "\"", CORPUS_BENIGN},
        {"text,expected\n\"two\r\nlines\",abuse\n", "two\r\nlines", CORPUS_ABUSE},
        {"\"text\",\"expected\"\n\"\",\"abuse\"\n", "", CORPUS_ABUSE},
        {"text,expected\n\n\nafter empty lines,abuse\n\n", "after empty lines", CORPUS_ABUSE},
        {"text,expected,x\nmore,abuse,\"not\nread\"\n", "more", CORPUS_ABUSE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct exact x = parse(slice_of(rows[i].csv));
        if (x.answer != 0)
            fail_msg("%s: %s", rows[i].csv, x.err.text);
        assert_int_equal(x.corpus.count, 1);
        assert_int_equal(x.corpus.counts[rows[i].expected], 1);
        assert_int_equal(x.corpus.texts[0].expected, rows[i].expected);
        if (!slice_is(x.corpus.texts[0].text, rows[i].text))
            fail_msg("row %zu reads " SLICE_FORMAT, i, SLICE_ARGUMENTS(x.corpus.texts[0].text));
        end(&x);
    }
}

static void test_what_is_no_corpus_is_refused_with_its_row(void **state)
{
    const struct {
        struct slice csv;
        const char *error;
    } rows[] = {
        {SLICE_LITERAL(""), "c.csv: header row: the file is empty"},
        {SLICE_LITERAL("text\nx\n"), "c.csv: header row: no column is named expected"},
        {SLICE_LITERAL("words,expected\nx,abuse\n"), "c.csv: header row: no column is named text"},
        {SLICE_LITERAL("text,text,expected\n"), "c.csv: header row: two columns are named text"},
        {SLICE_LITERAL("text,expected\na,abuse\nb,perhaps\n"), "c.csv: row 2: expected is neither"},
        {SLICE_LITERAL("text,expected\na\n"), "c.csv: row 1: 1 fields, the header has 2"},
        {SLICE_LITERAL("text,expected\na,b,abuse\n"), "c.csv: row 1: 3 fields"},
        {SLICE_LITERAL("text,expected\n\"a,abuse\n"), "c.csv: row 1: a quoted field does not end"},
        {SLICE_LITERAL("text,expected\n\"a\"b,abuse\n"), "c.csv: row 1: a comma or the end"},
        {SLICE_LITERAL("text,expected\na\"b,abuse\n"), "c.csv: row 1: a quote inside a field"},
        {SLICE_LITERAL("text,expected\n\xC3(,abuse\n"), "c.csv: row 1: the text is not UTF-8"},
        {SLICE_LITERAL("text,expected\n\"two\nlines\",abuse\n\"\xFF\",abuse\n"), "c.csv: row 2: "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct exact x = parse(rows[i].csv);
        assert_int_equal(x.answer, -1);
        assert_int_equal(x.err.kind, ERROR_INPUT);
        if (strncmp(x.err.text, rows[i].error, strlen(rows[i].error)) != 0)
            fail_msg("row %zu: %s", i, x.err.text);
        end(&x);
    }
}

static void test_a_text_is_matched_as_the_body_of_a_mail(void **state)
{
    static const char list[] =
        "%zaguan-list 1\n%name l\n\n"
        "+ phrase \"casa de papel\"\n  id 00000001 cat threat expires 2030-01-01\n"
        "+ phrase \"gato de papel\"\n  id 00000002 cat threat expires 2030-01-01 scope subject\n"
        "+ phrase \"perro de papel\"\n  id 00000003 cat threat expires 2020-01-01\n"
        "@end 3\n";
    char path[] = "/tmp/test-corpus-XXXXXX";
    const char *paths[] = {path};
    const struct corpus_text texts[] = {
        {SLICE_LITERAL("La CÁSA\nde p4pel"), CORPUS_ABUSE},
        {SLICE_LITERAL("gato de papel"), CORPUS_ABUSE},  /* of subjects alone */
        {SLICE_LITERAL("perro de papel"), CORPUS_ABUSE}, /* expired */
    };
    struct matcher *matcher;
    struct error err = {0};
    struct hit_set hits;
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, list, sizeof list - 1), (ssize_t)(sizeof list - 1));
    close(fd);
    if (matcher_new(paths, 1, &matcher, &err) != 0)
        fail_msg("%s", err.text);
    unlink(path);
    struct arena *arena = arena_new(ARENA_BYTES);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(corpus_match(matcher, &texts[i], clock_now(), arena, &hits, &err), 0);
        assert_int_equal(hits.count, i == 0);
        assert_true(hits.is_complete);
    }
    arena_free(arena);
    matcher_free(matcher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_are_read_as_rfc_4180_says),
        cmocka_unit_test(test_what_is_no_corpus_is_refused_with_its_row),
        cmocka_unit_test(test_a_text_is_matched_as_the_body_of_a_mail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
