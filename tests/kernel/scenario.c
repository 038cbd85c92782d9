/* SPDX-License-Identifier: MIT */
/* scenario.c - see scenario.h. On host_seeded.c, so that every run of a number is the same and waiting costs nothing.
 */
#include "scenario_internal.h"
#include "machine.h"
#include "../../sim/host/host.h"
#include "../../sim/host/host_seeded.h"

#include <stdlib.h>
#include <string.h>

#define SEED 1
#define REGISTRY "DeviceTimeoutMs=1000,ResetIntervalMs=0,MaxKernelMemoryMiB=8"

NTSTATUS NTAPI FxDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);

static BOOLEAN Decide(void *Context, const char *Function)
{
	SCENE *Scene = Context;

	if (++Scene->Result.Points != Scene->FailAt)
		return FALSE;
	Scene->Result.Function = Function;
	return TRUE;
}

/* ---- handles ---- */
static NTSTATUS TryOpen(SIM_USER_FILE **File)
{
	const GUID Interface = VGPU_INTERFACE_GUID_INIT;
	WCHAR Name[200];
	ULONG Chars = 0;

	if (!SimUserInterface(&Interface, 0, Name, 200))
		return STATUS_NO_SUCH_DEVICE;
	while (Name[Chars])
		Chars++;
	return SimUserOpen(Name, Chars, FILE_READ_DATA | FILE_WRITE_DATA, File);
}

static void Open(SCENE *Scene)
{
	struct vgpu_open Open = {.abi_major = VGPU_ABI_MAJOR, .abi_minor = VGPU_ABI_MINOR};
	const char *Before = Scene->Result.Function;
	NTSTATUS Status = TryOpen(&Scene->File);

	if (!NT_SUCCESS(Status) && !Before && Scene->Result.Function)
		Status = TryOpen(&Scene->File);
	if (!NT_SUCCESS(Status))
		ScenarioWrong(Scene, "open", Status);
	CALL(OPEN, &Open);
}

static void Close(SCENE *Scene)
{
	SimUserClose(Scene->File);
	if (Scene->Pin.Completions != 1)
		ScenarioWrong(Scene, "a handle that is closed with its memory locked", STATUS_PENDING);
}

/* ---- the device ---- */
/* FALSE: it did not wake up, because something ran out; everything says so then. */
static BOOLEAN SleepAndWake(SCENE *Scene)
{
	struct vgpu_context_create Create = {.num_rings = 1};
	const char *Before = Scene->Result.Function;
	REQUEST Request;
	NTSTATUS Status;

	SimPowerDown();
	Status = SimPowerUp();
	if (NT_SUCCESS(Status))
		return TRUE;
	if (Before || !Scene->Result.Function)
		ScenarioWrong(Scene, "power up", Status);
	if (NT_SUCCESS(ScenarioSend(
		    Scene, VGPU_IOCTL_CONTEXT_CREATE, &Create, sizeof(Create), &Create, sizeof(Create), &Request)))
		ScenarioWrong(Scene, "a context on a device that does not work", Request.Status);
	return FALSE;
}

/* It answers nothing until it is reset. FALSE: it could not be started again. */
static BOOLEAN Hang(SCENE *Scene)
{
	struct vgpu_submit Submit = {.context_id = Scene->Context, .flags = VGPU_SUBMIT_FENCE};
	struct vgpu_wait Wait = {.fence = {.context_id = Scene->Context}, .timeout_ns = VGPU_WAIT_FOREVER};
	struct vgpu_context_create Create = {.num_rings = 1};
	struct vgpu_context_destroy Destroy = {.context_id = Scene->Context};
	const char *Before;
	REQUEST Request;

	FakeVirtioHold(Scene->Bus, true);
	CALL(SUBMIT, &Submit);
	Wait.fence.number = Submit.fence_number;
	ScenarioPend(Scene, "WAIT", VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0, &Request);
	Before = Scene->Result.Function;
	if (NT_SUCCESS(ScenarioAwait(Scene, &Request)))
		ScenarioWrong(Scene, "a wait for what was lost", Request.Status);
	FakeVirtioHold(Scene->Bus, false);

	TELL(CONTEXT_DESTROY, &Destroy);
	ScenarioSend(Scene, VGPU_IOCTL_CONTEXT_CREATE, &Create, sizeof(Create), &Create, sizeof(Create), &Request);
	if (NT_SUCCESS(Request.Status))
		return TRUE;
	if (Before || !Scene->Result.Function)
		ScenarioWrong(Scene, "a context after a reset", Request.Status);
	return Request.Status != STATUS_DEVICE_HARDWARE_ERROR; /* else that call itself met it */
}

/* ---- all ---- */
static void RunOpened(SCENE *Scene)
{
	ScenarioUseAll(Scene);
	ScenarioNewContext(Scene);
	if (SleepAndWake(Scene)) {
		ScenarioNewContext(Scene);
		ScenarioWait(Scene);
		if (Hang(Scene)) {
			ScenarioNewContext(Scene);
			ScenarioWait(Scene);
		}
	}
	SimSurpriseRemove();
	Close(Scene);
}

static void RunStarted(SCENE *Scene)
{
	Scene->Arena = aligned_alloc(VGPU_PAGE_SIZE, ARENA_BYTES);
	if (!Scene->Arena)
		abort();
	memset(Scene->Arena, 0, ARENA_BYTES);
	Open(Scene);
	RunOpened(Scene);
	free(Scene->Arena);
}

SCENARIO_RESULT ScenarioRun(uint32_t FailAt)
{
	const HOST_SEEDED_OPTIONS Host = {.Seed = SEED};
	SCENE Scene = {.FailAt = FailAt};
	NTSTATUS Status;

	HostSeededStart(&Host);
	Scene.Bus = FakeVirtioCreate();
	FakeVirtioOffer(Scene.Bus, FAKE_OFFER_BLOB | FAKE_OFFER_REGION | FAKE_OFFER_CONTEXT_INIT);
	if (SimStart(&(SIM_OPTIONS){
		    .RamPath = MachineRam(), .Seed = SEED, .RegistryValues = REGISTRY, .Bus = Scene.Bus}))
		abort();
	SimFaultDecide(Decide, &Scene);
	Status = SimLoadDriver(FxDriverEntry, FAKE_VIRTIO_VENDOR, FAKE_VIRTIO_DEVICE);
	if (NT_SUCCESS(Status))
		RunStarted(&Scene);
	else if (!Scene.Result.Function)
		ScenarioWrong(&Scene, "start", Status);
	if (SimStop() != 0)
		abort();
	SimFaultDecide(NULL, NULL);
	HostSeededStop();
	return Scene.Result;
}
