#include "policy/likeness.h"

#include "policy/member_name.h"
#include "policy/sender.h"
#include "tests/policy/room.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW 1795428000
#define DAY 86400

static const char threat[] =
    "Sé muy bien dónde vives y a qué hora sales cada mañana del trabajo. Nadie te va a creer "
    "cuando lo cuentes, y la próxima vez que hables en esa radio vas a ver lo que pasa contigo y "
    "con toda tu familia. Todavía estás a tiempo de callarte para siempre y de desaparecer.";
static const char again[] =
    "Sé muy bien dónde vives y a qué hora sales cada tarde del trabajo. Nadie te va a creer "
    "cuando lo cuentes, y la próxima vez que hables en esa radio vas a ver lo que pasa contigo y "
    "con tu familia. Todavía estás a tiempo de callarte para siempre y desaparecer.";
static const char other_text[] =
    "Hola Ana, te escribo por la reunión del sábado en la cooperativa. Traemos pan y fruta, y "
    "Luz pregunta si alguien puede llevar sillas para las compañeras mayores que vienen desde el "
    "otro barrio con el bus de las nueve de la mañana. Un abrazo grande de todas nosotras.";

/* One mail; what is not said is empty. */
struct mail {
    const char *from, *name, *reply_to, *sender, *signed_by, *text;
    bool is_automatic, is_proven;
};

static struct likeness *read_mail(struct room *room, const struct mail *mail)
{
    struct text_piece piece = {
        .where = TEXT_BODY, .text = slice_of(mail->text), .source = "text/plain"};
    const struct text_set set = {&piece, 1, NULL, 0};
    const struct likeness_mail plain = {.from_address = slice_of(mail->from),
                                        .from_name = slice_of(mail->name),
                                        .reply_address = slice_of(mail->reply_to),
                                        .envelope_sender = slice_of(mail->sender),
                                        .signed_by = slice_of(mail->signed_by),
                                        .texts = mail->text == NULL ? NULL : &set,
                                        .is_sender_proven = mail->is_proven,
                                        .is_automatic = mail->is_automatic};
    struct likeness *likeness;
    assert_int_equal(likeness_read(&plain, &room->keys, &likeness, NULL), 0);
    return likeness;
}

static struct store_member member_of(struct room *room, const char *address)
{
    struct member member;
    assert_int_equal(member_invite(room->store, &room->settings, slice_of(address), 0, NOW, &member,
                                   room->arena, NULL),
                     0);
    return member.row;
}

/* As review/do_sender.c does it. */
static void block_at(struct room *room, const struct store_member *member, const struct mail *mail,
                     int64_t now)
{
    const struct slice own_names[] = {slice_of("Ana Pérez")};
    struct likeness *likeness = read_mail(room, mail);
    assert_int_equal(sender_set_rule(room->store, &room->keys, member->id, slice_of(mail->from),
                                     STORE_SENDER_BLOCK, now, NULL),
                     0);
    assert_int_equal(likeness_learn(room->store, &room->keys, member, slice_of(mail->from),
                                    likeness, own_names, 1, now, NULL),
                     0);
    likeness_free(likeness);
}

static void block(struct room *room, const struct store_member *member, const struct mail *mail)
{
    block_at(room, member, mail, NOW);
}

/* "" : by nothing */
static const char *trait_of(struct room *room, const struct store_member *member,
                            const struct mail *mail)
{
    struct likeness *likeness = read_mail(room, mail);
    const char *trait = "not asked";
    assert_int_equal(likeness_find(room->store, &room->keys, member->id, likeness, &trait, NULL),
                     0);
    likeness_free(likeness);
    return trait == NULL ? "" : trait;
}

static const struct mail blocked = {.from = "mal.fulano@gmail.com",
                                    .name = "El Fulano Malo",
                                    .reply_to = "buzon@mal.example",
                                    .sender = "mal.fulano@gmail.com",
                                    .signed_by = "gmail.com em7.sendgrid.net mal.example",
                                    .text = threat};

static const struct row {
    const char *claim;
    struct mail mail;
    const char *trait;
} rows[] = {
    {"a stranger is like nobody",
     {.from = "luz@lejos.example",
      .name = "Luz Marina",
      .reply_to = "luz@lejos.example",
      .signed_by = "lejos.example",
      .text = other_text},
     ""},
    {"another tag is the same address", {.from = "malfulano+2@googlemail.com"}, "address"},
    {"in the envelope too", {.from = "x@y.example", .sender = "m.alfulano@gmail.com"}, "address"},
    {"answers go to whom she blocked",
     {.from = "x@y.example", .reply_to = "malfulano@gmail.com"},
     "reply-to"},
    {"answers go where his went",
     {.from = "x@y.example", .reply_to = "Buzon+7@mal.example"},
     "reply-to"},
    {"whom he named for answers is not he", {.from = "buzon@mal.example"}, ""},
    {"unless the same server signed it",
     {.from = "buzon@mal.example", .signed_by = "mal.example"},
     "domain"},
    {"the same server alone is not he", {.from = "x@mal.example", .signed_by = "mal.example"}, ""},
    {"the server of a provider says nothing",
     {.from = "buzon@mal.example", .signed_by = "gmail.com"},
     ""},
    {"nor does one below a shared name",
     {.from = "buzon@mal.example", .signed_by = "em7.sendgrid.net"},
     ""},
    {"his name, written otherwise", {.from = "x@y.example", .name = "MALO, El Fulano"}, "name"},
    {"a part of his name is not his", {.from = "x@y.example", .name = "El Malo"}, ""},
    {"nearly his text", {.from = "x@y.example", .text = again}, "text"},
    {"the surest trait is said first",
     {.from = "mal.ful.ano@gmail.com", .name = "El Fulano Malo", .text = threat},
     "address"},
    {"a machine may send his text",
     {.from = "x@y.example", .text = again, .is_automatic = true},
     "text"},
};

