/* Answers as bytes: each is hostile until it parses. Built here by hand, label by label. */
#include "common/base/limits.h"
#include "common/mail/dns_message.h"
#include "tests/common/mail/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define A_TEST "\1a\4test\0"
#define B_TEST "\1b\4test\0"
#define QUESTION(type) A_TEST "\0" type "\0\1"
#define HEADER(flags, answers, authority) "\x12\x34" flags "\0\1\0" answers "\0" authority "\0\0"
#define TO_QUESTION "\xc0\x0c"
#define RECORD(type, size) "\0" type "\0\1\0\0\0\x3c\0" size
#define SOA                                                                                        \
    "\4test\0\0\6\0\1\0\0\0\x1e\0\x16\0\0"                                                         \
    "\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\x0a"

#define BYTES(text)                                                                                \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

static struct dns_reply read_bytes(struct slice bytes, enum dns_type type, struct arena *arena)
{
    struct dns_reply reply;
    struct slice exact = exact_copy(bytes.data, bytes.size);
    dns_message_read(exact, slice_of("a.test"), type, arena, &reply);
    exact_free(exact);
    return reply;
}

static const struct {
    const char *claim;
    struct slice bytes;
    enum dns_type type;
    enum dns_status status;
    size_t count;
    uint32_t ttl_seconds;
} rows[] = {
    {"an address",
     BYTES(HEADER("\x81\x80", "\1", "\0") QUESTION("\1")
               TO_QUESTION RECORD("\1", "\4") "\xc0\0\2\1"),
     DNS_A, DNS_FOUND, 1, 60},
    {"capitals in the owner's name are the same name",
     BYTES(HEADER("\x81\x80", "\1", "\0")
               QUESTION("\1") "\1A\4TEST\0" RECORD("\1", "\4") "\xc0\0\2\1"),
     DNS_A, DNS_FOUND, 1, 60},
    {"a record of another name does not count",
     BYTES(HEADER("\x81\x80", "\1", "\0") QUESTION("\1") B_TEST RECORD("\1", "\4") "\xc0\0\2\1"),
     DNS_A, DNS_NO_DATA, 0, 5},
    {"a record of another type does not count",
     BYTES(HEADER("\x81\x80", "\1", "\0") QUESTION("\1") TO_QUESTION RECORD("\x10", "\2") "\1x"),
     DNS_A, DNS_NO_DATA, 0, 5},
    {"an alias and its target in one answer",
     BYTES(HEADER("\x81\x80", "\2", "\0") QUESTION("\1")
               TO_QUESTION RECORD("\5", "\4") "\1b\xc0\x0e" B_TEST RECORD("\1", "\4") "\xc0\0\2\1"),
     DNS_A, DNS_FOUND, 1, 60},
    {"an alias to itself is trouble",
     BYTES(HEADER("\x81\x80", "\1", "\0") QUESTION("\1") TO_QUESTION RECORD("\5", "\2")
               TO_QUESTION),
     DNS_A, DNS_TEMPORARY, 0, 0},
    {"NXDOMAIN lives as long as its SOA says",
     BYTES(HEADER("\x81\x83", "\0", "\1") QUESTION("\1") SOA), DNS_A, DNS_NO_NAME, 0, 10},
    {"no data without SOA is hardly kept", BYTES(HEADER("\x81\x80", "\0", "\0") QUESTION("\1")),
     DNS_A, DNS_NO_DATA, 0, 5},
    {"SERVFAIL", BYTES(HEADER("\x81\x82", "\0", "\0") QUESTION("\1")), DNS_A, DNS_TEMPORARY, 0, 0},
    {"REFUSED", BYTES(HEADER("\x81\x85", "\0", "\0") QUESTION("\1")), DNS_A, DNS_TEMPORARY, 0, 0},
    {"a query is no answer", BYTES(HEADER("\1\0", "\0", "\0") QUESTION("\1")), DNS_A, DNS_TEMPORARY,
     0, 0},
    {"a truncated answer is none", BYTES(HEADER("\x83\x80", "\0", "\0") QUESTION("\1")), DNS_A,
     DNS_TEMPORARY, 0, 0},
    {"an address of three bytes",
     BYTES(HEADER("\x81\x80", "\1", "\0") QUESTION("\1") TO_QUESTION RECORD("\1", "\3") "\xc0\0\2"),
     DNS_A, DNS_TEMPORARY, 0, 0},
    {"more records promised than there are",
     BYTES(HEADER("\x81\x80", "\2", "\0") QUESTION("\1")
               TO_QUESTION RECORD("\1", "\4") "\xc0\0\2\1"),
     DNS_A, DNS_TEMPORARY, 0, 0},
    {"data longer than the answer",
     BYTES(HEADER("\x81\x80", "\1", "\0") QUESTION("\1")
               TO_QUESTION RECORD("\1", "\x40") "\xc0\0\2\1"),
     DNS_A, DNS_TEMPORARY, 0, 0},
    {"a pointer to itself",
     BYTES(HEADER("\x81\x80", "\1", "\0")
               QUESTION("\1") "\xc0\x18" RECORD("\1", "\4") "\xc0\0\2\1"),
     DNS_A, DNS_TEMPORARY, 0, 0},
    {"a pointer forwards",
     BYTES(HEADER("\x81\x80", "\1", "\0")
               QUESTION("\1") "\xc0\x20" RECORD("\1", "\4") "\xc0\0\2\1"),
     DNS_A, DNS_TEMPORARY, 0, 0},
    {"a label of a kind that never was",
     BYTES(HEADER("\x81\x80", "\1", "\0")
               QUESTION("\1") "\x80\x0c" RECORD("\1", "\4") "\xc0\0\2\1"),
     DNS_A, DNS_TEMPORARY, 0, 0},
    {"texts of two strings and of an empty one",
     BYTES(HEADER("\x81\x80", "\2", "\0") QUESTION("\x10")
               TO_QUESTION RECORD("\x10", "\5") "\1x\2yz" TO_QUESTION RECORD("\x10", "\1") "\0"),
     DNS_TXT, DNS_FOUND, 2, 60},
    {"a text string longer than its record",
     BYTES(HEADER("\x81\x80", "\1", "\0") QUESTION("\x10") TO_QUESTION RECORD("\x10", "\3") "\3xy"),
     DNS_TXT, DNS_TEMPORARY, 0, 0},
    {"a text record without a string",
     BYTES(HEADER("\x81\x80", "\1", "\0") QUESTION("\x10") TO_QUESTION RECORD("\x10", "\0")),
     DNS_TXT, DNS_TEMPORARY, 0, 0},
    {"a mail exchanger",
     BYTES(HEADER("\x81\x80", "\1", "\0") QUESTION("\x0f")
               TO_QUESTION RECORD("\x0f", "\4") "\0\5" TO_QUESTION),
     DNS_MX, DNS_FOUND, 1, 60},
    {"a host name with a dot inside a label is left out",
     BYTES(HEADER("\x81\x80", "\2", "\0") QUESTION("\x0c")
               TO_QUESTION RECORD("\x0c", "\5") "\3x.y\0" TO_QUESTION RECORD("\x0c", "\3") "\1z\0"),
     DNS_PTR, DNS_FOUND, 1, 60},
    {"bytes after the host name",
     BYTES(HEADER("\x81\x80", "\1", "\0") QUESTION("\x0c")
               TO_QUESTION RECORD("\x0c", "\4") "\1z\0\0"),
     DNS_PTR, DNS_TEMPORARY, 0, 0},
    {"nothing at all", BYTES(""), DNS_A, DNS_TEMPORARY, 0, 0},
};

