# SPDX-License-Identifier: MIT
<#
.SYNOPSIS
What of an installation only Windows can show: the real pnputil, device, signatures, opengl32.dll, restart and rights.

.DESCRIPTION
Run as administrator in a virtual machine that may be lost (take a snapshot): installation.ps1 -Package FOLDER [-Older FOLDER].
FOLDER is an unpacked package; a test-signed one needs test-signing on and Secure Boot off. Ends with "N passed, N failed".
Exit status 0: none failed. docs/testing-on-windows.md says what to look at besides.
#>
param(
    [Parameter(Mandatory = $true)] [string] $Package,
    [string] $Older
)
$ErrorActionPreference = 'Stop'
$Passed = 0
$Failed = 0
$Target = Join-Path $env:ProgramFiles 'Virtual GPU'
$Drivers = 'SOFTWARE\Microsoft\Windows NT\CurrentVersion\OpenGLDrivers'
$Log = Join-Path $env:TEMP 'vgpu-installation-test.log'

function Check([string] $Name, [scriptblock] $Test) {
    try { $result = & $Test; $good = [bool]$result; $why = '' } catch { $good = $false; $why = ": $_" }
    if ($good) { $script:Passed++; Write-Host "ok      $Name" } else { $script:Failed++; Write-Host "FAILED  $Name$why" }
}

