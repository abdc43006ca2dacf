#include "review/commands.h"

#include "common/base/files.h"
#include "common/base/limits.h"
#include "review/plain.h"
#include "review/quote.h"
#include "review/setting_words.h"
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static struct arena *arena;

/* The exact size, so that whoever reads beyond the end is seen; the arena is of no use for that. */
static struct slice exact(const char *text, char **to_free)
{
    size_t size = strlen(text);
    *to_free = malloc(size + (size == 0));
    memcpy(*to_free, text, size);
    return slice_new(*to_free, size);
}

static void lines_are_read_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *line, *name; /* NULL: no command */
        const char *argument;    /* codes as written back, "all", or text */
    } rows[] = {
        {"release 1", "release", "1"},
        {"Release 1.", "release", "1"},
        {"RELEASE 1,2, 3", "release", "1-3"},
        {"release1", "release", "1"},
        {"release: #1 and #4", "release", "1, 4"},
        {"- release 1", NULL, ""},
        {"releases 1", NULL, ""},
        {"¡Soltar 1 y 3-5!", "release", "1, 3-5"},
        {"Suelta los mensajes 2 y 4, por favor", "release", "2, 4"},
        {"soltar todo", "release", "all"},
        {"Soltar  1–3", "release", "1-3"},
        {"soltar del 1", NULL, ""},
        {"soltar 3 a 5", "release", "3-5"},
        {"soltar 3 - 5", "release", "3-5"},
        {"soltar 3- 5", "release", "3-5"},
        {"soltar 3 -5", "release", "3-5"},
        {"soltar 5-3", "release", "3-5"},
        {"soltar -3", NULL, ""},
        {"soltar 1 no 2", NULL, ""},
        {"soltar todo menos 2", NULL, ""},
        {"soltar 1.5", "release", "1, 5"},
        {"soltar 99999999999999999999", NULL, ""},
        {"soltar", "release", ""},
        {"apagar tudo", "delete", "all"},
        {"no guardar 1", "unkeep", "1"},
        {"não é abuso 2", "not-abuse", "2"},
        {"NAO E ABUSO 2", "not-abuse", "2"},
        {"No es abuso: 2", "not-abuse", "2"},
        {"Dejar pasar 1", "let-through", "1"},
        {"deixar passar 1", "let-through", "1"},
        {"let through 1", "let-through", "1"},
        {"deshacer", "undo", ""},
        {"undo 2", "undo", "2"},
        {"escudo 3 días", "shield", "3 dias"},
        {"shield off", "shield", "off"},
        {"ajustes", "settings", ""},
        {"ajuste mostrar quién", "set", "mostrar quien"},
        {"set reveal = who", "set", "reveal = who"},
        {"parar", "stop", ""},
        {"Stop.", "stop", ""},
        {"stop it now", NULL, ""},
        {"Para: zaguan", NULL, ""},
        {"olvídame", "forget-me", ""},
        {"Esquece-me", "forget-me", ""},
        {"forget me", "forget-me", ""},
        {"forget it", NULL, ""},
        {"Sí", "yes", ""},
        {"sí, gracias", "yes", ""},
        {"Sim!", "yes", ""},
        {"yes but not now", NULL, ""},
        {"no", "no", ""},
        {"no sé", NULL, ""},
        {"?", "help", ""},
        {"ayuda", "help", ""},
        {"quitar revisora", "remove-reviewer", ""},
        {"revisora lola@example.net", "reviewer", "lola@example.net"},
        {"no compartir 1", "unshare", "1"},
        {"", NULL, ""},
        {"1", NULL, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[PLAIN_LINE_BYTES], *bytes;
        struct command command = {0};
        struct error err = {0};
        BUFFER_CLEANUP argument = buffer_new(KIB);
        struct slice folded = plain_fold(exact(rows[i].line, &bytes), text);
        int is_command = command_read(folded, arena, &command, &err);
        free(bytes);
        if (is_command != (rows[i].name != NULL))
            fail_msg("\"%s\"", rows[i].line);
        if (is_command == 0)
            continue;
        assert_string_equal(command.row->name, rows[i].name);
        struct codes_list list = {0};
        for (size_t k = 0; k < command.codes.count; k++)
            for (int64_t n = command.codes.ranges[k].first; n <= command.codes.ranges[k].last; n++)
                assert_int_equal(codes_list_add(&list, n, arena, &err), 0);
        if (command.codes.is_all)
            buffer_append_text(&argument, "all");
        codes_list_write(&list, &argument);
        buffer_append(&argument, command.text);
        if (strcmp(argument.data, rows[i].argument) != 0)
            fail_msg("\"%s\": %s, not %s", rows[i].line, argument.data, rows[i].argument);
    }
}

