# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Archives what was published more than a year ago, as administrators do it. examples/archive.yml replaces it;
# docs/guides/archive.md goes through both.

param(
    [string] $Server    = $env:ELVIS_SERVER_URL,
    [string] $Username  = $env:ELVIS_USERNAME,
    [string] $Password  = $env:ELVIS_PASSWORD,
    [string] $Zone      = '/Demo Zone',
    [string] $Published = 'cf_publicationDate'
)

$Login = Invoke-RestMethod -Method Post -Uri "$Server/services/apilogin" -Body @{
    username = $Username; password = $Password
}
$Headers = @{ Authorization = "Bearer $($Login.authToken)" }

$Changed = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/updatebulk" -Body @{
    q        = "ancestorPaths:`"$Zone`" AND status:Published AND ${Published}:[* TO NOW-1YEAR]"
    metadata = '{"status": "Archived"}'
}
Write-Output "Archived $($Changed.processedCount) assets"

Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/logout" | Out-Null