static void each_trait_is_found(void **state)
{
    struct room *room = *state;
    struct store_member ana = member_of(room, "ana@casa.example"),
                        eva = member_of(room, "eva@casa.example");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(trait_of(room, &ana, &rows[i].mail), "");
    block(room, &ana, &blocked);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *trait = trait_of(room, &ana, &rows[i].mail);
        if (strcmp(trait, rows[i].trait) != 0)
            fail_msg("%s: \"%s\"", rows[i].claim, trait);
        assert_string_equal(trait_of(room, &eva, &rows[i].mail), "");
    }
}

static void mail_of_programs_teaches_address_and_name_alone(void **state)
{
    struct room *room = *state;
    struct store_member ana = member_of(room, "ana@casa.example");
    struct mail list = blocked;
    list.is_automatic = true;
    block(room, &ana, &list);
    static const struct mail others[] = {{.from = "x@y.example", .reply_to = "buzon@mal.example"},
                                         {.from = "buzon@mal.example", .signed_by = "mal.example"},
                                         {.from = "x@y.example", .text = threat}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_string_equal(trait_of(room, &ana, &others[i]), "");
    assert_string_equal(trait_of(room, &ana, &(struct mail){.from = "malfulano@gmail.com"}),
                        "address");
    assert_string_equal(
        trait_of(room, &ana, &(struct mail){.from = "x@y.example", .name = "El Fulano Malo"}),
        "name");
}

static void what_is_her_own_is_no_trait_of_his(void **state)
{
    struct room *room = *state;
    struct store_member ana = member_of(room, "ana.perez@casa.example");
    static const struct mail forged[] = {
        {.from = "ana.perez@casa.example", .name = "Vecina Preocupada"}, /* but this name is his */
        {.from = "a@mal.example", .name = "Pérez, Ana", .reply_to = "ana.perez+x@casa.example"},
        {.from = "b@mal.example", .name = "ana.perez"},
        {.from = "c@mal.example", .name = "Soto Pérez, Anita"}};
    /* the name she signs with, which stands in no field of his mail to her */
    struct member member = {.row = ana};
    member.row.state = STORE_MEMBER_ON;
    wishes_set_defaults(&member.wishes);
    assert_int_equal(member_name_learn(room->store, &room->keys, &room->settings, &member,
                                       slice_of("Anita Pérez Soto <ana.perez@casa.example>"),
                                       room->arena, NOW, NULL),
                     0);
    for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++)
        block(room, &ana, &forged[i]);
    const struct mail hers = {.from = "ana.perez+tienda@casa.example",
                              .name = "Ana Pérez",
                              .reply_to = "ana.perez@casa.example"};
    assert_string_equal(trait_of(room, &ana, &hers), "");
    const struct mail signed_so = {.from = "x@y.example", .name = "Anita Pérez Soto"};
    assert_string_equal(trait_of(room, &ana, &signed_so), "");
    assert_string_equal(
        trait_of(room, &ana, &(struct mail){.from = "x@y.example", .name = "Vecina Preocupada"}),
        "name");
}

