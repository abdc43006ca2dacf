/* gzip: bytes to a .gz without name and time, so that the same list packs to the same file. */
#ifndef ZAGUAN_LISTS_FORMAT_GZIP_H
#define ZAGUAN_LISTS_FORMAT_GZIP_H

#include "common/base/buffer.h"

int gzip(struct slice plain, struct buffer *into, struct error *err) MUST_CHECK;

#endif
