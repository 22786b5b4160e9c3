# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# The jobs of the bench as a script does them: one call after the other, in a plain loop.
param([string]$Job, [string]$Folder, [string]$Table)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$Url = $env:ELVIS_SERVER_URL
$User = @{ username = $env:ELVIS_USERNAME; password = $env:ELVIS_PASSWORD }
$Login = Invoke-RestMethod -Method Post -Uri "$Url/services/apilogin" -Body $User
$Headers = @{ Authorization = "Bearer $($Login.authToken)" }

function Write-Report {
    $Start = 0
    do {
        $Query = @{ q = 'ancestorPaths:"/Bench"'; sort = 'assetPath'; start = $Start; num = 500 }
        $Page = Invoke-RestMethod -Method Post -Uri "$Url/services/search" -Headers $Headers -Body $Query
        $Page.hits | ForEach-Object {
            [pscustomobject]@{
                id = $_.id; assetPath = $_.metadata.assetPath; headline = $_.metadata.headline; url = $_.originalUrl
            }
        }
        $Start += 500
    } while ($Start -lt $Page.totalHits)
}

function Write-History($Asset) {
    $Start = 0
    do {
        $Query = @{ id = $Asset.id; detailLevel = 5; start = $Start; num = 200 }
        $Page = Invoke-RestMethod -Method Post -Uri "$Url/services/asset/history" -Headers $Headers -Body $Query
        foreach ($Record in $Page.hits.usageStatsRecord) {
            $Line = [ordered]@{
                time = $Record.logDate; user = $Record.userName; client = $Record.clientType; action = $Record.action
                id = $Record.assetId; path = $Record.assetPath; field = $null; before = $null; after = $null
            }
            $Fields = @($Record.changedMetadata.PSObject.Properties)
            if (-not $Fields) { [pscustomobject]$Line }
            foreach ($Field in $Fields) {
                $Line.field = $Field.Name; $Line.before = $Field.Value.oldValue; $Line.after = $Field.Value.newValue
                [pscustomobject]$Line
            }
        }
        $Start += 200
    } while ($Start -lt $Page.totalHits)
}

function Restore-Metadata($Asset, [long]$Since, [long]$Until) {
    $Old = @{}
    $Query = @{ id = $Asset.id; detailLevel = 5; num = 200 }
    $Page = Invoke-RestMethod -Method Post -Uri "$Url/services/asset/history" -Headers $Headers -Body $Query
    foreach ($Record in $Page.hits.usageStatsRecord | Sort-Object logDate -Descending) {
        if ($Record.logDate -lt $Since -or $Record.logDate -ge $Until) { continue }
        foreach ($Field in $Record.changedMetadata.PSObject.Properties) { $Old[$Field.Name] = "$($Field.Value.oldValue)" }
    }
    $Body = @{ id = $Asset.id; metadata = $Old | ConvertTo-Json -Compress }
    $Updated = Invoke-RestMethod -Method Post -Uri "$Url/services/update" -Headers $Headers -Body $Body
    if ($Updated.errorcode) { throw $Updated }
}

switch ($Job) {
    'folder' {
        $null = Invoke-RestMethod -Method Post -Uri "$Url/services/createFolder" -Headers $Headers -Body @{ path = '/Bench folder' }
    }
    'upload' {
        foreach ($Row in Import-Csv $Table) {
            $Metadata = @{ headline = $Row.headline; credit = $Row.credit } | ConvertTo-Json -Compress
            $Form = @{
                assetPath = "/Bench/$($Row.path)"; metadata = $Metadata; Filedata = Get-Item (Join-Path $Folder $Row.path)
            }
            $Asset = Invoke-RestMethod -Method Post -Uri "$Url/services/create" -Headers $Headers -Form $Form
            if (-not $Asset.id) { throw $Asset }
        }
    }
    'report' {
        Write-Report | Export-Csv $Table
    }
    'history' {
        Write-Report | ForEach-Object { Write-History $_ } | Export-Csv $Table
    }
    'restore' {
        foreach ($Asset in Write-Report) { Restore-Metadata $Asset $Folder $Table }
    }
    'metadata' {
        foreach ($Row in Import-Csv $Table) {
            $Body = @{ id = $Row.id; metadata = @{ headline = $Row.headline } | ConvertTo-Json -Compress }
            $Asset = Invoke-RestMethod -Method Post -Uri "$Url/services/update" -Headers $Headers -Body $Body
            if ($Asset.errorcode) { throw $Asset }
        }
    }
    'give back' {
        foreach ($Row in Write-Report) {
            $null = Invoke-RestMethod -Method Post -Uri "$Url/services/undocheckout/$($Row.id)" -Headers $Headers
        }
    }
    'move' {
        foreach ($Row in Write-Report) {
            $Body = @{ source = $Row.assetPath; target = $Row.assetPath -replace '^/Bench', '/Bench/Moved' }
            $Done = Invoke-RestMethod -Method Post -Uri "$Url/services/move" -Headers $Headers -Body $Body
            if ($Done.errorCount) { throw $Done }
        }
    }
    'remove' {
        foreach ($Row in Write-Report) {
            $Done = Invoke-RestMethod -Method Post -Uri "$Url/services/remove" -Headers $Headers -Body @{ ids = $Row.id }
            if ($Done.errorCount) { throw $Done }
        }
    }
    'download' {
        foreach ($Row in Write-Report) {
            $File = Join-Path $Folder $Row.assetPath
            $null = New-Item -ItemType Directory -Force (Split-Path $File)
            Invoke-WebRequest -Uri $Row.url -Headers $Headers -OutFile $File
        }
    }
}
$null = Invoke-RestMethod -Method Post -Uri "$Url/services/logout" -Headers $Headers
