/*
 * settings: zaguan.conf, the admin's file. The rows of settings.c are the only place where a
 * setting is named; zaguan.conf, zaguan.conf(5) and `zaguan check` are derived from them.
 *
 * The file is "name = value" lines with # comments (inih). An unknown name, a name given twice and
 * a wrong value are errors that name file and line. Plain data: copy it, share it, nothing to free.
 */
#ifndef ZAGUAN_BASE_SETTINGS_H
#define ZAGUAN_BASE_SETTINGS_H

#include "common/base/log.h"
#include "common/base/option.h"
#include <stdbool.h>
#include <stdint.h>

#define SETTINGS_DEFAULT_PATH "/etc/zaguan/zaguan.conf"
#define SETTINGS_PATH_BYTES 512
#define SETTINGS_NAME_BYTES 256

struct settings {
    char hostname[SETTINGS_NAME_BYTES];   /* authserv-id (RFC 8601) and name in our Received */
    char domain[SETTINGS_NAME_BYTES];     /* where zaguan+TOKEN@ lives */
    char reply_user[SETTINGS_NAME_BYTES]; /* "zaguan": local part of the reply address */
    char admin_address[SETTINGS_NAME_BYTES];
    char recipient_delimiter[16];
    int language; /* of invitations: es, pt, en */
    char database[SETTINGS_PATH_BYTES];
    char key_folder[SETTINGS_PATH_BYTES];     /* review.pub, review.key, digest.key */
    char list_folder[SETTINGS_PATH_BYTES];    /* local and shipped .zl files that are active */
    char partner_folder[SETTINGS_PATH_BYTES]; /* keys, heads, floors and accepted lists of partners
                                               */
    char inbox_folder[SETTINGS_PATH_BYTES];   /* what zaguan-fetch brought, not trusted yet */
    char benign_folder[SETTINGS_PATH_BYTES];  /* texts that no list of a partner may match */
    char image[SETTINGS_PATH_BYTES];          /* compiled lists, mapped by the daemons */
    char milter_socket[SETTINGS_PATH_BYTES];  /* unix:/path, inet:port@host */
    char policy_socket[SETTINGS_PATH_BYTES];  /* as above; several with commas */
    int64_t policy_connections;               /* at most so many at a time */
    char policy_rules[SETTINGS_PATH_BYTES];   /* the admin's local rules; the file may be missing */
    bool policy_received_spf; /* PREPEND Received-SPF: only where no milter is used */
    char submission_ports[SETTINGS_NAME_BYTES]; /* listeners for our own people, beside SASL */
    int64_t ring_days;   /* how long digests of envelopes are kept; 0: none are */
    int64_t flood_limit; /* strangers who may write to one member in the time below; 0: any */
    int64_t flood_window_seconds;
    int64_t outgoing_limit; /* recipients an account may write to in an hour; 0: no brake */
    char release_server[SETTINGS_NAME_BYTES]; /* host:port of the listener without milters */
    char dns_server[SETTINGS_NAME_BYTES]; /* empty: resolv.conf; address, address:port, [v6]:port */
    int64_t dns_timeout_milliseconds;     /* all authentication DNS work of one message */
    int64_t scan_timeout_milliseconds;
    char trusted_networks[SETTINGS_PATH_BYTES]; /* clients whose mail is not checked: our own relays
                                                 */
    int64_t keep_days;                          /* default of the member setting `keep` */
    int64_t undo_days;                          /* of delete */
    int64_t digest_poll_seconds;                /* how often zaguan-review looks at the clock */
    int log_to;                                 /* enum log_target */
    int log_level;                              /* enum log_level */
};

extern const struct option_row settings_rows[];

enum settings_language { SETTINGS_LANGUAGE_ES, SETTINGS_LANGUAGE_PT, SETTINGS_LANGUAGE_EN };

void settings_set_defaults(struct settings *settings);
/* Defaults, then the file. path NULL: SETTINGS_DEFAULT_PATH if it is there, else defaults alone. */
int settings_read(const char *path, struct settings *settings, struct error *err) MUST_CHECK;
/* The text of such a file; `name` stands in errors. */
int settings_parse(struct slice text, const char *name, struct settings *settings,
                   struct error *err) MUST_CHECK;

#endif
