/* SPDX-License-Identifier: MIT */
/* wdm.h - the driver-kit subset that the simulator implements; layouts are those of x64 Windows (tests/layout.c). */
#ifndef SIM_WDM_H
#define SIM_WDM_H

#include <ntdef.h>
#include <ntstatus.h>
#include <wdm_ke.h>
#include <wdm_io.h>

#endif /* SIM_WDM_H */
