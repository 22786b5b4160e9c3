# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Moves a folder, as administrators do it. examples/move_folder.yml replaces it; docs/guides/move_folder.md goes through
# both.

param(
    [string] $Server   = $env:ELVIS_SERVER_URL,
    [string] $Username = $env:ELVIS_USERNAME,
    [string] $Password = $env:ELVIS_PASSWORD,
    [string] $OldPath  = '/Demo Zone/Magazine/2026-47',
    [string] $NewPath  = '/Demo Zone/Published/2026-47'
)

$Login = Invoke-RestMethod -Method Post -Uri "$Server/services/apilogin" -Body @{
    username = $Username; password = $Password
}
$Headers = @{ Authorization = "Bearer $($Login.authToken)" }

$Parent = $NewPath.Substring(0, $NewPath.LastIndexOf('/'))
Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/createFolder" -Body @{ path = $Parent }
Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/move" -Body @{
    source = $OldPath; target = $NewPath; folderReplacePolicy = 'THROW_EXCEPTION'
}

Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/logout" | Out-Null
