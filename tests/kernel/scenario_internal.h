/* SPDX-License-Identifier: MIT */
/* scenario_internal.h - shared by the parts of the scenario. */
#ifndef SCENARIO_INTERNAL_H
#define SCENARIO_INTERNAL_H

#include "scenario.h"
#include "../../sim/pci/fake_virtio.h"
#include "../../sim/sim.h"
#include "vgpu_ioctl.h"

#define ARENA_PAGES 300u
#define ARENA_BYTES (ARENA_PAGES * VGPU_PAGE_SIZE)

typedef struct REQUEST {
	uint32_t Completions;
	NTSTATUS Status;
} REQUEST;

typedef struct SCENE {
	uint32_t FailAt;
	SCENARIO_RESULT Result;
	SIM_BUS *Bus;
	SIM_USER_FILE *File;
	uint32_t Capabilities;
	uint8_t *Arena; /* pinned: a fence page, streams, backing */
	REQUEST Pin;
	uint32_t Context;
	uint32_t Texture;
	uint64_t Fence; /* the last of Context */
} SCENE;

_Noreturn void ScenarioWrong(const SCENE *Scene, const char *What, NTSTATUS Status);

/* The final status may come later. */
NTSTATUS ScenarioSend(
	SCENE *Scene, ULONG Code, void *Input, ULONG InputBytes, void *Output, ULONG OutputBytes, REQUEST *Request);
NTSTATUS ScenarioAwait(SCENE *Scene, REQUEST *Request);
/* The call succeeds, or fails because something just ran out and succeeds when it is made again. */
void ScenarioCall(SCENE *Scene, const char *Name, ULONG Code, void *Buffer, ULONG InputBytes, ULONG OutputBytes);
/* The same for a request that stays pending. */
void ScenarioPend(SCENE *Scene, const char *Name, ULONG Code, void *Input, ULONG InputBytes, void *Output,
	ULONG OutputBytes, REQUEST *Request);

#define CALL(Name, Structure) \
	ScenarioCall(Scene, #Name, VGPU_IOCTL_##Name, (Structure), sizeof(*(Structure)), sizeof(*(Structure)))
#define TELL(Name, Structure) ScenarioCall(Scene, #Name, VGPU_IOCTL_##Name, (Structure), sizeof(*(Structure)), 0)

/* Every control code, one after the other, on an open handle. */
void ScenarioUseAll(SCENE *Scene);
void ScenarioNewContext(SCENE *Scene); /* with a fence page in the arena */
void ScenarioWait(SCENE *Scene); /* for a fence of its own */

#endif /* SCENARIO_INTERNAL_H */
