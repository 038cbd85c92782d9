/* SPDX-License-Identifier: MIT */
/* sal.h - the annotation words that the driver's prototypes use, for compilers without SAL: they mean nothing here. */
#ifndef SIM_SAL_H
#define SIM_SAL_H

#define _In_
#define _In_opt_
#define _In_z_
#define _In_reads_(Count)
#define _In_reads_opt_(Count)
#define _In_reads_bytes_(Count)
#define _In_reads_bytes_opt_(Count)
#define _In_range_(Low, High)
#define _Inout_
#define _Inout_opt_
#define _Inout_updates_(Count)
#define _Inout_updates_bytes_(Count)
#define _Out_
#define _Out_opt_
#define _Out_writes_(Count)
#define _Out_writes_opt_(Count)
#define _Out_writes_bytes_(Count)
#define _Out_writes_bytes_opt_(Count)
#define _Out_writes_to_(Count, Used)
#define _Out_writes_bytes_to_(Count, Used)
#define _Out_writes_bytes_to_opt_(Count, Used)
#define _Out_writes_all_(Count)
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _Outptr_opt_result_maybenull_
#define _Outptr_result_bytebuffer_(Count)
#define _Outptr_opt_result_bytebuffer_(Count)
#define _Outptr_result_buffer_(Count)
#define _Deref_out_range_(Low, High)
#define _Ret_maybenull_
#define _Ret_notnull_
#define _Ret_z_
#define _Field_size_(Count)
#define _Field_size_bytes_(Count)
#define _Field_size_opt_(Count)
#define _Field_range_(Low, High)
#define _Must_inspect_result_
#define _Check_return_
#define _Use_decl_annotations_
#define _Printf_format_string_
#define _Reserved_
#define _Post_invalid_
#define _Post_ptr_invalid_
#define _Frees_ptr_
#define _Frees_ptr_opt_
#define _Pre_notnull_
#define _Pre_maybenull_
#define _Post_satisfies_(Expression)
#define _Pre_satisfies_(Expression)
#define _Success_(Expression)
#define _On_failure_(Annotations)
#define _When_(Expression, Annotations)
#define _At_(Target, Annotations)
#define _Null_terminated_
#define _Const_
#define _Interlocked_operand_
#define _Analysis_assume_(Expression) ((void)0)
#define _Function_class_(Class)

#define _Guarded_by_(Lock)
#define _Requires_lock_held_(Lock)
#define _Requires_lock_not_held_(Lock)
#define _Requires_exclusive_lock_held_(Lock)
#define _Requires_shared_lock_held_(Lock)
#define _Acquires_lock_(Lock)
#define _Acquires_exclusive_lock_(Lock)
#define _Releases_lock_(Lock)
#define _Releases_exclusive_lock_(Lock)
#define _Has_lock_level_(Level)
#define _Has_lock_kind_(Kind)
#define _Create_lock_level_(Level)
#define _Lock_level_order_(First, Second)
#define _IRQL_requires_(Irql)
#define _IRQL_requires_max_(Irql)
#define _IRQL_requires_min_(Irql)
#define _IRQL_requires_same_
#define _IRQL_raises_(Irql)
#define _IRQL_saves_
#define _IRQL_restores_
#define _IRQL_saves_global_(Kind, Target)
#define _IRQL_restores_global_(Kind, Target)
#define _IRQL_uses_cancel_
#define _Kernel_clear_do_init_(Answer)
#define __drv_allocatesMem(Kind)
#define __drv_freesMem(Kind)
#define __drv_aliasesMem
#define __drv_maxIRQL(Irql)

#endif /* SIM_SAL_H */
