/*
 * The book under random histories of every kind of entry: what holds of it
 * always, and that a replay over whatever was kept comes out the same.
 */
#include "tests/unit/common/book_life_random.h"

#define SEEDS 12u
#define STEPS 900u

/* --- what always holds ------------------------------------------------------
 */

static void assert_lots_hold(const struct book_member *member)
{
	uint64_t sum = 0;

	for (uint32_t index = 0; index < member->lot_count; index++) {
		const struct lot *lot = &member->lots[index];

		assert_true(lot->points > 0);
		sum += lot->points;
		if (index == 0)
			continue;
		assert_true(lot->expiry_day > lot[-1].expiry_day ||
			    (lot->expiry_day == lot[-1].expiry_day &&
				lot->active_day > lot[-1].active_day));
	}
	if (member->balance_points < 0)
		assert_int_equal(member->lot_count, 0);
	else
		assert_int_equal(sum, member->balance_points);
}

static void assert_pool_holds(
    const struct book *book, const struct book_member *member)
{
	const struct book_member *pool = book_pool(book, member->account);
	const struct book_extra *extra = member->extra;

	assert_non_null(pool);
	assert_int_equal(book_joined_to(pool), 0);
	if (book_joined_to(member) != 0)
		assert_true(extra->joined_by > 0 && extra->joined_count == 0);
	for (uint32_t index = 0; extra != NULL && index < extra->joined_count;
	     index++)
		assert_true(book_joined_to(book_member(book,
				extra->joined[index])) == member->account);
}

static void assert_days_hold(const struct book_member *member)
{
	const struct book_spent *days = book_days(member);
	uint64_t sum = 0;

	if (days == NULL)
		return;
	for (uint32_t index = 0; index < member->spent_count; index++)
		sum += days[index].value;
	assert_int_equal(sum, member->qualifying);
}

struct holding {
	const struct book *book;
	int64_t members_points;
};

static enum result assert_member_holds(
    void *context, const struct book_member *member, struct error *err)
{
	struct holding *holding = context;

	(void)err;
	assert_lots_hold(member);
	assert_pool_holds(holding->book, member);
	assert_days_hold(member);
	assert_true(member->true_at >= member->last_sequence);
	holding->members_points += member->balance_points;
	return RESULT_OK;
}

static void assert_all_holds(const struct book *book)
{
	struct holding holding = {.book = book};
	struct book_totals totals;
	struct error err;

	assert_int_equal(
	    book_each_member(book, assert_member_holds, &holding, &err),
	    RESULT_OK);
	book_totals(book, &totals);
	assert_int_equal(totals.members_points, holding.members_points);
	assert_sum_is_zero(book);
}

static void adds_up_whatever_happens(void **state)
{
	unsigned kinds[ENTRY_KIND_MAX + 1] = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct life *life = life_begin(seed, LIFE_YEAR);

		for (unsigned step = 0; step < STEPS; step++) {
			lives_a_little(life);
			if (step % 20 == 0)
				assert_all_holds(life->world->book);
		}
		assert_all_holds(life->world->book);
		for (uint64_t sequence = 1; sequence <= life->world->count;
		     sequence++)
			kinds[world_entry(life->world, sequence).kind]++;
		life_end(life);
	}
	/* Every kind has come up. */
	for (int kind = 1; kind <= ENTRY_KIND_MAX; kind++) {
		if (kinds[kind] == 0)
			fail_msg("no %s came up",
			    entry_kind_name((enum entry_kind)kind));
	}
}

/* One record with a byte changed, decoded; false where it is none any more. */
static bool changes(struct life *life, uint64_t sequence, struct buffer *record,
    struct entry *ret_entry)
{
	struct world *world = life->world;

	record->size = 0;
	assert_int_equal(
	    buffer_append(record, buffer_view(&world->records[sequence - 1]),
		&world->err),
	    RESULT_OK);
	/* Not where it stands, nor whose it is: those are always refused. */
	record->data[54 + draws(life, record->size - 54)] ^= 1u
							     << draws(life, 8);
	return entry_decode(buffer_view(record), ret_entry, &world->err) ==
	       RESULT_OK;
}

/* Whatever can be decoded is folded in, and everything still holds, or it is
 * refused with a sentence. */
static void folds_in_or_refuses_whatever_comes(void **state)
{
	struct life *life = life_begin(51, LIFE_ROLLING);
	struct buffer record = {0};
	unsigned folded = 0;
	unsigned refused = 0;

	(void)state;
	lives(life, STEPS);
	for (unsigned round = 0; round < 4000; round++) {
		uint64_t sequence = 2 + draws(life, life->world->count - 1);
		struct error err = {RESULT_OK, ""};
		struct entry entry;
		struct book *book;

		if (!changes(life, sequence, &record, &entry))
			continue;
		book = book_after(life->world, sequence - 1);
		if (book_apply(book, &entry, &err) == RESULT_OK) {
			assert_all_holds(book);
			folded++;
		} else {
			assert_int_equal(err.result, RESULT_INVALID);
			assert_true(strlen(err.text) > 10);
			refused++;
		}
		book_destroy(book);
	}
	assert_true(folded > 100);
	assert_true(refused > 100);
	buffer_finish(&record);
	life_end(life);
}

