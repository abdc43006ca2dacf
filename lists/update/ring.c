#include "lists/update/ring_file.h"

#include "common/base/files.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE 0640 /* zaguan-review reads it through the group */
#define ADDRESS_BYTES 512
#define HOUR ((int64_t)3600)
#define DAY (24 * HOUR)

struct ring {
    int fd;
    char path[PATH_MAX];
    unsigned char key[KEYED_KEY_BYTES];
    int64_t epoch_seconds; /* half of ring_days */
    struct group_key groups[RING_GROUPS];
    size_t group_count;
    pthread_mutex_t mutex; /* of what follows */
    struct ring_header header;
    uint64_t number; /* of the last record */
    int epoch;       /* the newer one */
};

void ring_path(const struct settings *settings, char path[PATH_MAX])
{
    const char *slash = strrchr(settings->database, '/');
    snprintf(path, PATH_MAX, "%.*sring", slash == NULL ? 0 : (int)(slash + 1 - settings->database),
             settings->database);
}

static int write_at(const struct ring *ring, const void *bytes, size_t size, off_t at,
                    struct error *err)
{
    const char *rest = bytes;
    while (size > 0) {
        ssize_t written = pwrite(ring->fd, rest, size, at);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return error_system(err, "%s: cannot be written", ring->path);
        rest += written;
        at += written;
        size -= (size_t)written;
    }
    return 0;
}

static off_t place_of(uint64_t number)
{
    return (off_t)(sizeof(struct ring_header) +
                   (number - 1) % RING_RECORDS * sizeof(struct ring_record));
}

static int write_header(struct ring *ring, struct error *err)
{
    memcpy(ring->header.magic, RING_MAGIC, sizeof ring->header.magic);
    ring->header.check = ring_sum(&ring->header, offsetof(struct ring_header, check));
    if (write_at(ring, &ring->header, sizeof ring->header, 0, err) != 0)
        return -1;
    return fdatasync(ring->fd) == 0 ? 0 : error_system(err, "%s: cannot be synced", ring->path);
}

/* Its salt is gone first: then its marks mean nothing to anybody, also if a crash leaves them. When
 * that cannot be written, the old one stays and the next look tries again. */
static int begin_epoch(struct ring *ring, int epoch, int64_t now, struct error *err)
{
    static const struct ring_record empty;
    const struct ring_epoch before = ring->header.epochs[epoch];
    randombytes_buf(ring->header.epochs[epoch].salt, RING_SALT_BYTES);
    ring->header.epochs[epoch].began_at = now;
    if (write_header(ring, err) != 0) {
        ring->header.epochs[epoch] = before;
        return -1;
    }
    ring->epoch = epoch;
    for (uint64_t place = 1; place <= RING_RECORDS; place++) {
        struct ring_record record;
        if (pread(ring->fd, &record, sizeof record, place_of(place)) != (ssize_t)sizeof record)
            break;
        if (record.number != 0 && record.epoch == epoch &&
            write_at(ring, &empty, sizeof empty, place_of(place), err) != 0)
            return -1;
    }
    return 0;
}

static int begin_anew(struct ring *ring, int64_t now, struct error *err)
{
    memset(&ring->header, 0, sizeof ring->header);
    ring->number = 0;
    if (ftruncate(ring->fd, 0) != 0 || ftruncate(ring->fd, (off_t)RING_BYTES) != 0)
        return error_system(err, "%s: cannot be made", ring->path);
    return begin_epoch(ring, 0, now, err);
}

/* Also when the clock was set back: a salt of the future would last for ever. */
static int forget(struct ring *ring, int64_t now, struct error *err)
{
    const struct ring_epoch *newer = &ring->header.epochs[ring->epoch];
    const struct ring_epoch *older = &ring->header.epochs[!ring->epoch];
    if (newer->began_at > now + DAY || older->began_at > now + DAY ||
        newer->began_at + 2 * ring->epoch_seconds <= now)
        return begin_anew(ring, now, err);
    if (newer->began_at + ring->epoch_seconds <= now)
        return begin_epoch(ring, !ring->epoch, now, err);
    return 0;
}

