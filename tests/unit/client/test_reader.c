/*
 * The reader over real pseudo-terminals; time is an argument, so the back-off
 * and the silences are exact and nothing here sleeps.
 */
#include "tests/support/check.h"

#include "client/transport.h"
#include "tests/unit/client/plug.h"

/* --- device texts --- */

static void refuses_device_texts_that_name_nothing(void **state)
{
	static const char *const devices[] = {"", "ttyACM0", "pty:", "pty:x",
	    "pty:dev/pts/3", "fd:", "fd:x", "fd:-1", "fd:1x", "fd: 1",
	    "fd:99999999999999999999", "usb:/dev/ttyACM0", "/dev/ttyACM0@",
	    "/dev/ttyACM0@0", "/dev/ttyACM0@fast", "/dev/ttyACM0@-9600",
	    "/dev/ttyACM0@921601", "/dev/ttyACM0@99999999999",
	    "/dev/ttyACM0@9600@x"};

	(void)state;
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
		struct card_reader *reader = NULL;
		struct error err = {0};

		if (card_reader_create(devices[i], &reader, &err) !=
		    RESULT_INVALID)
			fail_msg("'%s' was taken", devices[i]);
		assert_null(reader);
		assert_int_equal(err.result, RESULT_INVALID);
		assert_true(strlen(err.text) > 10);
	}
}

static void takes_device_texts_without_opening_them(void **state)
{
	static const char *const devices[] = {"/dev/ttyACM0",
	    "/dev/ttyACM0@9600", "/dev/ttyACM0@921600",
	    "/dev/serial/by-id/usb-Maker_Scanner_1-if00",
	    "/dev/serial/by-id/a@b/c", "pty:/dev/pts/3", "pty:/x@y", "fd:1"};

	(void)state;
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
		struct card_reader *reader = plug_reader("", devices[i]);

		assert_int_equal(card_reader_handle(reader), -1);
		assert_true(card_reader_deadline_ms(reader) == 0);
		plug_expect_nothing(reader);
		assert_string_equal(
		    card_reader_describe(reader), "not open yet");
		card_reader_destroy(reader);
	}
}

static void refuses_a_path_that_is_too_long(void **state)
{
	static char device[TRANSPORT_PATH_SIZE_MAX + 8];
	struct card_reader *reader = NULL;
	struct error err = {0};

	(void)state;
	memset(device, 'x', sizeof(device) - 1);
	device[0] = '/';
	assert_int_equal(
	    card_reader_create(device, &reader, &err), RESULT_INVALID);
	device[TRANSPORT_PATH_SIZE_MAX] = '\0';
	assert_int_equal(
	    card_reader_create(device, &reader, &err), RESULT_INVALID);
	device[TRANSPORT_PATH_SIZE_MAX - 1] = '\0';
	assert_int_equal(card_reader_create(device, &reader, &err), RESULT_OK);
	card_reader_destroy(reader);
}

static void refuses_a_descriptor_that_is_not_open(void **state)
{
	struct card_reader *reader = NULL;
	struct error err = {0};

	(void)state;
	assert_int_equal(
	    card_reader_create("fd:987654", &reader, &err), RESULT_NOT_FOUND);
	assert_string_equal(err.text, "descriptor 987654 is not open");
}

static void destroying_nothing_is_harmless(void **state)
{
	(void)state;
	card_reader_destroy(NULL);
	transport_tty.close(NULL);
	transport_serial.close(NULL);
}

/* --- a reader and its scanner --- */

static struct plug plug;
static struct card_reader *reader;

static int plugged_in(void **state)
{
	(void)state;
	reader = plug_open_reader(&plug);
	return 0;
}

static int not_plugged_in(void **state)
{
	(void)state;
	plug_init(&plug);
	reader = plug_reader("pty:", plug.link);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	plug_finish_reader(&plug, reader);
	return 0;
}

/* What the scanner has sent reaches the reader. */
static void read_at(uint64_t now_ms)
{
	plug_wait(card_reader_handle(reader));
	card_reader_on_readable(reader, now_ms);
}

/* --- cards --- */

static void a_scanned_card_comes_out(void **state)
{
	(void)state;
	assert_true(card_reader_deadline_ms(reader) == READER_NEVER);
	plug_scan(&plug, "\x02]E02912345678906\x03\r\n");
	plug_expect_card(reader, 10, "2912345678906");
	plug_expect_nothing(reader);
}

