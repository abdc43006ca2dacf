#include "common/mail/dkim.h"

#include "common/base/limits.h"
#include "common/mail/dkim_field.h"

#include <openssl/rsa.h>
#include <string.h>

#define NAME_BUCKETS 256
/* Body hashes of one message: each reads the body once more, at the sender's choice of c= and l=.
 */
#define MOST_BODIES 6

/* Fields of one name, the last of the message first: the order in which h= takes them. */
struct field {
    struct slice whole; /* with CRLF in its folding, without last line end */
    struct field *above;
};

struct field_name {
    struct slice name;
    struct field *last;
    struct field *next_signed; /* what the next h= entry of this name takes */
    unsigned taken_by;         /* number of the signature that next_signed belongs to */
    struct field_name *next_in_bucket;
};

struct signature {
    struct dkim_signature shown;
    struct dkim_field field;
    struct field *written; /* the DKIM-Signature field itself */
    struct dkim_key key;
    struct dkim_body *body;
};

struct dkim_verifier {
    struct dns *dns;
    struct arena *arena;
    struct field_name *names[NAME_BUCKETS];
    size_t header_bytes, field_count, from_count;
    const char *beyond_limit; /* the header cannot be verified: why */
    struct signature signatures[LIMIT_DKIM_SIGNATURES];
    size_t signature_count;
    struct dkim_body *bodies[MOST_BODIES];
    size_t body_count;
};

struct dkim_verifier *dkim_verifier_new(struct dns *dns, struct arena *arena)
{
    struct dkim_verifier *verifier = arena_alloc(arena, sizeof *verifier);
    if (verifier != NULL) {
        verifier->dns = dns;
        verifier->arena = arena;
    }
    return verifier;
}

void dkim_verifier_free(struct dkim_verifier *verifier)
{
    if (verifier == NULL)
        return;
    for (size_t i = 0; i < verifier->signature_count; i++)
        EVP_PKEY_free(verifier->signatures[i].key.key);
    for (size_t i = 0; i < verifier->body_count; i++)
        dkim_hash_free(&verifier->bodies[i]->hash);
    verifier->signature_count = verifier->body_count = 0;
}

/* --- the header ---------------------------------------------------------------------------------
 */

/* FNV-1a over the lower-case name. */
static size_t bucket_of(struct slice name)
{
    unsigned hash = 2166136261U;
    for (size_t i = 0; i < name.size; i++) {
        unsigned c = (unsigned char)name.data[i];
        hash = (hash ^ (c >= 'A' && c <= 'Z' ? c + 32 : c)) * 16777619U;
    }
    return (hash ^ hash >> 16) % NAME_BUCKETS;
}

static struct field_name *find_name(const struct dkim_verifier *verifier, struct slice name)
{
    struct field_name *found = verifier->names[bucket_of(name)];
    while (found != NULL && !slice_equals_nocase(found->name, name))
        found = found->next_in_bucket;
    return found;
}

static struct field_name *take_name(struct dkim_verifier *verifier, struct slice name)
{
    struct field_name *found = find_name(verifier, name);
    if (found != NULL)
        return found;
    found = arena_alloc(verifier->arena, sizeof *found);
    if (found != NULL) {
        struct field_name **bucket = &verifier->names[bucket_of(name)];
        *found = (struct field_name){.name = name, .next_in_bucket = *bucket};
        *bucket = found;
    }
    return found;
}

/* A copy with CRLF for every line end. */
static struct slice copy_field(struct arena *arena, struct slice field)
{
    size_t line_ends = 0, size = 0;
    for (struct slice rest = field; rest.size > 0; line_ends++) {
        size_t at = slice_find_byte(rest, '\n');
        rest = slice_from(rest, at + 1);
    }
    char *copy = arena_alloc(arena, field.size + line_ends + 1);
    if (copy == NULL)
        return (struct slice){NULL, 0};
    for (size_t i = 0; i < field.size; i++) {
        if (field.data[i] == '\n' && (i == 0 || field.data[i - 1] != '\r'))
            copy[size++] = '\r';
        copy[size++] = field.data[i];
    }
    return slice_new(copy, size);
}

