package main

import rego.v1

audit := input.planned_values.outputs.runner_labels.value

deny contains message if some message in audit.violations

deny contains message if some message in audit.problems

# This also covers a plan without a result: the value is then undefined.
deny contains "The audit is not complete, or the plan has no result of it." if not audit.complete == true

deny contains "Planning failed." if input.errored == true
