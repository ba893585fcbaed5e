package provider

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
)

// This file words the errors and warnings about a selection of repositories and about reading it.

// Arguments.

func reportNoRepository(diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root("repository"), "Missing repository", "Set repository to one repository, or repositories to a list of names and patterns.")
}

func reportTwoSelections(diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root("repositories"), "Two selections", "Set either repository or repositories, not both.")
}

func reportTwoDates(diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root("created_within"), "Two ranges of dates", "Set either created or created_within, not both.")
}

// reportEntry reports an element of repositories or exclude_repositories.
func reportEntry(diags *diag.Diagnostics, at path.Path, value types.String, err error) {
	switch {
	case value.IsNull():
		diags.AddAttributeError(at, "Invalid repository", fmt.Sprintf("%s must not be null.", at))
	case errors.Is(err, errTwice):
		diags.AddAttributeError(at, "Invalid repository", fmt.Sprintf("%s cannot be %q: %s. Remove it.", at, clean(value.ValueString()), err))
	case errors.Is(err, fleet.ErrOwnerPattern):
		diags.AddAttributeError(at, "Invalid repository", fmt.Sprintf("%s cannot be %q: %s. Name the owner, and write a pattern for the name only, such as acme/app-*.", at, clean(value.ValueString()), err))
	default:
		reportRepository(diags, at, value.ValueString(), err)
	}
}

// reportNoOwnerOf reports an element of repositories if no owner is set anywhere.
func reportNoOwnerOf(diags *diag.Diagnostics, at path.Path, value string) {
	diags.AddAttributeError(at, "Missing owner",
		fmt.Sprintf("The owner of %q is not set. Write OWNER/%s, or set owner here, in the provider block or in GITHUB_OWNER.", clean(value), clean(value)))
}

func reportAge(diags *diag.Diagnostics, at path.Path, value string, _ error) {
	diags.AddAttributeError(at, "Invalid duration",
		fmt.Sprintf("%s must be a duration greater than zero, in hours such as 720h or in days such as 30d, not %q.", at, clean(value)))
}

// Errors of a read.

// reportFleetError reports the error that ended a read, on the argument at fault.
func reportFleetError(diags *diag.Diagnostics, s selection, err error) {
	if over, isOver := errors.AsType[*fleet.BudgetError](err); isOver {
		reportBudget(diags, over)
		return
	}
	if missing, isMissing := errors.AsType[*fleet.NoWorkflowError](err); isMissing {
		diags.AddAttributeError(path.Root("workflow"), "No repository has the workflow",
			fmt.Sprintf("None of the %d matching repositories has the workflow %q. Write the name of its file in .github/workflows, such as ci.yml, or its ID, not its display name.", missing.Repositories, clean(missing.Workflow)))
		return
	}
	entry, isEntry := errors.AsType[*fleet.EntryError](err)
	if e, isKnown := errors.AsType[*actions.Error](err); isKnown && e.Missing == actions.PartCreated {
		asWritten := *e
		asWritten.Missing = s.filterArgument(e.Missing)
		reportError(diags, &asWritten)
		return
	}
	if !isEntry || s.single {
		reportError(diags, err)
		return
	}
	reportErrorAt(diags, err, s.at(entry.Index))
}

// filterArgument is the argument that sets a filter: created_within asks for created.
func (s selection) filterArgument(filter actions.Part) actions.Part {
	if filter == actions.PartCreated && s.CreatedWithin > 0 {
		return "created_within"
	}
	return filter
}

