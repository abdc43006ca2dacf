#include "common/mail/fold.h"
#include "common/mail/lookalike.h"
#include "tests/common/mail/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void look(const char *domain, struct arena *arena, struct domain_look *look_out)
{
    struct slice text = exact_text(domain);
    if (!lookalike_read(text, arena, look_out))
        fail_msg("%s: not read", domain);
    exact_free(text);
}

static enum lookalike compare(const char *other, const char *ours)
{
    ARENA_CLEANUP *arena = arena_new(MIB);
    struct domain_look a, b;
    look(other, arena, &a);
    look(ours, arena, &b);
    return lookalike_compare(&a, &b);
}

struct row {
    const char *other, *ours;
    enum lookalike kind;
};

static const struct row copies[] = {
    /* other scripts and accents, as U-labels and as A-labels */
    {"kef\u00efr.example", "kefir.example", LOOKALIKE_LETTERS},
    {"xn--kefr-7pa.example", "kefir.example", LOOKALIKE_LETTERS},
    {"k\u0435fir.example", "kefir.example", LOOKALIKE_LETTERS},              /* Cyrillic ie */
    {"\u0441\u043e\u043e\u0440.example", "coop.example", LOOKALIKE_LETTERS}, /* all Cyrillic */
    {"l\u00fana-roja.org", "luna-roja.org", LOOKALIKE_LETTERS},
    {"\uff4beﬁr.example", "kefir.example", LOOKALIKE_NONE},     /* IDNA makes it the same name */
    {"kef\u0131r.example", "kefir.example", LOOKALIKE_LETTERS}, /* dotless i */
    {"\u03bfaxaca.org", "oaxaca.org", LOOKALIKE_LETTERS},       /* Greek omicron */
    /* ASCII tricks */
    {"rnujeres.org", "mujeres.org", LOOKALIKE_LETTERS},
    {"kefi7.example", "kefit.example", LOOKALIKE_LETTERS},
    {"keflr.example", "kefir.example", LOOKALIKE_LETTERS},
    {"kef1r.example", "kefir.example", LOOKALIKE_LETTERS},
    {"c0op.example", "coop.example", LOOKALIKE_LETTERS},
    {"1una.org", "luna.org", LOOKALIKE_LETTERS},
    {"Iuna.org", "luna.org", LOOKALIKE_LETTERS}, /* a capital i */
    {"vvalaya.org", "walaya.org", LOOKALIKE_LETTERS},
    {"m0rad4s.org.co", "moradas.org.co", LOOKALIKE_LETTERS},
    {"mail.kef1r.example", "mail.kefir.example", LOOKALIKE_LETTERS},
    {"lists.kef1r.example", "kefir.example", LOOKALIKE_LETTERS},
    {"kef1r.host.example", "kefir.host.example", LOOKALIKE_LETTERS},
    /* another ending */
    {"kefir.org", "kefir.example", LOOKALIKE_ENDING},
    {"kefir.org.co", "kefir.org", LOOKALIKE_ENDING},
    {"kefir.com.br", "kefir.org.br", LOOKALIKE_ENDING},
    {"mail.kefir.net", "kefir.example", LOOKALIKE_ENDING},
    {"kefir.example", "mail.kefir.org", LOOKALIKE_ENDING},
    {"kef1r.net", "kefir.example", LOOKALIKE_ENDING},
    {"coop.test", "coop.example", LOOKALIKE_ENDING},
    {"luna-roja.com", "lunaroja.org", LOOKALIKE_ENDING},
    /* hyphens and words beside it */
    {"kefir-example.org", "kefir.example.org", LOOKALIKE_WORDS},
    {"kefirexample.org", "kefir.example.org", LOOKALIKE_WORDS},
    {"kefir-example.com", "kefir.example.org", LOOKALIKE_WORDS},
    {"kefir-example.com", "kefir.example", LOOKALIKE_WORDS},
    {"kefir.example-org.com", "kefir.example.org", LOOKALIKE_WORDS},
    {"kefir.example.net", "kefir.example.org", LOOKALIKE_WORDS},
    {"luna-roja.org", "lunaroja.org", LOOKALIKE_WORDS},
    {"lunaroja.org", "luna-roja.org", LOOKALIKE_WORDS},
    {"kefir-soporte.org", "kefir.example", LOOKALIKE_WORDS},
    {"soporte-kefir.example", "kefir.example", LOOKALIKE_WORDS},
    {"kefirlogin.com", "kefir.example", LOOKALIKE_WORDS},
    {"webmail-kefir-org.net", "kefir.org", LOOKALIKE_WORDS},
    {"secure-kef1r.com", "kefir.example", LOOKALIKE_WORDS},
    {"coop-mail.example", "coop.example", LOOKALIKE_WORDS},
    /* the name in front of somebody else's */
    {"kefir.example.evil.test", "kefir.example", LOOKALIKE_INSIDE},
    {"mail.kefir.example.evil.test", "kefir.example", LOOKALIKE_INSIDE},
    {"kef1r.example.evil.test", "kefir.example", LOOKALIKE_INSIDE},
    /* one letter */
    {"mujere.org", "mujeres.org", LOOKALIKE_EDIT},
    {"mujerez.org", "mujeres.org", LOOKALIKE_EDIT},
    {"mujeress.org", "mujeres.org", LOOKALIKE_EDIT},
    {"muejres.org", "mujeres.org", LOOKALIKE_EDIT},
    {"colectivaluma.com", "colectiva-luna.org", LOOKALIKE_EDIT},
    {"lunaroja2.org", "luna-roja.org", LOOKALIKE_EDIT},
};

