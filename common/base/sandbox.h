/*
 * sandbox: after its set-up a child (child.h) gives up everything but what its work needs, so that
 * whoever takes over the foreign code in it gains nothing. One way, for all its threads. A system
 * call that is not allowed kills the process: its death is an answer (signal 31, SIGSYS).
 */
#ifndef ZAGUAN_BASE_SANDBOX_H
#define ZAGUAN_BASE_SANDBOX_H

#include "common/base/error.h"

/* What child_limits.memory_bytes can be. Address sanitizers reserve terabytes: no limit there. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANDBOX_MEMORY_BYTES 0
#else
#define SANDBOX_MEMORY_BYTES (256L * 1024 * 1024)
#endif

/*
 * Memory, clocks, locks, open descriptors, IPv4 and IPv6 sockets. No file can be opened (EACCES),
 * no program or thread started, no memory made executable, no process signalled but itself.
 */
int sandbox_enter_dns_client(struct error *err) MUST_CHECK;

#endif
