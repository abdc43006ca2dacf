/*
 * store_member: members, their settings and the record of their consent.
 * Owner of these tables: policy/member.c.
 */
#ifndef ZAGUAN_STORE_STORE_MEMBER_H
#define ZAGUAN_STORE_STORE_MEMBER_H

#include "common/store/store.h"

enum store_member_state { STORE_MEMBER_INVITED = 1, STORE_MEMBER_ON = 2, STORE_MEMBER_OFF = 3 };

struct store_member {
    int64_t id;
    struct slice address; /* canonical */
    enum store_member_state state;
    int language;                                 /* enum settings_language */
    int64_t invited_at, consented_at, stopped_at; /* 0: never */
    struct slice consent_note;                    /* "by reply", or the admin's note */
    int64_t last_digest_at;                       /* accepted for delivery; 0: never */
    int64_t last_help_at;                         /* help is sent at most once a day */
};

/* 1 found, 0 not, -1. Strings in the arena. */
int store_member_find(struct store *store, struct slice address, struct arena *arena,
                      struct store_member *member_out, struct error *err) MUST_CHECK;
int store_member_get(struct store *store, int64_t id, struct arena *arena,
                     struct store_member *member_out, struct error *err) MUST_CHECK;
int store_member_list(struct store *store, struct arena *arena, struct store_member **members_out,
                      size_t *count_out, struct error *err) MUST_CHECK;
/* id 0 inserts and sets id; else updates all fields but the address. */
int store_member_put(struct store *store, struct store_member *member,
                     struct error *err) MUST_CHECK;
/* Every row about her, in one transaction: settings, items (keys destroyed), contacts, tokens, log.
 */
int store_member_forget(struct store *store, int64_t id, struct error *err) MUST_CHECK;

struct store_setting {
    struct slice name, value;
};
int store_settings_list(struct store *store, int64_t member_id, struct arena *arena,
                        struct store_setting **settings_out, size_t *count_out,
                        struct error *err) MUST_CHECK;
int store_setting_put(struct store *store, int64_t member_id, struct slice name, struct slice value,
                      struct error *err) MUST_CHECK;

#endif
