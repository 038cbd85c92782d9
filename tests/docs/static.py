# SPDX-License-Identifier: MIT
"""Checks of Markdown files that run nothing: links and anchors, files, make targets and options that the text names, and a
mark before each block of commands or configuration."""
import os
import re

from markdown import Page, tracked

UNCHECKED_LINKS = ('http://', 'https://', 'mailto:')
PICTURES = ('', 'text')  # languages of blocks that are no commands
LOOKS_LIKE_COMMAND = re.compile(r'^\s*(make|\./\S+|scripts/\S+|tests/\S+|ninja|apt-get|qemu-system-\S+|virsh|qm|kubectl|vgpu-[a-z]+)(\s|$)',
                                re.MULTILINE)
# Where a program's options are written down: the text there must have them.
PROGRAMS = {
    'vgpu-run': ('vgpu-run', 'sim/run/'),
    'vgpu-native': ('vgpu-native', 'sim/run/'),
    'vgpu-hostcheck': ('tools/hostcheck/',),
    'vgpu-info': ('tools/vgpu-info/',),
    'vgpu-compare': ('demo/compare.c',),
    'vgpu-demo': ('demo/options.c',),
    'mvisor-device': ('sim/devices/options.c',),
    'mvisor-replay': ('sim/devices/',),
    'test_driver_seeded': ('tests/kernel/',),
    'configure.sh': ('scripts/configure.sh',),
    'setup.sh': ('scripts/setup.sh',),
    'build.sh': ('icd/mesa/', 'icd/native/mesa/'),
    'tests/e2e/run.py': ('tests/e2e/run.py',),
    'tests/fuzz/run.py': ('tests/fuzz/run.py',),
    'bench/run.py': ('bench/',),
    'build.bat': ('build.bat',),
    'tests/msvc/wdk_check.py': ('tests/msvc/wdk_check.py',),
}
PROGRAM = re.compile(r'(?:^|[\s/])(' + '|'.join(map(re.escape, sorted(PROGRAMS, key=len, reverse=True))) + r')(?:\.exe)?(?=$|\s)')
FILE_ENDINGS = ('.md', '.py', '.sh', '.c', '.h', '.txt', '.ini', '.def', '.patch', '.in', '.png', '.build', '.bat', '.vcxproj', '.json', '.zip')


class Tree:
    """The files under a root, and what of them the checks ask."""

    def __init__(self, root):
        self.root = root
        self.files = tracked(root)
        self.folders = {folder for name in self.files for folder in _parents(name)}
        self.pages = {name: Page(root, name) for name in self.files if name.endswith('.md')}
        self.targets = set(re.findall(r'^([\w-]+(?: [\w-]+)*):', self._read('Makefile'), re.MULTILINE)) if 'Makefile' in self.files else set()
        self.targets = {target for names in self.targets for target in names.split()}
        self.anchors = {name: page.anchors() for name, page in self.pages.items()}

    def _read(self, name):
        with open(f'{self.root}/{name}', encoding='utf-8', errors='replace') as file:
            return file.read()

    def options_of(self, program):
        """All text that may write down an option of the program."""
        places = PROGRAMS[program]
        return '\n'.join(self._read(name) for name in self.files if name.startswith(places) and not name.endswith('.md'))

    def has(self, path):
        return path in self.files or path in self.folders


def _parents(name):
    while '/' in name:
        name = name.rsplit('/', 1)[0]
        yield name


def check_links(tree, page):
    for line, target in page.links():
        if target.startswith(UNCHECKED_LINKS):
            continue
        path, _, anchor = target.partition('#')
        name = os.path.normpath(os.path.join(os.path.dirname(page.name), path)) if path else page.name
        if not tree.has(name):
            yield line, f'the link leads to {name}, which is not there'
        elif anchor and anchor not in tree.anchors.get(name, ()):
            yield line, f'{name} has no heading #{anchor}'


def check_targets(tree, page):
    for line, code in page.code():
        found = re.match(r'^make (.+)$', code.split('#')[0].strip())
        for word in found[1].split() if found else ():
            if re.fullmatch(r'[a-z][\w-]*', word) and word not in tree.targets:
                yield line, f'the Makefile has no target "{word}"'


def check_options(tree, page):
    for line, code in page.code():
        program = PROGRAM.search(code)
        if not program:
            continue
        known = tree.options_of(program[1])
        for option in re.findall(r'(?<=[\s\[(|])--([a-z][\w-]*)', code[program.end():]):
            if f'--{option}' not in known and f'"{option}' not in known:
                yield line, f'{program[1]} has no option --{option}'


def _variants(path):
    """PATH with its {a,b} written out."""
    found = re.search(r'\{([^{}]*,[^{}]*)\}', path)
    if not found:
        return [path]
    return [name for part in found[1].split(',') for name in _variants(path[:found.start()] + part + path[found.end():])]


def check_files(tree, page):
    """Code that is a path in the tree, from the root or from the page's folder."""
    tops = {name.split('/')[0] for name in tree.files if '/' in name}
    for line, code in page.code():
        if code.lstrip().startswith('ninja '):
            continue  # what it names is in the build folder
        for word in re.split(r'[\s=,;]+(?![^{]*\})', code):
            word = word.strip('()[]\'":').removeprefix('./').rstrip('/')
            if '/' not in word or word.split('/')[0] not in tops or not re.fullmatch(r'[\w./{},*+-]+', word):
                continue
            for path in _variants(word):
                here = os.path.normpath(os.path.join(os.path.dirname(page.name), path))
                pattern = re.compile(re.escape(path).replace(r'\*', '[^/]*') + r'(\..*)?')
                if not tree.has(path) and not tree.has(here) and not any(pattern.fullmatch(name) for name in tree.files):
                    yield line, f'there is no {path}'


def _joined_strings(text):
    """All string literals of C sources, with neighbours joined."""
    text = re.sub(r'"\s*\n?\s*"', '', text)
    return '\n'.join(literal.replace('\\\\', '\\').replace('\\"', '"') for literal in re.findall(r'"((?:[^"\\\n]|\\.)*)"', text))


def check_quotes(tree, page):
    """In docs/troubleshooting.md, what is in quotation marks at the start of a row is vgpu-info's own word."""
    if page.name != 'docs/troubleshooting.md':
        return
    known = _joined_strings(tree.options_of('vgpu-info'))
    for line, text in page.text:
        quoted = re.match(r'^\| "([^"]+)" \|', text) or re.search(r'`vgpu-info` says "([^"]+)"', text)
        if quoted and quoted[1] not in known:
            yield line, f'vgpu-info does not say "{quoted[1]}"'


def check_marks(kinds, page):
    for block in page.blocks:
        if block.mark == 'tested' and block.how not in kinds:
            yield block.line, f'there is no test of the kind "{block.how}", but of: {", ".join(sorted(kinds))}'
        elif block.mark is None and block.language not in PICTURES:
            yield block.line, f'a block of {block.language} without "<!-- tested: KIND -->" or "<!-- not tested: WHY -->" before it'
        elif block.mark is None and LOOKS_LIKE_COMMAND.search(block.text):
            yield block.line, 'a block of commands without its language (```sh) and a mark'


def check(root, kinds):
    """What is wrong in the Markdown files under root: a list of 'FILE:LINE: WHAT'."""
    tree = Tree(root)
    errors = []
    for name, page in tree.pages.items():
        found = [problem for function in (check_links, check_targets, check_options, check_files, check_quotes) for problem in function(tree, page)]
        found += check_marks(kinds, page)
        errors += [f'{name}:{line}: {what}' for line, what in sorted(found)]
    return errors
