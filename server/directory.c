/*
 * directory: open-addressing tables, from a card's digest to its account and
 * from an account to its birthday.
 *
 * The digest is SHA-256 under a salt drawn at the start, cut to 12 bytes: no
 * card number stands in memory, every slot has the same small size whatever
 * the number's length, and nobody can choose card numbers that collide. Few
 * cards are further ones, so their numbers in the chain stand by themselves.
 */
#include "server/directory.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/crypto.h"

#define SALT_SIZE 16u
#define DIGEST_SIZE 12u
#define SLOTS_MIN 1024u

struct slot {
	uint8_t digest[DIGEST_SIZE];
	uint32_t more;	  /* 1 + place in `more`; 0: that of an enrolment */
	uint64_t account; /* 0: free */
};

struct birthday {
	uint64_t account; /* 0: free */
	uint16_t day;	  /* MMDD; 0 once it was taken away */
};

/* Places of one table. It is never full, so that each walk ends. */
struct table {
	size_t count; /* a power of two */
	size_t used;
};

struct directory {
	struct hasher *hasher;
	uint8_t salt[SALT_SIZE];
	struct slot *slots;
	struct table cards;
	uint64_t *more; /* cards' numbers in the chain */
	size_t more_count;
	size_t more_capacity;
	struct birthday *birthdays;
	struct table days;
};

enum result directory_create(
    struct directory **ret_directory, struct error *err)
{
	struct directory *directory = calloc(1, sizeof(*directory));

	if (directory == NULL)
		return error_no_memory(err);
	directory->cards.count = SLOTS_MIN;
	directory->days.count = SLOTS_MIN;
	directory->slots = calloc(SLOTS_MIN, sizeof(struct slot));
	directory->birthdays = calloc(SLOTS_MIN, sizeof(struct birthday));
	if (directory->slots == NULL || directory->birthdays == NULL ||
	    hasher_create(&directory->hasher, err) != RESULT_OK) {
		directory_destroy(directory);
		return error_no_memory(err);
	}
	crypto_random(directory->salt, sizeof(directory->salt));
	*ret_directory = directory;
	return RESULT_OK;
}

void directory_destroy(struct directory *directory)
{
	if (directory == NULL)
		return;
	hasher_destroy(directory->hasher);
	free(directory->slots);
	free(directory->more);
	free(directory->birthdays);
	free(directory);
}

static bool table_is_full(const struct table *table)
{
	return (table->used + 1) * 10 > table->count * 7;
}

/* --- cards -----------------------------------------------------------------
 */

static void digest_of(const struct directory *directory, const char *number,
    uint8_t ret_digest[DIGEST_SIZE])
{
	uint8_t text[SALT_SIZE + CARD_SIZE_MAX];
	struct writer writer = writer_of(text, sizeof(text));
	struct hash hash;

	writer_bytes(&writer, bytes_of(directory->salt, SALT_SIZE));
	writer_bytes(&writer, bytes_of_string(number));
	hash = hash_plain(directory->hasher, writer_view(&writer));
	memcpy(ret_digest, hash.bytes, DIGEST_SIZE);
}

/* The slot that holds `digest`, or the free one where it belongs. */
static struct slot *slot_of(
    struct slot *slots, size_t slot_count, const uint8_t *digest)
{
	uint64_t start;
	size_t at;

	memcpy(&start, digest, sizeof(start));
	at = start & (slot_count - 1);
	while (slots[at].account != 0 &&
	       memcmp(slots[at].digest, digest, DIGEST_SIZE) != 0)
		at = (at + 1) & (slot_count - 1);
	return &slots[at];
}

struct directory_card directory_look(
    const struct directory *directory, const char *number)
{
	struct directory_card card = {0};
	uint8_t digest[DIGEST_SIZE];
	const struct slot *slot;

	if (strlen(number) > CARD_SIZE_MAX)
		return card;
	digest_of(directory, number, digest);
	slot = slot_of(directory->slots, directory->cards.count, digest);
	card.account = slot->account;
	if (slot->more != 0)
		card.card = directory->more[slot->more - 1];
	return card;
}

uint64_t directory_find(const struct directory *directory, const char *number)
{
	return directory_look(directory, number).account;
}

static enum result grow_cards(struct directory *directory, struct error *err)
{
	size_t count = directory->cards.count * 2;
	struct slot *slots = calloc(count, sizeof(struct slot));
	size_t i;

	if (slots == NULL)
		return error_no_memory(err);
	for (i = 0; i < directory->cards.count; i++) {
		struct slot *from = &directory->slots[i];

		if (from->account != 0)
			*slot_of(slots, count, from->digest) = *from;
	}
	free(directory->slots);
	directory->slots = slots;
	directory->cards.count = count;
	return RESULT_OK;
}

/* Room for one more number of a further card. */
static enum result grow_more(struct directory *directory, struct error *err)
{
	size_t wanted = directory->more_capacity * 2 + 64;
	uint64_t *more = directory->more;

	if (directory->more_count < directory->more_capacity)
		return RESULT_OK;
	more = reallocarray(more, wanted, sizeof(*more));
	if (more == NULL)
		return error_no_memory(err);
	directory->more = more;
	directory->more_capacity = wanted;
	return RESULT_OK;
}

