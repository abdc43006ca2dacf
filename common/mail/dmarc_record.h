/*
 * dmarc_record: one DMARC policy record (RFC 9989 sections 4.7 and 4.8). Private to DMARC.
 *
 * Only the version must be exactly right. What is wrong behind it counts as not written, but for a
 * tag that stands twice, which voids the record as it voids every tag list of DKIM.
 */
#ifndef ZAGUAN_MAIL_DMARC_RECORD_H
#define ZAGUAN_MAIL_DMARC_RECORD_H

#include "common/base/slice.h"

enum dmarc_policy { DMARC_POLICY_NONE, DMARC_POLICY_QUARANTINE, DMARC_POLICY_REJECT };
enum dmarc_psd { DMARC_PSD_UNKNOWN, DMARC_PSD_YES, DMARC_PSD_NO };

struct dmarc_record {
    enum dmarc_policy policy, subdomain_policy, missing_policy; /* p= sp= np=, all filled in */
    bool has_missing_policy; /* np= was written: whether the author's domain exists matters */
    bool is_dkim_strict, is_spf_strict;
    bool is_test; /* t=y: each policy counts one step less */
    enum dmarc_psd psd;
    bool is_void; /* a wrong p=, sp= or np= and no reports wanted: no DMARC (section 4.10.1) */
};

/* False: this TXT record is no DMARC policy record. */
bool dmarc_record_parse(struct slice text, struct dmarc_record *record_out);

const char *dmarc_policy_name(enum dmarc_policy policy);

#endif
