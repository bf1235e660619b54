/*
 * lists: owns the byte layout of what an entry holds more than one of. The
 * readers take sound lists alone, so they ask nothing but where the end is; the
 * checks below read with the same functions and ask everything else.
 */
#include "common/ledger/lists.h"

/* --- elements ------------------------------------------------------------- */

bool sale_line_read(struct reader *reader, struct sale_line *ret_line)
{
	if (reader->failed || reader_left(reader) == 0)
		return false;
	ret_line->category = reader_bytes(reader, reader_u8(reader));
	ret_line->product = reader_bytes(reader, reader_u8(reader));
	ret_line->quantity = reader_u32(reader);
	ret_line->amount_minor = (int64_t)reader_u64(reader);
	return true;
}

bool part_read(struct reader *reader, struct part *ret_part)
{
	if (reader->failed || reader_left(reader) == 0)
		return false;
	ret_part->rule = reader_u8(reader);
	ret_part->points_micro = reader_u64(reader);
	return true;
}

bool lot_read(struct reader *reader, struct lot *ret_lot)
{
	if (reader->failed || reader_left(reader) == 0)
		return false;
	ret_lot->expiry_day = (int32_t)reader_u32(reader);
	ret_lot->active_day = (int32_t)reader_u32(reader);
	ret_lot->points = reader_u64(reader);
	return true;
}

bool back_read(struct reader *reader, struct back *ret_back)
{
	if (reader->failed || reader_left(reader) == 0)
		return false;
	ret_back->line = reader_u8(reader);
	ret_back->quantity = reader_u32(reader);
	ret_back->amount_minor = (int64_t)reader_u64(reader);
	return true;
}

void sale_line_write(struct writer *writer, const struct sale_line *line)
{
	writer_u8(writer, (uint8_t)line->category.size);
	writer_bytes(writer, line->category);
	writer_u8(writer, (uint8_t)line->product.size);
	writer_bytes(writer, line->product);
	writer_u32(writer, line->quantity);
	writer_u64(writer, (uint64_t)line->amount_minor);
}

void part_write(struct writer *writer, const struct part *part)
{
	writer_u8(writer, part->rule);
	writer_u64(writer, part->points_micro);
}

void lot_write(struct writer *writer, const struct lot *lot)
{
	writer_u32(writer, (uint32_t)lot->expiry_day);
	writer_u32(writer, (uint32_t)lot->active_day);
	writer_u64(writer, lot->points);
}

void back_write(struct writer *writer, const struct back *back)
{
	writer_u8(writer, back->line);
	writer_u32(writer, back->quantity);
	writer_u64(writer, (uint64_t)back->amount_minor);
}

/* --- whole lists ---------------------------------------------------------- */

static bool amount_is_sound(int64_t amount_minor)
{
	return amount_minor >= -(int64_t)AMOUNT_MINOR_MAX &&
	       amount_minor <= (int64_t)AMOUNT_MINOR_MAX;
}

static bool line_name_is_sound(struct bytes name)
{
	return name.size <= LINE_NAME_SIZE_MAX && bytes_are_text(name, NULL);
}

bool lines_are_sound(struct bytes lines)
{
	struct reader reader = reader_of(lines);
	struct sale_line line;
	unsigned count = 0;

	while (sale_line_read(&reader, &line)) {
		if (reader.failed || ++count > LINES_MAX ||
		    line.quantity > LINE_QUANTITY_MAX ||
		    !amount_is_sound(line.amount_minor) ||
		    !line_name_is_sound(line.category) ||
		    !line_name_is_sound(line.product))
			return false;
	}
	return count > 0;
}

bool parts_are_sound(struct bytes parts)
{
	struct reader reader = reader_of(parts);
	struct part part;
	int last = -1;

	if (parts.size == 0 || parts.size % PART_SIZE != 0)
		return false;
	while (part_read(&reader, &part)) {
		if (part.rule <= last || part.rule >= RULES_MAX ||
		    part.points_micro > PART_MICRO_MAX)
			return false;
		last = part.rule;
	}
	return true;
}

/* In the order of a list of lots, and not alike. */
static bool lot_is_before(const struct lot *a, const struct lot *b)
{
	if (a->expiry_day != b->expiry_day)
		return a->expiry_day < b->expiry_day;
	return a->active_day < b->active_day;
}

bool lots_are_sound(struct bytes lots)
{
	struct reader reader = reader_of(lots);
	struct lot last = {0};
	struct lot lot;
	unsigned count = 0;

	if (lots.size == 0 || lots.size % LOT_SIZE != 0 ||
	    lots.size > LOTS_SIZE_MAX)
		return false;
	while (lot_read(&reader, &lot)) {
		if (lot.points < 1 || lot.points > BALANCE_POINTS_MAX ||
		    (count > 0 && !lot_is_before(&last, &lot)))
			return false;
		last = lot;
		count++;
	}
	return true;
}

bool backs_are_sound(struct bytes backs)
{
	struct reader reader = reader_of(backs);
	struct back back;
	int last = -1;

	if (backs.size == 0 || backs.size % BACK_SIZE != 0)
		return false;
	while (back_read(&reader, &back)) {
		if (back.line <= last || back.line >= LINES_MAX ||
		    back.quantity > LINE_QUANTITY_MAX ||
		    !amount_is_sound(back.amount_minor))
			return false;
		last = back.line;
	}
	return true;
}

int64_t lines_amount_minor(struct bytes lines)
{
	struct reader reader = reader_of(lines);
	struct sale_line line;
	int64_t sum = 0;

	while (sale_line_read(&reader, &line))
		sum += line.amount_minor;
	return sum;
}

uint64_t lots_points(struct bytes lots)
{
	struct reader reader = reader_of(lots);
	struct lot lot;
	uint64_t sum = 0;

	while (lot_read(&reader, &lot))
		sum += lot.points;
	return sum;
}
