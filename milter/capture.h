/*
 * capture: the exact bytes of a message, put together again from what the milter protocol brings:
 * "Name:" + value with its leading space (SMFIP_HDR_LEADSPC) and folding, an empty line, the body;
 * line ends CRLF. In memory only, so nothing of a message that is not held ever touches the disk.
 *
 * Beyond LIMIT_MESSAGE_BYTES, or without memory, it is no longer whole: what came so far is
 * dropped and nothing more is taken. Between messages at most CAPTURE_KEPT_BYTES stay reserved.
 */
#ifndef ZAGUAN_MILTER_CAPTURE_H
#define ZAGUAN_MILTER_CAPTURE_H

#include "common/base/buffer.h"
#include "common/base/limits.h"

#define CAPTURE_KEPT_BYTES (256 * KIB)

struct capture {
    struct buffer bytes;
    bool is_keeping; /* false: nobody asked; only the field of the moment is there */
    bool is_whole;
};

struct capture capture_new(size_t max_bytes);
void capture_free(struct capture *capture);
/* Empty again, for the next message. */
void capture_begin(struct capture *capture, bool is_keeping);
/* Gives the field as it stands, without its last line end; good until the next call. Empty when
 * there is no room for it. */
struct slice capture_field(struct capture *capture, struct slice name, struct slice value,
                           bool has_leading_space);
void capture_end_of_header(struct capture *capture);
void capture_body(struct capture *capture, struct slice piece);
/* What was kept; empty when it is not whole. */
struct slice capture_message(const struct capture *capture);

#endif