static void taking_a_block_back_forgets_what_it_taught(void **state)
{
    struct room *room = *state;
    struct store_member ana = member_of(room, "ana@casa.example");
    struct mail second = blocked;
    int64_t count;
    second.from = "segundo@otro.example";
    block(room, &ana, &blocked);
    block(room, &ana, &second);
    assert_int_equal(sender_set_rule(room->store, &room->keys, ana.id, slice_of(blocked.from),
                                     STORE_SENDER_ALLOW, NOW, NULL),
                     0);
    /* the second one has the same text, and is still blocked */
    assert_string_equal(trait_of(room, &ana, &(struct mail){.from = "malfulano@gmail.com"}), "");
    assert_string_equal(trait_of(room, &ana, &(struct mail){.from = "x@y.example", .text = again}),
                        "text");
    assert_int_equal(
        sender_clear_rule(room->store, &room->keys, ana.id, slice_of(second.from), NULL), 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(trait_of(room, &ana, &rows[i].mail), "");
    assert_int_equal(store_likeness_count(room->store, ana.id, &count, NULL), 0);
}

static void whom_she_excuses_is_somebody_else(void **state)
{
    struct room *room = *state;
    struct store_member ana = member_of(room, "ana@casa.example");
    struct mail proven = {.from = "buena@y.example", .text = again, .is_proven = true};
    struct mail forged = {.from = "buena@y.example", .text = again};
    struct mail unproven = {.from = "otra@z.example", .name = "El Fulano Malo"};
    struct mail stranger = {.from = "nadie@z.example", .name = "El Fulano Malo"};
    block(room, &ana, &blocked);
    assert_int_equal(
        likeness_excuse(room->store, &room->keys, ana.id, slice_of(proven.from), true, NOW, NULL),
        0);
    assert_int_equal(likeness_excuse(room->store, &room->keys, ana.id, slice_of(unproven.from),
                                     false, NOW, NULL),
                     0);
    assert_string_equal(trait_of(room, &ana, &proven), "");
    assert_string_equal(trait_of(room, &ana, &forged), "text");
    assert_string_equal(trait_of(room, &ana, &unproven), "");
    assert_string_equal(trait_of(room, &ana, &stranger), "name");
    /* until she blocks that one too */
    block(room, &ana, &proven);
    assert_string_equal(trait_of(room, &ana, &proven), "address");
}

static void the_oldest_go_first(void **state)
{
    struct room *room = *state;
    struct store_member ana = member_of(room, "ana@casa.example");
    int64_t count;
    for (int i = 0; i < LIKENESS_MOST + 10; i++) {
        char from[64];
        snprintf(from, sizeof from, "malo%d@mal.example", i);
        block_at(room, &ana, &(struct mail){.from = from}, NOW + i);
    }
    assert_int_equal(store_likeness_count(room->store, ana.id, &count, NULL), 0);
    assert_int_equal(count, LIKENESS_MOST);
    assert_string_equal(trait_of(room, &ana, &(struct mail){.from = "malo9+x@mal.example"}), "");
    assert_string_equal(trait_of(room, &ana, &(struct mail){.from = "malo10+x@mal.example"}),
                        "address");
}

static void a_likeness_ends(void **state)
{
    struct room *room = *state;
    struct store_member ana = member_of(room, "ana@casa.example");
    const struct mail same = {.from = "malfulano@gmail.com"};
    block_at(room, &ana, &blocked, NOW);
    assert_int_equal(store_likeness_age(room->store, NOW, NULL), 0);
    assert_string_equal(trait_of(room, &ana, &same), "address");
    block_at(room, &ana, &blocked, NOW + DAY); /* and begins anew with a new block */
    assert_int_equal(store_likeness_age(room->store, NOW + 1, NULL), 0);
    assert_string_equal(trait_of(room, &ana, &same), "address");
    assert_int_equal(store_likeness_age(room->store, NOW + DAY + 1, NULL), 0);
    assert_string_equal(trait_of(room, &ana, &same), "");
}

static void who_is_forgotten_leaves_nothing(void **state)
{
    struct room *room = *state;
    struct store_member ana = member_of(room, "ana@casa.example");
    int64_t count;
    block(room, &ana, &blocked);
    assert_int_equal(store_likeness_count(room->store, ana.id, &count, NULL), 0);
    assert_int_equal(count, 5);
    assert_int_equal(store_member_forget(room->store, ana.id, NULL), 0);
    assert_int_equal(store_likeness_count(room->store, ana.id, &count, NULL), 0);
    assert_int_equal(count, 0);
}

static void nobody_can_read_a_likeness_in_the_database(void **state)
{
    struct room *room = *state;
    struct store_member ana = member_of(room, "ana@casa.example");
    static char bytes[1 << 20];
    static const char *const words[] = {"fulano", "buzon", "mal.example", "trabajo", "vives"};
    char path[600];
    block(room, &ana, &blocked);
    snprintf(path, sizeof path, "%s/copy.db", room->folder);
    assert_int_equal(store_backup(room->store, path, NULL), 0);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    struct slice database = slice_new(bytes, fread(bytes, 1, sizeof bytes, file));
    fclose(file);
    assert_in_range(database.size, 4096, sizeof bytes - 1);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_int_equal(slice_find_nocase(database, slice_of(words[i])), database.size);
}

#define ROOM_TEST(test) cmocka_unit_test_setup_teardown(test, room_setup, room_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROOM_TEST(each_trait_is_found),
        ROOM_TEST(mail_of_programs_teaches_address_and_name_alone),
        ROOM_TEST(what_is_her_own_is_no_trait_of_his),
        ROOM_TEST(taking_a_block_back_forgets_what_it_taught),
        ROOM_TEST(whom_she_excuses_is_somebody_else),
        ROOM_TEST(the_oldest_go_first),
        ROOM_TEST(a_likeness_ends),
        ROOM_TEST(who_is_forgotten_leaves_nothing),
        ROOM_TEST(nobody_can_read_a_likeness_in_the_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
