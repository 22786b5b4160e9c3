# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Sends what lies in a folder to the DAM, with metadata from a CSV file, as administrators do it.
# examples/nightly_import.yml replaces it; docs/guides/nightly_import.md goes through both.

param(
    [string] $Server   = $env:ELVIS_SERVER_URL,
    [string] $Username = $env:ELVIS_USERNAME,
    [string] $Password = $env:ELVIS_PASSWORD,
    [string] $Inbox    = (Join-Path $PSScriptRoot '../inbox' -Resolve),
    [string] $Target   = '/Demo Zone/Inbox'
)

$Login = Invoke-RestMethod -Method Post -Uri "$Server/services/apilogin" -Body @{
    username = $Username; password = $Password
}
$Headers = @{ Authorization = "Bearer $($Login.authToken)" }

$Captions = @{}
foreach ($Row in Import-Csv "$Inbox/captions.csv") { $Captions[$Row.path] = $Row }

foreach ($File in Get-ChildItem $Inbox -File -Recurse | Where-Object Name -ne 'captions.csv') {
    $Path = [IO.Path]::GetRelativePath($Inbox, $File.FullName).Replace('\', '/')
    $Metadata = @{ status = 'New' }
    foreach ($Column in $Captions[$Path].PSObject.Properties) {
        if ($Column.Name -eq 'path' -or -not $Column.Value) { continue }
        $Metadata[$Column.Name] = $Column.Value
        if ($Column.Name -eq 'tags') { $Metadata.tags = @($Column.Value -split ';\s*') }
    }
    $Asset = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/create" -Form @{
        assetPath = "$Target/$Path"
        metadata  = ConvertTo-Json $Metadata -Compress
        Filedata  = $File
    }
    Write-Output "Sent $($Asset.metadata.assetPath)"
}

Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/logout" | Out-Null
