/*
 * book_lots: owns a member's lots: what of them can be spent, in which order
 * they are taken, and how the array changes.
 *
 * Lots stand in the order of their stamps; stamps of inactivity are negative
 * and so the first.
 */
#include "common/law/book_inside.h"

#include <string.h>

/* --- what a day makes of a lot -------------------------------------------- */

int32_t book_lot_expiry_day(
    const struct book_member *member, const struct lot *lot)
{
	int64_t day;

	if (lot->expiry_day >= 0)
		return lot->expiry_day;
	day = (int64_t)member->active_day - lot->expiry_day;
	return day < LOT_NEVER ? (int32_t)day : LOT_NEVER - 1;
}

static bool is_pending(const struct lot *lot, int32_t day)
{
	return lot->active_day > day;
}

static bool is_lapsed(
    const struct book_member *member, const struct lot *lot, int32_t day)
{
	return book_lot_expiry_day(member, lot) < day;
}

/* Points that lapsed before they were active count as lapsed alone. */
static bool is_spendable(
    const struct book_member *member, const struct lot *lot, int32_t day)
{
	return !is_pending(lot, day) && !is_lapsed(member, lot, day);
}

uint64_t book_spendable_points(
    const struct book_member *member, int32_t day, uint64_t now_ms)
{
	const struct book_extra *extra = member->extra;
	uint64_t points = 0;
	uint64_t held_points = 0;

	for (uint32_t index = 0; index < member->lot_count; index++) {
		if (is_spendable(member, &member->lots[index], day))
			points += member->lots[index].points;
	}
	for (uint32_t index = 0; extra != NULL && index < extra->hold_count;
	     index++) {
		if (extra->holds[index].until_ms > now_ms)
			held_points += extra->holds[index].points;
	}
	return points > held_points ? points - held_points : 0;
}

uint64_t book_pending_points(const struct book_member *member, int32_t day)
{
	uint64_t points = 0;

	for (uint32_t index = 0; index < member->lot_count; index++) {
		if (is_pending(&member->lots[index], day) &&
		    !is_lapsed(member, &member->lots[index], day))
			points += member->lots[index].points;
	}
	return points;
}

uint64_t book_lapsed_points(const struct book_member *member, int32_t day)
{
	uint64_t points = 0;

	for (uint32_t index = 0; index < member->lot_count; index++) {
		if (is_lapsed(member, &member->lots[index], day))
			points += member->lots[index].points;
	}
	return points;
}

uint64_t book_next_expiry(
    const struct book_member *member, int32_t day, int32_t *ret_day)
{
	int32_t next_day = LOT_NEVER;
	uint64_t points = 0;

	for (uint32_t index = 0; index < member->lot_count; index++) {
		int32_t last =
		    book_lot_expiry_day(member, &member->lots[index]);

		if (last < day || last == LOT_NEVER || last > next_day)
			continue;
		if (last < next_day)
			points = 0;
		next_day = last;
		points += member->lots[index].points;
	}
	*ret_day = next_day;
	return points;
}

/* --- choosing ------------------------------------------------------------- */

/* A lot that may be taken. A lower rank goes first; of equal ranks the lower
 * `when`. */
struct choice {
	uint8_t rank;
	int32_t when;
	uint16_t place;
};

struct choosing {
	const struct book_member *member;
	enum take_how how;
	int32_t day;
	const struct lot *own;
	uint32_t count;
	struct choice choices[LOTS_MAX];
};

static bool has_stamps(const struct lot *lot, const struct lot *other)
{
	return lot->expiry_day == other->expiry_day &&
	       lot->active_day == other->active_day;
}

/* What comes back is taken from where it hurts the member least: points of the
 * sale itself, then those that cannot be spent yet. */
static uint8_t rank_back(const struct choosing *choosing, const struct lot *lot)
{
	if (choosing->own != NULL && has_stamps(lot, choosing->own))
		return 0;
	if (is_lapsed(choosing->member, lot, choosing->day))
		return 3;
	return is_pending(lot, choosing->day) ? 1 : 2;
}

/* False for a lot that is not to be taken at all. */
static bool rank_lot(const struct choosing *choosing, const struct lot *lot,
    struct choice *ret_choice)
{
	const struct book_member *member = choosing->member;
	int32_t last = book_lot_expiry_day(member, lot);

	ret_choice->rank = 0;
	ret_choice->when = last;
	switch (choosing->how) {
	case TAKE_SPEND:
		return is_spendable(member, lot, choosing->day);
	case TAKE_BACK:
		ret_choice->rank = rank_back(choosing, lot);
		ret_choice->when = -last;
		return true;
	case TAKE_LAPSED:
		return is_lapsed(member, lot, choosing->day);
	case TAKE_ALL:
		break;
	}
	ret_choice->when = 0;
	return true;
}

