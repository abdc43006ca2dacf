#include "common/mail/dns_message.h"

#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES 12
#define CLASS_IN 1
#define TYPE_CNAME 5
#define TYPE_SOA 6
#define TYPE_OPT 41
#define RCODE_FORMERR 1
#define RCODE_NXDOMAIN 3
#define CNAMES_MOST 8
#define NO_SOA_TTL_SECONDS                                                                         \
    5 /* RFC 2308 section 5: not to be cached, but one message may reuse it */

struct reading {
    const unsigned char *bytes;
    size_t size, at;
};

struct resource {
    char owner[DNS_NAME_BYTES];
    unsigned type, class;
    uint32_t ttl_seconds;
    size_t begin, end; /* of its data */
};

struct section {
    struct resource *resources;
    size_t count;
};

static void put16(unsigned char **to, unsigned value)
{
    *(*to)++ = (unsigned char)(value >> 8);
    *(*to)++ = (unsigned char)value;
}

size_t dns_message_write_query(uint16_t id, struct slice name, enum dns_type type, bool has_edns,
                               unsigned char query[DNS_QUERY_BYTES])
{
    unsigned char *to = query;
    put16(&to, id);
    put16(&to, 0x0100); /* recursion desired */
    put16(&to, 1);
    put16(&to, 0);
    put16(&to, 0);
    put16(&to, has_edns ? 1 : 0);
    struct slice label;
    while (slice_next(&name, '.', &label)) {
        *to++ = (unsigned char)label.size;
        memcpy(to, label.data, label.size);
        to += label.size;
    }
    *to++ = 0;
    put16(&to, type);
    put16(&to, CLASS_IN);
    if (!has_edns)
        return (size_t)(to - query);
    *to++ = 0; /* RFC 6891 section 6.1.2: OPT of the root */
    put16(&to, TYPE_OPT);
    put16(&to, DNS_UDP_BYTES);
    memset(to, 0, 6);
    return (size_t)(to + 6 - query);
}

static bool read16(struct reading *r, unsigned *value_out)
{
    if (r->size - r->at < 2)
        return false;
    *value_out = (unsigned)r->bytes[r->at] << 8 | r->bytes[r->at + 1];
    r->at += 2;
    return true;
}

static bool read32(struct reading *r, uint32_t *value_out)
{
    unsigned high = 0, low = 0;
    if (!read16(r, &high) || !read16(r, &low))
        return false;
    *value_out = (uint32_t)high << 16 | low;
    return true;
}

/* NAME_ODD holds blanks or control bytes: it may be asked for, but is no host name to go on with.
 * NAME_AMBIGUOUS has a dot or NUL inside a label: as text it would be another name. */
enum name_look { NAME_PLAIN, NAME_ODD, NAME_AMBIGUOUS };

static bool add_label(const unsigned char *label, size_t size, char text[DNS_NAME_BYTES],
                      size_t *text_size, enum name_look *look)
{
    if (*text_size + (*text_size > 0) + size > DNS_NAME_BYTES - 3)
        return false;
    if (*text_size > 0)
        text[(*text_size)++] = '.';
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = label[i];
        if (byte == '.' || byte == '\0')
            *look = NAME_AMBIGUOUS;
        else if ((byte <= ' ' || byte == 0x7f) && *look == NAME_PLAIN)
            *look = NAME_ODD;
        text[(*text_size)++] = (char)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
    }
    return true;
}

/* RFC 1035 section 4.1.4. Each jump must go before the place it comes from, so this ends. */
static bool read_name(struct reading *r, char text[DNS_NAME_BYTES], enum name_look *look_out)
{
    size_t at = r->at, text_size = 0, lowest = r->at;
    bool has_jumped = false;
    *look_out = NAME_PLAIN;
    for (;;) {
        if (at >= r->size)
            return false;
        unsigned char length = r->bytes[at];
        if (length >= 0xc0) {
            if (at + 1 >= r->size)
                return false;
            size_t target = (size_t)(length & 0x3f) << 8 | r->bytes[at + 1];
            if (!has_jumped)
                r->at = at + 2;
            has_jumped = true;
            if (target >= lowest)
                return false;
            at = lowest = target;
            continue;
        }
        if (length > 63 || length >= r->size - at)
            return false;
        if (length == 0)
            break;
        if (!add_label(r->bytes + at + 1, length, text, &text_size, look_out))
            return false;
        at += 1 + (size_t)length;
    }
    if (!has_jumped)
        r->at = at + 1;
    text[text_size] = '\0';
    return true;
}

