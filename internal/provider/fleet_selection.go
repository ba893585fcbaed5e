package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// fleetDataSource is what data sources about many repositories share: the selection. To use it,
// embed it in place of dataSource, merge selectionArguments into the schema and selectionFields
// into the object, and call readFleet.
type fleetDataSource struct{ dataSource }

// ValidateConfig checks the arguments of the selection against each other.
func (d *fleetDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	in := input{req.Config, &resp.Diagnostics}
	repository, repositories := get[types.String](ctx, in, "repository"), get[types.List](ctx, in, "repositories")
	switch {
	case repository.IsNull() && repositories.IsNull():
		reportNoRepository(in.diags)
	case isSet(repository) && isSet(repositories):
		reportTwoSelections(in.diags)
	case isSet(repository):
		in.checkOwners(ctx)
	}
	if isSet(get[types.String](ctx, in, "created")) && isSet(get[types.String](ctx, in, "created_within")) {
		reportTwoDates(in.diags)
	}
}

// isSet reports whether an argument has a value. An unknown one may still turn out to be null.
func isSet(value attr.Value) bool { return !value.IsNull() && !value.IsUnknown() }

// fleetTimeouts is the timeouts block of a data source about many repositories.
func fleetTimeouts() map[string]schema.Block {
	return map[string]schema.Block{"timeouts": timeoutsBlock("read", "Default: `10m`, or `60m` with `repositories`.")}
}

// selectionArguments are the arguments that select the jobs. verb says what the data source does
// with them.
func selectionArguments(verb string) map[string]schema.Attribute {
	const pattern = " In a name, `*` matches any characters and `?` one character. Case is ignored."
	own := map[string]schema.Attribute{
		"repositories": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Repositories, instead of `repository`: names (`app`, `acme/app`) and patterns (`app-*`, `acme/*`)." + pattern + " A pattern matches repositories of the owner, except archived and disabled ones. If a repository that is named in full cannot be read, the read fails. If a repository that a pattern matches cannot be read, it is listed in `problems`. A repository that is selected by its old and its new name is read once, with a warning.",
			Validators:          []validator.List{validRepositories()},
		},
		"exclude_repositories": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Repositories to leave out, as names and patterns like those of `repositories`. A name without an owner excludes the repository of any owner. Default: none.",
			Validators:          []validator.List{validExclusions()},
		},
		"created_within": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Maximum age of the runs, as a duration such as `720h` or `30d`. The provider rounds the start of this period down to the full hour. Conflicts with `created`. Default: all runs.",
			Validators:          []validator.String{validAge()},
		},
		"max_runs": schema.NumberAttribute{
			Optional:            true,
			MarkdownDescription: fmt.Sprintf("Maximum number of runs to %s in each repository, newest first: 1 to %d, default %d. Each run costs one request for every 100 of its jobs. A completed run that another data source of the same plan has read, or that is in `cache_path` or `cache_url`, costs none.", verb, actions.MaxRuns, fleet.DefaultMaxRuns),
			Validators:          []validator.Number{between(1, actions.MaxRuns)},
		},
		"filter": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: fmt.Sprintf("Attempts of each run to %s: `latest` (default), `all` or `final`, as in `github_actions_run_jobs`.", verb),
			Validators:          []validator.String{validOneOf(job.Filters()...)},
		},
	}
	repository := repositoryArguments()
	repository["repository"] = schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "Repository, as `name` or `owner/name`. Names can contain letters, digits, `-`, `_` and `.`. Either this or `repositories` is required.",
		Validators:          []validator.String{validOneRepository()},
	}
	repository["owner"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "User or organisation that owns the repositories written without an owner. Default: the owner in `repository`, or else the `owner` of the provider. If `repository` contains an owner, this argument must be the same. Null if `repositories` names several owners.",
		Validators:          []validator.String{validOwner()},
	}
	return mergeAttributes(repository, runsFilterArguments(), own)
}

// selection is a fleet.Selection and the places of its parts in the configuration.
type selection struct {
	fleet.Selection

	owner  string // for the state: the owner of all entries; empty if they have several
	single bool   // the argument is repository
}

// at is the path of an entry of the selection.
func (s selection) at(index int) path.Path {
	if s.single {
		return path.Root("repository")
	}
	return path.Root("repositories").AtListIndex(index)
}

