# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Makes the folders of a new issue, as administrators do it. examples/issue_folders.yml replaces it;
# docs/guides/issue_folders.md goes through both.

param(
    [string]   $Server   = $env:ELVIS_SERVER_URL,
    [string]   $Username = $env:ELVIS_USERNAME,
    [string]   $Password = $env:ELVIS_PASSWORD,
    [string]   $Issue    = '2026-48',
    [string]   $Magazine = '/Demo Zone/Magazine',
    [string[]] $Sections = @('Cover', 'Ads', 'Pages/Travel', 'Pages/Food')
)

$Login = Invoke-RestMethod -Method Post -Uri "$Server/services/apilogin" -Body @{
    username = $Username; password = $Password
}
$Headers = @{ Authorization = "Bearer $($Login.authToken)" }

foreach ($Section in $Sections) {
    $Path = "$Magazine/$Issue/$Section"
    Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/createFolder" -Body @{ path = $Path }
}

Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/logout" | Out-Null