function Invoke-Setup([string] $Folder, [string[]] $Arguments) {
    $all = $Arguments + @('/S', '/accept-test-certificate', '/log', "`"$Log`"")
    (Start-Process -FilePath (Join-Path $Folder 'vgpu-setup.exe') -ArgumentList $all -Wait -PassThru -NoNewWindow).ExitCode
}

function Test-Done([int] $Status) { $Status -eq 0 -or $Status -eq 3010 }

function Get-Device { Get-CimInstance Win32_PnPEntity | Where-Object { $_.Service -eq 'vgpu' } }

function Get-Picture {
    # Files and registrations that an installation reaches, with their contents.
    $files = Get-ChildItem -Path "$env:windir\System32", "$env:windir\SysWOW64" -Filter 'MvisorVGPU*' -ErrorAction SilentlyContinue |
        ForEach-Object { "$($_.FullName) $((Get-FileHash $_.FullName).Hash)" }
    $folder = if (Test-Path $Target) { (Get-ChildItem -Recurse $Target).FullName } else { @() }
    $keys = foreach ($root in "HKLM:\$Drivers", 'HKLM:\SOFTWARE\WOW6432Node\Microsoft\Windows NT\CurrentVersion\OpenGLDrivers',
        'HKLM:\SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}',
        'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\VirtualGPU') {
        foreach ($key in @(Get-Item $root -ErrorAction SilentlyContinue) + @(Get-ChildItem -Recurse $root -ErrorAction SilentlyContinue)) {
            foreach ($name in $key.GetValueNames()) { "$($key.Name) $name $($key.GetValue($name) -join ',')" }
        }
    }
    $certificates = Get-ChildItem Cert:\LocalMachine\Root, Cert:\LocalMachine\TrustedPublisher | ForEach-Object { "$($_.PSParentPath) $($_.Thumbprint)" }
    $packages = Get-ChildItem "$env:windir\INF\oem*.inf" | Where-Object { Select-String -Quiet -Path $_.FullName -Pattern 'vgpu\.cat' } |
        ForEach-Object { 'published package' }
    @($files) + @($folder) + @($keys) + @($certificates) + @($packages) | Where-Object { $_ } | Sort-Object
}

function Get-Info {
    $output = & (Join-Path $Target 'vgpu-info.exe') '--json'
    @{ Status = $LASTEXITCODE; Json = ($output -join "`n" | ConvertFrom-Json) }
}

if (-not ([Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()).IsInRole('Administrators')) {
    throw 'Run as administrator.'
}
$before = Get-Picture
Check 'nothing is installed yet' { (Invoke-Setup $Package @('status')) -eq 18 }
Check 'without rights it says so' {
    # runas with a basic user's token: exit status 12, and no change.
    $copy = Join-Path $env:TEMP 'vgpu-basic-user.cmd'
    $code = Join-Path $env:PUBLIC 'vgpu-basic-user.txt'
    Set-Content $copy "@`"$Package\vgpu-setup.exe`" install /S`r`n@echo %ERRORLEVEL% >`"$code`"" -Encoding Ascii
    Remove-Item $code -ErrorAction SilentlyContinue
    & runas.exe /trustlevel:0x20000 "cmd /c $copy" | Out-Null
    for ($i = 0; $i -lt 30 -and -not (Test-Path $code); $i++) { Start-Sleep 1 }
    $said = (Get-Content $code).Trim()
    Remove-Item $copy, $code
    $said -eq '12'
}

if ($Older) {
    Check 'an older version installs' { Test-Done (Invoke-Setup $Older @('install')) }
    Check 'its driver runs' { (Get-Device).Status -eq 'OK' }
}
# A program that uses the device during the upgrade.
$holder = if ($Older) { Start-Process -FilePath (Join-Path $Target 'vgpu-info.exe') -ArgumentList '--watch=1' -PassThru -WindowStyle Hidden } else { $null }
Check 'the version installs' { Test-Done (Invoke-Setup $Package @('install')) }
if ($holder) { Stop-Process -Id $holder.Id -ErrorAction SilentlyContinue }
if ($Older) { Check 'the older version is refused now' { (Invoke-Setup $Older @('install')) -eq 17 } }
Check 'it is whole' { (Invoke-Setup $Package @('status')) -eq 0 }

Check 'a device has the driver, and works' { @(Get-Device).Count -ge 1 -and -not (@(Get-Device) | Where-Object { $_.Status -ne 'OK' }) }
Check 'one package is in the driver store' { @(Get-Picture | Where-Object { $_ -eq 'published package' }).Count -eq 1 }
Check 'the driver is signed, and Windows knows by whom' {
    $driver = Get-CimInstance Win32_PnPSignedDriver | Where-Object { $_.InfName -and $_.DeviceID -eq @(Get-Device)[0].DeviceID }
    $driver.IsSigned -and $driver.Signer
}
Check 'the catalog covers the driver' { (Get-AuthenticodeSignature (Join-Path $Target 'vgpu.sys')).Status -eq 'Valid' }
Check 'the device has message-signalled interrupts' {
    $key = "HKLM:\SYSTEM\CurrentControlSet\Enum\$(@(Get-Device)[0].DeviceID)\Device Parameters\Interrupt Management\MessageSignaledInterruptProperties"
    (Get-ItemProperty $key).MSISupported -eq 1
}
Check 'vgpu-info: all is well' { (Get-Info).Status -eq 0 }
Check "vgpu-info: Windows' opengl32.dll has loaded this driver" {
    $info = (Get-Info).Json
    $info.opengl.ours -and $info.opengl.library -like "$env:windir\*opengl32.dll"
}
Check 'a 32-bit process finds the 32-bit registration' {
    $value = & "$env:windir\SysWOW64\reg.exe" query "HKLM\$Drivers\MSOGL" /v DLL /reg:32
    ($value -join ' ') -match 'MvisorVGPUx86\.dll'
}
Check 'repair mends what is deleted' {
    Remove-Item "HKLM:\$Drivers\MSOGL" -Recurse
    Remove-Item "$env:windir\SysWOW64\MvisorVGPUx86.dll"
    (Invoke-Setup $Target @('status')) -eq 23 -and (Test-Done (Invoke-Setup $Target @('repair'))) -and (Invoke-Setup $Target @('status')) -eq 0
}
Check 'the device survives disable and enable' {
    $id = @(Get-Device)[0].DeviceID
    Disable-PnpDevice -InstanceId $id -Confirm:$false
    Enable-PnpDevice -InstanceId $id -Confirm:$false
    Start-Sleep 3
    @(Get-Device)[0].Status -eq 'OK'
}

# As Settings, Apps does it.
Check 'it uninstalls from where it is installed' { Test-Done (Invoke-Setup $Target @('uninstall')) }
Start-Sleep 10
Check 'nothing is left' {
    $after = Get-Picture
    $difference = Compare-Object @($before) @($after)
    $difference | ForEach-Object { Write-Host "        $($_.SideIndicator) $($_.InputObject)" }
    -not $difference
}
Write-Host "$Passed passed, $Failed failed; the log of vgpu-setup: $Log"
exit [int]($Failed -ne 0)
