/* SPDX-License-Identifier: MIT */
/*
 * forward.c - the entry point of a module that does nothing but forward its exports.
 */
int __stdcall ForwardEntry(void *Instance, unsigned long Reason, void *Reserved);

int __stdcall ForwardEntry(void *Instance, unsigned long Reason, void *Reserved)
{
	(void)Instance;
	(void)Reason;
	(void)Reserved;
	return 1;
}
