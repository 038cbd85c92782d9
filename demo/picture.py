# SPDX-License-Identifier: MIT
"""Pictures without any library: reads the X server's dump format, writes PNG. A picture is (width, height, RGBA bytes,
top row first)."""

import struct
import zlib

XWD_VERSION = 7
XWD_HEADER_WORDS = 25
Z_PIXMAP = 2


class PictureError(Exception):
    pass


def read_xwd(path):
    """Reads an X window dump (the file that `Xvfb -fbdir` keeps, or xwd writes) of 32 bits per pixel."""
    with open(path, 'rb') as file:
        data = file.read()
    if len(data) < XWD_HEADER_WORDS * 4:
        raise PictureError(f'{path}: too short for an X window dump')
    words = struct.unpack_from(f'>{XWD_HEADER_WORDS}I', data)
    header_size, version, pixmap_format, _, width, height = words[:6]
    byte_order, bits_per_pixel, stride, masks, colours = words[7], words[11], words[12], words[14:17], words[19]
    if version != XWD_VERSION or pixmap_format != Z_PIXMAP or bits_per_pixel != 32:
        raise PictureError(f'{path}: not an X window dump of 32 bits per pixel')
    start = header_size + colours * 12
    if len(data) < start + stride * height:
        raise PictureError(f'{path}: the X window dump ends early')
    # A channel's byte in the pixel, from its mask and the byte order.
    shifts = {0xff: 0, 0xff00: 1, 0xff0000: 2, 0xff000000: 3}
    places = [shifts[mask] if byte_order == 0 else 3 - shifts[mask] for mask in masks]
    pixels = bytearray(b'\xff' * (width * height * 4))
    for row in range(height):
        line = data[start + row * stride:start + row * stride + width * 4]
        for channel, place in enumerate(places):
            pixels[row * width * 4 + channel:(row + 1) * width * 4:4] = line[place::4]
    return width, height, bytes(pixels)


def crop(picture, width, height, x=0, y=0):
    have_width, have_height, pixels = picture
    if x + width > have_width or y + height > have_height:
        raise PictureError(f'no {width}x{height} at {x},{y} in a picture of {have_width}x{have_height}')
    rows = (pixels[((y + row) * have_width + x) * 4:][:width * 4] for row in range(height))
    return width, height, b''.join(rows)


def flip(picture):
    """Top row first to bottom row first, and back."""
    width, height, pixels = picture
    rows = (pixels[row * width * 4:(row + 1) * width * 4] for row in reversed(range(height)))
    return width, height, b''.join(rows)


def write_png(path, picture):
    width, height, pixels = picture

    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))

    rgb = bytearray(width * height * 3)
    for channel in range(3):
        rgb[channel::3] = pixels[channel::4]
    rows = b''.join(b'\0' + rgb[row * width * 3:(row + 1) * width * 3] for row in range(height))
    with open(path, 'wb') as file:
        file.write(b'\x89PNG\r\n\x1a\n')
        file.write(chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)))
        file.write(chunk(b'IDAT', zlib.compress(rows, 9)))
        file.write(chunk(b'IEND', b''))