static void keep_field(struct dkim_verifier *verifier, struct slice field)
{
    struct field *kept = arena_alloc(verifier->arena, sizeof *kept);
    struct slice whole = copy_field(verifier->arena, field);
    struct slice name = slice_trim(slice_part(whole, 0, slice_find_byte(whole, ':')));
    struct field_name *of_name = kept == NULL ? NULL : take_name(verifier, name);
    if (of_name == NULL || whole.data == NULL) {
        verifier->beyond_limit = "no room for the header";
        return;
    }
    *kept = (struct field){whole, of_name->last};
    of_name->last = kept;
    if (slice_is_nocase(name, "from"))
        verifier->from_count++;
    if (slice_is_nocase(name, "dkim-signature") &&
        verifier->signature_count < LIMIT_DKIM_SIGNATURES)
        verifier->signatures[verifier->signature_count++].written = kept;
}

void dkim_verifier_field(struct dkim_verifier *verifier, struct slice field)
{
    if (verifier == NULL || verifier->beyond_limit != NULL || field.size == 0 ||
        slice_find_byte(field, ':') == field.size)
        return;
    verifier->header_bytes += field.size;
    verifier->field_count++;
    if (verifier->header_bytes > LIMIT_HEADER_BYTES || verifier->field_count > LIMIT_HEADER_FIELDS)
        verifier->beyond_limit = "the header is too large to be verified";
    else
        keep_field(verifier, field);
}

/* --- keys ---------------------------------------------------------------------------------------
 */

static enum dkim_result set_result(struct signature *signature, enum dkim_result result,
                                   const char *reason)
{
    signature->shown.result = result;
    signature->shown.reason = reason;
    return result;
}

/* The one key record among the TXT records; more than one is undefined (RFC 6376 section 3.6.2.2),
 * so nobody can rely on it and it is refused. */
static const char *choose_record(const struct dns_answer *answer, struct slice *record_out)
{
    size_t count = 0;
    for (size_t i = 0; i < answer->count; i++)
        if (dkim_key_is_record(answer->records[i].text)) {
            *record_out = answer->records[i].text;
            count++;
        }
    return count == 1 ? NULL : count == 0 ? "no key record" : "several key records";
}

static enum dkim_result find_key(struct dkim_verifier *verifier, struct signature *signature,
                                 struct deadline deadline)
{
    struct dkim_signature *shown = &signature->shown;
    char *name = arena_printf(verifier->arena, SLICE_FORMAT "._domainkey." SLICE_FORMAT,
                              SLICE_ARGUMENTS(shown->selector), SLICE_ARGUMENTS(shown->domain));
    struct dns_answer answer = {.status = DNS_TEMPORARY};
    if (name != NULL)
        dns_lookup(verifier->dns, slice_of(name), DNS_TXT, deadline, verifier->arena, &answer);
    if (answer.status == DNS_TEMPORARY)
        return set_result(signature, DKIM_TEMPERROR, "the key could not be looked up");
    struct slice record = {NULL, 0};
    const char *wrong =
        answer.status == DNS_FOUND ? choose_record(&answer, &record) : "there is no key";
    if (wrong != NULL)
        return set_result(signature, DKIM_PERMERROR, wrong);
    enum dkim_result result = dkim_key_parse(record, signature->field.algorithm, verifier->arena,
                                             &signature->key, &wrong);
    if (result == DKIM_PASS && signature->key.is_strict &&
        !slice_equals_nocase(signature->field.identity_domain, shown->domain))
        return set_result(signature, DKIM_PERMERROR, "t=s of the key record wants i= to be d=");
    return set_result(signature, result, result == DKIM_PASS ? NULL : wrong);
}

