/*
 * desk: owns everything that a run needs, and the loop that carries bytes,
 * events and times between parts that know nothing of each other.
 */
#include "client/desk.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "client/json.h"
#include "client/line.h"
#include "client/prompt.h"
#include "client/remote.h"
#include "common/base/clock.h"
#include "common/base/crypto.h"
#include "common/base/wrap.h"
#include "proto/identity.h"

struct desk {
	const struct desk_options *options;
	struct outbox *outbox;
	struct identity identity;
	struct remote *remote;
	struct till *till;
	struct card_reader *reader; /* NULL for none */
	struct prompt prompt;
	bool interactive; /* a person at a terminal */
	bool echo_off;
	bool marked; /* the prompt's mark is on the screen */
	struct termios terminal;

	struct line_reader lines;
	uint8_t input[4096];
	struct bytes unread; /* of `input` */
	bool input_ended;
	struct buffer output;

	int signals; /* a signalfd */
	sigset_t signals_before;
	bool ending;
	bool end_now;
	uint64_t end_ms;
};

/* --- the two faces -------------------------------------------------------- */

static void show(void *context, const struct till_result *result)
{
	struct desk *desk = context;

	if (desk->options->json)
		json_append_result(&desk->output, result);
	else
		prompt_append_result(&desk->prompt, result,
		    till_facts(desk->till), &desk->output);
}

static void show_scan(struct desk *desk, const struct card_reader_event *event)
{
	if (desk->options->json)
		json_append_scan(&desk->output, event);
	else
		prompt_append_scan(&desk->prompt, event, &desk->output);
}

static void set_echo(struct desk *desk, bool on)
{
	struct termios changed = desk->terminal;

	if (!desk->interactive || desk->echo_off == !on)
		return;
	if (!on)
		changed.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(desk->options->input, TCSADRAIN, &changed);
	desk->echo_off = !on;
	/* The end of the PIN's line was not echoed either. */
	if (on)
		(void)!buffer_append(&desk->output, bytes_of("\n", 1), NULL);
}

static void begin_end(struct desk *desk, uint64_t now_ms)
{
	if (desk->ending)
		return;
	desk->ending = true;
	desk->end_ms = now_ms + DESK_END_MS;
}

/* It may hold a PIN, which the till forgets when it is of no more use. */
static void take_command(
    struct desk *desk, struct till_command *command, uint64_t now_ms)
{
	command->created_ms = clock_wall_ms();
	till_command(desk->till, command, now_ms);
	crypto_wipe(command, sizeof *command);
}

static void take_prompt_line(
    struct desk *desk, struct bytes line, uint64_t now_ms)
{
	struct till_command command;
	enum prompt_next next;

	set_echo(desk, true);
	next = prompt_line(&desk->prompt, line, till_facts(desk->till),
	    &command, &desk->output);
	if (next == PROMPT_QUIT)
		begin_end(desk, now_ms);
	if (next == PROMPT_PIN)
		set_echo(desk, false);
	if (next == PROMPT_COMMAND)
		take_command(desk, &command, now_ms);
}

static void take_line(
    struct desk *desk, struct bytes line, bool too_long, uint64_t now_ms)
{
	struct till_command command;

	desk->marked = false;
	if (!desk->options->json) {
		take_prompt_line(
		    desk, too_long ? bytes_of("?", 1) : line, now_ms);
	} else if (too_long) {
		json_line_too_long(&desk->output);
	} else if (json_parse_command(line, &command, &desk->output)) {
		take_command(desk, &command, now_ms);
	}
	line_forget(&desk->lines);
}

/* Take lines for as long as the till takes commands. */
static void take_lines(struct desk *desk, uint64_t now_ms)
{
	struct bytes line;
	bool too_long;

	while (!desk->ending && till_is_ready(desk->till)) {
		if (line_next(&desk->lines, &desk->unread, &line, &too_long)) {
			take_line(desk, line, too_long, now_ms);
			continue;
		}
		if (!desk->input_ended)
			return;
		if (line_last(&desk->lines, &line, &too_long))
			take_line(desk, line, too_long, now_ms);
		else
			begin_end(desk, now_ms);
	}
}

static void read_input(struct desk *desk)
{
	ssize_t size =
	    read(desk->options->input, desk->input, sizeof desk->input);

	if (size > 0)
		desk->unread = bytes_of(desk->input, (size_t)size);
	else if (size == 0 || (errno != EINTR && errno != EAGAIN))
		desk->input_ended = true;
}

/* --- the server and the scanner ------------------------------------------- */

static void tell_down(
    struct desk *desk, const struct remote_event *event, uint64_t now_ms)
{
	char say[SAY_SIZE_MAX + 1];

	if (strcmp(event->why, "server_unknown") == 0)
		snprintf(say, sizeof say,
		    "This is not the shop's server, or it does not know this "
		    "till: %s.",
		    event->say);
	else
		snprintf(say, sizeof say, "The server cannot be reached: %s.",
		    event->say);
	till_link_down(desk->till, event->why, say, now_ms);
}

