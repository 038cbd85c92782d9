/* SPDX-License-Identifier: MIT */
#include "validity.h"

#include <stddef.h>
#include <stdlib.h>

#define DESTROY_OBJECT 3u
#define SET_SAMPLER_VIEWS 10u
#define DRAW_VBO 8u
#define DRAW_VBO_INDIRECT_LENGTH 20u
#define SET_STREAMOUT_TARGETS 25u
#define DESTROY_SUB_CONTEXT 30u

/* What a command names, by words: First, then every Step-th word to the end, or just that one (Step 0). */
typedef enum NAMES { NamesResources, NamesObjects, NamesSubContexts, Dropped } NAMES;
/* When handles are dead: any of them, or only all of them. */
typedef enum DEAD { DeadByOne, DeadByAll } DEAD;

typedef struct COMMAND_RULE {
	uint8_t Command;
	NAMES Names;
	DEAD Dead;
	uint8_t First;
	uint8_t Step;
	bool ZeroIsNone; /* 0 names nothing, and is not dead */
} COMMAND_RULE;

static const COMMAND_RULE Rules[] = {
	{0, Dropped, DeadByOne, 0, 0, false}, /* NOP */
	{1, NamesObjects, DeadByOne, 1, 0, false}, /* CREATE_OBJECT */
	{2, NamesObjects, DeadByOne, 1, 0, false}, /* BIND_OBJECT */
	{3, Dropped, DeadByOne, 0, 0, false}, /* DESTROY_OBJECT */
	{5, NamesObjects, DeadByOne, 2, 0, true}, /* SET_FRAMEBUFFER_STATE: depth */
	{5, NamesObjects, DeadByAll, 3, 1, true}, /* and colours */
	{6, NamesResources, DeadByAll, 3, 3, true}, /* SET_VERTEX_BUFFERS */
	{8, NamesResources, DeadByOne, 15, 0, true}, /* DRAW_VBO: commands from a buffer */
	{8, NamesResources, DeadByOne, 20, 0, true}, /* and their number */
	{9, NamesResources, DeadByOne, 1, 0, false}, /* RESOURCE_INLINE_WRITE */
	{10, NamesObjects, DeadByAll, 3, 1, false}, /* SET_SAMPLER_VIEWS */
	{11, NamesResources, DeadByOne, 1, 0, true}, /* SET_INDEX_BUFFER */
	{16, NamesResources, DeadByOne, 13, 0, false}, /* BLIT: from */
	{16, NamesResources, DeadByOne, 4, 0, false}, /* and to */
	{17, NamesResources, DeadByOne, 6, 0, false}, /* RESOURCE_COPY_REGION: from */
	{17, NamesResources, DeadByOne, 1, 0, false}, /* and to */
	{18, NamesObjects, DeadByAll, 3, 1, true}, /* BIND_SAMPLER_STATES */
	{19, NamesObjects, DeadByOne, 1, 0, false}, /* BEGIN_QUERY */
	{20, NamesObjects, DeadByOne, 1, 0, false}, /* END_QUERY */
	{21, Dropped, DeadByOne, 0, 0, false}, /* GET_QUERY_RESULT */
	{25, NamesObjects, DeadByAll, 2, 1, false}, /* SET_STREAMOUT_TARGETS */
	{26, NamesObjects, DeadByOne, 1, 0, true}, /* SET_RENDER_CONDITION */
	{27, NamesResources, DeadByOne, 5, 0, false}, /* SET_UNIFORM_BUFFER */
	{28, NamesSubContexts, DeadByOne, 1, 0, false}, /* SET_SUB_CTX */
	{29, NamesSubContexts, DeadByOne, 1, 0, false}, /* CREATE_SUB_CTX */
	{30, Dropped, DeadByOne, 0, 0, false}, /* DESTROY_SUB_CTX */
	{31, NamesObjects, DeadByOne, 1, 0, false}, /* BIND_SHADER */
	{34, NamesResources, DeadByAll, 5, 3, false}, /* SET_SHADER_BUFFERS */
	{35, NamesResources, DeadByAll, 7, 5, false}, /* SET_SHADER_IMAGES */
	{42, Dropped, DeadByOne, 0, 0, false}, /* GET_QUERY_RESULT_QBO */
	{43, NamesResources, DeadByOne, 1, 0, false}, /* TRANSFER3D */
	{44, Dropped, DeadByOne, 0, 0, false}, /* END_TRANSFERS */
	{47, NamesResources, DeadByOne, 1, 0, false}, /* CLEAR_TEXTURE */
	{48, Dropped, DeadByOne, 0, 0, false}, /* PIPE_RESOURCE_CREATE */
	{50, Dropped, DeadByOne, 0, 0, false}, /* GET_MEMORY_INFO */
	{52, NamesObjects, DeadByOne, 1, 1, true}, /* LINK_SHADER */
};

