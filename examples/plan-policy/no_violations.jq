# True, and exit status 0, when the plan has no violations; otherwise each of them, and an error.
.planned_values.outputs.runner_label_violations.value
| if length == 0 then true
  else error(map("\(.workflow_name) / \(.job_name): \(.label // .pattern) is \(.reason)") | join("\n"))
  end
