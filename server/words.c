/*
 * words: owns the table of borrowed strings.
 *
 * To look a word up costs what it costs to reach memory that is not near. So a
 * slot holds a word's size and its first bytes: a short word, as most are, is
 * told from others without a look anywhere else.
 */
#include "server/words.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 64u
#define HEAD_SIZE 8u /* bytes of a word in its slot */

struct words_slot {
	uint64_t head; /* the first bytes, zeroes where it is shorter */
	uint32_t size;
	uint32_t place; /* 1 + number; 0 is free */
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 32;
}

/* The bytes from `at` on, HEAD_SIZE at most. */
static uint64_t bytes_at(struct bytes word, size_t at)
{
	size_t left = word.size - at;
	uint64_t value = 0;

	if (left >= HEAD_SIZE)
		memcpy(&value, &word.data[at], HEAD_SIZE);
	else
		for (size_t i = 0; i < left; i++)
			value = value << 8 | word.data[at + i];
	return value;
}

/* Nobody gains by words that collide. */
static uint32_t hash_word(struct bytes word, uint64_t head)
{
	uint64_t hash = mix(mix(word.size, head), head);

	for (size_t at = HEAD_SIZE; at < word.size; at += HEAD_SIZE)
		hash = mix(hash, bytes_at(word, at));
	return (uint32_t)(hash >> 32);
}

static bool is_rest(struct bytes one, struct bytes other)
{
	return one.size <= HEAD_SIZE ||
	       memcmp(&one.data[HEAD_SIZE], &other.data[HEAD_SIZE],
		   one.size - HEAD_SIZE) == 0;
}

/* The slot that holds `word`, or the free one where it would stand. */
static struct words_slot *find_slot(
    const struct words *words, struct bytes word, uint64_t head)
{
	uint32_t mask = words->slot_count - 1;
	uint32_t at = hash_word(word, head) & mask;

	for (;; at = (at + 1) & mask) {
		struct words_slot *slot = &words->slots[at];

		if (slot->place == 0 ||
		    (slot->head == head && slot->size == word.size &&
			is_rest(word, words->items[slot->place - 1])))
			return slot;
	}
}

/* All words that are there into a table that has none of them. */
static void move_slots(
    const struct words *words, struct words_slot *slots, uint32_t slot_count)
{
	for (uint32_t i = 0; i < words->slot_count; i++) {
		const struct words_slot *slot = &words->slots[i];
		struct bytes word = {.size = slot->size};
		uint32_t at;

		if (slot->place == 0)
			continue;
		if (slot->size > HEAD_SIZE)
			word = words->items[slot->place - 1];
		at = hash_word(word, slot->head) & (slot_count - 1);
		while (slots[at].place != 0)
			at = (at + 1) & (slot_count - 1);
		slots[at] = *slot;
	}
}

/* Twice as many slots, and items for half of them. */
static enum result grow(struct words *words, struct error *err)
{
	uint32_t wanted =
	    words->slot_count == 0 ? SLOTS_MIN : words->slot_count * 2;
	struct words_slot *slots;
	struct bytes *items;

	if (words->count == WORDS_MAX)
		return error_set(err, RESULT_LIMIT,
		    "more than %u different words", WORDS_MAX);
	items = reallocarray(words->items, wanted / 2, sizeof(*items));
	if (items == NULL)
		return error_no_memory(err);
	words->items = items;
	slots = calloc(wanted, sizeof(*slots));
	if (slots == NULL)
		return error_no_memory(err);
	move_slots(words, slots, wanted);
	free(words->slots);
	words->slots = slots;
	words->slot_count = wanted;
	return RESULT_OK;
}

enum result words_number(struct words *words, struct bytes word,
    uint32_t *ret_number, struct error *err)
{
	uint64_t head = bytes_at(word, 0);
	struct words_slot *slot;

	if (word.size > UINT32_MAX)
		return error_set(
		    err, RESULT_LIMIT, "a word of %zu bytes", word.size);
	if (words->count == words->slot_count / 2) {
		enum result result = grow(words, err);

		if (result != RESULT_OK)
			return result;
	}
	slot = find_slot(words, word, head);
	if (slot->place == 0) {
		words->items[words->count++] = word;
		*slot = (struct words_slot){
		    head, (uint32_t)word.size, words->count};
	}
	*ret_number = slot->place - 1;
	return RESULT_OK;
}

void words_finish(struct words *words)
{
	free(words->items);
	free(words->slots);
	*words = (struct words){0};
}
