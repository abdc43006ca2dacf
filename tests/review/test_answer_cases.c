/*
 * Plays every folder of tests/cases/answer: reply.eml in the situation that `state` describes, then
 * `expect`. The words of both files: tests/cases/answer/README.md.
 */
#include "tests/review/scene.h"

#include "common/base/files.h"
#include "policy/sender.h"
#include <dirent.h>
#include <limits.h>
#include <sodium.h>

struct word {
    const char *name;
    int value;
};

static const struct word item_states[] = {
    {"held", STORE_ITEM_HELD},       {"releasing", STORE_ITEM_RELEASING},
    {"deleted", STORE_ITEM_DELETED}, {"released", STORE_ITEM_RELEASED},
    {"expired", STORE_ITEM_EXPIRED}, {NULL, 0}};
static const struct word member_states[] = {{"invited", STORE_MEMBER_INVITED},
                                            {"on", STORE_MEMBER_ON},
                                            {"off", STORE_MEMBER_OFF},
                                            {"forgotten", 0},
                                            {NULL, 0}};
static const struct word languages[] = {{"es", SETTINGS_LANGUAGE_ES},
                                        {"pt", SETTINGS_LANGUAGE_PT},
                                        {"en", SETTINGS_LANGUAGE_EN},
                                        {NULL, 0}};
static const struct word sender_rules[] = {{"none", STORE_SENDER_NONE},
                                           {"allow", STORE_SENDER_ALLOW},
                                           {"block", STORE_SENDER_BLOCK},
                                           {NULL, 0}};

static int value_of(const struct word *table, struct slice word)
{
    for (; table->name != NULL; table++)
        if (slice_is(word, table->name))
            return table->value;
    print_error("\"" SLICE_FORMAT "\" is not one of the words here\n", SLICE_ARGUMENTS(word));
    fail();
    return 0;
}

/* --- the lines of state and expect --------------------------------------------------------------
 */

/* "item 2 = deleted": name "item", number 2, value "deleted". */
struct line {
    struct slice name, key, value;
    int number;
};

static bool read_line(struct slice *rest, struct line *line_out)
{
    struct slice text;
    while (slice_next(rest, '\n', &text)) {
        struct line line = {0};
        long long number = 0;
        text = slice_trim(text);
        if (text.size == 0 || text.data[0] == '#')
            continue;
        size_t equals = slice_find_byte(text, '=');
        assert_true(equals < text.size);
        line.value = slice_trim(slice_from(text, equals + 1));
        struct slice left = slice_part(text, 0, equals);
        assert_true(slice_next_word(&left, &line.name));
        line.key = slice_trim(left);
        if (slice_to_number(line.key, 0, 1000, &number))
            line.number = (int)number;
        *line_out = line;
        return true;
    }
    return false;
}

static struct slice read_case_file(struct scene *s, const char *folder, const char *name)
{
    char path[PATH_MAX + 64];
    BUFFER_CLEANUP content = buffer_new(8 * MIB);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    MUST(file_read(path, &content, &s->err));
    return arena_copy(s->arena, buffer_slice(&content));
}

static struct slice find_line(struct slice text, const char *name, const char *fallback)
{
    struct line line;
    while (read_line(&text, &line))
        if (slice_is(line.name, name) && slice_is_empty(line.key))
            return line.value;
    return slice_of(fallback);
}

/* --- the situation ------------------------------------------------------------------------------
 */

static void set_item(struct scene *s, const struct line *line)
{
    int64_t id = s->items[line->number];
    assert_in_range(line->number, 1, s->item_count);
    if (slice_is(line->value, "pinned")) {
        assert_int_equal(store_item_pin(s->store, id, true, &s->err), 1);
    } else if (slice_is(line->value, "unproven")) {
        s->items[line->number] = hold(s, s->member.row.id, 100 + line->number, false);
    } else if (slice_is(line->value, "foreign")) {
        s->items[line->number] = hold(s, s->other_id, 100 + line->number, true);
    } else {
        enum store_item_state to = (enum store_item_state)value_of(item_states, line->value);
        assert_int_equal(store_item_move(s->store, id, ~0u, to, NOW - 60,
                                         to == STORE_ITEM_DELETED ? NOW + 7 * DAY : 0, &s->err),
                         1);
    }
}

