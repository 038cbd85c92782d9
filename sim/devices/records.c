/* SPDX-License-Identifier: MIT */
#include "records.h"

#include <stdlib.h>

static MV_RECORD **Bucket(MV_TABLE *Table, uint32_t Id)
{
	return &Table->Buckets[Id % MV_BUCKETS];
}

MV_RECORD *MvRecordFind(MV_TABLE *Table, uint32_t Id)
{
	MV_RECORD *Record = *Bucket(Table, Id);

	while (Record && Record->Id != Id)
		Record = Record->Next;
	return Record;
}

MV_RECORD *MvRecordAdd(MV_TABLE *Table, uint32_t Id)
{
	MV_RECORD *Record = MvRecordFind(Table, Id);

	if (Record)
		return Record;
	Record = calloc(1, sizeof(*Record));
	if (!Record)
		abort();
	Record->Id = Id;
	Record->Next = *Bucket(Table, Id);
	*Bucket(Table, Id) = Record;
	return Record;
}

void MvRecordRemove(MV_TABLE *Table, uint32_t Id)
{
	MV_RECORD **Link = Bucket(Table, Id);

	while (*Link && (*Link)->Id != Id)
		Link = &(*Link)->Next;
	if (*Link) {
		MV_RECORD *Record = *Link;

		*Link = Record->Next;
		free(Record);
	}
}

void MvRecordClear(MV_TABLE *Table)
{
	for (unsigned i = 0; i < MV_BUCKETS; i++) {
		while (Table->Buckets[i]) {
			MV_RECORD *Record = Table->Buckets[i];

			Table->Buckets[i] = Record->Next;
			free(Record);
		}
	}
}
