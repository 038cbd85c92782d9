# SPDX-License-Identifier: MIT
"""The OpenGL version that the guest's driver makes of the host's virgl capabilities. The capability sets are those of
virglrenderer's virgl_hw.h; what each version needs of them is what the OpenGL specifications and Mesa's virgl driver need."""
import struct

SIZE_V2_MIN = 696  # up to the renderer's name, which hosts since 2019 send
BIT = {name: bit for bit, name in enumerate((
    'indep_blend_enable', 'indep_blend_func', 'cube_map_array', 'shader_stencil_export', 'conditional_render', 'start_instance',
    'primitive_restart', 'blend_eq_sep', 'instanceid', 'vertex_element_instance_divisor', 'seamless_cube_map', 'occlusion_query',
    'timer_query', 'streamout_pause_resume', 'texture_multisample', 'fragment_coord_conventions', 'depth_clip_disable',
    'seamless_cube_map_per_texture', 'ubo', 'color_clamping', 'poly_stipple', 'mirror_clamp', 'texture_query_lod', 'fp64',
    'tessellation', 'indirect_draw', 'sample_shading', 'cull', 'conditional_render_inverted', 'derivative_control',
    'polygon_offset_clamp', 'transform_feedback_overflow_query'))}
CAP = {'texture_view': 1, 'copy_image': 3, 'txqs': 5, 'compute': 7, 'fb_no_attach': 8, 'robust': 9, 'texture_barrier': 12, 'qbo': 16,
       'gles': 19, 'indirect_params': 22, 'transform_feedback3': 23, 'clip_halfz': 27, 'buffer_storage': 31}
CAP2 = {'draw_parameters': 14, 'group_vote': 15, 'mirror_clamp_to_edge': 16}
NUMBERS = {'glsl': 264, 'array_layers': 268, 'streamout_buffers': 272, 'dual_source': 276, 'render_targets': 280,
           'samples': 284, 'tbo': 292, 'uniform_blocks': 296, 'viewports': 300, 'attrib_stride': 428, 'shader_buffers': 432,
           'shader_images': 440, 'texture_2d': 484, 'texture_3d': 488, 'texture_cube': 492, 'feature_check': 556}
FORMAT_BPTC = 255
HINT_HOST = "The host's OpenGL driver or virglrenderer lacks it; a newer Mesa or virglrenderer on the host may have it."
HINT_BLOB = ('Give the device host memory: QEMU 9.2 or newer with virglrenderer 1.0 or newer, and '
             '-device virtio-gpu-gl-pci,blob=on,hostmem=1G.')
HINT_CACHING = ('virglrenderer offers it where it knows how the GPU caches memory: Mesa\'s drivers for Intel and AMD and llvmpipe, '
                'seldom NVIDIA\'s own driver.')


