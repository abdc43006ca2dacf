/*
 * received_spf: the Received-SPF field of RFC 7208 section 9.1. What strangers wrote stands only in
 * quoted strings, cut and without controls; no comment quotes anything of theirs.
 */
#ifndef ZAGUAN_POLICY_RECEIVED_SPF_H
#define ZAGUAN_POLICY_RECEIVED_SPF_H

#include "common/base/buffer.h"
#include "policy/request_facts.h"

/* After request_facts_spf(). On one line, without line end. The result is that of the envelope
 * sender; of HELO when there is no sender, or nothing is known about it. */
void received_spf_write(const struct request_facts *facts, struct buffer *into);

#endif
