# Returns true if the audit in the plan is complete and found no violation; otherwise an error that says why.
# Without a result it is an error too, because jq reads missing values as null.
.planned_values.outputs.runner_labels.value as $audit
| if .errored or ($audit.violations | type) != "array" then
    error("no result: planning failed, the audit is known only after the apply, or the output runner_labels is missing")
  elif $audit.violations != [] then error($audit.violations | join("\n"))
  elif $audit.complete != true then error(["the audit is not complete"] + $audit.problems | join("\n"))
  else true
  end
