/* fold: positions never decrease, output is UTF-8, folding a plain view again changes nothing. */
#include "common/base/limits.h"
#include "common/mail/charset.h"
#include "common/mail/fold.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(const struct folded *folded, size_t original_size)
{
    for (size_t i = 0; i < folded->text.size; i++)
        if (folded->positions[i] > folded->positions[i + 1])
            abort();
    if (folded->positions[folded->text.size] != original_size)
        abort();
    for (struct slice rest = folded->text; rest.size > 0;) {
        size_t width = charset_character_size(rest);
        if (width == 0)
            abort();
        rest = slice_from(rest, width);
    }
    if (folded->text.size > 0 && fold_original(folded, 0, folded->text.size).size > original_size)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    ARENA_CLEANUP *arena = arena_new(256 * MIB);
    struct slice text = {(const char *)bytes, size};
    struct folded plain, tight, again;
    if (fold_text(text, FOLD_PLAIN, arena, &plain, NULL) != 0 ||
        fold_text(text, FOLD_TIGHT, arena, &tight, NULL) != 0 ||
        fold_text(plain.text, FOLD_PLAIN, arena, &again, NULL) != 0)
        return 0;
    check(&plain, size);
    check(&tight, size);
    if (!slice_equals(plain.text, again.text))
        abort();
    return 0;
}
