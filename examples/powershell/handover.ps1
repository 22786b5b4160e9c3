# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# The other way round: a script logs in, a playbook does its work in between, and the script logs out whatever happens to
# that. The playbook reads the session from its standard input, so no list of processes shows the token, and no file holds
# it. It needs ansible-playbook on the PATH.

param(
    [string] $Server   = $env:ELVIS_SERVER_URL,
    [string] $Username = $env:ELVIS_USERNAME,
    [string] $Password = $env:ELVIS_PASSWORD,
    [string] $Folder   = '/Demo Zone/Inbox'
)

$ErrorActionPreference = 'Stop'

# In the body, where no access log has it, and encoded.
$Login = Invoke-RestMethod -Method Post -Uri "$Server/services/apilogin" `
    -Body @{ username = $Username; password = $Password }
if (-not $Login.loginSuccess) {
    throw "The server refused the login: $($Login.loginFaultMessage)"
}

try {
    # -e @/dev/stdin can't read a pipe, with any ansible-core: it looks for a file. An inventory that is a program can.
    @{
        elvis_session = @{ server_url = $Server; auth_method = 'bearer'; auth_token = $Login.authToken }
        folder        = $Folder
    } | ConvertTo-Json -Compress |
        ansible-playbook -i "$PSScriptRoot/variables_from_stdin.sh" "$PSScriptRoot/handover_middle.yml"
    if ($LASTEXITCODE -ne 0) {
        throw "The playbook ended with $LASTEXITCODE."
    }
}
finally {
    $Logout = Invoke-RestMethod -Method Post -Uri "$Server/services/logout" `
        -Headers @{ Authorization = "Bearer $($Login.authToken)" }
    Write-Output "Logged out: $($Logout.logoutSuccess)"
}
