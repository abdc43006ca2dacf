#include "lists/format/gunzip.h"

#include "common/base/limits.h"
#include <limits.h>
#define ZLIB_CONST
#include <zlib.h>

#define STEP_BYTES 16384
#define GZIP_ONLY (16 + MAX_WBITS)

bool gunzip_is_packed(struct slice bytes)
{
    return slice_starts_with(bytes, "\x1f\x8b");
}

static void cleanup_stream(z_stream *stream)
{
    inflateEnd(stream);
}

static int check_growth(const z_stream *stream, const struct buffer *into, const char *name,
                        struct error *err)
{
    if (into->has_overflowed)
        return error_set(err, ERROR_LIMIT, "%s: unpacks to more than %zu bytes", name,
                         into->max_bytes);
    if (into->size > GUNZIP_FREE_BYTES && into->size / GUNZIP_MOST_RATIO > stream->total_in)
        return error_set(err, ERROR_LIMIT, "%s: unpacks to more than %d times its size", name,
                         GUNZIP_MOST_RATIO);
    return 0;
}

int gunzip(struct slice packed, const char *name, struct buffer *into, struct error *err)
{
    unsigned char step[STEP_BYTES];
    __attribute__((cleanup(cleanup_stream))) z_stream stream = {0};
    if (packed.size > UINT_MAX / 2)
        return error_set(err, ERROR_LIMIT, "%s: too long", name);
    if (inflateInit2(&stream, GZIP_ONLY) != Z_OK)
        return error_set(err, ERROR_SYSTEM, "no memory for unpacking");
    stream.next_in = (const Bytef *)(const void *)packed.data;
    stream.avail_in = (uInt)packed.size;
    int code = Z_OK;
    while (code == Z_OK) {
        stream.next_out = step;
        stream.avail_out = sizeof step;
        code = inflate(&stream, Z_NO_FLUSH);
        buffer_append(into, slice_new((const char *)step, sizeof step - stream.avail_out));
        if (check_growth(&stream, into, name, err) != 0)
            return -1;
    }
    if (code == Z_BUF_ERROR)
        return error_set(err, ERROR_INPUT, "%s: the packed file was cut", name);
    if (code != Z_STREAM_END)
        return error_set(err, ERROR_INPUT, "%s: not a gzip file, or damaged", name);
    if (stream.avail_in > 0)
        return error_set(err, ERROR_INPUT, "%s: something stands behind the packed text", name);
    return 0;
}
