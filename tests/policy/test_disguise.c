#include "common/base/limits.h"
#include "common/store/store_name.h"
#include "policy/disguise.h"
#include "policy/member.h"
#include "policy/member_name.h"

#include "tests/policy/room.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW 1795428000

/* The house is casa.example; ana.perez and luz live there, and Luz signs as Luz Rojas. */
struct row {
    const char *claim;
    const char *display, *from, *reply;
    bool is_proven, is_automatic, is_list, is_inside, is_unknown_client;
    enum dmarc_result dmarc;
    enum spf_result spf;
    enum disguise kind;
    bool is_spelled;
};

#define STRANGER "mala@extrano.example"
#define PROVEN .is_proven = true
#define NOBODY .kind = DISGUISE_NONE

static const struct row rows[] = {
    {"a stranger is a stranger", "Mala Hierba", STRANGER, NULL, NOBODY},
    {"nothing in From is nobody", "", "", NULL, NOBODY},

    {"the name that an address spells", "Ana P\u00e9rez", STRANGER, NULL, .kind = DISGUISE_NAME},
    {"proven or not", "Ana P\u00e9rez", STRANGER, NULL, PROVEN, .kind = DISGUISE_NAME},
    {"in another order", "PEREZ, Ana", STRANGER, NULL, .kind = DISGUISE_NAME},
    {"in other letters", "\u0410na P\u0435r\u0435z", STRANGER, NULL, .kind = DISGUISE_NAME},
    {"with something behind it", "Ana P\u00e9rez (Casa)", STRANGER, NULL, .kind = DISGUISE_NAME},
    {"the name she signs with", "Luz Rojas", STRANGER, NULL, .kind = DISGUISE_NAME},
    {"a first name is everybody's", "Ana", STRANGER, NULL, NOBODY},
    {"a longer name is another person's", "Ana P\u00e9rez G\u00f3mez", STRANGER, NULL, NOBODY},
    {"a namesake of half the name", "Ana Rojas", STRANGER, NULL, NOBODY},
    {"an address that spells it may be her private one", "Ana P\u00e9rez", "aperez@gmail.com", NULL,
     PROVEN, .kind = DISGUISE_NAME, .is_spelled = true},
    {"unless nothing proves it", "Ana P\u00e9rez", "aperez@gmail.com", NULL, .kind = DISGUISE_NAME},
    {"who is off is not looked after", "Eva Luna", STRANGER, NULL, NOBODY},

    {"a service writes in her name", "Ana P\u00e9rez", "notifications@github.com", NULL, PROVEN,
     .is_automatic = true},
    {"or by a mailbox nobody reads", "Ana P\u00e9rez", "no-reply@zoom.example", NULL, PROVEN},
    {"a list that rewrites From", "Ana P\u00e9rez via Lista", "lista@lists.example", NULL, PROVEN,
     .is_list = true},
    {"or keeps the address as a name", "ana.perez@casa.example via Lista", "lista@lists.example",
     NULL, PROVEN, .is_list = true},
    {"but only what is proven", "Ana P\u00e9rez", "notifications@github.com", NULL,
     .is_automatic = true, .kind = DISGUISE_NAME},
    {"and not an address made for it", "Ana P\u00e9rez", "ana.perez@extrano.example", NULL, PROVEN,
     .is_automatic = true, .kind = DISGUISE_NAME, .is_spelled = true},

    {"an address of ours as a name", "ana.perez@casa.example", STRANGER, NULL,
     .kind = DISGUISE_SHOWN_ADDRESS},
    {"inside of a name", "Ana (ana.perez@casa.example)", STRANGER, NULL,
     .kind = DISGUISE_SHOWN_ADDRESS},
    {"of nobody in particular", "soporte@casa.example.", STRANGER, NULL,
     .kind = DISGUISE_SHOWN_ADDRESS},
    {"in wide letters", "\uff41\uff4e\uff41\uff20casa.example", STRANGER, NULL,
     .kind = DISGUISE_SHOWN_ADDRESS},
    {"another address as a name is no matter", "yo@otra.example", STRANGER, NULL, NOBODY},
    {"and no address at all", "@casa.example @ ana", STRANGER, NULL, NOBODY},

    {"the server's domain as a name", "casa.example", STRANGER, NULL, .kind = DISGUISE_SERVER},
    {"with an office", "Soporte de casa.example", STRANGER, NULL, .kind = DISGUISE_SERVER},
    {"its label with an office", "Casa Webmail", STRANGER, NULL, .kind = DISGUISE_SERVER},
    {"in other letters", "C4SA Soporte", STRANGER, NULL, .kind = DISGUISE_SERVER},
    {"zaguan itself", "Zagu\u00e1n", STRANGER, NULL, .kind = DISGUISE_SERVER},
    {"its label alone is a word", "Casa", STRANGER, NULL, NOBODY},
    {"its label among other words", "La casa de Ana", STRANGER, NULL, NOBODY},
    {"an office alone", "Soporte", STRANGER, NULL, NOBODY},
    {"a service of the server", "Casa Lista", "casa@lists.example", NULL, PROVEN, .is_list = true},

    {"a copy of the domain", "Ana", "ana@c4sa.example", NULL, .kind = DISGUISE_DOMAIN},
    {"proven to be that copy", "Ana", "ana@casa-example.org", NULL, PROVEN,
     .kind = DISGUISE_DOMAIN},
    {"also when a program writes", "", "no-reply@casa.org", NULL, PROVEN, .is_automatic = true,
     .kind = DISGUISE_DOMAIN},
    {"with somebody else's domain behind", "", "x@casa.example.extrano.example", NULL,
     .kind = DISGUISE_DOMAIN},
    {"answers to a copy", "Mala Hierba", STRANGER, "ana@casa-example.org", .kind = DISGUISE_REPLY},
    {"answers to us are fine", "Mala Hierba", STRANGER, "ana@casa.example", NOBODY},
    {"answers elsewhere are fine", "Mala Hierba", STRANGER, "otra@otra.example", NOBODY},

    {"a member's address that nothing proves", "", "ana.perez@casa.example", NULL,
     .kind = DISGUISE_ADDRESS},
    {"zaguan's own", "zaguan", "zaguan@casa.example", NULL, .kind = DISGUISE_ADDRESS},
    {"the admin's", "", "postmaster@casa.example", NULL, .kind = DISGUISE_ADDRESS},
    {"proven it is hers", "Ana P\u00e9rez", "ana.perez@casa.example", NULL, PROVEN},
    {"a colleague in her name is no stranger", "Ana P\u00e9rez", "luz@casa.example", NULL, PROVEN},
    {"of a sub-domain", "Ana P\u00e9rez", "ana@listas.casa.example", NULL, PROVEN},
    {"another address of the house", "", "web@casa.example", NULL, NOBODY},
    {"unless DMARC speaks against it", "", "web@casa.example", NULL, .dmarc = DMARC_FAIL,
     .kind = DISGUISE_ADDRESS},
    {"her address by her login", "", "ana.perez@casa.example", NULL, .is_inside = true},
    {"a copy by a login", "", "ana@casa.org", NULL, .is_inside = true},
    {"DNS is away", "", "ana.perez@casa.example", NULL, .spf = SPF_TEMPERROR},
    {"DNS is away for DMARC", "", "ana.perez@casa.example", NULL, .dmarc = DMARC_TEMPERROR},
    {"nobody knows who handed it in", "", "ana.perez@casa.example", NULL,
     .is_unknown_client = true},
    {"a list that passes it on", "", "ana.perez@casa.example", NULL, .is_list = true,
     .spf = SPF_PASS},
    {"who only says to be a list", "", "ana.perez@casa.example", NULL, .is_list = true,
     .spf = SPF_FAIL, .kind = DISGUISE_ADDRESS},
};

