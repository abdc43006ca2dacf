#include "review/schedule.h"

#include "common/base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static int64_t at(const char *text)
{
    int64_t when = 0;
    if (text[0] == '\0')
        return 0;
    assert_true(clock_read_timestamp(slice_of(text), &when));
    return when;
}

static void her_hour_is_found_through_every_change_of_the_clock(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        int weekday, hour;
        const char *now, *last;
    } rows[] = {
        {"UTC", -1, 9, "2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z"},
        {"UTC", -1, 9, "2026-11-23T08:59:59Z", "2026-11-22T09:00:00Z"},
        {"America/Bogota", -1, 9, "2026-11-23T14:00:00Z", "2026-11-23T14:00:00Z"},
        {"America/Bogota", -1, 9, "2026-11-23T13:59:59Z", "2026-11-22T14:00:00Z"},
        /* Madrid: summer time begins on 2026-03-29 at 02:00, which is 03:00 */
        {"Europe/Madrid", -1, 9, "2026-03-28T10:00:00Z", "2026-03-28T08:00:00Z"},
        {"Europe/Madrid", -1, 9, "2026-03-29T10:00:00Z", "2026-03-29T07:00:00Z"},
        {"Europe/Madrid", -1, 2, "2026-03-29T10:00:00Z", "2026-03-29T01:00:00Z"}, /* skipped */
        /* ... and ends on 2026-10-25 at 03:00, which is 02:00 again */
        {"Europe/Madrid", -1, 2, "2026-10-25T00:00:00Z", "2026-10-25T00:00:00Z"}, /* the first */
        {"Europe/Madrid", -1, 2, "2026-10-25T01:30:00Z", "2026-10-25T00:00:00Z"},
        {"Europe/Madrid", -1, 9, "2026-10-25T10:00:00Z", "2026-10-25T08:00:00Z"},
        /* half an hour, the date line, the end of the month and of the year */
        {"Asia/Kolkata", -1, 9, "2026-11-23T03:30:00Z", "2026-11-23T03:30:00Z"},
        {"Pacific/Kiritimati", -1, 0, "2026-12-31T11:00:00Z", "2026-12-31T10:00:00Z"},
        {"UTC", -1, 9, "2026-03-01T08:00:00Z", "2026-02-28T09:00:00Z"},
        {"UTC", -1, 9, "2027-01-01T08:00:00Z", "2026-12-31T09:00:00Z"},
        /* weekly: 2026-11-23 is a Monday */
        {"UTC", 1, 9, "2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z"},
        {"UTC", 1, 9, "2026-11-23T08:59:59Z", "2026-11-16T09:00:00Z"},
        {"UTC", 1, 9, "2026-11-29T23:00:00Z", "2026-11-23T09:00:00Z"},
        {"UTC", 0, 9, "2026-11-23T09:00:00Z", "2026-11-22T09:00:00Z"},
        {"UTC", 6, 9, "2026-11-23T09:00:00Z", "2026-11-21T09:00:00Z"},
        /* Monday in Kiritimati begins while it is Sunday in London */
        {"Pacific/Kiritimati", 1, 0, "2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"},
        {"No/Such_Zone", -1, 9, "2026-11-23T09:30:00Z", "2026-11-23T09:00:00Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char found[CLOCK_DATE_BYTES];
        clock_write_timestamp(
            schedule_last_hour(rows[i].zone, rows[i].weekday, rows[i].hour, at(rows[i].now)),
            found);
        assert_string_equal(found, rows[i].last);
    }
}

struct row {
    const char *claim;
    enum wish_rhythm rhythm;
    enum wish_quiet quiet;
    const char *consented, *last, *now;
    int untold, once, held;
    enum schedule_answer answer;
};

#define SAID_YES "2026-11-20T12:00:00Z" /* a Friday */
#define NONE SCHEDULE_NOTHING
#define SEND SCHEDULE_DIGEST
#define QUIET SCHEDULE_QUIET_LINE

