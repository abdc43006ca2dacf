/*
 * fold_table: what one code point becomes in a folded text; generated, see
 * contrib/unicode/generate_fold_table.c. Private to fold.
 *
 * fold_entries[fold_block_of[c / 128] * 128 + c % 128] is 0 (stays as it is), or an offset into
 * fold_pool, where a size and so many bytes of UTF-8 stand (size 0: removed).
 */
#ifndef ZAGUAN_MAIL_FOLD_TABLE_H
#define ZAGUAN_MAIL_FOLD_TABLE_H

#include <stdint.h>

extern const uint16_t fold_block_of[8704];
extern const uint16_t fold_entries[];
extern const unsigned char fold_pool[];

#endif
