/* `zaguan list add` and `remove`: a list file that stays whole, whoever writes it and whatever. */
#include "lists/format/parse.h"
#include "tests/admin/desk.h"

#include <sys/wait.h>

#define WRITERS 6

#define RUN(...) DESK_RUN(room, list, __VA_ARGS__)

static const char *list_path(struct room *room)
{
    static char path[600];
    snprintf(path, sizeof path, "%s/frases.zl", room->settings.list_folder);
    return path;
}

static struct list *read_list(struct room *room)
{
    struct list *list;
    assert_int_equal(list_read(list_path(room), room->arena, &list, NULL), 0);
    return list;
}

static void an_entry_is_added_with_its_tests_and_the_list_begins(void **state)
{
    struct room *room = *state;
    assert_int_equal(RUN("add", list_path(room), "phrase", "la flor azul", "--cat", "threat",
                         "--yes", "mira la flor azul", "--no", "la flor roja", "--id", "0a0b0c0d"),
                     ERROR_NONE);
    const struct list *list = read_list(room);
    assert_int_equal(list->entry_count, 1);
    assert_true(slice_is(list->entries[0].id, "0a0b0c0d"));
    assert_int_equal(list->entries[0].test_count, 2);
    assert_non_null(strstr(desk_said, "added 0a0b0c0d"));
}

static void what_fails_its_own_test_is_not_written(void **state)
{
    struct room *room = *state;
    assert_int_equal(RUN("add", list_path(room), "phrase", "la flor azul", "--cat", "threat",
                         "--yes", "la flor roja"),
                     ERROR_INPUT);
    assert_int_equal(access(list_path(room), F_OK), -1);
    assert_int_equal(RUN("add", list_path(room), "re", "(a+)+$", "--cat", "threat"), ERROR_INPUT);
    assert_int_equal(
        RUN("add", list_path(room), "phrase", "uno\n+ addr x@example.net", "--cat", "threat"),
        ERROR_INPUT);
    assert_int_equal(RUN("add", list_path(room), "phrase", "uno dos"), ERROR_USAGE);
    assert_int_equal(RUN("add", list_path(room), "colour", "uno dos", "--cat", "threat"),
                     ERROR_USAGE);
    assert_int_equal(access(list_path(room), F_OK), -1);
}

static void the_same_value_stands_once(void **state)
{
    struct room *room = *state;
    assert_int_equal(RUN("add", list_path(room), "addr", "x@example.net", "--cat", "threat"),
                     ERROR_NONE);
    assert_int_equal(RUN("add", list_path(room), "addr", "x@example.net", "--cat", "threat"),
                     ERROR_INPUT);
    assert_int_equal(read_list(room)->entry_count, 1);
}

static void what_is_removed_leaves_a_retraction(void **state)
{
    struct room *room = *state;
    assert_int_equal(
        RUN("add", list_path(room), "addr", "x@example.net", "--cat", "threat", "--id", "0a0b0c0d"),
        ERROR_NONE);
    assert_int_equal(RUN("remove", list_path(room), "ffffffff", "--why", "fixed"), ERROR_NOT_FOUND);
    assert_int_equal(RUN("remove", list_path(room), "0a0b0c0d", "--why", "wrong-person"),
                     ERROR_NONE);
    const struct list *list = read_list(room);
    assert_int_equal(list->entry_count, 0);
    assert_int_equal(list->retraction_count, 1);
    assert_true(slice_is(list->retractions[0].id, "0a0b0c0d"));
    assert_int_equal(RUN("remove", list_path(room), "0a0b0c0d"), ERROR_NOT_FOUND);
}

static void a_digest_hides_its_words_and_keeps_to_one_key(void **state)
{
    struct room *room = *state;
    assert_int_equal(
        RUN("add", list_path(room), "phone", "+54 9 11 5550-1234", "--cat", "stalking"),
        ERROR_USAGE);
    assert_int_equal(RUN("add", list_path(room), "kphrase", "calle de las flores", "--cat",
                         "doxxing", "--digest-key", "k3"),
                     ERROR_NOT_FOUND);
    assert_int_equal(DESK_RUN(room, key, "init", "--group", "k3"), ERROR_NONE);
    assert_int_equal(DESK_RUN(room, key, "init", "--group", "k4"), ERROR_NONE);
    assert_int_equal(RUN("add", list_path(room), "kphrase", "calle de las flores", "--cat",
                         "doxxing", "--digest-key", "k3"),
                     ERROR_NONE);
    assert_int_equal(RUN("add", list_path(room), "phone", "+54 9 11 5550-1234", "--cat", "stalking",
                         "--digest-key", "k3"),
                     ERROR_NONE);
    assert_int_equal(RUN("add", list_path(room), "phone", "+54 9 11 5550-9999", "--cat", "stalking",
                         "--digest-key", "k4"),
                     ERROR_INPUT);
    const struct list *list = read_list(room);
    assert_int_equal(list->entry_count, 2);
    for (size_t i = 0; i < list->entry_count; i++) {
        assert_null(list->entries[i].inactive);
        assert_true(slice_starts_with(list->entries[i].value, "#k3:"));
    }
}

/* Each reads the file and writes it whole: without a lock the last one would win. */
static void entries_added_at_once_all_stand(void **state)
{
    struct room *room = *state;
    pid_t children[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            char address[40];
            snprintf(address, sizeof address, "x%d@example.net", i);
            _exit(DESK_RUN(room, list, "add", list_path(room), "addr", address, "--cat", "threat"));
        }
    }
    for (int i = 0; i < WRITERS; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(read_list(room)->entry_count, WRITERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(an_entry_is_added_with_its_tests_and_the_list_begins),
        DESK_TEST(what_fails_its_own_test_is_not_written),
        DESK_TEST(the_same_value_stands_once),
        DESK_TEST(what_is_removed_leaves_a_retraction),
        DESK_TEST(a_digest_hides_its_words_and_keeps_to_one_key),
        DESK_TEST(entries_added_at_once_all_stand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
