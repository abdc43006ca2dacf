/*
 * Every folder of tests/cases/text is a claim: mail.eml, and expect.txt with
 *
 *   = body          a piece of this kind has exactly the text of the following lines (body, hidden,
 *   text            subject, from-name, url, attachment-name, or limit: a line of the limits);
 *   ! word          pieces of one kind come in this order. No piece holds this word.
 */
#include "common/base/limits.h"
#include "common/mail/text.h"
#include "tests/common/mail/exact.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define CASES "tests/cases/text"

static struct slice read_case(const char *name, const char *file)
{
    char path[400];
    snprintf(path, sizeof path, CASES "/%s/%s", name, file);
    FILE *stream = fopen(path, "rb");
    if (stream == NULL)
        fail_msg("%s: not there", path);
    static char bytes[64 * 1024];
    size_t size = fread(bytes, 1, sizeof bytes, stream);
    fclose(stream);
    return exact_copy(bytes, size);
}

static bool is_kind(const struct text_piece *piece, struct slice kind)
{
    if (piece->is_hidden)
        return slice_is(kind, piece->where == TEXT_BODY ? "hidden" : "hidden-url");
    return slice_is(kind, text_where_name(piece->where));
}

/* The first piece of that kind and text at or after *next of its kind. */
static bool find_piece(const struct text_set *set, struct slice kind, struct slice text,
                       size_t *next)
{
    for (size_t i = *next; i < set->count; i++) {
        if (is_kind(&set->pieces[i], kind) && slice_equals(slice_trim(set->pieces[i].text), text)) {
            *next = i + 1;
            return true;
        }
    }
    return false;
}

static bool find_limit(const struct text_set *set, struct slice text)
{
    for (size_t i = 0; i < set->limit_count; i++)
        if (slice_is(text, set->limits[i]))
            return true;
    return false;
}

static void check_absent(const char *name, const struct text_set *set, struct slice word)
{
    for (size_t i = 0; i < set->count; i++)
        if (slice_find(set->pieces[i].text, word) < set->pieces[i].text.size)
            fail_msg("%s: \"%.*s\" was read", name, SLICE_ARGUMENTS(word));
}

/* Lines up to the next one that begins with "= " or "! ". */
static struct slice take_text(struct slice *rest)
{
    struct slice text = {rest->data, 0};
    while (rest->size > 0 && !slice_starts_with(*rest, "= ") && !slice_starts_with(*rest, "! ")) {
        struct slice line;
        slice_next(rest, '\n', &line);
        text.size = (size_t)(line.data + line.size - text.data);
    }
    return slice_trim(text);
}

static void check_case(const char *name)
{
    ARENA_CLEANUP *arena = arena_new(64 * MIB);
    struct slice mail = read_case(name, "mail.eml"), expect = read_case(name, "expect.txt");
    struct slice rest = expect, line;
    struct text_set set;
    size_t next[32] = {0}, checked = 0;
    assert_int_equal(text_collect(mail, budget_of(10000), arena, &set, NULL), 0);
    while (slice_next(&rest, '\n', &line) && line.size > 2) {
        struct slice word = slice_from(line, 2);
        checked++;
        if (slice_starts_with(line, "! ")) {
            check_absent(name, &set, word);
            continue;
        }
        struct slice text = take_text(&rest);
        bool is_found = slice_is(word, "limit") ? find_limit(&set, text)
                                                : find_piece(&set, word, text, &next[word.size]);
        if (!is_found)
            fail_msg("%s: no %.*s with the text \"%.*s\"", name, SLICE_ARGUMENTS(word),
                     SLICE_ARGUMENTS(text));
    }
    assert_true(checked > 0);
    exact_free(mail);
    exact_free(expect);
}

static void every_case_reads_as_it_claims(void **state)
{
    (void)state;
    DIR *folder = opendir(CASES);
    assert_non_null(folder);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        check_case(entry->d_name);
        count++;
    }
    closedir(folder);
    assert_true(count >= 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_case_reads_as_it_claims)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
