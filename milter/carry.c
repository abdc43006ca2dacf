#include "milter/carry.h"

#include "common/base/limits.h"
#include "common/base/log.h"
#include "common/mail/authres.h"
#include "milter/judge.h"
#include "milter/tally.h"

#define RESULTS_BYTES (64 * KIB)

static struct item_sheet sheet_of(const struct carry *carry, struct slice auth_results)
{
    const struct envelope *envelope = carry->envelope;
    const struct letter *letter = &carry->result->letter;
    struct item_sheet sheet = {
        .envelope_sender = envelope->sender,
        .from_display = letter->from_display,
        .from_address = letter->from_address,
        .subject = letter->subject,
        .client_ip = envelope->client_ip,
        .client_name = envelope->client_name,
        .helo = envelope->helo,
        .queue_id = envelope->queue_id,
        .auth_results = auth_results,
        .signed_by = auth_signed_by(&carry->result->auth, carry->arena),
        .is_smtputf8 = envelope->is_smtputf8,
    };
    struct slice proven;
    if (auth_proves_sender(&carry->result->auth, &proven))
        sheet.proven_domain = proven;
    return sheet;
}

static int hold_copies(const struct carry *carry, const struct plan *plan,
                       struct slice auth_results, struct error *err)
{
    if (plan->copy_count == 0)
        return 0;
    if (!carry->result->is_whole)
        return error_set(err, ERROR_LIMIT, "hold: more than %zu bytes, or no memory",
                         LIMIT_MESSAGE_BYTES);
    struct item_sheet sheet = sheet_of(carry, auth_results);
    struct hold_request request = {.message = carry->whole,
                                   .sheet = &sheet,
                                   .copies = plan->copies,
                                   .copy_count = plan->copy_count,
                                   .now = carry->envelope->arrived_at};
    return service_hold(carry->service, &request, err) == 0 ? 0 : error_context(err, "hold");
}

/* From the last to the first, so that no removal changes the place of another. */
static int remove_claims(const struct carry *carry, const char *name, const struct claims *claims,
                         struct error *err)
{
    for (size_t i = claims->count; i > 0; i--)
        if (carry->edits->remove_field(carry->edits->context, name, claims->places[i - 1]) != 0)
            return error_set(err, ERROR_TEMPORARY, "a field could not be removed");
    return 0;
}

static int insert_field(const struct carry *carry, const char *name, const char *value,
                        struct error *err)
{
    if (carry->edits->insert_field(carry->edits->context, name, value) != 0)
        return error_set(err, ERROR_TEMPORARY, "a field could not be added");
    return 0;
}

static int edit_fields(const struct carry *carry, const struct plan *plan,
                       const struct buffer *auth_results, struct error *err)
{
    if (remove_claims(carry, AUTHRES_FIELD_NAME, carry->results, err) != 0)
        return -1;
    if (plan->should_remove_claims &&
        remove_claims(carry, APPLY_FIELD_NAME, carry->marks, err) != 0)
        return -1;
    if (auth_results->size > 0 &&
        insert_field(carry, AUTHRES_FIELD_NAME, auth_results->data, err) != 0)
        return -1;
    /* arena_copy() ended it with a NUL */
    return plan->mark.size == 0 ? 0 : insert_field(carry, APPLY_FIELD_NAME, plan->mark.data, err);
}

static int remove_recipients(const struct carry *carry, const struct plan *plan, struct error *err)
{
    for (size_t i = 0; i < plan->removed_count; i++) {
        struct slice path = carry->result->recipients[plan->removed[i]].path;
        if (carry->edits->remove_recipient(carry->edits->context, path.data) != 0)
            return error_set(err, ERROR_TEMPORARY, "a recipient could not be removed");
    }
    return 0;
}

static void log_outcome(const struct carry *carry, const struct plan *plan)
{
    const struct message_result *result = carry->result;
    size_t members = 0, held = 0;
    for (size_t i = 0; i < result->recipient_count; i++)
        members += result->recipients[i].is_member_on ? 1 : 0;
    for (size_t i = 0; i < plan->copy_count; i++)
        held += plan->copies[i].purpose == HOLD_FOR_MEMBER ? 1 : 0;
    log_event(LOG_LEVEL_INFO, "message",
              "id=" SLICE_FORMAT " spf=%s dkim=%zu dmarc=%s recipients=%zu members=%zu scanned=%s "
              "hits=%zu held=%zu split=%zu marked=%s answer=%s microseconds=%lld",
              SLICE_ARGUMENTS(carry->envelope->queue_id), spf_result_name(result->auth.spf.result),
              result->auth.dkim.count, dmarc_result_name(result->auth.dmarc.result),
              result->recipient_count, members,
              !result->is_looked_at ? "unasked"
              : result->is_scanned  ? "yes"
                                    : "no",
              result->hits.count, held, plan->copy_count - held, plan->mark.size > 0 ? "yes" : "no",
              plan->answer == PLAN_DISCARD ? "discard" : "accept",
              (long long)result->times.total_microseconds);
    for (size_t i = 0; i < result->limit_count; i++)
        log_event(LOG_LEVEL_WARNING, "unscanned", "id=" SLICE_FORMAT " limit=\"%s\"",
                  SLICE_ARGUMENTS(carry->envelope->queue_id), result->limits[i]);
}

/* For what partners may say tomorrow; mail of people who did not say yes is not remembered. */
static void remember(const struct carry *carry)
{
    const struct message_result *result = carry->result;
    struct error trouble = {0};
    const struct ring_message message = {
        .sender = judge_canonical_sender(
            carry->envelope, carry->service->settings.recipient_delimiter, carry->arena),
        .from_address = result->letter.from_canonical,
        .client_ip = carry->envelope->client_ip,
        .auth = &result->auth,
        .is_known = result->is_from_known,
        .now = carry->envelope->arrived_at,
    };
    struct ring *ring = service_ring(carry->service);
    if (result->is_looked_at && ring != NULL && ring_add(ring, &message, &trouble) != 0)
        log_error("not-remembered", &trouble);
}

int carry_out(const struct carry *carry, enum session_answer *answer_out, struct error *err)
{
    struct plan plan;
    struct error trouble = {0};
    BUFFER_CLEANUP auth_results = buffer_new(RESULTS_BYTES);
    /* Mail is worth more than the field about it. */
    if (authres_write(&carry->result->auth, carry->service->settings.hostname, &auth_results,
                      &trouble) != 0) {
        error_context(&trouble, "id=" SLICE_FORMAT, SLICE_ARGUMENTS(carry->envelope->queue_id));
        log_error("no-authentication-results", &trouble);
        buffer_clear(&auth_results);
    }
    if (apply_plan(carry->result, carry->envelope->arrived_at, carry->arena, &plan, err) != 0 ||
        hold_copies(carry, &plan, buffer_slice(&auth_results), err) != 0)
        return -1;
    if (plan.answer == PLAN_ACCEPT && (edit_fields(carry, &plan, &auth_results, err) != 0 ||
                                       remove_recipients(carry, &plan, err) != 0))
        return -1;
    log_outcome(carry, &plan);
    if (carry->result->is_looked_at &&
        tally_hits(carry->service->stores, &carry->result->hits, &trouble) != 0)
        log_error("not-counted", &trouble);
    remember(carry);
    *answer_out = plan.answer == PLAN_DISCARD ? SESSION_DISCARD : SESSION_ACCEPT;
    return 0;
}
