/* SPDX-License-Identifier: MIT */
#include "vgpu_position.h"

#include "nir.h"
#include "nir_builder.h"

/* An access to the position of some invocation: a load, or a store. */
static nir_deref_instr *
position_of(nir_intrinsic_instr *intrinsic, const nir_variable *position)
{
   nir_deref_instr *deref;

   if (intrinsic->intrinsic != nir_intrinsic_load_deref &&
       intrinsic->intrinsic != nir_intrinsic_store_deref)
      return NULL;
   deref = nir_src_as_deref(intrinsic->src[0]);
   if (nir_deref_instr_get_variable(deref) != position || deref->deref_type != nir_deref_type_array)
      return NULL;
   return deref;
}

static bool
note_load(UNUSED nir_builder *b, nir_intrinsic_instr *intrinsic, void *position)
{
   return intrinsic->intrinsic == nir_intrinsic_load_deref && position_of(intrinsic, position);
}

struct copy {
   nir_variable *position;
   nir_variable *copy;
};

static bool
use_copy(nir_builder *b, nir_intrinsic_instr *intrinsic, void *data)
{
   const struct copy *copy = data;
   nir_deref_instr *deref = position_of(intrinsic, copy->position), *other;

   if (!deref)
      return false;
   b->cursor = nir_after_instr(&intrinsic->instr);
   other = nir_build_deref_array(b, nir_build_deref_var(b, copy->copy), deref->arr.index.ssa);
   if (intrinsic->intrinsic == nir_intrinsic_load_deref)
      nir_def_replace(&intrinsic->def, nir_load_deref(b, other));
   else
      nir_store_deref(b, other, intrinsic->src[1].ssa, nir_intrinsic_write_mask(intrinsic));
   return true;
}

/* One that no output has; -1: there is none. */
static int
free_slot(nir_shader *nir)
{
   uint32_t taken = 0;

   nir_foreach_shader_out_variable(var, nir)
   {
      const int first = var->data.location - VARYING_SLOT_VAR0;
      int slots;

      if (var->data.patch || !glsl_type_is_array(var->type))
         continue; /* of the whole patch, which has places of its own */
      slots = (int)glsl_count_attribute_slots(glsl_get_array_element(var->type), false);
      for (int slot = MAX2(first, 0); slot < MIN2(first + slots, 32); slot++)
         taken |= 1u << slot;
   }
   return ffs((int)~taken) - 1;
}

bool
vgpu_position_lower(nir_shader *nir)
{
   struct copy copy;
   int slot;

   if (nir->info.stage != MESA_SHADER_TESS_CTRL)
      return false;
   copy.position = nir_find_variable_with_location(nir, nir_var_shader_out, VARYING_SLOT_POS);
   if (!copy.position ||
       !nir_shader_intrinsics_pass(nir, note_load, nir_metadata_all, copy.position))
      return false;
   slot = free_slot(nir);
   if (slot < 0)
      return false;
   copy.copy = nir_variable_clone(copy.position, nir);
   copy.copy->name = ralloc_strdup(copy.copy, "position_to_read");
   copy.copy->data.location = VARYING_SLOT_VAR0 + slot;
   copy.copy->data.driver_location = nir->num_outputs++;
   nir_shader_add_variable(nir, copy.copy);
   nir_shader_intrinsics_pass(nir, use_copy, nir_metadata_control_flow, &copy);
   nir_shader_gather_info(nir, nir_shader_get_entrypoint(nir));
   return true;
}
