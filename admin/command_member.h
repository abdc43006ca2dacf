/*
 * command_member: what the acts of `zaguan member` share. Every act leaves a line in her log, and
 * what changes something for her is told to her by mail, in the same transaction. Private to
 * command_member*.c.
 */
#ifndef ZAGUAN_ADMIN_COMMAND_MEMBER_H
#define ZAGUAN_ADMIN_COMMAND_MEMBER_H

#include "admin/commands.h"
#include "policy/member.h"
#include "review/review.h"

struct member_wanted {
    bool is_json, is_sure;
    const char *language, *consent, *time_zone;
};

struct member_desk {
    struct review review;
    struct settings settings;
    struct keys keys;
    struct arena *arena;
    const struct member_wanted *wanted;
    struct args_list words; /* behind the act */
};

/* ERROR_NOT_FOUND when she is unknown here. */
int member_desk_find(struct member_desk *desk, struct member *member_out,
                     struct error *err) MUST_CHECK;
/* A line of her log by "admin". */
int member_desk_log(struct member_desk *desk, const struct member *member, const char *action,
                    const char *note, struct error *err) MUST_CHECK;

int member_show(struct member_desk *desk, struct error *err) MUST_CHECK;
int member_list(struct member_desk *desk, struct error *err) MUST_CHECK;
int member_contacts(struct member_desk *desk, struct error *err) MUST_CHECK;
int member_contacts_import(struct member_desk *desk, struct error *err) MUST_CHECK;

#endif
