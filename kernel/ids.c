/* SPDX-License-Identifier: MIT */
#include "ids.h"

_Use_decl_annotations_
VOID IdSpaceInit(ID_SPACE *Space)
{
	RtlZeroMemory(Space, sizeof(*Space));
	KeInitializeSpinLock(&Space->Lock);
	HandleTableInit(&Space->Live);
}

_Use_decl_annotations_
VOID IdSpaceFree(ID_SPACE *Space)
{
	HandleTableFree(&Space->Live);
}

_Use_decl_annotations_
BOOLEAN IdTake(ID_SPACE *Space, HANDLE_ENTRY *Entry)
{
	BOOLEAN Taken = FALSE;
	KIRQL Irql;

	KeAcquireSpinLock(&Space->Lock, &Irql);
	/* Ends: memory is long full before every number is in use. */
	while (!Taken && !(Space->Once && Space->Last == MAXULONG)) {
		Entry->Id = ++Space->Last;
		if (Entry->Id == 0)
			Space->Again = TRUE;
		else if (!Space->Again || !HandleTableFind(&Space->Live, Entry->Id))
			Taken = TRUE;
	}
	if (Taken)
		HandleTableAdd(&Space->Live, Entry);
	KeReleaseSpinLock(&Space->Lock, Irql);
	return Taken;
}

_Use_decl_annotations_
VOID IdGive(ID_SPACE *Space, HANDLE_ENTRY *Entry)
{
	KIRQL Irql;

	KeAcquireSpinLock(&Space->Lock, &Irql);
	(VOID) HandleTableRemove(&Space->Live, Entry);
	KeReleaseSpinLock(&Space->Lock, Irql);
}
