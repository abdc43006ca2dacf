#include "review/schedule.h"

#include "common/base/zone.h"

#define EACH_PAUSE_SECONDS 60
#define EACH_LONGEST_PAUSE_SECONDS 3600
#define ANY_DAY (-1)

int64_t schedule_last_hour(const char *time_zone, int weekday, int hour, int64_t now)
{
    struct zone_time today;
    zone_read(time_zone, now, &today);
    int step = weekday == ANY_DAY ? 1 : 7;
    int back = weekday == ANY_DAY ? 0 : (today.weekday - weekday + 7) % 7;
    int64_t when = zone_hour(time_zone, &today, -back, hour);
    return when <= now ? when : zone_hour(time_zone, &today, -back - step, hour);
}

static int64_t last_hour(const struct wishes *wishes, int weekday, int64_t now)
{
    return schedule_last_hour(wishes->time_zone, weekday, (int)wishes->digest_hour, now);
}

static int64_t pause_seconds(int64_t held_count)
{
    int64_t most = EACH_LONGEST_PAUSE_SECONDS / EACH_PAUSE_SECONDS;
    return EACH_PAUSE_SECONDS * (held_count < most ? held_count : most);
}

/* Did her hour (of the rhythm) come since the last digest, or since she said yes? */
static bool has_hour_come(const struct schedule_facts *facts, int weekday)
{
    int64_t since =
        facts->last_digest_at > facts->consented_at ? facts->last_digest_at : facts->consented_at;
    return last_hour(facts->wishes, weekday, facts->now) > since;
}

static enum schedule_answer quiet_line(const struct schedule_facts *facts, int rhythm_weekday)
{
    switch ((enum wish_quiet)facts->wishes->quiet_line) {
    case WISH_QUIET_NEVER:
        return SCHEDULE_NOTHING;
    case WISH_QUIET_WEEKLY:
        return has_hour_come(facts, (int)facts->wishes->digest_weekday) ? SCHEDULE_QUIET_LINE
                                                                        : SCHEDULE_NOTHING;
    case WISH_QUIET_EACH:
        return has_hour_come(facts, rhythm_weekday) ? SCHEDULE_QUIET_LINE : SCHEDULE_NOTHING;
    }
    return SCHEDULE_NOTHING;
}

enum schedule_answer schedule_digest(const struct schedule_facts *facts)
{
    enum wish_rhythm rhythm = (enum wish_rhythm)facts->wishes->digest;
    bool has_news = facts->untold_count + facts->told_once_count > 0;
    int weekday = rhythm == WISH_RHYTHM_WEEKLY ? (int)facts->wishes->digest_weekday : ANY_DAY;
    if (rhythm == WISH_RHYTHM_NONE)
        return SCHEDULE_NOTHING;
    if (rhythm == WISH_RHYTHM_EACH && facts->untold_count > 0)
        return facts->now >= facts->last_digest_at + pause_seconds(facts->held_count)
                   ? SCHEDULE_DIGEST
                   : SCHEDULE_NOTHING;
    if (!has_news)
        return quiet_line(facts, weekday);
    return has_hour_come(facts, weekday) ? SCHEDULE_DIGEST : SCHEDULE_NOTHING;
}