static void answers_say_what_they_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(1 * MIB);
        struct dns_reply reply = read_bytes(rows[i].bytes, rows[i].type, arena);
        if (reply.status != rows[i].status || reply.count != rows[i].count ||
            (reply.status != DNS_TEMPORARY && reply.ttl_seconds != rows[i].ttl_seconds))
            fail_msg("%s: status %d, %zu records, %u s", rows[i].claim, (int)reply.status,
                     reply.count, reply.ttl_seconds);
    }
}

static void an_answer_cut_anywhere_is_trouble_or_shorter(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t size = 0; size < rows[i].bytes.size; size++) {
            ARENA_CLEANUP *arena = arena_new(1 * MIB);
            struct dns_reply reply =
                read_bytes(slice_part(rows[i].bytes, 0, size), rows[i].type, arena);
            assert_true(reply.status != DNS_FOUND);
        }
}

static void an_alias_without_its_target_is_to_be_asked_for(void **state)
{
    (void)state;
    static const struct slice bytes = BYTES(HEADER("\x81\x80", "\1", "\0") QUESTION("\1")
                                                TO_QUESTION RECORD("\5", "\4") "\1b\xc0\x0e");
    ARENA_CLEANUP *arena = arena_new(1 * MIB);
    struct dns_reply reply = read_bytes(bytes, DNS_A, arena);
    assert_string_equal(reply.alias, "b.test");
}

static void a_query_has_its_name_type_and_edns(void **state)
{
    (void)state;
    static const char wanted[] = "\x12\x34\1\0\0\1\0\0\0\0\0\1\1a\4test\0\0\x10\0\1"
                                 "\0\0\x29\4\xd0\0\0\0\0\0\0";
    unsigned char query[DNS_QUERY_BYTES];
    size_t size = dns_message_write_query(0x1234, slice_of("a.test"), DNS_TXT, true, query);
    assert_int_equal(size, sizeof wanted - 1);
    assert_memory_equal(query, wanted, size);
    size = dns_message_write_query(0x1234, slice_of("a.test"), DNS_TXT, false, query);
    assert_int_equal(size, sizeof wanted - 1 - 11);
    assert_int_equal(query[11], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_say_what_they_say),
        cmocka_unit_test(an_answer_cut_anywhere_is_trouble_or_shorter),
        cmocka_unit_test(an_alias_without_its_target_is_to_be_asked_for),
        cmocka_unit_test(a_query_has_its_name_type_and_edns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
