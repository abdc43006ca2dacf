#include "quarantine/release.h"

#include "common/base/files.h"
#include "common/base/limits.h"
#include "common/mail/submit.h"
#include "common/store/store_log.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>

#define TRACE_BYTES ((size_t)64 * 1024)
#define ITEM_ARENA_BYTES ((size_t)4 * 1024 * 1024)
#define LISTING_BYTES (256 * MIB) /* a bound; a row takes about a kilobyte */
#define RUN_MOST_ITEMS 500        /* of one run; the next comes soon */
#define RUN_MOST_FAILURES 3
#define FIRST_WAIT_SECONDS 10
#define LONGEST_WAIT_SECONDS 3600

int release_request(struct store *store, int64_t item_id, int64_t now,
                    enum store_item_state *state_out, struct error *err)
{
    unsigned askable = STORE_ITEM_BIT(STORE_ITEM_HELD) | STORE_ITEM_BIT(STORE_ITEM_REFUSED);
    int moved = store_item_move(store, item_id, askable, STORE_ITEM_RELEASING, now, 0, err);
    if (moved != 0) {
        if (moved == 1)
            *state_out = STORE_ITEM_RELEASING;
        return moved;
    }
    struct store_item item;
    ARENA_CLEANUP *arena = arena_new(ITEM_ARENA_BYTES);
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    int found = store_item_get(store, item_id, arena, &item, err);
    if (found < 0)
        return -1;
    if (found == 0)
        return error_set(err, ERROR_NOT_FOUND, "there is no item %lld", (long long)item_id);
    *state_out = item.state;
    return 0;
}

/*
 * The one that sends, among all processes on this database: 1 it is us until *fd is closed (also by
 * dying), 0 another one is. A file, because a lock in the database would have to be timed out.
 */
static int take_turn(const struct settings *settings, int *fd, struct error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s-release.lock", settings->database);
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
    if (*fd < 0)
        return error_system(err, "%s: cannot be opened", path);
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
        return 1;
    return errno == EWOULDBLOCK ? 0 : error_system(err, "%s: cannot be locked", path);
}

enum outcome { OUTCOME_SENT, OUTCOME_POSTPONED, OUTCOME_REFUSED };

/* Only the listener can refuse for good: what cannot be opened here may be a key not yet restored.
 */
static enum outcome send_item(struct store *store, const struct keys *keys,
                              const struct settings *settings, const struct found_item *found,
                              struct error *trouble)
{
    BUFFER_CLEANUP message = buffer_new((size_t)found->item.size_bytes);
    BUFFER_CLEANUP trace = buffer_new(TRACE_BYTES);
    if (find_message(store, keys, found->item.message_id, &message, trouble) != 0 ||
        release_write_trace(found, settings, &trace, trouble) != 0)
        return OUTCOME_POSTPONED;
    struct slice pieces[] = {buffer_slice(&trace), buffer_slice(&message)};
    if (submit_message(settings->release_server, settings->hostname, found->sheet.envelope_sender,
                       found->recipient, pieces, 2, trouble) == 0)
        return OUTCOME_SENT;
    return trouble->kind == ERROR_INPUT ? OUTCOME_REFUSED : OUTCOME_POSTPONED;
}

static int count_entries(struct store *store, const struct found_item *found, struct error *err)
{
    for (size_t i = 0; i < found->reason_count; i++) {
        const struct item_reason *reason = &found->reasons[i];
        if (slice_is(reason->rule, "list") &&
            store_entry_count(store, reason->list, reason->entry, STORE_ENTRY_RELEASED, err) != 0)
            return -1;
    }
    return 0;
}

/* The commit that follows the listener's 250: nothing stands between them. */
static int mark_sent(struct store *store, const struct found_item *found, int64_t now,
                     struct error *err)
{
    bool is_answer = !found->item.is_split && !found->item.wants_tag;
    if (store_begin(store, err) != 0)
        return -1;
    int failed = store_item_move(store, found->item.id, STORE_ITEM_BIT(STORE_ITEM_RELEASING),
                                 STORE_ITEM_RELEASED, now, 0, err);
    if (failed >= 0)
        failed = store_counter_add(store, found->item.is_split ? "tagged" : "released", 1, err);
    if (failed >= 0 && is_answer)
        failed = count_entries(store, found, err);
    if (failed >= 0)
        return store_commit(store, err);
    store_rollback(store);
    return -1;
}

