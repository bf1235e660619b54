/*
 * zone_hint: owns the look into the machine's zone files.
 */
#include "server/tally/zone_hint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/file.h"

#define ZONE_NAME_SIZE_MAX 64u
#define ZONEINFO "/usr/share/zoneinfo"

/* Letters, digits, and what else is in the names that there are; nothing that
 * leads out of the folder. */
static bool is_name(struct bytes name)
{
	static const char others[] = "_+-/";

	if (name.size == 0 || name.size > ZONE_NAME_SIZE_MAX ||
	    name.data[0] == '/' || name.data[0] == '-')
		return false;
	for (size_t i = 0; i < name.size; i++) {
		uint8_t letter = name.data[i];

		if (!(letter >= 'a' && letter <= 'z') &&
		    !(letter >= 'A' && letter <= 'Z') &&
		    !(letter >= '0' && letter <= '9') &&
		    (letter == '\0' || strchr(others, letter) == NULL))
			return false;
	}
	return true;
}

/* What stands between the last two newlines. */
static bool last_line(struct bytes file, struct bytes *ret_line)
{
	size_t end = file.size;
	size_t from;

	if (end < 4 || memcmp(file.data, "TZif", 4) != 0 ||
	    file.data[end - 1] != '\n')
		return false;
	from = --end;
	while (from > 0 && file.data[from - 1] != '\n')
		from--;
	*ret_line = bytes_of(&file.data[from], end - from);
	return from != 0 && ret_line->size != 0 &&
	       ret_line->size <= ZONE_SIZE_MAX;
}

bool zone_hint(struct bytes name, char ret_rule[ZONE_SIZE_MAX + 1])
{
	const char *folder = getenv("TZDIR");
	char path[FILE_PATH_SIZE_MAX];
	struct buffer file = {0};
	struct bytes rule;
	struct zone zone;
	bool is_found;

	if (!is_name(name) ||
	    snprintf(path, sizeof(path), "%s/%.*s",
		folder == NULL ? ZONEINFO : folder, (int)name.size,
		(const char *)name.data) >= (int)sizeof(path))
		return false;
	is_found = file_read(path, &file, NULL) == RESULT_OK &&
		   last_line(buffer_view(&file), &rule) &&
		   zone_parse(rule, &zone);
	if (is_found) {
		memcpy(ret_rule, rule.data, rule.size);
		ret_rule[rule.size] = '\0';
	}
	buffer_finish(&file);
	return is_found;
}
