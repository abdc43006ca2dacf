/*
 * encoding: content transfer encodings (RFC 2045 section 6) and the Q encoding of RFC 2047.
 *
 * Decoders never fail: what is no valid code is skipped (base64) or stands as it is
 * (quoted-printable), as mail programs do. They stop when `room` is full.
 */
#ifndef ZAGUAN_MAIL_ENCODING_H
#define ZAGUAN_MAIL_ENCODING_H

#include "common/base/slice.h"

/* At most `room` bytes into `into`; returns their number. *is_whole_out (may be NULL) is false when
 * the room did not do. */
size_t encoding_from_base64(struct slice text, char *into, size_t room, bool *is_whole_out);
size_t encoding_from_quoted_printable(struct slice text, char *into, size_t room,
                                      bool *is_whole_out);
/* "_" is a blank, no soft line ends. */
size_t encoding_from_q(struct slice text, char *into, size_t room);

/* "%41" to "A" (RFC 2231 section 4); a % without two hex digits stays. */
size_t encoding_from_percent(struct slice text, char *into, size_t room);

/* Value of a hex digit, -1 when it is none. */
int encoding_hex_value(char digit);

#endif
