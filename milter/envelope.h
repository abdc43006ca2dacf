/*
 * envelope: what SMTP said of one message, as plain data (no libmilter here).
 */
#ifndef ZAGUAN_MILTER_ENVELOPE_H
#define ZAGUAN_MILTER_ENVELOPE_H

#include "common/base/slice.h"
#include <stdbool.h>
#include <stdint.h>

struct envelope {
    struct slice client_ip, client_name, helo, queue_id;
    struct slice login;       /* who logged in to hand it in; empty: nobody */
    struct slice sender;      /* as given, without < >; empty: null sender */
    struct slice *recipients; /* as given, with < > as libmilter wants them back */
    size_t recipient_count;
    bool is_smtputf8;
    int64_t arrived_at;
};

#endif