static void find_last(struct ring *ring)
{
    struct ring_record record;
    ring->epoch = ring->header.epochs[1].began_at > ring->header.epochs[0].began_at;
    for (uint64_t place = 1; place <= RING_RECORDS; place++)
        if (pread(ring->fd, &record, sizeof record, place_of(place)) == (ssize_t)sizeof record &&
            ring_record_is_sound(&record) && record.number > ring->number)
            ring->number = record.number;
}

static int begin(struct ring *ring, int64_t now, struct error *err)
{
    struct stat file;
    if (flock(ring->fd, LOCK_EX | LOCK_NB) != 0)
        return error_set(err, ERROR_TEMPORARY, "%s: another process writes it", ring->path);
    if (fstat(ring->fd, &file) != 0)
        return error_system(err, "%s: cannot be read", ring->path);
    if (file.st_size != (off_t)RING_BYTES ||
        pread(ring->fd, &ring->header, sizeof ring->header, 0) != (ssize_t)sizeof ring->header ||
        !ring_header_is_sound(&ring->header))
        return begin_anew(ring, now, err);
    find_last(ring);
    return forget(ring, now, err);
}

int ring_open(const struct settings *settings, const unsigned char key[KEYED_KEY_BYTES],
              int64_t now, struct ring **ring_out, struct error *err)
{
    char path[PATH_MAX];
    ring_path(settings, path);
    *ring_out = NULL;
    if (settings->ring_days == 0)
        return unlink(path) == 0 || errno == ENOENT
                   ? 0
                   : error_system(err, "%s: cannot be removed", path);
    struct ring *ring = calloc(1, sizeof *ring);
    if (ring == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for the ring");
    ring->epoch_seconds = settings->ring_days * DAY / 2;
    memcpy(ring->key, key, sizeof ring->key);
    ring->group_count = group_key_find_all(settings, ring->groups, RING_GROUPS);
    memcpy(ring->path, path, sizeof ring->path);
    pthread_mutex_init(&ring->mutex, NULL);
    ring->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    if (ring->fd < 0)
        error_system(err, "%s: cannot be opened", path);
    if (ring->fd < 0 || begin(ring, now, err) != 0) {
        ring_close(ring);
        return -1;
    }
    *ring_out = ring;
    return 0;
}

void ring_close(struct ring *ring)
{
    if (ring == NULL)
        return;
    if (ring->fd >= 0)
        close(ring->fd);
    pthread_mutex_destroy(&ring->mutex);
    sodium_memzero(ring->key, sizeof ring->key);
    sodium_memzero(ring->groups, sizeof ring->groups);
    free(ring);
}

/* --- what is remembered of a message ---------------------------------------------------------- */

struct marking {
    const struct ring *ring;
    struct ring_record *record;
};

static void add_mark(struct marking *m, enum ring_kind kind, struct slice value)
{
    const struct ring_epoch *epoch = &m->ring->header.epochs[m->ring->epoch];
    uint64_t mark = ring_mark(m->ring->key, epoch, kind, value);
    for (size_t i = 0; i < m->record->mark_count; i++)
        if (m->record->marks[i] == mark)
            return;
    if (mark != 0 && m->record->mark_count < RING_MARKS)
        m->record->marks[m->record->mark_count++] = mark;
}

/* The whole domain, then from the shortest of at least two labels upwards: what lists name. */
static void add_domain(struct marking *m, struct slice domain)
{
    size_t labels = 1, dots = 0;
    for (size_t i = 0; i < domain.size; i++)
        labels += domain.data[i] == '.';
    add_mark(m, RING_DOMAIN, domain);
    size_t most = labels < RING_DOMAINS ? labels : RING_DOMAINS;
    for (size_t i = 0; i < domain.size; i++) {
        dots += domain.data[i] == '.';
        size_t left = labels - dots;
        if (domain.data[i] == '.' && left >= 2 && left < most + 1)
            add_mark(m, RING_ABOVE, slice_from(domain, i + 1));
    }
}

/* As lists of each group would write it. */
static void add_keyed(struct marking *m, struct slice address, bool is_proven)
{
    char text[ADDRESS_BYTES], bytes[RING_KEYED_BYTES];
    unsigned char digest[KEYED_DIGEST_BYTES];
    if (address.size > sizeof text)
        return;
    for (size_t i = 0; i < address.size; i++) {
        char c = address.data[i];
        text[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    for (size_t i = 0; i < m->ring->group_count; i++) {
        const struct group_key *group = &m->ring->groups[i];
        keyed_entry_digest(group, SLICE_LITERAL("addr"), slice_new(text, address.size), digest);
        struct slice value = ring_keyed(slice_of(group->name), digest, bytes);
        add_mark(m, RING_KEYED, value);
        if (is_proven)
            add_mark(m, RING_KEYED_PROVEN, value);
    }
}

static void add_address(struct marking *m, struct slice address, bool is_proven)
{
    size_t at = slice_find_last_byte(address, '@');
    if (address.size == 0 || at >= address.size)
        return;
    add_mark(m, RING_ADDRESS, address);
    if (is_proven)
        add_mark(m, RING_PROVEN, address);
    add_keyed(m, address, is_proven);
    add_domain(m, slice_from(address, at + 1));
}

/* "domain" and "domain selector", as entries are written. */
static void add_signers(struct marking *m, const struct dkim_answer *dkim)
{
    char both[600];
    for (size_t i = 0; i < dkim->count && i < RING_SIGNERS; i++) {
        const struct dkim_signature *signature = &dkim->signatures[i];
        if (signature->result != DKIM_PASS)
            continue;
        add_mark(m, RING_SIGNER, signature->domain);
        int size =
            snprintf(both, sizeof both, SLICE_FORMAT " " SLICE_FORMAT,
                     SLICE_ARGUMENTS(signature->domain), SLICE_ARGUMENTS(signature->selector));
        if (size > 0 && (size_t)size < sizeof both)
            add_mark(m, RING_SIGNER, slice_new(both, (size_t)size));
    }
}

static void mark_message(struct marking *m, const struct ring_message *message)
{
    const struct auth_answer *auth = message->auth;
    char network[RING_NETWORK_BYTES];
    add_address(m, message->from_address, auth != NULL && auth->dmarc.result == DMARC_PASS);
    add_address(m, message->sender, auth != NULL && auth->spf.result == SPF_PASS);
    add_mark(m, RING_NETWORK, ring_network(message->client_ip, network));
    if (auth != NULL)
        add_signers(m, &auth->dkim);
}

static int add(struct ring *ring, const struct ring_message *message, struct error *err)
{
    struct ring_record record = {.hour = message->now / HOUR, .is_known = message->is_known};
    struct marking marking = {ring, &record};
    if (forget(ring, message->now, err) != 0)
        return -1;
    record.epoch = (uint8_t)ring->epoch;
    record.number = ++ring->number;
    mark_message(&marking, message);
    record.check = ring_sum(&record.number, sizeof record - sizeof record.check);
    return write_at(ring, &record, sizeof record, place_of(record.number), err);
}

int ring_add(struct ring *ring, const struct ring_message *message, struct error *err)
{
    pthread_mutex_lock(&ring->mutex);
    int failed = add(ring, message, err);
    pthread_mutex_unlock(&ring->mutex);
    return failed;
}

int ring_forget(struct ring *ring, int64_t now, struct error *err)
{
    pthread_mutex_lock(&ring->mutex);
    int failed = forget(ring, now, err);
    pthread_mutex_unlock(&ring->mutex);
    return failed;
}