static void set_token(struct scene *s, struct slice kind)
{
    if (slice_is(kind, "invitation"))
        make_token(s, STORE_TOKEN_INVITATION, NOW + DAY);
    else if (slice_is(kind, "expired"))
        make_token(s, STORE_TOKEN_DIGEST, NOW - 1);
    else if (slice_is(kind, "wrong"))
        s->token[3] = s->token[3] == 'a' ? 'b' : 'a';
    else if (slice_is(kind, "forget") || slice_is(kind, "start"))
        MUST(token_make_question(s->store, s->member.row.id,
                                 slice_is(kind, "start") ? "start" : "forget", s->digest_id,
                                 NOW - 60, NOW + DAY, s->token, &s->err));
    else
        assert_true(slice_is(kind, "digest"));
}

static void prepare(struct scene *s, struct slice state)
{
    struct line line;
    bool has_new_items = false;
    while (read_line(&state, &line)) {
        if (slice_is(line.name, "item")) {
            set_item(s, &line);
            has_new_items = true;
        } else if (slice_is(line.name, "setting")) {
            MUST(member_set(s->store, &s->member, line.key, line.value, &s->err));
        } else if (slice_is(line.name, "helped")) {
            s->member.row.last_help_at = NOW - 3600;
            MUST(store_member_put(s->store, &s->member.row, &s->err));
        } else if (slice_is(line.name, "sender")) {
            assert_true(slice_to_text(slice_is(line.value, "<>") ? slice_of("") : line.value,
                                      s->sender, sizeof s->sender));
        } else if (slice_is(line.name, "twice")) {
            s->is_twice = true;
        } else if (!slice_is(line.name, "member") && !slice_is(line.name, "language") &&
                   !slice_is(line.name, "items") && !slice_is(line.name, "token") &&
                   !slice_is(line.name, "recipient")) {
            fail_msg("state: there is no " SLICE_FORMAT, SLICE_ARGUMENTS(line.name));
        }
    }
    if (has_new_items) {
        make_digest(s);
        make_token(s, STORE_TOKEN_DIGEST, NOW + 30 * DAY);
    }
}

/* --- what must be -------------------------------------------------------------------------------
 */

static void check_rule(struct scene *s, const struct line *line)
{
    char address[64];
    enum store_sender_rule rule = STORE_SENDER_NONE;
    snprintf(address, sizeof address, "stranger%d@example.net", line->number);
    MUST(sender_find_rule(s->store, &s->keys, s->member.row.id, slice_of(address), slice_of(NULL),
                          &rule, &s->err));
    assert_int_equal(rule, value_of(sender_rules, line->value));
}

static void check_setting(struct scene *s, const struct line *line)
{
    struct member member;
    BUFFER_CLEANUP value = buffer_new(200);
    assert_int_equal(member_get(s->store, s->member.row.id, s->arena, &member, &s->err), 1);
    wishes_print(&member.wishes, option_find(wishes_rows, line->key), &value);
    if (!slice_equals(buffer_slice(&value), line->value))
        fail_msg("setting " SLICE_FORMAT " is %s", SLICE_ARGUMENTS(line->key), value.data);
}

static void check_member(struct scene *s, const struct line *line)
{
    struct store_member row = {0};
    int found = store_member_get(s->store, s->member.row.id, s->arena, &row, &s->err);
    assert_int_equal(found == 1 ? (int)row.state : 0, value_of(member_states, line->value));
}

static void check_wrong(struct scene *s, const struct line *line)
{
    struct store_entry_counts *rows;
    size_t count;
    int64_t wrong = 0;
    MUST(store_entry_list(s->store, s->arena, &rows, &count, &s->err));
    for (size_t i = 0; i < count; i++)
        wrong += rows[i].wrong;
    long long expected;
    assert_true(slice_to_number(line->value, 0, 100, &expected));
    assert_int_equal(wrong, expected);
}

static void check_text(struct scene *s, const struct line *line)
{
    BUFFER_CLEANUP all = buffer_new(16 * MIB);
    read_receipts(s, &all);
    bool is_there = slice_find(buffer_slice(&all), line->value) < all.size;
    if (is_there != slice_is(line->name, "says"))
        fail_msg(SLICE_FORMAT ": \"" SLICE_FORMAT "\" of: %s", SLICE_ARGUMENTS(line->name),
                 SLICE_ARGUMENTS(line->value), all.data);
}

