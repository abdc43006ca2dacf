#include "policy/member.h"

#include "common/mail/address.h"
#include "common/store/store_lane.h"
#include "common/store/store_likeness.h"
#include "common/store/store_name.h"
#include "common/store/store_sender.h"
#include "quarantine/expire.h"
#include <string.h>

/* Canonical form of an address as typed or as in RCPT; a bare local part is one of ours. */
static int canonical(const struct settings *settings, struct slice recipient, struct arena *arena,
                     struct slice *address_out, struct error *err)
{
    struct address address;
    if (address_parse_path(slice_trim(recipient), arena, &address, err) != 0)
        return -1;
    if (slice_is_empty(address.local))
        return error_set(err, ERROR_INPUT, "an address is missing");
    if (slice_is_empty(address.domain))
        address.domain = slice_of(settings->domain);
    *address_out = address_canonical(&address, settings->recipient_delimiter, arena);
    if (slice_is_empty(*address_out))
        return arena_error(arena, err);
    return 0;
}

/* A setting that an older or newer version wrote and this one does not know keeps its default. */
static int load_wishes(struct store *store, struct arena *arena, struct member *member,
                       struct error *err)
{
    struct store_setting *settings;
    size_t count;
    wishes_set_defaults(&member->wishes);
    member->wishes.language = member->row.language;
    if (store_settings_list(store, member->row.id, arena, &settings, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (wishes_load(&member->wishes, settings[i].name, settings[i].value, NULL) != 0)
            continue;
    }
    return 0;
}

int member_find(struct store *store, const struct settings *settings, struct slice recipient,
                struct arena *arena, struct member *member_out, struct error *err)
{
    struct slice address;
    struct member member;
    struct error why = {0};
    if (canonical(settings, recipient, arena, &address, &why) != 0) {
        if (why.kind == ERROR_INPUT)
            return 0;
        return error_set(err, why.kind, "%s", why.text);
    }
    int found = store_member_find(store, address, arena, &member.row, err);
    if (found != 1)
        return found;
    if (load_wishes(store, arena, &member, err) != 0)
        return -1;
    *member_out = member;
    return 1;
}

int member_get(struct store *store, int64_t id, struct arena *arena, struct member *member_out,
               struct error *err)
{
    struct member member;
    int found = store_member_get(store, id, arena, &member.row, err);
    if (found != 1)
        return found;
    if (load_wishes(store, arena, &member, err) != 0)
        return -1;
    *member_out = member;
    return 1;
}

bool member_is_on(const struct member *member)
{
    return member->row.state == STORE_MEMBER_ON;
}

/* What she is promised in the invitation stays hers when the admin changes the server's default. */
static int keep_promised_days(struct store *store, const struct settings *settings,
                              struct member *member, struct error *err)
{
    char days[24];
    BUFFER_CLEANUP text = buffer_new(sizeof days);
    buffer_printf(&text, "%lld", (long long)settings->keep_days);
    return member_set(store, member, slice_of("keep"), buffer_slice(&text), err);
}

int member_invite(struct store *store, const struct settings *settings, struct slice address,
                  int language, int64_t now, struct member *member_out, struct arena *arena,
                  struct error *err)
{
    struct member member = {0};
    struct slice plain;
    if (canonical(settings, address, arena, &plain, err) != 0)
        return -1;
    int found = store_member_find(store, plain, arena, &member.row, err);
    if (found < 0)
        return -1;
    if (found == 1 && member.row.state == STORE_MEMBER_ON)
        return error_set(err, ERROR_INPUT, "this member is on already");
    if (found == 0)
        member.row = (struct store_member){.address = plain};
    member.row.state = STORE_MEMBER_INVITED;
    member.row.language = language;
    member.row.invited_at = now;
    if (store_member_put(store, &member.row, err) != 0 ||
        load_wishes(store, arena, &member, err) != 0)
        return -1;
    if (found == 0 && keep_promised_days(store, settings, &member, err) != 0)
        return -1;
    *member_out = member;
    return 0;
}

int member_consent(struct store *store, struct member *member, struct slice note, int64_t now,
                   struct error *err)
{
    struct store_member row = member->row;
    row.state = STORE_MEMBER_ON;
    row.consented_at = now;
    row.consent_note = note;
    if (store_member_put(store, &row, err) != 0)
        return -1;
    member->row = row;
    return 0;
}

int member_stop(struct store *store, struct member *member, int64_t now, struct error *err)
{
    struct store_member row = member->row;
    row.state = STORE_MEMBER_OFF;
    row.stopped_at = now;
    if (store_member_put(store, &row, err) != 0 || expire_by_age_alone(store, row.id, err) != 0)
        return -1;
    member->row = row;
    return 0;
}

int member_forget(struct store *store, struct member *member, struct error *err)
{
    return store_member_forget(store, member->row.id, err);
}

/* Written as wishes_print() prints it, so that the database holds one spelling. */
static int put_setting(struct store *store, const struct member *member, const char *name,
                       const struct wishes *wishes, struct error *err)
{
    BUFFER_CLEANUP value = buffer_new(200);
    wishes_print(wishes, option_find(wishes_rows, slice_of(name)), &value);
    if (buffer_check(&value, name, err) != 0)
        return -1;
    return store_setting_put(store, member->row.id, slice_of(name), buffer_slice(&value), err);
}

int member_set(struct store *store, struct member *member, struct slice name, struct slice value,
               struct error *err)
{
    struct wishes wishes = member->wishes;
    if (wishes_set(&wishes, name, value, err) != 0)
        return -1;
    if (slice_is(name, "language")) { /* its home is the member's row */
        struct store_member row = member->row;
        row.language = wishes.language;
        if (store_member_put(store, &row, err) != 0)
            return -1;
        member->row = row;
    } else if (put_setting(store, member, wishes_find(name)->name, &wishes, err) != 0) {
        return -1;
    }
    /* After the wish, so that nobody adds one in between. */
    if (slice_is(name, "correspondents") && wishes.correspondents == WISH_CORRESPONDENTS_OFF &&
        store_contact_forget(store, member->row.id, err) != 0)
        return -1;
    if (slice_is(name, "lane") && wishes.lane == WISH_LANE_OFF &&
        store_lane_forget(store, member->row.id, err) != 0)
        return -1;
    if (slice_is(name, "resembling") && wishes.resembling == WISH_OFF &&
        store_likeness_forget_all(store, member->row.id, err) != 0)
        return -1;
    if (wishes.category[CATEGORY_IMPERSONATION] == WISH_OFF &&
        store_name_forget(store, member->row.id, err) != 0)
        return -1;
    member->wishes = wishes;
    return 0;
}
