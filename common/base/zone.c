#include "common/base/zone.h"

#include <stdio.h>
#include <string.h>
#include <unicode/ucal.h>

#define UTC "UTC"

/* ICU takes names as UTF-16; a zone's name is ASCII. */
static bool widen(const char *name, UChar wide[ZONE_NAME_BYTES])
{
    size_t size = strlen(name);
    if (size == 0 || size >= ZONE_NAME_BYTES)
        return false;
    for (size_t i = 0; i <= size; i++) {
        if ((unsigned char)name[i] >= 0x80)
            return false;
        wide[i] = (UChar)(unsigned char)name[i];
    }
    return true;
}

bool zone_is_known(const char *name)
{
    UChar wide[ZONE_NAME_BYTES], canonical[ZONE_NAME_BYTES * 2];
    UErrorCode status = U_ZERO_ERROR;
    UBool is_system = false;
    if (!widen(name, wide))
        return false;
    ucal_getCanonicalTimeZoneID(wide, -1, canonical, ZONE_NAME_BYTES * 2, &is_system, &status);
    return U_SUCCESS(status) && is_system;
}

void zone_of_machine(char name[ZONE_NAME_BYTES])
{
    UChar wide[ZONE_NAME_BYTES];
    UErrorCode status = U_ZERO_ERROR;
    int32_t size = ucal_getHostTimeZone(wide, ZONE_NAME_BYTES, &status);
    snprintf(name, ZONE_NAME_BYTES, UTC);
    if (U_FAILURE(status) || size <= 0 || size >= ZONE_NAME_BYTES)
        return;
    char found[ZONE_NAME_BYTES];
    for (int32_t i = 0; i <= size; i++)
        found[i] = wide[i] < 0x80 ? (char)wide[i] : '?';
    if (zone_is_known(found))
        memcpy(name, found, ZONE_NAME_BYTES);
}

/* Never fails but for lack of memory: then NULL. */
static UCalendar *open_calendar(const char *name)
{
    UChar wide[ZONE_NAME_BYTES];
    UErrorCode status = U_ZERO_ERROR;
    if (!zone_is_known(name) || !widen(name, wide))
        (void)widen(UTC, wide);
    UCalendar *calendar = ucal_open(wide, -1, "en", UCAL_GREGORIAN, &status);
    return U_SUCCESS(status) ? calendar : NULL;
}

void zone_read(const char *name, int64_t when, struct zone_time *time_out)
{
    memset(time_out, 0, sizeof *time_out);
    UErrorCode status = U_ZERO_ERROR;
    UCalendar *calendar = open_calendar(name);
    if (calendar == NULL)
        return;
    ucal_setMillis(calendar, (UDate)when * 1000, &status);
    time_out->year = ucal_get(calendar, UCAL_YEAR, &status);
    time_out->month = ucal_get(calendar, UCAL_MONTH, &status) + 1;
    time_out->day = ucal_get(calendar, UCAL_DAY_OF_MONTH, &status);
    time_out->hour = ucal_get(calendar, UCAL_HOUR_OF_DAY, &status);
    time_out->minute = ucal_get(calendar, UCAL_MINUTE, &status);
    time_out->weekday = ucal_get(calendar, UCAL_DAY_OF_WEEK, &status) - UCAL_SUNDAY;
    ucal_close(calendar);
}

int64_t zone_hour(const char *name, const struct zone_time *day, int days, int hour)
{
    UErrorCode status = U_ZERO_ERROR;
    UCalendar *calendar = open_calendar(name);
    if (calendar == NULL)
        return INT64_MAX;
    ucal_setAttribute(calendar, UCAL_REPEATED_WALL_TIME, UCAL_WALLTIME_FIRST);
    ucal_setAttribute(calendar, UCAL_SKIPPED_WALL_TIME, UCAL_WALLTIME_NEXT_VALID);
    ucal_clear(calendar);
    ucal_setDateTime(calendar, day->year, day->month - 1, day->day + days, hour, 0, 0, &status);
    UDate millis = ucal_getMillis(calendar, &status);
    ucal_close(calendar);
    return U_SUCCESS(status) ? (int64_t)(millis / 1000) : INT64_MAX;
}
