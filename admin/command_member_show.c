#include "admin/command_member.h"

#include "common/base/clock.h"
#include "common/mail/address.h"
#include "common/store/store_item.h"
#include "common/store/store_likeness.h"
#include "common/store/store_name.h"
#include "policy/contact.h"
#include "review/notice.h"
#include "review/phrases.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *state_name(enum store_member_state state)
{
    switch (state) {
    case STORE_MEMBER_INVITED:
        return "invited";
    case STORE_MEMBER_ON:
        return "on";
    case STORE_MEMBER_OFF:
        return "off";
    }
    return "unasked";
}

static const char *language_name(int language)
{
    static const char *const names[] = {"es", "pt", "en"};
    return names[language];
}

static void set_time(json_t *object, const char *name, int64_t when)
{
    char text[CLOCK_DATE_BYTES];
    clock_write_timestamp(when, text);
    json_object_set_new(object, name, when == 0 ? json_null() : json_string(text));
}

static json_t *text(struct slice s)
{
    json_t *string = json_stringn(s.data == NULL ? "" : s.data, s.size);
    return string == NULL ? json_string("") : string; /* no valid UTF-8 */
}

static json_t *row_to_json(const struct store_member *row)
{
    json_t *object = json_object();
    json_object_set_new(object, "address", text(row->address));
    json_object_set_new(object, "state", json_string(state_name(row->state)));
    json_object_set_new(object, "language", json_string(language_name(row->language)));
    set_time(object, "invited_at", row->invited_at);
    set_time(object, "consented_at", row->consented_at);
    set_time(object, "stopped_at", row->stopped_at);
    set_time(object, "last_digest_at", row->last_digest_at);
    json_object_set_new(object, "consent_note", text(row->consent_note));
    return object;
}

static int print_json(json_t *value, struct error *err)
{
    int failed = json_dumpf(value, stdout, JSON_INDENT(2));
    json_decref(value);
    putchar('\n');
    return failed == 0 ? 0 : error_set(err, ERROR_SYSTEM, "standard output");
}

int member_list(struct member_desk *desk, struct error *err)
{
    struct store_member *members;
    size_t count;
    if (store_member_list(desk->review.store, desk->arena, &members, &count, err) != 0)
        return -1;
    if (desk->wanted->is_json) {
        json_t *array = json_array();
        for (size_t i = 0; i < count; i++)
            json_array_append_new(array, row_to_json(&members[i]));
        return print_json(array, err);
    }
    for (size_t i = 0; i < count; i++)
        printf("%-8s %s  " SLICE_FORMAT "\n", state_name(members[i].state),
               language_name(members[i].language), SLICE_ARGUMENTS(members[i].address));
    return 0;
}

struct shown {
    struct member member;
    int64_t contacts, names, likenesses;
    size_t held;
};

static void print_shown(const struct shown *shown)
{
    const struct store_member *row = &shown->member.row;
    char when[CLOCK_DATE_BYTES];
    clock_write_timestamp(row->consented_at, when);
    printf(SLICE_FORMAT ": %s\n", SLICE_ARGUMENTS(row->address), state_name(row->state));
    if (row->consented_at != 0)
        printf("said yes: %s, " SLICE_FORMAT "\n", when, SLICE_ARGUMENTS(row->consent_note));
    printf("held: %zu, people she wrote to: %" PRId64 ", names she signs with: %" PRId64
           ", traits of senders she blocked: %" PRId64 "\n\n",
           shown->held, shown->contacts, shown->names, shown->likenesses);
    for (const struct option_row *option = wishes_rows; option->name != NULL; option++) {
        BUFFER_CLEANUP value = buffer_new(200);
        wishes_print(&shown->member.wishes, option, &value);
        printf("%-27s %s\n", option->name, value.data);
    }
}

static json_t *shown_to_json(const struct shown *shown)
{
    json_t *object = row_to_json(&shown->member.row), *settings = json_object();
    for (const struct option_row *option = wishes_rows; option->name != NULL; option++) {
        BUFFER_CLEANUP value = buffer_new(200);
        wishes_print(&shown->member.wishes, option, &value);
        json_object_set_new(settings, option->name, json_string(value.data));
    }
    json_object_set_new(object, "settings", settings);
    json_object_set_new(object, "held", json_integer((json_int_t)shown->held));
    json_object_set_new(object, "contacts", json_integer(shown->contacts));
    json_object_set_new(object, "names", json_integer(shown->names));
    json_object_set_new(object, "likenesses", json_integer(shown->likenesses));
    return object;
}

