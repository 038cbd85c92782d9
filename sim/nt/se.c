/* SPDX-License-Identifier: MIT */
/* se.c - the security reference monitor, as far as a driver asks it: what the calling user may do. */
#include "nt.h"

#include "../sim.h"

static volatile LONG Privileged;

void SimUserPrivileged(BOOLEAN Is)
{
	InterlockedExchange(&Privileged, Is);
}

BOOLEAN NTAPI SeSinglePrivilegeCheck(LUID Privilege, KPROCESSOR_MODE Mode)
{
	SimIrqlMax("SeSinglePrivilegeCheck", PASSIVE_LEVEL);
	(void)Privilege;
	return Mode == KernelMode || InterlockedCompareExchange(&Privileged, 0, 0) != 0;
}
