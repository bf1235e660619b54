/*
 * log: one line of key=value pairs an event, on standard error.
 *
 * For main, listener and session alone. No card numbers, no secrets. The line
 * starts with time=, level= and event=. Values with anything but printable
 * ASCII, or with spaces, quotes or backslashes, are quoted and escaped, so
 * that a peer's string cannot forge a line.
 */
#ifndef COMMON_BASE_LOG_H
#define COMMON_BASE_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ALARM };

/* Lines below `level` are not written. LOG_INFO at the start. */
void log_set_level(enum log_level level);

/*
 * log_event(LOG_INFO, "listening", "address", "127.0.0.1:7171", NULL):
 * pairs of strings, ended by a NULL key. A NULL value is written as "".
 * Numbers are given through log_number(). Thread-safe; one write a line.
 */
__attribute__((sentinel)) void log_event(
    enum log_level level, const char *event, ...);

/* A number's decimal text, in one of eight rotating thread-local places. */
const char *log_number(unsigned long long number);

#endif
