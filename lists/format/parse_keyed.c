/* Entries whose value stands as a digest under a group key (docs/formats/zl.md, "Keyed values"). */
#include "lists/format/reading.h"

#include "common/mail/fold.h"
#include "lists/format/keyed_entry.h"

/* "k3 norm 1": false when it is something else. */
static bool read_header(struct slice header, struct slice *key_name_out, long long *norm_out)
{
    struct slice rest = header, norm, number;
    return slice_next_word(&rest, key_name_out) && slice_next_word(&rest, &norm) &&
           slice_is(norm, "norm") && slice_next_word(&rest, &number) &&
           slice_to_number(number, 1, INT16_MAX, norm_out) && slice_trim(rest).size == 0;
}

static const char *fault_of(const struct list *list, const struct entry *entry)
{
    unsigned char digest[KEYED_DIGEST_BYTES];
    struct slice own_key, list_key;
    long long norm;
    if (entry->value.data[0] != '#')
        return "such a value stands in a list only as a digest: #KEY:..., see "
               "`zaguan list add --digest-key`";
    if (!keyed_entry_read(entry->value, &own_key, digest))
        return "a digest is #KEY: and 32 characters of base64url";
    if (!read_header(list->digest_key, &list_key, &norm))
        return "a list with digests says their key: %digest-key KEY norm 1";
    if (!slice_equals(own_key, list_key))
        return "its key is another one than that of %digest-key";
    if (norm != FOLD_VERSION)
        return "its digests are of texts folded in a way that this version does not know";
    if (entry->type == ENTRY_KPHRASE && entry->keyed_words == 0)
        return "n is missing: how many words the phrase has, 3 to 6";
    return entry->test_count > 0 ? "a yes or no text would tell what the digest hides" : NULL;
}

void reading_keyed_end(struct reading *r)
{
    struct entry *entry = r->entry;
    bool is_keyed = entry->type == ENTRY_KPHRASE || entry->type == ENTRY_PHONE ||
                    entry->type == ENTRY_WALLET ||
                    (entry->type == ENTRY_ADDR && entry->value.data[0] == '#');
    const char *fault = is_keyed ? fault_of(r->list, entry) : NULL;
    if (fault != NULL)
        entry_park(entry, entry->value_place, fault);
    if (!is_keyed)
        entry->keyed_words = 0;
    else if (entry->type != ENTRY_KPHRASE)
        entry->keyed_words = 1;
}
