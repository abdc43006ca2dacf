/*
 * postfix: what zaguan needs of a running Postfix, as lines an admin could type herself.
 *
 * postfix_read() asks postconf (MAIL_CONFIG names another instance); postfix_plan() is pure: facts
 * to changes; postfix_apply() carries changes out with postconf and can take them back. Every
 * change keeps what was there: other milters stay in front of ours, other transport maps stay.
 */
#ifndef ZAGUAN_ADMIN_POSTFIX_H
#define ZAGUAN_ADMIN_POSTFIX_H

#include "common/base/arena.h"
#include "common/base/settings.h"

enum postfix_domain_class {
    POSTFIX_DOMAIN_LOCAL,   /* in mydestination */
    POSTFIX_DOMAIN_VIRTUAL, /* in virtual_mailbox_domains */
    POSTFIX_DOMAIN_RELAY,   /* in relay_domains */
    POSTFIX_DOMAIN_UNKNOWN
};

#define POSTFIX_LISTENERS 4 /* smtp, submission, submissions, smtps */

struct postfix_facts {
    const char *config_directory;
    const char *version;
    const char *hostname, *domain; /* myhostname, mydomain */
    const char *inbound_milters;   /* of the smtp/inet service, else of main.cf */
    const char *service_milters;   /* of the service alone; NULL: it takes main.cf's */
    const char *transport_maps, *recipient_delimiter;
    const char *recipient_maps; /* of the class below */
    const char *always_bcc;
    enum postfix_domain_class domain_class;
    bool has_release_service, has_answer_service;
    const char *recipient_restrictions; /* of main.cf */
    const char *restriction_classes;
    const char *policy_class; /* zaguan_policy of main.cf; "": there is none */
    struct postfix_listener {
        const char *setting;      /* "submission/inet/smtpd_recipient_restrictions" */
        const char *restrictions; /* NULL: it takes main.cf's */
    } listeners[POSTFIX_LISTENERS];
};

enum postfix_change_kind {
    POSTFIX_MAIN,           /* name = value in main.cf */
    POSTFIX_SERVICE,        /* a whole service of master.cf */
    POSTFIX_SERVICE_SETTING /* -o name=value of an existing service */
};

struct postfix_change {
    enum postfix_change_kind kind;
    const char *name;   /* "transport_maps", "smtp/inet", "smtp/inet/smtpd_milters" */
    const char *value;  /* what it shall be */
    const char *before; /* what it is; NULL: nothing */
    const char *why;    /* one line for the admin */
};

struct postfix_plan {
    struct postfix_change *changes; /* only what is not so already */
    size_t count;
    const char **warnings;
    size_t warning_count;
};

/* ERROR_NOT_FOUND when there is no postconf. */
int postfix_read(const struct settings *settings, struct arena *arena,
                 struct postfix_facts *facts_out, struct error *err) MUST_CHECK;
int postfix_plan(const struct postfix_facts *facts, const struct settings *settings,
                 const char *settings_path, const char *program_folder, struct arena *arena,
                 struct postfix_plan *plan_out, struct error *err) MUST_CHECK;
/* The lines as they stand in main.cf and master.cf, each with its why. */
void postfix_print(const struct postfix_plan *plan, struct buffer *into);
/* Changes Postfix; `undo_path` gets what was before, so that postfix_undo() can take it back. */
int postfix_apply(const struct postfix_plan *plan, const char *undo_path,
                  struct error *err) MUST_CHECK;
int postfix_undo(const char *undo_path, struct error *err) MUST_CHECK;

/* Runs a program found on PATH (no shell) and appends what it printed; ERROR_NOT_FOUND when there
 * is none, ERROR_SYSTEM with its first line of complaint when it fails. */
int program_run(const char *const *words, struct buffer *output, struct error *err) MUST_CHECK;

#endif
