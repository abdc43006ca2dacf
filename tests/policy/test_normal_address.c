#include "policy/normal_address.h"

#include "policy/person_name.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Of exact size: whoever reads beyond the end is seen. */
static struct slice exact(const char *text, char **copy_out)
{
    size_t size = strlen(text);
    char *copy = malloc(size == 0 ? 1 : size);
    assert_non_null(copy);
    memcpy(copy, text, size);
    *copy_out = copy;
    return slice_new(copy, size);
}

static void an_address_has_one_normal_form(void **state)
{
    (void)state;
    static const struct {
        const char *written, *normal; /* "" : no address */
    } rows[] = {
        {"mal.fulano@gmail.com", "malfulano@gmail.com"},
        {"M.a.l.Fulano@GMail.com", "malfulano@gmail.com"},
        {"malfulano+otra.vez@googlemail.com", "malfulano@gmail.com"},
        {"malfulano+a+b@gmail.com", "malfulano@gmail.com"},
        {"\"mal.fulano\"@gmail.com", "malfulano@gmail.com"},
        {"mal-fulano@gmail.com", "mal-fulano@gmail.com"},
        {"mal_ful.ano@protonmail.com", "malfulano@proton.me"},
        {"mal-fulano+x@pm.me", "malfulano@proton.me"},
        {"mal.fulano@ya.ru", "malfulano@yandex.ru"},
        {"fulano@mac.com", "fulano@icloud.com"},
        {"ful.ano@icloud.com", "ful.ano@icloud.com"},
        /* a dot is a dot, and a tag is a tag, at everybody else's */
        {"mal.fulano@outlook.com", "mal.fulano@outlook.com"},
        {"mal.fulano+x@Empresa.Example", "mal.fulano@empresa.example"},
        {"mal.fulano@gmail.com.mal.example", "mal.fulano@gmail.com.mal.example"},
        {"mal.fulano@notgmail.com", "mal.fulano@notgmail.com"},
        {"fulano@correo.gmail.com", "fulano@correo.gmail.com"},
        /* the first sign is no delimiter; nothing but signs is left as it is */
        {"+x@gmail.com", "+x@gmail.com"},
        {"\"...\"@gmail.com", "\"...\"@gmail.com"},
        {"fulano@mú.example", "fulano@xn--m-9ga.example"},
        {"", ""},
        {"<>", ""},
        {"fulano", ""},
        {"@gmail.com", ""},
        {"no address at all", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(1 << 16);
        char *copy;
        struct slice normal = normal_address(exact(rows[i].written, &copy), arena);
        if (!slice_is(normal, rows[i].normal))
            fail_msg("%s is " SLICE_FORMAT, rows[i].written, SLICE_ARGUMENTS(normal));
        free(copy);
    }
}

static void a_normal_form_is_its_own(void **state)
{
    (void)state;
    static const char *const written[] = {"M.Al+x@googlemail.com", "a-b_c@pm.me", "a.b@ya.ru",
                                          "x+y@casa.example", "\"a b\"@casa.example"};
    for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(1 << 16);
        struct slice once = normal_address(slice_of(written[i]), arena);
        assert_true(once.size > 0);
        assert_true(slice_equals(normal_address(once, arena), once));
    }
}

static void a_name_is_known_however_it_is_written(void **state)
{
    (void)state;
    static const struct {
        const char *display, *name; /* "": could be anybody's */
    } rows[] = {
        {"Fulano Malo", "fulano malo"},
        {"Malo, Fulano", "fulano malo"},
        {"FULANO  MÁLO", "fulano malo"},
        {"\"Fulano\" (Malo)", "fulano malo"},
        {"Fu\xe2\x80\x8blano M\xd0\xb0lo", "fulano malo"}, /* zero width, Cyrillic a */
        {"Ful4no M4lo", "fulano malo"},
        {"Anonymous_Avenger", "anonymous avenger"},
        {"ElVengador", "elvengador"},
        {"Иван Петров", NULL}, /* another script is a name too */
        {"Fulano", ""},
        {"N. N.", ""},
        {"X", ""},
        {"", ""},
        {"fulano@mal.example", ""},
        {"No Reply", ""},
        {"no-reply", ""},
        {"Administrador", ""},
        {"Servicio al Cliente", ""},
        {"Equipe de Suporte", ""},
        {"Notifications", ""},
        {"Mail Delivery Subsystem", ""},
        {"Recursos Humanos", ""}, /* offices that half the world has */
        {"Human Resources", ""},
        {"Junta Directiva", ""},
        {"Secretaría General", ""},
        {"Registro Académico", ""},
        {"Factura Electrónica", ""},
        {"Accounts Payable", ""},
        {"Talento Humano", ""},
        {"Mesa de Partes", ""},
        {"Bolsa de Trabajo", ""},
        {"Coordinadora", ""},
        {"Biblioteca", ""},
        {"Inscripciones", ""},
        {"Universidad", ""},
        {"Tesouraria", ""},
        {"Dirección General", ""},
        {"General Humano", ""},
        {"Marta Humano", "humano marta"},
        {"Equipo de Vengadores", "de equipo vengadores"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(1 << 16);
        char *copy;
        struct slice name = person_name(exact(rows[i].display, &copy), arena);
        if (rows[i].name == NULL ? name.size == 0 : !slice_is(name, rows[i].name))
            fail_msg("%s is \"" SLICE_FORMAT "\"", rows[i].display, SLICE_ARGUMENTS(name));
        free(copy);
    }
}

static void an_endless_name_is_nobodys(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(1 << 16);
    char text[2000];
    memset(text, 'a', sizeof text);
    assert_int_equal(person_name(slice_new(text, sizeof text), arena).size, 0);
    for (size_t i = 1; i < 500; i += 3)
        text[i] = ' ';
    struct slice name = person_name(slice_new(text, 500), arena);
    assert_in_range(name.size, 1, 600);
}

static void an_address_says_a_name_too(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(1 << 16);
    assert_true(slice_equals(person_name_of_address(slice_of("ana.perez@coop.example"), arena),
                             person_name(slice_of("Pérez, Ana"), arena)));
    assert_true(slice_is(person_name_of_address(slice_of("ana@coop.example"), arena), "ana"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_one_normal_form),
        cmocka_unit_test(a_normal_form_is_its_own),
        cmocka_unit_test(a_name_is_known_however_it_is_written),
        cmocka_unit_test(an_endless_name_is_nobodys),
        cmocka_unit_test(an_address_says_a_name_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
