/*
 * connection: one connection of Postfix: questions in, answers out, until either side ends.
 * Private to policy/service.c and its tests.
 */
#ifndef ZAGUAN_POLICY_CONNECTION_H
#define ZAGUAN_POLICY_CONNECTION_H

#include "policy/service.h"

enum connection_end {
    CONNECTION_GOES_ON,
    CONNECTION_CLOSED,  /* by the client, between two requests */
    CONNECTION_CUT,     /* by the client, within a request; or it does not read */
    CONNECTION_SILENT,  /* nothing for too long */
    CONNECTION_SLOW,    /* a request that does not end */
    CONNECTION_TOO_LONG /* a request of more than SERVICE_REQUEST_BYTES */
};

struct connection_watch {
    /* Told before a request is answered and after: is it busy? May be NULL. */
    void (*is_busy)(void *context, bool is_busy);
    void *context;
};

const char *connection_end_name(enum connection_end end);
enum connection_end connection_serve(int fd, const struct service_settings *settings,
                                     const struct connection_watch *watch);

#endif
