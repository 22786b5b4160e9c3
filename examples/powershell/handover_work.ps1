# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# What is left of logout.ps1 once handover.yml logs in and out: the work. It reads the session from its standard input, one
# line of JSON, instead of logging in.

param(
    [string] $Folder = '/Demo Zone/Inbox'
)

# Or an error is printed, and the script goes on and ends with 0.
$ErrorActionPreference = 'Stop'

$Session = [Console]::In.ReadLine() | ConvertFrom-Json
$Server  = $Session.server_url
$Headers = @{ Authorization = "Bearer $($Session.auth_token)" }

$Made = Invoke-RestMethod -Method Post -Headers $Headers `
    -Uri "$Server/services/createFolder" -Body @{ path = $Folder }

# A failure comes as HTTP 200, so somebody has to look. What is thrown ends the script with 1.
if ($Made.errorcode) {
    throw "Cannot make $Folder`: $($Made.message)"
}
if ($Made.$Folder -notin 'created', 'already exists') {
    throw "Cannot make $Folder`: $($Made.$Folder)"
}
Write-Output "$Folder`: $($Made.$Folder)"
