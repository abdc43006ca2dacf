/*
 * charset: bytes of any charset to valid UTF-8 (ICU's converters; no state between calls).
 *
 * What a label means follows the WHATWG Encoding Standard where mail programs do: latin-1 is
 * windows-1252, gb2312 is gb18030. A byte order mark wins over every label. Bytes without a usable
 * label, or with the label of ASCII or latin-1 although they are UTF-8, are UTF-8 when valid, else
 * windows-1252. Broken sequences become U+FFFD.
 */
#ifndef ZAGUAN_MAIL_CHARSET_H
#define ZAGUAN_MAIL_CHARSET_H

#include "common/base/arena.h"

struct charset_text {
    struct slice text; /* valid UTF-8: the bytes given themselves where possible, else in arena */
    bool is_cut;       /* longer than max_bytes */
};

/* False only for lack of room. */
bool charset_decode(struct slice bytes, struct slice label, size_t max_bytes, struct arena *arena,
                    struct charset_text *text_out);

bool charset_is_ascii(struct slice bytes);

/* Size of the well-formed UTF-8 character at the front (RFC 3629: no surrogates, shortest form);
 * 0 when there is none. */
size_t charset_character_size(struct slice text);

#endif
