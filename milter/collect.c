#include "milter/collect.h"

#include "common/mail/address.h"
#include "common/mail/header.h"

/* How far into a text a code is looked for: such mails say at once what they are. */
#define CODE_SEARCH_BYTES ((size_t)4096)

static int read_from(struct slice message, const char *delimiter, struct arena *arena,
                     struct letter *letter, struct error *err)
{
    struct header_field from;
    struct mailbox *mailboxes;
    size_t count, broken;
    if (!header_find(message, "From", &from))
        return 0;
    if (address_parse_list(from.value, arena, &mailboxes, &count, &broken, err) != 0)
        return -1;
    if (count == 0)
        return 0;
    letter->from_display = mailboxes[0].display;
    letter->from_address = mailboxes[0].written;
    letter->from_canonical = address_canonical(&mailboxes[0].address, delimiter, arena);
    return arena_is_exhausted(arena) ? arena_error(arena, err) : 0;
}

static int read_subject(struct slice message, struct arena *arena, struct letter *letter,
                        struct error *err)
{
    struct header_field subject;
    if (header_find(message, "Subject", &subject))
        letter->subject = header_decode(subject.value, arena);
    return arena_is_exhausted(arena) ? arena_error(arena, err) : 0;
}

/* RFC 3834 section 5; List-Id is RFC 2919. */
static bool is_automatic(struct slice message)
{
    static const char *const bulk[] = {"bulk", "junk", "list", "auto_reply", NULL};
    struct header_field field;
    if (header_find(message, "Auto-Submitted", &field) &&
        !slice_starts_with_nocase(slice_trim(field.value), "no"))
        return true;
    if (header_find(message, "List-Id", &field))
        return true;
    if (header_find(message, "Precedence", &field))
        for (size_t i = 0; bulk[i] != NULL; i++)
            if (slice_is_nocase(slice_trim(field.value), bulk[i]))
                return true;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A run of four to eight digits that is not part of a longer number. */
static bool has_code(struct slice text)
{
    size_t run = 0;
    for (size_t i = 0; i <= text.size; i++) {
        if (i < text.size && is_digit(text.data[i])) {
            run++;
            continue;
        }
        if (run >= 4 && run <= 8)
            return true;
        run = 0;
    }
    return false;
}

static bool speaks_of_code(struct slice text)
{
    static const char *const words[] = {"code",     "digo",     "confirm", "verif",
                                        "password", "contrase", "senha",   "passcode"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_find_nocase(text, slice_of(words[i])) < text.size)
            return true;
    return false;
}

/* Only decides in which lane of the shield a mail waits, so a guess may be wrong. */
static bool is_transactional(const struct text_set *texts, struct slice message)
{
    struct header_field field;
    bool speaks = false, has = false;
    if (header_find(message, "List-Id", &field))
        return false;
    for (size_t i = 0; i < texts->count; i++) {
        const struct text_piece *piece = &texts->pieces[i];
        struct slice begin = slice_part(piece->text, 0, CODE_SEARCH_BYTES);
        if (piece->where == TEXT_URL)
            has = true;
        if ((piece->where != TEXT_SUBJECT && piece->where != TEXT_BODY) || piece->is_hidden)
            continue;
        speaks = speaks || speaks_of_code(begin);
        has = has || has_code(begin);
    }
    return speaks && has;
}

int collect_letter(struct slice message, const char *delimiter, struct deadline deadline,
                   struct arena *arena, struct letter *letter_out, struct error *err)
{
    *letter_out = (struct letter){.is_automatic = is_automatic(message)};
    if (read_from(message, delimiter, arena, letter_out, err) != 0 ||
        read_subject(message, arena, letter_out, err) != 0)
        return -1;
    if (text_collect(message, deadline, arena, &letter_out->texts, err) != 0)
        return -1;
    letter_out->is_transactional = is_transactional(&letter_out->texts, message);
    return 0;
}
