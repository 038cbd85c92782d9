/* SPDX-License-Identifier: MIT */
#include "vgpu_subgroups.h"

#include "nir.h"
#include "nir_builder.h"

/* The mask with, or without, the one invocation there is. */
static nir_def *
mask(nir_builder *b, const nir_def *like, nir_def *bit)
{
   nir_def *first = like->bit_size == 64
                       ? nir_pack_64_2x32_split(b, nir_b2i32(b, bit), nir_imm_int(b, 0))
                       : nir_b2iN(b, bit, like->bit_size);
   nir_def *components[NIR_MAX_VEC_COMPONENTS];

   components[0] = first;
   for (unsigned i = 1; i < like->num_components; i++)
      components[i] = nir_imm_intN_t(b, 0, like->bit_size);
   return nir_vec(b, components, like->num_components);
}

static nir_def *
lower(nir_builder *b, nir_instr *instr, UNUSED void *data)
{
   nir_intrinsic_instr *intrinsic = nir_instr_as_intrinsic(instr);

   switch (intrinsic->intrinsic) {
   case nir_intrinsic_load_subgroup_size:
      return nir_imm_int(b, 1);
   case nir_intrinsic_load_subgroup_invocation:
      return nir_imm_int(b, 0);
   case nir_intrinsic_load_subgroup_eq_mask:
   case nir_intrinsic_load_subgroup_ge_mask:
   case nir_intrinsic_load_subgroup_le_mask:
      return mask(b, &intrinsic->def, nir_imm_true(b));
   case nir_intrinsic_load_subgroup_gt_mask:
   case nir_intrinsic_load_subgroup_lt_mask:
      return mask(b, &intrinsic->def, nir_imm_false(b));
   case nir_intrinsic_ballot:
      return mask(b, &intrinsic->def, intrinsic->src[0].ssa);
   case nir_intrinsic_vote_any:
   case nir_intrinsic_vote_all:
   case nir_intrinsic_read_invocation:
   case nir_intrinsic_read_first_invocation:
      return intrinsic->src[0].ssa;
   case nir_intrinsic_vote_ieq:
   case nir_intrinsic_vote_feq:
      return nir_imm_true(b);
   default:
      return NULL;
   }
}

static bool
is_intrinsic(const nir_instr *instr, UNUSED const void *data)
{
   return instr->type == nir_instr_type_intrinsic;
}

bool
vgpu_subgroups_lower(nir_shader *nir)
{
   const bool found = nir_shader_lower_instructions(nir, is_intrinsic, lower, NULL);
   bool progress = found;

   if (found)
      nir_lower_int64(nir); /* a mask has 64 bits */
   while (progress) {
      progress = nir_copy_prop(nir);
      progress |= nir_opt_algebraic(nir);
      progress |= nir_opt_constant_folding(nir);
      progress |= nir_opt_dce(nir);
   }
   return found;
}