/* Settings are hers: looking at them stands in her log too. */
int member_show(struct member_desk *desk, struct error *err)
{
    struct shown shown;
    struct store_item *items;
    if (member_desk_find(desk, &shown.member, err) != 0)
        return -1;
    const struct store_item_filter held = {
        .member_id = shown.member.row.id, .states = 1U << STORE_ITEM_HELD, .without_split = true};
    if (store_item_list(desk->review.store, &held, desk->arena, &items, &shown.held, err) != 0 ||
        store_contact_count(desk->review.store, shown.member.row.id, &shown.contacts, err) != 0 ||
        store_name_count(desk->review.store, shown.member.row.id, &shown.names, err) != 0 ||
        store_likeness_count(desk->review.store, shown.member.row.id, &shown.likenesses, err) !=
            0 ||
        member_desk_log(desk, &shown.member, "settings shown", "", err) != 0)
        return -1;
    if (desk->wanted->is_json)
        return print_json(shown_to_json(&shown), err);
    print_shown(&shown);
    return 0;
}

static int add_contact(struct member_desk *desk, const struct member *member, struct slice typed,
                       struct error *err)
{
    struct address address;
    if (address_parse_path(typed, desk->arena, &address, err) != 0)
        return -1;
    if (slice_is_empty(address.local) || slice_is_empty(address.domain))
        return error_set(err, ERROR_INPUT, "not an address");
    struct slice canonical =
        address_canonical(&address, desk->settings.recipient_delimiter, desk->arena);
    if (slice_is_empty(canonical))
        return arena_error(desk->arena, err);
    return contact_add(desk->review.store, &desk->keys, member->row.id, canonical, desk->review.now,
                       err);
}

/* From standard input, one address a line: her address book does not have to stand in a history. */
static int read_contacts(struct member_desk *desk, const struct member *member, size_t *count,
                         struct error *err)
{
    char line[2000];
    for (size_t number = 1; fgets(line, sizeof line, stdin) != NULL; number++) {
        struct slice typed = slice_trim(slice_of(line));
        if (slice_is_empty(typed))
            continue;
        if (add_contact(desk, member, typed, err) != 0)
            return error_context(err, "line %zu", number);
        ++*count;
    }
    return ferror(stdin) ? error_system(err, "standard input") : 0;
}

/* contacts add MEMBER [ADDRESS...]: people she tells us she knows, before she ever wrote to them
 * through this server. */
int member_contacts(struct member_desk *desk, struct error *err)
{
    struct member member;
    size_t count = 0;
    char note[40];
    if (strcmp(desk->words.words[0], "import") == 0)
        return member_contacts_import(desk, err);
    if (strcmp(desk->words.words[0], "add") != 0 || desk->words.count < 2)
        return error_set(err, ERROR_USAGE,
                         "contacts add MEMBER [ADDRESS ...], or contacts import "
                         "FILE.vcf|MAILDIR MEMBER");
    desk->words.words++;
    desk->words.count--;
    if (member_desk_find(desk, &member, err) != 0)
        return -1;
    for (size_t i = 1; i < desk->words.count; i++, count++)
        if (add_contact(desk, &member, slice_of(desk->words.words[i]), err) != 0)
            return error_context(err, "address %zu", i);
    if (desk->words.count == 1 && read_contacts(desk, &member, &count, err) != 0)
        return -1;
    snprintf(note, sizeof note, "%zu", count);
    if (member_desk_log(desk, &member, "contacts added", note, err) != 0 ||
        notice_queue(&desk->review, &member, 0,
                     phrase(member.wishes.language,
                            "The admin of this mail server has added people you know. Mail from "
                            "them is treated as mail from people you have written to."),
                     err) != 0)
        return -1;
    if (desk->wanted->is_json)
        printf("{\"added\": %zu}\n", count);
    else
        printf("%zu added; a mail tells her so\n", count);
    return 0;
}