// reportBudget reports a read that needs more requests than GitHub allows.
func reportBudget(diags *diag.Diagnostics, e *fleet.BudgetError) {
	when, after := "later", ""
	if !e.Reset.IsZero() {
		when = "after " + e.Reset.UTC().Format(time.RFC3339)
		after = " until " + e.Reset.UTC().Format(time.RFC3339)
	}
	if !e.HasCache {
		diags.AddError("The rate limit is too low",
			fmt.Sprintf("The jobs of the selected runs need %d requests, and GitHub allows %d more%s. No jobs were read. Plan again %s, select fewer runs or repositories, or set cache_path or cache_url: a plan then keeps what it reads, and the next plan continues from there. To let the plan wait, raise max_rate_limit_wait in the provider block and read in the timeouts block.", e.Needed, e.Left, after, when))
		return
	}
	found := fmt.Sprintf("needed %d requests, and GitHub allowed %d more%s", e.Needed, e.Left, after)
	if e.Err != nil {
		found = fmt.Sprintf("still need %d requests, and the rate limit is used up%s", e.Needed, after)
	}
	diags.AddError("The rate limit is too low for one plan",
		fmt.Sprintf("The jobs of the selected runs %s. The cache has the jobs of %d of %d runs now. Plan again %s: the next plan continues from there.", found, e.Kept, e.Runs, when))
}

// Warnings.

// problemMessage describes one problem in a sentence.
func problemMessage(p fleet.Problem) string {
	if p.Err == nil {
		return ""
	}
	return clean("Cannot read " + p.Err.Object + ": " + wordings()[p.Err.Kind].cause(p.Err))
}

// reportFleet warns of what a read could not find or list.
func reportFleet(diags *diag.Diagnostics, s selection, report fleet.Report) {
	reportProblems(diags, report.Problems)
	for _, owner := range report.OnlyPublic {
		diags.AddWarning("Only public repositories are listed",
			fmt.Sprintf("%s is a user, and GitHub lists only the public repositories of a user unless the token is the user's own. To read private repositories, write their full names, with a token that can read them.", clean(owner)))
	}
	reportRenamed(diags, s, report.Renamed)
	for _, i := range report.Unmatched {
		if !s.Repositories[i].IsPattern() {
			diags.AddAttributeWarning(s.at(i), "A listed repository is excluded",
				fmt.Sprintf("%s is %q, and exclude_repositories leaves it out.", s.at(i), s.Repositories[i]))
			continue
		}
		diags.AddAttributeWarning(s.at(i), "No repository matches",
			fmt.Sprintf("%s is %q, and no repository of %s that the token can see matches it. Archived, disabled and excluded repositories are left out.", s.at(i), s.Repositories[i], s.Repositories[i].Owner()))
	}
	reportLists(diags, s, report.Repositories)
	reportVanishedRuns(diags, report.Repositories)
}

// reportRenamed warns of old names of repositories that another entry selects too.
func reportRenamed(diags *diag.Diagnostics, s selection, renamed []fleet.Renamed) {
	for _, r := range renamed {
		at, remedy := s.at(r.Entry), "Remove this entry"
		if r.IsRead {
			remedy = fmt.Sprintf("Write %s here", r.New)
		}
		diags.AddAttributeWarning(at, "A repository has a new name",
			fmt.Sprintf("%s is %q, and %s is %s now. Several entries select this repository, and its runs count once. %s.", at, s.Repositories[r.Entry], r.Old, r.New, remedy))
	}
}

// reportNoJobs warns of finished runs without any job. The usual cause is a token that cannot read
// jobs, or a server that does not list them.
func reportNoJobs(diags *diag.Diagnostics, s selection, read fleet.Report) {
	if read.NoJobs() {
		diags.AddWarning(fmt.Sprintf("No job in the finished runs of %s", s.name()),
			fmt.Sprintf("Finished runs have jobs, but GitHub listed none for %d of them. Check that the token can read the jobs: it needs %s.", read.FinishedRuns, readAccess))
	}
}

// reportUsage warns of what the figures do not include.
func reportUsage(diags *diag.Diagnostics, s selection, r usageReport) {
	reportNoJobs(diags, s, r.read)
	if r.cut {
		diags.AddWarning("Some rows are left out",
			fmt.Sprintf("rows contains only the %d groups with the most runner time. Use fewer keys in group_by, or filter the runs.", len(r.rows)))
	}
}