static void take_remote(struct desk *desk, uint64_t now_ms)
{
	struct remote_event event;

	remote_set_next_counter(
	    desk->remote, outbox_next_counter(desk->outbox));
	remote_time(desk->remote, now_ms);
	while (remote_next(desk->remote, now_ms, &event)) {
		switch (event.kind) {
		case REMOTE_UP:
			till_link_up(
			    desk->till, &event.reply->body.hello, now_ms);
			break;
		case REMOTE_REPLY:
			till_reply(desk->till, event.reply, now_ms);
			break;
		case REMOTE_REFUSED:
			till_link_refused(desk->till, &event.refusal, now_ms);
			break;
		case REMOTE_LOST:
			till_link_lost(desk->till, now_ms);
			break;
		case REMOTE_DOWN:
			tell_down(desk, &event, now_ms);
			break;
		}
	}
}

static void send_requests(struct desk *desk, uint64_t now_ms)
{
	tally_Request request;

	while (till_next_request(desk->till, now_ms, &request))
		remote_send(desk->remote, &request, now_ms);
	remote_flush(desk->remote, now_ms);
}

static void take_scans(struct desk *desk, uint64_t now_ms)
{
	struct card_reader_event event;

	if (!desk->reader)
		return;
	card_reader_set_busy(desk->reader, !till_is_ready(desk->till));
	if (now_ms >= card_reader_deadline_ms(desk->reader))
		card_reader_on_time(desk->reader, now_ms);
	while (card_reader_next(desk->reader, &event)) {
		show_scan(desk, &event);
		if (event.kind == CARD_READER_CARD && !desk->ending)
			till_scan(desk->till, event.card.number, now_ms);
	}
}

static void take_signal(struct desk *desk, uint64_t now_ms)
{
	struct signalfd_siginfo signal;

	if (read(desk->signals, &signal, sizeof signal) !=
	    (ssize_t)sizeof signal)
		return;
	desk->end_now = desk->ending;
	begin_end(desk, now_ms);
}

/* --- the loop ------------------------------------------------------------- */

/* Of the terminal, whose window may have changed since; 0 where the output is
 * none, or it does not say. */
static size_t output_width(const struct desk *desk)
{
	struct winsize size;

	return ioctl(desk->options->output, TIOCGWINSZ, &size) == 0
		   ? size.ws_col
		   : 0;
}

/* A terminal breaks lines in the middle of a word; here they are broken
 * before. Where there is no memory for that, the terminal does it. */
static void wrap_output(struct desk *desk)
{
	size_t width = desk->options->json ? 0 : output_width(desk);
	struct buffer wrapped = {0};

	if (width == 0 || desk->output.size == 0)
		return;
	if (wrap_lines(buffer_view(&desk->output), width, &wrapped, NULL) ==
	    RESULT_OK) {
		struct buffer plain = desk->output;

		desk->output = wrapped;
		wrapped = plain;
	}
	buffer_finish(&wrapped);
}

static enum result write_output(struct desk *desk, struct error *err)
{
	bool mark =
	    desk->interactive && !desk->ending && till_is_ready(desk->till);
	size_t done = 0;