static const struct row others[] = {
    {"kefir.example", "kefir.example", LOOKALIKE_NONE},
    {"KEFIR.example.", "kefir.example", LOOKALIKE_NONE},
    {"lists.kefir.example", "kefir.example", LOOKALIKE_NONE},
    {"example.org", "kefir.example.org", LOOKALIKE_NONE},
    {"yogur.example.org", "kefir.example.org", LOOKALIKE_NONE},
    {"gmail.com", "kefir.example", LOOKALIKE_NONE},
    {"outlook.es", "kefir.example", LOOKALIKE_NONE},
    {"gmail.com", "gmall.com.co", LOOKALIKE_NONE},
    {"gmail.com", "email.com", LOOKALIKE_NONE},
    {"riseup.net", "risedup.net", LOOKALIKE_NONE},
    {"github.com", "gitlub.com", LOOKALIKE_NONE},
    {"proton.me", "protons.me", LOOKALIKE_NONE},
    {"posteo.de", "poster.de", LOOKALIKE_NONE},
    {"kefir.atlassian.net", "kefir.example", LOOKALIKE_NONE},
    {"kefir.zendesk.com", "kefir.example", LOOKALIKE_NONE},
    {"example.kefir.evil.test", "kefir.example", LOOKALIKE_NONE},
    {"recetasdekefir.com", "kefir.example", LOOKALIKE_NONE},
    {"kefir-recetas.com", "kefir.example", LOOKALIKE_NONE},
    {"amigasdelkefir.org", "kefir.example", LOOKALIKE_NONE},
    {"kafir.example", "kefir.example", LOOKALIKE_NONE}, /* five letters: too near to others */
    {"kefirs.example", "kefir.example", LOOKALIKE_NONE},
    {"luna.org", "lupa.org", LOOKALIKE_NONE},
    {"mujerez.com", "mujeres.org", LOOKALIKE_NONE}, /* two things differ */
    {"mujer.org", "mujeres.org", LOOKALIKE_NONE},
    {"mujeresred.org", "mujeres.org", LOOKALIKE_NONE},
    {"redmujeres.org", "mujeres.org", LOOKALIKE_NONE},
    {"grupo1.org", "grupo2.org", LOOKALIKE_NONE},
    {"escuela12.edu.co", "escuela13.edu.co", LOOKALIKE_NONE},
    {"unal.edu.co", "unam.edu.co", LOOKALIKE_NONE},
    {"edu.co", "org.co", LOOKALIKE_NONE},
    {"org.co", "kefir.org.co", LOOKALIKE_NONE},
    {"ong.net", "ong.org", LOOKALIKE_NONE}, /* three letters belong to nobody */
    {"mail.net", "mail.org", LOOKALIKE_NONE},
    {"webmail.com", "webmail.example", LOOKALIKE_NONE},
    {"example.net", "example.org", LOOKALIKE_NONE},
    {"colectivasol.org", "colectivaluna.org", LOOKALIKE_NONE},
    {"a.b.c.d.e.example", "kefir.example", LOOKALIKE_NONE},
    {"soporte.com", "kefir.example", LOOKALIKE_NONE},
    {"soporte-login.com", "kefir.example", LOOKALIKE_NONE},
    {"exampleevil.test", "kefir.example", LOOKALIKE_NONE},
    {"facebookmail.com", "kefir.example", LOOKALIKE_NONE},
    {"mcsv.net", "kefir.example", LOOKALIKE_NONE},
    {"hospital.org", "hospitales.org", LOOKALIKE_NONE},
    {"feministas.org", "feminista.com", LOOKALIKE_NONE},
    {"coop.zendesk.com", "coop.example", LOOKALIKE_NONE},
};

