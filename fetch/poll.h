/*
 * poll: asks one partner's web space for its head and brings what the head names into
 * inbox_folder/NAME/: root.zr, head.zh, lists/NAME.SEQ.zl or .zl.gz, each with its .minisig. Every
 * file is replaced whole, the head last. Nothing is verified here: lists/update/update.c does that,
 * as another user.
 */
#ifndef ZAGUAN_FETCH_POLL_H
#define ZAGUAN_FETCH_POLL_H

#include "common/base/settings.h"
#include "lists/trust/partner.h"

enum poll_answer { POLL_NOT_DUE, POLL_NOTHING_NEW, POLL_NEWS };

/* `is_by_hand`: now, whatever was said about the next time. */
int poll_partner(const struct settings *settings, const struct partner *partner, bool is_by_hand,
                 int64_t now, enum poll_answer *answer_out, struct error *err) MUST_CHECK;

#endif
