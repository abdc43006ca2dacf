#include "common/base/limits.h"
#include "common/mail/text.h"
#include "review/do.h"
#include "review/plain.h"
#include <inttypes.h>

#define TEXT_ARENA_BYTES (64 * MIB)
#define TEXT_MILLISECONDS 5000
#define NAME_BYTES 400

enum see_outcome { SEE_SHOWN, SEE_GONE, SEE_NO_ROOM, SEE_OUTCOMES };

static void show(struct conversation *talk, const char *label, struct slice value)
{
    struct buffer *seen = &talk->receipt->seen;
    buffer_printf(seen, "%s\n", conversation_say(talk, label));
    plain_show(slice_is_empty(slice_trim(value)) ? slice_of("-") : value, NAME_BYTES, seen);
}

static void show_sender(struct conversation *talk, const struct item_sheet *sheet)
{
    BUFFER_CLEANUP sender = buffer_new(2 * NAME_BYTES + LIMIT_ADDRESS_BYTES);
    buffer_append(&sender, slice_part(sheet->from_display, 0, NAME_BYTES / 2));
    buffer_printf(&sender, "%s<" SLICE_FORMAT ">", sender.size == 0 ? "" : " ",
                  SLICE_ARGUMENTS(slice_part(sheet->from_address, 0, NAME_BYTES)));
    show(talk, PHRASE("From:"), buffer_slice(&sender));
}

/* Plain text where there is some; else what a reader of the HTML would see. */
static const char *source_to_show(const struct text_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->pieces[i].where == TEXT_BODY && !set->pieces[i].is_hidden &&
            slice_is(slice_of(set->pieces[i].source), "text/plain") &&
            slice_trim(set->pieces[i].text).size > 0)
            return "text/plain";
    return "text/html";
}

static void show_pieces(struct conversation *talk, const struct text_set *set)
{
    struct buffer *seen = &talk->receipt->seen;
    struct slice source = slice_of(source_to_show(set));
    bool is_whole = set->limit_count == 0;
    size_t begin = seen->size;
    buffer_printf(seen, "%s\n", conversation_say(talk, "Text:"));
    for (size_t i = 0; i < set->count; i++) {
        const struct text_piece *piece = &set->pieces[i];
        size_t used = seen->size - begin;
        size_t room = used < RECEIPT_SEEN_BYTES ? RECEIPT_SEEN_BYTES - used : 0;
        if (piece->where == TEXT_BODY && !piece->is_hidden && slice_is(source, piece->source) &&
            !plain_show(piece->text, room, seen))
            is_whole = false;
        if (piece->where == TEXT_ATTACHMENT_NAME && room > 0)
            show(talk, PHRASE("A file is attached; it is only named here:"), piece->text);
    }
    if (!is_whole)
        buffer_printf(seen, "%s\n", conversation_say(talk, "(Not all of it is shown.)"));
}

static int show_text(struct conversation *talk, const struct found_item *found, struct error *err)
{
    ARENA_CLEANUP *scratch = arena_new(TEXT_ARENA_BYTES);
    BUFFER_CLEANUP message = buffer_new(LIMIT_MESSAGE_BYTES);
    struct text_set set;
    if (scratch == NULL)
        return error_set(err, ERROR_SYSTEM, "see: no memory");
    if (find_message(talk->store, talk->keys, found->item.message_id, &message, err) != 0 ||
        text_collect(buffer_slice(&message), budget_of(TEXT_MILLISECONDS), scratch, &set, err) != 0)
        return -1;
    show_pieces(talk, &set);
    return 0;
}

/* One step more than she has seen of this item, or than her digest shows of every item. */
static int next_level(struct conversation *talk, int64_t item_id, int *level_out, struct error *err)
{
    int level = WISH_REVEAL_COUNT;
    if (store_reveal_get(talk->store, item_id, &level, err) != 0)
        return -1;
    if (level < talk->member.wishes.reveal)
        level = talk->member.wishes.reveal;
    *level_out = level < WISH_REVEAL_TEXT ? level + 1 : WISH_REVEAL_TEXT;
    return 0;
}

static int show_item(struct conversation *talk, const struct conversation_item *item,
                     const struct found_item *found, int level, struct error *err)
{
    struct buffer *seen = &talk->receipt->seen;
    buffer_printf(seen, "\n");
    buffer_printf(seen, conversation_say(talk, "Mail %lu"), (unsigned long)item->code);
    buffer_append_byte(seen, '\n');
    show_sender(talk, &found->sheet);
    if (level >= WISH_REVEAL_SUBJECT)
        show(talk, PHRASE("Subject:"), found->sheet.subject);
    if (level >= WISH_REVEAL_TEXT)
        return show_text(talk, found, err);
    if (level == WISH_REVEAL_WHO)
        buffer_printf(seen, "%s\n",
                      conversation_say(talk, "Ask \"see\" once more for its subject."));
    else
        buffer_printf(seen, "%s\n", conversation_say(talk, "Ask \"see\" once more for its text."));
    return 0;
}

static int see(struct conversation *talk, const struct conversation_item *item, size_t *outcome_out,
               struct error *err)
{
    struct buffer *seen = &talk->receipt->seen;
    struct found_item found;
    int level;
    *outcome_out = SEE_NO_ROOM;
    if (seen->size + 2 * RECEIPT_SEEN_BYTES > seen->max_bytes)
        return 0;
    int is_there = find_item(talk->store, talk->keys, item->item.id, talk->arena, &found, err);
    *outcome_out = SEE_GONE;
    if (is_there <= 0)
        return is_there;
    if (next_level(talk, item->item.id, &level, err) != 0 ||
        show_item(talk, item, &found, level, err) != 0 ||
        store_reveal_put(talk->store, item->item.id, level, err) != 0)
        return -1;
    *outcome_out = SEE_SHOWN;
    return conversation_log(talk, item->item.id, "seen", err);
}

int do_see(struct conversation *talk, const struct command *command, struct error *err)
{
    static const struct outcome outcomes[] = {
        {PHRASE("At the end of this mail stands what you asked to see"), NULL},
        {PHRASE("No longer here"), NULL},
        {PHRASE("Too much for one mail"), PHRASE("Ask for these in another answer.")},
    };
    return conversation_each_item(talk, command, see, outcomes, SEE_OUTCOMES, err);
}