static struct dkim_body *add_body(struct dkim_verifier *verifier, const struct dkim_field *field)
{
    struct dkim_body *body = arena_alloc(verifier->arena, sizeof *body);
    if (body == NULL)
        return NULL;
    body->canon = field->body_canon;
    body->limit = field->limit;
    if (dkim_hash_begin(&body->hash, NULL) != 0) {
        dkim_hash_free(&body->hash);
        return NULL;
    }
    verifier->bodies[verifier->body_count++] = body;
    return body;
}

/* The body hash that this signature needs; signatures that want the same share it. */
static void take_body(struct dkim_verifier *verifier, struct signature *signature)
{
    const struct dkim_field *field = &signature->field;
    for (size_t i = 0; i < verifier->body_count && signature->body == NULL; i++)
        if (verifier->bodies[i]->canon == field->body_canon &&
            verifier->bodies[i]->limit == field->limit)
            signature->body = verifier->bodies[i];
    if (signature->body == NULL && verifier->body_count == MOST_BODIES) {
        set_result(signature, DKIM_NEUTRAL, "too many different c= and l= in one message");
        return;
    }
    if (signature->body == NULL)
        signature->body = add_body(verifier, field);
    if (signature->body == NULL)
        set_result(signature, DKIM_TEMPERROR, "no room for the body hash");
}

static void prepare(struct dkim_verifier *verifier, struct signature *signature, int64_t now,
                    struct deadline deadline)
{
    enum dkim_result result = dkim_field_parse(signature->written->whole, now, verifier->arena,
                                               &signature->field, &signature->shown);
    if (verifier->beyond_limit != NULL)
        set_result(signature, DKIM_NEUTRAL, verifier->beyond_limit);
    else if (result == DKIM_PASS && verifier->from_count == 0)
        set_result(signature, DKIM_PERMERROR, "the message has no From field");
    else if (result == DKIM_PASS && find_key(verifier, signature, deadline) == DKIM_PASS)
        take_body(verifier, signature);
}

void dkim_verifier_end_of_header(struct dkim_verifier *verifier, struct deadline deadline)
{
    if (verifier == NULL)
        return;
    int64_t now = clock_now();
    for (size_t i = 0; i < verifier->signature_count; i++) {
        /* A key whose server does not answer leaves half of the time to the next. */
        int64_t left = deadline_left_milliseconds(deadline);
        bool is_last = i + 1 == verifier->signature_count;
        prepare(verifier, &verifier->signatures[i], now,
                is_last ? deadline : deadline_in(left - left / 2));
    }
}

void dkim_verifier_body(struct dkim_verifier *verifier, struct slice piece)
{
    if (verifier == NULL)
        return;
    for (size_t i = 0; i < verifier->body_count; i++)
        dkim_body_add(verifier->bodies[i], piece);
}

/* --- the end ------------------------------------------------------------------------------------
 */

/* Each name of h= takes the next field of that name from the bottom; a name without a field left is
 * the empty string (section 5.4.2). The signature itself is never taken. */
static void hash_fields(struct dkim_verifier *verifier, unsigned number,
                        const struct signature *signature, struct dkim_hash *hash)
{
    struct slice names = signature->field.field_names, name;
    while (slice_next(&names, ':', &name)) {
        struct field_name *of_name = find_name(verifier, slice_trim(name));
        if (of_name == NULL)
            continue;
        if (of_name->taken_by != number) {
            of_name->taken_by = number;
            of_name->next_signed = of_name->last;
        }
        if (of_name->next_signed == signature->written)
            of_name->next_signed = of_name->next_signed->above;
        if (of_name->next_signed == NULL)
            continue;
        struct slice whole = of_name->next_signed->whole;
        of_name->next_signed = of_name->next_signed->above;
        dkim_canon_field(hash, signature->field.header_canon, whole, whole.size, whole.size, false);
    }
    dkim_canon_field(hash, signature->field.header_canon, signature->written->whole,
                     signature->field.hidden_begin, signature->field.hidden_end, true);
}

