/* Keys, roots, heads and their signatures for tests; all from fixed or fresh keys, no files. */
#ifndef ZAGUAN_TESTS_LISTS_SIGNER_H
#define ZAGUAN_TESTS_LISTS_SIGNER_H

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "lists/trust/head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#define NOW ((int64_t)1795478400)
#define DAY_SECONDS ((int64_t)24 * 60 * 60)

static inline struct minisign_secret make_secret(void)
{
    struct minisign_secret secret;
    struct error err = {0};
    assert_int_equal(minisign_make(&secret, &err), 0);
    return secret;
}

static inline struct root make_root(int64_t sequence, const struct minisign_secret *keys,
                                    size_t count)
{
    struct root root;
    struct minisign_public public[8];
    for (size_t i = 0; i < count; i++)
    public[i] = keys[i].public;
    root_from_pinned("kefir.example", public, count, &root);
    root.sequence = sequence;
    root.issued_at = NOW;
    return root;
}

static inline void sign(const struct minisign_secret *secret, struct slice content,
                        const char *comment, struct buffer *into)
{
    struct error err = {0};
    assert_int_equal(minisign_sign(secret, content, comment, into, &err), 0);
}

/* The root as text, signed by all of `keys`. */
static inline void write_signed_root(const struct root *root, const struct minisign_secret *keys,
                                     size_t count, struct buffer *text, struct buffer *signatures)
{
    char comment[ROOT_COMMENT_BYTES];
    struct error err = {0};
    assert_int_equal(root_format(root, text, &err), 0);
    root_write_comment(root, comment);
    for (size_t i = 0; i < count; i++)
        sign(&keys[i], buffer_slice(text), comment, signatures);
}

/* A copy of the exact size, so that reading beyond it is seen. */
static inline struct slice exact(struct slice text)
{
    char *copy = test_malloc(text.size == 0 ? 1 : text.size);
    if (text.size > 0)
        memcpy(copy, text.data, text.size);
    return slice_new(copy, text.size);
}

static inline void drop(struct slice s)
{
    void *pointer;
    memcpy(&pointer, &s.data, sizeof pointer);
    test_free(pointer);
}

#endif
