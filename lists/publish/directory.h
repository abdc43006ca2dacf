/*
 * directory: the last look before a list leaves the house: it must not name our own members. Their
 * addresses are handed in as plain data. Refused: a member's address anywhere, also as a keyed
 * digest; her domain as a value; her name (the words of the address's local part) in a text.
 */
#ifndef ZAGUAN_LISTS_PUBLISH_DIRECTORY_H
#define ZAGUAN_LISTS_PUBLISH_DIRECTORY_H

#include "lists/format/finding.h"
#include "lists/format/keyed_entry.h"

struct directory {
    const struct slice *addresses; /* local@domain in lower case */
    size_t address_count;
    const char *const *allowed_words; /* names that are words of the language too */
    size_t allowed_count;
    const struct settings *settings; /* where group keys are */
};

/* Findings are errors that name the entry, never the member. -1 only for lack of room. */
int directory_lint(const struct directory *directory, const struct list *list,
                   struct findings *findings, struct error *err) MUST_CHECK;

#endif
