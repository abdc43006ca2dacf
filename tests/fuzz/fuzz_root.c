/* Roots and partner files: what is read is written, read again, and the same; an unsigned root is
 * never accepted. */
#include "common/base/limits.h"
#include "lists/trust/partner.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct root *root, struct slice text)
{
    struct error err = {0};
    static struct root again, pinned;
    struct minisign_public nobody = {.id = {1}};
    BUFFER_CLEANUP once = buffer_new(2 * LIMIT_ROOT_BYTES),
                   twice = buffer_new(2 * LIMIT_ROOT_BYTES);
    if (root_format(root, &once, &err) != 0 ||
        root_parse(buffer_slice(&once), "again", &again, &err) != 0 ||
        root_format(&again, &twice, &err) != 0 ||
        !slice_equals(buffer_slice(&once), buffer_slice(&twice)))
        abort();
    root_from_pinned(root->publisher, &nobody, 1, &pinned);
    if (root_accept(&pinned, text, text, INT64_MAX / 2, &again, &err) == 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_new((const char *)data, size);
    struct error err = {0};
    static struct root root;
    static struct partner partner;
    if (root_parse(text, "input", &root, &err) == 0)
        check(&root, text);
    else if (err.kind != ERROR_INPUT && err.kind != ERROR_LIMIT)
        abort();
    if (partner_parse(text, "input", &partner, &err) != 0 && err.kind != ERROR_INPUT)
        abort();
    return 0;
}
