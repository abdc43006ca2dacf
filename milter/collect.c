#include "milter/collect.h"

#include "common/mail/header.h"
#include "policy/facts.h"

/* RFC 5322 section 3.6 has one From field; section 3.6.2 lets it name several authors. Programs
 * show now the first, now the last of them. */
static void add_author(struct slice address, struct letter *letter)
{
    if (!slice_is_empty(address) && letter->more_author_count < COLLECT_MOST_AUTHORS)
        letter->more_authors[letter->more_author_count++] = address;
}

static int read_authors(struct slice value, const char *delimiter, bool is_first,
                        struct arena *arena, struct letter *letter, struct error *err)
{
    struct mailbox *mailboxes;
    size_t count, broken;
    if (address_parse_list(value, arena, &mailboxes, &count, &broken, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct slice address = address_canonical(&mailboxes[i].address, delimiter, arena);
        if (i > 0 || !is_first) {
            add_author(address, letter);
            continue;
        }
        letter->from_display = mailboxes[0].display;
        letter->from_address = mailboxes[0].written;
        letter->from_canonical = address;
    }
    return arena_is_exhausted(arena) ? arena_error(arena, err) : 0;
}

static int read_from(struct slice message, const char *delimiter, struct arena *arena,
                     struct letter *letter, struct error *err)
{
    struct header_field from;
    bool is_first = true;
    while (letter->more_author_count < COLLECT_MOST_AUTHORS &&
           header_find(message, "From", &from)) {
        if (read_authors(from.value, delimiter, is_first, arena, letter, err) != 0)
            return -1;
        message = slice_from(message, (size_t)(from.whole.data - message.data) + from.whole.size);
        is_first = false;
    }
    return 0;
}

static int read_reply_to(struct slice message, struct arena *arena, struct letter *letter,
                         struct error *err)
{
    struct header_field field;
    size_t broken;
    letter->is_list = header_count(message, "List-Id") > 0;
    if (!header_find(message, "Reply-To", &field))
        return 0;
    if (address_parse_list(field.value, arena, &letter->replies, &letter->reply_count, &broken,
                           err) != 0)
        return -1;
    if (letter->reply_count > 0)
        letter->reply_address = letter->replies[0].written;
    return 0;
}

static int read_subject(struct slice message, struct arena *arena, struct letter *letter,
                        struct error *err)
{
    struct header_field subject;
    if (header_find(message, "Subject", &subject))
        letter->subject = header_decode(subject.value, arena);
    return arena_is_exhausted(arena) ? arena_error(arena, err) : 0;
}

int collect_letter(struct slice message, const char *delimiter, struct budget budget,
                   struct arena *arena, struct letter *letter_out, struct error *err)
{
    struct facts facts = {.is_automatic = false};
    *letter_out = (struct letter){.subject = {NULL, 0}};
    if (read_from(message, delimiter, arena, letter_out, err) != 0 ||
        read_reply_to(message, arena, letter_out, err) != 0 ||
        read_subject(message, arena, letter_out, err) != 0 ||
        facts_read_message(message, arena, &facts, err) != 0)
        return -1;
    letter_out->is_automatic = facts.is_automatic;
    letter_out->is_transactional = facts.is_transactional;
    letter_out->is_login_code = facts.is_login_code;
    letter_out->is_confirmation = facts.is_confirmation;
    return text_collect(message, budget, arena, &letter_out->texts, err);
}
