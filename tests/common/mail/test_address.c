#include "common/base/limits.h"
#include "common/mail/address.h"
#include "tests/common/mail/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void paths_of_envelopes_are_split(void **state)
{
    (void)state;
    static const struct {
        const char *path, *local, *domain; /* local NULL: refused */
    } rows[] = {
        {"<ana@example.org>", "ana", "example.org"},
        {"ana@example.org", "ana", "example.org"},
        {"<>", "", ""},
        {" <ana@example.org> ", "ana", "example.org"},
        {"<@one.example,@two.example:ana@example.org>", "ana", "example.org"},
        {"<\"a b\"@example.org>", "a b", "example.org"},
        {"<\"a\\\"@b\"@example.org>", "a\"@b", "example.org"},
        {"<postmaster>", "postmaster", ""},
        {"<ana@[192.0.2.1]>", "ana", "[192.0.2.1]"},
        {"<\u00f1o\u00f1o@ma\u00f1ana.example>", "\u00f1o\u00f1o", "ma\u00f1ana.example"},
        {"<ana@example.org", NULL, NULL},
        {"<a b@example.org>", NULL, NULL},
        {"<a@b@example.org>", NULL, NULL},
        {"<ana@>", NULL, NULL},
        {"<\"ana\"@b@c.example>", NULL, NULL},
        {"<@example.org>", NULL, NULL},
        {"<\"ana@example.org>", NULL, NULL},
        {"<ana@exa mple.org>", NULL, NULL},
        {"", NULL, NULL},
        {"<", NULL, NULL},
        {"\"", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct slice path = exact_text(rows[i].path);
        struct address address;
        struct error err = {ERROR_NONE, ""};
        int result = address_parse_path(path, arena, &address, &err);
        assert_int_equal(result, rows[i].local == NULL ? -1 : 0);
        if (result == 0) {
            assert_slice_is(address.local, rows[i].local);
            assert_slice_is(address.domain, rows[i].domain);
        } else {
            assert_int_equal(err.kind, ERROR_INPUT);
        }
        exact_free(path);
    }
}

static void address_longer_than_the_limit_is_refused(void **state)
{
    (void)state;
    char path[LIMIT_ADDRESS_BYTES + 2];
    memset(path, 'a', sizeof path);
    struct address address;
    ARENA_CLEANUP *arena = arena_new(MIB);
    assert_int_equal(address_parse_path((struct slice){path, sizeof path}, arena, &address, NULL),
                     -1);
}

static void mailboxes_of_fields_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *value, *found; /* display|local|domain; of each */
        size_t broken;
    } rows[] = {
        {"ana@example.org", "|ana|example.org;", 0},
        {"Ana <ana@example.org>", "Ana|ana|example.org;", 0},
        {"\"Ana, la otra\" <ana@example.org>, b@c.example",
         "Ana, la otra|ana|example.org;|b|c.example;", 0},
        {"Ana\r\n  Luz <ana@example.org>", "Ana Luz|ana|example.org;", 0},
        {"ana@example.org (Ana (L) Luz)", "Ana (L) Luz|ana|example.org;", 0},
        {"Todas: a@b.example, C <c@d.example>;", "|a|b.example;C|c|d.example;", 0},
        {"undisclosed-recipients:;", "", 0},
        {"=?utf-8?Q?=C3=81na?= <a@b.example>", "\u00c1na|a|b.example;", 0},
        {"\"=?utf-8?Q?=C3=81na?=\" <a@b.example>", "\u00c1na|a|b.example;", 0},
        {"\"a \\\"b\\\"\" <a@b.example>", "a \"b\"|a|b.example;", 0},
        {"\"a b\"@example.org", "|a b|example.org;", 0},
        {"X <\"a>b\"@example.org>", "X|a>b|example.org;", 0},
        {"a @ b . example", "|a|b.example;", 0},
        {"a@[IPv6:2001:db8::1]", "|a|[IPv6:2001:db8::1];", 0},
        {"X <a@b.example", "", 1},
        {"X <no at sign>, a@b.example", "|a|b.example;", 1},
        {"two words, a@b.example", "|a|b.example;", 1},
        {"\"open <a@b.example>", "", 1},
        {",,a@b.example,,", "|a|b.example;", 0},
        {"a@b.example (open", "", 1},
        {"X <>", "", 1},
        {"", "", 0},
        {"a@b.example\\", "", 1},
        {"<a@b.example> <c@d.example>", "", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct slice value = exact_text(rows[i].value);
        struct mailbox *mailboxes = NULL;
        size_t count = 0, broken = 0;
        assert_int_equal(address_parse_list(value, arena, &mailboxes, &count, &broken, NULL), 0);
        char found[200] = "";
        for (size_t k = 0; k < count; k++) {
            size_t end = strlen(found);
            snprintf(found + end, sizeof found - end, "%.*s|%.*s|%.*s;",
                     SLICE_ARGUMENTS(mailboxes[k].display),
                     SLICE_ARGUMENTS(mailboxes[k].address.local),
                     SLICE_ARGUMENTS(mailboxes[k].address.domain));
        }
        assert_string_equal(found, rows[i].found);
        assert_int_equal(broken, rows[i].broken);
        exact_free(value);
    }
}

