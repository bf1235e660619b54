/*
 * pin: owns the terminal's echo while a secret is typed.
 */
#include "server/tally/pin.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

bool pin_can_ask(void)
{
	return isatty(STDIN_FILENO) == 1;
}

enum result pin_read_line(char *to, size_t size, struct error *err)
{
	size_t length;

	if (fgets(to, (int)size, stdin) == NULL)
		return error_set(err, RESULT_INVALID, "no PIN was given");
	length = strcspn(to, "\r\n");
	if (to[length] == '\0' && length + 1 == size)
		return error_set(err, RESULT_INVALID, "the PIN is too long");
	to[length] = '\0';
	return RESULT_OK;
}

enum result pin_ask(
    const char *prompt, char *to, size_t size, struct error *err)
{
	struct termios before;
	struct termios hidden;
	enum result result;

	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return pin_read_line(to, size, err);
	hidden = before;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	hidden.c_lflag |= ECHONL;
	fputs(prompt, stderr);
	/* What was typed ahead was shown, and is thrown away. */
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	result = pin_read_line(to, size, err);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	return result;
}