	wrap_output(desk);
	if (desk->output.size > 0 && desk->marked)
		/* Something came by itself: leave the line with the mark. */
		if (write(desk->options->output, "\n", 1) != 1)
			return error_errno(err, RESULT_IO, errno, "output");
	if (mark && (desk->output.size > 0 || !desk->marked)) {
		prompt_append_mark(&desk->prompt, &desk->output);
		desk->marked = true;
	}
	while (done < desk->output.size) {
		ssize_t size = write(desk->options->output,
		    &desk->output.data[done], desk->output.size - done);

		if (size < 0 && errno != EINTR)
			return error_errno(err, RESULT_IO, errno, "output");
		if (size > 0)
			done += (size_t)size;
	}
	desk->output.size = 0;
	return RESULT_OK;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static int poll_ms(const struct desk *desk, uint64_t now_ms)
{
	uint64_t deadline_ms = earlier(
	    till_deadline_ms(desk->till), remote_deadline_ms(desk->remote));

	if (desk->reader)
		deadline_ms =
		    earlier(deadline_ms, card_reader_deadline_ms(desk->reader));
	if (desk->ending)
		deadline_ms = earlier(deadline_ms, desk->end_ms);
	if (deadline_ms <= now_ms)
		return 0;
	if (deadline_ms - now_ms > 60000)
		return 60000;
	return (int)(deadline_ms - now_ms);
}

enum { POLL_INPUT, POLL_REMOTE, POLL_READER, POLL_SIGNALS, POLL_COUNT };

static void wait_for_something(struct desk *desk, uint64_t now_ms)
{
	bool wants_input = !desk->input_ended && !desk->ending &&
			   desk->unread.size == 0 && till_is_ready(desk->till);
	struct pollfd polled[POLL_COUNT] = {
	    [POLL_INPUT] = {wants_input ? desk->options->input : -1, POLLIN},
	    [POLL_REMOTE] = {remote_handle(desk->remote),
		remote_events(desk->remote)},
	    [POLL_READER] = {desk->reader ? card_reader_handle(desk->reader)
					  : -1,
		POLLIN},
	    [POLL_SIGNALS] = {desk->signals, POLLIN},
	};

	if (poll(polled, POLL_COUNT, poll_ms(desk, now_ms)) <= 0)
		return;
	now_ms = clock_monotonic_ms();
	if (polled[POLL_SIGNALS].revents)
		take_signal(desk, now_ms);
	if (polled[POLL_READER].revents & POLLIN)
		card_reader_on_readable(desk->reader, now_ms);
	else if (polled[POLL_READER].revents)
		card_reader_on_hangup(desk->reader, now_ms);
	if (polled[POLL_REMOTE].revents)
		remote_ready(desk->remote, now_ms);
	if (polled[POLL_INPUT].revents)
		read_input(desk);
}

static bool is_over(const struct desk *desk, uint64_t now_ms)
{
	if (till_is_stopped(desk->till) || desk->end_now)
		return true;
	return desk->ending &&
	       (till_is_idle(desk->till) || now_ms >= desk->end_ms);
}

static enum result run_loop(struct desk *desk, struct error *err)
{
	for (;;) {
		uint64_t now_ms = clock_monotonic_ms();
		enum result result;

		take_remote(desk, now_ms);
		till_time(desk->till, now_ms);
		take_scans(desk, now_ms);
		take_lines(desk, now_ms);
		send_requests(desk, now_ms);
		result = write_output(desk, err);
		if (result != RESULT_OK)
			return result;
		till_told(desk->till, now_ms);
		if (is_over(desk, now_ms))
			return RESULT_OK;
		wait_for_something(desk, now_ms);
	}
}

static enum result end_run(struct desk *desk, struct error *err)
{
	size_t waiting = outbox_count(desk->outbox);

	if (till_is_stopped(desk->till))
		return error_set(err, RESULT_DENIED,
		    "the server stopped this till; enrol this machine anew");
	if (waiting == 0)
		return RESULT_OK;
	if (desk->options->json)
		json_append_end(&desk->output, waiting);
	else
		prompt_append_end(&desk->output, waiting);
	return write_output(desk, err);
}

/* --- life ----------------------------------------------------------------- */

static enum result catch_signals(struct desk *desk, struct error *err)
{
	sigset_t signals;

	/* A disk or a pipe that is at its end is told by its call's error. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	if (sigprocmask(SIG_BLOCK, &signals, &desk->signals_before) != 0)
		return error_errno(err, RESULT_IO, errno, "signals");
	desk->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (desk->signals < 0)
		return error_errno(err, RESULT_IO, errno, "signals");
	return RESULT_OK;
}

/* The outbox is first: its lock keeps a second till out of the folder. */
static enum result set_up(struct desk *desk, struct error *err)
{
	const struct desk_options *options = desk->options;
	enum result result = outbox_open(options->folder, &desk->outbox, err);

	if (result == RESULT_OK)
		result = identity_load(options->folder, &desk->identity, err);
	if (result == RESULT_OK)
		result = remote_create(desk->identity.address,
		    desk->identity.context, options->software, &desk->remote,
		    err);
	if (result == RESULT_OK)
		result =
		    till_create(desk->outbox, show, desk, &desk->till, err);
	if (result == RESULT_OK && options->scanner)
		result =
		    card_reader_create(options->scanner, &desk->reader, err);
	if (result == RESULT_OK)
		result = catch_signals(desk, err);
	desk->interactive = !options->json && isatty(options->input) &&
			    isatty(options->output) &&
			    tcgetattr(options->input, &desk->terminal) == 0;
	return result;
}

static void tear_down(struct desk *desk)
{
	set_echo(desk, true);
	if (desk->signals >= 0) {
		close(desk->signals);
		(void)sigprocmask(SIG_SETMASK, &desk->signals_before, NULL);
	}
	card_reader_destroy(desk->reader);
	till_destroy(desk->till);
	remote_destroy(desk->remote);
	if (desk->identity.context)
		identity_finish(&desk->identity);
	outbox_close(desk->outbox);
	buffer_finish(&desk->output);
}

enum result desk_run(const struct desk_options *options, struct error *err)
{
	static struct desk desk;
	enum result result;

	memset(&desk, 0, sizeof desk);
	desk.options = options;
	desk.signals = -1;
	result = set_up(&desk, err);
	if (result == RESULT_OK)
		result = run_loop(&desk, err);
	if (result == RESULT_OK)
		result = end_run(&desk, err);
	tear_down(&desk);
	return result;
}
