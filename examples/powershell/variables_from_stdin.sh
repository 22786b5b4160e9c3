#!/bin/sh
# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# An inventory for ansible-playbook: what it reads from its standard input, a JSON object, are variables of every host.
#
#   printf '{"folder": "/Demo Zone/Inbox"}' | ansible-playbook -i variables_from_stdin.sh playbook.yml
printf '{"_meta": {"hostvars": {}}, "all": {"vars": %s}}\n' "$(cat)"
