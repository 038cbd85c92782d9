/* SPDX-License-Identifier: MIT */
/*
 * tiny_driver.h - a KMDF driver that does what a test tells it to: every callback of interest calls a function that the
 * test sets.
 */
#ifndef SIM_TINY_DRIVER_H
#define SIM_TINY_DRIVER_H

#include <ntddk.h>
#include <wdf.h>

typedef struct TINY_HOOKS {
	void (*Prepare)(WDFDEVICE Device, WDFCMRESLIST Translated);
	void (*D0Entry)(WDFDEVICE Device);
	void (*Ioctl)(WDFREQUEST Request, size_t OutputLength, size_t InputLength, ULONG Code); /* NULL: completes */
	void (*InCaller)(WDFDEVICE Device, WDFREQUEST Request); /* NULL: no such callback is registered */
	void (*Cleanup)(WDFFILEOBJECT File);
	BOOLEAN (*Isr)(WDFINTERRUPT Interrupt, ULONG Message); /* NULL: says FALSE */
	void (*Dpc)(WDFINTERRUPT Interrupt);
	WDF_IO_QUEUE_DISPATCH_TYPE Dispatch; /* 0: parallel */
	BOOLEAN PowerManaged;
} TINY_HOOKS;

extern TINY_HOOKS Tiny;
extern WDFDEVICE TinyDevice;
extern WDFQUEUE TinyQueue;
extern WDFINTERRUPT TinyInterrupt;
extern char TinyTrace[512]; /* a letter per callback: see tiny_driver.c */
void TinyNote(char Letter);

extern const GUID TinyClass;
NTSTATUS NTAPI TinyDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);

#endif /* SIM_TINY_DRIVER_H */
