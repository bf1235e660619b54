/*
 * check: owns the arithmetic of check digits, and nothing of what they mean.
 */
#include "common/card/check.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#define UPC_E_SIZE 8u
#define UPC_A_SIZE 12u

/* A character's place here is its value in modulo 43. */
static const char code39[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";

bool check_is_digits(struct bytes text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
	return text.size > 0;
}

/* The digit at `place`, counted from the right, from 0. */
static unsigned digit_from_right(struct bytes digits, size_t place)
{
	uint8_t byte = digits.data[digits.size - 1 - place];

	assert(byte >= '0' && byte <= '9');
	return (unsigned)byte - '0';
}

bool check_gs1_holds(struct bytes digits)
{
	unsigned sum = 0;

	for (size_t i = 0; i < digits.size; i++)
		sum += digit_from_right(digits, i) * (i % 2 == 1 ? 3 : 1);
	return sum % 10 == 0;
}

bool check_luhn_holds(struct bytes digits)
{
	unsigned sum = 0;

	for (size_t i = 0; i < digits.size; i++) {
		unsigned digit = digit_from_right(digits, i);

		if (i % 2 == 1)
			digit *= 2;
		sum += digit > 9 ? digit - 9 : digit;
	}
	return sum % 10 == 0;
}

/*
 * UPC-E leaves out a run of zeros; its seventh digit says where. Each row
 * names, for the twelve places of UPC-A, the place in UPC-E that the digit
 * comes from; 'z' is a zero that was left out.
 */
static const char *upc_e_places(uint8_t seventh)
{
	switch (seventh) {
	case '0':
	case '1':
	case '2':
		return "0126zzzz3457";
	case '3':
		return "0123zzzzz457";
	case '4':
		return "01234zzzzz57";
	default:
		return "012345zzzz67";
	}
}

bool check_upc_e_holds(struct bytes digits)
{
	uint8_t upc_a[UPC_A_SIZE];
	const char *places;

	if (digits.size != UPC_E_SIZE || digits.data[0] > '1')
		return false;
	places = upc_e_places(digits.data[6]);
	for (size_t i = 0; i < UPC_A_SIZE; i++)
		upc_a[i] =
		    places[i] == 'z' ? '0' : digits.data[places[i] - '0'];
	return check_gs1_holds(bytes_of(upc_a, UPC_A_SIZE));
}

char check_character(struct bytes text)
{
	unsigned sum = 0;

	for (size_t i = 0; i < text.size; i++) {
		unsigned value = 0;

		while (code39[value] != '\0' &&
		       (uint8_t)code39[value] != text.data[i])
			value++;
		if (code39[value] == '\0')
			return 0;
		sum += value;
	}
	return code39[sum % 43];
}
