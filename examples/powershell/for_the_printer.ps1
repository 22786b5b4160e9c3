# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Fetches what is approved for the printer, with a list of it, as administrators do it. examples/for_the_printer.yml
# replaces it; docs/guides/for_the_printer.md goes through both.

param(
    [string] $Server   = $env:ELVIS_SERVER_URL,
    [string] $Username = $env:ELVIS_USERNAME,
    [string] $Password = $env:ELVIS_PASSWORD,
    [string] $Approved = 'ancestorPaths:"/Demo Zone/Print" AND status:Approved',
    [string] $Folder   = "$HOME/for-the-printer"
)

$Login = Invoke-RestMethod -Method Post -Uri "$Server/services/apilogin" -Body @{
    username = $Username; password = $Password
}
$Headers = @{ Authorization = "Bearer $($Login.authToken)" }

New-Item -ItemType Directory -Force $Folder | Out-Null
$Found = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/search" -Body @{
    q = $Approved; num = 10000; metadataToReturn = 'name,headline,credit'
}
$List = foreach ($Asset in $Found.hits) {
    $Name = $Asset.metadata.name
    Invoke-WebRequest -Headers $Headers -Uri $Asset.originalUrl -OutFile "$Folder/$Name"
    $Asset.metadata | Select-Object @{ Name = 'path'; Expression = 'name' }, headline, credit
}
$List | Export-Csv "$Folder/list.csv"

Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/logout" | Out-Null
