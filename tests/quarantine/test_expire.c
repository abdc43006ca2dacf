#include "quarantine/expire.h"

#include "common/store/store_mail.h"
#include "tests/quarantine/stage.h"

#define DAY (24 * 60 * 60)

static bool say_no(void *context, int64_t member_id)
{
    (void)context;
    (void)member_id;
    return false;
}

static bool say_yes_for(void *context, int64_t member_id)
{
    return member_id == *(int64_t *)context;
}

static struct expire_counts run(int64_t now)
{
    struct expire_counts counts;
    assert_int_equal(expire_run(stage.store, now, say_no, NULL, &counts, &err), 0);
    return counts;
}

/* She was told: so many digests that were accepted for delivery. */
static void tell(int64_t item_id, int digests)
{
    for (int i = 0; i < digests; i++) {
        int64_t digest;
        assert_int_equal(
            store_digest_put(stage.store, stage.ana, STAGE_NOW, &item_id, 1, &digest, &err), 0);
        assert_int_equal(store_digest_accepted(stage.store, digest, STAGE_NOW, &err), 0);
    }
}

static int state_of(int64_t item_id) /* 0: gone */
{
    struct store_item item;
    return store_item_get(stage.store, item_id, stage.arena, &item, &err) == 1 ? (int)item.state
                                                                               : 0;
}

