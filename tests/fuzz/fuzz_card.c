/*
 * Any bytes into card_parse(). What it accepts must be a number that is read
 * as itself, with or without the identifiers that name its own symbology; what
 * it refuses must leave the result alone.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/card/card.h"
#include "common/card/check.h"

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_reads_as(const char *before, const struct card *card)
{
	char scan[CARD_SIZE_MAX + 16];
	struct card again;

	memset(&again, 0, sizeof(again));
	(void)strcpy(scan, before);
	(void)strcat(scan, card->number);
	require(card_parse(bytes_of_string(scan), &again) == CARD_OK);
	require(strcmp(again.number, card->number) == 0);
	require(again.symbology == card->symbology);
}

static void require_sound(const struct card *card)
{
	struct bytes number = bytes_of_string(card->number);
	char masked[CARD_SIZE_MAX + 8];

	require(number.size >= 5 && number.size <= CARD_SIZE_MAX);
	require(card->symbology != SYMBOLOGY_NONE);
	if (card->symbology != SYMBOLOGY_CODE39)
		require(check_is_digits(number));
	require_reads_as("", card);
	require_reads_as("]C0", card);
	require_reads_as("]A0", card);
	if (card->symbology == SYMBOLOGY_EAN13)
		require_reads_as("]E0", card);
	if (card->symbology == SYMBOLOGY_EAN8)
		require_reads_as("]E4", card);
	if (card->symbology == SYMBOLOGY_ITF14)
		require_reads_as("]I1", card);
	if (card->symbology == SYMBOLOGY_GSRN)
		require_reads_as("]C18018", card);
	card_mask(card->number, masked);
	require(strlen(masked) < sizeof(masked));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct card card, untouched;
	enum card_fault fault;

	memset(&card, 0x5a, sizeof(card));
	untouched = card;
	fault = card_parse(bytes_of(data, size), &card);
	if (fault == CARD_OK)
		require_sound(&card);
	else
		require(memcmp(&card, &untouched, sizeof(card)) == 0);
	require(card_fault_name(fault) != NULL);
	require(strlen(card_fault_say(fault)) <= SAY_SIZE_MAX);
	return 0;
}
