/*
 * request: one question of Postfix (SMTPD_POLICY_README of Postfix 3.7): lines `name=value`, an
 * empty line at the end. Plain data: slices into the text that was read.
 *
 * What this table does not name is passed over: newer versions of Postfix say more. Of an attribute
 * that is said twice the last one counts. A number that is none is 0, as if it had not been said.
 */
#ifndef ZAGUAN_POLICY_REQUEST_H
#define ZAGUAN_POLICY_REQUEST_H

#include "common/base/error.h"
#include "common/base/slice.h"
#include <stdint.h>

struct request {
    struct slice request; /* "smtpd_access_policy" */
    struct slice protocol_state, protocol_name;
    struct slice helo_name, queue_id, instance;
    struct slice sender, recipient; /* without < >; as Postfix writes them, quoted where needed */
    int64_t recipient_count, size;
    struct slice client_address, client_name, reverse_client_name;
    int64_t client_port;
    struct slice server_address;
    int64_t server_port;
    struct slice sasl_method, sasl_username, sasl_sender;
    struct slice ccert_subject, ccert_issuer, ccert_fingerprint, ccert_pubkey_fingerprint;
    struct slice encryption_protocol, encryption_cipher;
    int64_t encryption_keysize;
    struct slice etrn_domain, stress, policy_context, compatibility_level, mail_version;
};

#define REQUEST_MOST_ATTRIBUTES 200 /* lines; Postfix 3.7 sends about 30 */

/* Size of the first whole request in `text`, with the empty line that ends it; 0: not there yet.
 * `looked_at`: so many bytes were looked at before and hold no end. */
size_t request_find_end(struct slice text, size_t looked_at);
/* ERROR_INPUT names the line; it never quotes a value. */
int request_read(struct slice text, struct request *request_out, struct error *err) MUST_CHECK;

#endif
