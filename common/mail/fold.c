#include "common/mail/fold.h"
#include "common/mail/fold_views.h"

int fold_text(struct slice text, enum fold_view view, struct arena *arena,
              struct folded *folded_out, struct error *err)
{
    struct fold_output output;
    if (text.size > UINT32_MAX)
        return error_set(err, ERROR_LIMIT, "text: longer than 4 GiB");
    if (!fold_to_plain(text, view == FOLD_TIGHT, arena, &output))
        return arena_error(arena, err);
    if (view == FOLD_TIGHT) {
        struct fold_output plain = output;
        if (!fold_to_tight(&plain, arena, &output))
            return arena_error(arena, err);
    }
    output.positions[output.size] = (uint32_t)text.size;
    *folded_out = (struct folded){{output.text, output.size}, output.positions, text};
    return 0;
}

/*
 * The first pass with marks is the plain view but for the marks themselves, which are as long as
 * the space they stand for; the second pass changes its copy.
 */
int fold_both(struct slice text, struct arena *arena, struct folded folded_out[2],
              struct error *err)
{
    struct fold_output marked, tight;
    if (text.size > UINT32_MAX)
        return error_set(err, ERROR_LIMIT, "text: longer than 4 GiB");
    if (!fold_to_plain(text, true, arena, &marked))
        return arena_error(arena, err);
    char *plain = arena_alloc(arena, marked.size + 1);
    if (plain == NULL)
        return arena_error(arena, err);
    for (size_t i = 0; i < marked.size; i++)
        plain[i] = marked.text[i] == FOLD_WIDE_BLANK ? ' ' : marked.text[i];
    if (!fold_to_tight(&marked, arena, &tight))
        return arena_error(arena, err);
    marked.positions[marked.size] = tight.positions[tight.size] = (uint32_t)text.size;
    folded_out[FOLD_PLAIN] = (struct folded){{plain, marked.size}, marked.positions, text};
    folded_out[FOLD_TIGHT] = (struct folded){{tight.text, tight.size}, tight.positions, text};
    return 0;
}

struct slice fold_original(const struct folded *folded, size_t begin, size_t end)
{
    if (end > folded->text.size)
        end = folded->text.size;
    if (begin >= end)
        return (struct slice){NULL, 0};
    /* One character may have become several: the end is behind all of them. */
    while (end < folded->text.size && folded->positions[end] == folded->positions[end - 1])
        end++;
    return slice_part(folded->original, folded->positions[begin],
                      folded->positions[end] - folded->positions[begin]);
}
