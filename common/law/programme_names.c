/*
 * programme_names: owns what names, counters and stamps are made of, for ever:
 * the ledger's verdicts rest on these numbers.
 */
#include "common/law/programme.h"

#include <string.h>

#include "common/ledger/lists.h"

#define FNV_64_BASIS 0xcbf29ce484222325u
#define FNV_64_PRIME 0x100000001b3u
#define FNV_32_BASIS 0x811c9dc5u
#define FNV_32_PRIME 0x01000193u

uint64_t programme_name(struct bytes name)
{
	uint64_t hash = FNV_64_BASIS;

	for (size_t index = 0; index < name.size; index++)
		hash = (hash ^ name.data[index]) * FNV_64_PRIME;
	return hash;
}

static uint32_t ident_fold(uint32_t hash, struct bytes bytes)
{
	for (size_t index = 0; index < bytes.size; index++)
		hash = (hash ^ bytes.data[index]) * FNV_32_PRIME;
	return hash;
}

uint32_t programme_ident(const char *kind, struct bytes id)
{
	uint32_t hash = ident_fold(FNV_32_BASIS, bytes_of_string(kind));

	hash = ident_fold(hash, bytes_of_string(" "));
	return ident_fold(hash, id);
}

/* The names of a list are in rising order. */
bool programme_names_have(const struct programme *programme,
    struct programme_names names, uint64_t name)
{
	size_t first = names.first;
	size_t count = names.count;

	while (count > 1) {
		size_t half = count / 2;

		if (programme->names[first + half] <= name)
			first += half;
		count -= half;
	}
	return count == 1 && programme->names[first] == name;
}

static int32_t expiry_day(const struct programme *programme, int32_t start)
{
	if (programme->expire_date != DAY_NONE)
		return programme->expire_date;
	if (programme->expire_inactive_days > 0)
		return -(int32_t)programme->expire_inactive_days;
	if (programme->expire_months > 0)
		start = day_add_months(start, programme->expire_months);
	switch (programme->expire_end) {
	case EXPIRE_MONTH:
		return day_month_end(start);
	case EXPIRE_QUARTER:
		return day_quarter_end(start);
	case EXPIRE_YEAR:
		return day_year_end(start);
	default:
		return programme->expire_months > 0 ? start : LOT_NEVER;
	}
}

void programme_stamps(const struct programme *programme, int32_t day,
    int32_t *ret_active_day, int32_t *ret_expiry_day)
{
	int32_t start = day + (int32_t)programme->pending_days;

	*ret_active_day = programme->pending_days > 0 ? start : 0;
	*ret_expiry_day = expiry_day(programme, start);
}

uint64_t programme_earn_points(
    const struct programme *programme, uint64_t amount_minor)
{
	uint64_t steps = amount_minor / programme->earn_amount_minor;

	if (programme->earn_points > 0 &&
	    steps > POINTS_MAX / programme->earn_points)
		return POINTS_MAX;
	return steps * programme->earn_points;
}

const struct programme_reward *programme_reward(
    const struct programme *programme, struct bytes id)
{
	for (size_t index = 0; index < programme->reward_count; index++) {
		const struct programme_reward *reward =
		    &programme->rewards[index];

		if (bytes_equal(bytes_of_string(reward->id), id))
			return reward;
	}
	return NULL;
}