class Capabilities:
    """A capability set's bytes; what is missing at its end counts as 0."""

    def __init__(self, data, blob=False, host_visible=0):
        self.data = data.ljust(764, b'\0')
        self.coherent = blob and host_visible > 0
        for name, offset in NUMBERS.items():
            setattr(self, name, struct.unpack_from('<I', self.data, offset)[0])

    def bit(self, name):
        return bool(struct.unpack_from('<I', self.data, 260)[0] >> BIT[name] & 1)

    def cap(self, name):
        return bool(struct.unpack_from('<I', self.data, 392)[0] >> CAP[name] & 1)

    def cap2(self, name):
        return bool(struct.unpack_from('<I', self.data, 688)[0] >> CAP2[name] & 1)

    def can_sample(self, number):
        return bool(self.data[4 + number // 8] >> number % 8 & 1)

    def renderer(self):
        return self.data[696:760].split(b'\0')[0].decode(errors='replace')

    def anisotropy(self):
        return struct.unpack_from('<f', self.data, 760)[0]


def _glsl(level):
    return f'GLSL {level // 100}.{level % 100:02}', lambda caps: caps.glsl >= level


def _bit(words, name):
    return words, lambda caps: caps.bit(name)


def _cap(words, name):
    return words, lambda caps: caps.cap(name)


# What each version needs beyond the one before: (in words, test).
NEEDS = (
    ('3.0', (_glsl(130), ('4 colour buffers', lambda caps: caps.render_targets >= 4),
             ('4 samples', lambda caps: caps.samples >= 4 or caps.samples == 1), _bit('independent blending', 'indep_blend_enable'),
             _bit('conditional rendering', 'conditional_render'), ('transform feedback', lambda caps: caps.streamout_buffers > 0))),
    ('3.1', (_glsl(140), ('buffer textures', lambda caps: caps.tbo > 0), ('12 uniform blocks', lambda caps: caps.uniform_blocks >= 13),
             _bit('primitive restart', 'primitive_restart'))),
    ('3.2', (_glsl(150), _bit('depth clamping', 'depth_clip_disable'),
             _bit('fragment coordinate conventions', 'fragment_coord_conventions'),
             _bit('seamless cube maps', 'seamless_cube_map'), _bit('multisample textures', 'texture_multisample'))),
    ('3.3', (_glsl(330), ('dual-source blending', lambda caps: caps.dual_source > 0),
             ('timer queries', lambda caps: caps.feature_check < 15 or caps.bit('timer_query')))),
    ('4.0', (_glsl(400), _bit('blending by buffer', 'indep_blend_func'), _bit('indirect drawing', 'indirect_draw'),
             ('64-bit floats', lambda caps: caps.bit('fp64') or caps.cap('gles')), _bit('sample shading', 'sample_shading'),
             _bit('tessellation', 'tessellation'), _bit('cube map arrays', 'cube_map_array'),
             _bit('texture LOD queries', 'texture_query_lod'),
             _bit('transform feedback that pauses', 'streamout_pause_resume'),
             ('4 vertex streams', lambda caps: caps.feature_check < 2 or caps.cap('transform_feedback3')))),
    ('4.1', (_glsl(410), ('textures of 16384 x 16384', lambda caps: not caps.texture_2d or caps.texture_2d >= 16384),
             ('3D textures of 2048', lambda caps: caps.texture_3d >= 2048),
             ('cube maps of 16384', lambda caps: caps.texture_cube >= 16384),
             ('2048 array layers', lambda caps: caps.array_layers >= 2048), ('16 viewports', lambda caps: caps.viewports >= 16))),
    ('4.2', (_glsl(420), _bit('base instances', 'start_instance'), ('shader images', lambda caps: caps.shader_images > 0),
             ('BPTC textures', lambda caps: caps.can_sample(FORMAT_BPTC)))),
    ('4.3', (_glsl(430), ('14 uniform blocks', lambda caps: caps.uniform_blocks >= 14), _cap('compute shaders', 'compute'),
             _cap('image copies', 'copy_image'), _cap('framebuffers without attachments', 'fb_no_attach'),
             _cap('robust buffer access', 'robust'),
             ('shader storage buffers', lambda caps: caps.shader_buffers > 0), _cap('texture views', 'texture_view'))),
    ('4.4', (_glsl(440), ('vertex strides of 2048', lambda caps: caps.attrib_stride >= 2048),
             ('host memory mapped into the guest', lambda caps: caps.coherent),
             ('buffer storage', lambda caps: caps.cap('buffer_storage') and caps.feature_check >= 4), _cap('query buffers', 'qbo'),
             ('mirrored clamping', lambda caps: caps.cap2('mirror_clamp_to_edge') if caps.feature_check >= 20
              else caps.bit('mirror_clamp') and not caps.cap('gles')))),
    ('4.5', (_glsl(450), _cap('clip control', 'clip_halfz'), _bit('inverted conditional rendering', 'conditional_render_inverted'),
             _bit('cull distances', 'cull'), _bit('derivative control', 'derivative_control'), _cap('texture sample queries', 'txqs'),
             _cap('texture barriers', 'texture_barrier'))),
    ('4.6', (_glsl(460), _cap('indirect draw parameters', 'indirect_params'), _bit('polygon offset clamping', 'polygon_offset_clamp'),
             ('shader draw parameters', lambda caps: caps.cap2('draw_parameters')),
             ('shader group votes', lambda caps: caps.cap2('group_vote')),
             ('anisotropic filtering', lambda caps: caps.anisotropy() > 1),
             _bit('transform feedback overflow queries', 'transform_feedback_overflow_query'))),
)


def _hint(missing):
    if 'host memory mapped into the guest' in missing:
        return HINT_BLOB
    return HINT_CACHING if 'buffer storage' in missing else HINT_HOST


def version(caps):
    """The OpenGL version that a guest gets."""
    reached = '2.1'
    for number, needs in NEEDS:
        if not all(test(caps) for _, test in needs):
            break
        reached = number
    return reached


def limits(caps):
    """Why not more: [{'version', 'needs': [...], 'hint'}] for each higher version that lacks something of its own."""
    found = []
    for number, needs in NEEDS:
        missing = [words for words, test in needs if not test(caps)]
        if missing:
            found.append({'version': number, 'needs': missing, 'hint': _hint(missing)})
    return found
