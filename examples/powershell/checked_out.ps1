# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Writes down who has what checked out, as administrators do it. examples/checked_out.yml replaces it;
# docs/guides/checked_out.md goes through both.

param(
    [string] $Server   = $env:ELVIS_SERVER_URL,
    [string] $Username = $env:ELVIS_USERNAME,
    [string] $Password = $env:ELVIS_PASSWORD,
    [string] $Report   = "$HOME/checked-out.csv"
)

$Login = Invoke-RestMethod -Method Post -Uri "$Server/services/apilogin" -Body @{
    username = $Username; password = $Password
}
$Headers = @{ Authorization = "Bearer $($Login.authToken)" }

$Start = 0
$Rows = do {
    $Page = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/search" -Body @{
        q = 'checkedOutBy:*'; start = $Start; num = 500
        metadataToReturn = 'assetPath,checkedOutBy,checkedOut'
    }
    $Since = @{ Name = 'checkedOut'; Expression = { $_.checkedOut.formatted } }
    $Page.hits.metadata | Select-Object assetPath, checkedOutBy, $Since
    $Start += 500
} while ($Start -lt $Page.totalHits)
$Rows | Export-Csv $Report
Write-Output "$($Page.totalHits) assets are in $Report"

Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/logout" | Out-Null