/* Whatever a mail of ours shows as a word is understood as that verb, and no word has two verbs. */
static void every_word_of_the_table_is_its_own_verb(void **state)
{
    (void)state;
    for (const struct command_row *row = command_rows; row->name != NULL; row++) {
        const char *words[] = {row->es, row->pt, row->en};
        for (size_t language = 0; language < 3; language++) {
            struct slice rest = slice_of(words[language]), word;
            while (slice_next(&rest, '|', &word)) {
                char text[PLAIN_LINE_BYTES];
                struct command command = {0};
                assert_true(word.size > 0 && word.size < COMMAND_WORD_BYTES);
                assert_int_equal(command_read(plain_fold(word, text), arena, &command, NULL), 1);
                assert_string_equal(command.row->name, row->name);
            }
        }
        assert_non_null(row->run);
        assert_ptr_equal(command_find(row->name), row);
    }
}

static void huge_ranges_cost_nothing(void **state)
{
    (void)state;
    struct codes codes;
    BUFFER_CLEANUP many = buffer_new(64 * KIB);
    assert_int_equal(codes_read(slice_of("1-999999999999"), arena, &codes, NULL), 1);
    assert_int_equal(codes.count, 1);
    for (int i = 0; i < 5000; i++)
        buffer_append_text(&many, "7 ");
    assert_int_equal(codes_read(buffer_slice(&many), arena, &codes, NULL), 1);
    assert_int_equal(codes.count, CODES_MOST_RANGES);
    assert_true(codes.is_cut);
}

static void a_lane_is_named_in_every_language(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        size_t ranges;
        bool is_code, is_lane, is_all;
    } rows[] = {
        {"lane", 0, true, true, false},
        {"the lane", 0, true, true, false},
        {"fila", 0, true, true, false},
        {"la fila", 0, true, true, false},
        {"carril", 0, true, true, false},
        {"a faixa", 0, true, true, false},
        {"1 a 3 e a fila", 1, true, true, false},
        {"1 a fila", 1, true, true, false},
        {"faixa", 0, true, true, false},
        {"las confirmaciones", 0, true, true, false},
        {"as confirmacoes", 0, true, true, false},
        {"c", 0, true, true, false},
        {"1 3-5 y la fila", 2, true, true, false},
        {"all lane", 0, true, true, true},
        {"1 2", 2, true, false, false},
        {"lanes", 0, false, false, false},
        {"lane x", 0, false, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct codes codes = {0};
        char *bytes;
        int is_code = codes_read(exact(rows[i].line, &bytes), arena, &codes, NULL);
        free(bytes);
        if (is_code != rows[i].is_code || codes.is_lane != rows[i].is_lane ||
            codes.is_all != rows[i].is_all || codes.count != rows[i].ranges)
            fail_msg("\"%s\"", rows[i].line);
    }
}

