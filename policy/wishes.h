/*
 * wishes: a member's settings (docs/consent.md, "Her settings"), one row each in wishes.c: name,
 * field, limits, default, help. Plain data. The digest's settings mail, `zaguan member set` and the
 * reply verb `set` go through wishes_set().
 */
#ifndef ZAGUAN_POLICY_WISHES_H
#define ZAGUAN_POLICY_WISHES_H

#include "common/base/option.h"
#include "lists/format/entry.h"

enum wish_action { WISH_OFF, WISH_TAG, WISH_HOLD };
enum wish_known { WISH_KNOWN_TAG, WISH_KNOWN_HOLD };
enum wish_rhythm { WISH_RHYTHM_NONE, WISH_RHYTHM_EACH, WISH_RHYTHM_DAILY, WISH_RHYTHM_WEEKLY };
enum wish_reveal { WISH_REVEAL_COUNT, WISH_REVEAL_WHO, WISH_REVEAL_SUBJECT, WISH_REVEAL_TEXT };
enum wish_quiet { WISH_QUIET_NEVER, WISH_QUIET_WEEKLY, WISH_QUIET_EACH };
enum wish_expiry { WISH_EXPIRY_DELETE, WISH_EXPIRY_DELIVER };
enum wish_blocked { WISH_BLOCKED_HOLD, WISH_BLOCKED_REFUSE };
enum wish_correspondents { WISH_CORRESPONDENTS_OFF, WISH_CORRESPONDENTS_ON };
enum wish_lane { WISH_LANE_OFF, WISH_LANE_HOLD };
enum wish_flood { WISH_FLOOD_OFFER, WISH_FLOOD_SHIELD, WISH_FLOOD_OFF };
enum wish_share { WISH_SHARE_NEVER, WISH_SHARE_ASK };

struct wishes {
    int category[CATEGORY_COUNT]; /* enum wish_action */
    int known_people;             /* enum wish_known */
    int64_t shield_until;         /* seconds since 1970; 0: off */
    int blocked_sender;           /* enum wish_blocked */
    int resembling;               /* enum wish_action: like a mail of a sender she blocked */
    int unscanned;                /* enum wish_action: what could not be scanned */
    int lane;                     /* enum wish_lane: confirmations that come all at once */
    int flood;                    /* enum wish_flood: far more strangers than usual */
    int digest;                   /* enum wish_rhythm */
    int64_t digest_hour;          /* 0-23 in her time zone */
    int64_t digest_weekday;       /* 0 Sunday - 6 */
    char time_zone[64];           /* "America/Bogota" */
    int quiet_line;               /* enum wish_quiet */
    int reveal;                   /* enum wish_reveal */
    int language;                 /* enum settings_language */
    int64_t keep_days;
    int at_expiry;      /* enum wish_expiry */
    int share;          /* enum wish_share */
    int correspondents; /* enum wish_correspondents; off: member_set() forgets them all */
};

extern const struct option_row wishes_rows[];

/* The row of that name; a category's also by the category alone ("impersonation"). NULL: none. */
const struct option_row *wishes_find(struct slice name);
void wishes_set_defaults(struct wishes *wishes);
/* ERROR_INPUT names the setting and what would be right; checks the time zone too. The weekday may
 * be a name in any of our languages. `shield` takes "off" or an end ("2026-11-30",
 * "2026-11-30T09:00:00Z"): see wishes_read_shield() for "3 days". */
int wishes_set(struct wishes *wishes, struct slice name, struct slice value,
               struct error *err) MUST_CHECK;
/* The same for a value that stands in the database, without the costly check of the zone. */
int wishes_load(struct wishes *wishes, struct slice name, struct slice value,
                struct error *err) MUST_CHECK;
/* The value as she would write it; "off" or the end of the shield in UTC. */
void wishes_print(const struct wishes *wishes, const struct option_row *row, struct buffer *into);

#define WISHES_SHIELD_MOST_DAYS 90
/*
 * "off", "3 days", "3 días", "3 dias", "3d", "12 hours", "12h", "3" (days), or an end as above.
 * ERROR_INPUT for an end that has passed or is more than WISHES_SHIELD_MOST_DAYS away: a shield
 * that is forgotten must end by itself. *until_out 0: off.
 */
int wishes_read_shield(struct slice text, int64_t now, int64_t *until_out,
                       struct error *err) MUST_CHECK;

#endif
