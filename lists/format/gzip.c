#include "lists/format/gzip.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

#define GZIP_WINDOW (15 + 16) /* 16: zlib writes the header of gzip (RFC 1952) */
#define GZIP_MEMORY 8

int gzip(struct slice plain, struct buffer *into, struct error *err)
{
    z_stream z = {.avail_in = (uInt)plain.size};
    /* zlib's type of what it only reads has no const. */
    memcpy(&z.next_in, &plain.data, sizeof plain.data);
    if (plain.size > UINT32_MAX / 2 || deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW,
                                                    GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        return error_set(err, ERROR_SYSTEM, "no memory to pack it");
    uLong room = deflateBound(&z, (uLong)plain.size);
    char *target = buffer_reserve(into, room);
    int status = Z_MEM_ERROR;
    if (target != NULL) {
        z.next_out = (Bytef *)target;
        z.avail_out = (uInt)room;
        status = deflate(&z, Z_FINISH);
        into->size += status == Z_STREAM_END ? z.total_out : 0;
    }
    deflateEnd(&z);
    return status == Z_STREAM_END ? 0 : error_set(err, ERROR_SYSTEM, "no memory to pack it");
}
