/*
 * gunzip: a .gz file to plain bytes, streamed and bounded: never more than `into` may hold, and
 * never far more than what a list packs to, so that a bomb ends early. One member, nothing behind
 * it (RFC 1952).
 */
#ifndef ZAGUAN_LISTS_FORMAT_GUNZIP_H
#define ZAGUAN_LISTS_FORMAT_GUNZIP_H

#include "common/base/buffer.h"

#define GUNZIP_MOST_RATIO 200   /* lists pack to a tenth; runs of one byte to a thousandth */
#define GUNZIP_FREE_BYTES 65536 /* a short text may pack better */

bool gunzip_is_packed(struct slice bytes);
/* ERROR_LIMIT: a bomb, or longer than into->max_bytes; ERROR_INPUT: not gzip, cut, damaged. */
int gunzip(struct slice packed, const char *name, struct buffer *into,
           struct error *err) MUST_CHECK;

#endif
