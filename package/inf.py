# SPDX-License-Identifier: MIT
"""INF files: reading them as SetupAPI does, as far as driver packages need it."""

import re

MAX_LINE = 4096  # characters, SetupAPI's limit of a line


class InfError(Exception):
    """What is wrong, and where."""


def split_fields(text, where):
    """Comma-separated fields; quotes keep commas and blanks, a doubled quote is a quote."""
    fields, current, quoted = [], '', False
    index = 0
    while index < len(text):
        letter = text[index]
        if letter == '"':
            if quoted and text[index + 1:index + 2] == '"':
                current += '"'
                index += 1
            else:
                quoted = not quoted
        elif letter == ',' and not quoted:
            fields.append(current.strip())
            current = ''
        else:
            current += letter
        index += 1
    if quoted:
        raise InfError(f'{where}: a quote is not closed')
    return fields + [current.strip()]


def without_comment(line):
    quoted = False
    for index, letter in enumerate(line):
        if letter == '"':
            quoted = not quoted
        elif letter == ';' and not quoted:
            return line[:index]
    return line


class Inf:
    """Sections by lower-case name; each is a list of (key or None, [fields]). %strings% are filled in, %13% is left."""

    def __init__(self, data):
        self.sections = {}
        self._read(self._decode(data))
        self.strings = {key.lower(): fields[0] for key, fields in self.sections.get('strings', []) if key}

    @staticmethod
    def _decode(data):
        if data.startswith(b'\xff\xfe'):
            return data[2:].decode('utf-16-le')
        try:
            return data.decode('ascii')
        except UnicodeDecodeError as error:
            raise InfError(f'byte {error.start}: neither ASCII nor UTF-16 with its mark') from None

    def _read(self, text):
        section = None
        for number, line in enumerate(text.splitlines(), 1):
            where = f'line {number}'
            if len(line) > MAX_LINE:
                raise InfError(f'{where}: longer than {MAX_LINE} characters')
            line = without_comment(line).strip()
            if not line:
                continue
            header = re.fullmatch(r'\[([^\]]+)\]', line)
            if header:
                section = self.sections.setdefault(header[1].strip().lower(), [])
                continue
            if section is None:
                raise InfError(f'{where}: before the first section')
            section.append(self._entry(line, where))

    @staticmethod
    def _entry(line, where):
        found = re.match(r'("[^"]*"|[^="]+?)\s*=\s*(.*)$', line)
        if not found:
            return None, split_fields(line, where)
        return found[1].strip('"').strip(), split_fields(found[2], where)

    def expand(self, text):
        def value(found):
            name = found[1]
            if name == '':
                return '%'
            if name.isdigit():
                return found[0]
            if name.lower() not in self.strings:
                raise InfError(f'%{name}% is not in [Strings]')
            return self.strings[name.lower()]

        return re.sub(r'%([^%]*)%', value, text)

    def section(self, name):
        """[(key, [fields])], expanded. InfError when there is none."""
        if name.lower() not in self.sections:
            raise InfError(f'section [{name}] is missing')
        return [(self.expand(key) if key else None, [self.expand(field) for field in fields])
                for key, fields in self.sections[name.lower()]]

    def value(self, section, key, default=None):
        """The first field of a key."""
        for name, fields in self.section(section):
            if name and name.lower() == key.lower():
                return fields[0]
        return default
