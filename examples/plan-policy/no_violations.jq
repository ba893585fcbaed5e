# Returns true if the audit in the plan found no violation; otherwise an error that names each violation.
# Without a result it is an error too, because jq reads missing values as null.
.planned_values.outputs.runner_label_violations.value as $violations
| if .errored or ($violations | type) != "array" then
    error("no result: planning failed, the audit is known only after the apply, or the output runner_label_violations is missing")
  elif $violations == [] then true
  else error($violations | map("\(.workflow_name) / \(.job_name): \(.label // .pattern) is \(.reason)") | join("\n"))
  end
