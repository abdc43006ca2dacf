/* Lists written in a test, and what of them hits in a text. */
#ifndef ZAGUAN_TESTS_LISTS_MATCHING_H
#define ZAGUAN_TESTS_LISTS_MATCHING_H

#include "common/base/files.h"
#include "common/base/limits.h"
#include "lists/format/pattern.h"
#include "lists/match/matcher.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TODAY ((int64_t)1795478400) /* 2026-11-24 */
#define HEAD "%zaguan-list 1\n%name probe\n%list-id 0123456789abcdef\n"
#define REST " cat threat sev 3 added 2026-11-01 expires 2027-02-01\n"

static inline struct matcher *matcher_of(const char *text)
{
    char path[] = "/tmp/zaguan-test-XXXXXX";
    const char *const paths[] = {path};
    struct matcher *matcher = NULL;
    struct error err = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(file_write_fd(fd, slice_of(text), &err), 0);
    close(fd);
    if (matcher_new(paths, 1, &matcher, &err) != 0)
        print_error("%s\n", err.text);
    unlink(path);
    assert_non_null(matcher);
    return matcher;
}

/* The ids that hit, in their order, with a space behind each. */
static inline void ids_of(const struct matcher *matcher, const struct match_input *input, char *ids)
{
    struct arena *arena = arena_new(64 * MIB);
    struct hit_set hits;
    struct error err = {0};
    assert_int_equal(matcher_match(matcher, input, arena, &hits, &err), 0);
    ids[0] = '\0';
    for (size_t i = 0; i < hits.count; i++) {
        strncat(ids, hits.hits[i].entry->id.data, hits.hits[i].entry->id.size);
        strcat(ids, " ");
    }
    arena_free(arena);
}

static inline void ids_in(const struct matcher *matcher, enum text_where where, const char *text,
                          char *ids)
{
    size_t size = strlen(text);
    char *exact = malloc(size + !size);
    assert_non_null(exact);
    memcpy(exact, text, size);
    struct text_piece piece = {where, slice_new(exact, size), false, "test"};
    struct text_set texts = {&piece, 1, NULL, 0};
    struct match_input input = {.texts = &texts, .now = TODAY, .budget = budget_of(10000)};
    ids_of(matcher, &input, ids);
    free(exact);
}

#endif
