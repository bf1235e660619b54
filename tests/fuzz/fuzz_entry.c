/*
 * fuzz_entry: whatever is accepted as a record is what the encoder writes for
 * its meaning, up to fields at the end that this version passes over.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/ledger/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t again[ENTRY_SIZE_MAX];
	struct writer writer = writer_of(again, sizeof(again));
	struct error error = {0};
	struct entry entry = {.sequence = 77};
	enum result result;

	result = entry_decode(bytes_of(data, size), &entry, &error);
	if (result != RESULT_OK) {
		assert(result == RESULT_INVALID || result == RESULT_VERSION);
		assert(error.result == result && error.text[0] != '\0');
		assert(entry.sequence == 77);
		return 0;
	}
	result = entry_encode(&entry, &writer, &error);
	assert(result == RESULT_OK);
	assert(writer.size <= size);
	assert(memcmp(again, data, writer.size) == 0);
	if (writer.size < size)
		assert(data[writer.size] & 0x80);
	assert(strcmp(entry_kind_name(entry.kind), "unknown") != 0);
	assert(strcmp(role_name(entry.role), "unknown") != 0);
	return 0;
}
