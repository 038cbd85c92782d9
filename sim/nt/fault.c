/* SPDX-License-Identifier: MIT */
/* fault.c - see fault.h. */
#include "fault.h"

#include "../sim.h"

static struct {
	SIM_FAULT_DECIDE Decide;
	void *Context;
} Faults; /* written while no driver runs */

void SimFaultDecide(SIM_FAULT_DECIDE Decide, void *Context)
{
	Faults.Decide = Decide;
	Faults.Context = Context;
}

BOOLEAN SimFault(const char *Function)
{
	return Faults.Decide && Faults.Decide(Faults.Context, Function);
}
