/*
 * hold_job: one hold, sealed and ready to be written; private to hold.c. Sealing is done in the
 * thread of the caller, writing by whoever commits.
 */
#ifndef ZAGUAN_QUARANTINE_HOLD_JOB_H
#define ZAGUAN_QUARANTINE_HOLD_JOB_H

#include "common/base/buffer.h"
#include "quarantine/hold.h"

struct hold_job {
    const struct hold_request *request;
    struct store_message message;
    struct buffer sealed_key, sealed_sheet, sealed_body;
    struct buffer sealed_notes; /* one behind the other */
    size_t *note_ends;          /* of copy i: where it ends in sealed_notes */
    int64_t new_items, repeated_items;
};

int hold_job_prepare(struct hold_job *job, const struct keys *keys,
                     const struct hold_request *request, struct error *err) MUST_CHECK;
void hold_job_free(struct hold_job *job);
/* Inside a transaction; may be done again after a rollback. */
int hold_job_write(struct hold_job *job, struct store *store, struct error *err) MUST_CHECK;
/* After the commit: can what was written be read? */
int hold_job_check(const struct hold_job *job, struct store *store, struct error *err) MUST_CHECK;

#endif
