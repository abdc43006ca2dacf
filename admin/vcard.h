/*
 * vcard: the mail addresses of an address book: EMAIL lines of vCard 3.0 and 4.0 (RFC 2426, RFC
 * 6350), also quoted-printable ones of 2.1; folded lines, groups ("item1.EMAIL"), quoted
 * parameters, "mailto:". Nothing else of it is read.
 */
#ifndef ZAGUAN_ADMIN_VCARD_H
#define ZAGUAN_ADMIN_VCARD_H

#include "common/base/arena.h"

/* The next EMAIL value, trimmed, in the arena. 1; 0 at the end; -1 no room. */
int vcard_next_email(struct slice *rest, struct arena *arena, struct slice *email_out,
                     struct error *err) MUST_CHECK;
bool vcard_is_one(struct slice text); /* BEGIN:VCARD stands in it */

#endif
