/* SPDX-License-Identifier: MIT */
/* scenario_call.c - a request of the scenario, and again if something ran out. */
#include "scenario_internal.h"
#include "../../sim/host/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLL_NS 1000000u
#define PATIENCE_NS 60000000000ull

_Noreturn void ScenarioWrong(const SCENE *Scene, const char *What, NTSTATUS Status)
{
	fprintf(stderr, "scenario: %s, status %#x, when point %u failed (%s)\n", What, (unsigned)Status, Scene->FailAt,
		Scene->Result.Function ? Scene->Result.Function : "none yet");
	abort();
}

static void Completed(void *Context, NTSTATUS Status, ULONG_PTR Information)
{
	REQUEST *Request = Context;

	(void)Information;
	Request->Completions++;
	Request->Status = Status;
}

NTSTATUS ScenarioSend(
	SCENE *Scene, ULONG Code, void *Input, ULONG InputBytes, void *Output, ULONG OutputBytes, REQUEST *Request)
{
	ULONG_PTR Information;
	NTSTATUS Status;

	memset(Request, 0, sizeof(*Request));
	Status = SimUserIoctl(
		Scene->File, Code, Input, InputBytes, Output, OutputBytes, FALSE, Completed, Request, &Information);
	if (Status != STATUS_PENDING) {
		Request->Completions++;
		Request->Status = Status;
	}
	return Status;
}

NTSTATUS ScenarioAwait(SCENE *Scene, REQUEST *Request)
{
	uint64_t End = HostNow() + PATIENCE_NS;

	while (Request->Completions == 0 && HostNow() < End)
		HostSleep(POLL_NS);
	if (Request->Completions != 1)
		ScenarioWrong(Scene, "a request is not completed once", STATUS_PENDING);
	return Request->Status;
}

/* What a call says to which nothing else is wrong than that something ran out. */
static bool RanOut(NTSTATUS Status)
{
	return Status == STATUS_INSUFFICIENT_RESOURCES || Status == STATUS_CANCELLED ||
	       Status == STATUS_INVALID_DEVICE_STATE;
}

/* The call succeeds, or fails because of what just ran out and succeeds when it is made again. Changed is input that
 * the driver may have changed: it is what it was. */
void ScenarioCall(SCENE *Scene, const char *Name, ULONG Code, void *Buffer, ULONG InputBytes, ULONG OutputBytes)
{
	const char *Before = Scene->Result.Function;
	uint8_t Copy[512];
	REQUEST Request;
	NTSTATUS Status;

	memcpy(Copy, Buffer, InputBytes);
	ScenarioSend(Scene, Code, Buffer, InputBytes, OutputBytes ? Buffer : NULL, OutputBytes, &Request);
	Status = ScenarioAwait(Scene, &Request);
	if (NT_SUCCESS(Status))
		return;
	if (Before || !Scene->Result.Function || !RanOut(Status))
		ScenarioWrong(Scene, Name, Status);
	if (memcmp(Copy, Buffer, InputBytes) != 0)
		ScenarioWrong(Scene, "a failed call wrote output", Status);
	ScenarioSend(Scene, Code, Buffer, InputBytes, OutputBytes ? Buffer : NULL, OutputBytes, &Request);
	Status = ScenarioAwait(Scene, &Request);
	if (!NT_SUCCESS(Status))
		ScenarioWrong(Scene, Name, Status);
}

/* A request that stays pending; if something ran out, made again. */
void ScenarioPend(SCENE *Scene, const char *Name, ULONG Code, void *Input, ULONG InputBytes, void *Output,
	ULONG OutputBytes, REQUEST *Request)
{
	const char *Before = Scene->Result.Function;
	NTSTATUS Status = ScenarioSend(Scene, Code, Input, InputBytes, Output, OutputBytes, Request);

	if (Status == STATUS_PENDING && Request->Completions == 0)
		return;
	Status = Request->Status;
	if (Before || !Scene->Result.Function || !RanOut(Status))
		ScenarioWrong(Scene, Name, Status);
	Status = ScenarioSend(Scene, Code, Input, InputBytes, Output, OutputBytes, Request);
	if (Status != STATUS_PENDING || Request->Completions != 0)
		ScenarioWrong(Scene, Name, Request->Status);
}
