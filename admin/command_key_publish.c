/* `zaguan key` for the keys that sign our own lists. */
#include "admin/command_key.h"

#include "admin/passphrase.h"
#include "common/base/clock.h"
#include "lists/trust/publisher.h"
#include "lists/trust/words.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_key(const struct publisher *publisher, const struct root_key *key)
{
    char id[MINISIGN_ID_TEXT_BYTES], text[MINISIGN_PUBLIC_TEXT_BYTES], words[WORDS_TEXT_BYTES],
        path[PATH_MAX];
    minisign_write_id(key->public.id, id);
    minisign_write_public(&key->public, text);
    words_write_key(&key->public, words);
    printf("\nkey    %s\nid     %s\nroles ", text, id);
    for (size_t role = 0; role < ROOT_ROLE_COUNT; role++)
        if (key->has_role[role])
            printf(" %s", root_role_name((enum root_role)role));
    printf("\nwords  %s\n", words);
    if (publisher_has_key(publisher, key->public.id, path))
        printf("file   %s\n", path);
    else
        printf("file   not here\n");
}

static void print_root(const struct publisher *publisher)
{
    const struct root *root = &publisher->root;
    char id[MINISIGN_ID_TEXT_BYTES];
    printf("publisher %s, root %" PRId64 "\n", root->publisher, root->sequence);
    for (size_t i = 0; i < root->key_count; i++)
        print_key(publisher, &root->keys[i]);
    for (size_t i = 0; i < root->revoked_count; i++) {
        minisign_write_id(root->revoked[i].id, id);
        printf("\nrevoked %s", id);
        if (root->revoked[i].list_id[0] != '\0')
            printf(" for list %s since %" PRId64, root->revoked[i].list_id, root->revoked[i].since);
        puts("");
    }
}

int key_init_publish(const struct settings *settings, const struct key_wanted *wanted,
                     struct error *err)
{
    struct publisher_wish wish = {.name = wanted->publisher == NULL ? settings->domain
                                                                    : wanted->publisher,
                                  .is_split = wanted->is_split,
                                  .is_bare = wanted->is_bare,
                                  .now = clock_now()};
    PUBLISHER_CLEANUP publisher = {.unlocked_count = 0};
    if (publisher_make(settings, &wish, passphrase_ask, &publisher, err) != 0)
        return -1;
    print_root(&publisher);
    printf("\nkeep a copy of %s where nobody else gets at it; partners pin the key with\n"
           "    zaguan partner add %s --key RW... --url URL\n"
           "and compare the words with you, by voice or in person\n",
           publisher.folder, publisher.root.publisher);
    return 0;
}

int key_show_publish(const struct settings *settings, struct error *err)
{
    PUBLISHER_CLEANUP publisher = {.unlocked_count = 0};
    if (publisher_read(settings, passphrase_ask, &publisher, err) != 0)
        return -1;
    print_root(&publisher);
    return 0;
}

/* The key that was meant; the only one when there is one. */
static int find_key(const struct root *root, const struct key_wanted *wanted,
                    unsigned char id_out[MINISIGN_ID_BYTES], struct error *err)
{
    unsigned char id[MINISIGN_ID_BYTES];
    enum root_role role = ROOT_ROLE_LIST;
    const struct root_key *found = NULL;
    size_t count = 0;
    if (wanted->id != NULL && !minisign_read_id(slice_of(wanted->id), id))
        return error_set(err, ERROR_USAGE, "--id: 16 hex digits; `zaguan key show` has them");
    if (wanted->role != NULL && !root_role_read(slice_of(wanted->role), &role))
        return error_set(err, ERROR_USAGE, "--role: root, list or head");
    for (size_t i = 0; i < root->key_count; i++) {
        const struct root_key *key = &root->keys[i];
        if ((wanted->id != NULL && !minisign_id_equals(key->public.id, id)) ||
            (wanted->role != NULL && !key->has_role[role]))
            continue;
        found = key;
        count++;
    }
    if (count == 0)
        return error_set(err, ERROR_NOT_FOUND, "root.zr has no such key");
    if (count > 1)
        return error_set(err, ERROR_USAGE, "which one? --role ROLE or --id ID");
    memcpy(id_out, found->public.id, MINISIGN_ID_BYTES);
    return 0;
}

static int replace(const struct settings *settings, const struct key_wanted *wanted,
                   const struct root_revoked *revoked, size_t revoked_count, struct error *err)
{
    PUBLISHER_CLEANUP publisher = {.unlocked_count = 0};
    unsigned char old[MINISIGN_ID_BYTES];
    if (publisher_read(settings, passphrase_ask, &publisher, err) != 0 ||
        find_key(&publisher.root, wanted, old, err) != 0 ||
        publisher_rotate(&publisher, old, revoked, revoked_count, wanted->is_bare, clock_now(),
                         err) != 0)
        return -1;
    print_root(&publisher);
    puts("\n`zaguan list publish` carries it out; publish every list again, so that the new key "
         "signs it");
    return 0;
}

int key_rotate(const struct settings *settings, const struct key_wanted *wanted, struct error *err)
{
    return replace(settings, wanted, NULL, 0, err);
}

int key_revoke(const struct settings *settings, const struct key_wanted *wanted, struct error *err)
{
    struct root_revoked row = {.since = 0};
    long long since;
    if ((wanted->list == NULL) != (wanted->since == NULL))
        return error_set(err, ERROR_USAGE, "--list LIST-ID and --since SEQ go together");
    if (wanted->list != NULL) {
        if (!slice_to_text(slice_of(wanted->list), row.list_id, sizeof row.list_id))
            return error_set(err, ERROR_USAGE, "--list: a list-id of 8 to 32 hex digits");
        if (!slice_to_number(slice_of(wanted->since), 0, RECORD_SEQUENCE_MOST, &since))
            return error_set(err, ERROR_USAGE, "--since: the number of a publication");
        row.since = since;
    }
    return replace(settings, wanted, &row, 1, err);
}
