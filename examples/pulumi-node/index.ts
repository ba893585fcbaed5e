import * as pulumi from "@pulumi/pulumi";
import * as actions from "@pulumi/github_actions";

const ci = actions.getRunJobsOutput({ repository: "app", runId: 700, filter: "final" });

const audit = actions.getRunnerLabelAuditOutput({
    repository: "app",
    deniedLabels: ["ubuntu-20.04"],
});

// Pulumi does not know that the text of a log is sensitive, so mark it here.
const log = pulumi.secret(actions.getJobLogsOutput({ repository: "app", jobId: 70004, tailLines: 5 }));

export const succeeded = ci.succeeded;
export const waited = ci.jobs.apply(jobs =>
    jobs.filter(job => job.queuedSeconds > 10).map(job => `${job.name}: ${job.queuedSeconds} s`));
export const violations = audit.violations.apply(all => all.map(violation => violation.message));
export const logText = log.content;

// Functions take their arguments by position. The jobs can keep their camelCase keys.
export const chart = actions.timelineOutput(ci.jobs);
export const denied = actions.labelViolationsOutput(ci.jobs, { deniedLabels: ["macos-*"] })
    .apply(all => all.map(violation => violation.message));

// A gate: the program fails unless the run has succeeded.
export const released = pulumi.all([ci.succeeded, ci.failedJobs]).apply(([ok, failed]) => {
    if (!ok) {
        throw new Error(`CI has not succeeded: ${failed.join(", ")}`);
    }
    return "run 700";
});
