#include "quarantine/hold_job.h"

#include "common/base/limits.h"
#include "common/store/store_log.h"
#include "quarantine/identity.h"
#include "quarantine/seal.h"
#include "quarantine/sheet.h"
#include <sodium.h>
#include <stdlib.h>

static int seal_note(struct hold_job *job, const struct seal_key *key, const struct hold_copy *copy,
                     struct buffer *plain, struct error *err)
{
    char text[NOTE_BINDING_BYTES];
    struct item_note note = {copy->recipient, copy->tag_field, copy->reasons, copy->reason_count};
    buffer_clear(plain);
    if (sheet_write_note(&note, plain, err) != 0)
        return -1;
    return seal_text(key, sheet_note_binding(copy->member_id, text), buffer_slice(plain),
                     &job->sealed_notes, err);
}

static int seal_notes(struct hold_job *job, const struct seal_key *key, struct error *err)
{
    size_t count = job->request->copy_count;
    BUFFER_CLEANUP plain = buffer_new(SHEET_LIMIT_BYTES);
    job->note_ends = calloc(count, sizeof *job->note_ends);
    if (job->note_ends == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for %zu copies", count);
    for (size_t i = 0; i < count; i++) {
        if (seal_note(job, key, &job->request->copies[i], &plain, err) != 0)
            return -1;
        job->note_ends[i] = job->sealed_notes.size;
    }
    sodium_memzero(plain.data, plain.size);
    return 0;
}

static int seal_sheet(struct hold_job *job, const struct seal_key *key,
                      const unsigned char digest[SHEET_DIGEST_BYTES], struct error *err)
{
    BUFFER_CLEANUP plain = buffer_new(SHEET_LIMIT_BYTES);
    if (sheet_write(job->request->sheet, digest, &plain, err) != 0)
        return -1;
    int failed = seal_text(key, SHEET_BINDING, buffer_slice(&plain), &job->sealed_sheet, err);
    sodium_memzero(plain.data, plain.size);
    return failed;
}

static int seal_all(struct hold_job *job, const struct keys *keys, struct error *err)
{
    unsigned char digest[SHEET_DIGEST_BYTES];
    struct seal_key key;
    const struct hold_request *request = job->request;
    identity_digest(request->message, digest);
    identity_make(keys, request->sheet->envelope_sender, digest, job->message.identity);
    seal_key_make(&key);
    int failed = seal_sheet(job, &key, digest, err);
    if (failed == 0)
        failed = seal_notes(job, &key, err);
    if (failed == 0)
        failed = seal_body(&key, request->message, &job->sealed_body, err);
    if (failed == 0)
        failed = keys_seal(keys, slice_new((const char *)key.bytes, sizeof key.bytes),
                           &job->sealed_key, err);
    seal_key_forget(&key);
    return failed;
}

int hold_job_prepare(struct hold_job *job, const struct keys *keys,
                     const struct hold_request *request, struct error *err)
{
    *job = (struct hold_job){.request = request,
                             .sealed_key = buffer_new(256),
                             .sealed_sheet = buffer_new(SHEET_LIMIT_BYTES + 256),
                             .sealed_body = buffer_new(seal_body_size(request->message.size)),
                             .sealed_notes = buffer_new(64 * SHEET_LIMIT_BYTES)};
    if (request->message.size > LIMIT_MESSAGE_BYTES)
        return error_set(err, ERROR_LIMIT, "message: longer than %zu bytes", LIMIT_MESSAGE_BYTES);
    if (request->copy_count == 0)
        return error_set(err, ERROR_BUG, "a hold for nobody");
    if (seal_all(job, keys, err) != 0)
        return -1;
    job->message.sealed_key = buffer_slice(&job->sealed_key);
    job->message.sealed_sheet = buffer_slice(&job->sealed_sheet);
    job->message.size_bytes = (int64_t)request->message.size;
    job->message.arrived_at = request->now;
    return 0;
}

void hold_job_free(struct hold_job *job)
{
    buffer_free(&job->sealed_key);
    buffer_free(&job->sealed_sheet);
    buffer_free(&job->sealed_body);
    buffer_free(&job->sealed_notes);
    free(job->note_ends);
    job->note_ends = NULL;
}

static int count_entries(struct store *store, const struct hold_copy *copy, struct error *err)
{
    for (size_t i = 0; i < copy->reason_count; i++) {
        const struct item_reason *reason = &copy->reasons[i];
        if (slice_is(reason->rule, "list") &&
            store_entry_count(store, reason->list, reason->entry, STORE_ENTRY_HELD, err) != 0)
            return -1;
    }
    return 0;
}

static int write_copy(struct hold_job *job, size_t index, struct store *store, struct error *err)
{
    const struct hold_copy *copy = &job->request->copies[index];
    size_t start = index == 0 ? 0 : job->note_ends[index - 1];
    bool is_split = copy->purpose == HOLD_SPLIT_TAG, is_new;
    struct store_item item = {
        .member_id = copy->member_id,
        .message_id = job->message.id,
        .state = is_split ? STORE_ITEM_RELEASING : STORE_ITEM_HELD,
        .is_split = is_split,
        .category = copy->category,
        .severity = copy->severity,
        .size_bytes = job->message.size_bytes,
        .held_at = job->request->now,
        .expires_at = copy->expires_at,
        .sealed_reasons =
            slice_part(buffer_slice(&job->sealed_notes), start, job->note_ends[index] - start),
    };
    if (store_item_put(store, &item, &is_new, err) != 0)
        return -1;
    if (!is_new)
        job->repeated_items++;
    else if (!is_split)
        job->new_items++;
    return is_new && !is_split ? count_entries(store, copy, err) : 0;
}

static int count_items(const struct hold_job *job, struct store *store, struct error *err)
{
    if (job->new_items > 0 && store_counter_add(store, "held", job->new_items, err) != 0)
        return -1;
    if (job->repeated_items > 0 &&
        store_counter_add(store, "held_again", job->repeated_items, err) != 0)
        return -1;
    return 0;
}

int hold_job_write(struct hold_job *job, struct store *store, struct error *err)
{
    job->new_items = job->repeated_items = 0;
    if (store_message_put(store, &job->message, buffer_slice(&job->sealed_body), err) != 0)
        return -1;
    for (size_t i = 0; i < job->request->copy_count; i++)
        if (write_copy(job, i, store, err) != 0)
            return -1;
    if (job->repeated_items > 0) {
        int removed = store_message_remove_unclaimed(store, job->message.id, err);
        if (removed < 0)
            return -1;
        if (removed == 1)
            job->message.id = 0; /* a repetition: nothing of this arrival is kept */
    }
    return count_items(job, store, err);
}

int hold_job_check(const struct hold_job *job, struct store *store, struct error *err)
{
    if (job->message.id == 0)
        return 0;
    int is_there =
        store_message_check(store, job->message.id, buffer_slice(&job->sealed_body), err);
    if (is_there == 0)
        return error_set(err, ERROR_SYSTEM,
                         "the database does not give back what was written to it");
    return is_there < 0 ? -1 : 0;
}
