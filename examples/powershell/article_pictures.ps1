# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Gives assets the pictures with their article numbers. It is shown as it is found in the field, not as it should be: the
# comments say what is wrong with it. examples/article_pictures.yml replaces it; docs/guides/article_pictures.md goes
# through both.

param(
    [string] $Server   = $env:ELVIS_SERVER_URL,
    [string] $Username = $env:ELVIS_USERNAME,
    [string] $Password = $env:ELVIS_PASSWORD,
    [string] $Field    = 'cf_articleNumber',
    [string] $Pictures = "$HOME/pictures"
)

# The password is in the address, so it is in the access log of the server and of every proxy on the way.
$Login   = Invoke-RestMethod -Method Post -Uri "$Server/services/apilogin?username=$Username&password=$Password"
$Headers = @{ Authorization = "Bearer $($Login.authToken)" }
New-Item -ItemType Directory -Force "$Pictures-duplicates", "$Pictures-unmatched" | Out-Null

foreach ($File in Get-ChildItem "$Pictures/*.jpg") {
    # Leading zeros don't count. Of two numbers in a name, the first one counts.
    $Number = if ($File.Name -match '0*([1-9]\d{7,13})') { $Matches[1] }

    # A failed search has no hits either, so its picture is put away as one without an asset. The search is for words: it
    # finds the article 12345678-B as well.
    $Found = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/search" -Body @{
        q = "${Field}:$Number"; num = 50
    }
    if (-not $Found.hits) {
        Move-Item $File "$Pictures-unmatched"
        continue
    }
    foreach ($Asset in $Found.hits) {
        if ((Get-FileHash $File -Algorithm MD5).Hash -eq $Asset.metadata.firstExtractedChecksum) {
            Copy-Item $File "$Pictures-duplicates"
            continue
        }
        # A refused update is an HTTP 200 with an errorcode. Nobody looks.
        Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/update" -Form @{
            id       = $Asset.id
            metadata = ConvertTo-Json @{ name = $Asset.metadata.name } -Compress
            Filedata = $File
        } | Out-Null

        # So the versions before are deleted, and the picture below, though it may be nowhere else.
        $Versions = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/version/list" -Body @{
            assetId = $Asset.id
        }
        $Old = $Versions.hits.hit.metadata.versionNumber | Select-Object -Skip 1
        Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/version/delete" -Body @{
            assetId = $Asset.id; versions = $Old -join ','
        } | Out-Null
    }
    Remove-Item $File
}

# There is no logout: the session holds a licence seat for half an hour.
