# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Copies a layout, goes back to an earlier version, makes a share link and a rule of permissions, as administrators do
# it. examples/share_and_copy.yml replaces it; docs/guides/share_and_copy.md goes through both.

param(
    [string] $Server     = $env:ELVIS_SERVER_URL,
    [string] $Username   = $env:ELVIS_USERNAME,
    [string] $Password   = $env:ELVIS_PASSWORD,
    [string] $Layout     = '/Demo Zone/Magazine/2026-47/Cover/cover.txt',
    [string] $NewLayout  = '/Demo Zone/Magazine/2026-48/Cover/cover.txt',
    [string] $Damaged    = '/Demo Zone/Print/cover.txt',
    [int]    $BadVersion = 2,
    [string] $LinkFile   = "$HOME/link.txt"
)

$Login = Invoke-RestMethod -Method Post -Uri "$Server/services/apilogin" -Body @{
    username = $Username; password = $Password
}
$Headers = @{ Authorization = "Bearer $($Login.authToken)" }

Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/copy" -Body @{
    source = $Layout; target = $NewLayout; fileReplacePolicy = 'THROW_EXCEPTION'
} | Out-Null

$Found = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/search" -Body @{
    q = "assetPath:`"$Damaged`""
}
$Id = $Found.hits[0].id
Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/version/promote" -Body @{
    assetId = $Id; version = $BadVersion - 1
} | Out-Null

$Link = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/createAuthKey" -Body @{
    subject = 'The cover'; validUntil = (Get-Date).AddDays(7).ToString('yyyy-MM-dd')
    assetIds = $Id; downloadOriginal = 'true'
}
Set-Content $LinkFile $Link.webClientUrl

$Rule = @{ sid = 'printers'; query = 'ancestorPaths:"/Demo Zone/Print"'; permissions = 'VP' }
Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/api/admin/permission/rule" `
    -ContentType 'application/json' -Body (ConvertTo-Json $Rule) | Out-Null

Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/logout" | Out-Null
