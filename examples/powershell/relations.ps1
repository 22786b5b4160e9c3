# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Relates a cover to its pages, as administrators do it. examples/relations.yml replaces it; docs/guides/relations.md goes
# through both.

param(
    [string] $Server   = $env:ELVIS_SERVER_URL,
    [string] $Username = $env:ELVIS_USERNAME,
    [string] $Password = $env:ELVIS_PASSWORD,
    [string] $Cover    = '/Demo Zone/Print/cover.txt',
    [string] $Page     = '/Demo Zone/Print/pages/Möwe 1.txt',
    [string] $Draft    = '/Demo Zone/Print/pages/draft.txt'
)

$Login = Invoke-RestMethod -Method Post -Uri "$Server/services/apilogin" -Body @{
    username = $Username; password = $Password
}
$Headers = @{ Authorization = "Bearer $($Login.authToken)" }

$Ids = foreach ($Path in $Cover, $Page, $Draft) {
    $Found = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/search" -Body @{
        q = "assetPath:`"$Path`""
    }
    $Found.hits[0].id
}
Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/createRelation" -Body @{
    relationType = 'references'; target1Id = $Ids[0]; target2Id = $Ids[1]
}
$Related = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/search" -Body @{
    q = "relatedTo:$($Ids[0]) relationTarget:child relationType:references"; num = 500
}
foreach ($Hit in $Related.hits | Where-Object { $_.id -eq $Ids[2] }) {
    Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/removeRelation" -Body @{
        relationIds = $Hit.relation.relationId
    }
}

Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/logout" | Out-Null