static struct disguise_found find(struct room *room, const struct household *house,
                                  const struct row *row)
{
    struct auth_answer auth = {.has_client = !row->is_unknown_client,
                               .from_count = 1,
                               .from_domain = slice_of("any.example"),
                               .spf = {.result = row->spf},
                               .dmarc = {.result = row->dmarc}};
    if (row->is_proven)
        auth.dmarc = (struct dmarc_answer){.result = DMARC_PASS, .is_aligned_by_spf = true};
    struct disguise_mail mail = {.display = slice_of(row->display),
                                 .from_address = slice_of(row->from),
                                 .auth = &auth,
                                 .is_automatic = row->is_automatic,
                                 .is_list = row->is_list,
                                 .is_inside = row->is_inside};
    if (row->reply != NULL) {
        struct slice reply = slice_of(row->reply);
        mail.reply_domains[0] = slice_from(reply, slice_find_byte(reply, '@') + 1);
        mail.reply_count = 1;
    }
    struct disguise_found found;
    disguise_find(house, &mail, room->arena, &found);
    return found;
}

static int64_t add(struct room *room, const char *address, const char *from)
{
    struct member member;
    assert_int_equal(member_invite(room->store, &room->settings, slice_of(address),
                                   SETTINGS_LANGUAGE_ES, NOW, &member, room->arena, NULL),
                     0);
    assert_int_equal(member_consent(room->store, &member, slice_of("by reply"), NOW, NULL), 0);
    assert_int_equal(member_name_learn(room->store, &room->keys, &room->settings, &member,
                                       slice_of(from), room->arena, NOW, NULL),
                     0);
    return member.row.id;
}

