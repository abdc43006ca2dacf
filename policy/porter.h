/*
 * porter: what all connections of zaguan-policy share, opened once: who stands at the door.
 *
 * The database may be missing at start and come later: until then nobody is known as a member, and
 * every answer is DUNNO. Reads the public key only. Safe for threads.
 */
#ifndef ZAGUAN_POLICY_PORTER_H
#define ZAGUAN_POLICY_PORTER_H

#include "common/base/trusted.h"
#include "common/mail/dns.h"
#include "policy/answer_log.h"
#include "policy/brake.h"
#include "policy/correspondents.h"
#include "policy/flood.h"
#include "policy/local_rules.h"
#include "policy/people.h"
#include <stdatomic.h>

#define PORTER_MOST_PORTS 16

struct porter {
    struct settings settings;
    struct keys keys;
    struct trusted trusted;
    int64_t submission_ports[PORTER_MOST_PORTS];
    size_t submission_port_count;
    struct dns *dns;
    struct store_pool *stores;
    struct people *people;
    struct correspondents *correspondents;
    struct brake *brake;
    struct flood *flood;
    struct local_rules_desk *local;
    struct answer_log *answers;
    atomic_llong trouble_second; /* of the last trouble that was logged */
    atomic_int trouble_count;    /* in that second */
};

/* -1: settings, keys, rules or resolver are not right. */
int porter_open(struct porter *porter, const struct settings *settings,
                struct error *err) MUST_CHECK;
/* Writes what is still to be written. All connections have ended. */
void porter_close(struct porter *porter);

/* Reads policy_rules again; the old ones stay when the file is not right. */
void porter_reload(struct porter *porter);
/* Logs, but not thousands of lines a second. */
void porter_log_trouble(struct porter *porter, const char *event, const struct error *err);

#endif