static void cards_in_one_burst_all_come_out_in_order(void **state)
{
	(void)state;
	plug_scan(&plug, "2912345678906\r20123451\rM12345677\r"
			 "501234500000000125\r79927398713\r12345678901231\r");
	plug_expect_card(reader, 0, "2912345678906");
	plug_expect_card(reader, 0, "20123451");
	plug_expect_card(reader, 0, "M12345677");
	plug_expect_card(reader, 0, "501234500000000125");
	plug_expect_card(reader, 0, "79927398713");
	plug_expect_card(reader, 0, "12345678901231");
	plug_expect_nothing(reader);
}

/* 60 cards in a burst are more than one read takes. */
static void a_burst_larger_than_one_read_loses_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < 30; i++)
		plug_scan(&plug, "2912345678906\r\n20123451\r\n");
	for (int i = 0; i < 30; i++) {
		plug_expect_card(reader, 0, "2912345678906");
		plug_expect_card(reader, 0, "20123451");
	}
	plug_expect_nothing(reader);
}

static void a_refused_scan_is_a_fault_with_a_name_and_a_sentence(void **state)
{
	(void)state;
	plug_scan(&plug, "2912345678907\r4006381333931\r2212345678907\r");
	plug_expect(reader, 0, CARD_READER_FAULT, "bad_check_digit");
	plug_expect(reader, 0, CARD_READER_FAULT, "product_code");
	plug_expect(reader, 0, CARD_READER_FAULT, "price_code");
	/* A fault is told each time: the cashier did it again. */
	plug_scan(&plug, "2912345678907\r");
	plug_expect(reader, 0, CARD_READER_FAULT, "bad_check_digit");
}

static bool has_digits(const void *memory, size_t size, const char *digits)
{
	return memmem(memory, size, digits, strlen(digits)) != NULL;
}

static void nothing_of_a_payment_card_comes_out(void **state)
{
	struct card_reader_event event;
	static const struct card zero;

	(void)state;
	plug_scan(&plug, "4111111111111111\r");
	event = plug_event(reader, 0);
	assert_int_equal(event.kind, CARD_READER_FAULT);
	assert_int_equal(event.fault, CARD_PAYMENT);
	assert_string_equal(event.name, "payment_card");
	assert_memory_equal(&event.card, &zero, sizeof(zero));
	assert_false(has_digits(event.say, strlen(event.say), "1111"));
	assert_false(has_digits(card_reader_describe(reader),
	    strlen(card_reader_describe(reader)), "1111"));
}

static void the_same_card_again_is_one_scan_for_a_second(void **state)
{
	(void)state;
	plug_scan(&plug, "2912345678906\r");
	plug_expect_card(reader, 0, "2912345678906");
	/* With an identifier it is the same card all the same. */
	plug_scan(&plug, "]E02912345678906\r20123451\r");
	plug_expect_card(reader, 999, "20123451");
	plug_scan(&plug, "20123451\r");
	plug_expect_card(reader, 1999, "20123451");
}

static void the_same_card_is_one_scan_while_the_till_is_busy(void **state)
{
	(void)state;
	plug_scan(&plug, "2912345678906\r");
	plug_expect_card(reader, 0, "2912345678906");
	card_reader_set_busy(reader, true);
	plug_scan(&plug, "2912345678906\rM12345678\r");
	plug_expect(reader, 90000, CARD_READER_FAULT, "bad_check_digit");
	card_reader_set_busy(reader, false);
	plug_scan(&plug, "2912345678906\r");
	plug_expect_card(reader, 95000, "2912345678906");
}

/* --- silence and length --- */

static void half_a_scan_is_given_up_when_the_silence_is_over(void **state)
{
	(void)state;
	plug_scan(&plug, "29123456");
	read_at(1000);
	plug_expect_nothing(reader);
	assert_true(card_reader_deadline_ms(reader) == 1000 + SCAN_IDLE_MS);
	card_reader_on_time(reader, 999 + SCAN_IDLE_MS);
	plug_expect_nothing(reader);
	card_reader_on_time(reader, 1000 + SCAN_IDLE_MS);
	plug_expect(reader, 1100, CARD_READER_FAULT, "scan_unended");
	plug_expect_nothing(reader);
	assert_true(card_reader_deadline_ms(reader) == READER_NEVER);
	plug_scan(&plug, "20123451\r");
	plug_expect_card(reader, 2000, "20123451");
}

static void a_loop_that_was_held_up_does_not_cut_a_scan(void **state)
{
	(void)state;
	plug_scan(&plug, "29123456");
	read_at(1000);
	plug_expect_nothing(reader);
	plug_scan(&plug, "78906\r");
	plug_wait(card_reader_handle(reader));
	card_reader_on_time(reader, 9000);
	plug_expect_card(reader, 9000, "2912345678906");
}

