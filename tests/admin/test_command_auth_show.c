#include "admin/command_auth_show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void expect_json(const struct auth_shown *shown, const char *wanted)
{
    struct error err = {0};
    json_t *object = json_object();
    assert_int_equal(auth_show_fields(shown, object, &err), 0);
    char *text = json_dumps(object, JSON_COMPACT);
    assert_non_null(text);
    assert_string_equal(text, wanted);
    free(text);
    json_decref(object);
}

static void results_have_the_promised_fields(void **state)
{
    (void)state;
    struct dkim_signature signatures[] = {{.result = DKIM_PASS,
                                           .domain = slice_of("example.com"),
                                           .selector = slice_of("sel"),
                                           .algorithm = slice_of("rsa-sha256")},
                                          {.result = DKIM_PERMERROR, .reason = "a tag twice"}};
    struct auth_answer answer = {.has_client = true,
                                 .spf = {.result = SPF_FAIL,
                                         .domain = slice_of("example.net"),
                                         .explanation = slice_of("not mine")},
                                 .dkim = {signatures, 2},
                                 .dmarc = {.result = DMARC_PASS,
                                           .policy = "reject",
                                           .domain = slice_of("example.com"),
                                           .organizational_domain = slice_of("example.com")}};
    struct auth_shown shown = {.answer = &answer, .has_dmarc = true};
    expect_json(
        &shown,
        "{\"spf\":{\"result\":\"fail\",\"domain\":\"example.net\",\"explanation\":\"not mine\"},"
        "\"dkim\":[{\"domain\":\"example.com\",\"selector\":\"sel\",\"algorithm\":\"rsa-sha256\","
        "\"result\":\"pass\",\"reason\":null},{\"domain\":null,\"selector\":null,"
        "\"algorithm\":null,\"result\":\"permerror\",\"reason\":\"a tag twice\"}],"
        "\"dmarc\":{\"result\":\"pass\",\"policy\":\"reject\",\"domain\":\"example.com\","
        "\"organizational_domain\":\"example.com\"}}");
}

static void what_was_not_asked_is_null_or_empty(void **state)
{
    (void)state;
    struct auth_answer answer = {.dmarc = {.result = DMARC_NONE, .policy = ""}};
    struct auth_shown shown = {.answer = &answer, .has_dmarc = true};
    expect_json(&shown, "{\"spf\":null,\"dkim\":[],\"dmarc\":{\"result\":\"none\",\"policy\":null,"
                        "\"domain\":null,\"organizational_domain\":null}}");
    answer.has_client = true;
    shown.has_dmarc = false;
    shown.second_opinion = "pass";
    expect_json(&shown, "{\"spf\":{\"result\":\"none\",\"domain\":\"\",\"explanation\":\"\"},"
                        "\"dkim\":[],\"dmarc\":null,\"second_opinion\":\"pass\"}");
}

static void text_of_a_sender_that_is_no_utf8_is_still_json(void **state)
{
    (void)state;
    struct auth_answer answer = {
        .has_client = true,
        .spf = {.result = SPF_NONE, .domain = slice_of("a\xff\"b\n.example")},
    };
    struct auth_shown shown = {.answer = &answer};
    expect_json(&shown, "{\"spf\":{\"result\":\"none\",\"domain\":\"a?\\\"b\\n.example\","
                        "\"explanation\":\"\"},\"dkim\":[],\"dmarc\":null}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_have_the_promised_fields),
        cmocka_unit_test(what_was_not_asked_is_null_or_empty),
        cmocka_unit_test(text_of_a_sender_that_is_no_utf8_is_still_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
