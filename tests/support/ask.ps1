# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs Invoke-RestMethod for each of many cases, all at once, and prints as JSON what came of each: what kind of thing the
# answer is and what $Answer.word is, or why it failed, or that it was still waiting after so many seconds.

param([string] $Cases, [double] $Seconds)

$Script = {
    param($Parameters)
    $ErrorActionPreference = 'Stop'
    try {
        $Answer = Invoke-RestMethod @Parameters
        $Word = $Answer.word
        @{ kind = "$(if ($null -ne $Answer) { $Answer.GetType().Name })"; word = "$Word"; word_kind = "$(if ($null -ne $Word) { $Word.GetType().Name })" }
    }
    catch {
        @{ kind = 'error'; word = "$($_.Exception.GetType().Name): $($_.Exception.Message)"; word_kind = '' }
    }
}

$Running = [ordered] @{}
foreach ($Case in (Get-Content -Raw $Cases | ConvertFrom-Json -AsHashtable).GetEnumerator()) {
    $Shell = [powershell]::Create().AddScript($Script).AddArgument($Case.Value)
    $Running[$Case.Key] = @{ shell = $Shell; handle = $Shell.BeginInvoke() }
}

$Deadline = (Get-Date).AddSeconds($Seconds)
$Outcomes = [ordered] @{}
foreach ($Name in $Running.Keys) {
    $Left = [Math]::Max(0, ($Deadline - (Get-Date)).TotalMilliseconds)
    $Outcomes[$Name] = if ($Running[$Name].handle.AsyncWaitHandle.WaitOne([int] $Left)) {
        $Running[$Name].shell.EndInvoke($Running[$Name].handle)[0]
    }
    else {
        @{ kind = 'waiting'; word = ''; word_kind = '' }
    }
}
$Outcomes | ConvertTo-Json -Compress
# What still waits would keep this process.
[Environment]::Exit(0)