/* --- replays ----------------------------------------------------------------
 */

static void replays_over_objects_that_are_newer(void **state)
{
	(void)state;
	for (uint64_t seed = 11; seed < 11 + SEEDS; seed++) {
		struct life *life = life_begin(seed, LIFE_ROLLING);
		struct shelf shelf = {.count = 0};
		struct shelf pending = {.count = 0};
		uint64_t complete = 0;

		for (int round = 0; round < 40; round++) {
			bool all = draws(life, 8) == 0;

			lives(life, draws(life, 25));
			shelf_keep_some(&shelf, &pending, life->world, all);
			if (all)
				complete = life->world->count;
			lives(life, draws(life, 4));
			shelf_replays(&shelf, life->world, complete);
			shelf_replays(&shelf, life->world, complete / 2);
		}
		shelf_replays(&shelf, life->world, 0);
		shelf_finish(&shelf);
		shelf_finish(&pending);
		life_end(life);
	}
}

/* --- objects ----------------------------------------------------------------
 */

/* Every object at many points, loaded and saved again. */
static void saves_what_it_loaded(void **state)
{
	(void)state;
	for (uint64_t seed = 31; seed < 31 + SEEDS; seed++) {
		struct life *life = life_begin(seed, LIFE_YEAR);
		struct shelf shelf = {.count = 0};

		for (unsigned step = 0; step < STEPS; step++) {
			struct book *book;
			struct hash kept;
			struct hash known;

			lives_a_little(life);
			if (step % 60 != 0)
				continue;
			shelf_keep_dirty(&shelf, life->world->book);
			book = shelf_load(&shelf);
			assert_int_equal(
			    book_start_at(book, life->world->count,
				life->world->now_ms, &life->world->err),
			    RESULT_OK);
			kept = world_digest(book);
			known = world_digest(life->world->book);
			assert_true(hash_equal(&kept, &known));
			book_destroy(book);
		}
		shelf_finish(&shelf);
		life_end(life);
	}
}

/*
 * An object with any one byte changed is refused, or says something else when
 * it is saved again: what is loaded is what stands there.
 */
static void loads_nothing_that_it_would_not_save(void **state)
{
	struct life *life = life_begin(41, LIFE_ROLLING);
	struct shelf shelf = {.count = 0};
	struct buffer again = {0};
	struct error err;
	unsigned refused = 0;

	(void)state;
	lives(life, STEPS);
	shelf_keep_dirty(&shelf, life->world->book);
	for (size_t index = 0; index < shelf.count; index++) {
		struct kept *kept = &shelf.kept[index];

		for (size_t at = 0; at < kept->object.size; at++) {
			struct book *book = new_book();
			uint64_t true_at;

			kept->object.data[at] ^= 1u << draws(life, 8);
			if (book_load_object(book, kept->key, kept->true_at,
				buffer_view(&kept->object),
				&err) != RESULT_OK) {
				refused++;
			} else {
				again.size = 0;
				assert_int_equal(
				    book_save_object(book, kept->key, &again,
					&true_at, &err),
				    RESULT_OK);
				assert_true(bytes_equal(buffer_view(&again),
				    buffer_view(&kept->object)));
			}
			book_destroy(book);
		}
	}
	assert_true(refused > 1000);
	buffer_finish(&again);
	shelf_finish(&shelf);
	life_end(life);
}

static void refuses_objects_cut_at_any_byte(void **state)
{
	struct life *life = life_begin(42, LIFE_YEAR);
	struct shelf shelf = {.count = 0};
	struct error err;

	(void)state;
	lives(life, STEPS);
	shelf_keep_dirty(&shelf, life->world->book);
	for (size_t index = 0; index < shelf.count; index++) {
		struct kept *kept = &shelf.kept[index];
		bool is_member = kept->key >= ACCOUNT_MEMBER_MIN;

		for (size_t size = 0; is_member && size < kept->object.size;
		     size++) {
			struct book *book = new_book();

			assert_int_equal(
			    book_load_object(book, kept->key, kept->true_at,
				bytes_of(kept->object.data, size), &err),
			    RESULT_CORRUPT);
			book_destroy(book);
		}
	}
	shelf_finish(&shelf);
	life_end(life);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(adds_up_whatever_happens),
	    cmocka_unit_test(folds_in_or_refuses_whatever_comes),
	    cmocka_unit_test(replays_over_objects_that_are_newer),
	    cmocka_unit_test(saves_what_it_loaded),
	    cmocka_unit_test(loads_nothing_that_it_would_not_save),
	    cmocka_unit_test(refuses_objects_cut_at_any_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
