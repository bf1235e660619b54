/*
 * law_points: owns the moment of a decision, and the lots that it moves.
 */
#include "common/law/law_inside.h"

struct local_time law_now(
    const struct deciding *deciding, const struct programme *programme)
{
	return zone_local(&programme->zone, deciding->entry->time_ms);
}

int32_t law_today(
    const struct deciding *deciding, const struct programme *programme)
{
	return law_now(deciding, programme).day;
}

struct bytes law_take_lots(struct deciding *deciding,
    const struct book_member *member, enum take_how how, int32_t day,
    const struct lot *own, uint64_t points)
{
	struct writer writer = writer_of(deciding->lots, LOTS_SIZE_MAX);

	(void)book_take_lots(member, how, day, own, points, &writer);
	return writer_view(&writer);
}

struct bytes law_one_lot(struct deciding *deciding, const struct lot *lot)
{
	struct writer writer = writer_of(deciding->lots, LOTS_SIZE_MAX);

	if (lot->points > 0)
		lot_write(&writer, lot);
	return writer_view(&writer);
}
