#include "review/digest.h"

#include "common/base/limits.h"
#include "common/mail/text.h"
#include "review/phrases.h"
#include "review/plain.h"

#define SCRATCH_BYTES (64 * MIB)
#define READ_MILLISECONDS 1000
#define SHOWN_BYTES 2000 /* of one mail; `see` shows more */
#define NAME_BYTES 120   /* of the name of a file */

/* Plain text where there is some; else what a reader of the HTML would see. */
static struct slice source_to_show(const struct text_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->pieces[i].where == TEXT_BODY && !set->pieces[i].is_hidden &&
            slice_is(slice_of(set->pieces[i].source), "text/plain") &&
            slice_trim(set->pieces[i].text).size > 0)
            return slice_of("text/plain");
    return slice_of("text/html");
}

static void show(const struct text_set *set, int language, struct buffer *into)
{
    struct slice source = source_to_show(set);
    bool is_whole = set->limit_count == 0;
    for (size_t i = 0; i < set->count; i++) {
        const struct text_piece *piece = &set->pieces[i];
        size_t room = into->size < SHOWN_BYTES ? SHOWN_BYTES - into->size : 0;
        if (piece->where == TEXT_ATTACHMENT_NAME && room > 0) {
            buffer_printf(into, "%s\n", phrase(language, "A file is attached; it is only named:"));
            (void)plain_show(slice_part(piece->text, 0, NAME_BYTES), room, into);
        } else if (piece->where == TEXT_BODY && !piece->is_hidden &&
                   slice_is(source, piece->source)) {
            is_whole = room > 0 && plain_show(piece->text, room, into) && is_whole;
        }
    }
    if (!is_whole)
        buffer_printf(into, "%s\n", phrase(language, "(Not all of it is shown.)"));
}

int digest_read_body(const struct review *review, int64_t message_id, int language,
                     struct arena *arena, struct slice *text_out, struct error *err)
{
    ARENA_CLEANUP *scratch = arena_new(SCRATCH_BYTES);
    BUFFER_CLEANUP message = buffer_new(LIMIT_MESSAGE_BYTES);
    BUFFER_CLEANUP shown = buffer_new(16 * KIB);
    struct text_set set;
    if (scratch == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory to read a mail");
    if (find_message(review->store, review->keys, message_id, &message, err) != 0 ||
        text_collect(buffer_slice(&message), budget_of(READ_MILLISECONDS), scratch, &set, err) != 0)
        return -1;
    show(&set, language, &shown);
    *text_out = arena_copy(arena, buffer_slice(&shown));
    return arena_is_exhausted(arena) ? arena_error(arena, err) : 0;
}