// name names what is selected in messages.
func (s selection) name() string {
	if len(s.Repositories) == 1 {
		return s.Repositories[0].String()
	}
	return fmt.Sprintf("%d entries of repositories", len(s.Repositories))
}

// selection reads the arguments of selectionArguments, and the timeout that goes with them.
func (d *fleetDataSource) selection(ctx context.Context, in input) (selection, time.Duration) {
	s := selection{single: !get[types.String](ctx, in, "repository").IsNull()}
	timeout := waitingReadTimeout
	if s.single {
		timeout = defaultReadTimeout
		repo := d.repository(ctx, in)
		if entry, err := fleet.ParseEntry(repo.String()); err == nil {
			s.Repositories = []fleet.Entry{entry}
		}
	} else {
		s.Repositories = d.entries(ctx, in)
	}
	for _, text := range in.strings(ctx, "exclude_repositories") {
		if entry, err := fleet.ParseEntry(text); err == nil { // the validator has checked each entry
			s.Exclude = append(s.Exclude, entry)
		}
	}
	s.owner = commonOwner(s.Repositories)
	s.MaxRuns = int(in.int64Or(ctx, "max_runs", fleet.DefaultMaxRuns))
	s.Runs = in.runsQuery(ctx, actions.Repository{}, 0)
	s.Filter = job.Filter(get[types.String](ctx, in, "filter").ValueString())
	if within := get[types.String](ctx, in, "created_within"); !within.IsNull() {
		s.CreatedWithin, _ = parseAge(within.ValueString()) // its validator has checked it
	}
	return s, timeout
}

// entries reads repositories, and adds the owner to each.
func (d *fleetDataSource) entries(ctx context.Context, in input) []fleet.Entry {
	fallback := cmp.Or(get[types.String](ctx, in, "owner").ValueString(), d.owner)
	var entries []fleet.Entry
	for i, text := range in.strings(ctx, "repositories") {
		at := path.Root("repositories").AtListIndex(i)
		entry, err := fleet.ParseEntry(text)
		if err != nil {
			reportEntry(in.diags, at, types.StringValue(text), err)
			continue
		}
		if entry, err = entry.Resolve("", fallback); errors.Is(err, actions.ErrNoOwner) {
			reportNoOwnerOf(in.diags, at, text)
			continue
		}
		entries = append(entries, entry)
	}
	return entries
}

func commonOwner(entries []fleet.Entry) string {
	owner := ""
	for i, entry := range entries {
		if i > 0 && !strings.EqualFold(owner, entry.Owner()) {
			return ""
		}
		owner = entry.Owner()
	}
	return owner
}

// readFleet reads what is selected, and adds its errors and warnings to the diagnostics. Several
// goroutines call take at once. ok is false after an error.
func (d *fleetDataSource) readFleet(ctx context.Context, in input, s selection, take func(fleet.Item)) (_ fleet.Report, ok bool) {
	report, err := fleet.Read(ctx, d.client, s.Selection, fleet.Options{Progress: logFleet(ctx)}, take)
	if err != nil {
		reportFleetError(in.diags, s, err)
		return fleet.Report{}, false
	}
	reportFleet(in.diags, s, report)
	return report, true
}

// logFleet writes the progress of a read to the log.
func logFleet(ctx context.Context) func(fleet.Progress) {
	return func(p fleet.Progress) {
		fields := map[string]any{
			"repositories_done": p.RepositoriesDone, "repositories": p.Repositories, "runs_done": p.RunsDone, "runs": p.Runs,
		}
		if p.RequestsLeft != nil {
			fields["requests_left"] = *p.RequestsLeft
		}
		tflog.Info(ctx, "Reading the jobs of workflow runs", fields)
	}
}

// parseAge reads a duration that may be in days.
func parseAge(s string) (time.Duration, error) {
	const day = 24 * time.Hour
	text, isDays := strings.CutSuffix(s, "d")
	if !isDays {
		age, err := parseTimeout(s)
		if err == nil && age > maxAge {
			err = errors.New("too long")
		}
		return age, err
	}
	days, err := strconv.Atoi(text)
	if err != nil || days < 1 || time.Duration(days) > maxAge/day {
		return 0, errors.New("not a number of days")
	}
	return time.Duration(days) * day, nil
}

// maxAge is longer than GitHub keeps any run.
const maxAge = 100 * 365 * 24 * time.Hour
