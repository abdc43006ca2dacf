#include "policy/contact.h"

#include "policy/member.h"
#include "policy/sender.h"
#include "tests/policy/room.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW 1795428000

static int64_t member_of(struct room *room, const char *address)
{
    struct member member;
    assert_int_equal(member_invite(room->store, &room->settings, slice_of(address), 0, NOW, &member,
                                   room->arena, NULL),
                     0);
    return member.row.id;
}

static int is_known(struct room *room, int64_t id, const char *address)
{
    return contact_is_known(room->store, &room->keys, id, slice_of(address), NULL);
}

static void whom_she_wrote_to_is_known_to_her_alone(void **state)
{
    struct room *room = *state;
    int64_t ana = member_of(room, "ana@casa.example"), eva = member_of(room, "eva@casa.example");
    assert_int_equal(is_known(room, ana, "amiga@lejos.example"), 0);
    assert_int_equal(
        contact_add(room->store, &room->keys, ana, slice_of("amiga@lejos.example"), NOW, NULL), 0);
    assert_int_equal(
        contact_add(room->store, &room->keys, ana, slice_of("amiga@lejos.example"), NOW + 1, NULL),
        0);
    assert_int_equal(is_known(room, ana, "amiga@lejos.example"), 1);
    assert_int_equal(is_known(room, eva, "amiga@lejos.example"), 0);
    assert_int_equal(is_known(room, ana, "otra@lejos.example"), 0);
    assert_int_equal(is_known(room, ana, ""), 0);
}

static void old_contacts_are_forgotten(void **state)
{
    struct room *room = *state;
    int64_t ana = member_of(room, "ana@casa.example");
    assert_int_equal(
        contact_add(room->store, &room->keys, ana, slice_of("old@x.example"), NOW, NULL), 0);
    assert_int_equal(
        contact_add(room->store, &room->keys, ana, slice_of("new@x.example"), NOW + 10, NULL), 0);
    assert_int_equal(store_contact_age(room->store, NOW + 5, NULL), 0);
    assert_int_equal(is_known(room, ana, "old@x.example"), 0);
    assert_int_equal(is_known(room, ana, "new@x.example"), 1);
}

static void nobody_can_read_the_addresses_in_the_database(void **state)
{
    struct room *room = *state;
    int64_t ana = member_of(room, "ana@casa.example");
    char path[600];
    assert_int_equal(
        contact_add(room->store, &room->keys, ana, slice_of("secreta@lejos.example"), NOW, NULL),
        0);
    assert_int_equal(sender_set_rule(room->store, &room->keys, ana,
                                     slice_of("secreta@lejos.example"), STORE_SENDER_BLOCK, NOW,
                                     NULL),
                     0);
    snprintf(path, sizeof path, "%s/copy.db", room->folder);
    assert_int_equal(store_backup(room->store, path, NULL), 0);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    static char bytes[1 << 20];
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_in_range(size, 1, sizeof bytes - 1);
    assert_true(slice_find_nocase(slice_new(bytes, size), slice_of("secreta")) == size);
    assert_true(slice_find_nocase(slice_new(bytes, size), slice_of("lejos")) == size);
}

static enum store_sender_rule rule_of(struct room *room, int64_t id, const char *from,
                                      const char *sender)
{
    enum store_sender_rule rule = STORE_SENDER_NONE;
    assert_int_equal(sender_find_rule(room->store, &room->keys, id, slice_of(from),
                                      slice_of(sender), &rule, NULL),
                     0);
    return rule;
}

static void put_rule(struct room *room, int64_t id, const char *address,
                     enum store_sender_rule rule)
{
    assert_int_equal(
        sender_set_rule(room->store, &room->keys, id, slice_of(address), rule, NOW, NULL), 0);
}

static void an_allow_is_earned_by_from_alone_a_block_by_either(void **state)
{
    struct room *room = *state;
    int64_t ana = member_of(room, "ana@casa.example");
    put_rule(room, ana, "amiga@lejos.example", STORE_SENDER_ALLOW);
    put_rule(room, ana, "malo@mal.example", STORE_SENDER_BLOCK);
    put_rule(room, ana, "@todos.example", STORE_SENDER_BLOCK);
    put_rule(room, ana, "una@todos.example", STORE_SENDER_ALLOW);
    static const struct {
        const char *from, *sender;
        enum store_sender_rule rule;
    } rows[] = {
        {"amiga@lejos.example", "amiga@lejos.example", STORE_SENDER_ALLOW},
        {"amiga@lejos.example", "rebote@otro.example", STORE_SENDER_ALLOW},
        {"x@y.example", "amiga@lejos.example", STORE_SENDER_NONE},
        {"malo@mal.example", "x@y.example", STORE_SENDER_BLOCK},
        {"x@y.example", "malo@mal.example", STORE_SENDER_BLOCK},
        {"amiga@lejos.example", "malo@mal.example", STORE_SENDER_BLOCK},
        {"otro@todos.example", "", STORE_SENDER_BLOCK},
        {"una@todos.example", "una@todos.example", STORE_SENDER_ALLOW},
        {"x@y.example", "", STORE_SENDER_NONE},
        {"", "", STORE_SENDER_NONE},
        {"otra@lejos.example", "otra@lejos.example", STORE_SENDER_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rule_of(room, ana, rows[i].from, rows[i].sender) != rows[i].rule)
            fail_msg("From %s, sender %s", rows[i].from, rows[i].sender);
}

static void a_rule_is_replaced_and_removed(void **state)
{
    struct room *room = *state;
    int64_t ana = member_of(room, "ana@casa.example"), eva = member_of(room, "eva@casa.example");
    put_rule(room, ana, "x@y.example", STORE_SENDER_BLOCK);
    put_rule(room, ana, "x@y.example", STORE_SENDER_ALLOW);
    assert_int_equal(rule_of(room, ana, "x@y.example", ""), STORE_SENDER_ALLOW);
    assert_int_equal(rule_of(room, eva, "x@y.example", ""), STORE_SENDER_NONE);
    assert_int_equal(
        sender_clear_rule(room->store, &room->keys, ana, slice_of("x@y.example"), NULL), 1);
    assert_int_equal(
        sender_clear_rule(room->store, &room->keys, ana, slice_of("x@y.example"), NULL), 0);
    assert_int_equal(rule_of(room, ana, "x@y.example", ""), STORE_SENDER_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_setup, room_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whom_she_wrote_to_is_known_to_her_alone),
        TEST(old_contacts_are_forgotten),
        TEST(nobody_can_read_the_addresses_in_the_database),
        TEST(an_allow_is_earned_by_from_alone_a_block_by_either),
        TEST(a_rule_is_replaced_and_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