static bool read_resource(struct reading *r, struct resource *resource_out)
{
    enum name_look look = NAME_PLAIN;
    unsigned size = 0;
    if (!read_name(r, resource_out->owner, &look) || !read16(r, &resource_out->type) ||
        !read16(r, &resource_out->class) || !read32(r, &resource_out->ttl_seconds) ||
        !read16(r, &size) || size > r->size - r->at)
        return false;
    if (look == NAME_AMBIGUOUS || resource_out->class != CLASS_IN)
        resource_out->type = 0; /* matches nothing that is asked for */
    if (resource_out->ttl_seconds > INT32_MAX)
        resource_out->ttl_seconds = 0; /* RFC 2181 section 8 */
    resource_out->begin = r->at;
    r->at += size;
    resource_out->end = r->at;
    return true;
}

static bool read_section(struct reading *r, size_t count, struct arena *arena,
                         struct section *section_out)
{
    /* The smallest record has 11 bytes: a count beyond that is a lie. */
    if (count > (r->size - r->at) / 11)
        return false;
    section_out->count = count;
    section_out->resources = arena_alloc_array(arena, count + 1, sizeof(struct resource));
    if (section_out->resources == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!read_resource(r, &section_out->resources[i]))
            return false;
    return true;
}

static bool read_txt(struct reading *r, size_t end, struct arena *arena, struct slice *text_out)
{
    char *text = arena_alloc(arena, end - r->at + 1);
    size_t size = 0;
    if (text == NULL || r->at == end)
        return false;
    while (r->at < end) {
        size_t length = r->bytes[r->at++];
        if (length > end - r->at)
            return false;
        memcpy(text + size, r->bytes + r->at, length);
        size += length;
        r->at += length;
    }
    *text_out = slice_new(text, size);
    return true;
}

/* 1: *record_out is set; 0: left out, since its name cannot be written; -1: malformed. */
static int read_host(struct reading *r, size_t end, struct arena *arena,
                     struct dns_record *record_out)
{
    char name[DNS_NAME_BYTES];
    enum name_look look = NAME_PLAIN;
    if (!read_name(r, name, &look) || r->at != end)
        return -1;
    record_out->text = arena_copy(arena, slice_of(name));
    if (record_out->text.data == NULL)
        return -1;
    return look == NAME_PLAIN ? 1 : 0;
}

/* The same returns as read_host(). */
static int read_record(struct reading whole, const struct resource *resource, struct arena *arena,
                       struct dns_record *record_out)
{
    struct reading r = {whole.bytes, resource->end, resource->begin};
    size_t size = resource->end - resource->begin;
    unsigned preference = 0;
    switch ((enum dns_type)resource->type) {
    case DNS_A:
        if (size != sizeof record_out->ipv4)
            return -1;
        memcpy(&record_out->ipv4, r.bytes + r.at, size);
        return 1;
    case DNS_AAAA:
        if (size != sizeof record_out->ipv6)
            return -1;
        memcpy(&record_out->ipv6, r.bytes + r.at, size);
        return 1;
    case DNS_TXT:
        return read_txt(&r, resource->end, arena, &record_out->text) ? 1 : -1;
    case DNS_MX:
        if (!read16(&r, &preference))
            return -1;
        record_out->preference = (int)preference;
        return read_host(&r, resource->end, arena, record_out);
    case DNS_PTR:
        return read_host(&r, resource->end, arena, record_out);
    }
    return -1;
}

static void lower_ttl(struct dns_reply *reply, uint32_t ttl_seconds)
{
    if (ttl_seconds < reply->ttl_seconds)
        reply->ttl_seconds = ttl_seconds;
}

/* The records of `owner`; false when one is malformed. */
static bool take_records(struct reading whole, const struct section *answers, const char *owner,
                         enum dns_type type, struct arena *arena, struct dns_reply *reply)
{
    reply->records = arena_alloc_array(arena, answers->count + 1, sizeof *reply->records);
    if (reply->records == NULL)
        return false;
    for (size_t i = 0; i < answers->count; i++) {
        const struct resource *resource = &answers->resources[i];
        if (resource->type != (unsigned)type || strcmp(resource->owner, owner) != 0)
            continue;
        lower_ttl(reply, resource->ttl_seconds);
        int took = read_record(whole, resource, arena, &reply->records[reply->count]);
        if (took < 0)
            return false;
        reply->count += (size_t)took;
    }
    return true;
}

static const struct resource *find_alias(const struct section *answers, const char *owner)
{
    for (size_t i = 0; i < answers->count; i++)
        if (answers->resources[i].type == TYPE_CNAME &&
            strcmp(answers->resources[i].owner, owner) == 0)
            return &answers->resources[i];
    return NULL;
}