static struct household *read_house(struct room *room)
{
    struct household *house;
    assert_int_equal(household_read(room->store, &room->keys, &room->settings, &house, NULL), 0);
    return house;
}

static void each_mail_is_seen_for_what_it_is(void **state)
{
    struct room *room = *state;
    int64_t ana = add(room, "ana.perez@casa.example", "");
    int64_t luz = add(room, "luz@casa.example", "Luz Rojas <luz@casa.example>");
    add(room, "eva.luna@casa.example", "");
    struct member eva;
    assert_int_equal(
        member_find(room->store, &room->settings, slice_of("eva.luna"), room->arena, &eva, NULL),
        1);
    assert_int_equal(member_stop(room->store, &eva, NOW, NULL), 0);
    struct household *house = read_house(room);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct disguise_found found = find(room, house, &rows[i]);
        if (found.kind != rows[i].kind)
            fail_msg("%s: %s \"%s\"", rows[i].claim, rows[i].from, disguise_name(found.kind));
        assert_int_equal(found.is_spelled, rows[i].is_spelled);
        if (found.kind == DISGUISE_NAME)
            assert_true(found.bearer_count == 1 &&
                        (found.bearers[0] == ana || found.bearers[0] == luz));
    }
    household_free(house);
}

static void namesakes_are_all_told(void **state)
{
    struct room *room = *state;
    struct household *house;
    const struct row row = {"", "Ana P\u00e9rez", STRANGER, NULL, NOBODY};
    for (int i = 0; i < DISGUISE_MOST_BEARERS + 2; i++) {
        char address[64];
        snprintf(address, sizeof address, "ana.perez%d@casa.example", i);
        add(room, address, "");
        house = read_house(room);
        struct disguise_found found = find(room, house, &row);
        assert_int_equal(found.bearer_count,
                         i < DISGUISE_MOST_BEARERS ? i + 1 : DISGUISE_MOST_BEARERS);
        household_free(house);
    }
}

