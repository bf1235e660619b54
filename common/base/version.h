/*
 * version: what all three programs call themselves. The ledger's format and
 * the protocol have versions of their own.
 */
#ifndef COMMON_BASE_VERSION_H
#define COMMON_BASE_VERSION_H

#define TALLYSTICK_VERSION "1.0.0"

#endif
