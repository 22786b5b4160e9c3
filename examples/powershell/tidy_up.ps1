# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Gives back old check-outs, moves published issues to the archive and removes drafts, as administrators do it.
# examples/tidy_up.yml replaces it; docs/guides/tidy_up.md goes through both.

param(
    [string] $Server   = $env:ELVIS_SERVER_URL,
    [string] $Username = $env:ELVIS_USERNAME,
    [string] $Password = $env:ELVIS_PASSWORD,
    [string] $Zone     = '/Demo Zone',
    [string] $Issues   = "$Zone/Magazine",
    [string] $Archive  = "$Zone/Archive/Magazine",
    [string] $Kept     = "$Zone/Kept.collection",
    [int]    $Hours    = 12
)

$Login = Invoke-RestMethod -Method Post -Uri "$Server/services/apilogin" -Body @{
    username = $Username; password = $Password
}
$Headers = @{ Authorization = "Bearer $($Login.authToken)" }

$Before = [DateTimeOffset]::UtcNow.AddHours(-$Hours).ToUnixTimeMilliseconds()
$Found = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/search" -Body @{
    q = "ancestorPaths:`"$Zone`" AND checkedOutBy:*"; num = 500
}
foreach ($Hit in $Found.hits | Where-Object { $_.metadata.checkedOut.value -lt $Before }) {
    Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/undocheckout/$($Hit.id)" | Out-Null
}

$Found = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/search" -Body @{
    q = "ancestorPaths:`"$Issues`" AND status:Published"; num = 500
}
foreach ($Hit in $Found.hits) {
    Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/move" -Body @{
        source = $Hit.metadata.assetPath
        target = $Archive + $Hit.metadata.assetPath.Substring($Issues.Length)
    } | Out-Null
}

$Box = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/search" -Body @{
    q = "assetPath:`"$Kept`""
}
$Members = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/search" -Body @{
    q = "relatedTo:$($Box.hits[0].id) relationTarget:child relationType:contains"; num = 500
}
$Drafts = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/search" -Body @{
    q = "ancestorPaths:`"$Zone`" AND status:Draft"; num = 500
}
foreach ($Hit in $Drafts.hits | Where-Object { $_.id -notin $Members.hits.id }) {
    Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/remove" -Body @{
        ids = $Hit.id
    } | Out-Null
}

Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/logout" | Out-Null
