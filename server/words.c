/*
 * words: owns the table of borrowed strings.
 *
 * A slot keeps its word's hash, so that a wrong word is told, and a larger
 * table is filled, without looking at the words themselves.
 */
#include "server/words.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 64u

struct words_slot {
	uint32_t hash;
	uint32_t place; /* 1 + number; 0 is free */
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 32;
}

/* Eight bytes at a time; nobody gains by words that collide. */
static uint32_t hash_word(struct bytes word)
{
	uint64_t hash = word.size;
	uint64_t value = 0;
	size_t at = 0;

	for (; at + sizeof(value) <= word.size; at += sizeof(value)) {
		memcpy(&value, &word.data[at], sizeof(value));
		hash = mix(hash, value);
	}
	value = 0;
	for (; at < word.size; at++)
		value = value << 8 | word.data[at];
	return (uint32_t)(mix(mix(hash, value), value) >> 32);
}

static bool is_word(struct bytes one, struct bytes other)
{
	return one.size == other.size &&
	       (one.size == 0 || memcmp(one.data, other.data, one.size) == 0);
}

/* The slot that holds `word`, or the free one where it would stand. */
static struct words_slot *find_slot(
    const struct words *words, struct bytes word, uint32_t hash)
{
	uint32_t mask = words->slot_count - 1;
	uint32_t at = hash & mask;

	for (;; at = (at + 1) & mask) {
		struct words_slot *slot = &words->slots[at];

		if (slot->place == 0 ||
		    (slot->hash == hash &&
			is_word(words->items[slot->place - 1], word)))
			return slot;
	}
}

/* All words that are there into a table that has none of them. */
static void move_slots(
    const struct words *words, struct words_slot *slots, uint32_t slot_count)
{
	for (uint32_t i = 0; i < words->slot_count; i++) {
		uint32_t at = words->slots[i].hash & (slot_count - 1);

		if (words->slots[i].place == 0)
			continue;
		while (slots[at].place != 0)
			at = (at + 1) & (slot_count - 1);
		slots[at] = words->slots[i];
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
	struct words_slot *slot;
	uint32_t hash = hash_word(word);

	if (words->count == words->slot_count / 2) {
		enum result result = grow(words, err);

		if (result != RESULT_OK)
			return result;
	}
	slot = find_slot(words, word, hash);
	if (slot->place == 0) {
		words->items[words->count++] = word;
		*slot = (struct words_slot){hash, words->count};
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
