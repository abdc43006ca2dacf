/*
 * authres: the Authentication-Results field (RFC 8601, 8616): writing ours, finding forged ones.
 */
#ifndef ZAGUAN_MAIL_AUTHRES_H
#define ZAGUAN_MAIL_AUTHRES_H

#include "common/mail/auth.h"

/* The value of the field, folded with "\n\t" (as libmilter wants it), without name and last line
 * end. What came from the message is quoted or left out as section 2.2 asks. */
int authres_write(const struct auth_answer *answer, const char *authserv_id, struct buffer *into,
                  struct error *err) MUST_CHECK;

/* True when a field value of this name claims to come from our authserv-id (section 5): comments,
 * quotes, case, a version after it, and white space are seen through. */
bool authres_is_ours(struct slice value, const char *authserv_id);

#endif
