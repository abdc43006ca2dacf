#include "common/base/limits.h"
#include "policy/full_name.h"
#include "tests/common/mail/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* Names as they come out; "i" looks like "l", "rn" like "m". */
static const struct {
    const char *display, *names; /* with ", " between; "" none */
} displays[] = {
    {"Ana Pérez", "ana perez"},
    {"ANA PEREZ", "ana perez"},
    {"  Ana   P\u00e9rez ", "ana perez"},
    {"P\u00e9rez, Ana", "ana perez"},
    {"Ana P\u00e9rez, Directora", "ana dlrectora perez, ana perez"},
    {"Dra. Ana M. P\u00e9rez", "ana perez"},
    {"Ana de la Cruz", "ana cruz"},
    {"Ana P\u00e9rez G\u00f3mez", "ana gomez perez"},
    {"Ana P\u00e9rez (Coop)", "ana perez"},
    {"Ana P\u00e9rez - Tesorera", "ana perez"},
    {"Ana P\u00e9rez | Luna", "ana perez"},
    {"'Ana P\u00e9rez' via Lista de todas", "ana perez"},
    {"Ana P\u00e9rez via Lista", "ana perez"},
    {"Ana P3rez", "ana perez"},
    {"A n a  P \u00e9 r e z", "ana perez"},
    {"\u0410na P\u0435rez", "ana perez"}, /* Cyrillic A, ie */
    {"Ana Perez-Lima", "ana llma perez"},
    {"Ana.Perez", "ana perez"},
    {"Carmen Lima", "carmen llma"},
    {"Carrnen Lima", "carmen llma"},
    {"Sinead O'Brien", "obrlen slnead"},
    {"\u674e \u5c0f\u9f99", "\u5c0f\u9f99 \u674e"},
    {"Ana", ""},
    {"Ana P.", ""},
    {"Equipo Legal", ""},
    {"Soporte Kefir", ""},
    {"Recursos Humanos", ""},
    {"Junta Directiva", ""},
    {"Registro Acad\u00e9mico", ""},
    {"Biblioteca Popular", ""},
    {"no reply", ""},
    {"Dr. Ana", ""},
    {"", ""},
    {"uno dos tres cuatro cinco seis siete ocho", ""},
    {"(((((((((((", ""},
    {" - - - via via ", ""},
};

static void a_display_name_shows_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof displays / sizeof displays[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct full_name names[FULL_NAME_MOST];
        char seen[FULL_NAME_MOST * FULL_NAME_BYTES] = "";
        struct slice display = exact_text(displays[i].display);
        size_t count = full_name_read(display, arena, names);
        for (size_t n = 0; n < count; n++) {
            strcat(seen, n == 0 ? "" : ", ");
            strcat(seen, names[n].words);
        }
        if (strcmp(seen, displays[i].names) != 0)
            fail_msg("%s: \"%s\"", displays[i].display, seen);
        exact_free(display);
    }
}

static void a_local_part_of_two_words_is_a_name(void **state)
{
    (void)state;
    static const struct {
        const char *local, *name; /* NULL: none */
    } rows[] = {
        {"ana.perez", "ana perez"},
        {"perez_ana", "ana perez"},
        {"ana-perez82", "ana perez"},
        {"ana.de.la.cruz", "ana cruz"},
        {"ana", NULL},
        {"a.perez", NULL},
        {"equipo.legal", NULL},
        {"redes.sociales", NULL},
        {"no-reply", NULL},
        {"anaperez", NULL},
        {"", NULL},
        {"...", NULL},
        {"x9k2.q7", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct full_name name;
        struct slice local = exact_text(rows[i].local);
        bool is_name = full_name_of_local(local, arena, &name);
        if (is_name != (rows[i].name != NULL) || (is_name && strcmp(name.words, rows[i].name) != 0))
            fail_msg("%s: %s", rows[i].local, is_name ? name.words : "none");
        exact_free(local);
    }
}

static void an_address_may_spell_the_name(void **state)
{
    (void)state;
    static const struct {
        const char *local;
        bool is_spelled;
    } rows[] = {{"ana.perez", true}, {"aperez82", true}, {"PEREZana", true}, {"p3rez", true},
                {"ana", false},      {"noreply", false}, {"per.ez", false},  {"", false}};
    const struct full_name name = {"ana perez"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct slice local = exact_text(rows[i].local);
        if (full_name_is_spelled_by(&name, local, arena) != rows[i].is_spelled)
            fail_msg("%s", rows[i].local);
        exact_free(local);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_display_name_shows_names),
        cmocka_unit_test(a_local_part_of_two_words_is_a_name),
        cmocka_unit_test(an_address_may_spell_the_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
