/* SPDX-License-Identifier: MIT */
/*
 * inprocess.h - the model as a bus inside this process (sim/pci/bus.h): no sockets, guest RAM is the simulator's
 * mapping.
 *
 * The device has a thread of its own, on which all of the renderer's work is done. Writes are posted and reads wait for
 * what was written before, as on the socket. A broken rule ends the whole process with status MV_EXIT_PANIC.
 */
#ifndef MV_INPROCESS_H
#define MV_INPROCESS_H

#include "../pci/bus.h"
#include "options.h"

/* 0, or -errno. Options->Ram and Socket are not looked at. The renderer starts when the bus is attached; if it does
 * not, there is no device on the bus. One at a time, for there is one renderer a process. */
int MvInprocessOpen(const MV_OPTIONS *Options, SIM_BUS **Bus);

#endif /* MV_INPROCESS_H */
