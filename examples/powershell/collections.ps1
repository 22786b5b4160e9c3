# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Keeps a collection of what is approved, as administrators do it. examples/collections.yml replaces it;
# docs/guides/collections.md goes through both.

param(
    [string] $Server     = $env:ELVIS_SERVER_URL,
    [string] $Username   = $env:ELVIS_USERNAME,
    [string] $Password   = $env:ELVIS_PASSWORD,
    [string] $Zone       = '/Demo Zone/Print',
    [string] $Collection = '/Demo Zone/Approved.collection'
)

$Login = Invoke-RestMethod -Method Post -Uri "$Server/services/apilogin" -Body @{
    username = $Username; password = $Password
}
$Headers = @{ Authorization = "Bearer $($Login.authToken)" }

$Found = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/search" -Body @{
    q = "assetPath:`"$Collection`""
}
if ($Found.totalHits -eq 0) {
    $Box = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/create" -Body @{
        assetPath = $Collection
    }
} else {
    $Box = $Found.hits[0]
}
$Wanted = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/search" -Body @{
    q = "ancestorPaths:`"$Zone`" AND status:Approved"; num = 500
}
$Members = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/search" -Body @{
    q = "relatedTo:$($Box.id) relationTarget:child relationType:contains"; num = 500
}
foreach ($Hit in $Wanted.hits | Where-Object { $_.id -notin $Members.hits.id }) {
    Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/createRelation" -Body @{
        relationType = 'contains'; target1Id = $Box.id; target2Id = $Hit.id
    } | Out-Null
}
foreach ($Hit in $Members.hits | Where-Object { $_.id -notin $Wanted.hits.id }) {
    Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/removeRelation" -Body @{
        relationIds = $Hit.relation.relationId
    } | Out-Null
}

Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/logout" | Out-Null
