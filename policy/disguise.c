#include "policy/disguise.h"

#include "common/mail/fold.h"
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define DISPLAY_BYTES ((size_t)1000) /* of a longer display name only so much is looked at */

static const char *const names[] = {
    [DISGUISE_NONE] = "",           [DISGUISE_NAME] = "name",
    [DISGUISE_SERVER] = "server",   [DISGUISE_SHOWN_ADDRESS] = "shown-address",
    [DISGUISE_REPLY] = "reply-to",  [DISGUISE_DOMAIN] = "domain",
    [DISGUISE_ADDRESS] = "address",
};

const char *disguise_name(enum disguise disguise)
{
    return names[disguise];
}

struct looking {
    const struct household *household;
    const struct disguise_mail *mail;
    struct arena *arena;
    struct slice local; /* of From */
    bool is_proven;
};

/* --- an address of ours ----------------------------------------------------------------------- */

/* What could not be asked today may be proven tomorrow. */
static bool has_temporary_error(const struct auth_answer *auth)
{
    if (auth->spf.result == SPF_TEMPERROR || auth->dmarc.result == DMARC_TEMPERROR)
        return true;
    for (size_t i = 0; i < auth->dkim.count; i++)
        if (auth->dkim.signatures[i].result == DKIM_TEMPERROR)
            return true;
    return false;
}

/* A list that writes its own envelope and leaves From as it was breaks every proof of From. */
static bool is_passed_on_by_list(const struct disguise_mail *mail)
{
    return mail->is_list && mail->auth->spf.result == SPF_PASS && !mail->auth->is_null_sender;
}

/* Of addresses nobody is told of, programs elsewhere may write: only DMARC speaks against them. */
static enum disguise judge_own(const struct looking *l)
{
    const struct auth_answer *auth = l->mail->auth;
    if (l->is_proven || !auth->has_client || has_temporary_error(auth) ||
        is_passed_on_by_list(l->mail))
        return DISGUISE_NONE;
    return household_has_address(l->household, l->mail->from_address) ||
                   auth->dmarc.result == DMARC_FAIL
               ? DISGUISE_ADDRESS
               : DISGUISE_NONE;
}

/* Beside another author nothing ever proves one of ours (RFC 7489 section 6.6.1). */
static bool names_us_beside_others(const struct looking *l)
{
    for (size_t i = 0; i < l->mail->more_author_count; i++)
        if (household_has_address(l->household, l->mail->more_authors[i]))
            return l->mail->auth->has_client && !is_passed_on_by_list(l->mail);
    return false;
}

/* --- an address of somebody else -------------------------------------------------------------- */

static bool is_own_domain(const struct looking *l, struct slice domain, bool *is_copy_out)
{
    struct domain_look look;
    *is_copy_out = false;
    if (!lookalike_read(domain, l->arena, &look))
        return false;
    if (household_has_domain(l->household, &look))
        return true;
    *is_copy_out = household_is_copied_by(l->household, &look);
    return false;
}

static bool is_domain_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
           byte == '.' || byte == '_' || (unsigned char)byte >= 0x80;
}

/* "ana@kefir.example" in a display name that stands above another address. */
static bool shows_own_address(const struct looking *l, struct slice folded)
{
    bool unused;
    for (size_t at = slice_find_byte(folded, '@'); at < folded.size;
         at += 1 + slice_find_byte(slice_from(folded, at + 1), '@')) {
        size_t end = at + 1;
        while (end < folded.size && is_domain_byte(folded.data[end]))
            end++;
        while (end > at + 1 && strchr(".-_", folded.data[end - 1]) != NULL)
            end--;
        bool has_local = at > 0 && folded.data[at - 1] != ' ';
        if (has_local && is_own_domain(l, slice_part(folded, at + 1, end - at - 1), &unused))
            return true;
    }
    return false;
}

static bool finds_bearers(const struct looking *l, struct slice display,
                          struct disguise_found *found)
{
    struct full_name shown[FULL_NAME_MOST];
    size_t count = full_name_read(display, l->arena, shown);
    for (size_t i = 0; i < count; i++) {
        found->bearer_count =
            household_bearers(l->household, &shown[i], found->bearers, DISGUISE_MOST_BEARERS);
        if (found->bearer_count > 0) {
            found->is_spelled =
                l->is_proven && full_name_is_spelled_by(&shown[i], l->local, l->arena);
            return true;
        }
    }
    return false;
}

/* Mailboxes of programs, which write in the name of whoever pressed a button. */
static bool is_machine(struct slice local)
{
    static const char *const words[] = {"noreply",      "no-reply",  "no_reply", "donotreply",
                                        "do-not-reply", "notif",     "mailer",   "bounce",
                                        "invitations",  "comments-", "calendar"};
    for (size_t i = 0; i < COUNT(words); i++)
        if (slice_find_nocase(local, slice_of(words[i])) < local.size)
            return true;
    return false;
}

/* Who can be held to the address: a list, a service. Never an address that spells the name. */
static bool writes_for_others(const struct looking *l)
{
    return l->is_proven && (l->mail->is_automatic || l->mail->is_list || is_machine(l->local));
}

static void judge_display(const struct looking *l, struct disguise_found *found)
{
    struct slice display = slice_part(l->mail->display, 0, DISPLAY_BYTES);
    struct folded folded;
    if (slice_is_empty(display))
        return;
    bool is_for_others = writes_for_others(l);
    if (!is_for_others && fold_text(display, FOLD_PLAIN, l->arena, &folded, NULL) == 0 &&
        shows_own_address(l, folded.text))
        found->kind = DISGUISE_SHOWN_ADDRESS;
    else if (!is_for_others && household_is_named(l->household, display, l->arena))
        found->kind = DISGUISE_SERVER;
    else if (finds_bearers(l, display, found) && (!is_for_others || found->is_spelled))
        found->kind = DISGUISE_NAME;
}

static bool answers_go_to_copy(const struct looking *l)
{
    bool is_copy = false;
    for (size_t i = 0; i < l->mail->reply_count && !is_copy; i++)
        (void)is_own_domain(l, l->mail->reply_domains[i], &is_copy);
    return is_copy;
}

void disguise_find(const struct household *household, const struct disguise_mail *mail,
                   struct arena *arena, struct disguise_found *found_out)
{
    struct slice from = mail->from_address, proven;
    size_t at = slice_find_last_byte(from, '@');
    struct looking l = {.household = household,
                        .mail = mail,
                        .arena = arena,
                        .local = slice_part(from, 0, at),
                        .is_proven = auth_proves_sender(mail->auth, &proven)};
    bool is_copy;
    *found_out = (struct disguise_found){.kind = DISGUISE_NONE};
    if (mail->is_inside || slice_is_empty(from))
        return;
    if (names_us_beside_others(&l))
        found_out->kind = DISGUISE_ADDRESS;
    else if (is_own_domain(&l, slice_from(from, at + 1), &is_copy))
        found_out->kind = judge_own(&l);
    else if (is_copy)
        found_out->kind = DISGUISE_DOMAIN;
    else if (answers_go_to_copy(&l))
        found_out->kind = DISGUISE_REPLY;
    else
        judge_display(&l, found_out);
}