static void check_item(struct scene *s, const struct line *line)
{
    assert_in_range(line->number, 1, s->item_count);
    if (slice_is(line->value, "pinned") || slice_is(line->value, "unpinned"))
        assert_int_equal(is_pinned(s, line->number), slice_is(line->value, "pinned"));
    else
        assert_int_equal(state_of(s, s->items[line->number]), value_of(item_states, line->value));
}

static void check(struct scene *s, struct slice expect)
{
    struct line line;
    while (read_line(&expect, &line)) {
        if (slice_is(line.name, "result"))
            assert_true(slice_is(line.value, s->result.ending));
        else if (slice_is(line.name, "reason"))
            assert_true(slice_is(line.value, s->result.reason));
        else if (slice_is(line.name, "receipts"))
            assert_int_equal(count_receipts(s), line.value.data[0] - '0');
        else if (slice_is(line.name, "says") || slice_is(line.name, "never-says"))
            check_text(s, &line);
        else if (slice_is(line.name, "item"))
            check_item(s, &line);
        else if (slice_is(line.name, "member"))
            check_member(s, &line);
        else if (slice_is(line.name, "rule"))
            check_rule(s, &line);
        else if (slice_is(line.name, "setting"))
            check_setting(s, &line);
        else if (slice_is(line.name, "wrong"))
            check_wrong(s, &line);
        else
            fail_msg("expect: there is no " SLICE_FORMAT, SLICE_ARGUMENTS(line.name));
    }
}

/* --- one test for each folder -------------------------------------------------------------------
 */

static char cases_folder[PATH_MAX];

static void find_cases(void)
{
    char program[PATH_MAX - 40];
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    program[size > 0 ? size : 0] = '\0';
    for (char *slash; (slash = strrchr(program, '/')) != NULL;) {
        *slash = '\0';
        snprintf(cases_folder, sizeof cases_folder, "%s/tests/cases/answer", program);
        if (access(cases_folder, R_OK) == 0)
            return;
    }
}

static void play(void **state)
{
    char folder[PATH_MAX + 300];
    struct scene s = {.arena = arena_new(MIB)};
    snprintf(folder, sizeof folder, "%s/%s", cases_folder, (const char *)*state);
    struct slice situation = read_case_file(&s, folder, "state");
    enum store_member_state member =
        (enum store_member_state)value_of(member_states, find_line(situation, "member", "on"));
    int language = value_of(languages, find_line(situation, "language", "en"));
    long long items;
    assert_true(slice_to_number(find_line(situation, "items", "3"), 0, MOST_ITEMS, &items));
    arena_free(s.arena);
    scene_open(&s, member, language, (int)items);
    situation = read_case_file(&s, folder, "state");
    prepare(&s, situation);
    set_token(&s, find_line(situation, "token", "digest"));
    struct slice mail = read_case_file(&s, folder, "reply.eml");
    struct slice recipient = find_line(situation, "recipient", "");
    for (int turn = 0; turn < (s.is_twice ? 2 : 1); turn++) {
        if (recipient.size > 0)
            answer_to(&s, arena_copy(s.arena, recipient).data, mail);
        else
            answer(&s, mail);
    }
    check(&s, read_case_file(&s, folder, "expect"));
    scene_close(&s);
}

static int is_case(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && entry->d_type != DT_REG;
}

int main(void)
{
    struct dirent **entries;
    find_cases();
    int count = scandir(cases_folder, &entries, is_case, alphasort);
    if (count <= 0 || sodium_init() < 0) {
        fprintf(stderr, "no cases in %s\n", cases_folder);
        return 1;
    }
    struct CMUnitTest *tests = calloc((size_t)count, sizeof *tests);
    if (tests == NULL)
        return 1;
    for (int i = 0; i < count; i++)
        tests[i] = (struct CMUnitTest){entries[i]->d_name, play, NULL, NULL, entries[i]->d_name};
    int failed = _cmocka_run_group_tests("cases of answers", tests, (size_t)count, NULL, NULL);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    free(tests);
    return failed;
}
