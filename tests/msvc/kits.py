# SPDX-License-Identifier: MIT
"""Microsoft's kits as NuGet packages: where they are, how they are got, and their headers for a file system that tells upper
from lower case."""

import json
import os
import re
import shutil
import subprocess
import tempfile

SDK, LIBRARIES, WDK = 'Microsoft.Windows.SDK.CPP', 'Microsoft.Windows.SDK.CPP.x64', 'Microsoft.Windows.WDK.x64'
VERSIONS = '10.0.26100.*'
SECONDS = 900


def folders():
    """Where packages may lie: the client's own folder first."""
    home = os.environ.get('NUGET_PACKAGES') or os.path.expanduser('~/.nuget/packages')
    return [folder for folder in (home,) if os.path.isdir(folder)]


def installed(name):
    """The folder of the newest version of a package, or None."""
    found = []
    for folder in folders():
        package = f'{folder}/{name.lower()}'
        if os.path.isdir(package):
            found += [(tuple(map(int, re.findall(r'\d+', version))), f'{package}/{version}') for version in os.listdir(package)
                      if os.path.exists(f'{package}/{version}/.nupkg.metadata')]
    return max(found)[1] if found else None


def fetch(name):
    """None when the package is there afterwards, else why not. It comes under Microsoft's licence."""
    if installed(name):
        return None
    client = shutil.which('dotnet')
    if not client:
        return 'there is no NuGet client (dotnet)'
    with tempfile.TemporaryDirectory() as folder:
        with open(f'{folder}/fetch.csproj', 'w', encoding='ascii') as file:
            file.write(f'''<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>netstandard2.0</TargetFramework>
<DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences></PropertyGroup>
<ItemGroup><PackageReference Include="{name}" Version="{VERSIONS}" /></ItemGroup></Project>''')
        try:
            done = subprocess.run([client, 'restore', f'{folder}/fetch.csproj'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return f'the NuGet client did not end within {SECONDS} seconds'
    if installed(name):
        return None
    errors = re.findall(r'error (NU\d+: .*?)(?: \[|$)', done.stdout, re.MULTILINE)
    return errors[0] if errors else f'the NuGet client ended with {done.returncode}'


def version(folder):
    return os.path.basename(folder)


def includes(package):
    """c/Include/10.0.N.0 of a package."""
    root = f'{package}/c/Include'
    return f'{root}/{max(os.listdir(root))}'


def _tree(folder):
    entries = []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir():
            entries.append({'type': 'directory', 'name': entry.name, 'contents': _tree(entry.path)})
        else:
            entries.append({'type': 'file', 'name': entry.name, 'external-contents': entry.path})
    return entries


def ignore_case(folders_, path):
    """Writes an overlay for clang (-ivfsoverlay) in which the folders' files are found in any case."""
    roots = [{'type': 'directory', 'name': folder, 'contents': _tree(folder)} for folder in folders_]
    with open(path, 'w', encoding='utf-8') as file:
        json.dump({'version': 0, 'case-sensitive': 'false', 'roots': roots}, file)
    return path
