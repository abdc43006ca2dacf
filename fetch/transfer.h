/*
 * transfer: one file of a partner's web space, bounded in size, time and redirects. https, http
 * (what is fetched carries its own signatures; http only shows to others what is asked for), file:
 * and plain paths. No cookies, no credentials but those in the URL, no other scheme after a
 * redirect. What comes is not trusted.
 */
#ifndef ZAGUAN_FETCH_TRANSFER_H
#define ZAGUAN_FETCH_TRANSFER_H

#include "common/base/buffer.h"
#include <stdint.h>

#define TRANSFER_ETAG_BYTES 128
#define TRANSFER_URL_BYTES 1024

struct transfer {
    const char *base, *file; /* "https://kefir.example/lists", "head.zh" */
    const char *proxy;       /* "socks5h://127.0.0.1:9050"; "": none */
    size_t max_bytes;
    int64_t *bytes_left; /* of the day's budget; reduced by what came */
    /* What we have already, and after TRANSFER_DONE what we have then. "" and 0: nothing. */
    char etag[TRANSFER_ETAG_BYTES];
    int64_t modified_at;
};

enum transfer_answer { TRANSFER_DONE, TRANSFER_NOT_MODIFIED, TRANSFER_MISSING };

/*
 * Appends to `into`. Bytes that are there already are the beginning of the file, from a transfer
 * that broke off: only the rest is asked for (Range), and when the server will not, all of it comes
 * anew. On failure `into` keeps what came. ERROR_LIMIT: longer than max_bytes or than the budget.
 */
int transfer_run(struct transfer *transfer, struct buffer *into, enum transfer_answer *answer_out,
                 struct error *err) MUST_CHECK;

/* ERROR_INPUT unless the scheme is one of ours. */
int transfer_check_url(const char *base, struct error *err) MUST_CHECK;

#endif
