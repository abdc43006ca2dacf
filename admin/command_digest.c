/*
 * digest: sends a digest now, or shows what it would say. What is shown to the admin is never more
 * than the step `count`, whatever the member chose, and stands in her log.
 */
#include "admin/commands.h"

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/store/store_log.h"
#include "policy/member.h"
#include "review/digest.h"
#include "review/phrases.h"
#include <stdio.h>

#define ARENA_BYTES (64 * MIB)

struct wanted {
    bool is_dry_run;
    const char *member;
};

static const struct args_row rows[] = {
    {"member", ARGS_VALUE, offsetof(struct wanted, member), "ADDRESS", "this member alone"},
    {"dry-run", ARGS_FLAG, offsetof(struct wanted, is_dry_run), NULL,
     "print it (never more than how many and why) and send nothing"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

static int log_line(const struct review *review, const struct member *member, const char *action,
                    struct error *err)
{
    const struct store_log_line line = {.member_id = member->row.id,
                                        .at = review->now,
                                        .actor = slice_of("admin"),
                                        .action = slice_of(action)};
    return store_log_add(review->store, &line, err);
}

static int show(const struct review *review, const struct member *member, struct arena *arena,
                struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(LIMIT_DIGEST_BYTES);
    struct digest digest;
    if (digest_gather(review, member, WISH_REVEAL_COUNT, arena, &digest, err) != 0)
        return -1;
    digest_write_text(&digest, &text);
    if (buffer_check(&text, "a digest", err) != 0 ||
        log_line(review, member, "summary shown", err) != 0)
        return -1;
    fwrite(text.data, 1, text.size, stdout);
    return 0;
}

static int digest_one(const struct review *review, const struct wanted *wanted,
                      const struct member *member, struct arena *arena, struct error *err)
{
    if (!member_is_on(member))
        return error_set(err, ERROR_INPUT, "this member is not on");
    if (wanted->is_dry_run)
        return show(review, member, arena, err);
    if (log_line(review, member, "digest", err) != 0)
        return -1;
    return digest_send(review, member, err);
}

static int digest_all(const struct review *review, const struct wanted *wanted, struct arena *arena,
                      size_t *count_out, struct error *err)
{
    ARENA_CLEANUP *own = arena_new(ARENA_BYTES);
    struct store_member *members;
    struct member member;
    size_t count;
    if (own == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (store_member_list(review->store, arena, &members, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        arena_reset(own);
        if (members[i].state != STORE_MEMBER_ON)
            continue;
        if (member_get(review->store, members[i].id, own, &member, err) != 1 ||
            digest_one(review, wanted, &member, own, err) != 0)
            return -1;
        ++*count_out;
    }
    return 0;
}

static int run(const struct review *review, const struct wanted *wanted, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    struct member member;
    size_t count = 0;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (wanted->member != NULL) {
        int found = member_find(review->store, review->settings, slice_of(wanted->member), arena,
                                &member, err);
        if (found == 0)
            return error_set(err, ERROR_NOT_FOUND, "nobody of that address was invited");
        if (found < 0 || digest_one(review, wanted, &member, arena, err) != 0)
            return -1;
        count = 1;
    } else if (digest_all(review, wanted, arena, &count, err) != 0) {
        return -1;
    }
    if (!wanted->is_dry_run)
        printf("%zu queued; zaguan-review sends them\n", count);
    return 0;
}

int command_digest(const struct command_context *context, int argc, char **argv, struct error *err)
{
    static struct settings settings;
    static struct keys keys;
    struct wanted wanted = {0};
    struct args_list words = {0};
    struct review review = {.keys = &keys, .settings = &settings, .now = clock_now()};
    int failed = args_parse(rows, argc, argv, &wanted, &words, err);
    if (failed == 0 && words.count > 0)
        failed = error_set(err, ERROR_USAGE, "digest takes no other words; --member ADDRESS");
    args_list_free(&words);
    if (failed != 0 || command_read_settings(context, &settings, err) != 0 ||
        keys_read(&settings, KEYS_SECRET, &keys, err) != 0 ||
        store_open(settings.database, &review.store, err) != 0)
        return -1;
    phrases_open();
    failed = run(&review, &wanted, err);
    store_close(review.store);
    return failed;
}