static int mark_refused(struct store *store, const struct found_item *found, int64_t now,
                        const struct error *why, struct error *err)
{
    const struct store_log_line line = {.member_id = found->item.member_id,
                                        .at = now,
                                        .item_id = found->item.id,
                                        .actor = slice_of("zaguan"),
                                        .action = slice_of("release refused"),
                                        .note = slice_of(why->text)};
    if (store_begin(store, err) != 0)
        return -1;
    int moved = store_item_move(store, found->item.id, STORE_ITEM_BIT(STORE_ITEM_RELEASING),
                                STORE_ITEM_REFUSED, now, 0, err);
    int failed = moved;
    if (moved == 1) /* else she was forgotten meanwhile */
        failed = store_log_add(store, &line, err);
    if (failed >= 0)
        failed = store_counter_add(store, "release_refused", 1, err);
    if (failed >= 0)
        return store_commit(store, err);
    store_rollback(store);
    return -1;
}

/*
 * Before anything is sent: if the store cannot be written, nothing may be sent, or a full disk
 * would make a copy with every run. It is also the backoff of a try that fails, or that we do not
 * survive.
 */
static int claim(struct store *store, const struct store_item *item, int64_t now, struct error *err)
{
    int64_t wait = FIRST_WAIT_SECONDS;
    for (int64_t i = 0; i < item->try_count && wait < LONGEST_WAIT_SECONDS; i++)
        wait *= 2;
    if (wait > LONGEST_WAIT_SECONDS)
        wait = LONGEST_WAIT_SECONDS;
    return store_item_postpone(store, item->id, now + wait, err);
}

static int release_item(struct store *store, const struct keys *keys,
                        const struct settings *settings, const struct store_item *item, int64_t now,
                        struct release_counts *counts, struct error *err)
{
    struct found_item found;
    struct error trouble = {0};
    enum outcome outcome = OUTCOME_POSTPONED;
    ARENA_CLEANUP *arena = arena_new(ITEM_ARENA_BYTES);
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    int is_there = find_item(store, keys, item->id, arena, &found, &trouble);
    if (is_there == 0 || (is_there == 1 && found.item.state != STORE_ITEM_RELEASING))
        return 0; /* forgotten, or done, since it was listed */
    if (claim(store, item, now, err) != 0)
        return -1;
    if (is_there == 1)
        outcome = send_item(store, keys, settings, &found, &trouble);
    counts->sent += outcome == OUTCOME_SENT;
    counts->refused += outcome == OUTCOME_REFUSED;
    counts->postponed += outcome == OUTCOME_POSTPONED;
    if (outcome == OUTCOME_SENT)
        return mark_sent(store, &found, now, err);
    counts->trouble = trouble;
    return outcome == OUTCOME_REFUSED ? mark_refused(store, &found, now, &trouble, err) : 0;
}

static int release_due(struct store *store, const struct keys *keys,
                       const struct settings *settings, int64_t now, struct release_counts *counts,
                       struct error *err)
{
    const struct store_item_filter due = {.states = STORE_ITEM_BIT(STORE_ITEM_RELEASING),
                                          .next_try_before = now + 1,
                                          .limit = RUN_MOST_ITEMS};
    struct store_item *items;
    size_t count;
    ARENA_CLEANUP *arena = arena_new(LISTING_BYTES);
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (store_item_list(store, &due, arena, &items, &count, err) != 0)
        return -1;
    int failures = 0; /* one after the other: a listener that is away is not asked 500 times */
    for (size_t i = 0; i < count && failures < RUN_MOST_FAILURES; i++) {
        int postponed = counts->postponed;
        if (release_item(store, keys, settings, &items[i], now, counts, err) != 0)
            return -1;
        failures = counts->postponed > postponed ? failures + 1 : 0;
    }
    return 0;
}

int release_run(struct store *store, const struct keys *keys, const struct settings *settings,
                int64_t now, struct release_counts *counts_out, struct error *err)
{
    struct release_counts counts = {0};
    CLEANUP_FD int turn = -1;
    int is_our_turn = take_turn(settings, &turn, err);
    if (is_our_turn < 0 ||
        (is_our_turn == 1 && release_due(store, keys, settings, now, &counts, err) != 0))
        return -1;
    *counts_out = counts;
    return 0;
}
