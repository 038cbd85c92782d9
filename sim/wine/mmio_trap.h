/* SPDX-License-Identifier: MIT */
/*
 * mmio_trap.h - carries out the driver's loads and stores of device registers.
 */
#ifndef MMIO_TRAP_H
#define MMIO_TRAP_H

#include <stdbool.h>

/* Installs the exception handler; false when Windows refuses it. */
bool MmioTrapInstall(void);

#endif /* MMIO_TRAP_H */