static bool is_verified(const struct signature *signature,
                        const unsigned char digest[DKIM_HASH_BYTES])
{
    const unsigned char *b = (const unsigned char *)signature->field.signature.data;
    size_t size = signature->field.signature.size;
    bool is_good = false;
    if (signature->field.algorithm == DKIM_ED25519_SHA256) {
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        is_good = context != NULL &&
                  EVP_DigestVerifyInit(context, NULL, NULL, NULL, signature->key.key) == 1 &&
                  EVP_DigestVerify(context, b, size, digest, DKIM_HASH_BYTES) == 1;
        EVP_MD_CTX_free(context);
        return is_good;
    }
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, signature->key.key, NULL);
    is_good = context != NULL && EVP_PKEY_verify_init(context) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
              EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
              EVP_PKEY_verify(context, b, size, digest, DKIM_HASH_BYTES) == 1;
    EVP_PKEY_CTX_free(context);
    return is_good;
}

static const char *judge_signature(struct dkim_verifier *verifier, unsigned number,
                                   const struct signature *signature)
{
    struct dkim_hash *hash = arena_alloc(verifier->arena, sizeof *hash);
    unsigned char digest[DKIM_HASH_BYTES];
    if (hash == NULL)
        return "no room for the header hash";
    bool is_good = dkim_hash_begin(hash, NULL) == 0;
    if (is_good) {
        hash_fields(verifier, number, signature, hash);
        is_good = dkim_hash_end(hash, digest) && is_verified(signature, digest);
    }
    dkim_hash_free(hash);
    return is_good ? NULL : "the signature does not verify";
}

static void judge(struct dkim_verifier *verifier, unsigned number, struct signature *signature,
                  const unsigned char body_digest[DKIM_HASH_BYTES])
{
    const struct dkim_field *field = &signature->field;
    if (field->limit != DKIM_NO_LIMIT && signature->body->size < field->limit)
        set_result(signature, DKIM_FAIL, "the body is shorter than l=");
    else if (field->body_hash.size != DKIM_HASH_BYTES ||
             memcmp(field->body_hash.data, body_digest, DKIM_HASH_BYTES) != 0)
        set_result(signature, DKIM_FAIL, "the body hash does not verify");
    else {
        const char *wrong = judge_signature(verifier, number, signature);
        if (wrong != NULL)
            set_result(signature, DKIM_FAIL, wrong);
        else if (verifier->from_count > 1)
            set_result(signature, DKIM_POLICY, "the message has several From fields");
        signature->shown.is_partial =
            field->limit != DKIM_NO_LIMIT && signature->body->size > field->limit;
    }
}

void dkim_verifier_finish(struct dkim_verifier *verifier, struct deadline deadline,
                          struct dkim_answer *answer_out)
{
    (void)deadline; /* every key was looked up at the end of the header */
    *answer_out = (struct dkim_answer){NULL, 0};
    if (verifier == NULL)
        return;
    unsigned char digests[MOST_BODIES][DKIM_HASH_BYTES];
    for (size_t i = 0; i < verifier->body_count; i++)
        if (!dkim_body_end(verifier->bodies[i], digests[i]))
            memset(digests[i], 0, DKIM_HASH_BYTES);
    answer_out->signatures = arena_alloc_array(verifier->arena, verifier->signature_count + 1,
                                               sizeof *answer_out->signatures);
    if (answer_out->signatures == NULL)
        return;
    for (size_t i = 0; i < verifier->signature_count; i++) {
        struct signature *signature = &verifier->signatures[i];
        for (size_t j = 0; j < verifier->body_count; j++)
            if (signature->body == verifier->bodies[j])
                judge(verifier, (unsigned)i + 1, signature, digests[j]);
        answer_out->signatures[answer_out->count++] = signature->shown;
    }
}

const char *dkim_result_name(enum dkim_result result)
{
    static const char *const names[] = {"none",   "pass",      "fail",     "neutral",
                                        "policy", "temperror", "permerror"};
    return names[result];
}
