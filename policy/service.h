/*
 * service: the connections of zaguan-policy, one thread each, blocking code
 * (docs/decisions/0014-policy-threads.md).
 *
 * Bounded: policy_connections at a time; when all are taken the one that was silent for longest is
 * closed, never one with a question under way. A request has REQUEST_BYTES and REQUEST_SECONDS, an
 * answer ANSWER_SECONDS, silence SILENCE_SECONDS (more than Postfix's smtpd_policy_service_max_idle
 * of 300). Whoever goes beyond is closed; Postfix then asks anew or does as configured.
 */
#ifndef ZAGUAN_POLICY_SERVICE_H
#define ZAGUAN_POLICY_SERVICE_H

#include "common/base/arena.h"
#include "policy/answer.h"
#include "policy/listener.h"
#include "policy/request.h"
#include "policy/visit.h"
#include <stdint.h>

#define SERVICE_REQUEST_BYTES ((size_t)64 * 1024)
#define SERVICE_REQUEST_SECONDS 20
#define SERVICE_ANSWER_SECONDS 20
#define SERVICE_SILENCE_SECONDS 330

struct service_times {
    int64_t request_milliseconds, silence_milliseconds, answer_milliseconds;
};

struct service_settings {
    size_t most_connections;
    struct service_times times;
    /* Called by the thread of the connection; never fails. */
    void (*answer)(void *context, struct visit *visit, const struct request *request,
                   struct arena *arena, struct answer *answer_out);
    void *context;
};

struct policy_service;

int policy_service_new(const struct service_settings *settings, struct policy_service **service_out,
                       struct error *err) MUST_CHECK;
/* Takes over a connected socket; closes it when it cannot be served. */
void policy_service_take(struct policy_service *service, int fd);
/* Accepts until *wake_fd can be read; returns then. */
void policy_service_run(struct policy_service *service, const struct listener *listener,
                        int wake_fd);
/* Silent connections are closed at once, questions under way are answered first. False: some were
 * still under way after so long; their threads go on, and the service must stay. */
bool policy_service_stop(struct policy_service *service, int64_t milliseconds);
void policy_service_free(struct policy_service *service); /* after a stop that was true */
size_t policy_service_count(struct policy_service *service);

#endif