static void a_scan_without_bounds_is_one_fault(void **state)
{
	char bytes[900];

	(void)state;
	memset(bytes, '7', sizeof(bytes));
	plug_send(&plug, bytes, sizeof(bytes));
	plug_expect(reader, 0, CARD_READER_FAULT, "scan_too_long");
	plug_send(&plug, bytes, sizeof(bytes));
	plug_scan(&plug, "\r20123451\r");
	plug_expect_card(reader, 50, "20123451");
	plug_expect_nothing(reader);
}

static void no_more_is_read_while_events_wait(void **state)
{
	(void)state;
	plug_scan(&plug, "2912345678906\r20123451\r");
	read_at(0);
	plug_scan(&plug, "M12345677\r");
	card_reader_on_readable(reader, 0);
	card_reader_on_time(reader, 0);
	plug_expect_card(reader, 0, "2912345678906");
	plug_expect_card(reader, 0, "20123451");
	plug_expect_card(reader, 0, "M12345677");
}

/* --- coming and going --- */

static void an_unplugged_scanner_is_closed_at_once_and_comes_back(void **state)
{
	(void)state;
	plug_scan(&plug, "2912345678906\r");
	plug_expect_card(reader, 0, "2912345678906");
	plug_out(&plug);
	plug_expect(reader, 60000, CARD_READER_UNPLUGGED, "scanner_unplugged");
	assert_int_equal(card_reader_handle(reader), -1);
	assert_true(
	    card_reader_deadline_ms(reader) == 60000 + READER_REOPEN_MS_MIN);
	plug_in(&plug);
	card_reader_on_time(reader, 60249);
	assert_int_equal(card_reader_handle(reader), -1);
	card_reader_on_time(reader, 60250);
	plug_expect(reader, 60250, CARD_READER_PLUGGED, "scanner_plugged");
	plug_scan(&plug, "20123451\r");
	plug_expect_card(reader, 60300, "20123451");
}

static void what_was_sent_before_the_unplugging_is_not_lost(void **state)
{
	(void)state;
	plug_scan(&plug, "2912345678906\r");
	read_at(0);
	plug_out(&plug);
	plug_expect_card(reader, 0, "2912345678906");
	plug_expect(reader, 0, CARD_READER_UNPLUGGED, "scanner_unplugged");
	plug_expect_nothing(reader);
}

static void half_a_scan_does_not_survive_an_unplugging(void **state)
{
	(void)state;
	plug_scan(&plug, "2912");
	read_at(0);
	plug_expect_nothing(reader);
	plug_out(&plug);
	plug_expect(reader, 10, CARD_READER_UNPLUGGED, "scanner_unplugged");
	plug_in(&plug);
	card_reader_on_time(reader, card_reader_deadline_ms(reader));
	plug_expect(reader, 300, CARD_READER_PLUGGED, "scanner_plugged");
	assert_true(card_reader_deadline_ms(reader) == READER_NEVER);
	plug_scan(&plug, "20123451\r");
	plug_expect_card(reader, 300, "20123451");
}

/* 250, 500, … 5000, 5000: and the cashier is told once. */
static void waits_double_up_to_five_seconds(void **state)
{
	uint64_t now_ms = 7000, wait_ms = READER_REOPEN_MS_MIN;

	(void)state;
	for (int i = 0; i < 9; i++) {
		card_reader_on_time(reader, now_ms);
		if (i == 0)
			plug_expect(reader, now_ms, CARD_READER_UNPLUGGED,
			    "scanner_missing");
		plug_expect_nothing(reader);
		assert_true(
		    card_reader_deadline_ms(reader) == now_ms + wait_ms);
		now_ms += wait_ms;
		wait_ms = wait_ms * 2 > READER_REOPEN_MS_MAX
			      ? READER_REOPEN_MS_MAX
			      : wait_ms * 2;
	}
	assert_true(wait_ms == READER_REOPEN_MS_MAX);
	assert_non_null(strstr(card_reader_describe(reader), plug.link));
	plug_in(&plug);
	card_reader_on_time(reader, now_ms);
	plug_expect(reader, now_ms, CARD_READER_PLUGGED, "scanner_plugged");
}