static void an_item_expires_when_it_is_old_and_she_was_told_twice(void **state)
{
    (void)state;
    int64_t id = stage_item(HOLD_FOR_MEMBER);
    const struct {
        int64_t now;
        int digests; /* more than before */
        int expired;
    } rows[] = {
        {STAGE_NOW + 999, 0, 0},        {STAGE_NOW + 1000, 0, 0}, {STAGE_NOW + 1000, 1, 0},
        {STAGE_NOW + 1000 * DAY, 0, 0}, {STAGE_NOW + 999, 1, 0},  {STAGE_NOW + 1000, 0, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tell(id, rows[i].digests);
        struct expire_counts counts = run(rows[i].now);
        assert_int_equal(counts.expired, rows[i].expired);
        assert_int_equal(counts.gone, rows[i].expired);
        assert_int_equal(counts.delivered, 0);
    }
    assert_int_equal(state_of(id), 0);
}

static void what_waits_for_who_stopped_expires_by_age_alone(void **state)
{
    (void)state;
    int64_t id = stage_item(HOLD_FOR_MEMBER);
    assert_int_equal(run(STAGE_NOW + 1000).expired, 0);
    assert_int_equal(expire_by_age_alone(stage.store, stage.bea, &err), 0);
    assert_int_equal(run(STAGE_NOW + 1000).expired, 0); /* of another member */
    assert_int_equal(expire_by_age_alone(stage.store, stage.ana, &err), 0);
    assert_int_equal(run(STAGE_NOW + 999).expired, 0);
    assert_int_equal(run(STAGE_NOW + 1000).expired, 1);
    assert_int_equal(state_of(id), 0);
}

static void no_number_of_other_mails_pushes_one_out(void **state)
{
    (void)state;
    struct hold_desk *desk;
    struct store_item *items;
    int64_t first = stage_item(HOLD_FOR_MEMBER);
    assert_int_equal(hold_open(&stage.settings, &stage.keys, &desk, &err), 0);
    for (int i = 0; i < 300; i++) {
        char mail[32];
        snprintf(mail, sizeof mail, "mail %d", i);
        assert_int_equal(
            stage_hold(desk, slice_of(mail), "x@example.net", stage.ana, HOLD_FOR_MEMBER), 0);
    }
    hold_close(desk);
    run(STAGE_NOW + 500);
    assert_int_equal(stage_items(0, &items), 301);
    assert_int_equal(state_of(first), STORE_ITEM_HELD);
}

static void what_she_keeps_does_not_expire_until_she_lets_it(void **state)
{
    (void)state;
    int64_t id = stage_item(HOLD_FOR_MEMBER);
    tell(id, 2);
    assert_int_equal(keep_item(stage.store, id, true, &err), 1);
    assert_int_equal(run(STAGE_NOW + 5000 * (int64_t)DAY).expired, 0);
    assert_int_equal(store_item_move(stage.store, id, ~0u, STORE_ITEM_EXPIRED, 5, 0, &err), 0);
    assert_int_equal(store_item_deliver_tagged(stage.store, id, 5, &err), 0);
    assert_int_equal(keep_item(stage.store, id, false, &err), 1);
    assert_int_equal(run(STAGE_NOW + 1000).expired, 1);
    assert_int_equal(keep_item(stage.store, id, true, &err), 0);
}

static void who_wants_it_delivered_gets_it_tagged(void **state)
{
    (void)state;
    struct expire_counts counts;
    struct store_item item;
    int64_t id = stage_item(HOLD_FOR_MEMBER);
    tell(id, 2);
    assert_int_equal(
        expire_run(stage.store, STAGE_NOW + 1000, say_yes_for, &stage.ana, &counts, &err), 0);
    assert_int_equal(counts.delivered, 1);
    assert_int_equal(counts.expired, 0);
    assert_int_equal(store_item_get(stage.store, id, stage.arena, &item, &err), 1);
    assert_int_equal(item.state, STORE_ITEM_RELEASING);
    assert_true(item.wants_tag);
}

static void a_deletion_can_be_undone_until_its_window_ends(void **state)
{
    (void)state;
    struct store_item item;
    int64_t id = stage_item(HOLD_FOR_MEMBER);
    tell(id, 2);
    assert_int_equal(delete_request(stage.store, id, STAGE_NOW, 7 * DAY, &err), 1);
    assert_int_equal(delete_request(stage.store, id, STAGE_NOW, 7 * DAY, &err), 0);
    assert_int_equal(run(STAGE_NOW + 7 * DAY - 1).gone, 0);
    assert_int_equal(delete_undo(stage.store, id, STAGE_NOW + 7 * DAY - 1, &err), 1);
    assert_int_equal(delete_undo(stage.store, id, STAGE_NOW + 7 * DAY - 1, &err), 0);
    assert_int_equal(store_item_get(stage.store, id, stage.arena, &item, &err), 1);
    assert_int_equal(item.state, STORE_ITEM_HELD);
    /* It had expired meanwhile: who takes it back has time to look. */
    assert_int_equal(run(STAGE_NOW + 14 * DAY - 2).expired, 0);
    assert_int_equal(run(STAGE_NOW + 14 * DAY - 1).expired, 1);

    id = stage_item(HOLD_FOR_MEMBER);
    assert_int_equal(delete_request(stage.store, id, STAGE_NOW, 7 * DAY, &err), 1);
    assert_int_equal(delete_undo(stage.store, id, STAGE_NOW + 7 * DAY, &err), 0);
    assert_int_equal(run(STAGE_NOW + 7 * DAY).gone, 1);
    assert_int_equal(state_of(id), 0);
    assert_int_equal(delete_undo(stage.store, id, STAGE_NOW, &err), 0);
    assert_int_equal(delete_request(stage.store, id, STAGE_NOW, 1, &err), 0);
}

static void a_released_item_is_known_for_a_week(void **state)
{
    (void)state;
    int64_t id = stage_item(HOLD_FOR_MEMBER);
    assert_int_equal(store_item_move(stage.store, id, ~0u, STORE_ITEM_RELEASED, STAGE_NOW, 0, &err),
                     1);
    assert_int_equal(delete_request(stage.store, id, STAGE_NOW, 1, &err), 0);
    assert_int_equal(run(STAGE_NOW + 7 * DAY).gone, 0);
    assert_int_equal(run(STAGE_NOW + 7 * DAY + 1).gone, 1);
}

static void what_is_on_its_way_neither_expires_nor_is_deleted(void **state)
{
    (void)state;
    int64_t id = stage_item(HOLD_SPLIT_TAG);
    tell(id, 2);
    assert_int_equal(delete_request(stage.store, id, STAGE_NOW, 1, &err), 0);
    assert_int_equal(run(STAGE_NOW + 1000 * (int64_t)DAY).expired, 0);
    assert_int_equal(state_of(id), STORE_ITEM_RELEASING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(an_item_expires_when_it_is_old_and_she_was_told_twice),
        STAGE_TEST(what_waits_for_who_stopped_expires_by_age_alone),
        STAGE_TEST(no_number_of_other_mails_pushes_one_out),
        STAGE_TEST(what_she_keeps_does_not_expire_until_she_lets_it),
        STAGE_TEST(who_wants_it_delivered_gets_it_tagged),
        STAGE_TEST(a_deletion_can_be_undone_until_its_window_ends),
        STAGE_TEST(a_released_item_is_known_for_a_week),
        STAGE_TEST(what_is_on_its_way_neither_expires_nor_is_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
