/* SPDX-License-Identifier: MIT */
/* command_internal.h - shared by the files that carry commands out. */
#ifndef MV_COMMAND_INTERNAL_H
#define MV_COMMAND_INTERNAL_H

#include <string.h>
#include <virglrenderer.h>

#include "commands.h"
#include "mvisor_vgpu.h"
#include "recording.h"
#include "records.h"
#include "rules.h"

typedef void MV_COMMAND(MV_COMMANDS *Commands, MV_ELEMENT *Element);

/* The next Size bytes of the buffer, which must lie in one descriptor. The driver may change them at any time. */
const void *MvTakeCommand(MV_ELEMENT *Element, size_t Size);
void *MvTakeResponse(MV_ELEMENT *Element, size_t Size, size_t *Room);
/* A copy of the command, declared here. */
#define MV_TAKE(Element, Structure) \
	struct Structure Command; \
	memcpy(&Command, MvTakeCommand((Element), sizeof(Command)), sizeof(Command))

/* resources.c */
MV_COMMAND MvCreate2d, MvCreate3d, MvUnref, MvAttachBacking, MvDetachBacking, MvAttachResource, MvDetachResource,
	MvTransferToHost2d, MvTransferToHost3d, MvTransferFromHost3d;
/* blobs.c */
MV_COMMAND MvCreateBlob, MvMapBlob, MvUnmapBlob;

#endif /* MV_COMMAND_INTERNAL_H */