/* ---- sets ---- */

void MvSetAdd(MV_SET *Set, uint32_t Item)
{
	if (Set->Count == Set->Room) {
		Set->Room = Set->Room ? Set->Room * 2 : 64;
		Set->Items = realloc(Set->Items, Set->Room * sizeof(*Set->Items));
		if (!Set->Items)
			abort();
	}
	Set->Items[Set->Count++] = Item;
	Set->Sorted = false;
}

static int Compare(const void *First, const void *Second)
{
	uint32_t A = *(const uint32_t *)First, B = *(const uint32_t *)Second;

	return (A > B) - (A < B);
}

bool MvSetHas(MV_SET *Set, uint32_t Item)
{
	if (Set->Count == 0)
		return false;
	if (!Set->Sorted)
		qsort(Set->Items, Set->Count, sizeof(*Set->Items), Compare);
	Set->Sorted = true;
	return bsearch(&Item, Set->Items, Set->Count, sizeof(*Set->Items), Compare) != NULL;
}

void MvSetFree(MV_SET *Set)
{
	free(Set->Items);
	*Set = (MV_SET){0};
}

/* ---- commands ---- */

void MvValidityLearn(MV_VALIDITY *Validity, const uint32_t *Command)
{
	uint32_t Length = Command[0] >> 16;

	if (Length == 0)
		return;
	if ((Command[0] & 0xff) == DESTROY_OBJECT)
		MvSetAdd(&Validity->DeadObjects, Command[1]);
	else if ((Command[0] & 0xff) == DESTROY_SUB_CONTEXT)
		MvSetAdd(&Validity->DeadSubContexts, Command[1]);
}

static bool IsDead(MV_VALIDITY *Validity, const COMMAND_RULE *Rule, uint32_t Handle)
{
	if (Handle == 0 && Rule->ZeroIsNone)
		return false;
	switch (Rule->Names) {
	case NamesResources:
		return !MvSetHas(&Validity->Resources, Handle);
	case NamesObjects:
		return MvSetHas(&Validity->DeadObjects, Handle);
	case NamesSubContexts:
		return MvSetHas(&Validity->DeadSubContexts, Handle);
	default:
		return true;
	}
}

static bool IsKept(MV_VALIDITY *Validity, const COMMAND_RULE *Rule, uint32_t *Command)
{
	uint32_t Length = Command[0] >> 16;
	uint32_t Handles = 0, Dead = 0;

	if (Rule->Names == Dropped)
		return false;
	if (Rule->Command == DRAW_VBO && Length != DRAW_VBO_INDIRECT_LENGTH)
		return true;
	for (uint32_t i = Rule->First; i <= Length; i += Rule->Step) {
		bool DeadOne = IsDead(Validity, Rule, Command[i]);

		Handles++;
		Dead += DeadOne;
		if (DeadOne && Rule->Command == SET_SAMPLER_VIEWS)
			Command[i] = 0;
		if (!Rule->Step)
			break;
	}
	if (Rule->Dead == DeadByOne)
		return Dead == 0;
	/* As Mvisor has it, an empty list is a dead one, but for stream output. */
	return Dead < Handles || (Handles == 0 && Rule->Command == SET_STREAMOUT_TARGETS);
}

bool MvValidityKeep(MV_VALIDITY *Validity, uint32_t *Command)
{
	for (size_t i = 0; i < sizeof(Rules) / sizeof(Rules[0]); i++) {
		if (Rules[i].Command == (Command[0] & 0xff) && !IsKept(Validity, &Rules[i], Command))
			return false;
	}
	return true;
}
