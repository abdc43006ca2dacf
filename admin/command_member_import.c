/* contacts import FILE.vcf|MAILDIR MEMBER: people she knows, from her address book or from what she
 * has sent. Digests are kept, addresses are not; only numbers are shown. */
#include "admin/command_member.h"
#include "admin/vcard.h"
#include "common/base/files.h"
#include "common/base/limits.h"
#include "common/mail/address.h"
#include "common/mail/header.h"
#include "policy/contact.h"
#include "review/notice.h"
#include "review/phrases.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VCARD_BYTES (32 * MIB)
#define ADDRESSES_MOST 50000
#define MAILS_MOST 200000
#define HEADER_BYTES (256 * KIB)
#define SECONDS_OF_DAY INT64_C(86400)

struct import {
    struct member_desk *desk;
    struct member member;
    struct arena *arena; /* of one address book entry or mail */
    size_t addresses;    /* noted, also those that were known */
    size_t unreadable;   /* no addresses */
    size_t mails, foreign;
};

static int note(struct import *import, const struct address *address, int64_t at, struct error *err)
{
    if (slice_is_empty(address->local) || slice_is_empty(address->domain)) {
        import->unreadable++;
        return 0;
    }
    struct slice canonical =
        address_canonical(address, import->desk->settings.recipient_delimiter, import->arena);
    if (slice_is_empty(canonical))
        return arena_error(import->arena, err);
    if (slice_equals(canonical, import->member.row.address))
        return 0;
    if (++import->addresses > ADDRESSES_MOST)
        return error_set(err, ERROR_LIMIT, "more than %d addresses: nothing was imported",
                         ADDRESSES_MOST);
    return contact_add(import->desk->review.store, &import->desk->keys, import->member.row.id,
                       canonical, at, err);
}

static int import_vcard(struct import *import, const char *path, struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(VCARD_BYTES);
    struct slice email;
    int more;
    if (file_read(path, &text, err) != 0)
        return -1;
    struct slice rest = buffer_slice(&text);
    if (!vcard_is_one(rest))
        return error_set(err, ERROR_INPUT, "%s: no vCard (BEGIN:VCARD) in it", path);
    while ((more = vcard_next_email(&rest, import->arena, &email, err)) == 1) {
        struct address address;
        if (address_parse_path(email, import->arena, &address, NULL) != 0)
            import->unreadable++;
        else if (note(import, &address, import->desk->review.now, err) != 0)
            return -1;
        arena_reset(import->arena);
    }
    return more;
}

static int read_mailboxes(struct import *import, struct slice value, struct mailbox **mailboxes,
                          size_t *count, struct error *err)
{
    size_t broken;
    struct slice line = header_unfold(value, import->arena);
    if (address_parse_list(line, import->arena, mailboxes, count, &broken, err) != 0)
        return -1;
    import->unreadable += broken;
    return 0;
}