static void her_lines_end_where_the_quote_begins(void **state)
{
    (void)state;
    static const struct {
        const char *text, *own;
        bool is_below;
    } rows[] = {
        {"release 1\n", "release 1\n", false},
        {"release 1", "release 1", false},
        {"", "", false},
        {"release 1\n> delete 2\n", "release 1\n", false},
        {"release 1\n  > delete 2\n", "release 1\n", false},
        {"> quoted\nrelease 1\n", "", true},
        {"> quoted\n-- \nAna\n", "", false},
        {"release 1\n-- \nAna\ndelete 1\n", "release 1\n", false},
        {"release 1\n\nOn Mon, Nov 23, 2026 at 9:00 AM zaguan wrote:\ndelete 1\n", "release 1\n\n",
         false},
        {"soltar 1\nEl lun, 23 nov 2026 a las 9:00, zaguan\n(<x@example.org>)\nescribió:\nborrar 1",
         "soltar 1\n", false},
        {"soltar 1\nEm seg., 23 de nov. de 2026, zaguan escreveu:\napagar 1", "soltar 1\n", false},
        {"soltar 1\n2026-11-23 9:00 GMT-05:00, zaguan escribió:\nborrar 1", "soltar 1\n", false},
        {"soltar 1\n-----Mensaje original-----\nborrar 1", "soltar 1\n", false},
        {"soltar 1\n________________________________\nborrar 1", "soltar 1\n", false},
        {"soltar 1\n*De:* zaguan\nborrar 1", "soltar 1\n", false},
        {"soltar 1\nDe:\nborrar 1", "soltar 1\n", false},
        {"soltar 1\nFrom: zaguan\ndelete 1", "soltar 1\n", false},
        {"soltar 1\nEnviado desde mi iPhone\nborrar 1", "soltar 1\n", false},
        {"soltar 1\nEnviado do meu iPhone\napagar 1", "soltar 1\n", false},
        {"soltar 1\nGet Outlook for Android\ndelete 1", "soltar 1\n", false},
        {"soltar 1\nmailto:zaguan+abc@example.org\nborrar 1", "soltar 1\n", false},
        {"on second thought, release 1\nrelease 2\n", "on second thought, release 1\nrelease 2\n",
         false},
        {"El mensaje 1 no es abuso\n\nwhat she wrote:\n", "El mensaje 1 no es abuso\n\n", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *bytes;
        struct quote_cut cut = quote_cut_text(exact(rows[i].text, &bytes), "zaguan");
        if (!slice_is(cut.own, rows[i].own) || cut.has_text_below != rows[i].is_below)
            fail_msg("row %zu: \"" SLICE_FORMAT "\"", i, SLICE_ARGUMENTS(cut.own));
        free(bytes);
    }
}

static void folding_leaves_what_was_meant(void **state)
{
    (void)state;
    static const struct {
        const char *line, *folded;
    } rows[] = {{"  Soltar\t1 ", "soltar 1"},
                {"\xE2\x80\x9CSoltar 1\xE2\x80\x9D", "soltar 1"},
                {"OLVI\xCC\x81"
                 "DAME",
                 "olvidame"},
                {"re\xE2\x80\x8Blease\xC2\xA0"
                 "1",
                 "release 1"},
                {"n\xC3\xA3o \xC3\xA9 abuso", "nao e abuso"},
                {"**release** 1", "release 1"},
                {"\xEF\xBC\x92", "2"},
                {"", ""},
                {"\xFF\xC3", "\xEF\xBF\xBD\xEF\xBF\xBD"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[PLAIN_LINE_BYTES], *bytes;
        struct slice folded = plain_fold(exact(rows[i].line, &bytes), text);
        free(bytes);
        if (!slice_is(folded, rows[i].folded))
            fail_msg("\"%s\": \"" SLICE_FORMAT "\"", rows[i].line, SLICE_ARGUMENTS(folded));
    }
}

static void text_of_a_stranger_stays_behind_its_mark(void **state)
{
    (void)state;
    BUFFER_CLEANUP shown = buffer_new(64 * KIB);
    assert_true(plain_show(slice_of("a\r\nrelease all\n\x1b[2Jx\xE2\x80\xAEy\xE2\x80\xA8z\n"), KIB,
                           &shown));
    assert_string_equal(shown.data, "| a\n| release all\n| [2Jxy z\n");
    buffer_clear(&shown);
    assert_false(plain_show(slice_of("abcdef"), 3, &shown));
    assert_string_equal(shown.data, "| abc\n");
}

static void names_of_settings_are_known_in_every_language(void **state)
{
    (void)state;
    static const struct {
        const char *said, *name, *value;
    } rows[] = {
        {"reveal who", "reveal", "who"},
        {"mostrar quien", "reveal", "who"},
        {"idioma portugues", "language", "pt"},
        {"threat off", "category.threat", "off"},
        {"category.threat off", "category.threat", "off"},
        {"acoso sexual retener", "category.sexual-harassment", "hold"},
        {"resumo semanal", "digest", "weekly"},
        {"hora 8", "hour", "8"},
        {"keep 45 days", "keep", "45"},
        {"zona horaria america/bogota", "time-zone", "America/Bogota"},
        {"time-zone america/port_of_spain", "time-zone", "America/Port_of_Spain"},
        {"time-zone america/argentina/buenos_aires", "time-zone", "America/Argentina/Buenos_Aires"},
        {"time-zone utc", "time-zone", "UTC"},
        {"nothing like that", NULL, NULL},
        {"", NULL, NULL}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct slice rest = slice_of(rows[i].said);
        const struct option_row *row = setting_find(&rest);
        assert_int_equal(row != NULL, rows[i].name != NULL);
        if (row == NULL)
            continue;
        assert_string_equal(row->name, rows[i].name);
        if (!slice_is(setting_value(row, slice_trim(rest), arena), rows[i].value))
            fail_msg("%s", rows[i].said);
    }
}

/* docs/answers.md, found from the place of the program. */
static void read_docs(struct buffer *text)
{
    char program[PATH_MAX - 40], path[PATH_MAX];
    struct error err = {0};
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    program[size > 0 ? size : 0] = '\0';
    for (char *slash; (slash = strrchr(program, '/')) != NULL;) {
        *slash = '\0';
        snprintf(path, sizeof path, "%s/docs/answers.md", program);
        if (file_read(path, text, &err) == 0)
            return;
    }
    fail_msg("docs/answers.md: %s", err.text);
}

static void the_page_of_answers_names_every_verb(void **state)
{
    (void)state;
    BUFFER_CLEANUP page = buffer_new(MIB);
    read_docs(&page);
    for (const struct command_row *row = command_rows; row->name != NULL; row++) {
        for (int language = SETTINGS_LANGUAGE_ES; language <= SETTINGS_LANGUAGE_EN; language++) {
            char word[COMMAND_WORD_BYTES], cell[COMMAND_WORD_BYTES + 8];
            command_word(row, language, word);
            snprintf(cell, sizeof cell, "`%s", word);
            if (strstr(page.data, cell) == NULL)
                fail_msg("docs/answers.md does not name %s", cell);
        }
    }
}

int main(void)
{
    arena = arena_new(64 * MIB);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read_as_people_write_them),
        cmocka_unit_test(every_word_of_the_table_is_its_own_verb),
        cmocka_unit_test(a_lane_is_named_in_every_language),
        cmocka_unit_test(huge_ranges_cost_nothing),
        cmocka_unit_test(her_lines_end_where_the_quote_begins),
        cmocka_unit_test(folding_leaves_what_was_meant),
        cmocka_unit_test(text_of_a_stranger_stays_behind_its_mark),
        cmocka_unit_test(names_of_settings_are_known_in_every_language),
        cmocka_unit_test(the_page_of_answers_names_every_verb),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(arena);
    return failed;
}
