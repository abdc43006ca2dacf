/*
 * partner: another server whose lists we look at, and how far we let them reach. Its folder is
 * partner_folder/NAME, NAME being the publisher's domain:
 *
 *     partner                      this struct as "name = value" lines, by `zaguan partner`
 *     root.zr, head.zh (.minisig)  the last that were trusted
 *     floors                       lists/trust/floor.h
 *     active/, shadow/, parked/    lists/update/update.h
 *
 * Settings are rows, in partner.c. Plain data, nothing to free.
 */
#ifndef ZAGUAN_LISTS_TRUST_PARTNER_H
#define ZAGUAN_LISTS_TRUST_PARTNER_H

#include "common/base/arena.h"
#include "common/base/option.h"
#include "common/base/settings.h"
#include "lists/format/entry.h"
#include "lists/trust/root.h"
#include <limits.h>

#define PARTNER_MOST_KEYS 5
#define PARTNER_NAME_BYTES ROOT_PUBLISHER_BYTES
#define PARTNER_URL_BYTES 512

enum partner_review {
    PARTNER_REVIEW_NONE,      /* small updates activate themselves */
    PARTNER_REVIEW_ADDITIONS, /* what is new waits for the admin, what goes does not */
    PARTNER_REVIEW_ALL
};

struct partner {
    char name[PARTNER_NAME_BYTES]; /* from the folder, not from the file */
    char keys[PARTNER_MOST_KEYS * MINISIGN_PUBLIC_TEXT_BYTES]; /* pinned, with blanks between */
    char url[PARTNER_URL_BYTES];
    char proxy[PARTNER_URL_BYTES]; /* socks5h://127.0.0.1:9050 */
    int ceiling;                   /* enum list_action */
    int ceilings[CATEGORY_COUNT];  /* enum list_action; LIST_ACTION_HOLD + 1: as `ceiling` */
    int review;                    /* enum partner_review */
    bool counts_for_quorum;
    int64_t hold_quorum; /* distinct partners needed before a hold of this one counts */
    int64_t shadow_hours, shadow_messages;
    int64_t most_hits_per_10000; /* more of that in the shadow run: a person looks */
    int64_t most_known_hits;     /* more of that among people members write to: it is parked */
    int64_t daily_megabytes;     /* what the fetcher may load */
    char trial_until[40];        /* until then at most observe; empty: no trial */
    char added[40];
};

#define PARTNER_AS_CEILING ((int)LIST_ACTION_HOLD + 1)

extern const struct option_row partner_rows[];

void partner_set_defaults(struct partner *partner);
/* partner_folder/NAME; ERROR_INPUT when NAME is no domain. */
int partner_write_folder(const struct settings *settings, const char *name, char path[PATH_MAX],
                         struct error *err) MUST_CHECK;
/* ERROR_NOT_FOUND: no such partner. */
int partner_read(const struct settings *settings, const char *name, struct partner *partner_out,
                 struct error *err) MUST_CHECK;
int partner_parse(struct slice text, const char *name, struct partner *partner_out,
                  struct error *err) MUST_CHECK;
/* Makes the folder when it is missing; the file is replaced in one step. */
int partner_write(const struct settings *settings, const struct partner *partner,
                  struct error *err) MUST_CHECK;
/* Names in order; no folder is no partner. */
int partner_find_all(const struct settings *settings, struct arena *arena,
                     const char *const **names_out, size_t *count_out,
                     struct error *err) MUST_CHECK;

int partner_keys(const struct partner *partner, struct minisign_public keys_out[PARTNER_MOST_KEYS],
                 size_t *count_out, struct error *err) MUST_CHECK;
/* The trusted root: root.zr of the folder, else root_from_pinned(). */
int partner_root(const struct settings *settings, const struct partner *partner,
                 struct root *root_out, struct error *err) MUST_CHECK;
/* How far an entry of this category may reach now, before freshness. */
enum list_action partner_ceiling(const struct partner *partner, enum category category,
                                 int64_t now);

#endif
