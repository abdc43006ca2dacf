#include "review/learn.h"

#include "common/base/limits.h"
#include "common/mail/address.h"
#include "common/mail/header.h"
#include "policy/contact.h"
#include "policy/facts.h"
#include "policy/likeness.h"

#define READ_BYTES (32 * MIB) /* of a longer mail only what stands on its sheet */
#define MOST_OWN_NAMES 8

struct lesson {
    struct conversation *talk;
    struct arena *arena; /* for what is read out of the mail */
    struct likeness_mail mail;
    struct text_set texts;
    struct slice own_names[MOST_OWN_NAMES];
    size_t own_name_count;
};

/* He can name whom he likes: people she writes to and those of her own server are not he. 1/0/-1 */
static int is_of_her_people(struct lesson *lesson, const struct address *address, struct error *err)
{
    const struct conversation *talk = lesson->talk;
    struct slice canonical =
        address_canonical(address, talk->settings->recipient_delimiter, lesson->arena);
    size_t at = slice_find_last_byte(canonical, '@');
    if (slice_is_nocase(slice_from(canonical, at + 1), talk->settings->domain))
        return 1;
    return contact_is_known(talk->store, talk->keys, talk->member.row.id, canonical, err);
}

static int read_reply_to(struct lesson *lesson, struct slice message, struct error *err)
{
    struct header_field field;
    struct mailbox *mailboxes;
    size_t count, broken;
    struct error ignored = {0};
    if (!header_find(message, "Reply-To", &field) ||
        address_parse_list(field.value, lesson->arena, &mailboxes, &count, &broken, &ignored) !=
            0 ||
        count == 0)
        return 0;
    int is_hers = is_of_her_people(lesson, &mailboxes[0].address, err);
    if (is_hers == 0)
        lesson->mail.reply_address = mailboxes[0].written;
    return is_hers < 0 ? -1 : 0;
}

/* The names that stand in To and Cc before her own address. */
static void read_own_names(struct lesson *lesson, struct slice message, const char *field_name)
{
    const char *delimiter = lesson->talk->settings->recipient_delimiter;
    struct header_field field;
    struct mailbox *mailboxes;
    size_t count, broken;
    struct error ignored = {0};
    if (!header_find(message, field_name, &field) ||
        address_parse_list(field.value, lesson->arena, &mailboxes, &count, &broken, &ignored) != 0)
        return;
    for (size_t i = 0; i < count && lesson->own_name_count < MOST_OWN_NAMES; i++) {
        struct slice address = address_canonical(&mailboxes[i].address, delimiter, lesson->arena);
        if (slice_equals(address, lesson->talk->member.row.address))
            lesson->own_names[lesson->own_name_count++] = mailboxes[i].display;
    }
}

static int read_message(struct lesson *lesson, struct slice message, struct error *err)
{
    struct facts facts = {.is_automatic = false};
    struct error ignored = {0};
    if (read_reply_to(lesson, message, err) != 0)
        return -1;
    read_own_names(lesson, message, "To");
    read_own_names(lesson, message, "Cc");
    /* What could not be judged is treated as mail of a program: less is learnt. */
    lesson->mail.is_automatic = facts_read_message(message, lesson->arena, &facts, &ignored) != 0 ||
                                facts.is_automatic || facts.is_confirmation || facts.is_login_code;
    if (text_collect(message, budget_of(LIMIT_COLLECT_MILLISECONDS), lesson->arena, &lesson->texts,
                     &ignored) == 0)
        lesson->mail.texts = &lesson->texts;
    return 0;
}

/* Bytes that cannot be opened teach nothing, and her block counts all the same. */
static int open_message(struct lesson *lesson, const struct found_item *found,
                        struct buffer *message, struct error *err)
{
    struct error why = {0};
    if (found->item.size_bytes > (int64_t)READ_BYTES)
        return 0;
    if (find_message(lesson->talk->store, lesson->talk->keys, found->item.message_id, message,
                     &why) == 0)
        return read_message(lesson, buffer_slice(message), err);
    return why.kind == ERROR_INPUT ? 0 : error_set(err, why.kind, "%s", why.text);
}

static int learn(struct lesson *lesson, const struct found_item *found, struct slice sender,
                 struct error *err)
{
    struct conversation *talk = lesson->talk;
    struct likeness *likeness;
    BUFFER_CLEANUP message = buffer_new(READ_BYTES);
    if (open_message(lesson, found, &message, err) != 0 ||
        likeness_read(&lesson->mail, talk->keys, &likeness, err) != 0)
        return -1;
    int failed = likeness_learn(talk->store, talk->keys, &talk->member.row, sender, likeness,
                                lesson->own_names, lesson->own_name_count, talk->now, err);
    likeness_free(likeness);
    return failed;
}

int learn_blocked(struct conversation *talk, const struct found_item *found, struct slice sender,
                  struct error *err)
{
    if (talk->member.wishes.resembling == WISH_OFF)
        return 0;
    ARENA_CLEANUP *arena = arena_new(LIMIT_SCAN_ARENA_BYTES);
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    struct lesson lesson = {.talk = talk,
                            .arena = arena,
                            .mail = {.from_address = found->sheet.from_address,
                                     .from_name = found->sheet.from_display,
                                     .envelope_sender = found->sheet.envelope_sender,
                                     .signed_by = found->sheet.signed_by}};
    return learn(&lesson, found, sender, err);
}