static void put_card(struct directory *directory, struct slot *slot,
    const uint8_t digest[DIGEST_SIZE], struct directory_card card)
{
	memcpy(slot->digest, digest, DIGEST_SIZE);
	slot->account = card.account;
	slot->more = 0;
	if (card.card != 0) {
		directory->more[directory->more_count++] = card.card;
		slot->more = (uint32_t)directory->more_count;
	}
	directory->cards.used++;
}

enum result directory_add(struct directory *directory, const char *number,
    struct directory_card card, struct error *err)
{
	uint8_t digest[DIGEST_SIZE];
	struct slot *slot;
	enum result result = RESULT_OK;

	if (card.account == 0 || strlen(number) > CARD_SIZE_MAX)
		return error_set(
		    err, RESULT_INVALID, "a card needs a number and a member");
	if (table_is_full(&directory->cards))
		result = grow_cards(directory, err);
	if (result == RESULT_OK && card.card != 0)
		result = grow_more(directory, err);
	if (result != RESULT_OK)
		return result;
	digest_of(directory, number, digest);
	slot = slot_of(directory->slots, directory->cards.count, digest);
	if (slot->account != 0)
		return error_set(
		    err, RESULT_EXISTS, "the card belongs to a member already");
	put_card(directory, slot, digest, card);
	return RESULT_OK;
}

/* --- birthdays -------------------------------------------------------------
 */

/* Accounts are random but for their highest bits. */
static struct birthday *birthday_of(
    struct birthday *birthdays, size_t count, uint64_t account)
{
	size_t at = (account * 0x9e3779b97f4a7c15ull >> 32) & (count - 1);

	while (birthdays[at].account != 0 && birthdays[at].account != account)
		at = (at + 1) & (count - 1);
	return &birthdays[at];
}

uint16_t directory_birthday(const struct directory *directory, uint64_t account)
{
	return birthday_of(directory->birthdays, directory->days.count, account)
	    ->day;
}

static enum result grow_birthdays(
    struct directory *directory, struct error *err)
{
	size_t count = directory->days.count * 2;
	struct birthday *birthdays = calloc(count, sizeof(*birthdays));
	size_t i;

	if (birthdays == NULL)
		return error_no_memory(err);
	for (i = 0; i < directory->days.count; i++) {
		struct birthday *from = &directory->birthdays[i];

		if (from->account != 0)
			*birthday_of(birthdays, count, from->account) = *from;
	}
	free(directory->birthdays);
	directory->birthdays = birthdays;
	directory->days.count = count;
	return RESULT_OK;
}

enum result directory_set_birthday(struct directory *directory,
    uint64_t account, uint16_t birthday, struct error *err)
{
	struct birthday *place;
	enum result result = RESULT_OK;

	if (table_is_full(&directory->days))
		result = grow_birthdays(directory, err);
	if (result != RESULT_OK)
		return result;
	place =
	    birthday_of(directory->birthdays, directory->days.count, account);
	if (place->account == 0 && birthday == 0)
		return RESULT_OK;
	if (place->account == 0)
		directory->days.used++;
	*place = (struct birthday){account, birthday};
	return RESULT_OK;
}

/* --- loading ----------------------------------------------------------------
 */

/* Whatever a row's fault, it is the database's, and not the asker's. */
static enum result loaded(enum result result, const char *what,
    const struct store_private *row, struct error *err)
{
	if (result == RESULT_NO_MEMORY || result == RESULT_OK)
		return result;
	(void)error_prefix(
	    err, "the %s %llu", what, (unsigned long long)row->id);
	return err == NULL ? RESULT_CORRUPT : (err->result = RESULT_CORRUPT);
}

static enum result load_card(
    void *context, const struct store_private *row, struct error *err)
{
	struct card_row card;
	enum result result = card_row_decode(row->body, &card, err);

	if (result == RESULT_OK)
		result = directory_add(context, card.number,
		    (struct directory_card){.account = row->id}, err);
	return loaded(result, "card of member", row, err);
}

static enum result load_more_card(
    void *context, const struct store_private *row, struct error *err)
{
	struct more_card_row card;
	enum result result = more_card_row_decode(row->body, &card, err);

	if (result == RESULT_OK)
		result = directory_add(context, card.number,
		    (struct directory_card){card.account, row->id}, err);
	return loaded(result, "further card", row, err);
}

static enum result load_member(
    void *context, const struct store_private *row, struct error *err)
{
	struct member_row member;
	enum result result = member_row_decode(row->body, &member, err);

	if (result == RESULT_OK)
		result = directory_set_birthday(
		    context, row->id, member.birthday, err);
	return loaded(result, "details of member", row, err);
}

enum result directory_load(
    struct directory *directory, struct store *store, struct error *err)
{
	enum result result;

	memset(directory->slots, 0,
	    directory->cards.count * sizeof(*directory->slots));
	memset(directory->birthdays, 0,
	    directory->days.count * sizeof(*directory->birthdays));
	directory->cards.used = 0;
	directory->more_count = 0;
	directory->days.used = 0;
	result = store->ops->privates(
	    store, PRIVATE_CARD, load_card, directory, err);
	if (result == RESULT_OK)
		result = store->ops->privates(
		    store, PRIVATE_MORE_CARD, load_more_card, directory, err);
	if (result == RESULT_OK)
		result = store->ops->privates(
		    store, PRIVATE_MEMBER, load_member, directory, err);
	return result;
}
