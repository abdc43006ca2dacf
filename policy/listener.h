/*
 * listener: the sockets of policy_socket: "inet:PORT@ADDRESS", "inet:PORT" (loopback) or
 * "unix:PATH", several with commas. A UNIX socket that a dead process left is replaced; its folder
 * decides who may come in.
 */
#ifndef ZAGUAN_POLICY_LISTENER_H
#define ZAGUAN_POLICY_LISTENER_H

#include "common/base/error.h"
#include "common/base/slice.h"

#define LISTENER_MOST 8

struct listener {
    int fds[LISTENER_MOST];
    char paths[LISTENER_MOST][108]; /* of UNIX sockets; removed by listener_close() */
    size_t count;
};

/* ERROR_INPUT names the socket that is none, ERROR_SYSTEM the one that cannot be opened. */
int listener_open(struct slice sockets, struct listener *listener_out,
                  struct error *err) MUST_CHECK;
void listener_close(struct listener *listener);

#endif
