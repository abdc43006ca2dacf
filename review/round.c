#include "review/round.h"

#include "common/store/store_lane.h"
#include "policy/contact.h"
#include "policy/flood.h"
#include "policy/lane.h"
#include "policy/likeness.h"
#include "policy/member.h"
#include "quarantine/expire.h"
#include "quarantine/release.h"
#include "review/attend.h"
#include "review/outbox.h"
#include "review/updates.h"
#include <stdlib.h>
#include <string.h>

#define SECONDS_OF_DAY 86400
#define AGING_SECONDS 3600
#define UPDATE_SECONDS 60
#define REPEAT_SECONDS 300 /* the same trouble is logged once in this time */

struct round {
    const struct review *review;
    struct round_state *state;
};

typedef int step_function(struct round *round, struct error *err);

static step_function release_step, expire_step, updates_step, attend_step, outbox_step, age_step;

static const struct {
    const char *name; /* the event in the log */
    step_function *run;
} steps[] = {
    {"release", release_step},                            /* first: somebody is waiting for it */
    {"expire", expire_step},   {"updates", updates_step}, /* this and the next write into the outbox
                                                           */
    {"attend", attend_step},   {"outbox", outbox_step},   {"age", age_step},
};

#define STEP_COUNT (sizeof steps / sizeof steps[0])

struct round_state {
    struct {
        char text[sizeof((struct error *)0)->text];
        int64_t logged_at;
    } troubles[STEP_COUNT];
    int64_t aged_at, updated_at;
    uint64_t update_signature; /* of the inbox when it was taken last */
};

struct round_state *round_new(void)
{
    return calloc(1, sizeof(struct round_state));
}

void round_free(struct round_state *state)
{
    free(state);
}

static int release_step(struct round *round, struct error *err)
{
    const struct review *review = round->review;
    struct release_counts counts;
    if (release_run(review->store, review->keys, review->settings, review->now, &counts, err) != 0)
        return -1;
    if (counts.sent + counts.postponed + counts.refused > 0)
        log_event(LOG_LEVEL_INFO, "released", "sent=%d postponed=%d refused=%d", counts.sent,
                  counts.postponed, counts.refused);
    return 0;
}

/* When her settings cannot be read the mail is delivered, not deleted. */
static bool wants_delivery(void *context, int64_t member_id)
{
    const struct review *review = context;
    ARENA_CLEANUP *arena = arena_new(1 << 20);
    struct member member;
    struct error err = {0};
    if (arena == NULL || member_get(review->store, member_id, arena, &member, &err) != 1)
        return true;
    return member.wishes.at_expiry == WISH_EXPIRY_DELIVER;
}

static int expire_step(struct round *round, struct error *err)
{
    struct review review = *round->review;
    struct expire_counts counts;
    if (expire_run(review.store, review.now, wants_delivery, &review, &counts, err) != 0)
        return -1;
    if (counts.expired + counts.delivered + counts.gone > 0)
        log_event(LOG_LEVEL_INFO, "expired", "deleted=%d delivered=%d gone=%d", counts.expired,
                  counts.delivered, counts.gone);
    return 0;
}

/* When something came, and now and then for trials that have ended. */
static int updates_step(struct round *round, struct error *err)
{
    const struct review *review = round->review;
    struct updates_counts counts;
    uint64_t signature = updates_signature(review->settings);
    if (signature == round->state->update_signature &&
        review->now < round->state->updated_at + UPDATE_SECONDS)
        return 0;
    int failed = updates_run(review, &counts, err);
    round->state->updated_at = review->now;
    round->state->update_signature = signature;
    if (counts.activated + counts.waiting + counts.refused + counts.offered > 0)
        log_event(LOG_LEVEL_INFO, "updated", "activated=%d waiting=%d refused=%d offered=%d",
                  counts.activated, counts.waiting, counts.refused, counts.offered);
    return failed;
}

static int attend_step(struct round *round, struct error *err)
{
    struct attend_counts counts;
    if (attend_members(round->review, &counts, err) != 0)
        return -1;
    if (counts.digests + counts.shields_ended > 0)
        log_event(LOG_LEVEL_INFO, "attended", "digests=%d shields_ended=%d", counts.digests,
                  counts.shields_ended);
    if (counts.troubles == 0)
        return 0;
    return error_set(err, counts.trouble.kind, "%d members: %.400s", counts.troubles,
                     counts.trouble.text);
}

static int outbox_step(struct round *round, struct error *err)
{
    const struct review *review = round->review;
    struct outbox_counts counts;
    if (outbox_run(review->store, review->keys, review->settings, review->now, &counts, err) != 0)
        return -1;
    if (counts.sent > 0)
        log_event(LOG_LEVEL_INFO, "sent", "mails=%d", counts.sent);
    if (counts.postponed + counts.given_up == 0)
        return 0;
    return error_set(err, counts.trouble.kind, "%d mails wait, %d were given up: %.400s",
                     counts.postponed, counts.given_up, counts.trouble.text);
}

static int age_step(struct round *round, struct error *err)
{
    const struct review *review = round->review;
    int64_t now = review->now;
    if (now < round->state->aged_at + AGING_SECONDS)
        return 0;
    if (store_flood_end(review->store, now - FLOOD_QUIET_SECONDS, err) != 0 ||
        store_token_remove_expired(review->store, now, err) != 0 ||
        store_lane_age(review->store, now / SECONDS_OF_DAY - LANE_SOURCE_DAYS, err) != 0 ||
        store_contact_age(review->store, now - CONTACT_DAYS * (int64_t)SECONDS_OF_DAY, err) != 0 ||
        store_likeness_age(review->store, now - LIKENESS_DAYS * (int64_t)SECONDS_OF_DAY, err) != 0)
        return -1;
    round->state->aged_at = now;
    return 0;
}

static void log_trouble(struct round_state *state, size_t step, int64_t now,
                        const struct error *err)
{
    if (strcmp(state->troubles[step].text, err->text) == 0 &&
        now < state->troubles[step].logged_at + REPEAT_SECONDS)
        return;
    memcpy(state->troubles[step].text, err->text, sizeof err->text);
    state->troubles[step].logged_at = now;
    log_error(steps[step].name, err);
}

int round_run(struct round_state *state, const struct review *review)
{
    struct round round = {review, state};
    int troubles = 0;
    for (size_t i = 0; i < STEP_COUNT; i++) {
        struct error err = {0};
        if (steps[i].run(&round, &err) != 0) {
            log_trouble(state, i, review->now, &err);
            troubles++;
        } else {
            state->troubles[i].text[0] = '\0';
        }
    }
    return troubles;
}
