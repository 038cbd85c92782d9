/* SPDX-License-Identifier: MIT */
/* rules.h - the rules that the simulator enforces. Each has a name, which is what a report starts with. */
#ifndef SIM_RULES_H
#define SIM_RULES_H

#include <ntddk.h>

#define SIM_RULES(RULE) \
	RULE(IrqlTooHigh) /* a call above its documented IRQL */ \
	RULE(IrqlTooLow) /* a call that needs a raised IRQL */ \
	RULE(IrqlNotRestored) /* a callback or thread ends at another IRQL than it began */ \
	RULE(LockRecursive) /* acquired again by its owner */ \
	RULE(LockNotOwned) /* released by one who does not hold it */ \
	RULE(LockReleaseOrder) /* released out of order, or to another IRQL than it was acquired from */ \
	RULE(LockOrder) /* two locks taken in both orders */ \
	RULE(LockLeaked) /* still held when a callback returns, or when the simulator stops */ \
	RULE(WaitAtRaisedIrql) \
	RULE(ObjectNotInitialized) /* an event, mutex or lock that nobody initialised */ \
	RULE(CriticalRegion) /* left without being entered, or not left */ \
	RULE(PoolTag) /* zero, or another than it was allocated with */ \
	RULE(PoolType) /* executable, or not a pool type */ \
	RULE(PoolSize) \
	RULE(PoolBadFree) /* freed twice, or never allocated */ \
	RULE(PoolOverrun) /* bytes around the allocation, or of freed memory, have changed */ \
	RULE(PoolLeak) \
	RULE(MdlState) /* locked, mapped, unmapped or freed in the wrong state */ \
	RULE(MdlLeak) \
	RULE(PagesLeak) /* user pages still locked */ \
	RULE(ProcessLockedPages) /* a process ends with pages locked */ \
	RULE(ProcessNotifyLeak) /* a notify routine is registered when the driver is unloaded */ \
	RULE(ErrorLog) /* an entry of no or too large a size, without a number, or never written */ \
	RULE(ThreadUnkillable) /* a request stays although the thread that made it has ended, which waits for it */ \
	RULE(MappingLeak) /* a kernel or device mapping left */ \
	RULE(MappingBad) /* unmapped twice, or with another length */ \
	RULE(MappingProcess) /* a user mapping undone in another process, or left when its process ends */ \
	RULE(ContiguousLeak) \
	RULE(ContiguousBadFree) \
	RULE(ContiguousMapped) /* freed while a process sees it */ \
	RULE(DeviceForgets) /* the device is told to forget memory that a program still sees */ \
	RULE(MappingCache) /* a page is mapped with different caching */ \
	RULE(PhysicalAddressBad) /* asked of memory that the device cannot see */ \
	RULE(DeviceMemory) /* freed or unlocked while the device may still read or write it */ \
	RULE(RegisterAccess) /* outside the mapped region, unaligned, or of no register width */ \
	RULE(ExceptionUnhandled) \
	RULE(ProcessReference) /* dropped too often, or left */ \
	RULE(ProcessAttach) /* to a process that has ended, or detached by another's state */ \
	RULE(WdfHandle) /* not a live object, or one of another type */ \
	RULE(WdfParameter) /* a configuration structure of the wrong size, or what the framework refuses by bug check \
			    */ \
	RULE(WdfReference) /* dereferenced more often than referenced */ \
	RULE(WdfLeak) /* an object left after the driver's unload */ \
	RULE(WdfNotImplemented) /* a function of the framework that the simulator does not have */ \
	RULE(RequestCompletedTwice) \
	RULE(RequestNotOwned) /* used after completion, or completed while cancelable */ \
	RULE(RequestInformation) /* more bytes than the output buffer holds */ \
	RULE(RequestStatus) /* completed with STATUS_PENDING, or a memory access with the wrong method */ \
	RULE(RequestLeak) /* not completed after its file was closed */ \
	RULE(RequestWithLock) /* completed with a spin lock held */ \
	RULE(FileLeak) /* a handle left open */ \
	RULE(InterruptUnclaimed) /* a line stays asserted and nobody's ISR says it was its own */ \
	RULE(InterruptState) /* lock or DPC of an interrupt that is not connected */ \
	RULE(WorkDeadlock) /* a callback waits for itself */ \
	RULE(TimerState)

typedef enum SIM_RULE {
#define SIM_RULE_ENUM(Name) SimRule##Name,
	SIM_RULES(SIM_RULE_ENUM)
#undef SIM_RULE_ENUM
		SimRuleCount
} SIM_RULE;

/* Reports a broken rule. Returns only when violations are collected; the caller then carries on as well as it can. */
void SimViolation(SIM_RULE Rule, const char *Format, ...) __attribute__((format(printf, 2, 3)));
ULONG SimViolationsOf(SIM_RULE Rule);
void SimRulesReset(BOOLEAN Collect);

/* One line in the log. */
void SimLog(const char *Format, ...) __attribute__((format(printf, 1, 2)));

#endif /* SIM_RULES_H */