static void without_a_database_members_are_those_named(void **state)
{
    struct room *room = *state;
    struct slice addresses[] = {slice_of("ana.perez@otra.example"), slice_of("luz@otra.example"),
                                slice_of("")};
    struct household *house;
    assert_int_equal(household_of(&room->settings, addresses, 3, &house, NULL), 0);
    const struct row name = {"", "Ana P\u00e9rez", STRANGER, NULL, NOBODY};
    const struct row copy = {"", "", "luz@0tra.example", NULL, NOBODY};
    const struct row home = {"", "", "luz@c4sa.example", NULL, NOBODY};
    struct disguise_found found = find(room, house, &name);
    assert_int_equal(found.kind, DISGUISE_NAME);
    assert_int_equal(found.bearers[0], 1);
    assert_int_equal(find(room, house, &copy).kind, DISGUISE_DOMAIN);
    assert_int_equal(find(room, house, &home).kind, DISGUISE_DOMAIN);
    household_free(house);
}

static void who_stands_above_us_may_host_others(void **state)
{
    struct room *room = *state;
    struct slice address = slice_of("ana.perez@kefir.host.example");
    struct household *house;
    assert_int_equal(household_of(&room->settings, &address, 1, &house, NULL), 0);
    static const struct row rows_above[] = {
        {"", "Ana P\u00e9rez", "x@host.example", NULL, .kind = DISGUISE_NAME},
        {"", "Ana P\u00e9rez", "x@otra.host.example", NULL, .kind = DISGUISE_NAME},
        {"", "", "x@kef1r.host.example", NULL, .kind = DISGUISE_DOMAIN},
        {"", "", "x@host.example", NULL, NOBODY},
        {"", "Ana P\u00e9rez", "x@listas.kefir.host.example", NULL, NOBODY},
    };
    for (size_t i = 0; i < sizeof rows_above / sizeof rows_above[0]; i++)
        assert_int_equal(find(room, house, &rows_above[i]).kind, rows_above[i].kind);
    household_free(house);
}

/* "vps17.hosting.example" is a name in the house of who rents it out. */
static void the_house_of_a_landlord_is_not_ours(void **state)
{
    struct room *room = *state;
    struct household *house;
    snprintf(room->settings.hostname, sizeof room->settings.hostname, "vps17.alquiler.example");
    assert_int_equal(household_of(&room->settings, NULL, 0, &house, NULL), 0);
    const struct row landlord = {"", "", "facturas@alquiler.org", NULL, NOBODY};
    const struct row named = {"", "Alquiler Soporte", "soporte@tickets.example", NULL, NOBODY};
    const struct row unproven = {"",    "", "facturas@alquiler.example", NULL, .dmarc = DMARC_FAIL,
                                 NOBODY};
    assert_int_equal(find(room, house, &landlord).kind, DISGUISE_NONE);
    assert_int_equal(find(room, house, &named).kind, DISGUISE_NONE);
    assert_int_equal(find(room, house, &unproven).kind, DISGUISE_NONE);
    household_free(house);
}

static void a_full_house_is_bounded(void **state)
{
    struct room *room = *state;
    enum { MANY = 2000 };
    static struct slice addresses[MANY];
    for (int i = 0; i < MANY; i++)
        addresses[i] = slice_of(arena_printf(room->arena, "ana.perez@d%d.example", i));
    struct household *house;
    assert_int_equal(household_of(&room->settings, addresses, MANY, &house, NULL), 0);
    struct domain_look look;
    assert_true(lookalike_read(slice_of("d0.example"), room->arena, &look));
    assert_true(household_has_domain(house, &look));
    assert_true(lookalike_read(slice_of("d1999.example"), room->arena, &look));
    assert_false(household_has_domain(house, &look)); /* more domains than are looked after */
    assert_true(household_has_address(house, slice_of("ana.perez@d1999.example")));
    household_free(house);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, room_setup, room_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_mail_is_seen_for_what_it_is),           TEST(namesakes_are_all_told),
        TEST(without_a_database_members_are_those_named), TEST(who_stands_above_us_may_host_others),
        TEST(the_house_of_a_landlord_is_not_ours),        TEST(a_full_house_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
