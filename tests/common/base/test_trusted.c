#include "common/base/trusted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void a_client_is_trusted_when_a_network_holds_it(void **state)
{
    (void)state;
    static const struct {
        const char *networks, *client;
        bool is_trusted;
    } rows[] = {
        {"", "192.0.2.1", false},
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"192.0.2.0/24", "192.0.2.255", true},
        {"192.0.2.0/24", "192.0.3.0", false},
        {"192.0.2.0/25", "192.0.2.127", true},
        {"192.0.2.0/25", "192.0.2.128", false},
        {"10.0.0.0/8 , 192.0.2.0/31", "192.0.2.1", true},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"2001:db8::/32", "2001:db8:1::1", true},
        {"2001:db8::/32", "2001:db9::1", false},
        {"::/0", "2001:db8::1", true},
        {"2001:db8::1", "2001:DB8:0::1", true},
        {"192.0.2.0/24", "::ffff:192.0.2.7", true},
        {"192.0.2.0/24", "", false},
        {"192.0.2.0/24", "unknown", false},
        {" , ,", "192.0.2.1", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trusted trusted;
        struct error err = {0};
        assert_int_equal(trusted_read(slice_of(rows[i].networks), &trusted, &err), 0);
        if (trusted_contains(&trusted, slice_of(rows[i].client)) != rows[i].is_trusted)
            fail_msg("row %zu: %s in %s", i, rows[i].client, rows[i].networks);
    }
}

static void what_is_no_network_is_an_error_that_names_it(void **state)
{
    (void)state;
    static const char *const wrong[] = {"192.0.2",       "192.0.2.0/33", "2001:db8::/129",
                                        "192.0.2.0/",    "192.0.2.0/-1", "example.org",
                                        "192.0.2.0/24/", "192.0.2.0/2x", "[::1]"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct trusted trusted = {.count = 7};
        struct error err = {0};
        assert_int_equal(trusted_read(slice_of(wrong[i]), &trusted, &err), -1);
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_int_not_equal(slice_find(slice_of(err.text), slice_of(wrong[i])),
                             slice_of(err.text).size);
        assert_int_equal(trusted.count, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_is_trusted_when_a_network_holds_it),
        cmocka_unit_test(what_is_no_network_is_an_error_that_names_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
