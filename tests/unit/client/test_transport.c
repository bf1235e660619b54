/*
 * Terminals and descriptors through client/tty.c, and what it has in common
 * with client/serial.c (whose own test is test_serial.c).
 */
#include "tests/support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <termios.h>

#include "client/transport.h"
#include "tests/unit/client/plug.h"

static void a_terminal_is_made_raw_and_given_back_as_it_was(void **state)
{
	struct plug plug;
	struct card_reader *reader;
	struct termios before, during, after;

	(void)state;
	plug_init(&plug);
	plug_in(&plug);
	assert_int_equal(tcgetattr(plug.master, &before), 0);
	assert_true(before.c_lflag & ICANON);
	reader = plug_reader("pty:", plug.link);
	card_reader_on_time(reader, 0);
	assert_int_equal(tcgetattr(plug.master, &during), 0);
	assert_false(during.c_lflag & (ICANON | ECHO | ISIG));
	assert_false(during.c_iflag & (ICRNL | IXON));
	card_reader_destroy(reader);
	assert_int_equal(tcgetattr(plug.master, &after), 0);
	assert_int_equal(after.c_lflag, before.c_lflag);
	assert_int_equal(after.c_iflag, before.c_iflag);
	plug_finish(&plug);
}

static void nothing_is_echoed_to_the_scanner(void **state)
{
	struct plug plug;
	struct card_reader *reader = plug_open_reader(&plug);
	struct pollfd pollfd = {.fd = plug.master, .events = POLLIN};

	(void)state;
	plug_scan(&plug, "2912345678906\r\x03\x1a\x11\x13");
	plug_expect_card(reader, 0, "2912345678906");
	assert_int_equal(poll(&pollfd, 1, 0), 0);
	plug_finish_reader(&plug, reader);
}

/* A reader of a descriptor, not opened yet. */
static struct card_reader *descriptor_reader(int descriptor)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%d", descriptor);
	return plug_reader("fd:", text);
}

/* A terminal's descriptor from a parent: raw, and locked like the path. */
static void a_descriptor_of_a_terminal_is_read(void **state)
{
	struct plug plug;
	struct card_reader *reader, *other;
	int slave;

	(void)state;
	plug_init(&plug);
	plug_in(&plug);
	slave = open(plug.tty, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	reader = descriptor_reader(slave);
	card_reader_on_time(reader, 0);
	plug_expect(reader, 0, CARD_READER_PLUGGED, "scanner_plugged");
	plug_scan(&plug, "2912345678906\r");
	plug_expect_card(reader, 0, "2912345678906");
	other = plug_reader("pty:", plug.link);
	card_reader_on_time(other, 0);
	plug_expect(other, 0, CARD_READER_UNPLUGGED, "scanner_busy");
	card_reader_destroy(other);
	card_reader_destroy(reader);
	assert_true(fcntl(slave, F_GETFD) >= 0);
	assert_int_equal(close(slave), 0);
	plug_finish(&plug);
}

static void a_pipe_is_read_to_its_end_and_not_opened_again(void **state)
{
	struct card_reader *reader;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	reader = descriptor_reader(ends[0]);
	card_reader_on_time(reader, 0);
	plug_expect(reader, 0, CARD_READER_PLUGGED, "scanner_plugged");
	/* Nothing there yet: a read must not block, nor be taken for the end.
	 */
	card_reader_on_readable(reader, 0);
	plug_expect_nothing(reader);
	assert_int_equal(write(ends[1], "20123451\n2912", 13), 13);
	(void)close(ends[1]);
	plug_expect_card(reader, 0, "20123451");
	plug_expect(reader, 0, CARD_READER_UNPLUGGED, "scanner_unplugged");
	assert_int_equal(card_reader_handle(reader), -1);
	assert_true(card_reader_deadline_ms(reader) == READER_NEVER);
	card_reader_on_time(reader, 1000000);
	plug_expect_nothing(reader);
	card_reader_destroy(reader);
	assert_int_equal(close(ends[0]), 0);
}

static void a_descriptors_flags_are_left_alone(void **state)
{
	struct card_reader *reader;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	reader = descriptor_reader(ends[0]);
	card_reader_on_time(reader, 0);
	assert_false(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
	card_reader_destroy(reader);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void a_descriptor_closed_before_the_opening_is_missing(void **state)
{
	struct card_reader *reader;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	reader = descriptor_reader(ends[0]);
	(void)close(ends[0]);
	(void)close(ends[1]);
	card_reader_on_time(reader, 0);
	plug_expect(reader, 0, CARD_READER_UNPLUGGED, "scanner_missing");
	assert_true(card_reader_deadline_ms(reader) == READER_NEVER);
	card_reader_destroy(reader);
}

static void every_refusal_of_open_has_a_result(void **state)
{
	static const struct {
		int errno_value;
		enum result result;
	} rows[] = {
	    {ENOENT, RESULT_NOT_FOUND},
	    {ENODEV, RESULT_NOT_FOUND},
	    {ENXIO, RESULT_NOT_FOUND},
	    {EIO, RESULT_NOT_FOUND},
	    {EBUSY, RESULT_BUSY},
	    {EACCES, RESULT_DENIED},
	    {EPERM, RESULT_DENIED},
	    {EMFILE, RESULT_IO},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct error err = {0};

		assert_int_equal(transport_refusal(
				     rows[i].errno_value, "/dev/ttyACM7", &err),
		    rows[i].result);
		assert_int_equal(err.result, rows[i].result);
		assert_non_null(strstr(err.text, "/dev/ttyACM7"));
	}
}

static void a_lock_is_for_one_opening(void **state)
{
	struct error err = {0};
	struct plug plug;
	int first, second;

	(void)state;
	plug_init(&plug);
	plug_in(&plug);
	first = open(plug.link, O_RDWR | O_NOCTTY | O_CLOEXEC);
	second = open(plug.link, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_int_equal(transport_lock(first, "x", &err), RESULT_OK);
	assert_int_equal(transport_lock(first, "x", &err), RESULT_OK);
	assert_int_equal(transport_lock(second, "x", &err), RESULT_BUSY);
	assert_int_equal(transport_lock(-1, "x", &err), RESULT_IO);
	(void)close(first);
	assert_int_equal(transport_lock(second, "x", &err), RESULT_OK);
	(void)close(second);
	plug_finish(&plug);
}

static void a_look_tells_quiet_readable_and_gone_apart(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(transport_look(ends[0]), TRANSPORT_QUIET);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(transport_look(ends[0]), TRANSPORT_READABLE);
	(void)close(ends[1]);
	assert_int_equal(transport_look(ends[0]), TRANSPORT_READABLE);
	assert_int_equal(read(ends[0], (char[2]){0}, 2), 1);
	assert_int_equal(transport_look(ends[0]), TRANSPORT_GONE);
	(void)close(ends[0]);
	assert_int_equal(transport_look(ends[0]), TRANSPORT_GONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_terminal_is_made_raw_and_given_back_as_it_was),
	    cmocka_unit_test(nothing_is_echoed_to_the_scanner),
	    cmocka_unit_test(a_descriptor_of_a_terminal_is_read),
	    cmocka_unit_test(a_pipe_is_read_to_its_end_and_not_opened_again),
	    cmocka_unit_test(a_descriptors_flags_are_left_alone),
	    cmocka_unit_test(a_descriptor_closed_before_the_opening_is_missing),
	    cmocka_unit_test(every_refusal_of_open_has_a_result),
	    cmocka_unit_test(a_lock_is_for_one_opening),
	    cmocka_unit_test(a_look_tells_quiet_readable_and_gone_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