/* 1 when she wrote it: a folder may hold mail of others, whom she may never have written to. */
static int is_hers(struct import *import, struct slice header, struct error *err)
{
    struct header_field from;
    struct mailbox *mailboxes;
    size_t count;
    if (!header_find(header, "From", &from))
        return 0;
    if (read_mailboxes(import, from.value, &mailboxes, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (slice_equals(address_canonical(&mailboxes[i].address,
                                           import->desk->settings.recipient_delimiter,
                                           import->arena),
                         import->member.row.address))
            return 1;
    return 0;
}

static int import_mail(struct import *import, struct slice header, int64_t at, struct error *err)
{
    struct header_field field;
    struct slice rest = header;
    int hers = is_hers(import, header, err);
    if (hers != 1) {
        import->foreign += hers == 0;
        return hers;
    }
    import->mails++;
    while (header_next(&rest, &field)) {
        struct mailbox *mailboxes;
        size_t count;
        if (!slice_is_nocase(field.name, "To") && !slice_is_nocase(field.name, "Cc") &&
            !slice_is_nocase(field.name, "Bcc"))
            continue;
        if (read_mailboxes(import, field.value, &mailboxes, &count, err) != 0)
            return -1;
        for (size_t i = 0; i < count; i++)
            if (note(import, &mailboxes[i].address, at, err) != 0)
                return -1;
    }
    return 0;
}

/* The beginning of the file is enough: the header. */
static int import_file(struct import *import, int folder, const char *name, struct buffer *text,
                       struct error *err)
{
    struct stat status;
    int64_t now = import->desk->review.now;
    CLEANUP_FD int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return 0; /* gone or moved meanwhile, as Maildir allows */
    if (status.st_mtime < now - CONTACT_DAYS * SECONDS_OF_DAY)
        return 0; /* it would be forgotten at once */
    buffer_clear(text);
    char *into = buffer_reserve(text, HEADER_BYTES);
    ssize_t got = into == NULL ? -1 : read(fd, into, HEADER_BYTES);
    if (got <= 0)
        return 0;
    int failed = import_mail(import, slice_new(into, (size_t)got),
                             status.st_mtime < now ? status.st_mtime : now, err);
    arena_reset(import->arena);
    return failed;
}

static int import_folder(struct import *import, const char *path, struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(HEADER_BYTES + 1);
    const struct dirent *entry;
    size_t count = 0;
    int failed = 0;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return errno == ENOENT ? 0 : error_system(err, "%s", path);
    while (failed == 0 && count < MAILS_MOST && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        count++;
        failed = import_file(import, dirfd(folder), entry->d_name, &text, err);
    }
    closedir(folder);
    return failed;
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* PATH itself, or the Sent folder in it (Maildir++ and Dovecot's fs layout). */
static int import_maildir(struct import *import, const char *path, struct error *err)
{
    static const char *const places[] = {"/.Sent", "/Sent", "/.INBOX.Sent", ""};
    char base[PATH_MAX], folder[PATH_MAX];
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        snprintf(base, sizeof base, "%s%s", path, places[i]);
        snprintf(folder, sizeof folder, "%s/cur", base);
        if (!is_folder(folder))
            continue;
        if (import_folder(import, folder, err) != 0)
            return -1;
        snprintf(folder, sizeof folder, "%s/new", base);
        return import_folder(import, folder, err);
    }
    return error_set(err, ERROR_INPUT, "%s: no Maildir: it has no folder \"cur\"", path);
}

static int tell(struct import *import, int64_t fresh, struct error *err)
{
    char note_text[40];
    struct member_desk *desk = import->desk;
    snprintf(note_text, sizeof note_text, "%lld", (long long)fresh);
    if (member_desk_log(desk, &import->member, "contacts added", note_text, err) != 0)
        return -1;
    return notice_queue(&desk->review, &import->member, 0,
                        phrase(import->member.wishes.language,
                               "The admin of this mail server has added people you know. Mail from "
                               "them is treated as mail from people you have written to."),
                        err);
}

static void show(const struct import *import, int64_t fresh)
{
    if (import->desk->wanted->is_json)
        printf("{\"added\": %lld, \"addresses\": %zu, \"unreadable\": %zu, \"mails\": %zu, "
               "\"not_hers\": %zu}\n",
               (long long)fresh, import->addresses, import->unreadable, import->mails,
               import->foreign);
    else
        printf("%lld added of %zu addresses (%zu unreadable; %zu mails of hers, %zu not hers); a "
               "mail tells her so\n",
               (long long)fresh, import->addresses, import->unreadable, import->mails,
               import->foreign);
}

static int import_into(struct import *import, const char *path, struct error *err)
{
    int64_t before, after;
    struct store *store = import->desk->review.store;
    int64_t id = import->member.row.id;
    if (import->member.wishes.correspondents != WISH_CORRESPONDENTS_ON)
        return error_set(err, ERROR_INPUT,
                         "she does not want it remembered whom she writes to (correspondents off)");
    if (store_contact_count(store, id, &before, err) != 0 ||
        (is_folder(path) ? import_maildir(import, path, err) : import_vcard(import, path, err)) !=
            0 ||
        store_contact_count(store, id, &after, err) != 0 || tell(import, after - before, err) != 0)
        return -1;
    show(import, after - before);
    return 0;
}

int member_contacts_import(struct member_desk *desk, struct error *err)
{
    struct import import = {.desk = desk};
    if (desk->words.count != 3)
        return error_set(err, ERROR_USAGE, "contacts import FILE.vcf|MAILDIR MEMBER");
    const char *path = desk->words.words[1];
    desk->words.words += 2;
    desk->words.count = 1;
    if (member_desk_find(desk, &import.member, err) != 0)
        return -1;
    import.arena = arena_new(16 * MIB);
    if (import.arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    int failed = import_into(&import, path, err);
    arena_free(import.arena);
    return failed;
}