static const struct row rows[] = {
    {"daily: the first one comes at the first hour after her yes", WISH_RHYTHM_DAILY,
     WISH_QUIET_WEEKLY, SAID_YES, "", "2026-11-21T09:00:00Z", 1, 1, 1, SEND},
    {"daily: not at the hour before her yes", WISH_RHYTHM_DAILY, WISH_QUIET_WEEKLY, SAID_YES, "",
     "2026-11-20T13:00:00Z", 1, 1, 1, NONE},
    {"daily: not twice for one hour", WISH_RHYTHM_DAILY, WISH_QUIET_WEEKLY, SAID_YES,
     "2026-11-21T09:00:05Z", "2026-11-21T15:00:00Z", 1, 1, 1, NONE},
    {"daily: one that was missed is made up for", WISH_RHYTHM_DAILY, WISH_QUIET_WEEKLY, SAID_YES,
     "2026-11-21T09:00:05Z", "2026-11-22T23:00:00Z", 1, 1, 1, SEND},
    {"daily: what was told once is told again", WISH_RHYTHM_DAILY, WISH_QUIET_NEVER, SAID_YES,
     "2026-11-21T09:00:05Z", "2026-11-22T09:00:00Z", 0, 1, 1, SEND},
    {"daily: what was told twice is not", WISH_RHYTHM_DAILY, WISH_QUIET_NEVER, SAID_YES,
     "2026-11-22T09:00:05Z", "2026-11-23T09:00:00Z", 0, 0, 1, NONE},

    {"quiet weekly: on her weekday", WISH_RHYTHM_DAILY, WISH_QUIET_WEEKLY, SAID_YES, "",
     "2026-11-23T09:00:00Z", 0, 0, 0, QUIET},
    {"quiet weekly: not before", WISH_RHYTHM_DAILY, WISH_QUIET_WEEKLY, SAID_YES, "",
     "2026-11-23T08:59:00Z", 0, 0, 0, NONE},
    {"quiet weekly: not when a digest went out since", WISH_RHYTHM_DAILY, WISH_QUIET_WEEKLY,
     SAID_YES, "2026-11-23T09:00:05Z", "2026-11-24T09:00:00Z", 0, 0, 0, NONE},
    {"quiet never", WISH_RHYTHM_DAILY, WISH_QUIET_NEVER, SAID_YES, "", "2026-12-30T09:00:00Z", 0, 0,
     0, NONE},
    {"quiet each: at every rhythm", WISH_RHYTHM_DAILY, WISH_QUIET_EACH, SAID_YES,
     "2026-11-23T09:00:05Z", "2026-11-24T09:00:00Z", 0, 0, 0, QUIET},
    {"quiet each, weekly: once a week", WISH_RHYTHM_WEEKLY, WISH_QUIET_EACH, SAID_YES,
     "2026-11-23T09:00:05Z", "2026-11-24T09:00:00Z", 0, 0, 0, NONE},

    {"weekly: waits for her weekday", WISH_RHYTHM_WEEKLY, WISH_QUIET_WEEKLY, SAID_YES, "",
     "2026-11-22T09:00:00Z", 3, 3, 3, NONE},
    {"weekly: then comes", WISH_RHYTHM_WEEKLY, WISH_QUIET_WEEKLY, SAID_YES, "",
     "2026-11-23T09:00:00Z", 3, 3, 3, SEND},

    {"each: at once", WISH_RHYTHM_EACH, WISH_QUIET_WEEKLY, SAID_YES, "2026-11-21T09:00:00Z",
     "2026-11-21T09:01:00Z", 1, 1, 1, SEND},
    {"each: a minute apart", WISH_RHYTHM_EACH, WISH_QUIET_WEEKLY, SAID_YES, "2026-11-21T09:00:00Z",
     "2026-11-21T09:00:59Z", 1, 1, 1, NONE},
    {"each: the first of all needs no pause", WISH_RHYTHM_EACH, WISH_QUIET_WEEKLY, SAID_YES, "",
     SAID_YES, 1, 1, 1, SEND},
    {"each: a flood is told more seldom", WISH_RHYTHM_EACH, WISH_QUIET_WEEKLY, SAID_YES,
     "2026-11-21T09:00:00Z", "2026-11-21T09:29:59Z", 1, 30, 30, NONE},
    {"each: but within the hour", WISH_RHYTHM_EACH, WISH_QUIET_WEEKLY, SAID_YES,
     "2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z", 1, 900, 900, SEND},
    {"each: what was told once comes again at her hour", WISH_RHYTHM_EACH, WISH_QUIET_NEVER,
     SAID_YES, "2026-11-21T09:30:00Z", "2026-11-21T15:00:00Z", 0, 1, 1, NONE},

    {"none: never", WISH_RHYTHM_NONE, WISH_QUIET_EACH, SAID_YES, "", "2026-12-21T09:00:00Z", 5, 5,
     5, NONE},
};

static void a_digest_is_due_when_promised(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        struct wishes wishes;
        wishes_set_defaults(&wishes); /* 09:00, Monday, UTC */
        wishes.digest = (int)row->rhythm;
        wishes.quiet_line = (int)row->quiet;
        const struct schedule_facts facts = {&wishes,     at(row->consented), at(row->last),
                                             row->untold, row->once,          row->held,
                                             at(row->now)};
        if (schedule_digest(&facts) != row->answer)
            fail_msg("%s", row->claim);
    }
}

static void a_day_of_polling_gives_one_daily_digest(void **state)
{
    (void)state;
    static const char *const zones[] = {"UTC", "America/Sao_Paulo", "Europe/Madrid",
                                        "Australia/Lord_Howe", "America/Bogota"};
    for (size_t zone = 0; zone < sizeof zones / sizeof zones[0]; zone++) {
        struct wishes wishes;
        wishes_set_defaults(&wishes);
        assert_int_equal(wishes_set(&wishes, slice_of("time-zone"), slice_of(zones[zone]), NULL),
                         0);
        struct schedule_facts facts = {&wishes, at("2026-01-01"), 0, 1, 1, 1, 0};
        int sent = 0;
        for (facts.now = at("2026-01-01"); facts.now < at("2027-01-01"); facts.now += 1200) {
            if (schedule_digest(&facts) == SCHEDULE_DIGEST) {
                facts.last_digest_at = facts.now;
                sent++;
            }
        }
        assert_int_equal(sent, 365);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(her_hour_is_found_through_every_change_of_the_clock),
        cmocka_unit_test(a_digest_is_due_when_promised),
        cmocka_unit_test(a_day_of_polling_gives_one_daily_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