static void compare_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum lookalike kind = compare(rows[i].other, rows[i].ours);
        if (kind != rows[i].kind)
            fail_msg("%s for %s: %d, not %d", rows[i].other, rows[i].ours, (int)kind,
                     (int)rows[i].kind);
    }
}

static void copies_of_a_domain_are_seen(void **state)
{
    (void)state;
    compare_rows(copies, sizeof copies / sizeof copies[0]);
}

static void other_peoples_domains_are_not_copies(void **state)
{
    (void)state;
    compare_rows(others, sizeof others / sizeof others[0]);
}

static void what_is_no_domain_is_not_read(void **state)
{
    (void)state;
    static const char *const rows[] = {"",       "localhost", "[192.0.2.1]", "a..b", ".example",
                                       "a b.co", "kefir.",    "xn--\xff.co", "."};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct slice text = exact_text(rows[i]);
        struct domain_look unused;
        if (lookalike_read(text, arena, &unused))
            fail_msg("\"%s\" was read", rows[i]);
        exact_free(text);
    }
}

static void a_domain_is_split_where_somebody_registered(void **state)
{
    (void)state;
    static const struct {
        const char *domain, *own, *label, *flat;
    } rows[] = {
        {"kefir.org", "kefir.org", "keflr", "keflr"},
        {"a.b.kefir.org", "kefir.org", "keflr", "abkeflr"},
        {"mail.luna-roja.org.co", "luna-roja.org.co", "lunaroja", "malllunaroja"},
        {"kefir.co", "kefir.co", "keflr", "keflr"},
        {"x.gob.mx", "x.gob.mx", "x", "x"},
        {"gob.mx", "gob.mx", "gob", "gob"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct domain_look seen;
        look(rows[i].domain, arena, &seen);
        assert_string_equal(seen.name + seen.own_name, rows[i].own);
        assert_string_equal(seen.label, rows[i].label);
        assert_string_equal(seen.flat, rows[i].flat);
    }
}

static void the_longest_domain_fits(void **state)
{
    (void)state;
    char domain[254] = "";
    while (strlen(domain) + 12 < sizeof domain)
        strcat(domain, "xn--mgba3a."); /* Arabic: more bytes than its A-label */
    strcat(domain, "example");
    assert_int_equal(compare(domain, "kefir.example"), LOOKALIKE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_of_a_domain_are_seen),
        cmocka_unit_test(other_peoples_domains_are_not_copies),
        cmocka_unit_test(what_is_no_domain_is_not_read),
        cmocka_unit_test(a_domain_is_split_where_somebody_registered),
        cmocka_unit_test(the_longest_domain_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