static void a_list_without_room_is_an_error(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(64);
    struct mailbox *mailboxes = NULL;
    size_t count = 0, broken = 0;
    struct error err = {ERROR_NONE, ""};
    struct slice value = slice_of("Ana <ana@example.org>, Luz <luz@example.org>, c@d.example");
    assert_int_equal(address_parse_list(value, arena, &mailboxes, &count, &broken, &err), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static void the_same_person_has_one_canonical_form(void **state)
{
    (void)state;
    static const struct {
        const char *path, *delimiter, *canonical;
    } rows[] = {
        {"Ana@Example.ORG", "", "ana@example.org"},
        {"ana+lista@example.org", "+", "ana@example.org"},
        {"ana-x+y@example.org", "+-", "ana@example.org"},
        {"+ana@example.org", "+", "+ana@example.org"},
        {"ana+lista@example.org", "", "ana+lista@example.org"},
        {"\"ana\"@example.org", "", "ana@example.org"},
        {"\"a b\"@example.org", "", "\"a b\"@example.org"},
        {"\"a\\\"b\"@example.org", "", "\"a\\\"b\"@example.org"},
        {"\"a..b\"@example.org", "", "\"a..b\"@example.org"},
        {"ana@ma\u00f1ana.example", "", "ana@xn--maana-pta.example"},
        {"ana@example.org.", "", "ana@example.org"},
        {"postmaster", "+", "postmaster"},
        {"<>", "+", ""},
        {"\"\"@example.org", "+", "\"\"@example.org"},
        {"ana@[192.0.2.1]", "", "ana@[192.0.2.1]"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct address address;
        assert_int_equal(address_parse_path(slice_of(rows[i].path), arena, &address, NULL), 0);
        assert_slice_is(address_canonical(&address, rows[i].delimiter, arena), rows[i].canonical);
    }
}

static void domains_become_lower_case_a_labels(void **state)
{
    (void)state;
    static const struct {
        const char *domain, *ascii; /* NULL: refused */
    } rows[] = {
        {"Example.ORG.", "example.org"},
        {"ma\u00f1ana.example", "xn--maana-pta.example"},
        {"MA\u00d1ANA.example", "xn--maana-pta.example"},
        {"stra\u00dfe.example", "xn--strae-oqa.example"},
        {"_dmarc.example.org", "_dmarc.example.org"},
        {"a..b", NULL},
        {"", NULL},
        {".", NULL},
        {"exa mple", NULL},
        {"[192.0.2.1]", NULL},
        {"\xff\xfe", NULL},
        {"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcd.example", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice domain = exact_text(rows[i].domain);
        char ascii[256] = "untouched";
        int result = address_domain_to_ascii(domain, ascii, sizeof ascii, NULL);
        assert_int_equal(result, rows[i].ascii == NULL ? -1 : 0);
        assert_string_equal(ascii, rows[i].ascii == NULL ? "untouched" : rows[i].ascii);
        exact_free(domain);
    }
    char small[4] = "abc";
    assert_int_equal(address_domain_to_ascii(slice_of("abcd"), small, sizeof small, NULL), -1);
    assert_string_equal(small, "abc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_of_envelopes_are_split),
        cmocka_unit_test(address_longer_than_the_limit_is_refused),
        cmocka_unit_test(mailboxes_of_fields_are_found),
        cmocka_unit_test(a_list_without_room_is_an_error),
        cmocka_unit_test(the_same_person_has_one_canonical_form),
        cmocka_unit_test(domains_become_lower_case_a_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
