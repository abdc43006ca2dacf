/*
 * submit: one message over SMTP (libcurl) to the release listener: loopback, no TLS, one recipient.
 */
#ifndef ZAGUAN_MAIL_SUBMIT_H
#define ZAGUAN_MAIL_SUBMIT_H

#include "common/base/error.h"
#include "common/base/slice.h"

/*
 * The reply to the end of DATA decides: 0 only after its 250. ERROR_TEMPORARY: no connection, 4xx,
 * time-out. ERROR_INPUT: 5xx. The text of the error holds the server's code, no address.
 * `pieces` are sent one after the other (trace fields, then the bytes as they were held).
 */
int submit_message(const char *server, const char *helo, struct slice sender,
                   struct slice recipient, const struct slice *pieces, size_t piece_count,
                   struct error *err) MUST_CHECK;

#endif
