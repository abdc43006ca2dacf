#include "common/base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

int64_t clock_monotonic_nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t clock_monotonic_microseconds(void)
{
    return clock_monotonic_nanoseconds() / 1000;
}

int64_t clock_monotonic_milliseconds(void)
{
    return clock_monotonic_microseconds() / 1000;
}

struct deadline deadline_in(int64_t milliseconds)
{
    return (struct deadline){clock_monotonic_milliseconds() + milliseconds};
}

int64_t deadline_left_milliseconds(struct deadline d)
{
    int64_t left = d.at_milliseconds - clock_monotonic_milliseconds();
    return left > 0 ? left : 0;
}

bool deadline_has_passed(struct deadline d)
{
    return deadline_left_milliseconds(d) == 0;
}

void clock_write_mail_date(int64_t when, char text[CLOCK_DATE_BYTES])
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)when;
    struct tm tm;
    gmtime_r(&seconds, &tm);
    snprintf(text, CLOCK_DATE_BYTES, "%s, %02d %s %04d %02d:%02d:%02d +0000", days[tm.tm_wday],
             tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void clock_write_timestamp(int64_t when, char text[CLOCK_DATE_BYTES])
{
    time_t seconds = (time_t)when;
    struct tm tm;
    gmtime_r(&seconds, &tm);
    strftime(text, CLOCK_DATE_BYTES, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static bool read_digits(const char *text, size_t count, int *number_out)
{
    long long number;
    if (!slice_to_number(slice_new(text, count), 0, 9999, &number))
        return false;
    *number_out = (int)number;
    return true;
}

bool clock_read_timestamp(struct slice text, int64_t *when_out)
{
    struct tm tm = {0};
    const char *t = text.data;
    if (text.size != 10 && text.size != 20)
        return false;
    if (t[4] != '-' || t[7] != '-' || !read_digits(t, 4, &tm.tm_year) ||
        !read_digits(t + 5, 2, &tm.tm_mon) || !read_digits(t + 8, 2, &tm.tm_mday))
        return false;
    if (text.size == 20 &&
        (t[10] != 'T' || t[13] != ':' || t[16] != ':' || t[19] != 'Z' ||
         !read_digits(t + 11, 2, &tm.tm_hour) || !read_digits(t + 14, 2, &tm.tm_min) ||
         !read_digits(t + 17, 2, &tm.tm_sec)))
        return false;
    struct tm wanted = tm;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    time_t when = timegm(&tm);
    /* timegm() accepts the 31st of February and moves it: such a day is refused. */
    if (tm.tm_year + 1900 != wanted.tm_year || tm.tm_mon + 1 != wanted.tm_mon ||
        tm.tm_mday != wanted.tm_mday || tm.tm_hour != wanted.tm_hour ||
        tm.tm_min != wanted.tm_min || tm.tm_sec != wanted.tm_sec)
        return false;
    *when_out = when;
    return true;
}
