/* SPDX-License-Identifier: MIT */
/* records.h - what is known by an id: contexts, and resources with their backing. */
#ifndef MV_RECORDS_H
#define MV_RECORDS_H

#include <stdint.h>
#include <sys/uio.h>

#define MV_BUCKETS 1024

typedef struct MV_RECORD {
	struct MV_RECORD *Next;
	uint32_t Id;
	struct iovec Backing; /* the renderer keeps its address; iov_base NULL: none */
} MV_RECORD;

typedef struct MV_TABLE {
	MV_RECORD *Buckets[MV_BUCKETS];
} MV_TABLE;

typedef struct MV_RECORDS {
	MV_TABLE Contexts;
	MV_TABLE Resources;
} MV_RECORDS;

MV_RECORD *MvRecordFind(MV_TABLE *Table, uint32_t Id);
MV_RECORD *MvRecordAdd(MV_TABLE *Table, uint32_t Id); /* or the one that is there */
void MvRecordRemove(MV_TABLE *Table, uint32_t Id);
void MvRecordClear(MV_TABLE *Table);

#endif /* MV_RECORDS_H */
