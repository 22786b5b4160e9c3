# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# How administrators of Elvis do it with PowerShell: log in, make a folder, log out. It works, and is shown as it is found
# in the field, not as it should be. The comments say what is wrong with it; docs/powershell.md goes through it line by
# line. Beside it, uri.yml and collection.yml do the same job.

param(
    [string] $Server   = $env:ELVIS_SERVER_URL,
    [string] $Username = $env:ELVIS_USERNAME,
    [string] $Password = $env:ELVIS_PASSWORD,
    [string] $Folder   = '/Demo Zone/Inbox'
)

# base64 protects nothing: this is the password, written in another way.
$Cred = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("${Username}:${Password}"))

# The password is in the address, twice, so it is in the access log of the server and of every proxy on the way. A '&', '%',
# '+' or '#' in it is not encoded and breaks the login.
$Login = Invoke-RestMethod -Method Post `
    -Uri "$Server/services/apilogin?cred=$Cred&username=$Username&password=$Password"

# A refused login is an HTTP 200 with loginSuccess = false. Nobody looks, and $Token is empty from here on.
$Token   = $Login.authToken
$Headers = @{ Authorization = "Bearer $Token" }

# So is a call that is not logged in: an HTTP 200 with errorcode = 401. Invoke-RestMethod calls that a success.
Invoke-RestMethod -Method Post -Headers $Headers `
    -Uri "$Server/services/createFolder" -Body @{ path = $Folder }

# When anything above stopped the script, this is never reached: the session holds a licence seat for half an hour.
$Logout = Invoke-RestMethod -Method Post -Headers $Headers -Uri "$Server/services/logout"
Write-Output "Logged out: $($Logout.logoutSuccess)"
