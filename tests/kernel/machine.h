/* SPDX-License-Identifier: MIT */
/* machine.h - what runs on a machine that one number decides have in common. */
#ifndef MACHINE_H
#define MACHINE_H

/* Guest RAM: one file for all runs of the process, gone with it. */
const char *MachineRam(void);

#endif /* MACHINE_H */