static void a_scanner_that_comes_and_goes_at_once_keeps_its_wait(void **state)
{
	uint64_t now_ms = 0, wait_ms = READER_REOPEN_MS_MIN;

	(void)state;
	for (int i = 0; i < 3; i++) {
		plug_out(&plug);
		plug_expect(
		    reader, now_ms, CARD_READER_UNPLUGGED, "scanner_unplugged");
		assert_true(
		    card_reader_deadline_ms(reader) == now_ms + wait_ms);
		now_ms += wait_ms;
		wait_ms *= 2;
		plug_in(&plug);
		card_reader_on_time(reader, now_ms);
		plug_expect(
		    reader, now_ms, CARD_READER_PLUGGED, "scanner_plugged");
	}
	/* Five seconds later it has proved itself. */
	plug_out(&plug);
	now_ms += READER_REOPEN_MS_MAX;
	plug_expect(reader, now_ms, CARD_READER_UNPLUGGED, "scanner_unplugged");
	assert_true(
	    card_reader_deadline_ms(reader) == now_ms + READER_REOPEN_MS_MIN);
}

static void calls_without_a_device_are_harmless(void **state)
{
	(void)state;
	card_reader_on_readable(reader, 0);
	card_reader_on_hangup(reader, 0);
	card_reader_set_busy(reader, true);
	plug_expect_nothing(reader);
	assert_int_equal(card_reader_handle(reader), -1);
}

static void a_second_reader_is_told_that_the_scanner_is_in_use(void **state)
{
	struct card_reader *second = plug_reader("pty:", plug.link);

	(void)state;
	card_reader_on_time(second, 0);
	plug_expect(second, 0, CARD_READER_UNPLUGGED, "scanner_busy");
	assert_non_null(strstr(card_reader_describe(second), "in use"));
	card_reader_on_time(second, 250);
	plug_expect_nothing(second);
	/* It takes over when the first lets go. */
	card_reader_destroy(reader);
	reader = second;
	card_reader_on_time(second, 750);
	plug_expect(second, 750, CARD_READER_PLUGGED, "scanner_plugged");
	plug_scan(&plug, "20123451\r");
	plug_expect_card(second, 750, "20123451");
}

static void what_is_no_terminal_is_refused(void **state)
{
	FILE *file = fopen(plug.link, "w");

	(void)state;
	assert_non_null(file);
	(void)fclose(file);
	card_reader_on_time(reader, 0);
	plug_expect(reader, 0, CARD_READER_UNPLUGGED, "scanner_failed");
	assert_non_null(
	    strstr(card_reader_describe(reader), "is not a terminal"));
	card_reader_destroy(reader);
	reader = plug_reader("", plug.link);
	card_reader_on_time(reader, 0);
	plug_expect(reader, 0, CARD_READER_UNPLUGGED, "scanner_failed");
	assert_int_equal(unlink(plug.link), 0);
}

int main(void)
{
#define IN(name) cmocka_unit_test_setup_teardown(name, plugged_in, finish)
#define OUT(name) cmocka_unit_test_setup_teardown(name, not_plugged_in, finish)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_device_texts_that_name_nothing),
	    cmocka_unit_test(takes_device_texts_without_opening_them),
	    cmocka_unit_test(refuses_a_path_that_is_too_long),
	    cmocka_unit_test(refuses_a_descriptor_that_is_not_open),
	    cmocka_unit_test(destroying_nothing_is_harmless),
	    IN(a_scanned_card_comes_out),
	    IN(cards_in_one_burst_all_come_out_in_order),
	    IN(a_burst_larger_than_one_read_loses_nothing),
	    IN(a_refused_scan_is_a_fault_with_a_name_and_a_sentence),
	    IN(nothing_of_a_payment_card_comes_out),
	    IN(the_same_card_again_is_one_scan_for_a_second),
	    IN(the_same_card_is_one_scan_while_the_till_is_busy),
	    IN(half_a_scan_is_given_up_when_the_silence_is_over),
	    IN(a_loop_that_was_held_up_does_not_cut_a_scan),
	    IN(a_scan_without_bounds_is_one_fault),
	    IN(no_more_is_read_while_events_wait),
	    IN(an_unplugged_scanner_is_closed_at_once_and_comes_back),
	    IN(what_was_sent_before_the_unplugging_is_not_lost),
	    IN(half_a_scan_does_not_survive_an_unplugging),
	    OUT(waits_double_up_to_five_seconds),
	    IN(a_scanner_that_comes_and_goes_at_once_keeps_its_wait),
	    OUT(calls_without_a_device_are_harmless),
	    IN(a_second_reader_is_told_that_the_scanner_is_in_use),
	    OUT(what_is_no_terminal_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
