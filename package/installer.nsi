; SPDX-License-Identifier: MIT
; The release as one program: unpacks a package to a folder of its own, and lets vgpu-setup.exe do the work. Its arguments are
; vgpu-setup's (/S asks nothing), and so is its exit status.
;
; makensis -DSTAGE=FOLDER -DOUT=FILE.exe -DVERSION=X.Y.Z package/installer.nsi
; STAGE has the package's files. Made from the same files it has the same bytes.

!ifndef STAGE | OUT | VERSION
  !error "makensis -DSTAGE=FOLDER -DOUT=FILE.exe -DVERSION=X.Y.Z package/installer.nsi"
!endif

Unicode true
Target amd64-unicode ; vgpu-setup.exe and the driver are for x64 alone
SetDateSave off
!ifndef COMPRESSOR
  !define COMPRESSOR "/SOLID lzma" ; a minute; zlib takes seconds
!endif
SetCompressor ${COMPRESSOR}
RequestExecutionLevel admin
ManifestSupportedOS Win10
Name "Virtual GPU ${VERSION}"
Caption "Virtual GPU ${VERSION}: OpenGL for this virtual machine"
OutFile "${OUT}"
BrandingText " "
ShowInstDetails show
AutoCloseWindow false
Page instfiles

VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "Virtual GPU for Windows guests"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "Installs the virtual GPU's driver and OpenGL"
VIAddVersionKey LegalCopyright "MIT licence"

!include FileFunc.nsh
!include LogicLib.nsh
!define RESTART 3010

Var Arguments
Var Status

Function .onInit
  ${GetParameters} $Arguments
FunctionEnd

; A window asks here, for vgpu-setup has none.
Function AskForCertificate
  IfFileExists "$OUTDIR\vgpu-test.cer" 0 done
  IfSilent done
  MessageBox MB_YESNO|MB_ICONEXCLAMATION|MB_DEFBUTTON2 \
    "This package is test-signed.$\r$\n$\r$\nTo use it, this machine has to trust everything that is signed with the test \
certificate's key, drivers included, until the package is uninstalled. Do so only on a machine for tests.$\r$\n$\r$\nTrust it?" \
    /SD IDNO IDNO done
  StrCpy $Arguments "$Arguments /accept-test-certificate"
done:
FunctionEnd

Section
  InitPluginsDir
  SetOutPath "$PLUGINSDIR\package"
  File "${STAGE}/vgpu-setup.exe"
  File "${STAGE}/vgpu-info.exe"
  File "${STAGE}/vgpu.inf"
  File "${STAGE}/vgpu.sys"
  File "${STAGE}/vgpu.cat"
  File "${STAGE}/MvisorVGPUx64.dll"
  File "${STAGE}/MvisorVGPUx86.dll"
  File "${STAGE}/README.txt"
  File "${STAGE}/LICENSE*"
!if /FileExists "${STAGE}/vgpu-test.cer"
  File "${STAGE}/vgpu-test.cer"
!endif
  SetOutPath "$PLUGINSDIR\package\x64"
  File "${STAGE}/x64/opengl32.dll"
  SetOutPath "$PLUGINSDIR\package\x86"
  File "${STAGE}/x86/opengl32.dll"
  SetOutPath "$PLUGINSDIR\package"
  Call AskForCertificate

  nsExec::ExecToLog '"$OUTDIR\vgpu-setup.exe" $Arguments /S'
  Pop $Status
  ; The folder can go only when nothing is in it any more.
  SetOutPath "$TEMP"
  ${If} $Status == "error"
    StrCpy $Status 1
  ${EndIf}
  SetErrorLevel $Status
  ${If} $Status == ${RESTART}
    MessageBox MB_OK|MB_ICONINFORMATION "Done. Restart Windows to complete it." /SD IDOK
  ${ElseIf} $Status != 0
    MessageBox MB_OK|MB_ICONSTOP "It did not succeed (status $Status). The lines in the window say why, and what to do." /SD IDOK
    SetErrorLevel $Status
    Abort
  ${EndIf}
SectionEnd
