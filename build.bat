@rem SPDX-License-Identifier: MIT
@echo off
rem Builds on Windows: the kernel driver with Visual Studio and the WDK, the OpenGL DLLs with MinGW-w64 in a Debian of WSL, by the
rem same scripts as on Linux. See docs/building-on-windows.md.
setlocal EnableExtensions EnableDelayedExpansion
set "ROOT=%~dp0"
set "WHAT=all"
set "CONFIGURATION=Release"
set "ARCHITECTURE="

:arguments
if "%~1"=="" goto checked
if /i "%~1"=="driver" (set "WHAT=driver" & shift & goto arguments)
if /i "%~1"=="opengl" (set "WHAT=opengl" & shift & goto arguments)
if /i "%~1"=="all" (set "WHAT=all" & shift & goto arguments)
if /i "%~1"=="--debug" (set "CONFIGURATION=Debug" & shift & goto arguments)
if /i "%~1"=="--x64" (set "ARCHITECTURE=--arch=x64" & shift & goto arguments)
if /i "%~1"=="--x86" (set "ARCHITECTURE=--arch=x86" & shift & goto arguments)
if /i "%~1"=="--help" goto help
if /i "%~1"=="-h" goto help
if "%~1"=="/?" goto help
echo build.bat: unknown argument "%~1"; build.bat --help lists them 1>&2
exit /b 5

:help
echo usage: build.bat [driver^|opengl^|all] [--debug] [--x64^|--x86]
echo.
echo   driver    vgpu.sys, with Visual Studio 2022 and the WDK: build\windows\Release\vgpu.sys
echo   opengl    MvisorVGPUx64.dll, MvisorVGPUx86.dll and opengl32.dll, with MinGW-w64: build\mesa\out and build\mesa\out32
echo   all       both; the default
echo   --debug   the driver with assertions and without optimisation: build\windows\Debug\vgpu.sys
echo   --x64     the DLLs for 64-bit programs alone; --x86 those for 32-bit programs
echo.
echo The DLLs are built in a Debian 12 or 13 of WSL (wsl --install Debian), which is given the packages that are missing.
echo Environment: MSBUILD, the path of MSBuild.exe, where it is not found; WSL_DISTRIBUTION, instead of Debian.
echo Exit status: 0 built, 1 a build failed, 2 Visual Studio is missing, 3 WSL is missing, 4 Python is missing, 5 wrong arguments.
exit /b 0

:checked
if "%WHAT%"=="opengl" goto opengl
call :driver
if errorlevel 1 exit /b %ERRORLEVEL%
if "%WHAT%"=="driver" exit /b 0

:opengl
if not defined WSL_DISTRIBUTION set "WSL_DISTRIBUTION=Debian"
call :find wsl
if not defined FOUND (
    echo build.bat: there is no WSL. As administrator: wsl --install Debian 1>&2
    exit /b 3
)
call wsl -d "%WSL_DISTRIBUTION%" -u root --cd "%ROOT%." -- sh -c "scripts/setup.sh && icd/mesa/build.sh %ARCHITECTURE%"
if errorlevel 1 (
    echo build.bat: the OpenGL DLLs were not built 1>&2
    exit /b 1
)
exit /b 0

:driver
if not defined MSBUILD call :find_msbuild
if not defined MSBUILD (
    echo build.bat: there is no Visual Studio 2022 with C++. Install it, the Windows SDK and the WDK, or set MSBUILD 1>&2
    exit /b 2
)
call :find py
if not defined FOUND (
    echo build.bat: there is no Python ^(py^), which makes the texts of events. Install Python 3 1>&2
    exit /b 4
)
call "%MSBUILD%" "%ROOT%kernel\vgpu.vcxproj" /nologo /m /v:minimal /p:Configuration=%CONFIGURATION% /p:Platform=x64
if errorlevel 1 (
    echo build.bat: vgpu.sys was not built 1>&2
    exit /b 1
)
exit /b 0

:find
set "FOUND="
for %%X in (%~1.exe %~1.bat) do if not "%%~$PATH:X"=="" set "FOUND=%%~$PATH:X"
exit /b 0

:find_msbuild
set "VSWHERE=%ProgramFiles(x86)%\Microsoft Visual Studio\Installer\vswhere.exe"
if not exist "%VSWHERE%" exit /b 0
for /f "usebackq delims=" %%P in (`"%VSWHERE%" -latest -products * -requires Microsoft.Component.MSBuild -find MSBuild\**\Bin\MSBuild.exe`) do set "MSBUILD=%%P"
exit /b 0
