@rem SPDX-License-Identifier: MIT
@rem Uninstalls it. For fleets: uninstall.bat /S, or vgpu-setup.exe itself; docs/install.md has the exit statuses.
@echo off
setlocal
if /i "%PROCESSOR_ARCHITECTURE%"=="AMD64" goto machine_ok
if /i "%PROCESSOR_ARCHITEW6432%"=="AMD64" goto machine_ok
echo This package is for 64-bit Windows on x64 machines. This one is %PROCESSOR_ARCHITECTURE%.
exit /b 11
:machine_ok
if exist "%~dp0vgpu-setup.exe" goto program_ok
echo vgpu-setup.exe is missing in %~dp0
echo Unpack the whole package into a folder, and start this file there.
exit /b 13
:program_ok
rem It asks Windows for administrators' rights itself, and says so where it cannot have them.
"%~dp0vgpu-setup.exe" uninstall %*
exit /b %ERRORLEVEL%