/* Walks the CNAMEs from `owner`, which becomes the last target; false: loop or malformed. */
static bool follow_aliases(struct reading whole, const struct section *answers,
                           char owner[DNS_NAME_BYTES], size_t *hops_out, struct dns_reply *reply)
{
    const struct resource *alias = NULL;
    while ((alias = find_alias(answers, owner)) != NULL) {
        struct reading r = {whole.bytes, whole.size, alias->begin};
        enum name_look look = NAME_PLAIN;
        if (++*hops_out > CNAMES_MOST || !read_name(&r, owner, &look) || r.at != alias->end ||
            look == NAME_AMBIGUOUS)
            return false;
        lower_ttl(reply, alias->ttl_seconds);
    }
    return true;
}

/* RFC 2308 section 5; false when there is no SOA. */
static bool take_negative_ttl(struct reading whole, const struct section *authority,
                              struct dns_reply *reply)
{
    for (size_t i = 0; i < authority->count; i++) {
        const struct resource *soa = &authority->resources[i];
        uint32_t minimum = 0;
        struct reading r = {whole.bytes, soa->end, soa->end - 4};
        if (soa->type != TYPE_SOA || soa->end - soa->begin < 22 || !read32(&r, &minimum))
            continue;
        lower_ttl(reply, soa->ttl_seconds);
        lower_ttl(reply, minimum);
        return true;
    }
    lower_ttl(reply, NO_SOA_TTL_SECONDS);
    return false;
}

static int compare_preference(const void *a, const void *b)
{
    return ((const struct dns_record *)a)->preference - ((const struct dns_record *)b)->preference;
}

/* Header and questions; false when this is no whole answer. */
static bool read_header(struct reading *r, unsigned *rcode_out, unsigned counts[4])
{
    unsigned id = 0, flags = 0;
    if (!read16(r, &id) || !read16(r, &flags))
        return false;
    for (size_t i = 0; i < 4; i++)
        if (!read16(r, &counts[i]))
            return false;
    bool is_answer = (flags & 0x8000) != 0, is_truncated = (flags & 0x0200) != 0;
    *rcode_out = flags & 0xf;
    for (unsigned i = 0; i < counts[0]; i++) {
        char name[DNS_NAME_BYTES];
        enum name_look look = NAME_PLAIN;
        unsigned type = 0, class = 0;
        if (!read_name(r, name, &look) || !read16(r, &type) || !read16(r, &class))
            return false;
    }
    return is_answer && !is_truncated;
}

static bool read_reply(struct reading *r, char owner[DNS_NAME_BYTES], enum dns_type type,
                       struct arena *arena, struct dns_reply *reply)
{
    unsigned rcode = 0, counts[4] = {0};
    struct section answers = {0}, authority = {0};
    size_t hops = 0;
    bool is_whole = read_header(r, &rcode, counts);
    reply->is_format_error = is_whole && rcode == RCODE_FORMERR;
    if (!is_whole || (rcode != 0 && rcode != RCODE_NXDOMAIN) ||
        !read_section(r, counts[1], arena, &answers) ||
        !follow_aliases(*r, &answers, owner, &hops, reply) ||
        !take_records(*r, &answers, owner, type, arena, reply))
        return false;
    if (reply->count > 0) {
        reply->status = DNS_FOUND;
        if (type == DNS_MX)
            qsort(reply->records, reply->count, sizeof *reply->records, compare_preference);
        return true;
    }
    /* Servers that send a broken authority section with "nothing" are still understood. */
    if (!read_section(r, counts[2], arena, &authority))
        authority.count = 0;
    bool has_soa = take_negative_ttl(*r, &authority, reply);
    reply->status = rcode == RCODE_NXDOMAIN ? DNS_NO_NAME : DNS_NO_DATA;
    if (hops > 0 && !has_soa && rcode == 0)
        memcpy(reply->alias, owner, sizeof reply->alias);
    return true;
}

void dns_message_read(struct slice message, struct slice name, enum dns_type type,
                      struct arena *arena, struct dns_reply *reply_out)
{
    struct reading r = {(const unsigned char *)message.data, message.size, 0};
    struct dns_reply reply = {.status = DNS_TEMPORARY, .ttl_seconds = UINT32_MAX};
    char owner[DNS_NAME_BYTES] = "";
    if (message.size < HEADER_BYTES || !slice_to_text(name, owner, sizeof owner) ||
        !read_reply(&r, owner, type, arena, &reply))
        reply =
            (struct dns_reply){.status = DNS_TEMPORARY, .is_format_error = reply.is_format_error};
    *reply_out = reply;
}