static bool goes_before(const struct choice *one, const struct choice *other)
{
	if (one->rank != other->rank)
		return one->rank < other->rank;
	return one->when < other->when;
}

/*
 * Into its place from behind. Lots come in the order in which they lapse, or
 * against it where the latest goes first, so most are in place at once.
 */
static void choose(struct choosing *choosing, uint16_t place)
{
	struct choice choice = {.place = place};
	uint32_t at = choosing->count;

	if (!rank_lot(choosing, &choosing->member->lots[place], &choice))
		return;
	for (; at > 0 && goes_before(&choice, &choosing->choices[at - 1]); at--)
		choosing->choices[at] = choosing->choices[at - 1];
	choosing->choices[at] = choice;
	choosing->count++;
}

static void choose_all(struct choosing *choosing)
{
	uint32_t count = choosing->member->lot_count;

	choosing->count = 0;
	for (uint32_t index = 0; index < count; index++)
		choose(choosing,
		    (uint16_t)(choosing->how == TAKE_BACK ? count - 1 - index
							  : index));
}

/* In the order of places again, and cut to `points`. */
static uint64_t write_choices(
    struct choosing *choosing, uint64_t points, struct writer *writer)
{
	uint64_t taken[LOTS_MAX];
	const struct book_member *member = choosing->member;
	uint64_t left = points;

	memset(taken, 0, member->lot_count * sizeof(*taken));
	for (uint32_t index = 0; index < choosing->count && left > 0; index++) {
		uint16_t place = choosing->choices[index].place;
		uint64_t there = member->lots[place].points;

		taken[place] = there < left ? there : left;
		left -= taken[place];
	}
	for (uint32_t index = 0; index < member->lot_count; index++) {
		struct lot lot = member->lots[index];

		lot.points = taken[index];
		if (lot.points > 0)
			lot_write(writer, &lot);
	}
	return points - left;
}

uint64_t book_take_lots(const struct book_member *member, enum take_how how,
    int32_t day, const struct lot *own, uint64_t points, struct writer *writer)
{
	struct choosing choosing;

	choosing.member = member;
	choosing.how = how;
	choosing.day = day;
	choosing.own = own;
	choose_all(&choosing);
	return write_choices(&choosing, points, writer);
}

/* --- changing ------------------------------------------------------------- */

/* Where a lot with these stamps stands, or would stand. */
static uint32_t lot_place(
    const struct book_member *member, const struct lot *lot)
{
	uint32_t low = 0;
	uint32_t high = member->lot_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct lot *there = &member->lots[middle];

		if (there->expiry_day < lot->expiry_day ||
		    (there->expiry_day == lot->expiry_day &&
			there->active_day < lot->active_day))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint64_t book_points_of(
    const struct book_member *member, const struct lot *stamps)
{
	uint32_t place = lot_place(member, stamps);

	if (place == member->lot_count ||
	    !has_stamps(&member->lots[place], stamps))
		return 0;
	return member->lots[place].points;
}

enum result book_put_lot(
    struct book_member *member, const struct lot *lot, struct error *err)
{
	uint32_t place = lot_place(member, lot);
	uint32_t count = member->lot_count;

	if (place < count && has_stamps(&member->lots[place], lot)) {
		member->lots[place].points += lot->points;
		return RESULT_OK;
	}
	if (count >= LOTS_MAX)
		return error_set(err, RESULT_LIMIT,
		    "a member has at most %u lots", LOTS_MAX);
	if (!book_open_places(member, place, 1))
		return error_no_memory(err);
	member->lots[place] = *lot;
	member->lot_count++;
	return RESULT_OK;
}

static void drop_lot(struct book_member *member, uint32_t place)
{
	book_close_places(member, place, 1);
	member->lot_count--;
}

bool book_cut_lot(struct book_member *member, const struct lot *lot)
{
	uint32_t place = lot_place(member, lot);
	struct lot *there;

	if (place == member->lot_count)
		return false;
	there = &member->lots[place];
	if (!has_stamps(there, lot) || there->points < lot->points)
		return false;
	there->points -= lot->points;
	if (there->points == 0)
		drop_lot(member, place);
	return true;
}

enum result book_fix_lapsed_lots(
    struct book_member *member, int32_t day, struct error *err)
{
	uint32_t place = 0;

	while (
	    place < member->lot_count && member->lots[place].expiry_day < 0) {
		struct lot lot = member->lots[place];
		enum result result;

		if (!is_lapsed(member, &lot, day)) {
			place++;
			continue;
		}
		lot.expiry_day = book_lot_expiry_day(member, &lot);
		drop_lot(member, place);
		result = book_put_lot(member, &lot, err);
		if (result != RESULT_OK)
			return result;
	}
	return RESULT_OK;
}
