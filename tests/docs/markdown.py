# SPDX-License-Identifier: MIT
"""What the checks need to know of a Markdown file: anchors, links, code in the text, and fenced blocks with their marks."""
import collections
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
FENCE = re.compile(r'^\s*```(.*)$')
MARK = re.compile(r'^<!-- (tested|not tested): (.+) -->$')

# mark: 'tested', 'not tested' or None; how: the kind of test, or why there is none.
Block = collections.namedtuple('Block', 'file line language mark how text')


def tracked(root):
    """Files that git knows or would add, relative to the root."""
    listing = subprocess.run(['git', '-C', root, '-c', f'safe.directory={root}', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
                             stdout=subprocess.PIPE, check=True).stdout
    names = (os.fsdecode(name) for name in listing.split(b'\0') if name)
    return sorted({name for name in names if os.path.exists(f'{root}/{name}')})


class Page:
    def __init__(self, root, name):
        self.name = name
        with open(f'{root}/{name}', encoding='utf-8') as file:
            self.lines = file.read().splitlines()
        self.blocks, self.text = [], []  # text: (number, line) outside of blocks
        self._split()

    def _split(self):
        block, mark = None, None
        for number, line in enumerate(self.lines, 1):
            fence = FENCE.match(line)
            if block is not None:
                if fence:
                    self.blocks.append(Block(self.name, block[0], block[1], *(mark or (None, None)), '\n'.join(block[2])))
                    block, mark = None, None
                else:
                    block[2].append(line)
            elif fence:
                block = (number, fence[1].strip(), [])
            else:
                self.text.append((number, line))
                found = MARK.match(line.strip())
                mark = (found[1], found[2]) if found else None
        if block is not None:
            raise ValueError(f'{self.name}:{block[0]}: the block has no end')

    def anchors(self):
        """As GitHub makes them of headings."""
        found, seen = set(), collections.Counter()
        for _, line in self.text:
            heading = re.match(r'^#{1,6}\s+(.*?)\s*#*$', line)
            if heading:
                words = re.sub(r'\[([^\]]*)\]\([^)]*\)', r'\1', heading[1])
                slug = re.sub(r'[^\w\- ]', '', words.lower()).replace(' ', '-')
                found.add(f'{slug}-{seen[slug]}' if seen[slug] else slug)
                seen[slug] += 1
        return found

    def links(self):
        """(line number, target)"""
        for number, line in self.text:
            for target in re.findall(r'\]\(([^)\s]+)\)', re.sub(r'`[^`]*`', '', line)):
                yield number, target

    def code(self):
        """(line number, text) of code in the text and of lines of blocks that are commands."""
        for number, line in self.text:
            for code in re.findall(r'`([^`]+)`', line):
                yield number, code
        for block in self.blocks:
            if block.language in ('sh', 'bat', 'console'):
                for offset, line in enumerate(block.text.splitlines(), 1):
                    yield block.line + offset, line