func reportProblems(diags *diag.Diagnostics, problems []fleet.Problem) {
	if len(problems) == 0 {
		return
	}
	messages := make([]string, 0, len(problems))
	for _, p := range problems[:min(len(problems), maxShownProblems)] {
		messages = append(messages, "- "+problemMessage(p))
	}
	if rest := len(problems) - len(messages); rest > 0 {
		messages = append(messages, fmt.Sprintf("- and %d more", rest))
	}
	diags.AddWarning("Some repositories or runs could not be read",
		paragraphs("The result does not include them: complete is false, and problems lists them.", strings.Join(messages, "\n"), problemRemedies(problems)))
}

const (
	maxShownProblems = 10
	maxShownRemedies = 5
)

// problemRemedies says what to do about problems. Problems with the same remedy share it.
func problemRemedies(problems []fleet.Problem) string {
	var remedies []string
	told := map[string]bool{}
	for _, p := range problems {
		if p.Err == nil || len(remedies) == maxShownRemedies {
			continue
		}
		same := *p.Err
		same.SSOLink, _, _ = strings.Cut(same.SSOLink, "?") // the rest differs with each answer
		if key := problemRemedy(&same); !told[key] {
			told[key] = true
			remedies = append(remedies, problemRemedy(p.Err))
		}
	}
	return paragraphs(remedies...)
}

// problemRemedy says what to do about a repository or run that GitHub lists and that could not be read.
func problemRemedy(e *actions.Error) string {
	if e.Kind == actions.NotFound {
		return "What GitHub lists and does not show was deleted since, or is not visible. " + invisible(e)
	}
	return wordings()[e.Kind].remedy(e)
}

// reportLists warns of incomplete lists of runs and of filters that could not be checked, once for all
// repositories.
func reportLists(diags *diag.Diagnostics, s selection, repositories []fleet.RepositoryReport) {
	var short []fleet.RepositoryReport
	unchecked := make(map[actions.Part][]string)
	for _, r := range repositories {
		if r.Listed.Short {
			short = append(short, r)
		}
		for _, filter := range r.Listed.Unchecked {
			unchecked[filter] = append(unchecked[filter], r.Repository.String())
		}
	}
	if len(short) == 1 {
		list := short[0].Listed
		list.Unchecked = nil
		reportRunList(diags, short[0].Repository, list)
	} else if len(short) > 1 {
		names := make([]string, len(short))
		for i, r := range short {
			names[i] = r.Repository.String()
		}
		diags.AddWarning("GitHub counts more runs than it shows",
			fmt.Sprintf("For these repositories, GitHub says that more runs match than it shows, in repeated readings: %s. The lists are what GitHub shows. Lists with a filter come from a search index, whose count can stay too high.", shortList(names)))
	}
	for _, filter := range []actions.Part{actions.PartBranch, actions.PartEvent, actions.PartActor, actions.PartStatus, actions.PartCreated, actions.PartHeadSHA} {
		if names := unchecked[filter]; len(names) > 0 {
			argument := s.filterArgument(filter)
			diags.AddAttributeWarning(path.Root(string(argument)), fmt.Sprintf("Cannot check %s", argument),
				fmt.Sprintf("The server may have ignored %s: the runs of %s that it lists do not have the field that shows it.", argument, shortList(names)))
		}
	}
}

// reportVanishedRuns warns of runs that were deleted after they were listed, once for all repositories.
func reportVanishedRuns(diags *diag.Diagnostics, repositories []fleet.RepositoryReport) {
	var runs []string
	for _, r := range repositories {
		for _, id := range r.Vanished {
			runs = append(runs, fmt.Sprintf("%s run %d", r.Repository, id))
		}
	}
	if len(runs) > 0 {
		diags.AddWarning("Some runs are left out",
			fmt.Sprintf("These runs were deleted after they were listed: %s. The figures do not include them.", shortList(runs)))
	}
}
