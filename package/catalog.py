#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes the security catalog of a driver package, to be signed: what Inf2Cat does on Windows.

usage: catalog.py --inf FILE.inf --output FILE.cat [--time SECONDS] FILE...
  FILE...         what the package consists of; the INF itself is added
  --time SECONDS  the catalog's date, in seconds since 1970 (default: SOURCE_DATE_EPOCH, or now)

A catalog is a certificate trust list without signers (PKCS #7): for each file its hashes, its name and the Windows versions
that it is for. Version 2, with SHA-256; each file is named by its SHA-1 too, which older services look for."""

import argparse
import datetime
import hashlib
import os
import sys
import time

from asn1crypto import core, parser

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from authenticode import NotAnImage, digest, is_image  # noqa: E402
from check_inf import install_sections  # noqa: E402
from inf import Inf, InfError  # noqa: E402

SIGNED_DATA = '1.2.840.113549.1.7.2'
TRUST_LIST = '1.3.6.1.4.1.311.10.1'
CATALOG_LIST = '1.3.6.1.4.1.311.12.1.1'
CATALOG_MEMBERS_V2 = '1.3.6.1.4.1.311.12.1.3'
NAME_VALUE = '1.3.6.1.4.1.311.12.2.1'
MEMBER_INFO_V2 = '1.3.6.1.4.1.311.12.2.3'
INDIRECT_DATA = '1.3.6.1.4.1.311.2.1.4'
PE_IMAGE = '1.3.6.1.4.1.311.2.1.15'
FLAT_FILE = '1.3.6.1.4.1.311.2.1.25'
SHA256 = '2.16.840.1.101.3.4.2.1'
# authenticated, its name and its value as text
ATTRIBUTE_FLAGS = 0x10010001
WINDOWS_10 = '2:10.0'
# Inf2Cat's name of Windows 10, version 1607, x64; later ones take it too
SYSTEMS = '_v100_X64_RS1'
UNIVERSAL, CONTEXT, PRIMITIVE, CONSTRUCTED = 0, 2, 0, 1
SEQUENCE, SET = 16, 17


def sequence(*parts):
    return parser.emit(UNIVERSAL, CONSTRUCTED, SEQUENCE, b''.join(parts))


def set_of(*parts):
    return parser.emit(UNIVERSAL, CONSTRUCTED, SET, b''.join(sorted(parts)))


def context(number, content, method=CONSTRUCTED):
    return parser.emit(CONTEXT, method, number, content)


def oid(text):
    return core.ObjectIdentifier(text).dump()


def octets(data):
    return core.OctetString(data).dump()


def wide(text):
    return (text + '\0').encode('utf-16-le')


def name_value(name, value):
    return sequence(core.BMPString(name).dump(), core.Integer(ATTRIBUTE_FLAGS).dump(), octets(wide(value)))


def attribute(kind, value):
    return sequence(oid(kind), set_of(value))


def indirect_data(data):
    """What was hashed, how, and the result."""
    nowhere = context(2, context(0, b'', PRIMITIVE))  # a link with an empty name
    if is_image(data):
        what = sequence(oid(PE_IMAGE), sequence(core.BitString(()).dump(), context(0, nowhere)))
    else:
        what = sequence(oid(FLAT_FILE), nowhere)
    return sequence(what, sequence(sequence(oid(SHA256), core.Null().dump()), octets(digest(data, 'sha256'))))


def members(name, data):
    """A file's entries, by identifier: the full one under its SHA-256, and one that leads there by SHA-1."""
    info = attribute(MEMBER_INFO_V2, context(0 if is_image(data) else 2, b'', PRIMITIVE))
    full = set_of(info, attribute(NAME_VALUE, name_value('File', name)), attribute(NAME_VALUE, name_value('OSAttr', WINDOWS_10)),
                  attribute(INDIRECT_DATA, indirect_data(data)))
    return {digest(data, 'sha256'): full, digest(data, 'sha1'): set_of(info)}


def make(files, hardware_ids, when):
    """The unsigned catalog's bytes. files: {name: bytes}; when: seconds since 1970. The same input gives the same bytes."""
    entries = {}
    for name, data in files.items():
        entries.update(members(name, data))
    listed = sequence(*(sequence(octets(key), entries[key]) for key in sorted(entries)))
    identity = hashlib.sha256(listed).digest()[:16]
    date = core.UTCTime(datetime.datetime.fromtimestamp(when, datetime.timezone.utc)).dump()
    about = [('OS', SYSTEMS)] + [(f'HWID{number}', name.lower()) for number, name in enumerate(hardware_ids, 1)]
    extensions = sequence(*(sequence(oid(NAME_VALUE), octets(name_value(*pair))) for pair in about))
    trust_list = sequence(sequence(oid(CATALOG_LIST)), octets(identity), date,
                          sequence(oid(CATALOG_MEMBERS_V2), core.Null().dump()), listed, context(0, extensions))
    content = sequence(oid(TRUST_LIST), context(0, trust_list))
    signed = sequence(core.Integer(1).dump(), set_of(), content, set_of())
    return sequence(oid(SIGNED_DATA), context(0, signed))


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def main(arguments):
    options = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    options.add_argument('--inf', required=True)
    options.add_argument('--output', required=True)
    options.add_argument('--time', type=int, default=int(os.environ.get('SOURCE_DATE_EPOCH', time.time())))
    options.add_argument('files', nargs='*', metavar='FILE')
    options = options.parse_args(arguments)
    try:
        files = {os.path.basename(path): read(path) for path in [options.inf, *options.files]}
        catalog = make(files, sorted(install_sections(Inf(read(options.inf)))), options.time)
        with open(options.output, 'wb') as file:
            file.write(catalog)
    except (OSError, InfError, NotAnImage) as error:
        print(f'catalog: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
