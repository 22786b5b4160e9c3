# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that say by name which files and folders take part in a transfer."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  patterns:
    description:
      - Shell patterns. A file takes part when one of them fits it. Without patterns every file takes part.
      - A pattern without a slash fits a name in any folder. One with a slash fits the end of a path, and one with a
        leading slash the whole path. It is the path below the folder that is transferred. Where
        M(damops.elvis.elvis_download) fetches what a query finds, or ids, it is the path in the DAM.
      - C(*) and C(?) stop at a slash, C(**) does not. A backslash is refused, because it separates no folders here.
      - Letter case counts. The task warns if patterns leave out all files.
      - Each element is one pattern. A text such as V(*.jpg; *.png) in one element is refused.
    type: list
    elements: str
    default: []
  excludes:
    description:
      - Shell patterns of files and folders that take no part, written as in O(patterns). A final slash means folders
        only.
      - Where the task removes what has no counterpart, it warns of excludes that fit nothing on either side.
      - Unlike with M(ansible.builtin.find), a folder that is excluded is not entered, and letter case is ignored.
    type: list
    elements: str
    default: []
  default_excludes:
    description:
      - Whether to leave out, besides O(excludes), hidden files, what programs write while they work, and what shares
        and file systems keep for themselves (V(.*), V(Thumbs.db), V(ehthumbs.db), V(desktop.ini), C(Icon) with a
        carriage return, V(~$*), V(.~lock.*#), V(*.part), V(*.filepart), V(*.crdownload), V(*.tmp), V(*.swp), V(*.idlk),
        V(*.lrtmp), V(@eaDir), V(@Recycle), V(@Recently-Snapshot), V(#recycle), V(#snapshot), V(~snapshot),
        V($RECYCLE.BIN), V(System Volume Information), V(lost+found)).
      - With V(false) and no O(excludes), only the collection's own drafts are left out.
    type: bool
    default: true
"""
