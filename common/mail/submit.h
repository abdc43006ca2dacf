/*
 * submit: one message over SMTP (libcurl) to the release listener: loopback, no TLS, one recipient.
 *
 * The bytes go as they are, with dots doubled and a line end before the final dot when there is
 * none. libcurl reads them where they lie: no copy of the message. What libcurl cannot carry
 * unchanged is ERROR_INPUT before a connection is made: a line end or NUL in an address. A domain
 * in U-labels may go as A-labels, which is the same domain.
 */
#ifndef ZAGUAN_MAIL_SUBMIT_H
#define ZAGUAN_MAIL_SUBMIT_H

#include "common/base/error.h"
#include "common/base/slice.h"
#include <stdint.h>

/*
 * The reply to the end of DATA decides: 0 only after its 250. ERROR_TEMPORARY: no connection, 4xx,
 * time-out. ERROR_INPUT: 5xx. ERROR_USAGE: `server` or `helo` cannot be used. The text of the error
 * holds the server's code, no address. `pieces` are sent one after the other (trace fields, then
 * the bytes as they were held).
 */
int submit_message(const char *server, const char *helo, struct slice sender,
                   struct slice recipient, const struct slice *pieces, size_t piece_count,
                   struct error *err) MUST_CHECK;

struct submit_times {
    int64_t connect_milliseconds;
    int64_t reply_seconds; /* for each reply, and for each minute's worth of bytes */
};
/* As above with other time-outs than RFC 5321 section 4.5.3.2 allows a listener on loopback. */
int submit_message_within(const char *server, const char *helo, struct slice sender,
                          struct slice recipient, const struct slice *pieces, size_t piece_count,
                          const struct submit_times *times, struct error *err) MUST_CHECK;

#endif
