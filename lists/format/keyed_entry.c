#include "lists/format/keyed_entry.h"

#include "common/mail/fold.h"
#include "lists/format/letter.h"
#include <sodium.h>
#include <string.h>

bool keyed_entry_read(struct slice value, struct slice *key_name_out,
                      unsigned char digest_out[KEYED_DIGEST_BYTES])
{
    size_t colon = slice_find_byte(value, ':'), size = 0;
    struct slice text = slice_from(value, colon + 1);
    const char *end = NULL;
    if (value.size < 3 || value.data[0] != '#' || colon < 2 || text.size != KEYED_ENTRY_DIGEST_TEXT)
        return false;
    if (sodium_base642bin(digest_out, KEYED_DIGEST_BYTES, text.data, text.size, NULL, &size, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        size != KEYED_DIGEST_BYTES || end != text.data + text.size)
        return false;
    *key_name_out = slice_part(value, 1, colon - 1);
    return true;
}

struct slice keyed_entry_write(const struct group_key *key,
                               const unsigned char digest[KEYED_DIGEST_BYTES], struct arena *arena)
{
    char text[KEYED_ENTRY_DIGEST_TEXT + 1];
    sodium_bin2base64(text, sizeof text, digest, KEYED_DIGEST_BYTES,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return slice_of(arena_printf(arena, "#%s:%s", key->name, text));
}

void keyed_entry_digest(const struct group_key *key, struct slice type, struct slice normal,
                        unsigned char digest_out[KEYED_DIGEST_BYTES])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, key->key, sizeof key->key, KEYED_DIGEST_BYTES);
    crypto_generichash_update(&state, (const unsigned char *)"zaguan1", 7);
    crypto_generichash_update(&state, (const unsigned char *)type.data, type.size);
    crypto_generichash_update(&state, (const unsigned char *)normal.data, normal.size);
    crypto_generichash_final(&state, digest_out, KEYED_DIGEST_BYTES);
}

static int normalise_addr(struct slice value, struct arena *arena, struct slice *normal_out,
                          struct error *err)
{
    size_t at = slice_find_last_byte(value, '@'), size = 0;
    size_t plus = slice_find_byte(slice_part(value, 0, at), '+');
    if (at == 0 || at + 1 >= value.size || plus == 0)
        return error_set(err, ERROR_INPUT, "an address is local@domain");
    char *text = arena_alloc(arena, value.size);
    if (text == NULL)
        return arena_error(arena, err);
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        if (i >= plus && i < at)
            continue;
        text[size++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    *normal_out = slice_new(text, size);
    return 0;
}

static int normalise_phone(struct slice value, struct arena *arena, struct slice *normal_out,
                           struct error *err)
{
    size_t size = 0;
    char *text = arena_alloc(arena, value.size + 1);
    if (text == NULL)
        return arena_error(arena, err);
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        if (c >= '0' && c <= '9')
            text[size++] = c;
        else if (strchr("+-(). /", c) == NULL || c == '\0')
            return error_set(err, ERROR_INPUT, "a phone number has digits and + - ( ) . / only");
    }
    if (size > 2 && text[0] == '0' && text[1] == '0') /* how many countries dial another one */
        text += 2, size -= 2;
    if (size < PHONE_LEAST_DIGITS || size > PHONE_MOST_DIGITS)
        return error_set(err, ERROR_INPUT, "a phone number has %d to %d digits, with the country",
                         PHONE_LEAST_DIGITS, PHONE_MOST_DIGITS);
    *normal_out = slice_new(text, size);
    return 0;
}

static int normalise_wallet(struct slice value, struct slice *normal_out, struct error *err)
{
    struct slice word, rest = value;
    if (!slice_next_word(&rest, &word) || slice_trim(rest).size > 0 ||
        word.size < WALLET_LEAST_LETTERS)
        return error_set(err, ERROR_INPUT, "a wallet is one word of %d characters or more",
                         WALLET_LEAST_LETTERS);
    *normal_out = word;
    return 0;
}

static int normalise_phrase(struct slice value, struct arena *arena, struct slice *normal_out,
                            size_t *words_out, struct error *err)
{
    struct folded folded;
    struct keyed_words words;
    if (fold_text(value, FOLD_PLAIN, arena, &folded, err) != 0 ||
        keyed_words_find(folded.text, arena, &words, err) != 0)
        return -1;
    if (words.count < KEYED_ENTRY_LEAST_WORDS || words.count > KEYED_ENTRY_MOST_WORDS)
        return error_set(err, ERROR_INPUT, "a keyed phrase has %d to %d words",
                         KEYED_ENTRY_LEAST_WORDS, KEYED_ENTRY_MOST_WORDS);
    *normal_out = keyed_words_window(&words, 0, words.count);
    *words_out = words.count;
    return 0;
}

int keyed_entry_normalise(struct slice type, struct slice value, struct arena *arena,
                          struct slice *normal_out, size_t *words_out, struct error *err)
{
    *words_out = 0;
    value = slice_trim(value);
    if (slice_is(type, "addr"))
        return normalise_addr(value, arena, normal_out, err);
    if (slice_is(type, "phone"))
        return normalise_phone(value, arena, normal_out, err);
    if (slice_is(type, "wallet"))
        return normalise_wallet(value, normal_out, err);
    if (slice_is(type, "kphrase"))
        return normalise_phrase(value, arena, normal_out, words_out, err);
    return error_set(err, ERROR_INPUT, "values that can be keyed are addr, phone, wallet, kphrase");
}

int keyed_words_find(struct slice folded, struct arena *arena, struct keyed_words *words_out,
                     struct error *err)
{
    /* Words are at least a byte and a space: so many fit. */
    size_t room = folded.size / 2 + 2, size = 0, at = 0;
    struct keyed_words words = {.starts = arena_alloc_array(arena, room, sizeof *words.starts),
                                .origins = arena_alloc_array(arena, room, sizeof *words.origins)};
    char *text = arena_alloc(arena, folded.size + 1);
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    bool is_inside = false;
    while (at < folded.size) {
        size_t begin = at;
        bool is_word = letter_is_word(letter_next(folded, &at));
        if (is_word && !is_inside) {
            words.starts[words.count] = (uint32_t)size;
            words.origins[words.count++] = (uint32_t)begin;
        }
        if (is_word) {
            memcpy(text + size, folded.data + begin, at - begin);
            size += at - begin;
        } else if (is_inside) {
            text[size++] = ' ';
        }
        is_inside = is_word;
    }
    if (is_inside)
        text[size++] = ' ';
    words.starts[words.count] = (uint32_t)size;
    words.text = slice_new(text, size);
    *words_out = words;
    return 0;
}

struct slice keyed_words_window(const struct keyed_words *words, size_t at, size_t count)
{
    size_t begin = words->starts[at], end = words->starts[at + count];
    return slice_part(words->text, begin, end - begin - 1);
}
