/* SPDX-License-Identifier: MIT */
/*
 * fault.h - the one place that decides whether something runs out. Every function of the simulated system that Windows
 * documents as able to fail for lack of something asks here, once per call, when nothing else is wrong with the call.
 */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include <ntddk.h>

/* TRUE: this call fails now, as it does on Windows. */
BOOLEAN SimFault(const char *Function);

#endif /* SIM_FAULT_H */
