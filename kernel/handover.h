/* SPDX-License-Identifier: MIT */
/*
 * handover.h - requests that stay pending, and that later requests of the same caller rely on. The framework's queue
 * may present a request on a thread that is just bringing it another one; the caller would then be back in user mode
 * before the driver has had its request.
 */
#ifndef VGPU_HANDOVER_H
#define VGPU_HANDOVER_H

#include "nt.h"
#include <wdf.h>

/* WdfDeviceEnqueueRequest, but returns when the queue's routine is through with the request, or the framework has
 * completed it without the driver, as when it was cancelled on the queue. A failure leaves the request to the caller.
 */
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
NTSTATUS HandoverEnqueue(_In_ WDFDEVICE Device, _In_ WDFREQUEST Request);

/* The queue's routine: before anything may complete the request, and, with the result, when it is through. */
_IRQL_requires_max_(DISPATCH_LEVEL)
PKEVENT HandoverTake(_In_ WDFREQUEST Request);
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID HandoverTell(_In_opt_ PKEVENT Taken);

#endif /* VGPU_HANDOVER_H */
