#include "review/reply.h"

#include "common/base/limits.h"
#include "common/mail/header.h"
#include "common/mail/text.h"
#include "review/quote.h"

#define TEXT_MILLISECONDS 5000
#define MESSAGE_ID_BYTES 250 /* a longer one is not written back: RFC 5322 lines end at 998 */

/* Fields whose presence alone says that a machine wrote. */
static const char *const machine_fields[] = {
    "List-Id",      "List-Unsubscribe", "X-Autoreply",      "X-Autorespond",
    "X-Auto-Reply", "X-Autoresponder",  "X-Mail-Autoreply", "X-Autoreply-From"};
static const char *const machine_precedences[] = {"bulk", "junk", "auto_reply", "list"};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* The first word of the first field of that name; empty when there is none. */
static struct slice first_word(struct slice mail, const char *name, struct arena *arena)
{
    struct header_field field;
    if (!header_find(mail, name, &field))
        return slice_of(NULL);
    struct slice value = header_unfold(field.value, arena);
    size_t size = 0;
    while (size < value.size && value.data[size] != ';' && value.data[size] != ' ' &&
           value.data[size] != '\t' && value.data[size] != '(')
        size++;
    return slice_part(value, 0, size);
}

/* RFC 3834 section 2, and what programs older than it write. */
static const char *find_machine(struct slice mail, struct slice envelope_sender,
                                struct arena *arena)
{
    struct slice submitted = first_word(mail, "Auto-Submitted", arena);
    struct slice precedence = first_word(mail, "Precedence", arena);
    if (submitted.size > 0 && !slice_is_nocase(submitted, "no"))
        return "auto-submitted";
    for (size_t i = 0; i < COUNT(machine_precedences); i++)
        if (slice_is_nocase(precedence, machine_precedences[i]))
            return "precedence";
    for (size_t i = 0; i < COUNT(machine_fields); i++)
        if (header_count(mail, machine_fields[i]) > 0)
            return "list or autoreply field";
    if (slice_is(first_word(mail, "Return-Path", arena), "<>") ||
        (envelope_sender.data != NULL && slice_trim(envelope_sender).size == 0) ||
        slice_is(slice_trim(envelope_sender), "<>") ||
        slice_is_nocase(slice_part(envelope_sender, 0, slice_find_byte(envelope_sender, '@')),
                        "MAILER-DAEMON")) /* what pipe(8) writes for it unless told otherwise */
        return "null sender";
    if (slice_starts_with_nocase(first_word(mail, "Content-Type", arena), "multipart/report"))
        return "delivery report";
    return NULL;
}

static bool is_shown(const struct text_piece *piece, const char *source)
{
    return piece->where == TEXT_BODY && !piece->is_hidden &&
           slice_is(slice_of(piece->source), source);
}

/* The first text/plain part that is not empty; else all of the HTML, as a reader sees it. */
static int choose_text(const struct text_set *set, struct arena *arena, struct slice *text_out,
                       struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(LIMIT_REPLY_BYTES);
    for (size_t i = 0; i < set->count; i++) {
        if (is_shown(&set->pieces[i], "text/plain") && slice_trim(set->pieces[i].text).size > 0) {
            *text_out = set->pieces[i].text;
            return 0;
        }
    }
    for (size_t i = 0; i < set->count; i++) {
        if (!is_shown(&set->pieces[i], "text/html"))
            continue;
        if (buffer_append(&text, set->pieces[i].text) != 0 || buffer_append_byte(&text, '\n') != 0)
            break; /* only the top matters */
    }
    *text_out = arena_copy(arena, buffer_slice(&text));
    return text.size > 0 && text_out->data == NULL ? arena_error(arena, err) : 0;
}

/* One msg-id of printable ASCII; anything else is left out of In-Reply-To. */
static const char *find_message_id(struct slice mail, struct arena *arena)
{
    struct slice id = first_word(mail, "Message-ID", arena);
    if (id.size < 3 || id.size > MESSAGE_ID_BYTES || id.data[0] != '<' ||
        id.data[id.size - 1] != '>')
        return NULL;
    for (size_t i = 0; i < id.size; i++)
        if (id.data[i] <= ' ' || id.data[i] > '~')
            return NULL;
    return arena_copy(arena, id).data;
}

int reply_read(struct slice mail, struct slice envelope_sender, const struct settings *settings,
               struct arena *arena, struct reply *reply_out, struct error *err)
{
    struct reply reply = {0};
    struct text_set set;
    struct slice text;
    reply.automatic = find_machine(mail, envelope_sender, arena);
    reply.message_id = find_message_id(mail, arena);
    reply.body = header_body(mail);
    if (reply.automatic == NULL) {
        if (text_collect(mail, budget_of(TEXT_MILLISECONDS), arena, &set, err) != 0 ||
            choose_text(&set, arena, &text, err) != 0)
            return error_context(err, "reply");
        struct quote_cut cut = quote_cut_text(text, settings->reply_user);
        reply.own = cut.own;
        reply.has_text_below = cut.has_text_below;
    }
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    *reply_out = reply;
    return 0;
}
