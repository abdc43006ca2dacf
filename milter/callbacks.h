/*
 * callbacks: the only place that knows libmilter: its callbacks, one table, each handed on to
 * session.c. Replies are only asked for where one can differ: when a trusted client connects, and
 * at the end of a message.
 */
#ifndef ZAGUAN_MILTER_CALLBACKS_H
#define ZAGUAN_MILTER_CALLBACKS_H

#include "milter/service.h"

/* Binds the socket; then connections wait until callbacks_run(). Once per process. */
int callbacks_open(struct service *service, struct error *err) MUST_CHECK;
/* Serves until the process ends. */
int callbacks_run(struct error *err) MUST_CHECK;

#endif
