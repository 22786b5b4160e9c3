# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Fetches a preview of each asset of a folder, as administrators do it. examples/previews.yml replaces it;
# docs/guides/previews.md goes through both.

param(
    [string] $Server   = $env:ELVIS_SERVER_URL,
    [string] $Username = $env:ELVIS_USERNAME,
    [string] $Password = $env:ELVIS_PASSWORD,
    [string] $Source   = '/Demo Zone/Print',
    [string] $Folder   = "$HOME/previews"
)

$Login = Invoke-RestMethod -Method Post -Uri "$Server/services/apilogin" -Body @{
    username = $Username; password = $Password
}
$Headers = @{ Authorization = "Bearer $($Login.authToken)" }

$Found = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/search" -Body @{
    q = "ancestorPaths:`"$Source`""; num = 10000; metadataToReturn = 'assetPath'
}
foreach ($Asset in $Found.hits) {
    $File = "$Folder$($Asset.metadata.assetPath.Substring($Source.Length)).jpg"
    New-Item -ItemType Directory -Force (Split-Path $File) | Out-Null
    Invoke-WebRequest -Headers $Headers -Uri $Asset.previewUrl -OutFile $File
}

Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/logout" | Out-Null
