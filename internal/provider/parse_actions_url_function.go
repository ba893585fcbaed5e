package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

// parseActionsURLFunction is parse_actions_url: from a link to the arguments of data sources.
type parseActionsURLFunction struct{}

func newParseActionsURLFunction() function.Function { return &parseActionsURLFunction{} }

func (f *parseActionsURLFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_actions_url"
}

func (f *parseActionsURLFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Read the owner, repository and IDs from a GitHub Actions URL",
		MarkdownDescription: "Parses the URL of a run or a job, from a browser or from the API, into the arguments of data sources. It supports github.com, GitHub Enterprise Server and GHE.com, and sends no request to GitHub. Requires Terraform 1.8 or OpenTofu 1.7, or later.\n\n" +
			"The result is an object:\n\n" +
			"- `host` (string): the host as a browser shows it, in lower case, with the port if it is not the default port of the scheme. It is `github.com` also for `api.github.com`, and `SUBDOMAIN.ghe.com` also for `api.SUBDOMAIN.ghe.com`. Never null.\n" +
			"- `owner` and `repository` (strings): the owner and the name of the repository. Never null.\n" +
			"- `run_id`, `attempt_number`, `job_id` (numbers): null if the URL does not contain them. The API URL of a job and the page of a check run (`/OWNER/REPOSITORY/runs/ID`) contain no run ID. The attempt in a URL of Forgejo is that of a job, not of the run, so `attempt_number` is null for it. The list of runs and the page of a workflow contain none of the three.\n\n" +
			"The function ignores the fragment, the query (except `check_run_id` on a page of checks, which is the ID of a job), and pages below a run or job, such as `/usage` and `/logs`. It fails if the URL is null or is any other URL. The result is unknown if the URL is unknown.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "url",
				MarkdownDescription: "URL that starts with `https://` or `http://`, such as `https://github.com/acme/app/actions/runs/700/job/70004` or `html_url` of a job or run. It must not contain a user name or password.",
			},
		},
		Return: function.ObjectReturn{AttributeTypes: linkObject().returned().AttrTypes},
	}
}

func (f *parseActionsURLFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var url string
	if resp.Error = req.Arguments.Get(ctx, &url); resp.Error != nil {
		return
	}
	link, err := actions.ParseLink(url)
	if err != nil {
		resp.Error = linkError(0, err)
		return
	}
	value, err := linkObject().result(ctx, link)
	if err != nil {
		resp.Error = resultError(err)
		return
	}
	resp.Error = resp.Result.Set(ctx, value)
}

// linkObject names its attributes as data sources name their arguments.
func linkObject() object[actions.Link] {
	type link = actions.Link
	return object[link]{
		stringAttr("host", "Host as a browser shows it.", func(l link) *string { return &l.Host }),
		stringAttr("owner", "Owner of the repository.", func(l link) *string { return &l.Repository.Owner }),
		stringAttr("repository", "Name of the repository.", func(l link) *string { return &l.Repository.Name }),
		int64Attr("run_id", "ID of the run. Null if the URL does not contain it.", func(l link) *int64 { return l.RunID }),
		int64Attr("attempt_number", "Number of the attempt. Null if the URL does not contain it.", func(l link) *int64 { return l.AttemptNumber }),
		int64Attr("job_id", "ID of the job. Null if the URL does not contain it.", func(l link) *int64 { return l.JobID }),
	}
}
