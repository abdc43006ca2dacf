/* What the keys of a root vouch for. */
#include "lists/trust/root.h"

#include "common/base/clock.h"
#include "lists/trust/head.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void root_write_comment(const struct root *root, char text[ROOT_COMMENT_BYTES])
{
    char issued[CLOCK_DATE_BYTES];
    clock_write_timestamp(root->issued_at, issued);
    snprintf(text, ROOT_COMMENT_BYTES, "zaguan-root 1 %s %" PRId64 " %s", root->publisher,
             root->sequence, issued);
}

void root_from_pinned(const char *publisher, const struct minisign_public *keys, size_t count,
                      struct root *root_out)
{
    struct root root = {.sequence = 0, .thresholds = {1, 1, 1}};
    slice_to_text(slice_of(publisher), root.publisher, sizeof root.publisher);
    for (size_t i = 0; i < count && i < ROOT_MOST_KEYS; i++)
        root.keys[root.key_count++] =
            (struct root_key){.public = keys[i], .has_role = {true, true, true}};
    *root_out = root;
}

static size_t find_key(const struct root *root, const unsigned char id[MINISIGN_ID_BYTES])
{
    size_t at = 0;
    while (at < root->key_count && !minisign_id_equals(root->keys[at].public.id, id))
        at++;
    return at;
}

/* Why it does not count goes to *misfit, of the first one. */
static void count_signature(const struct root *root, enum root_role role, struct slice content,
                            const struct minisign_signature *signature, const char *trusted_comment,
                            bool has_signed[ROOT_MOST_KEYS], const char *name, struct error *misfit)
{
    struct error why = {0};
    size_t at = find_key(root, signature->id);
    if (at == root->key_count || !root->keys[at].has_role[role])
        return;
    if (minisign_verify(&root->keys[at].public, content, signature, &why) != 0)
        error_context(&why, "%s", name);
    else if (strcmp(signature->trusted_comment, trusted_comment) != 0)
        error_set(&why, ERROR_INPUT, "%s: the signature is for \"%.120s\", the file is \"%.120s\"",
                  name, signature->trusted_comment, trusted_comment);
    else
        has_signed[at] = true;
    if (why.kind != 0 && misfit->kind == 0)
        *misfit = why;
}

int root_verify(const struct root *root, enum root_role role, struct slice content,
                struct slice signatures, const char *trusted_comment, const char *name,
                struct error *err)
{
    bool has_signed[ROOT_MOST_KEYS] = {false};
    struct minisign_signature signature;
    struct error misfit = {0};
    char first[MINISIGN_ID_TEXT_BYTES] = "";
    int64_t count = 0;
    int more, seen = 0;
    while ((more = minisign_next_signature(&signatures, name, &signature, err)) == 1) {
        if (++seen > MINISIGN_MOST_SIGNATURES)
            return error_set(err, ERROR_LIMIT, "%s: more than %d signatures", name,
                             MINISIGN_MOST_SIGNATURES);
        if (first[0] == '\0')
            minisign_write_id(signature.id, first);
        count_signature(root, role, content, &signature, trusted_comment, has_signed, name,
                        &misfit);
    }
    if (more < 0)
        return -1;
    for (size_t i = 0; i < root->key_count; i++)
        count += has_signed[i];
    if (count >= root->thresholds[role])
        return 0;
    if (misfit.kind != 0)
        return error_set(err, misfit.kind, "%s", misfit.text);
    if (seen == 0)
        return error_set(err, ERROR_INPUT, "%s: there is no signature", name);
    return error_set(err, ERROR_INPUT,
                     "%s: signed by %d of the %d keys that %s %" PRId64
                     " of %s asks for in the role %s; the first signature is of the key %s",
                     name, (int)count, (int)root->thresholds[role], "root", root->sequence,
                     root->publisher, root_role_name(role), first);
}

static int check_successor(const struct root *trusted, const struct root *root, int64_t now,
                           struct error *err)
{
    if (strcmp(root->publisher, trusted->publisher) != 0)
        return error_set(err, ERROR_INPUT, "root.zr: of %s, not of %s", root->publisher,
                         trusted->publisher);
    if (root->sequence < trusted->sequence)
        return error_set(err, ERROR_INPUT,
                         "root.zr: older (%" PRId64 ") than the one we have (%" PRId64 ")",
                         root->sequence, trusted->sequence);
    if (root->issued_at > now + HEAD_MOST_AHEAD_SECONDS)
        return error_set(err, ERROR_INPUT, "root.zr: issued in the future");
    return 0;
}

/* The same number must be the same root; which file is signed how does not matter then. */
static int check_same(const struct root *trusted, const struct root *root, struct error *err)
{
    BUFFER_CLEANUP ours = buffer_new(LIMIT_ROOT_BYTES), theirs = buffer_new(LIMIT_ROOT_BYTES);
    if (root_format(trusted, &ours, err) != 0 || root_format(root, &theirs, err) != 0)
        return -1;
    if (!slice_equals(buffer_slice(&ours), buffer_slice(&theirs)))
        return error_set(err, ERROR_INPUT,
                         "root.zr: another root under the number %" PRId64
                         " that we have: the publisher shows different things to different people",
                         root->sequence);
    return 1;
}

int root_accept(const struct root *trusted, struct slice text, struct slice signatures, int64_t now,
                struct root *root_out, struct error *err)
{
    struct root root;
    char comment[ROOT_COMMENT_BYTES];
    if (root_parse(text, "root.zr", &root, err) != 0)
        return -1;
    root_write_comment(&root, comment);
    if (root.sequence == trusted->sequence && strcmp(root.publisher, trusted->publisher) == 0)
        return check_same(trusted, &root, err);
    if (check_successor(trusted, &root, now, err) != 0 ||
        root_verify(trusted, ROOT_ROLE_ROOT, text, signatures, comment, "root.zr.minisig", err) !=
            0 ||
        root_verify(&root, ROOT_ROLE_ROOT, text, signatures, comment, "root.zr.minisig", err) != 0)
        return -1;
    *root_out = root;
    return 0;
}

bool root_has_rotated(const struct root *before, const struct root *after, enum root_role role)
{
    for (size_t i = 0; i < before->key_count; i++) {
        if (!before->keys[i].has_role[role])
            continue;
        size_t at = find_key(after, before->keys[i].public.id);
        if (at == after->key_count || !after->keys[at].has_role[role] ||
            memcmp(after->keys[at].public.key, before->keys[i].public.key,
                   sizeof after->keys[at].public.key) != 0)
            return true;
    }
    return false;
}

int64_t root_counts_until(const struct root *root, const unsigned char id[MINISIGN_ID_BYTES],
                          struct slice list_id)
{
    int64_t until = INT64_MAX;
    for (size_t i = 0; i < root->revoked_count; i++) {
        const struct root_revoked *row = &root->revoked[i];
        if (!minisign_id_equals(row->id, id))
            continue;
        if (row->list_id[0] != '\0' && !slice_is(list_id, row->list_id))
            continue;
        if (row->since < until)
            until = row->since;
    }
    return until;
}
