/*
 * pattern_code: a folded pattern to PCRE2, always with the same options. Private to the matcher.
 */
#ifndef ZAGUAN_LISTS_FORMAT_PATTERN_CODE_H
#define ZAGUAN_LISTS_FORMAT_PATTERN_CODE_H

#ifndef PCRE2_CODE_UNIT_WIDTH
#define PCRE2_CODE_UNIT_WIDTH 8
#endif
#include "common/base/error.h"
#include "common/base/slice.h"
#include <pcre2.h>

/* The caller frees it with pcre2_code_free(). Without JIT so far. */
int pattern_compile(struct slice source, pcre2_code **code_out, struct error *err) MUST_CHECK;

#endif
