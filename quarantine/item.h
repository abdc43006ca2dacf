/*
 * item: one member's held copy of one message, in words for the rest of zaguan. The states are
 * those of common/store/store_item.h. quarantine knows nothing of members' wishes: what they lead
 * to is handed in as plain data.
 */
#ifndef ZAGUAN_QUARANTINE_ITEM_H
#define ZAGUAN_QUARANTINE_ITEM_H

#include "common/store/store_item.h"

/* Why, in plain data; from policy's verdict, shown in digests and explain. */
struct item_reason {
    struct slice rule;     /* "list", "shield", "blocked" */
    struct slice category; /* "threat", ... ; empty for rules without one */
    int severity;
    struct slice list, list_id, publisher, entry; /* of rule "list" */
    struct slice where;                           /* "subject", "body", ... */
};

/* What came with the bytes; sealed. */
struct item_sheet {
    struct slice envelope_sender; /* as given, without < >; empty: null sender */
    struct slice from_display, from_address, subject; /* decoded, UTF-8 */
    struct slice client_ip, client_name, helo, queue_id;
    struct slice auth_results;  /* value of our Authentication-Results of that moment */
    struct slice proven_domain; /* auth_proves_sender(); empty: nothing proven */
    struct slice signed_by;     /* auth_signed_by() */
    bool is_smtputf8;
};

/* "held", "releasing", "released", "deleted", "expired", "refused" */
const char *item_state_name(enum store_item_state state);

#endif
