# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Reports who did what with assets, as administrators do it. examples/history.yml replaces it; docs/guides/history.md
# goes through both.

param(
    [string] $Server   = $env:ELVIS_SERVER_URL,
    [string] $Username = $env:ELVIS_USERNAME,
    [string] $Password = $env:ELVIS_PASSWORD,
    [string] $Zone     = '/Demo Zone',
    [string] $Asset    = '/Demo Zone/Print/cover.txt',
    [string] $Agency   = 'Alice',
    [string] $Known    = "$HOME/assets.json",
    [string] $Report   = "$HOME/downloads.csv"
)

$Login = Invoke-RestMethod -Method Post -Uri "$Server/services/apilogin" -Body @{
    username = $Username; password = $Password
}
$Headers = @{ Authorization = "Bearer $($Login.authToken)" }

function Find-Asset([string] $Query) {
    $Start = 0
    do {
        $Page = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/search" -Body @{
            q = $Query; start = $Start; num = 500; metadataToReturn = 'assetPath'
        }
        $Page.hits
        $Start += 500
    } while ($Start -lt $Page.totalHits)
}

function Get-History([string] $Id, [string] $Actions) {
    $Start = 0
    do {
        $Page = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/asset/history" -Body @{
            id = $Id; detailLevel = 0; actions = $Actions; start = $Start; num = 200
        }
        $Page.hits.usageStatsRecord
        $Start += 200
    } while ($Start -lt $Page.totalHits)
}

foreach ($Hit in Find-Asset "assetPath:`"$Asset`"") {
    foreach ($Event in Get-History $Hit.id 'METADATA_UPDATE,CHECKIN') {
        $Fields = $Event.changedMetadata.PSObject.Properties | ForEach-Object {
            "$($_.Name): $($_.Value.oldValue) -> $($_.Value.newValue)"
        }
        Write-Output "$($Event.logDate) $($Event.userName) $($Event.action) $($Fields -join ', ')"
    }
}

if (Test-Path $Known) {
    $Since = [DateTimeOffset]::Now.AddDays(-7).ToUnixTimeMilliseconds()
    Get-Content $Known | ConvertFrom-Json | ForEach-Object {
        Get-History $_.id 'REMOVE' | Where-Object logDate -GE $Since | ForEach-Object assetPath
    }
}
Find-Asset "ancestorPaths:`"$Zone`"" | Select-Object id | ConvertTo-Json | Set-Content $Known

$Since = [DateTimeOffset]::Now.AddDays(-31).ToUnixTimeMilliseconds()
$Rows = foreach ($Hit in Find-Asset "credit:`"$Agency`"") {
    Get-History $Hit.id 'DOWNLOAD' | Where-Object logDate -GE $Since | Select-Object @(
        @{ Name = 'time'; Expression = { [DateTimeOffset]::FromUnixTimeMilliseconds($_.logDate).ToString('s') } }
        @{ Name = 'user'; Expression = { $_.userName } }
        @{ Name = 'path'; Expression = { $_.assetPath } }
    )
}
$Rows | Export-Csv $Report
Write-Output "$(@($Rows).Count) downloads are in $Report"

Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/logout" | Out-Null
